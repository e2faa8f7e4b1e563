//! What becomes of answers that cannot be kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use ladebuch_domain::charge_log::{CloudRow, KeptRows, RowSums};
use ladebuch_domain::ids::SourceId;
use uuid::Uuid;

use super::*;
use crate::clock::{Clock as _, SystemClock};
use crate::host::{Answer as HostAnswer, Host};
use crate::live::live;
use crate::sources::elli::accounts::Accounts;
use crate::sources::elli::keepers::Keepers;
use crate::sources::elli::ledger::{Keeping, Ledger, Ledgers};
use crate::sources::elli::poll::{Schedule, Step};
use crate::sources::elli::walk::Walks;

/// A host without secrets.
struct Bare;

impl Host for Bare {
    fn secret<'a>(&'a self, _: &'a str) -> HostAnswer<'a, Option<String>> {
        Box::pin(async { Ok(None) })
    }

    fn set_secret<'a>(&'a self, _: &'a str, _: Option<&'a str>) -> HostAnswer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// A ledger on a disk that may be full. Remembers nothing.
#[derive(Default)]
struct Disk {
    full: AtomicBool,
}

impl Disk {
    fn answer<T: Default + Send + 'static>(&self) -> Keeping<'_, T> {
        let full = self.full.load(Ordering::SeqCst);
        Box::pin(async move {
            if full {
                return Err(LedgerError("the disk is full".to_owned()));
            }
            Ok(T::default())
        })
    }
}

impl Ledger for Disk {
    fn keep_rows<'a>(&'a self, _: &'a [CloudRow], _: DateTime<Utc>) -> Keeping<'a, KeptRows> {
        self.answer()
    }

    fn mark_gone<'a>(
        &'a self,
        _: &'a ExternalId,
        _: &'a HashSet<String>,
        _: DateTime<Utc>,
    ) -> Keeping<'a, ()> {
        self.answer()
    }

    fn sums(&self) -> Keeping<'_, Vec<(ExternalId, RowSums)>> {
        self.answer()
    }

    fn keep_document<'a>(&'a self, _: &'a Document) -> Keeping<'a, ()> {
        self.answer()
    }

    fn documents(&self) -> Keeping<'_, Vec<Document>> {
        self.answer()
    }
}

struct Disks(Arc<Disk>);

impl Ledgers for Disks {
    fn of(&self, _: SourceId) -> Arc<dyn Ledger> {
        self.0.clone()
    }
}

/// Of an account whose disk is that; nothing is asked.
fn worker(disk: &Arc<Disk>) -> Worker {
    let source = SourceId(Uuid::from_u128(7));
    let clock = Arc::new(SystemClock::default());
    let config = ::elli::Config::at("http://127.0.0.1:1");
    let keepers = Keepers::new(config, Arc::new(Bare), clock.clone());
    let account = keepers.new_account(None);
    let accounts = Accounts::new(keepers, Arc::new(Disks(disk.clone())));
    let now = clock.now();
    let mut schedule = Schedule::new(now);
    schedule.begin(now);
    Worker {
        account: accounts.open(source, &account).unwrap(),
        mouth: live(clock.clone(), Vec::new()).0.mouth(source),
        ledger: accounts.ledger(source),
        clock,
        schedule,
        stations: Vec::new(),
        running: HashMap::new(),
        strangers: HashSet::new(),
        walks: Walks::default(),
        problems: BTreeMap::new(),
        trouble: None,
        up: false,
    }
}

/// What is asked within a time.
fn asked(worker: &Worker, within: TimeDelta) -> Vec<Job> {
    let mut schedule = worker.schedule.clone();
    let mut now = worker.clock.now();
    let end = now + within;
    let mut asked = Vec::new();
    loop {
        match schedule.next(now) {
            Step::Ask(job) => {
                schedule.asked(&job, now);
                schedule.answered(&job, now, 0.0);
                asked.push(job);
            }
            Step::Wait(until) if until < end => now = until,
            Step::Wait(_) | Step::Rest => return asked,
        }
    }
}

fn raw(json: &str) -> Raw {
    serde_json::value::RawValue::from_string(json.to_owned())
        .unwrap()
        .into()
}

#[tokio::test]
async fn what_could_not_be_kept_is_asked_again_soon() {
    let answers = || {
        [
            (Job::Stations, Answer::Stations(Vec::new())),
            (Job::Cards, Answer::Cards(Vec::new())),
            (Job::Locations, Answer::Locations(raw("{}"))),
            (Job::Firmware, Answer::Firmware(Firmware::Known(Vec::new()))),
        ]
    };
    let soon = TimeDelta::minutes(10);
    let disk = Arc::<Disk>::default();
    for (job, answer) in answers() {
        let mut worker = worker(&disk);
        worker.learn(&job, answer).await;
        assert!(!asked(&worker, soon).contains(&job), "{job:?}");
        assert!(worker.problems.is_empty());
    }
    disk.full.store(true, Ordering::SeqCst);
    for (job, answer) in answers() {
        let mut worker = worker(&disk);
        worker.learn(&job, answer).await;
        assert!(asked(&worker, soon).contains(&job), "{job:?}");
        assert!(worker.problems.contains_key(&job), "it is said");
        let at_once = asked(&worker, TimeDelta::seconds(59));
        assert!(!at_once.contains(&job), "{job:?}");
    }
}

#[tokio::test]
async fn a_sum_that_could_not_be_kept_is_asked_again_soon() {
    let disk = Arc::<Disk>::default();
    let mut worker = worker(&disk);
    let job = Job::Total("garage".into());
    for full in [true, false] {
        disk.full.store(full, Ordering::SeqCst);
        worker
            .schedule
            .want_total("garage", true, worker.clock.now());
        let total = Answer::Total(TotalCharged::read(raw("{}")));
        worker.learn(&job, total).await;
        let again = asked(&worker, TimeDelta::minutes(10)).contains(&job);
        assert_eq!(again, full);
    }
}
