//! Vehicles.

use super::{FaultState, Tag, Text};

/// Facts about a vehicle.
#[derive(Debug, Clone, PartialEq)]
pub enum Vehicle {
    /// Name given by the owner; `None` when the vehicle was removed.
    Name(Option<Box<str>>),
    /// Tags that select this vehicle. openWB compares them exactly and case-sensitively first.
    Tags(Option<Box<[Tag]>>),
    /// Its charge template.
    ChargeTemplate(Option<u32>),
    /// Its vehicle template.
    VehicleTemplate(Option<u32>),
    /// Colour in openWB's own charts, `#rrggbb` (since 2.3).
    Color(Option<Box<str>>),
    /// Make and model.
    Model {
        /// Make, e.g. `VW`.
        manufacturer: Option<Box<str>>,
        /// Model, e.g. `ID.4`.
        model: Option<Box<str>>,
    },
    /// State of charge in %.
    Soc(Option<f64>),
    /// When `Soc` was read, unix seconds.
    SocAt(Option<f64>),
    /// When `Soc` was asked for last, unix seconds.
    SocRequestedAt(Option<f64>),
    /// Range, in the installation's range unit.
    Range(Option<f64>),
    /// Odometer, in the installation's range unit.
    Odometer(Option<f64>),
    /// Health of the query.
    Fault(Option<FaultState>),
    /// The sentence that belongs to `Fault`.
    FaultText(Option<Text>),
    /// Whether a query is requested.
    SocUpdateRequested(Option<bool>),
    /// Where the state of charge comes from: `manual`, `mqtt`, a maker's cloud …; `None` without a module.
    /// The rest of that document holds credentials and is never read.
    SocModule(Option<Box<str>>),
    /// When the state of charge is queried.
    SocPolling(Option<Box<SocPolling>>),
    /// A state of charge entered by hand that was not used yet, in %.
    ManualSoc(Option<f64>),
}

/// When a vehicle's state of charge is queried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocPolling {
    /// Take the value the charge point reads through the cable.
    pub use_soc_from_charge_point: Option<bool>,
    /// Seconds between queries while charging.
    pub interval_charging: Option<u32>,
    /// Seconds between queries otherwise.
    pub interval_idle: Option<u32>,
    /// Query only while plugged in.
    pub only_plugged: Option<bool>,
}
