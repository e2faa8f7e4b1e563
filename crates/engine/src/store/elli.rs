//! What an Elli account told: its records, and the latest of everything else.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ladebuch_domain::charge_log::{CloudRow, KeptRows, RowSums};
use ladebuch_domain::ids::{ExternalId, SourceId};
use ladebuch_domain::period::Month;
use ladebuch_domain::units::WattHours;
use sqlx::{Sqlite, Transaction};

use super::column::instant;
use super::log_row::{self, IfThere};
use super::{Store, StoreError};

/// Something that an account told, as JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// What it is about.
    pub kind: String,
    /// Id of the station that it is about; empty: about the account.
    pub key: String,
    /// The JSON.
    pub raw: String,
    /// When it was fetched.
    pub fetched: DateTime<Utc>,
}

impl Store {
    /// Keeps rows of a source that shows them for good. Rows that are there stay as they are, but
    /// for those that the source has changed: their earlier text is kept beside them. They are filed
    /// under the month of their begin in `zone`, else of when they were written down.
    ///
    /// # Errors
    /// The database cannot be written; then none of them is kept.
    pub async fn keep_cloud_rows(
        &self,
        source: SourceId,
        rows: &[CloudRow],
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<KeptRows, StoreError> {
        let mut tx = self.begin().await?;
        let mut kept = KeptRows::default();
        for row in rows {
            let changed = keep_past(&mut tx, source, row, now).await?;
            let begin = row.row.said.as_ref().ok().map(|said| said.begin);
            let day = begin.or(row.created).unwrap_or(now).with_timezone(&zone);
            let month = Month::of(day.date_naive()).to_string();
            let if_there = IfThere::IsReplaced;
            let written = log_row::write(&mut tx, source, &month, &row.row, if_there, now).await?;
            if written > 0 && row.row.said.is_err() {
                keep_outline(&mut tx, source, row).await?;
            }
            // The source shows it, so it is not gone; that changes what it shows, as another text does.
            let back = mark_back(&mut tx, source, &row.row.identity).await?;
            kept.changed += changed.max(back);
            kept.new += written - changed.min(written);
        }
        tx.commit().await?;
        Ok(kept)
    }

    /// Notes which rows of a charge point the source still shows, after it has shown all; the
    /// others stay and are marked. A source that shows nothing at all is not believed.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn mark_gone(
        &self,
        source: SourceId,
        charge_point: &ExternalId,
        shown: &HashSet<String>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if shown.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let rows: Vec<(i64, String, Option<i64>)> = sqlx::query_as(
            "select id, identity, gone from log_row where source_id = $1 and external_id = $2",
        )
        .bind(source.to_string())
        .bind(charge_point.as_str())
        .fetch_all(&mut *tx)
        .await?;
        for (id, identity, gone) in rows {
            let is_shown = shown.contains(&identity);
            if is_shown == gone.is_none() {
                continue;
            }
            sqlx::query("update log_row set gone = $1 where id = $2")
                .bind((!is_shown).then(|| now.timestamp_millis()))
                .bind(id)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// What is kept of a source, by charge point.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn row_sums(
        &self,
        source: SourceId,
    ) -> Result<Vec<(ExternalId, RowSums)>, StoreError> {
        type Sums = (String, i64, i64, f64, i64, f64, Option<i64>, Option<i64>);
        let rows: Vec<Sums> = sqlx::query_as(
            "select external_id, count(*), count(unreadable), coalesce(sum(energy), 0.0),
                 count(gone), coalesce(sum(case when gone is null then 0.0 else energy end), 0.0),
                 max(created), max(imported)
             from log_row where source_id = $1 and external_id is not null
             group by external_id order by external_id",
        )
        .bind(source.to_string())
        .fetch_all(&self.0.readers)
        .await?;
        rows.into_iter()
            .map(
                |(id, rows, unreadable, energy, gone, gone_energy, newest, added)| {
                    let sums = RowSums {
                        rows: rows.unsigned_abs(),
                        unreadable: unreadable.unsigned_abs(),
                        energy: WattHours(energy),
                        gone: gone.unsigned_abs(),
                        gone_energy: WattHours(gone_energy),
                        newest: newest.map(instant).transpose()?,
                        added: added.map(instant).transpose()?,
                    };
                    Ok((ExternalId::from(id.as_str()), sums))
                },
            )
            .collect()
    }

    /// Earlier texts of a row that its source has changed, oldest first, each with the time until
    /// which it was the row's.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn earlier_texts(
        &self,
        row: i64,
    ) -> Result<Vec<(String, DateTime<Utc>)>, StoreError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("select raw, replaced from log_row_past where row_id = $1 order by id")
                .bind(row)
                .fetch_all(&self.0.readers)
                .await?;
        rows.into_iter()
            .map(|(raw, replaced)| Ok((raw, instant(replaced)?)))
            .collect()
    }

    /// The texts of a source's rows that name a card, the latest charge first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn rows_of_card(
        &self,
        source: SourceId,
        card: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "select raw from log_row where source_id = $1 and tag = $2
             order by begin_ts desc limit $3",
        )
        .bind(source.to_string())
        .bind(card)
        .bind(i64::from(limit))
        .fetch_all(&self.0.readers)
        .await?)
    }

    /// Keeps what an account told; what it told before of the same is replaced.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn keep_document(
        &self,
        source: SourceId,
        document: &StoredDocument,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into elli_document (source_id, kind, key, raw, fetched)
             values ($1, $2, $3, $4, $5)
             on conflict (source_id, kind, key) do update
             set raw = excluded.raw, fetched = excluded.fetched",
        )
        .bind(source.to_string())
        .bind(&document.kind)
        .bind(&document.key)
        .bind(&document.raw)
        .bind(document.fetched.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Everything that an account told last.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn documents(&self, source: SourceId) -> Result<Vec<StoredDocument>, StoreError> {
        let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
            "select kind, key, raw, fetched from elli_document
             where source_id = $1 order by kind, key",
        )
        .bind(source.to_string())
        .fetch_all(&self.0.readers)
        .await?;
        rows.into_iter()
            .map(|(kind, key, raw, fetched)| {
                let fetched = instant(fetched)?;
                Ok(StoredDocument {
                    kind,
                    key,
                    raw,
                    fetched,
                })
            })
            .collect()
    }
}

/// Keeps the text of a row that is about to be replaced; says how many there are, 0 or 1.
async fn keep_past(
    tx: &mut Transaction<'static, Sqlite>,
    source: SourceId,
    row: &CloudRow,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let kept = sqlx::query(
        "insert into log_row_past (row_id, raw, replaced)
         select id, raw, $1 from log_row
         where source_id = $2 and identity = $3 and raw <> $4",
    )
    .bind(now.timestamp_millis())
    .bind(source.to_string())
    .bind(&row.row.identity)
    .bind(&*row.row.raw.0)
    .execute(&mut **tx)
    .await?;
    Ok(kept.rows_affected())
}

/// Takes the mark off a row that seemed to be gone; says how many there were, 0 or 1.
async fn mark_back(
    tx: &mut Transaction<'static, Sqlite>,
    source: SourceId,
    identity: &str,
) -> Result<u64, StoreError> {
    let back = sqlx::query(
        "update log_row set gone = null
         where source_id = $1 and identity = $2 and gone is not null",
    )
    .bind(source.to_string())
    .bind(identity)
    .execute(&mut **tx)
    .await?;
    Ok(back.rows_affected())
}

/// Keeps what is known of a row that cannot be read, so that it counts where it belongs.
async fn keep_outline(
    tx: &mut Transaction<'static, Sqlite>,
    source: SourceId,
    row: &CloudRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "update log_row set external_id = $1, created = $2, energy = $3
         where source_id = $4 and identity = $5",
    )
    .bind(row.charge_point.as_str())
    .bind(row.created.map(|created| created.timestamp_millis()))
    .bind(row.energy.map(WattHours::get))
    .bind(source.to_string())
    .bind(&row.row.identity)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
