//! What can go wrong with the database, in sentences that a person can act on.

use std::io;
use std::path::PathBuf;

use sqlx::migrate::MigrateError;

/// The database could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data directory cannot be made or written.
    #[error(
        "The data directory {} cannot be written: {source}. Make it writable, or choose another one.",
        dir.display()
    )]
    DirectoryNotWritable {
        /// The data directory.
        dir: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Another process has the data directory.
    #[error(
        "The data directory {} is in use by another Ladebuch. Close that one, or choose another directory.",
        dir.display()
    )]
    InUse {
        /// The data directory.
        dir: PathBuf,
    },
    /// The file belongs to another program.
    #[error(
        "{} is the database of another program. Move it away, or choose another data directory.",
        file.display()
    )]
    NotOurs {
        /// The database file.
        file: PathBuf,
    },
    /// The file was written by a later version.
    #[error(
        "{} was written by a newer version of Ladebuch and has been left untouched. Install that version.",
        file.display()
    )]
    NewerVersion {
        /// The database file.
        file: PathBuf,
    },
    /// No space is left.
    #[error("The disk is full. Free some space; recording then goes on by itself.")]
    DiskFull,
    /// The file or its directory has become read-only.
    #[error("The database cannot be written. Make its directory writable and check the disk.")]
    ReadOnly,
    /// The file's content is not sound.
    #[error(
        "The database is damaged. Restart Ladebuch: it keeps the damaged file and begins a new one."
    )]
    Damaged(#[source] sqlx::Error),
    /// Anything else the database says.
    #[error("The database reports an error: {0}")]
    Database(#[source] sqlx::Error),
}

impl StoreError {
    /// Whether the file itself is spoilt, so that trying again is of no use.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_))
    }

    /// A row that this version cannot have written.
    pub(super) fn content(what: &str, value: &str) -> Self {
        Self::Database(sqlx::Error::Decode(
            format!("{value:?} is no {what}").into(),
        ))
    }
}

/// Primary result codes of SQLite, <https://www.sqlite.org/rescode.html>.
mod code {
    pub const READONLY: u32 = 8;
    pub const CORRUPT: u32 = 11;
    pub const FULL: u32 = 13;
    pub const CANTOPEN: u32 = 14;
    pub const NOTADB: u32 = 26;
    /// Extended: no space for the shared-memory file.
    pub const IOERR_SHMSIZE: u32 = 4874;
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let extended: Option<u32> = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .and_then(|code| code.parse().ok());
        match extended {
            Some(code::IOERR_SHMSIZE) => Self::DiskFull,
            Some(extended) => match extended & 0xff {
                code::FULL => Self::DiskFull,
                code::READONLY | code::CANTOPEN => Self::ReadOnly,
                code::CORRUPT | code::NOTADB => Self::Damaged(error),
                _ => Self::Database(error),
            },
            None if matches!(&error, sqlx::Error::Io(io) if io.kind() == io::ErrorKind::StorageFull) => {
                Self::DiskFull
            }
            None => Self::Database(error),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            error => Self::Database(sqlx::Error::Migrate(Box::new(error))),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Database(sqlx::Error::Encode(Box::new(error)))
    }
}
