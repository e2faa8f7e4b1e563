//! The boxes' own charge logs as they were imported.

use std::collections::HashSet;

use super::column::instant;
use super::log_row::{self, IfThere};
use super::{Store, StoreError};
use chrono::{DateTime, Utc};
use ladebuch_domain::charge_log::LogRow;
use ladebuch_domain::ids::SourceId;

/// A row that was imported.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedRow {
    /// Its number.
    pub id: i64,
    /// The source that logged it.
    pub source: SourceId,
    /// The row.
    pub row: LogRow,
    /// Since when its source no longer shows it, where the source shows its rows for good.
    pub gone: Option<DateTime<Utc>>,
    /// How many earlier texts of it are kept: its source has changed it so often.
    pub earlier: u64,
}

/// What of imported rows is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogFilter {
    /// Logged by that source; by all if `None`.
    pub source: Option<SourceId>,
    /// Begun at or after.
    pub from: Option<DateTime<Utc>>,
    /// Begun before.
    pub to: Option<DateTime<Utc>>,
    /// Most rows, the newest.
    pub limit: u32,
}

/// How an import stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImport {
    /// When it began.
    pub started: DateTime<Utc>,
    /// `running`, `done`, or the code of what broke it off.
    pub outcome: String,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
}

/// How many rows of a source are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCount {
    /// All.
    pub rows: u64,
    /// Those that cannot be read.
    pub unreadable: u64,
}

impl Store {
    /// Keeps a month of a source's charge log; rows that are there already stay as they are. Says
    /// how many are new.
    ///
    /// # Errors
    /// The database cannot be written; then nothing of the month is kept.
    pub async fn add_log_month(
        &self,
        source: SourceId,
        month: &str,
        rows: &[LogRow],
        closed: bool,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let mut new = 0;
        for row in rows {
            new += log_row::write(&mut tx, source, month, row, IfThere::Stays, now).await?;
        }
        sqlx::query(
            "insert into log_month (source_id, month, fetched, closed) values ($1, $2, $3, $4)
             on conflict (source_id, month) do update
             set fetched = excluded.fetched, closed = excluded.closed",
        )
        .bind(source.to_string())
        .bind(month)
        .bind(now.timestamp_millis())
        .bind(i64::from(closed))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(new)
    }

    /// The months of a source that need not be asked for again.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn closed_log_months(&self, source: SourceId) -> Result<HashSet<String>, StoreError> {
        let closed: Vec<String> =
            sqlx::query_scalar("select month from log_month where source_id = $1 and closed = 1")
                .bind(source.to_string())
                .fetch_all(&self.0.readers)
                .await?;
        Ok(closed.into_iter().collect())
    }

    /// Notes how the import of a source's log stands: `running`, `done`, or what broke it off.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn set_log_import(
        &self,
        source: SourceId,
        import: &StoredImport,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into log_import (source_id, started, outcome, finished)
             values ($1, $2, $3, $4)
             on conflict (source_id) do update
             set started = excluded.started, outcome = excluded.outcome,
                 finished = excluded.finished",
        )
        .bind(source.to_string())
        .bind(import.started.timestamp_millis())
        .bind(&import.outcome)
        .bind(import.finished.map(|at| at.timestamp_millis()))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// How the last import of a source's log stood; `None` if there was none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn log_import(&self, source: SourceId) -> Result<Option<StoredImport>, StoreError> {
        let row: Option<(i64, String, Option<i64>)> = sqlx::query_as(
            "select started, outcome, finished from log_import where source_id = $1",
        )
        .bind(source.to_string())
        .fetch_optional(&self.0.readers)
        .await?;
        row.map(|(started, outcome, finished)| {
            Ok(StoredImport {
                started: instant(started)?,
                outcome,
                finished: finished.map(instant).transpose()?,
            })
        })
        .transpose()
    }

    /// Asks for all months of a source anew: it may be another box now. Rows stay.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn reopen_log_months(&self, source: SourceId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("update log_month set closed = 0 where source_id = $1")
            .bind(source.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// How many rows of a source are kept.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn count_log(&self, source: SourceId) -> Result<LogCount, StoreError> {
        let (rows, unreadable): (i64, i64) =
            sqlx::query_as("select count(*), count(unreadable) from log_row where source_id = $1")
                .bind(source.to_string())
                .fetch_one(&self.0.readers)
                .await?;
        Ok(LogCount {
            rows: rows.unsigned_abs(),
            unreadable: unreadable.unsigned_abs(),
        })
    }

    /// Imported rows, the latest charge first; those that cannot be read have no time and come
    /// last.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn log_rows(&self, filter: LogFilter) -> Result<Vec<ImportedRow>, StoreError> {
        let rows = sqlx::query(
            "select *, (select count(*) from log_row_past where row_id = log_row.id) as earlier
             from log_row
             where ($1 is null or begin_ts >= $1) and ($2 is null or begin_ts < $2)
                 and ($4 is null or source_id = $4)
             order by begin_ts is null, begin_ts desc, id desc limit $3",
        )
        .bind(filter.from.map(|at| at.timestamp_millis()))
        .bind(filter.to.map(|at| at.timestamp_millis()))
        .bind(i64::from(filter.limit))
        .bind(filter.source.map(|source| source.to_string()))
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(log_row::imported).collect()
    }
}
