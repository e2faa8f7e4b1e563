//! How the program itself is doing.

use ladebuch_engine::Engine;
use ladebuch_engine::status::{
    Notice as Told, RecorderProblem as Blocked, RecorderStatus, TaskStatus,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Instant;

/// Whether the program can be asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Whether it can.
    pub status: HealthState,
    /// Its version.
    #[schema(example = "0.1.0")]
    pub version: &'static str,
    /// Why it cannot, and what to do.
    #[schema(required)]
    pub detail: Option<String>,
}

/// Whether the program can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// Everything answers.
    Ok,
    /// The database is being opened.
    Starting,
    /// The database could not be opened.
    Failed,
}

/// How the program itself is doing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    /// Its version.
    #[schema(example = "0.1.0")]
    pub version: &'static str,
    /// Whether the demo household is shown.
    pub demo: bool,
    /// Where the data lives.
    pub data_dir: String,
    /// Since when it runs.
    pub started_at: Instant,
    /// The database file.
    pub database: Database,
    /// Recording.
    pub recorder: Recorder,
    /// Background tasks.
    pub tasks: Vec<Task>,
    /// What the user should know, newest last.
    pub notices: Vec<Notice>,
}

/// The database file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Database {
    /// Result of the last integrity check.
    pub state: DatabaseState,
    /// Size including the write-ahead log.
    pub size_bytes: u64,
    /// Where a damaged file was moved at this start.
    #[schema(required)]
    pub moved_aside_to: Option<String>,
}

/// Result of the last integrity check.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DatabaseState {
    /// Sound.
    Ok,
    /// The check is running.
    Checking,
    /// Damage was found.
    Damaged,
}

/// Recording.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recorder {
    /// Whether values reach the disk.
    pub state: RecorderState,
    /// End of the last slot that is safely stored.
    #[schema(required)]
    pub last_slot_at: Option<Instant>,
    /// Slots that wait to be written.
    pub pending_slots: usize,
    /// Why they wait.
    #[schema(required)]
    pub problem: Option<RecorderProblem>,
}

/// Whether values reach the disk.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecorderState {
    /// Yes.
    Recording,
    /// Nothing was stored yet.
    Waiting,
    /// No; they are kept in memory.
    Blocked,
}

/// Why nothing can be written at present.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecorderProblem {
    /// Stable code.
    pub code: RecorderProblemCode,
    /// What happened and what to do, in English.
    pub detail: String,
}

/// Why nothing can be written at present.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecorderProblemCode {
    /// The disk is full.
    DiskFull,
    /// The data directory or the database cannot be written.
    ReadOnly,
    /// The clock shows a time that has already been recorded.
    ClockSetBack,
    /// Anything else the database says.
    DatabaseFailed,
}

/// A background task.
#[derive(Debug, Serialize, ToSchema)]
pub struct Task {
    /// What it is called.
    #[schema(example = "rollup")]
    pub name: &'static str,
    /// When it last ended, well or not.
    #[schema(required)]
    pub last_run_at: Option<Instant>,
    /// When it runs again.
    #[schema(required)]
    pub next_run_at: Option<Instant>,
    /// Why the last run failed.
    #[schema(required)]
    pub last_error: Option<String>,
}

/// Something the user should know.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice {
    /// Stable code.
    #[schema(example = "database_moved_aside")]
    pub code: &'static str,
    /// The same in an English sentence, with particulars.
    pub detail: String,
    /// Since when.
    pub at: Instant,
}

impl Status {
    /// How the engine is doing.
    #[must_use]
    pub fn new(engine: &Engine, demo: bool) -> Self {
        let status = engine.status();
        Self {
            version: crate::VERSION,
            demo,
            data_dir: engine.data_dir().display().to_string(),
            started_at: engine.started().into(),
            database: Database {
                state: match status.database.sound {
                    Some(true) => DatabaseState::Ok,
                    None => DatabaseState::Checking,
                    Some(false) => DatabaseState::Damaged,
                },
                size_bytes: status.database.size_bytes,
                moved_aside_to: status
                    .database
                    .moved_aside_to
                    .map(|path| path.display().to_string()),
            },
            recorder: status.recorder.into(),
            tasks: status.tasks.into_iter().map(Task::from).collect(),
            notices: status.notices.into_iter().map(Notice::from).collect(),
        }
    }
}

impl From<RecorderStatus> for Recorder {
    fn from(recorder: RecorderStatus) -> Self {
        Self {
            state: match (&recorder.blocked, recorder.last_slot) {
                (Some(_), _) => RecorderState::Blocked,
                (None, Some(_)) => RecorderState::Recording,
                (None, None) => RecorderState::Waiting,
            },
            last_slot_at: recorder.last_slot.map(Instant),
            pending_slots: recorder.pending_slots,
            problem: recorder.blocked.map(RecorderProblem::from),
        }
    }
}

impl From<Blocked> for RecorderProblem {
    fn from(blocked: Blocked) -> Self {
        let (code, detail) = match blocked {
            Blocked::DiskFull => (
                RecorderProblemCode::DiskFull,
                "The disk is full. Values are kept in memory; free some space and they are written."
                    .to_owned(),
            ),
            Blocked::ReadOnly => (
                RecorderProblemCode::ReadOnly,
                "The data directory cannot be written. Values are kept in memory until it can."
                    .to_owned(),
            ),
            Blocked::ClockSetBack { until } => (
                RecorderProblemCode::ClockSetBack,
                format!(
                    "The computer's clock was set back. Recording goes on at {}.",
                    until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
                ),
            ),
            Blocked::Database(reason) => (
                RecorderProblemCode::DatabaseFailed,
                format!("The database cannot be written: {reason}. It is tried again."),
            ),
        };
        Self { code, detail }
    }
}

impl From<TaskStatus> for Task {
    fn from(task: TaskStatus) -> Self {
        Self {
            name: task.name,
            last_run_at: task.last_run.map(Instant),
            next_run_at: task.next_run.map(Instant),
            last_error: task.last_error,
        }
    }
}

impl From<Told> for Notice {
    fn from(notice: Told) -> Self {
        Self {
            code: notice.code.code(),
            detail: notice.detail,
            at: notice.at.into(),
        }
    }
}
