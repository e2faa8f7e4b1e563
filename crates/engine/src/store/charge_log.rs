//! The boxes' own charge logs as they were imported.

use std::collections::HashSet;
use std::time::Duration;

use super::column::{instant, source_id};
use super::{Store, StoreError};
use chrono::{DateTime, Utc};
use ladebuch_domain::charge_log::{LogRow, LoggedCharge, Parts, Raw};
use ladebuch_domain::ids::{ExternalId, SourceId};
use ladebuch_domain::reading::{ChargeMode, VehicleRef};
use ladebuch_domain::tag::Tag;
use ladebuch_domain::units::{Percent, WattHours, Watts};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, Transaction};

/// A row that was imported.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedRow {
    /// Its number.
    pub id: i64,
    /// The source that logged it.
    pub source: SourceId,
    /// The row.
    pub row: LogRow,
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
            new += insert(&mut tx, source, month, row, now).await?;
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
            "select * from log_row
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
        rows.iter().map(imported).collect()
    }
}

async fn insert(
    tx: &mut Transaction<'static, Sqlite>,
    source: SourceId,
    month: &str,
    row: &LogRow,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let said = row.said.as_ref().ok();
    let watt_hours = |energy: Option<WattHours>| energy.map(WattHours::get);
    let percent = |soc: Option<Percent>| soc.map(Percent::get);
    let mode = said
        .and_then(|said| said.mode.as_ref())
        .map(serde_json::to_string)
        .transpose()?;
    let parts = said.and_then(|said| said.parts);
    let done = sqlx::query(
        "insert into log_row
             (source_id, month, identity, raw, unreadable, external_id, charge_point_name, serial,
              begin_ts, end_ts, doubtful, energy, since_plug_in, meter_start, meter_end, charged_s,
              mean_power, cost, mode, vehicle_id, vehicle_name, tag, soc_start, soc_end,
              range_charged, part_grid, part_pv, part_battery, part_charge_point, imported)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
         on conflict (source_id, identity) do nothing",
    )
    .bind(source.to_string())
    .bind(month)
    .bind(&row.identity)
    .bind(&*row.raw.0)
    .bind(row.said.as_ref().err())
    .bind(said.map(|said| said.charge_point.as_str()))
    .bind(said.and_then(|said| said.charge_point_name.as_deref()))
    .bind(said.and_then(|said| said.serial.as_deref()))
    .bind(said.map(|said| said.begin.timestamp_millis()))
    .bind(
        said.and_then(|said| said.end)
            .map(|end| end.timestamp_millis()),
    )
    .bind(i64::from(said.is_some_and(|said| said.doubtful)))
    .bind(said.map(|said| said.energy.get()))
    .bind(said.and_then(|said| watt_hours(said.since_plug_in)))
    .bind(said.and_then(|said| watt_hours(said.meter_start)))
    .bind(said.and_then(|said| watt_hours(said.meter_end)))
    .bind(
        said.and_then(|said| said.charged)
            .map(|charged| i64::try_from(charged.as_secs()).unwrap_or(i64::MAX)),
    )
    .bind(said.and_then(|said| said.mean_power).map(Watts::get))
    .bind(said.and_then(|said| said.cost))
    .bind(mode)
    .bind(
        said.and_then(|said| said.vehicle.as_ref())
            .map(|vehicle| vehicle.id.as_str()),
    )
    .bind(
        said.and_then(|said| said.vehicle.as_ref())
            .map(|vehicle| vehicle.name.as_str()),
    )
    .bind(said.and_then(|said| said.tag.as_ref()).map(Tag::number))
    .bind(said.and_then(|said| percent(said.soc_start)))
    .bind(said.and_then(|said| percent(said.soc_end)))
    .bind(said.and_then(|said| said.range))
    .bind(parts.map(|parts| parts.grid))
    .bind(parts.map(|parts| parts.pv))
    .bind(parts.map(|parts| parts.battery))
    .bind(parts.map(|parts| parts.charge_point))
    .bind(now.timestamp_millis())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

fn imported(row: &SqliteRow) -> Result<ImportedRow, StoreError> {
    let unreadable: Option<String> = row.try_get("unreadable")?;
    let raw: String = row.try_get("raw")?;
    Ok(ImportedRow {
        id: row.try_get("id")?,
        source: source_id(row.try_get("source_id")?)?,
        row: LogRow {
            identity: row.try_get("identity")?,
            raw: Raw(raw.into()),
            said: match unreadable {
                Some(reason) => Err(reason),
                None => Ok(charge(row)?),
            },
        },
    })
}

fn charge(row: &SqliteRow) -> Result<LoggedCharge, StoreError> {
    let external = |name: String| ExternalId::from(name.as_str());
    let watt_hours =
        |name| Ok::<_, StoreError>(row.try_get::<Option<f64>, _>(name)?.map(WattHours));
    let percent = |name| Ok::<_, StoreError>(row.try_get::<Option<f64>, _>(name)?.map(Percent));
    let end: Option<i64> = row.try_get("end_ts")?;
    let charged: Option<i64> = row.try_get("charged_s")?;
    let mode: Option<String> = row.try_get("mode")?;
    let vehicle: Option<String> = row.try_get("vehicle_id")?;
    let vehicle_name: Option<String> = row.try_get("vehicle_name")?;
    let tag: Option<String> = row.try_get("tag")?;
    let part = |name| row.try_get::<Option<f64>, _>(name);
    let parts = match (
        part("part_grid")?,
        part("part_pv")?,
        part("part_battery")?,
        part("part_charge_point")?,
    ) {
        (Some(grid), Some(pv), Some(battery), Some(charge_point)) => Some(Parts {
            grid,
            pv,
            battery,
            charge_point,
        }),
        _ => None,
    };
    Ok(LoggedCharge {
        charge_point: external(row.try_get("external_id")?),
        charge_point_name: row.try_get("charge_point_name")?,
        serial: row.try_get("serial")?,
        begin: instant(row.try_get("begin_ts")?)?,
        end: end.map(instant).transpose()?,
        doubtful: row.try_get::<i64, _>("doubtful")? != 0,
        energy: WattHours(row.try_get("energy")?),
        since_plug_in: watt_hours("since_plug_in")?,
        meter_start: watt_hours("meter_start")?,
        meter_end: watt_hours("meter_end")?,
        charged: charged.map(|seconds| Duration::from_secs(seconds.unsigned_abs())),
        mean_power: row.try_get::<Option<f64>, _>("mean_power")?.map(Watts),
        cost: row.try_get("cost")?,
        mode: mode
            .map(|mode| serde_json::from_str::<ChargeMode>(&mode))
            .transpose()?,
        vehicle: vehicle.map(|id| VehicleRef {
            name: vehicle_name.unwrap_or_default().into(),
            id: external(id),
        }),
        tag: tag.map(|number| Tag::new(&number)),
        soc_start: percent("soc_start")?,
        soc_end: percent("soc_end")?,
        range: row.try_get("range_charged")?,
        parts,
    })
}
