//! An Elli account: stations, sessions, records and cards, asked for politely.
//!
//! One worker per account asks one question at a time, as `poll` says. What it learns goes to the
//! live view (`readings`), to whoever shows the account (`view`), and, for good, to the ledger.

pub(crate) mod accounts;
mod answers;
pub(crate) mod keepers;
pub(crate) mod ledger;
mod poll;
pub(crate) mod problem;
mod readings;
pub(crate) mod records;
pub(crate) mod tokens;
mod troubles;
pub(crate) mod view;
mod walk;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use ::elli::reading::Session;
use chrono::{DateTime, Utc};
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::Reading;
use ladebuch_domain::source::{Connection, Problem, ProblemKind};
use tokio_util::sync::CancellationToken;

use self::accounts::Account;
use self::ledger::{Document, DocumentKind, Ledger};
use self::poll::{Job, SESSIONS_AT_REST, Schedule, Step};
use self::problem::SyncProblem;
use self::tokens::{CallError, TokenState};
use self::view::{CardView, StationFacts, StationView};
use self::walk::Walks;
use crate::clock::Clock;
use crate::live::{Heard, Mouth, SourceEvent};

/// How long an account may be silent before its values count as old: two questions for the
/// sessions, and a minute.
const SILENCE: Duration = Duration::from_secs(SESSIONS_AT_REST.as_secs() * 22 / 10 + 60);

/// Asks Elli about an account until cancelled.
pub(crate) async fn run(
    account: Arc<Account>,
    mouth: Mouth,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    cancel: CancellationToken,
) {
    mouth.say(SourceEvent::Silence(SILENCE)).await;
    let now = clock.now();
    let mut worker = Worker {
        account,
        mouth,
        ledger,
        clock,
        schedule: Schedule::new(now),
        stations: Vec::new(),
        running: HashMap::new(),
        strangers: HashSet::new(),
        walks: Walks::default(),
        problems: BTreeMap::new(),
        trouble: None,
        up: false,
    };
    worker.load().await;
    worker.work(cancel).await;
}

struct Worker {
    account: Arc<Account>,
    mouth: Mouth,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    stations: Vec<StationFacts>,
    /// The session that ran at each station when Elli was asked last.
    running: HashMap<String, Session>,
    /// Stations that nobody has named but for a session that runs there.
    strangers: HashSet<String>,
    walks: Walks,
    /// What is wrong, by the question that has no answer, and what the live view is to say of it.
    problems: BTreeMap<Job, (SyncProblem, Option<ProblemKind>)>,
    /// What the live view was told of it.
    trouble: Option<Problem>,
    /// Whether the live view was told that Elli answers.
    up: bool,
}

impl Worker {
    /// Takes up what was known before.
    async fn load(&mut self) {
        let documents = match self.ledger.documents().await {
            Ok(documents) => documents,
            Err(error) => {
                self.note_unkept(&Job::Stations, &error);
                Vec::new()
            }
        };
        let (now, source) = (self.clock.now(), self.account.source);
        for document in documents {
            let station = document.station.clone().unwrap_or_default();
            let daily = match document.kind {
                DocumentKind::Cards => Some(Job::Cards),
                DocumentKind::Firmware => Some(Job::Firmware),
                DocumentKind::Locations => Some(Job::Locations),
                DocumentKind::ScheduledCharging => Some(Job::Scheduled(station.into())),
                _ => None,
            };
            if let Some(job) = daily {
                self.schedule.was_answered(job, document.fetched);
            }
            if let Err(error) = self.take_up(&document) {
                let kind = document.kind.name();
                tracing::warn!(%source, kind, %error, "what an account told before cannot be read");
            }
        }
        self.schedule
            .set_stations(self.stations.iter().map(|station| &*station.id), now);
        self.sum_up(&Job::Stations).await;
    }

    fn take_up(&mut self, document: &Document) -> Result<(), serde_json::Error> {
        let at = Some(document.fetched);
        match document.kind {
            DocumentKind::Stations => {
                self.stations = serde_json::from_str(&document.json)?;
                self.show_stations();
                self.account.show(|view| view.fetched_at = at);
            }
            DocumentKind::Cards => {
                let cards: Vec<CardView> = serde_json::from_str(&document.json)?;
                self.account.show(|view| view.cards = cards);
            }
            DocumentKind::SignedIn => self.account.show(|view| view.signed_in_at = at),
            DocumentKind::Walk => self.walks.take_up(document)?,
            DocumentKind::Firmware => {}
            DocumentKind::Locations
            | DocumentKind::ScheduledCharging
            | DocumentKind::TotalCharged => self.show_document(document),
        }
        Ok(())
    }

    async fn work(&mut self, cancel: CancellationToken) {
        let mut states = self.account.tokens.state();
        let mut state = *states.borrow_and_update();
        self.turn(TokenState::Unknown, state).await;
        let (account, clock) = (self.account.clone(), self.clock.clone());
        loop {
            let now = clock.now();
            let step = self.schedule.next(now);
            self.show_plan(&step, now);
            let wait = match step {
                Step::Ask(job) => {
                    self.schedule.asked(&job, now);
                    // Neither a wish nor a sign-out ends a request: its answer would be lost.
                    let Some(outcome) = cancel.run_until_cancelled(self.ask(&job)).await else {
                        return;
                    };
                    // What has arrived is kept, cancelled or not.
                    self.take(&job, outcome).await;
                    if cancel.is_cancelled() {
                        return;
                    }
                    clock.now()
                }
                Step::Wait(until) => until,
                Step::Rest => DateTime::<Utc>::MAX_UTC,
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                changed = states.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let before = std::mem::replace(&mut state, *states.borrow_and_update());
                    self.turn(before, state).await;
                }
                () = account.wished() => self.wish(),
                () = clock.sleep_until(wait) => {}
            }
        }
    }

    /// Somebody has signed in or out.
    async fn turn(&mut self, before: TokenState, now: TokenState) {
        self.account.show(|view| view.state = now);
        match now {
            // The first question tells.
            TokenState::Unknown => self.schedule.begin(self.clock.now()),
            TokenState::SignedIn => {
                let again = matches!(before, TokenState::SignInAgain | TokenState::SignedOut);
                let known = self.account.view().borrow().signed_in_at.is_some();
                if again || !known {
                    self.note_sign_in().await;
                }
                self.schedule.begin(self.clock.now());
            }
            TokenState::SignInAgain => self.lay_down(ProblemKind::SignInAgain).await,
            TokenState::SignedOut => self.lay_down(ProblemKind::SignedOut).await,
        }
    }

    async fn note_sign_in(&mut self) {
        let now = self.clock.now();
        self.problems.clear();
        self.account.show(|view| view.signed_in_at = Some(now));
        let document = Document {
            kind: DocumentKind::SignedIn,
            station: None,
            json: "{}".to_owned(),
            fetched: now,
        };
        self.keep(&Job::Stations, document).await;
    }

    /// Somebody wishes everything to be asked anew, all records included.
    fn wish(&mut self) {
        let stations = self.stations.iter().map(|station| station.id.clone());
        self.walks.force(stations.collect());
        self.schedule.wish(self.clock.now());
    }

    /// Takes note of what became of a question.
    async fn take(&mut self, job: &Job, outcome: Result<answers::Answer, CallError>) {
        match outcome {
            Ok(answer) => {
                self.problems.remove(job);
                if !matches!(answer, answers::Answer::PageAgain) {
                    self.note_answer().await;
                }
                self.learn(job, answer).await;
                self.tell_trouble().await;
            }
            Err(error) => self.go_without(job, error).await,
        }
    }

    fn show_plan(&self, step: &Step, now: DateTime<Utc>) {
        let next = match step {
            Step::Ask(_) => Some(now),
            Step::Wait(until) => Some(*until),
            Step::Rest => None,
        };
        let running = matches!(step, Step::Ask(_));
        self.account.show(|view| {
            view.sync.running = running;
            view.sync.next_run_at = next;
        });
    }

    /// Elli answers.
    async fn note_answer(&mut self) {
        let now = self.clock.now();
        if !self.up {
            self.up = true;
            self.trouble = self.worst();
            let connection = Connection::Up {
                since: now,
                heard: None,
            };
            self.connection(connection, self.trouble.clone(), None)
                .await;
        }
        self.account.show(|view| view.sync.last_run_at = Some(now));
    }

    /// Elli says this of the stations; `live`: and it is what happens there now. Whatever else Elli
    /// answers is no sign of life: what was last said of a charge would go on being believed.
    async fn hear(&self, readings: Vec<Reading>, live: bool) {
        let inventory = self
            .stations
            .iter()
            .map(|station| ExternalId::from(station.id.as_str()))
            .collect();
        let heard = Heard {
            heartbeat: live,
            readings,
            inventory: Some(inventory),
            ..Heard::default()
        };
        self.mouth.say(SourceEvent::Heard(heard)).await;
    }

    async fn connection(
        &self,
        connection: Connection,
        problem: Option<Problem>,
        retry_at: Option<DateTime<Utc>>,
    ) {
        let event = SourceEvent::Connection {
            connection,
            problem,
            retry_at,
        };
        self.mouth.say(event).await;
    }

    /// Keeps a document; whether that was possible.
    async fn keep(&mut self, job: &Job, document: Document) -> bool {
        match self.ledger.keep_document(&document).await {
            Ok(()) => true,
            Err(error) => {
                self.note_unkept(job, &error);
                false
            }
        }
    }

    /// The stations as they are known now, each with what is known of it beside.
    fn show_stations(&self) {
        self.account.show(|view| {
            let mut before = std::mem::take(&mut view.stations);
            view.stations = self
                .stations
                .iter()
                .map(|facts| {
                    let known = before.iter().position(|known| known.facts.id == facts.id);
                    match known.map(|known| before.swap_remove(known)) {
                        Some(known) => StationView {
                            facts: facts.clone(),
                            ..known
                        },
                        None => StationView::new(facts.clone()),
                    }
                })
                .collect();
        });
    }
}

/// A number in `[0, 1)` by chance: accounts that began together do not ask together.
fn chance() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
}
