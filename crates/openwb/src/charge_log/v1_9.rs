//! The charge log of openWB 1.9: lines of comma-separated columns, the newest first.
//!
//! Begin, end, km, kWh, kW, duration, charge point; in later releases also charge mode, tag and
//! cost.

use std::time::Duration;

use chrono::NaiveDateTime;

use super::Entry;
use super::row::{Mode, Reason, Row, Unreadable};
use crate::reading::Tag;
use crate::reading::v1_9::ChargeMode;

const TIME: &str = "%d.%m.%y-%H:%M";

/// What a box puts in place of a log it was asked for, and took back.
const TAKEN_BACK: &str = "empty";

/// Reads a file of a month (`ladelog/YYYYMM.csv`), or a part of one as it comes over MQTT, in the
/// order of its lines.
#[must_use]
pub fn lines(text: &str) -> Vec<Entry> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && *line != TAKEN_BACK)
        .map(row)
        .collect()
}

fn row(raw: &str) -> Entry {
    let columns: Vec<&str> = raw.split(',').map(str::trim).collect();
    let found = columns.len();
    let &[
        begin,
        end,
        range,
        energy,
        power,
        duration,
        charge_point,
        ref later @ ..,
    ] = columns.as_slice()
    else {
        return Err(Unreadable::new(raw, Reason::Columns { found }));
    };
    if found > 10 {
        return Err(Unreadable::new(raw, Reason::Columns { found }));
    }
    let missing = |field| Unreadable::new(raw, Reason::Missing { field });
    let time = |text| NaiveDateTime::parse_from_str(text, TIME).ok();
    let later = |at: usize| later.get(at).copied().unwrap_or_default();
    Ok(Row {
        charge_point: charge_point
            .parse()
            .ok()
            .filter(|number| (1..=8).contains(number))
            .ok_or(missing("charge point"))?,
        charge_point_name: None,
        serial_number: None,
        begin: time(begin).ok_or(missing("begin"))?,
        end: time(end),
        energy: kilo(energy).ok_or(missing("energy"))?,
        since_plugged: None,
        meter_at_start: None,
        meter_at_end: None,
        duration: self::duration(duration),
        mean_power: kilo(power),
        cost: number(later(2)),
        mode: mode(later(0)),
        vehicle: None,
        tag: match later(1) {
            "" | "0" => None,
            tag => Some(Tag::new(tag)),
        },
        soc_at_start: None,
        soc_at_end: None,
        range_charged: number(range),
        sources: None,
        raw: raw.into(),
    })
}

/// A decimal number; the leading zero may be missing (`.06`).
fn number(text: &str) -> Option<f64> {
    // The standard library also reads `inf` and `NaN`.
    text.parse().ok().filter(|n: &f64| n.is_finite())
}

/// kW or kWh in W or Wh, without the digits that only the multiplication brings about.
fn kilo(text: &str) -> Option<f64> {
    number(text)
        .map(|n| (n * 1e6).round() / 1e3)
        .filter(|n| n.is_finite())
}

/// `3 Min` or `1 H 5 Min`.
fn duration(text: &str) -> Option<Duration> {
    let mut words = text.split_whitespace();
    let mut minutes = 0;
    let mut any = false;
    while let Some(number) = words.next() {
        let number: u32 = number.parse().ok()?;
        minutes += u64::from(number)
            * match words.next()? {
                "H" => 60,
                "Min" => 1,
                _ => return None,
            };
        any = true;
    }
    any.then(|| Duration::from_secs(minutes * 60))
}

fn mode(text: &str) -> Option<Mode> {
    Some(match text.parse().ok()? {
        0 => Mode::V1_9(ChargeMode::Instant),
        1 => Mode::V1_9(ChargeMode::MinPv),
        2 => Mode::V1_9(ChargeMode::Pv),
        3 => Mode::V1_9(ChargeMode::Stop),
        4 => Mode::V1_9(ChargeMode::Standby),
        7 => Mode::Night,
        other => Mode::V1_9(ChargeMode::Other(other)),
    })
}
