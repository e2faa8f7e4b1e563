//! The charge log of openWB 2.x: JSON, one object per row.

use std::time::Duration;

use chrono::{Datelike as _, NaiveDateTime};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Entry;
use super::row::{Mode, PowerSources, Reason, Row, Unreadable, Vehicle};
use crate::codec::json::Object;
use crate::reading::ChargeMode;

/// Month, day, year: the order is the American one in every country.
const TIME: &str = "%m/%d/%Y, %H:%M:%S";

/// Reads the answer to a request for a month, the payload of `openWB/log/<connection>/data`.
/// A month without charges is empty, and so is the answer to a request the box does not
/// understand.
///
/// # Errors
///
/// If it is no such answer at all.
pub fn reply(text: &str) -> Result<Vec<Entry>, Unreadable> {
    #[derive(Deserialize)]
    struct Reply<'a> {
        #[serde(borrow)]
        entries: &'a RawValue,
    }
    let form = || Unreadable::new(text, Reason::Form);
    // A derived struct would also be filled from a list.
    if !text.trim_start().starts_with('{') {
        return Err(form());
    }
    let reply: Reply<'_> = serde_json::from_str(text).map_err(|_| form())?;
    if !reply.entries.get().starts_with('[') {
        return Err(form());
    }
    Ok(month(reply.entries.get()))
}

/// Reads a file of a month, `data/charge_log/YYYYMM.json`. Of one that breaks off, the rows before
/// are read, and what is left over is an unreadable one.
#[must_use]
pub fn month(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    if text.trim().is_empty() {
        return entries;
    }
    let Some(mut rest) = text.trim_start().strip_prefix('[') else {
        return vec![Err(Unreadable::new(text, Reason::Form))];
    };
    loop {
        rest = rest.trim_start();
        if rest.starts_with(']') {
            return entries;
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let reason = match values.next() {
            Some(Ok(value)) => {
                entries.push(row(value.get()));
                rest = rest[values.byte_offset()..].trim_start();
                match rest.strip_prefix(',') {
                    Some(next) => {
                        rest = next;
                        continue;
                    }
                    None if rest.starts_with(']') => continue,
                    None if rest.is_empty() => Reason::Truncated,
                    None => Reason::Form,
                }
            }
            Some(Err(error)) if !error.is_eof() => Reason::Form,
            Some(Err(_)) | None => Reason::Truncated,
        };
        entries.push(Err(Unreadable::new(rest, reason)));
        return entries;
    }
}

fn row(raw: &str) -> Entry {
    let unreadable = |reason| Unreadable::new(raw, reason);
    let document: Value = serde_json::from_str(raw).map_err(|_| unreadable(Reason::Form))?;
    if !document.is_object() {
        return Err(unreadable(Reason::Form));
    }
    let missing = |field| unreadable(Reason::Missing { field });
    let fields = Object::new(&document);
    let charge_point = fields.object("chargepoint");
    let vehicle = fields.object("vehicle");
    let times = fields.object("time");
    let data = fields.object("data");
    let time = |key| {
        let time = NaiveDateTime::parse_from_str(times.str(key)?, TIME).ok()?;
        // What reads a year also reads those of geological ages.
        (2000..2100).contains(&time.year()).then_some(time)
    };
    Ok(Row {
        charge_point: charge_point.id("id").ok_or(missing("charge point"))?,
        charge_point_name: charge_point.string("name"),
        serial_number: charge_point.label("serial_number"),
        begin: time("begin").ok_or(missing("begin"))?,
        end: time("end"),
        energy: data
            .number("imported_since_mode_switch")
            .ok_or(missing("energy"))?,
        since_plugged: data.number("imported_since_plugged"),
        meter_at_start: charge_point.number("imported_at_start"),
        meter_at_end: charge_point.number("imported_at_end"),
        duration: times.str("time_charged").and_then(duration),
        mean_power: data.number("power"),
        cost: data.number("costs"),
        mode: vehicle
            .str("chargemode")
            // What the box writes before it charged in any mode.
            .filter(|mode| *mode != "_")
            .map(|mode| Mode::V2(ChargeMode::from(mode))),
        // The id is −1 when there was none.
        vehicle: vehicle.id("id").map(|id| Vehicle {
            id,
            name: vehicle.string("name"),
        }),
        tag: vehicle.tag("rfid"),
        soc_at_start: vehicle.number("soc_at_start"),
        soc_at_end: vehicle.number("soc_at_end"),
        range_charged: data.number("range_charged"),
        sources: sources(data.object("power_source")),
        raw: raw.into(),
    })
}

/// `H:MM`; the hours are not limited to a day.
fn duration(text: &str) -> Option<Duration> {
    let (hours, minutes) = text.split_once(':')?;
    let hours: u32 = hours.parse().ok()?;
    let minutes: u32 = minutes.parse().ok()?;
    (minutes < 60).then(|| Duration::from_secs(u64::from(hours) * 3600 + u64::from(minutes) * 60))
}

/// All of them are 0 when the box does not know: for less than 100 Wh, or without its own log.
fn sources(fields: Object<'_>) -> Option<PowerSources> {
    let fraction = |key| fields.number(key).unwrap_or(0.0);
    let sources = PowerSources {
        grid: fraction("grid"),
        pv: fraction("pv"),
        battery: fraction("bat"),
        charge_point: fraction("cp"),
    };
    let known = sources.grid + sources.pv + sources.battery + sources.charge_point > 0.0;
    known.then_some(sources)
}
