//! Rows of charge logs, to the table and back.

use std::time::Duration;

use chrono::{DateTime, Utc};
use ladebuch_domain::charge_log::{LogRow, LoggedCharge, Parts, Raw};
use ladebuch_domain::ids::{ExternalId, SourceId};
use ladebuch_domain::reading::{ChargeMode, VehicleRef};
use ladebuch_domain::tag::Tag;
use ladebuch_domain::units::{Percent, WattHours, Watts};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, Transaction};

use super::StoreError;
use super::charge_log::ImportedRow;
use super::column::{instant, source_id};

macro_rules! insert {
    () => {
        "insert into log_row
             (source_id, month, identity, raw, unreadable, external_id, charge_point_name, serial,
              begin_ts, end_ts, doubtful, energy, since_plug_in, meter_start, meter_end, charged_s,
              mean_power, cost, mode, vehicle_id, vehicle_name, tag, soc_start, soc_end,
              range_charged, part_grid, part_pv, part_battery, part_charge_point, imported,
              created, faulted)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)
         on conflict (source_id, identity) "
    };
}

/// When it was imported first stays known.
macro_rules! replace {
    () => {
        "do update
             set month = excluded.month, raw = excluded.raw, unreadable = excluded.unreadable,
                 external_id = excluded.external_id,
                 charge_point_name = excluded.charge_point_name, serial = excluded.serial,
                 begin_ts = excluded.begin_ts, end_ts = excluded.end_ts,
                 doubtful = excluded.doubtful, energy = excluded.energy,
                 since_plug_in = excluded.since_plug_in, meter_start = excluded.meter_start,
                 meter_end = excluded.meter_end, charged_s = excluded.charged_s,
                 mean_power = excluded.mean_power, cost = excluded.cost, mode = excluded.mode,
                 vehicle_id = excluded.vehicle_id, vehicle_name = excluded.vehicle_name,
                 tag = excluded.tag, soc_start = excluded.soc_start, soc_end = excluded.soc_end,
                 range_charged = excluded.range_charged, part_grid = excluded.part_grid,
                 part_pv = excluded.part_pv, part_battery = excluded.part_battery,
                 part_charge_point = excluded.part_charge_point, created = excluded.created,
                 faulted = excluded.faulted
             where log_row.raw <> excluded.raw"
    };
}

/// What becomes of a row of the same identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IfThere {
    /// It stays as it is.
    Stays,
    /// It is replaced, if its text is another.
    IsReplaced,
}

/// Writes a row; says how many were written, 0 or 1.
pub(super) async fn write(
    tx: &mut Transaction<'static, Sqlite>,
    source: SourceId,
    month: &str,
    row: &LogRow,
    if_there: IfThere,
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
    let done = sqlx::query(match if_there {
        IfThere::Stays => concat!(insert!(), "do nothing"),
        IfThere::IsReplaced => concat!(insert!(), replace!()),
    })
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
    .bind(
        said.and_then(|said| said.created)
            .map(|created| created.timestamp_millis()),
    )
    .bind(i64::from(said.is_some_and(|said| said.faulted)))
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// A row that was read.
pub(super) fn imported(row: &SqliteRow) -> Result<ImportedRow, StoreError> {
    let unreadable: Option<String> = row.try_get("unreadable")?;
    let raw: String = row.try_get("raw")?;
    let gone: Option<i64> = row.try_get("gone")?;
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
        gone: gone.map(instant).transpose()?,
        earlier: row.try_get::<i64, _>("earlier")?.unsigned_abs(),
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
    let created: Option<i64> = row.try_get("created")?;
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
        created: created.map(instant).transpose()?,
        faulted: row.try_get::<i64, _>("faulted")? != 0,
    })
}
