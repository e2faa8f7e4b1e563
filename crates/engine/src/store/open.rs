//! Opening and closing the database file.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};

use super::column::instant;
use super::watermark::{Watermark, Watermarks};
use super::{Inner, Store, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!();

const DATABASE: &str = "ladebuch.db";
const LOCK: &str = "ladebuch.lock";
/// Marks the file as ours in its header: "LDBK".
const APPLICATION_ID: i64 = 0x4c44_424b;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// One for whoever looks at a chart, one so that nobody waits for them.
const READERS: u32 = 2;
/// Rows that a reader may be ahead of its consumer: with few of them both threads keep waking each
/// other.
const READ_AHEAD_ROWS: usize = 1024;

/// An opened database and what was found.
#[derive(Debug)]
pub struct Opened {
    /// The database.
    pub store: Store,
    /// Where a damaged file was moved.
    pub moved_aside_to: Option<PathBuf>,
    /// Whether the whole file was checked, because the run before was cut off.
    pub checked: bool,
}

/// What an existing file turned out to be.
enum Found {
    Nothing,
    Sound { checked: bool },
    Damaged,
}

impl Store {
    /// Opens the database in `dir`, which is made if there is none, and begins a run at `now`.
    ///
    /// The file of a run that was cut off is checked before it is used. A damaged one is moved
    /// aside, with its write-ahead log, and a new one is begun.
    ///
    /// # Errors
    /// The directory cannot be written or is in use, the file is another program's or a later
    /// version's (it is left untouched then), or the disk is full.
    pub async fn open(dir: &Path, now: DateTime<Utc>) -> Result<Opened, StoreError> {
        let lock = take_directory(dir)?;
        let file = dir.join(DATABASE);
        let mut moved_aside_to = None;
        let mut checked = false;
        match inspect(&file).await? {
            Found::Nothing => {}
            Found::Sound { checked: whole } => checked = whole,
            Found::Damaged => moved_aside_to = Some(move_aside(&file, now)?),
        }
        let (writer, run) = match begin_run(&file, now).await {
            // Damage that only shows when something is written.
            Err(error) if error.is_damage() && moved_aside_to.is_none() => {
                moved_aside_to = Some(move_aside(&file, now)?);
                checked = false;
                begin_run(&file, now).await?
            }
            begun => begun?,
        };
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options(&file).read_only(true));
        let store = Store(Arc::new(Inner {
            file,
            writer,
            readers,
            run,
            series: Mutex::default(),
            lock: Mutex::new(Some(lock)),
        }));
        Ok(Opened {
            store,
            moved_aside_to,
            checked,
        })
    }

    /// Notes that this run ends on purpose.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn end_run(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "update run set ended = $1,
                last_seen = case when last_seen < $1 then $1 else last_seen end
             where id = $2",
        )
        .bind(now.timestamp_millis())
        .bind(self.0.run)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Moves everything into the one database file, closes it and gives the directory free.
    /// Other clones can do nothing afterwards.
    pub async fn close(self) {
        self.0.readers.close().await;
        if let Err(error) = sqlx::query("pragma wal_checkpoint(truncate)")
            .execute(&self.0.writer)
            .await
        {
            // The log is read again at the next start, so nothing is lost.
            tracing::warn!(%error, "the write-ahead log could not be moved into the database");
        }
        self.0.writer.close().await;
        drop(
            self.0
                .lock
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }

    /// Reads the whole file and says whether it is sound. Others can read and write meanwhile.
    ///
    /// # Errors
    /// The file cannot be read at all.
    pub async fn quick_check(&self) -> Result<bool, StoreError> {
        let mut connection = options(&self.0.file).read_only(true).connect().await?;
        let sound = is_sound(&mut connection).await;
        connection.close().await?;
        sound
    }

    /// Size of the database and its write-ahead log.
    pub async fn size_bytes(&self) -> u64 {
        let mut size = 0;
        for file in [self.0.file.clone(), beside(&self.0.file, "-wal")] {
            size += tokio::fs::metadata(file)
                .await
                .map_or(0, |metadata| metadata.len());
        }
        size
    }
}

/// End of the newest recorded slot of a database that need not be open, or exist.
pub async fn recorded_until(dir: &Path) -> Result<Option<DateTime<Utc>>, StoreError> {
    let file = dir.join(DATABASE);
    let Found::Sound { .. } = inspect(&file).await? else {
        return Ok(None);
    };
    let mut connection = options(&file).read_only(true).connect().await?;
    let watermarks = Watermarks::read(&mut connection).await;
    connection.close().await?;
    watermarks?
        .get(Watermark::Recorded)
        .map(instant)
        .transpose()
}

/// Makes the directory if need be and keeps other processes out of it.
fn take_directory(dir: &Path) -> Result<File, StoreError> {
    let not_writable = |source| StoreError::DirectoryNotWritable {
        dir: dir.to_owned(),
        source,
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(not_writable)?;
    let lock = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(dir.join(LOCK))
        .map_err(not_writable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            dir: dir.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(not_writable(source)),
    }
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .row_buffer_size(READ_AHEAD_ROWS)
        .disable_statement_logging()
}

/// Looks at an existing file without changing it.
async fn inspect(file: &Path) -> Result<Found, StoreError> {
    if !fs::metadata(file).is_ok_and(|metadata| metadata.len() > 0) {
        return Ok(Found::Nothing);
    }
    let found = match options(file).read_only(true).connect().await {
        Ok(mut connection) => {
            let found = inspect_content(&mut connection, file).await;
            connection.close().await?;
            found
        }
        Err(error) => Err(error.into()),
    };
    match found {
        Err(error) if error.is_damage() => {
            tracing::error!(%error, "the database is damaged");
            Ok(Found::Damaged)
        }
        found => found,
    }
}

async fn inspect_content(
    connection: &mut SqliteConnection,
    file: &Path,
) -> Result<Found, StoreError> {
    let application_id: i64 = sqlx::query_scalar("pragma application_id")
        .fetch_one(&mut *connection)
        .await?;
    let tables: i64 = sqlx::query_scalar("select count(*) from sqlite_schema")
        .fetch_one(&mut *connection)
        .await?;
    if tables == 0 && application_id == 0 {
        return Ok(Found::Nothing);
    }
    if application_id != APPLICATION_ID {
        return Err(StoreError::NotOurs {
            file: file.to_owned(),
        });
    }
    let migrated: i64 =
        sqlx::query_scalar("select count(*) from sqlite_schema where name = '_sqlx_migrations'")
            .fetch_one(&mut *connection)
            .await?;
    if migrated == 0 {
        return Ok(Found::Nothing);
    }
    let versions: Vec<i64> = sqlx::query_scalar("select version from _sqlx_migrations")
        .fetch_all(&mut *connection)
        .await?;
    if versions
        .iter()
        .any(|version| !MIGRATIONS.version_exists(*version))
    {
        return Err(StoreError::NewerVersion {
            file: file.to_owned(),
        });
    }
    if versions.is_empty() {
        return Ok(Found::Nothing);
    }
    let cut_off: i64 = sqlx::query_scalar(
        "select count(*) from run where ended is null and id = (select max(id) from run)",
    )
    .fetch_one(&mut *connection)
    .await?;
    let checked = cut_off > 0;
    if checked && !is_sound(connection).await? {
        return Ok(Found::Damaged);
    }
    Ok(Found::Sound { checked })
}

async fn is_sound(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let verdict: Result<String, sqlx::Error> = sqlx::query_scalar("pragma quick_check(1)")
        .fetch_one(connection)
        .await;
    match verdict.map_err(StoreError::from) {
        Ok(verdict) => Ok(verdict == "ok"),
        Err(error) if error.is_damage() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Opens the writer, brings the file up to date and begins a run.
async fn begin_run(file: &Path, now: DateTime<Utc>) -> Result<(SqlitePool, i64), StoreError> {
    let options = options(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A power cut must not take back what was said to be stored. One commit in ten seconds
        // makes this cheap.
        .synchronous(SqliteSynchronous::Full)
        .pragma("application_id", APPLICATION_ID.to_string());
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        // SQLite gives up some transactions by itself when the disk is full. The connection's own
        // count of open ones is wrong then, so it is replaced.
        .before_acquire(|connection, _| {
            Box::pin(async move { Ok(!connection.is_in_transaction()) })
        })
        .connect_with(options)
        .await?;
    let begun = async {
        MIGRATIONS.run(&writer).await?;
        let run: i64 =
            sqlx::query_scalar("insert into run (started, last_seen) values ($1, $1) returning id")
                .bind(now.timestamp_millis())
                .fetch_one(&writer)
                .await?;
        Ok(run)
    }
    .await;
    match begun {
        Ok(run) => Ok((writer, run)),
        Err(error) => {
            // The file must be free before it can be moved aside.
            writer.close().await;
            Err(error)
        }
    }
}

/// Renames the database with its log, so that both can still be looked at together.
fn move_aside(file: &Path, now: DateTime<Utc>) -> Result<PathBuf, StoreError> {
    let suffix = format!(".damaged-{}", now.format("%Y%m%dT%H%M%SZ"));
    let mut target = beside(file, &suffix);
    let mut copy = 1;
    while target.exists() {
        copy += 1;
        target = beside(file, &format!("{suffix}-{copy}"));
    }
    // The log first: without its database it is of no use to anybody, but a new database must
    // never find it.
    for part in ["-wal", "-shm", ""] {
        match fs::rename(beside(file, part), beside(&target, part)) {
            Err(source) if part.is_empty() || source.kind() != io::ErrorKind::NotFound => {
                let dir = file.parent().unwrap_or(file).to_owned();
                return Err(StoreError::DirectoryNotWritable { dir, source });
            }
            _ => {}
        }
    }
    Ok(target)
}

/// The path with something appended to its last part.
fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
