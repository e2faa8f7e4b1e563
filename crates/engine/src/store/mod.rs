//! The database: one SQLite file, one writer, a few readers. The only place that names `sqlx`.
//!
//! - [`Store::open`] takes the data directory for this process alone, checks the file and brings
//!   it up to date; damaged files are moved aside, never deleted.
//! - [`Store::write_ticks`] keeps what the recorder saw. What is stored once is never overwritten.
//! - [`Store::roll_up`] makes coarse slots of fine ones and [`Store::purge_raw`] removes raw samples
//!   that have been rolled up.

mod charge_log;
mod column;
mod command;
mod device;
mod elli;
mod elli_pdf;
mod error;
mod gap;
mod gauge;
mod grid;
mod link;
mod log_row;
mod open;
mod price;
mod purge;
mod put_back;
mod roll_up;
mod seed;
mod series;
mod setting;
mod slot;
mod source;
mod standing;
mod tick;
mod watermark;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use ladebuch_domain::device::Quantity;
use ladebuch_domain::ids::{DeviceId, SeriesId};
use sqlx::sqlite::SqlitePool;
use sqlx::{QueryBuilder, Sqlite, Transaction};

pub use self::charge_log::{ImportedRow, LogFilter, StoredImport};
pub use self::device::KnownDevice;
pub use self::elli::StoredDocument;
pub use self::elli_pdf::KeptPdf;
pub use self::error::StoreError;
pub use self::gauge::RawGrid;
pub use self::open::{Opened, recorded_until};
pub use self::put_back::PutBackLater;
pub use self::series::StoredSeries;
pub use self::source::StoredSource;
pub use self::tick::{
    CounterEvent, CounterEventKind, GapCause, GapSpan, Tick, TickSample, Written,
};

/// The open database. Cheap to clone; all clones share the writer and the readers.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: PathBuf,
    /// A pool of one: whoever has the connection is the writer.
    writer: SqlitePool,
    readers: SqlitePool,
    /// Row of the present run.
    run: i64,
    /// Series that are known to exist, so that a tick need not look them up.
    series: Mutex<HashMap<(DeviceId, Quantity), SeriesId>>,
    /// Keeps other processes out; `None` once closed.
    lock: Mutex<Option<File>>,
}

impl Store {
    /// Waits for the writer and begins a transaction that may write. Dropped without a commit, it
    /// is rolled back.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.0.writer.begin_with("begin immediate").await?)
    }
}

/// Appends a list of series in parentheses.
fn push_ids(query: &mut QueryBuilder<Sqlite>, series: &[SeriesId]) {
    query.push("(");
    let mut ids = query.separated(", ");
    for SeriesId(id) in series {
        ids.push_bind(*id);
    }
    query.push(")");
}
