//! Rows of a charge log.

use std::fmt;
use std::time::Duration;

use chrono::NaiveDateTime;
use thiserror::Error;

use crate::reading::{ChargeMode, Tag, v1_9};

/// A charge, or a part of one.
///
/// A box of generation 2.x cuts a charge at every change of its mode and when it is locked or
/// unlocked, so one plug-in makes several rows. Rows have no id: charge point and begin are what
/// tells them apart.
#[derive(Clone, PartialEq)]
pub struct Row {
    /// The row as the box wrote it. It holds the full number of the tag.
    pub raw: Box<str>,
    /// Charge point id; in 1.9 its number, 1 to 8.
    pub charge_point: u32,
    /// Name of the charge point at that time.
    pub charge_point_name: Option<Box<str>>,
    /// Serial number of the charge point (since 2.1.4).
    pub serial_number: Option<Box<str>>,
    /// Local time of the box: plug-in or the cut before, up to 2.1.8 the start of charging.
    pub begin: NaiveDateTime,
    /// Local time of the box.
    pub end: Option<NaiveDateTime>,
    /// Energy of this row in Wh. The only one that may be summed.
    pub energy: f64,
    /// Energy since plug-in in Wh, which repeats that of the rows before.
    pub since_plugged: Option<f64>,
    /// Meter reading at the begin in Wh (since 2.1.4).
    pub meter_at_start: Option<f64>,
    /// Meter reading at the end in Wh (since 2.1.4).
    pub meter_at_end: Option<f64>,
    /// How long energy flowed, in whole minutes.
    pub duration: Option<Duration>,
    /// Mean power in W while energy flowed.
    pub mean_power: Option<f64>,
    /// Cost in €, as the box reckons.
    pub cost: Option<f64>,
    /// The charge mode.
    pub mode: Option<Mode>,
    /// The car. 1.9 knows none.
    pub vehicle: Option<Vehicle>,
    /// The tag the charge was authorised with.
    pub tag: Option<Tag>,
    /// State of charge at the begin in % (since 2.1.5).
    pub soc_at_start: Option<f64>,
    /// State of charge at the end in % (since 2.1.5).
    pub soc_at_end: Option<f64>,
    /// Range charged, in the installation's range unit; km in 1.9.
    pub range_charged: Option<f64>,
    /// Where the energy came from (since 2.1.5).
    pub sources: Option<PowerSources>,
}

/// Hides the raw text, which holds the full number of the tag.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("charge_point", &self.charge_point)
            .field("begin", &self.begin)
            .field("end", &self.end)
            .field("energy", &self.energy)
            .field("mode", &self.mode)
            .field("vehicle", &self.vehicle)
            .field("tag", &self.tag)
            .finish_non_exhaustive()
    }
}

/// The charge mode of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Of a box of generation 2.x.
    V2(ChargeMode),
    /// Of a box of generation 1.9.
    V1_9(v1_9::ChargeMode),
    /// Charging at night, which 1.9 logs like a mode of its own (7).
    Night,
}

/// The car of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vehicle {
    /// Vehicle id.
    pub id: u32,
    /// Its name at that time.
    pub name: Option<Box<str>>,
}

/// Where energy came from, as fractions between 0 and 1 that need not sum up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerSources {
    /// From the grid.
    pub grid: f64,
    /// From the sun.
    pub pv: f64,
    /// From the home battery.
    pub battery: f64,
    /// From another car.
    pub charge_point: f64,
}

/// A row that makes no sense.
#[derive(Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The row as the box wrote it, or what there is of it.
    pub raw: Box<str>,
    /// What is wrong with it.
    pub reason: Reason,
}

/// Hides the raw text, which may hold the full number of a tag.
impl fmt::Debug for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unreadable")
            .field("reason", &self.reason)
            .field("length", &self.raw.len())
            .finish()
    }
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Reason {
    /// The log breaks off here: the box was interrupted while it wrote.
    #[error("the log breaks off here")]
    Truncated,
    /// Not JSON, or not a list or an object where there must be one.
    #[error("not a charge log of openWB")]
    Form,
    /// A line with another number of columns than any release wrote.
    #[error("{found} columns instead of 7 to 10")]
    Columns {
        /// How many there are.
        found: usize,
    },
    /// Something a row is nothing without.
    #[error("no {field}, or one that makes no sense")]
    Missing {
        /// What it is.
        field: &'static str,
    },
}

impl Unreadable {
    pub(super) fn new(raw: &str, reason: Reason) -> Self {
        Self {
            raw: raw.into(),
            reason,
        }
    }
}
