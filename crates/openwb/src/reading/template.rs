//! Charge templates, vehicle templates and charge point templates.

use std::fmt;

use super::Tag;

/// A charge template ("Lade-Profil"): how to charge.
///
/// The box does not validate these documents: it republishes whatever a client wrote. So every
/// field is optional and a field of the wrong type counts as absent.
#[derive(Clone, PartialEq)]
pub struct ChargeTemplate {
    /// Template id.
    pub id: Option<u32>,
    /// Name given by the owner.
    pub name: Option<Box<str>>,
    /// Priority over other charge points.
    pub priority: Option<bool>,
    /// Assign the standard vehicle after unplugging.
    pub load_default: Option<bool>,
    /// The selected mode.
    pub selected: Option<ChargeMode>,
    /// Settings of [`ChargeMode::Instant`].
    pub instant: Instant,
    /// Settings of [`ChargeMode::Pv`].
    pub pv: Pv,
    /// Settings of [`ChargeMode::Eco`].
    pub eco: Eco,
    /// Plans of [`ChargeMode::Scheduled`].
    pub scheduled: Box<[ScheduledPlan]>,
    /// Whether time plans are on. They work on top of every mode except stop.
    pub time_charging_active: Option<bool>,
    /// Time plans.
    pub time_plans: Box<[TimePlan]>,
    /// The document as received: a write must send the *whole* document back, changed.
    pub raw: Box<str>,
}

impl fmt::Debug for ChargeTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChargeTemplate")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("selected", &self.selected)
            .field("instant", &self.instant)
            .field("pv", &self.pv)
            .field("eco", &self.eco)
            .field("priority", &self.priority)
            .finish_non_exhaustive()
    }
}

/// Charge modes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ChargeMode {
    /// Charge at once with a fixed current.
    Instant,
    /// Charge with surplus, with a minimum current if one is set.
    Pv,
    /// Charge with surplus, or with a fixed current while the price is low.
    Eco,
    /// Reach a target at a time.
    Scheduled,
    /// Charge in time windows. Never selected: it works on top of other modes.
    Time,
    /// Do not charge.
    Stop,
    /// Do not charge, wait (before 2.1.8).
    Standby,
    /// A mode this version of the crate does not know.
    Other(Box<str>),
}

impl ChargeMode {
    /// The mode as openWB 2.x writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Instant => "instant_charging",
            Self::Pv => "pv_charging",
            Self::Eco => "eco_charging",
            Self::Scheduled => "scheduled_charging",
            Self::Time => "time_charging",
            Self::Stop => "stop",
            Self::Standby => "standby",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for ChargeMode {
    fn from(name: &str) -> Self {
        match name {
            "instant_charging" => Self::Instant,
            "pv_charging" => Self::Pv,
            "eco_charging" => Self::Eco,
            "scheduled_charging" => Self::Scheduled,
            "time_charging" => Self::Time,
            "stop" => Self::Stop,
            "standby" => Self::Standby,
            other => Self::Other(other.into()),
        }
    }
}

/// Settings of instant charging.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Instant {
    /// Current in A.
    pub current: Option<f64>,
    /// Current in A for DC charging.
    pub dc_current: Option<f64>,
    /// Phases: 1, 3, or 0 to keep.
    pub phases_to_use: Option<u8>,
    /// When to stop.
    pub limit: Limit,
}

/// Settings of surplus charging.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pv {
    /// Minimum current in A; 0 charges with surplus only.
    pub min_current: Option<f64>,
    /// Charge regardless of surplus below this state of charge in %.
    pub min_soc: Option<f64>,
    /// Current in A while below `min_soc`.
    pub min_soc_current: Option<f64>,
    /// Phases: 1, 3, or 0 for automatic.
    pub phases_to_use: Option<u8>,
    /// Phases while below `min_soc`.
    pub phases_to_use_min_soc: Option<u8>,
    /// Respect the feed-in limit.
    pub feed_in_limit: Option<bool>,
    /// When to stop.
    pub limit: Limit,
}

/// Settings of eco charging.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Eco {
    /// Current in A while the price is low.
    pub current: Option<f64>,
    /// Highest price in € per Wh.
    pub max_price: Option<f64>,
    /// Phases: 1 or 3.
    pub phases_to_use: Option<u8>,
    /// When to stop.
    pub limit: Limit,
}

/// When a charge stops by itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limit {
    /// Which of the two limits counts.
    pub selected: Option<LimitKind>,
    /// Energy in Wh, counted from plug-in.
    pub amount: Option<f64>,
    /// State of charge in %.
    pub soc: Option<f64>,
}

/// Kinds of limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitKind {
    /// No limit.
    None,
    /// Energy since plug-in.
    Amount,
    /// State of charge. Ignored by the box while it is unknown.
    Soc,
}

/// A plan of scheduled charging.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduledPlan {
    /// Plan id.
    pub id: Option<u32>,
    /// Name given by the owner.
    pub name: Option<Box<str>>,
    /// Whether the plan is on.
    pub active: Option<bool>,
    /// Local time of the box, `HH:MM`.
    pub time: Option<Box<str>>,
    /// `daily`, `weekly` or `once`.
    pub frequency: Option<Box<str>>,
    /// Current in A.
    pub current: Option<f64>,
    /// What to reach: energy or state of charge.
    pub limit: Limit,
}

/// A plan of time charging.
#[derive(Debug, Clone, PartialEq)]
pub struct TimePlan {
    /// Plan id.
    pub id: Option<u32>,
    /// Name given by the owner.
    pub name: Option<Box<str>>,
    /// Whether the plan is on.
    pub active: Option<bool>,
    /// Local times of the box, `HH:MM`: begin and end.
    pub time: Option<[Box<str>; 2]>,
    /// `daily`, `weekly` or `once`.
    pub frequency: Option<Box<str>>,
    /// Current in A.
    pub current: Option<f64>,
    /// When to stop.
    pub limit: Limit,
}

/// A vehicle template ("Fahrzeug-Profil").
#[derive(Debug, Clone, PartialEq)]
pub struct VehicleTemplate {
    /// Template id.
    pub id: Option<u32>,
    /// Name given by the owner.
    pub name: Option<Box<str>>,
    /// Highest current in A on three phases.
    pub max_current_multi_phases: Option<f64>,
    /// Highest current in A on one phase.
    pub max_current_single_phase: Option<f64>,
    /// Phases the car can use.
    pub max_phases: Option<u8>,
    /// Lowest current in A.
    pub min_current: Option<f64>,
    /// Battery capacity in Wh.
    pub battery_capacity: Option<f64>,
    /// Consumption in Wh per 100 km.
    pub average_consumption: Option<f64>,
    /// Charging efficiency in %.
    pub efficiency: Option<f64>,
    /// Whether the car can feed back.
    pub bidirectional: Option<bool>,
}

/// A charge point template ("Ladepunkt-Profil").
#[derive(Debug, Clone, PartialEq)]
pub struct ChargePointTemplate {
    /// Template id.
    pub id: Option<u32>,
    /// Name given by the owner.
    pub name: Option<Box<str>>,
    /// `AC` or `DC`.
    pub charging_type: Option<Box<str>>,
    /// Highest current in A on three phases.
    pub max_current_multi_phases: Option<f64>,
    /// Highest current in A on one phase.
    pub max_current_single_phase: Option<f64>,
    /// Lock after unplugging.
    pub disable_after_unplug: Option<bool>,
    /// Tags that may charge here without selecting a vehicle. Compared exactly.
    pub valid_tags: Box<[Tag]>,
    /// Whether the automatic lock is on.
    pub autolock_active: Option<bool>,
}
