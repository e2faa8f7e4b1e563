//! Payloads of 1.9: plain text. Shell scripts wrote them, so numbers may come as `.5` or `01`.
//!
//! Every function takes an empty or blank payload as "unknown" and returns `None`.

use super::super::payload::{present, scan_number, to_whole};
use super::super::{Outcome, Reason};
use crate::reading::v1_9::{Scan, ScanOutcome, TagScan};
use crate::reading::{FaultState, PriceSlot, Tag, Text};

/// The price in ct/kWh with which openWB's tariff modules say that they have none.
const NO_PRICE: f64 = 1000.0;

pub(super) fn number(payload: &[u8]) -> Outcome<Option<f64>> {
    let Some(payload) = present(payload)? else {
        return Ok(None);
    };
    Ok(Some(as_number(payload)?))
}

fn as_number(payload: &[u8]) -> Result<f64, Reason> {
    let value = match scan_number(payload) {
        Some((value, b"")) => value,
        _ => spelt_freely(payload)?,
    };
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Reason::NotFinite)
    }
}

/// A number that JSON would not take: `.5`, `5.`, `01`, `+5`.
#[cold]
fn spelt_freely(payload: &[u8]) -> Result<f64, Reason> {
    utf8(payload)?.parse().map_err(|_| Reason::WrongType {
        expected: "a number",
    })
}

/// kW or kWh, in W or Wh.
pub(super) fn kilo(payload: &[u8]) -> Outcome<Option<f64>> {
    match number(payload)?.map(|n| n * 1000.0) {
        Some(n) if n.is_infinite() => Err(Reason::NotFinite.into()),
        n => Ok(n),
    }
}

/// €/kWh, in €/Wh.
pub(super) fn euros_per_kwh(payload: &[u8]) -> Outcome<Option<f64>> {
    Ok(number(payload)?.map(|price| price / 1000.0))
}

/// ct/kWh, in €/Wh.
pub(super) fn cents_per_kwh(payload: &[u8]) -> Outcome<Option<f64>> {
    Ok(number(payload)?.and_then(price_of))
}

#[allow(clippy::float_cmp)] // a stand-in, written as a whole number
fn price_of(cents: f64) -> Option<f64> {
    (cents != NO_PRICE).then_some(cents / 100_000.0)
}

pub(super) fn boolean(payload: &[u8]) -> Outcome<Option<bool>> {
    match payload {
        b"0" => Ok(Some(false)),
        b"1" => Ok(Some(true)),
        _ => Ok(small(payload, 1, "0 or 1")?.map(|n| n == 1)),
    }
}

/// A whole number.
pub(super) fn whole(payload: &[u8], max: u32, expected: &'static str) -> Outcome<Option<u32>> {
    Ok(number(payload)?
        .map(|n| to_whole(n, max).ok_or(Reason::OutOfRange { expected }))
        .transpose()?)
}

/// A whole number up to `max`.
pub(super) fn small(payload: &[u8], max: u8, expected: &'static str) -> Outcome<Option<u8>> {
    Ok(whole(payload, u32::from(max), expected)?.and_then(|n| u8::try_from(n).ok()))
}

/// One of openWB's numbered choices.
pub(super) fn choice<T>(payload: &[u8], meaning: fn(u32) -> T) -> Outcome<Option<T>> {
    Ok(whole(payload, u32::MAX, "the number of a choice")?.map(meaning))
}

pub(super) fn fault(payload: &[u8]) -> Outcome<Option<FaultState>> {
    Ok(small(payload, 2, "0, 1 or 2")?.map(|level| match level {
        0 => FaultState::Ok,
        1 => FaultState::Warning,
        _ => FaultState::Error,
    }))
}

/// A name, a version or alike.
pub(in super::super) fn string(payload: &[u8]) -> Outcome<Option<Box<str>>> {
    let Some(payload) = present(payload)? else {
        return Ok(None);
    };
    Ok(Some(utf8(payload)?.into()))
}

/// A sentence for people.
pub(super) fn text(payload: &[u8]) -> Outcome<Option<Text>> {
    Ok(string(payload)?.map(Text::new))
}

/// Seconds from `2 H 52 Min` or `21 Min`. `--` and a bare `0` mean that there is nothing to wait for.
pub(super) fn time_remaining(payload: &[u8]) -> Outcome<Option<u32>> {
    const EXPECTED: Reason = Reason::WrongType {
        expected: "hours and minutes",
    };
    let text = match present(payload)? {
        None | Some(b"--" | b"0") => return Ok(None),
        Some(payload) => utf8(payload)?,
    };
    let mut words = text.split_ascii_whitespace();
    let mut seconds = 0_u32;
    while let Some(amount) = words.next() {
        let unit = match words.next() {
            Some("H") => 3600,
            Some("Min") => 60,
            _ => return Err(EXPECTED.into()),
        };
        let part = amount.parse::<u32>().ok().and_then(|n| n.checked_mul(unit));
        seconds = part
            .and_then(|part| seconds.checked_add(part))
            .ok_or(EXPECTED)?;
    }
    Ok(Some(seconds))
}

/// `<tag>,<unix seconds>`; `0` before the first scan.
pub(super) fn scan(payload: &[u8]) -> Outcome<Option<Box<Scan>>> {
    let Some(payload) = present(payload)? else {
        return Ok(None);
    };
    let text = utf8(payload)?;
    let (tag, at) = match text.rsplit_once(',') {
        Some((tag, at)) => (tag, Some(as_number(at.trim().as_bytes())?)),
        None => (text, None),
    };
    Ok(scanned(tag, at).map(Box::new))
}

/// `<unix seconds>,<tag>,<outcome>`.
pub(super) fn tag_scan(payload: &[u8]) -> Outcome<Option<Box<TagScan>>> {
    const EXPECTED: Reason = Reason::WrongType {
        expected: "a time, a tag and an outcome",
    };
    let text = match present(payload)? {
        None | Some(b"0") => return Ok(None),
        Some(payload) => utf8(payload)?,
    };
    let (at, rest) = text.split_once(',').ok_or(EXPECTED)?;
    let (tag, outcome) = rest.rsplit_once(',').ok_or(EXPECTED)?;
    let at = as_number(at.trim().as_bytes())?;
    let outcome = match outcome.trim().parse().map_err(|_| EXPECTED)? {
        0 => ScanOutcome::Refused,
        1 => ScanOutcome::Unlocked,
        2 => ScanOutcome::Socket,
        other => ScanOutcome::Other(other),
    };
    Ok(scanned(tag, Some(at)).map(|scan| Box::new(TagScan { scan, outcome })))
}

fn scanned(tag: &str, at: Option<f64>) -> Option<Scan> {
    let tag = tag.trim();
    (!tag.is_empty() && tag != "0").then(|| Scan {
        tag: Tag::new(tag),
        at,
    })
}

/// The name of a tariff module, then one `<unix seconds>,<ct/kWh>` a line; in order of time.
pub(super) fn prices(payload: &[u8]) -> Outcome<Option<Box<[PriceSlot]>>> {
    let Some(payload) = present(payload)? else {
        return Ok(None);
    };
    let mut slots = Vec::new();
    for line in utf8(payload)?.lines().skip(1) {
        if line.trim().is_empty() {
            continue;
        }
        let (start, cents) = line.split_once(',').ok_or(Reason::WrongType {
            expected: "lines of a time and a price",
        })?;
        let start = as_number(start.trim().as_bytes())?;
        let start = to_whole(start.floor(), u32::MAX).ok_or(Reason::OutOfRange {
            expected: "unix seconds",
        })?;
        if let Some(price) = price_of(as_number(cents.trim().as_bytes())?) {
            slots.push(PriceSlot {
                start: i64::from(start),
                price,
            });
        }
    }
    slots.sort_unstable_by_key(|slot| slot.start);
    Ok(Some(slots.into()))
}

pub(super) fn utf8(payload: &[u8]) -> Result<&str, Reason> {
    std::str::from_utf8(payload).map_err(|_| Reason::NotUtf8)
}
