//! Importing the charge logs that the boxes keep themselves, month by month, back to their first.
//!
//! A month is kept as soon as it is there, so that an import that was cut off goes on where it
//! ended. A month that was over when it was fetched is not asked for again.

mod months;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use ladebuch_domain::charge_log::LogRow;
use ladebuch_domain::ids::SourceId;
use ladebuch_domain::period::Month;
use tokio::sync::{oneshot, watch};

use self::months::{QUIET, back_from};
use crate::clock::Clock;
use crate::settings::Settings;
use crate::sources::{Lines, LogOrder, Order, Undelivered};
use crate::store::{ImportedRow, LogFilter, Store, StoreError, StoredImport};

/// Longest wait for a month. A box reads it from a file and answers within a second.
const PATIENCE: Duration = Duration::from_secs(15);

/// How the import of a source's charge log goes, or went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportStatus {
    /// Where it stands.
    pub state: ImportState,
    /// Months looked at.
    pub months_done: u32,
    /// The month being fetched, `YYYY-MM`.
    pub month: Option<String>,
    /// Rows that are kept, of all imports.
    pub rows: u64,
    /// Rows that this import added.
    pub new_rows: u64,
    /// Rows that are kept but cannot be read.
    pub unreadable: u64,
    /// When it began.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImportState {
    /// There was none.
    #[default]
    Never,
    /// It runs.
    Running,
    /// It is complete.
    Done,
    /// It broke off; the months before are kept.
    Failed(ImportTrouble),
}

macro_rules! troubles {
    ($($(#[$doc:meta])* $trouble:ident = $code:literal, $detail:literal,)*) => {
        /// Why an import broke off.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ImportTrouble {
            $($(#[$doc])* $trouble,)*
        }

        impl ImportTrouble {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$trouble),*];

            /// Stable code of the API.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$trouble => $code,)*
                }
            }

            /// What happened and what to do, in English.
            #[must_use]
            pub const fn detail(self) -> &'static str {
                match self {
                    $(Self::$trouble => $detail,)*
                }
            }
        }
    };
}

troubles! {
    /// The box cannot be reached.
    Offline = "offline", "The box cannot be reached. Try again when it is back; what was fetched is kept.",
    /// The box does not answer.
    NoAnswer = "no_answer", "The box does not answer the request for its charge log. Restart it, or try again later.",
    /// The user has no right to the charge log.
    NotAllowed = "not_allowed", "This user may not read the charge log. Give it the role charge-log-access on the openWB.",
    /// The box's web server does not give out its log.
    NoLogFile = "no_log_file", "The openWB's web server does not give out its charge log. Check that its web page opens from this device.",
    /// The database cannot be written.
    NotKept = "not_kept", "The charge log cannot be written to the database. Free some space on the disk.",
    /// The program ended.
    CutOff = "cut_off", "The import was cut off. Start it again; it goes on where it ended.",
}

/// There is no such source, or it cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// An import of that source runs already.
    #[error("The charge log of this source is being imported already.")]
    Running,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Imports charge logs. Cheap to clone.
#[derive(Clone)]
pub struct Import(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    settings: watch::Receiver<Settings>,
    lines: Lines,
    /// Imports since the start, by source.
    seen: Mutex<HashMap<SourceId, ImportStatus>>,
}

impl Import {
    pub(crate) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        settings: watch::Receiver<Settings>,
        lines: Lines,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            clock,
            settings,
            lines,
            seen: Mutex::default(),
        }))
    }

    /// Begins to import a source's charge log, and goes on by itself.
    ///
    /// # Errors
    /// When one of that source runs already, or the database cannot be read.
    pub async fn begin(&self, source: SourceId) -> Result<ImportStatus, ImportError> {
        let kept = self.0.store.count_log(source).await?;
        let status = ImportStatus {
            state: ImportState::Running,
            rows: kept.rows,
            unreadable: kept.unreadable,
            started: Some(self.0.clock.now()),
            ..ImportStatus::default()
        };
        {
            let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let running = |status: &ImportStatus| status.state == ImportState::Running;
            if seen.get(&source).is_some_and(running) {
                return Err(ImportError::Running);
            }
            seen.insert(source, status.clone());
        }
        let started = self.0.clock.now();
        if let Err(error) = self.0.note(source, started, "running", None).await {
            // Nothing runs: whoever tries again must not be told that it does.
            self.0.update(source, |status| {
                status.state = ImportState::Failed(ImportTrouble::NotKept);
                status.finished = Some(started);
            });
            return Err(error.into());
        }
        let inner = self.0.clone();
        tokio::spawn(async move {
            let work = tokio::spawn({
                let inner = inner.clone();
                async move { inner.fetch_all(source).await }
            });
            let ended = work.await.unwrap_or(Err(ImportTrouble::CutOff));
            let finished = inner.clock.now();
            let outcome = ended.err().map_or("done", ImportTrouble::code);
            if let Err(error) = inner.note(source, started, outcome, Some(finished)).await {
                tracing::warn!(%error, "the end of an import could not be noted");
            }
            inner.update(source, |status| {
                status.state = ended.map_or_else(ImportState::Failed, |()| ImportState::Done);
                status.month = None;
                status.finished = Some(finished);
            });
        });
        Ok(status)
    }

    /// How the import of a source goes, or went.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn status(&self, source: SourceId) -> Result<ImportStatus, StoreError> {
        let seen = {
            let seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.get(&source).cloned()
        };
        if let Some(status) = seen {
            return Ok(status);
        }
        let Some(last) = self.0.store.log_import(source).await? else {
            return Ok(ImportStatus::default());
        };
        let kept = self.0.store.count_log(source).await?;
        let trouble = ImportTrouble::ALL
            .iter()
            .find(|trouble| trouble.code() == last.outcome);
        Ok(ImportStatus {
            state: match (last.outcome.as_str(), trouble) {
                ("done", _) => ImportState::Done,
                (_, Some(trouble)) => ImportState::Failed(*trouble),
                // It ran when the program ended.
                _ => ImportState::Failed(ImportTrouble::CutOff),
            },
            rows: kept.rows,
            unreadable: kept.unreadable,
            started: Some(last.started),
            finished: last.finished,
            ..ImportStatus::default()
        })
    }

    /// Imported rows, the latest charge first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn rows(&self, filter: LogFilter) -> Result<Vec<ImportedRow>, StoreError> {
        self.0.store.log_rows(filter).await
    }
}

impl Inner {
    async fn fetch_all(&self, source: SourceId) -> Result<(), ImportTrouble> {
        let closed = self.store.closed_log_months(source).await;
        let closed = closed.map_err(not_kept)?;
        let zone = self.settings.borrow().zone;
        let this_month = Month::of(self.clock.now().with_timezone(&zone).date_naive());
        let mut quiet = 0;
        for month in back_from(this_month) {
            let name = month.to_string();
            let filled = if closed.contains(&name) {
                true
            } else {
                self.update(source, |status| status.month = Some(name.clone()));
                let rows = self.fetch(source, month).await?;
                let now = self.clock.now();
                // On the first of a month the box may not have written the last charge yet.
                let closed =
                    month < this_month.before() || (month < this_month && !is_first(now, zone));
                let kept = self
                    .store
                    .add_log_month(source, &name, &rows, closed, now)
                    .await;
                let new = kept.map_err(not_kept)?;
                let count = self.store.count_log(source).await.map_err(not_kept)?;
                self.update(source, |status| {
                    status.new_rows += new;
                    status.rows = count.rows;
                    status.unreadable = count.unreadable;
                });
                !rows.is_empty()
            };
            self.update(source, |status| status.months_done += 1);
            quiet = if filled { 0 } else { quiet + 1 };
            if quiet >= QUIET {
                break;
            }
        }
        Ok(())
    }

    async fn fetch(&self, source: SourceId, month: Month) -> Result<Vec<LogRow>, ImportTrouble> {
        let (answer, answered) = oneshot::channel();
        let zone = self.settings.borrow().zone;
        let order = Order::ReadLog(LogOrder {
            month,
            zone,
            answer,
        });
        self.lines.order(source, order).map_err(trouble)?;
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(rows)) => rows.map_err(trouble),
            Ok(Err(_)) => Err(ImportTrouble::Offline),
            Err(_) => Err(ImportTrouble::NoAnswer),
        }
    }

    async fn note(
        &self,
        source: SourceId,
        started: DateTime<Utc>,
        outcome: &str,
        finished: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        let import = StoredImport {
            started,
            outcome: outcome.to_owned(),
            finished,
        };
        self.store.set_log_import(source, &import).await
    }

    fn update(&self, source: SourceId, change: impl FnOnce(&mut ImportStatus)) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        change(seen.entry(source).or_default());
    }
}

fn is_first(now: DateTime<Utc>, zone: chrono_tz::Tz) -> bool {
    use chrono::Datelike as _;
    now.with_timezone(&zone).day() == 1
}

fn not_kept(error: StoreError) -> ImportTrouble {
    tracing::warn!(%error, "the charge log cannot be kept");
    ImportTrouble::NotKept
}

fn trouble(undelivered: Undelivered) -> ImportTrouble {
    match undelivered {
        Undelivered::Offline | Undelivered::Lost | Undelivered::Busy => ImportTrouble::Offline,
        Undelivered::NotAllowed => ImportTrouble::NotAllowed,
        Undelivered::NotPossible | Undelivered::Refused(_) => ImportTrouble::NoAnswer,
        Undelivered::NoLogFile => ImportTrouble::NoLogFile,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::clock::SystemClock;
    use crate::store::tests::{at, fresh, run};

    #[test]
    fn an_import_that_could_not_begin_does_not_run_for_ever() {
        run(async {
            let (_dir, store) = fresh(at("2026-11-22T12:00:00Z")).await;
            let (_settings, settings) = watch::channel(Settings::default());
            let clock = Arc::new(SystemClock::default());
            let import = Import::new(store, clock, settings, Lines::default());
            // The database refuses what belongs to no source.
            let nobody = SourceId(Uuid::from_u128(99));
            for _ in 0..2 {
                let begun = import.begin(nobody).await;
                assert!(matches!(begun, Err(ImportError::Store(_))), "{begun:?}");
            }
            let status = import.status(nobody).await.unwrap();
            assert_eq!(status.state, ImportState::Failed(ImportTrouble::NotKept));
        });
    }
}
