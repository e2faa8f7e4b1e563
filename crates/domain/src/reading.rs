//! Readings: one observed fact about one device, as a source's adapter hands it on.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::control::{Abilities, ChargeSettings};
use crate::device::DeviceKind;
use crate::ids::ExternalId;
use crate::tag::Tag;
use crate::units::{
    Amperes, Celsius, Kilometres, Percent, VoltAmpereHours, VoltAmperes, Volts, WattHours, Watts,
};

/// One observed fact, already in Ladebuch's units and signs.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Which device of the source.
    pub device: ExternalDevice,
    /// What was observed.
    pub fact: Fact,
}

/// A device as its source knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExternalDevice {
    /// The part it plays, as far as the source says.
    pub kind: DeviceKind,
    /// The source's own name for it.
    pub id: ExternalId,
}

/// A fact about a device. `None` inside means that the source says it does not know.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The name that its owner gave it.
    Name(CompactString),
    /// Serial number of the device or its meter.
    Serial(Option<CompactString>),
    /// The source no longer has this device. Its history stays.
    Removed,

    /// Power, all phases.
    Power(Option<Watts>),
    /// Power of L1, L2, L3.
    PhasePowers(Option<[Watts; 3]>),
    /// Current of L1, L2, L3.
    PhaseCurrents(Option<[Amperes; 3]>),
    /// Voltage of L1, L2, L3.
    PhaseVoltages(Option<[Volts; 3]>),
    /// Apparent power, all phases, of a device that measures no active power.
    ApparentPower(Option<VoltAmperes>),
    /// Apparent energy since the device was installed.
    ApparentEnergy(Option<VoltAmpereHours>),
    /// Meter reading in the direction of positive power.
    Imported(Option<WattHours>),
    /// Meter reading in the direction of negative power.
    Exported(Option<WattHours>),
    /// Meter reading of PV production.
    Produced(Option<WattHours>),
    /// State of charge of a home battery.
    Soc(Option<Percent>),
    /// Health as the source sees it; `None` is healthy.
    Fault(Option<Fault>),

    /// A vehicle is connected.
    Plugged(Option<bool>),
    /// Energy flows.
    Charging(Option<bool>),
    /// The charge point is locked by hand.
    Locked(Option<bool>),
    /// Number of phases that the vehicle uses, 0 to 3.
    PhasesInUse(Option<u8>),
    /// Current that the wallbox lets the vehicle draw; 0 means it may not charge.
    OfferedCurrent(Option<Amperes>),
    /// The wallbox's own sentence about what it does and why.
    StateText(Option<Box<str>>),
    /// Tag that authorised the present plug-in.
    Tag(Option<Tag>),
    /// Vehicle assigned to the charge point.
    Vehicle(Option<VehicleRef>),
    /// The assigned vehicle's battery as the source knows it.
    VehicleBattery(Option<VehicleBattery>),
    /// Charge mode in force.
    Mode(Option<ChargeMode>),
    /// Priority over other charge points.
    Priority(Option<bool>),
    /// Limit that ends this charge.
    Limit(Option<ChargeLimit>),
    /// Energy charged since the vehicle was plugged in.
    SincePlugIn(Option<WattHours>),
    /// Energy that counts towards the limit, where that is not the energy since plug-in.
    TowardsLimit(Option<WattHours>),
    /// Apparent energy since the charge point was last switched on.
    ApparentSincePowerOn(Option<VoltAmpereHours>),
    /// Temperature inside the charge point.
    Temperature(Option<Celsius>),
    /// The state of its socket in the charge point's own letters, such as `C2`.
    BoxState(Option<CompactString>),
    /// What the charge point is set to.
    Settings(Option<Arc<ChargeSettings>>),
    /// What may be asked of the charge point.
    Abilities(Option<Arc<Abilities>>),
}

/// A fault or warning that a source reports for a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// How bad it is.
    pub level: FaultLevel,
    /// The source's own words.
    pub text: Box<str>,
}

/// How far a device's values can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultLevel {
    /// Something is odd; the values still hold.
    Warning,
    /// The device fails; its last values may be old.
    Error,
}

/// A vehicle as the source names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VehicleRef {
    /// The source's own name for it.
    pub id: ExternalId,
    /// The name its owner gave it.
    pub name: CompactString,
}

/// What a source knows of a vehicle's battery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VehicleBattery {
    /// State of charge.
    pub soc: Percent,
    /// When the vehicle said so.
    pub at: DateTime<Utc>,
    /// Range, if told.
    pub range: Option<Kilometres>,
}

/// How a charge point decides when and how fast to charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeMode {
    /// At once, with the set current.
    Instant,
    /// With a least current always, with more on surplus (openWB 1.9).
    MinPv,
    /// On surplus, optionally with a minimum current.
    Pv,
    /// On surplus or while the price is low.
    Eco,
    /// To be ready at a set time.
    Scheduled,
    /// Within set hours.
    Time,
    /// Not at all.
    Stop,
    /// Not at all, but ready (openWB 1.9 and early 2.x).
    Standby,
    /// A mode this version does not know; the source's own word.
    Other(CompactString),
}

/// What ends a charge before the vehicle is full.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeLimit {
    /// Nothing.
    None,
    /// Energy since plug-in.
    Energy(WattHours),
    /// State of charge of the vehicle.
    Soc(Percent),
}
