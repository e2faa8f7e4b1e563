//! Sums: of the session that runs, and of everything.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::json::Fields;
use crate::private::Raw;

/// What Elli says about the session that runs at a station.
#[derive(Debug, Clone, PartialEq)]
pub enum Accumulated {
    /// No car is plugged in (HTTP status 409).
    NoCar,
    /// A session runs.
    Session(CurrentSession),
}

/// The session that runs at a station. Its sums begin at zero with every session.
#[derive(Debug, Clone, PartialEq)]
pub struct CurrentSession {
    /// All of it, as it was sent: the names of its fields are not settled.
    pub raw: Raw,
    /// Energy charged so far, in Wh.
    pub energy: Option<f64>,
    /// Power at the moment, in W.
    pub power: Option<f64>,
    /// When it began.
    pub start: Option<DateTime<Utc>>,
}

impl CurrentSession {
    pub(crate) fn read(raw: Raw) -> Self {
        let value: Value = raw.to_value();
        let fields = Fields::of(&value);
        Self {
            energy: fields.and_then(|fields| {
                fields
                    .number("accumulated_energy_wh")
                    .or_else(|| fields.number("energy_consumption_wh"))
            }),
            power: fields.and_then(|fields| fields.number("momentary_charging_speed_watts")),
            start: fields.and_then(|fields| fields.time("start_date_time")),
            raw,
        }
    }
}

/// What a station has charged according to all its records. The sum of a complete download is the
/// same.
#[derive(Debug, Clone, PartialEq)]
pub struct TotalCharged {
    /// All of it, as it was sent.
    pub raw: Raw,
    /// Number of records.
    pub records: Option<u64>,
    /// Energy of all records, in Wh.
    pub energy: Option<f64>,
}

impl TotalCharged {
    /// What a sum says, for instance one whose text was kept.
    #[must_use]
    pub fn read(raw: Raw) -> Self {
        let value: Value = raw.to_value();
        let fields = Fields::of(&value);
        Self {
            records: fields.and_then(|fields| fields.count("total_count")),
            energy: fields.and_then(|fields| fields.number("total_energy_wh")),
            raw,
        }
    }
}
