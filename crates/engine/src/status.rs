//! What the engine says about itself: its tasks, its database, and what its user should know.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// Most notices kept; the oldest goes first.
const NOTICE_LIMIT: usize = 20;

/// Where every part of the engine reports how it is doing. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct StatusBoard(Arc<Mutex<Board>>);

#[derive(Clone, Debug, Default)]
struct Board {
    tasks: Vec<TaskStatus>,
    notices: Vec<Notice>,
    recorder: RecorderStatus,
    database: DatabaseStatus,
}

/// A background task's last and next run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskStatus {
    /// What it is called, e.g. `rollup`.
    pub name: &'static str,
    /// When it last ended, well or not.
    pub last_run: Option<DateTime<Utc>>,
    /// When it runs again.
    pub next_run: Option<DateTime<Utc>>,
    /// Why the last run failed.
    pub last_error: Option<String>,
}

/// Something the user should know, beyond the present state of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Stable code that the user interface translates.
    pub code: NoticeCode,
    /// The same in an English sentence, with particulars.
    pub detail: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// Kinds of [`Notice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeCode {
    /// A damaged database was moved aside and a new one begun.
    DatabaseMovedAside,
    /// The check found damage while running; a restart moves the file aside.
    DatabaseDamaged,
    /// The computer's clock went backwards.
    ClockSetBack,
    /// Secrets are kept in a file because there is no keychain.
    SecretsInFile,
    /// A setting cannot be put back after a charge.
    PutBackRefused,
}

impl NoticeCode {
    /// Stable code of the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DatabaseMovedAside => "database_moved_aside",
            Self::DatabaseDamaged => "database_damaged",
            Self::ClockSetBack => "clock_set_back",
            Self::SecretsInFile => "secrets_in_file",
            Self::PutBackRefused => "put_back_refused",
        }
    }
}

/// How recording goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecorderStatus {
    /// End of the last slot that is safely stored.
    pub last_slot: Option<DateTime<Utc>>,
    /// Slots that wait to be written.
    pub pending_slots: usize,
    /// Why they wait.
    pub blocked: Option<RecorderProblem>,
}

/// Why nothing can be written at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecorderProblem {
    /// The disk is full.
    DiskFull,
    /// The data directory or the database cannot be written.
    ReadOnly,
    /// The clock shows a time that has already been recorded; recording goes on afterwards.
    ClockSetBack {
        /// End of what is already recorded.
        until: DateTime<Utc>,
    },
    /// Anything else the database says.
    Database(String),
}

/// The database file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabaseStatus {
    /// Result of the last integrity check; `None` while it runs.
    pub sound: Option<bool>,
    /// Size including the write-ahead log.
    pub size_bytes: u64,
    /// Where a damaged file was moved at this start.
    pub moved_aside_to: Option<PathBuf>,
}

/// Everything on the board.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Background tasks by name.
    pub tasks: Vec<TaskStatus>,
    /// Newest last.
    pub notices: Vec<Notice>,
    /// How recording goes.
    pub recorder: RecorderStatus,
    /// The database file.
    pub database: DatabaseStatus,
}

impl StatusBoard {
    /// What the board says now.
    #[must_use]
    pub fn read(&self) -> Status {
        self.with(|board| Status {
            tasks: board.tasks.clone(),
            notices: board.notices.clone(),
            recorder: board.recorder.clone(),
            database: board.database.clone(),
        })
    }

    /// Reports the end of a task's run.
    pub fn task_ran(
        &self,
        name: &'static str,
        at: DateTime<Utc>,
        next_run: Option<DateTime<Utc>>,
        result: Result<(), String>,
    ) {
        let status = TaskStatus {
            name,
            last_run: Some(at),
            next_run,
            last_error: result.err(),
        };
        self.with(
            |board| match board.tasks.iter_mut().find(|task| task.name == name) {
                Some(task) => *task = status,
                None => board.tasks.push(status),
            },
        );
    }

    /// Tells the user something. A notice of the same kind is replaced.
    pub fn notify(&self, code: NoticeCode, detail: String, at: DateTime<Utc>) {
        self.with(|board| {
            board.notices.retain(|notice| notice.code != code);
            board.notices.push(Notice { code, detail, at });
            let excess = board.notices.len().saturating_sub(NOTICE_LIMIT);
            board.notices.drain(..excess);
        });
    }

    /// Reports how recording goes.
    pub fn set_recorder(&self, recorder: RecorderStatus) {
        self.with(|board| board.recorder = recorder);
    }

    /// Changes what is known of the database.
    pub fn update_database(&self, update: impl FnOnce(&mut DatabaseStatus)) {
        self.with(|board| update(&mut board.database));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Board) -> T) -> T {
        // Every write leaves the board whole, so a panic elsewhere does not spoil it.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
