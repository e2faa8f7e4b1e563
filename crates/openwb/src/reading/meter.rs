//! Measurements, the same for everything that has a meter.

use super::Text;

/// One value per phase: L1, L2, L3.
pub type Phases = [f64; 3];

/// What a [`Meter`] value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metered {
    /// A counter. The first root of the hierarchy is the grid connection point.
    Counter(u32),
    /// One inverter.
    Inverter(u32),
    /// The sum of all inverters. Published on change only.
    AllInverters,
    /// One home battery.
    Battery(u32),
    /// The sum of all home batteries. Published on change only.
    AllBatteries,
    /// One charge point.
    ChargePoint(u32),
    /// The sum of all charge points. Published on change only.
    AllChargePoints,
    /// The house itself, without charge points: computed by openWB, not metered.
    Home,
}

/// A measured quantity in openWB's units and signs.
///
/// Power: counter + import, − export; inverter − production (a positive value is standby draw);
/// battery + charging, − discharging; charge point + charging. Currents and powers per phase
/// carry the same sign. Energies are meter readings ≥ 0 that only rise: an inverter's production
/// is `Exported`, what went into a battery or a car is `Imported`.
#[derive(Debug, Clone, PartialEq)]
pub enum Meter {
    /// Power in W.
    Power(Option<f64>),
    /// Power per phase in W.
    Powers(Option<Phases>),
    /// Current per phase in A.
    Currents(Option<Phases>),
    /// Voltage per phase in V.
    Voltages(Option<Phases>),
    /// Power factor per phase, −1…1.
    PowerFactors(Option<Phases>),
    /// Grid frequency in Hz.
    Frequency(Option<f64>),
    /// Imported energy in Wh.
    Imported(Option<f64>),
    /// Exported energy in Wh.
    Exported(Option<f64>),
    /// Imported energy of the running day in Wh. Published every five minutes.
    DailyImported(Option<f64>),
    /// Exported energy of the running day in Wh. Published every five minutes.
    DailyExported(Option<f64>),
    /// Exported energy of the running month in Wh.
    MonthlyExported(Option<f64>),
    /// Exported energy of the running year in Wh.
    YearlyExported(Option<f64>),
    /// State of charge of a home battery in %.
    Soc(Option<f64>),
    /// Highest possible charging power in W; 0 when unlimited or unknown to the box.
    MaxChargePower(Option<f64>),
    /// Highest possible discharging power in W.
    MaxDischargePower(Option<f64>),
    /// Configured limit of the current per phase in A.
    MaxCurrents(Option<Phases>),
    /// Configured limit of the total power in W.
    MaxTotalPower(Option<f64>),
    /// Power in W that load management assumes while the meter is faulty.
    MaxPowerOnError(Option<f64>),
    /// Whether at least one such device is configured (all inverters, all batteries).
    Configured(Option<bool>),
    /// Health. In state [`FaultState::Error`] the other values may be stale.
    Fault(Option<FaultState>),
    /// The sentence that belongs to `Fault`.
    FaultText(Option<Text>),
    /// What the device is doing and why, as a sentence; explains refusals.
    StateText(Option<Text>),
    /// Serial number of the meter.
    SerialNumber(Option<Box<str>>),
}

/// openWB's health levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultState {
    /// No fault.
    Ok,
    /// Works, with a warning.
    Warning,
    /// Does not work; values may be stale.
    Error,
}
