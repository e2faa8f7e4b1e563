//! Walks through the records of stations, page by page, and how complete they are.

use std::collections::{HashMap, HashSet};

use ::elli::{RecordPages, RecordQuery};
use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::charge_log::{CloudRow, KeptRows, RowSums};
use ladebuch_domain::ids::ExternalId;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::ledger::{Document, DocumentKind};
use super::poll::Job;
use super::view::{RecordsState, RecordsView};

/// How far before the newest that is kept new records are looked for: Elli may write several down
/// at once, and not in the order of their times.
const OVERLAP: TimeDelta = TimeDelta::days(3);
/// After so long all records are walked through once more: some may have been changed or deleted.
const ANEW: TimeDelta = TimeDelta::days(7);

/// A walk under way. It stands still while Elli is paused, and then goes on.
pub(super) struct Walk {
    /// Through all records, not only the newest.
    pub full: bool,
    /// Where it is.
    pub pages: Mutex<RecordPages>,
    /// The last page, until it is kept.
    pub page: Vec<CloudRow>,
    /// Identities of all records that were shown.
    shown: HashSet<String>,
    new: u64,
    changed: u64,
}

impl Walk {
    fn new(station: &str, after: Option<DateTime<Utc>>) -> Self {
        let query = RecordQuery {
            created_after: after,
            ..RecordQuery::new(station)
        };
        Self {
            full: after.is_none(),
            pages: Mutex::new(RecordPages::new(query)),
            page: Vec::new(),
            shown: HashSet::new(),
            new: 0,
            changed: 0,
        }
    }

    /// Identities of all records that were shown.
    pub fn shown(&self) -> &HashSet<String> {
        &self.shown
    }

    /// Whether it has brought records that were not there.
    pub fn has_news(&self) -> bool {
        self.new > 0
    }

    /// Whether Elli's sum is worth asking for.
    pub fn needs_total(&self) -> bool {
        self.full || self.new + self.changed > 0
    }
}

/// How complete the records of a station are.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Progress {
    /// What the last walk through all of them has seen.
    received: u64,
    total: Option<u64>,
    /// When such a walk was complete.
    complete: Option<DateTime<Utc>>,
    /// The newest record at the end of the last walk that had one. Not the newest that is kept: that
    /// may be of the first page of a walk that was cut off.
    newest: Option<DateTime<Utc>>,
    /// Not noted for good yet.
    #[serde(skip)]
    unnoted: bool,
    #[serde(skip)]
    new: u64,
    #[serde(skip)]
    state: RecordsState,
    #[serde(skip)]
    finished: Option<DateTime<Utc>>,
}

/// The walks of an account.
#[derive(Default)]
pub(super) struct Walks {
    under_way: HashMap<String, Walk>,
    progress: HashMap<String, Progress>,
    /// Stations whose records somebody wishes to have walked through.
    forced: HashSet<String>,
    sums: HashMap<ExternalId, RowSums>,
}

impl Walks {
    /// Takes up that a walk was complete.
    pub fn take_up(&mut self, document: &Document) -> Result<(), serde_json::Error> {
        let progress = Progress {
            state: RecordsState::Complete,
            finished: Some(document.fetched),
            ..serde_json::from_str(&document.json)?
        };
        let station = document.station.clone().unwrap_or_default();
        self.progress.insert(station, progress);
        Ok(())
    }

    /// The walk through a station's records; one that was not under way begins, with all of them or
    /// with the newest.
    pub fn of(&mut self, station: &str, now: DateTime<Utc>) -> &mut Walk {
        let progress = self.progress.entry(station.to_owned()).or_default();
        let forced = &mut self.forced;
        self.under_way.entry(station.to_owned()).or_insert_with(|| {
            // What lies in the future was noted while the clock was wrong.
            let fresh = progress
                .complete
                .is_some_and(|at| at <= now && now - at < ANEW);
            let forced = forced.remove(station);
            let after = progress.newest.filter(|_| fresh && !forced);
            let walk = Walk::new(station, after.map(|newest| newest - OVERLAP));
            progress.new = 0;
            if walk.full {
                progress.state = RecordsState::Running;
                progress.received = 0;
                progress.total = None;
            }
            walk
        })
    }

    /// A page has come.
    pub fn turn(&mut self, station: &str, rows: Vec<CloudRow>, received: u64, total: Option<u64>) {
        let Some(walk) = self.under_way.get_mut(station) else {
            return;
        };
        let identities = rows.iter().map(|row| row.row.identity.clone());
        walk.shown.extend(identities);
        walk.page = rows;
        if walk.full {
            let progress = self.progress.entry(station.to_owned()).or_default();
            progress.received = received;
            progress.total = total;
        }
    }

    /// The last page is kept.
    pub fn page_kept(&mut self, station: &str, kept: KeptRows) {
        let progress = self.progress.entry(station.to_owned()).or_default();
        progress.new += kept.new;
        if progress.state == RecordsState::Failed {
            progress.state = RecordsState::Running;
        }
        if let Some(walk) = self.under_way.get_mut(station) {
            walk.page = Vec::new();
            walk.new += kept.new;
            walk.changed += kept.changed;
        }
    }

    /// The last page cannot be kept.
    pub fn page_not_kept(&mut self, station: &str) {
        self.progress.entry(station.to_owned()).or_default().state = RecordsState::Failed;
    }

    /// All pages of a walk were seen; `complete`: and nothing moved. What is to be noted of that.
    pub fn seen(&mut self, station: &str, complete: bool, now: DateTime<Utc>) -> Option<Document> {
        let newest = self.sums(station).newest;
        let full = self.under_way.get(station).is_some_and(|walk| walk.full);
        let progress = self.progress.entry(station.to_owned()).or_default();
        progress.finished = Some(now);
        if !complete {
            if full {
                progress.state = RecordsState::Incomplete;
                progress.complete = None;
            }
            return None;
        }
        if full {
            progress.state = RecordsState::Complete;
            progress.complete = Some(now);
        } else if progress.newest == newest && !progress.unnoted {
            return None;
        }
        progress.newest = newest;
        progress.unnoted = true;
        Some(Document {
            kind: DocumentKind::Walk,
            station: Some(station.to_owned()),
            json: serde_json::to_string(progress).unwrap_or_default(),
            fetched: now,
        })
    }

    /// What [`seen`](Self::seen) has said is noted.
    pub fn noted(&mut self, station: &str) {
        if let Some(progress) = self.progress.get_mut(station) {
            progress.unnoted = false;
        }
    }

    /// A walk is over.
    pub fn end(&mut self, station: &str) -> Option<Walk> {
        self.under_way.remove(station)
    }

    /// Elli refuses a question: a walk that asks it does not go on.
    pub fn give_up(&mut self, job: &Job) {
        let Job::Records(station) = job else { return };
        self.under_way.remove(&**station);
        self.note_break_off(station);
    }

    /// Nobody can be asked any more.
    pub fn break_off(&mut self) {
        for station in std::mem::take(&mut self.under_way).into_keys() {
            self.note_break_off(&station);
        }
    }

    /// Stations that the account no longer has are not walked through. Their records stay.
    pub fn retain(&mut self, stations: &HashSet<&str>) {
        self.under_way
            .retain(|station, _| stations.contains(&**station));
        self.progress
            .retain(|station, _| stations.contains(&**station));
    }

    /// All records of these stations are to be walked through, from the first.
    pub fn force(&mut self, stations: HashSet<String>) {
        self.under_way.retain(|_, walk| walk.full);
        self.forced = stations
            .into_iter()
            .filter(|station| !self.under_way.contains_key(station))
            .collect();
    }

    /// What is kept of each station's records. Nothing can have been added later than now: where it
    /// seems so the clock was wrong, and it is not known when.
    pub fn set_sums(&mut self, sums: Vec<(ExternalId, RowSums)>, now: DateTime<Utc>) {
        let believed = |sums: RowSums| RowSums {
            added: sums.added.filter(|added| *added <= now),
            ..sums
        };
        let sums = sums.into_iter();
        self.sums = sums
            .map(|(station, sums)| (station, believed(sums)))
            .collect();
    }

    pub fn sums(&self, station: &str) -> RowSums {
        let sums = self.sums.get(&ExternalId::from(station));
        sums.copied().unwrap_or_default()
    }

    /// All of it in one.
    pub fn view(&self) -> RecordsView {
        let all = || self.progress.values();
        let any = |state| all().any(|progress| progress.state == state);
        let state = [
            RecordsState::Failed,
            RecordsState::Running,
            RecordsState::Incomplete,
            RecordsState::Complete,
        ]
        .into_iter()
        .find(|state| any(*state))
        .unwrap_or_default();
        let totals: Vec<u64> = all().filter_map(|progress| progress.total).collect();
        RecordsView {
            state,
            received: all().map(|progress| progress.received).sum(),
            total: (!totals.is_empty()).then(|| totals.iter().sum()),
            kept: self.sums.values().map(|sums| sums.rows).sum(),
            new_records: all().map(|progress| progress.new).sum(),
            unreadable: self.sums.values().map(|sums| sums.unreadable).sum(),
            finished_at: all().filter_map(|progress| progress.finished).max(),
        }
    }

    fn note_break_off(&mut self, station: &str) {
        if let Some(progress) = self.progress.get_mut(station)
            && matches!(progress.state, RecordsState::Running | RecordsState::Failed)
        {
            progress.state = RecordsState::Incomplete;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();

    /// Whether all records are walked through, so long after they were.
    fn is_full(after: TimeDelta) -> bool {
        let mut walks = Walks::default();
        let complete = Progress {
            complete: Some(NOW - after),
            newest: Some(NOW),
            ..Progress::default()
        };
        walks.progress.insert("garage".to_owned(), complete);
        walks.of("garage", NOW).full
    }

    #[test]
    fn a_walk_in_the_future_does_not_count() {
        assert!(!is_full(TimeDelta::zero()));
        assert!(!is_full(TimeDelta::days(6)));
        assert!(is_full(TimeDelta::days(7)));
        assert!(is_full(TimeDelta::days(-1)), "the clock was wrong then");
    }

    #[test]
    fn records_that_were_added_in_the_future_leave_the_sum_comparable() {
        let added = |added| {
            let sums = RowSums {
                added,
                ..RowSums::default()
            };
            let mut walks = Walks::default();
            walks.set_sums(vec![(ExternalId::from("garage"), sums)], NOW);
            walks.sums("garage").added
        };
        assert_eq!(added(Some(NOW)), Some(NOW));
        assert_eq!(added(Some(NOW + TimeDelta::days(400))), None);
    }

    #[test]
    fn what_could_not_be_noted_is_noted_with_the_next_try() {
        let mut walks = Walks::default();
        let sums = RowSums {
            newest: Some(NOW),
            ..RowSums::default()
        };
        walks.set_sums(vec![(ExternalId::from("garage"), sums)], NOW);
        let known = Progress {
            complete: Some(NOW),
            newest: Some(NOW - TimeDelta::hours(1)),
            ..Progress::default()
        };
        walks.progress.insert("garage".to_owned(), known);
        assert!(!walks.of("garage", NOW).full);
        for _ in 0..2 {
            assert!(walks.seen("garage", true, NOW).is_some());
        }
        walks.noted("garage");
        assert!(walks.seen("garage", true, NOW).is_none());
    }
}
