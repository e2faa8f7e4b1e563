//! The box's own charge log: asking for a month of it, and what its rows mean.

use std::time::Duration;

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use compact_str::{CompactString, format_compact};
use ladebuch_domain::charge_log::{LogRow, LoggedCharge, Parts, Raw};
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::period::{Month, local_instant};
use ladebuch_domain::reading::{ChargeMode, VehicleRef};
use ladebuch_domain::tag::Tag;
use ladebuch_domain::units::{Percent, WattHours, Watts};
use openwb::Generation;
use openwb::charge_log::{self, Entry, Mode, Row, Unreadable};

use super::{v1_9, v2};
use crate::sources::Undelivered;

/// Longest wait for a file of the box.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest part of an unreadable row that tells it from others.
const IDENTITY_CHARS: usize = 300;

/// Fetches a month of a 1.9 box's log over HTTP. A month without charges has no file.
///
/// # Errors
/// When the box's web server cannot be reached or refuses.
pub async fn fetch_v1_9(host: &str, port: u16, month: Month) -> Result<Vec<Entry>, Undelivered> {
    let Month { year, month } = month;
    let host = if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let url =
        format!("http://{host}:{port}/openWB/web/logging/data/ladelog/{year:04}{month:02}.csv");
    let fetched = async {
        let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
        let answer = client.get(&url).send().await?;
        if answer.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(String::new());
        }
        answer.error_for_status()?.text().await
    };
    match fetched.await {
        Ok(text) => Ok(charge_log::v1_9::lines(&text)),
        Err(error) => {
            tracing::info!(%error, "the charge log's file cannot be fetched");
            Err(Undelivered::NoLogFile)
        }
    }
}

/// What is kept of a log's entries.
pub fn rows(entries: Vec<Entry>, generation: Generation, zone: Tz) -> Vec<LogRow> {
    entries
        .into_iter()
        .map(|entry| match entry {
            Ok(row) => readable(row, generation, zone),
            Err(unreadable) => as_it_is(unreadable),
        })
        .collect()
}

fn as_it_is(Unreadable { raw, reason }: Unreadable) -> LogRow {
    let begin: String = raw.chars().take(IDENTITY_CHARS).collect();
    LogRow {
        identity: format!("unreadable {} {begin}", raw.len()),
        raw: Raw(raw),
        said: Err(reason.to_string()),
    }
}

fn readable(row: Row, generation: Generation, zone: Tz) -> LogRow {
    let mut doubtful = false;
    let mut instant = |local: NaiveDateTime| {
        let found = local_instant(zone, local);
        doubtful |= found.doubtful;
        found.at
    };
    let begin = instant(row.begin);
    let end = row.end.map(&mut instant);
    let charge_point = ExternalId(match generation {
        Generation::V1_9 => format_compact!("lp/{}", row.charge_point),
        Generation::V2 => format_compact!("chargepoint/{}", row.charge_point),
    });
    let identity = format!(
        "{charge_point} {} {} {:.0}",
        row.begin,
        row.end.map(|end| end.to_string()).unwrap_or_default(),
        row.energy
    );
    LogRow {
        identity,
        raw: Raw(row.raw),
        said: Ok(LoggedCharge {
            charge_point,
            charge_point_name: row.charge_point_name.map(String::from),
            serial: row.serial_number.map(String::from),
            begin,
            end,
            doubtful,
            energy: WattHours(row.energy),
            since_plug_in: row.since_plugged.map(WattHours),
            meter_start: row.meter_at_start.map(WattHours),
            meter_end: row.meter_at_end.map(WattHours),
            charged: row.duration,
            mean_power: row.mean_power.map(Watts),
            cost: row.cost,
            mode: row.mode.map(mode),
            vehicle: row.vehicle.map(|vehicle| VehicleRef {
                id: v2::vehicle_id(vehicle.id),
                name: vehicle
                    .name
                    .map_or_else(|| format_compact!("{}", vehicle.id), CompactString::from),
            }),
            tag: row.tag.map(|tag| Tag::new(tag.as_str())),
            soc_start: row.soc_at_start.map(Percent),
            soc_end: row.soc_at_end.map(Percent),
            range: row.range_charged,
            parts: row.sources.map(|sources| Parts {
                grid: sources.grid,
                pv: sources.pv,
                battery: sources.battery,
                charge_point: sources.charge_point,
            }),
        }),
    }
}

fn mode(mode: Mode) -> ChargeMode {
    match mode {
        Mode::V2(mode) => v2::charge_mode(mode),
        Mode::V1_9(mode) => v1_9::charge_mode(mode),
        Mode::Night => ChargeMode::Other(CompactString::const_new("night")),
    }
}
