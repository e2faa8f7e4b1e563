//! Charge points.

use super::{ChargeTemplate, FaultState, Tag, Text};

/// Facts about a charge point. Its measurements arrive as [`super::Meter`].
#[derive(Debug, Clone, PartialEq)]
pub enum ChargePoint {
    /// Configuration. The ids with a configuration are the charge points that exist.
    Config(Option<Box<ChargePointConfig>>),
    /// Whether a cable or car is plugged in.
    Plugged(Option<bool>),
    /// Whether energy flows.
    Charging(Option<bool>),
    /// Phases in use, 0–3. Keeps its last value when charging ends.
    PhasesInUse(Option<u8>),
    /// Current signalled to the car, in A.
    EvseCurrent(Option<f64>),
    /// Highest current the EVSE can signal, in A.
    MaxEvseCurrent(Option<f64>),
    /// How the EVSE signals (ISO 15118).
    EvseSignaling(Option<Box<str>>),
    /// A tag was scanned and not used yet. With a car plugged in it shows for about 100 ms only;
    /// tags openWB does not know show up here and nowhere else.
    ScannedTag(Option<Tag>),
    /// When the tag was scanned, unix seconds.
    ScannedTagAt(Option<f64>),
    /// The tag that authorised the running plug-in; `None` after unplugging.
    AuthorisedTag(Option<Tag>),
    /// MAC the car identified itself with (openWB Pro).
    VehicleMac(Option<Tag>),
    /// State of charge read through the cable in %, not the vehicle module's.
    CableSoc(Option<f64>),
    /// When `CableSoc` was read, unix seconds.
    CableSocAt(Option<f64>),
    /// Firmware of the charge point.
    FirmwareVersion(Option<Box<str>>),
    /// DC current in A (DC charging).
    ChargingCurrent(Option<f64>),
    /// DC power in W (DC charging).
    ChargingPower(Option<f64>),
    /// DC voltage in V (DC charging).
    ChargingVoltage(Option<f64>),
    /// The vehicle assigned at the moment: the best source for "which car".
    ConnectedVehicle(Option<Box<VehicleInfo>>),
    /// What the assigned vehicle is charged with at the moment.
    ConnectedConfig(Option<Box<ConnectedConfig>>),
    /// State of charge of the assigned vehicle.
    ConnectedSoc(Option<Box<ConnectedSoc>>),
    /// The working copy of the charge template. Absent before 2.1.8.
    ChargeTemplate(Option<Box<ChargeTemplate>>),
    /// Current released by the regulation in A; 0 stops the charge.
    OfferedCurrent(Option<f64>),
    /// Phases the regulation wants to use.
    PhasesToUse(Option<u8>),
    /// Whether the charge point is locked by hand.
    Locked(Option<bool>),
    /// State of the automatic lock, 0–4.
    AutolockState(Option<u8>),
    /// Counters of the running plug-in.
    Log(Option<Box<SessionLog>>),
}

/// Configuration of a charge point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargePointConfig {
    /// Name given by the owner.
    pub name: Option<Box<str>>,
    /// Hardware as openWB names it, e.g. `internal_openwb`, `openwb_pro`.
    pub hardware: Option<Box<str>>,
    /// Assigned vehicle. Some releases keep it under `_ev`, or leave a stale `_ev` beside `ev`.
    /// [`ChargePoint::ConnectedVehicle`] is the better source.
    pub vehicle: Option<u32>,
    /// Charge point template.
    pub template: Option<u32>,
    /// Connected phases, 1 or 3.
    pub connected_phases: Option<u8>,
    /// Which grid phase is the charge point's first.
    pub phase_1: Option<u8>,
    /// Whether it can switch between one and three phases.
    pub phase_switch: Option<bool>,
    /// `AC` or `DC`.
    pub charging_type: Option<Box<str>>,
    /// Colour in openWB's own charts, `#rrggbb`.
    pub color: Option<Box<str>>,
    /// Whether openWB's own interface shows it.
    pub visible: Option<bool>,
}

/// A vehicle's id and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VehicleInfo {
    /// Vehicle id.
    pub id: Option<u32>,
    /// Name given by the owner.
    pub name: Option<Box<str>>,
}

/// What the assigned vehicle is charged with.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectedConfig {
    /// Charge template of the vehicle.
    pub charge_template: Option<u32>,
    /// Vehicle template of the vehicle.
    pub vehicle_template: Option<u32>,
    /// The charge mode in effect.
    pub charge_mode: Option<super::ChargeMode>,
    /// Whether the charge has priority over others.
    pub priority: Option<bool>,
    /// Whether a time plan overrides the mode. Lags one control cycle.
    pub time_charging_in_use: Option<bool>,
    /// The plan of scheduled charging in effect.
    pub current_plan: Option<Box<str>>,
    /// Consumption of the car in Wh per 100 km.
    pub average_consumption: Option<f64>,
}

/// State of charge of the assigned vehicle.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectedSoc {
    /// State of charge in %. openWB reports 0 without a time for cars it knows nothing about:
    /// that is `None` here.
    pub soc: Option<f64>,
    /// When it was read or computed, unix seconds.
    pub at: Option<f64>,
    /// Range in `range_unit`.
    pub range: Option<f64>,
    /// Range charged since plugging in, in `range_unit`.
    pub range_charged: Option<f64>,
    /// Unit of ranges, e.g. `km`.
    pub range_unit: Option<Box<str>>,
    /// Health of the query.
    pub fault: Option<FaultState>,
    /// The sentence that belongs to `fault`.
    pub fault_text: Option<Text>,
}

/// Counters of the running plug-in, in Wh and seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionLog {
    /// Meter reading at plug-in; 0 means that nothing was recorded yet.
    pub imported_at_plug_in: Option<f64>,
    /// Energy since plug-in.
    pub imported_since_plug_in: Option<f64>,
    /// Meter reading at the last cut of the log (mode change, lock).
    pub imported_at_mode_switch: Option<f64>,
    /// Energy since the last cut of the log.
    pub imported_since_mode_switch: Option<f64>,
    /// Energy fed back since plug-in (bidirectional charging).
    pub exported_since_plug_in: Option<f64>,
    /// Charge mode of the running segment; `None` until charging started.
    pub charge_mode: Option<super::ChargeMode>,
    /// When the running segment began, unix seconds.
    pub mode_switch_at: Option<f64>,
    /// When charging began, unix seconds.
    pub charging_since: Option<f64>,
    /// When charging ended, unix seconds.
    pub ended_at: Option<f64>,
    /// Charging time of the segment in seconds.
    pub time_charged: Option<f64>,
    /// Where the energy came from. Updated every five minutes.
    pub energy_by_source: Option<EnergyBySource>,
    /// Costs in €. Updated every five minutes.
    pub costs: Option<f64>,
    /// Vehicle of the segment.
    pub vehicle: Option<u32>,
    /// Whether the charge had priority.
    pub priority: Option<bool>,
    /// Tag of the segment.
    pub tag: Option<Tag>,
    /// State of charge at the start in %.
    pub soc_at_start: Option<f64>,
    /// Range at the start.
    pub range_at_start: Option<f64>,
    /// Range charged.
    pub range_charged: Option<f64>,
    /// Odometer of the car.
    pub odometer: Option<f64>,
    /// Serial number of the charge point's meter.
    pub serial_number: Option<Box<str>>,
}

/// Energy by where it came from, in Wh.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EnergyBySource {
    /// From the grid.
    pub grid: f64,
    /// From own solar production.
    pub pv: f64,
    /// From the home battery.
    pub battery: f64,
    /// From other cars.
    pub charge_points: f64,
}
