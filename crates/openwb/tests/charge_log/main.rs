//! Charge logs of real boxes, of older releases, and broken ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod v1_9;
mod v2;

use chrono::{NaiveDate, NaiveDateTime};

/// A time on 22 November 2026.
fn at(hour: u32, minute: u32, second: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 22)
        .and_then(|day| day.and_hms_opt(hour, minute, second))
        .unwrap()
}

fn fixture(name: &str) -> String {
    let path = format!("{}/../../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}
