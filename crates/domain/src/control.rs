//! Control of a charge point: what may be asked of it, and how the live view proves that it was
//! done.
//!
//! A wallbox answers a command by what it reports next, not by a receipt. So a command counts as
//! done only when the charge point's own values show it ([`is_confirmed`]).

use std::time::Duration;

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::ids::ExternalId;
use crate::reading::{ChargeLimit, ChargeMode, VehicleRef};
use crate::snapshot::{ChargePoint, Device};
use crate::units::{Amperes, EurosPerKilowattHour, Percent, WattHours};

/// How long a wallbox may take to report a setting. openWB echoes within 50 ms.
const ECHO: Duration = Duration::from_secs(3);
/// Longest time-out of a watchdog: its register counts milliseconds in 16 bits (Elli Charger 2).
pub const LONGEST_WATCHDOG: Duration = Duration::from_millis(65_535);
/// Energy that a counter may show right after it was reset.
const NEXT_TO_NOTHING: WattHours = WattHours(100.0);
/// Control cycle of a box that did not tell its own.
const USUAL_CYCLE: Duration = Duration::from_secs(10);

/// What somebody wants of a charge point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Command {
    /// How to decide when and how fast to charge.
    Mode(ChargeMode),
    /// Current of instant charging.
    Current(Amperes),
    /// What ends a charge in the mode that is set.
    Limit(ChargeLimit),
    /// Least current of surplus charging; 0 A charges with surplus alone.
    MinCurrent(Amperes),
    /// State of charge up to which a vehicle charges without surplus.
    MinSoc(Percent),
    /// Highest price at which eco charging draws from the grid.
    MaxPrice(EurosPerKilowattHour),
    /// Lock or unlock.
    Locked(bool),
    /// Which vehicle is plugged in.
    Vehicle(ExternalId),
    /// Priority over other charge points.
    Priority(bool),
    /// State of charge that a person reads off the vehicle.
    VehicleSoc(Percent),
    /// Ask the vehicle for its state of charge now.
    QuerySoc,
    /// Count the energy towards the limit from zero.
    ResetEnergy,
    /// Highest current once the box has heard of nobody for too long; 0 A allows none.
    FailsafeCurrent(Amperes),
    /// For how long the box may hear of nobody until the fail-safe current applies; zero switches
    /// that off.
    Watchdog(Duration),
}

impl Command {
    /// Stable name of its kind, used in the store and the API.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Mode(_) => "mode",
            Self::Current(_) => "current",
            Self::Limit(_) => "limit",
            Self::MinCurrent(_) => "min_current",
            Self::MinSoc(_) => "min_soc",
            Self::MaxPrice(_) => "max_price",
            Self::Locked(_) => "locked",
            Self::Vehicle(_) => "vehicle",
            Self::Priority(_) => "priority",
            Self::VehicleSoc(_) => "vehicle_soc",
            Self::QuerySoc => "query_soc",
            Self::ResetEnergy => "reset_energy",
            Self::FailsafeCurrent(_) => "failsafe_current",
            Self::Watchdog(_) => "watchdog",
        }
    }
}

/// What a charge point is set to, as its box reports it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChargeSettings {
    /// The box's name of the profile that these settings are in: charge points with the same one
    /// change together. `None`: they are the charge point's own.
    pub profile: Option<CompactString>,
    /// The mode that is selected; the one in force may be another.
    pub mode: Option<ChargeMode>,
    /// Current of instant charging, as it was asked for: a box whose own limit is narrower offers
    /// less.
    pub current: Option<Amperes>,
    /// Limit of the selected mode.
    pub limit: Option<ChargeLimit>,
    /// Energy of the limit, whether or not it is the limit that counts.
    pub energy_limit: Option<WattHours>,
    /// State of charge of the limit, whether or not it is the limit that counts.
    pub soc_limit: Option<Percent>,
    /// Least current of surplus charging; 0 A charges with surplus alone.
    pub min_current: Option<Amperes>,
    /// State of charge up to which a vehicle charges without surplus; 0 % switches that off.
    pub min_soc: Option<Percent>,
    /// Highest price at which eco charging draws from the grid.
    pub max_price: Option<EurosPerKilowattHour>,
    /// Priority over other charge points.
    pub priority: Option<bool>,
    /// Whether charging at night is switched on (openWB 1.9).
    pub night_charging: Option<bool>,
    /// Highest current once the box has heard of nobody for too long (Elli Charger 2).
    pub failsafe_current: Option<Amperes>,
    /// How long that is; zero is never.
    pub watchdog: Option<Duration>,
}

/// For how long a change of settings holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// Until it is changed again; other charge points with the same profile change with it.
    ForGood,
    /// Until the vehicle is unplugged; then the profile holds again.
    UntilUnplug,
}

/// What may be asked of a charge point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Abilities {
    /// Modes to choose from.
    pub modes: Vec<ChargeMode>,
    /// Whether the mode is one for all charge points of the box (openWB 1.9).
    pub one_mode_for_all: bool,
    /// Bounds of the current of instant charging.
    pub current: Option<(Amperes, Amperes)>,
    /// A limit by energy can be set: its step, which is its least value too, and its most.
    pub energy_limit: Option<(WattHours, WattHours)>,
    /// A limit by state of charge can be set.
    pub soc_limit: bool,
    /// Bounds of the least current of surplus charging; 0 A is possible too.
    pub min_current: Option<(Amperes, Amperes)>,
    /// Whether that least current can be 0 A.
    pub min_current_zero: bool,
    /// The state of charge to reach without surplus can be set.
    pub min_soc: bool,
    /// The highest price can be set.
    pub max_price: bool,
    /// It can be locked.
    pub lock: bool,
    /// Priority can be set.
    pub priority: bool,
    /// Vehicles to choose from.
    pub vehicles: Vec<VehicleRef>,
    /// How the box learns the vehicle's state of charge, in its own word; `None`: not at all.
    pub soc_source: Option<Box<str>>,
    /// A person may tell the state of charge.
    pub vehicle_soc: bool,
    /// The vehicle can be asked for its state of charge.
    pub query_soc: bool,
    /// The energy towards the limit can be reset.
    pub reset_energy: bool,
    /// Bounds of the fail-safe current; 0 A is possible too.
    pub failsafe_current: Option<(Amperes, Amperes)>,
    /// The time-out of the watchdog can be set.
    pub watchdog: bool,
    /// For how long settings hold; `None` where the box does not tell, and none is put back.
    pub lasting: Option<Lasting>,
}

/// Why a command is not even sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// The charge point cannot do that.
    NotPossible,
    /// The value is out of bounds.
    OutOfRange,
    /// The card that was scanned decides which vehicle it is.
    CardDecides,
}

/// Whether a command can be sent to a charge point that is in that state.
///
/// # Errors
/// What speaks against it.
pub fn check(command: &Command, point: &ChargePoint) -> Result<(), Objection> {
    let Some(can) = point.abilities.as_ref().map(|dated| &dated.value) else {
        return Err(Objection::NotPossible);
    };
    let possible = match command {
        Command::Mode(mode) => can.modes.contains(mode),
        Command::Current(current) => return within(*current, can.current),
        Command::Limit(ChargeLimit::None) => can.energy_limit.is_some() || can.soc_limit,
        Command::Limit(ChargeLimit::Energy(energy)) => return stepped(*energy, can.energy_limit),
        Command::Limit(ChargeLimit::Soc(soc)) if can.soc_limit => return percent(*soc),
        Command::Limit(_) => false,
        Command::MinCurrent(current) if *current == Amperes::ZERO && can.min_current.is_some() => {
            can.min_current_zero
        }
        Command::MinCurrent(current) => return within(*current, can.min_current),
        Command::MinSoc(soc) if can.min_soc => return percent(*soc),
        Command::MaxPrice(price) if can.max_price => {
            return in_range((-1.0..=2.0).contains(&price.get()));
        }
        // openWB takes 0 % for no entry at all.
        Command::VehicleSoc(soc) if can.vehicle_soc => {
            return in_range(soc.get() >= 1.0).and(percent(*soc));
        }
        Command::FailsafeCurrent(current) if *current == Amperes::ZERO => {
            can.failsafe_current.is_some()
        }
        Command::FailsafeCurrent(current) => return within(*current, can.failsafe_current),
        Command::Watchdog(timeout) if can.watchdog => {
            let whole_millis = timeout.subsec_nanos() % 1_000_000 == 0;
            return in_range(*timeout <= LONGEST_WATCHDOG && whole_millis);
        }
        Command::Watchdog(_) => false,
        Command::MinSoc(_) | Command::MaxPrice(_) | Command::VehicleSoc(_) => false,
        Command::Locked(_) => can.lock,
        Command::Vehicle(_) if point.tag.is_some() => return Err(Objection::CardDecides),
        Command::Vehicle(vehicle) => can.vehicles.iter().any(|known| known.id == *vehicle),
        Command::Priority(_) => can.priority,
        Command::QuerySoc => can.query_soc,
        Command::ResetEnergy => can.reset_energy,
    };
    if possible {
        Ok(())
    } else {
        Err(Objection::NotPossible)
    }
}

fn within(current: Amperes, bounds: Option<(Amperes, Amperes)>) -> Result<(), Objection> {
    let (least, most) = bounds.ok_or(Objection::NotPossible)?;
    in_range(current >= least && current <= most && current.get().fract() == 0.0)
}

fn stepped(energy: WattHours, bounds: Option<(WattHours, WattHours)>) -> Result<(), Objection> {
    let (step, most) = bounds.ok_or(Objection::NotPossible)?;
    in_range(energy >= step && energy <= most && energy.get() % step.get() == 0.0)
}

fn percent(value: Percent) -> Result<(), Objection> {
    in_range((0.0..=100.0).contains(&value.get()) && value.get().fract() == 0.0)
}

const fn in_range(is: bool) -> Result<(), Objection> {
    if is {
        Ok(())
    } else {
        Err(Objection::OutOfRange)
    }
}

/// How long to wait for the box to report what was asked, with a control cycle of that length.
#[must_use]
pub fn patience(command: &Command, cycle: Option<Duration>) -> Duration {
    match command {
        // These show only after the box has gone through its next cycle.
        Command::Vehicle(_) | Command::VehicleSoc(_) | Command::QuerySoc | Command::ResetEnergy => {
            ECHO.max(cycle.unwrap_or(USUAL_CYCLE) * 3 / 2)
        }
        _ => ECHO,
    }
}

/// Whether the settings are what a command asks for; `None` for a command that is about none of
/// them.
#[must_use]
pub fn is_set(command: &Command, settings: &ChargeSettings) -> Option<bool> {
    Some(match command {
        Command::Mode(mode) => settings.mode.as_ref() == Some(mode),
        Command::Current(current) => settings.current == Some(*current),
        Command::Limit(limit) => settings.limit == Some(*limit),
        Command::MinCurrent(current) => settings.min_current == Some(*current),
        Command::MinSoc(soc) => settings.min_soc == Some(*soc),
        // The box keeps €/Wh, so that the last digit may differ.
        Command::MaxPrice(price) => settings
            .max_price
            .is_some_and(|shown| (shown - *price).get().abs() < 1e-6),
        Command::Priority(priority) => settings.priority == Some(*priority),
        Command::FailsafeCurrent(current) => settings.failsafe_current == Some(*current),
        Command::Watchdog(timeout) => settings.watchdog == Some(*timeout),
        _ => return None,
    })
}

/// The command that puts things back as they are now; `None` where there is none, or where it is
/// not known how they are.
#[must_use]
pub fn inverse(command: &Command, settings: &ChargeSettings) -> Option<Command> {
    match command {
        Command::Mode(_) => settings.mode.clone().map(Command::Mode),
        Command::Current(_) => settings.current.map(Command::Current),
        Command::Limit(_) => settings.limit.map(Command::Limit),
        Command::MinCurrent(_) => settings.min_current.map(Command::MinCurrent),
        Command::MinSoc(_) => settings.min_soc.map(Command::MinSoc),
        Command::MaxPrice(_) => settings.max_price.map(Command::MaxPrice),
        Command::Priority(_) => settings.priority.map(Command::Priority),
        _ => None,
    }
}

/// Whether a setting is to be put back by `back`: it is as one of `set_to` left it, and not already as
/// it was before.
#[must_use]
pub fn is_to_put_back(back: &Command, set_to: &[Command], shown: &ChargeSettings) -> bool {
    let shows = |command| is_set(command, shown) == Some(true);
    !shows(back) && set_to.iter().any(shows)
}

/// What a command changes: the box's profile, all of the box, or the charge point alone. Charge
/// points with the same scope share the setting.
#[must_use]
pub fn scope(command: &Command, device: &Device) -> CompactString {
    let point = &device.charge_point;
    let profile = point
        .settings
        .as_ref()
        .and_then(|set| set.value.profile.clone());
    let one_for_all = point
        .abilities
        .as_ref()
        .is_some_and(|can| can.value.one_mode_for_all)
        && matches!(command, Command::Mode(_) | Command::MinCurrent(_));
    match profile {
        Some(profile) => profile,
        None if one_for_all => CompactString::const_new("box"),
        None => device.external_id.0.clone(),
    }
}

/// Whether the charge point reports what a command sent at `sent` asked for. `before` is the
/// charge point as it was then: what had been told before proves nothing.
#[must_use]
pub fn is_confirmed(
    command: &Command,
    point: &ChargePoint,
    before: &ChargePoint,
    sent: DateTime<Utc>,
) -> bool {
    let settings = point.settings.as_ref();
    if let Some(is_set) = settings.and_then(|settings| is_set(command, &settings.value)) {
        return is_set;
    }
    match command {
        Command::Locked(locked) => point.locked.is_some_and(|shown| shown.value == *locked),
        Command::Vehicle(vehicle) => point
            .vehicle
            .as_ref()
            .is_some_and(|shown| shown.value.id == *vehicle),
        Command::VehicleSoc(soc) => point
            .vehicle_battery
            .is_some_and(|shown| shown.at >= sent && (shown.value.soc - *soc).get().abs() < 0.5),
        // The vehicle's own time: a value that is merely repeated keeps it.
        Command::QuerySoc => {
            let told = |point: &ChargePoint| point.vehicle_battery.map(|shown| shown.value.at);
            told(point).is_some() && told(point) > told(before)
        }
        Command::ResetEnergy => point
            .towards_limit
            .is_some_and(|shown| shown.value.get() < NEXT_TO_NOTHING.get()),
        // Without settings there is nothing that could show them.
        _ => false,
    }
}

#[cfg(test)]
mod tests;
