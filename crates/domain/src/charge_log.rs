//! The charge log that a wallbox keeps itself: what of it is kept here.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::ids::ExternalId;
use crate::reading::{ChargeMode, VehicleRef};
use crate::tag::Tag;
use crate::units::{Percent, WattHours, Watts};

/// A row as its box wrote it, and what it says if it can be read.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRow {
    /// What tells it from the other rows of its source. The local times are in it as they were
    /// written: an hour that happened twice has different charges with the same begin.
    pub identity: String,
    /// As the box wrote it.
    pub raw: Raw,
    /// What it says, or why that cannot be told.
    pub said: Result<LoggedCharge, String>,
}

/// A row's own text. It names a card, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Raw(pub Box<str>);

impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raw({} bytes)", self.0.len())
    }
}

/// A charge, or a part of one, as a box logged it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedCharge {
    /// The box's name of the charge point.
    pub charge_point: ExternalId,
    /// The name its owner had given it.
    pub charge_point_name: Option<String>,
    /// Serial number of the charge point.
    pub serial: Option<String>,
    /// When it began.
    pub begin: DateTime<Utc>,
    /// When it ended.
    pub end: Option<DateTime<Utc>>,
    /// The clocks were changed at one of these times, so that it may be an hour off.
    pub doubtful: bool,
    /// Energy of this row.
    pub energy: WattHours,
    /// Energy since plug-in, rows before it included.
    pub since_plug_in: Option<WattHours>,
    /// Meter reading at the begin.
    pub meter_start: Option<WattHours>,
    /// Meter reading at the end.
    pub meter_end: Option<WattHours>,
    /// For how long energy flowed.
    pub charged: Option<Duration>,
    /// Mean power while it flowed.
    pub mean_power: Option<Watts>,
    /// Cost in euros, as the box reckons.
    pub cost: Option<f64>,
    /// Charge mode.
    pub mode: Option<ChargeMode>,
    /// The vehicle.
    pub vehicle: Option<VehicleRef>,
    /// The card that was scanned.
    pub tag: Option<Tag>,
    /// State of charge at the begin.
    pub soc_start: Option<Percent>,
    /// State of charge at the end.
    pub soc_end: Option<Percent>,
    /// Range charged, in the box's unit.
    pub range: Option<f64>,
    /// Where the energy came from, as fractions.
    pub parts: Option<Parts>,
    /// When its source wrote it down, which may be long after the end.
    pub created: Option<DateTime<Utc>>,
    /// Its source says that something went wrong: the energy may be wrong, or zero.
    pub faulted: bool,
}

/// A row that its source goes on showing and may change: the record of a cloud.
///
/// What it says beside the row is known also of rows that cannot be read otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudRow {
    /// The row.
    pub row: LogRow,
    /// The source's name of the charge point.
    pub charge_point: ExternalId,
    /// When its source wrote it down.
    pub created: Option<DateTime<Utc>>,
    /// Energy, if told.
    pub energy: Option<WattHours>,
}

/// What became of rows that were to be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptRows {
    /// Rows that were not there.
    pub new: u64,
    /// Rows that were there with another text, which is kept too, or seemed to be gone.
    pub changed: u64,
}

/// The kept rows of one charge point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowSums {
    /// All that are kept.
    pub rows: u64,
    /// Those that cannot be read.
    pub unreadable: u64,
    /// Energy of all that say one.
    pub energy: WattHours,
    /// Those that the source no longer shows.
    pub gone: u64,
    /// Energy of these.
    pub gone_energy: WattHours,
    /// When the source wrote down the newest.
    pub newest: Option<DateTime<Utc>>,
    /// When the latest was added.
    pub added: Option<DateTime<Utc>>,
}

/// Where energy came from, as fractions that need not add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field is the source of that name")]
pub struct Parts {
    pub grid: f64,
    pub pv: f64,
    pub battery: f64,
    pub charge_point: f64,
}
