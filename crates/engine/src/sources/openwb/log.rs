//! The box's own charge log: asking for a month of it, and what its rows mean.

use std::time::Duration;

use chrono::TimeDelta;
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
use sha2::{Digest as _, Sha256};

use super::{v1_9, v2};
use crate::sources::Undelivered;

/// Longest wait for a file of the box.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest file that is read. A busy month has some ten kB.
const MOST_BYTES: usize = 4 * 1024 * 1024;

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
    let text = match download(&url).await {
        Ok(text) => text,
        Err(error) => {
            tracing::info!(%error, "the charge log's file cannot be fetched");
            return Err(Undelivered::NoLogFile);
        }
    };
    let entries = charge_log::v1_9::lines(&text);
    // The page of some other web server.
    if !entries.is_empty() && entries.iter().all(Result::is_err) {
        return Err(Undelivered::NoLogFile);
    }
    Ok(entries)
}

/// The text at an address; a file that is not there is empty.
async fn download(url: &str) -> Result<String, reqwest::Error> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let answer = client.get(url).send().await?;
    if answer.status() == reqwest::StatusCode::NOT_FOUND {
        return Ok(String::new());
    }
    let mut answer = answer.error_for_status()?;
    let mut text = Vec::new();
    while let Some(part) = answer.chunk().await? {
        text.extend_from_slice(&part);
        if text.len() > MOST_BYTES {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Whether entries may belong to a month: the box files a charge under the month in which it ended.
pub fn may_be_of(entries: &[Entry], month: Month) -> bool {
    let mut readable = entries
        .iter()
        .filter_map(|entry| entry.as_ref().ok())
        .peekable();
    readable.peek().is_none()
        || readable.any(|row| {
            let ended = row.end.unwrap_or(row.begin);
            Month::of(ended.date()) == month || Month::of(row.begin.date()) == month
        })
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
    // Its text may name a card, and identities are printed.
    LogRow {
        identity: format!("unreadable {:x}", Sha256::digest(raw.as_bytes())),
        raw: Raw(raw),
        said: Err(reason.to_string()),
    }
}

fn readable(row: Row, generation: Generation, zone: Tz) -> LogRow {
    let begin = local_instant(zone, row.begin);
    let end = row.end.map(|end| local_instant(zone, end));
    let doubtful = begin.doubtful || end.is_some_and(|end| end.doubtful);
    let begin = begin.at;
    // It cannot have ended before the energy had flowed.
    let charged = TimeDelta::from_std(row.duration.unwrap_or_default()).unwrap_or_default();
    let end = end.map(|end| end.not_before(begin + charged));
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
            created: None,
            faulted: false,
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
