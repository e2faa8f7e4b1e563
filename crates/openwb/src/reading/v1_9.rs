//! What an openWB 1.9 says.
//!
//! The box has one mode for all charge points, no vehicles and no templates; a value per phase has
//! a topic of its own. Units are the crate's (W, Wh, A, V, %, € per Wh, seconds), whatever the box
//! writes; signs are openWB's own. `None` is *unknown*: the payload was empty or blank, or says by
//! a stand-in value that there is none.
//!
//! The version stays [`super::System::Version`], which names the generation.

use std::fmt;

use super::{FaultState, PriceSlot, Tag, Text};

/// One observed fact of a box of generation 1.9.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// The box itself: heartbeat, addresses, updates, scanned tags.
    System(System),
    /// What holds for the whole installation: charge mode, tariff, settings.
    Global(Global),
    /// A measurement of anything that is metered.
    Meter {
        /// What was measured.
        of: Metered,
        /// The measured quantity.
        value: Meter,
    },
    /// A fact about a charge point, or one of its settings.
    ChargePoint {
        /// Number of the charge point, 1–8. The topics of all eight exist; the real ones are those
        /// with [`ChargePoint::Configured`].
        number: u8,
        /// The fact.
        value: ChargePoint,
    },
}

/// What a [`Meter`] value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metered {
    /// The grid connection point (`evu`).
    Grid,
    /// The sum of all inverters.
    AllInverters,
    /// One inverter, 1 or 2.
    Inverter(u8),
    /// The home battery.
    Battery,
    /// One charge point, 1–8.
    ChargePoint(u8),
    /// The sum of all charge points.
    AllChargePoints,
    /// The house itself, without charge points: computed by openWB, not metered.
    House,
}

/// A phase of the grid, or of a charge point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// The first.
    L1,
    /// The second.
    L2,
    /// The third.
    L3,
}

/// A measured quantity in openWB's signs, the same as in [`super::Meter`]: grid + import,
/// inverter − production, battery + charging, charge point + charging. An inverter's production
/// is `Exported`, what went into a battery or a car is `Imported`.
///
/// A box without such a meter says 0, not nothing: voltages of 0 V are common.
#[derive(Debug, Clone, PartialEq)]
pub enum Meter {
    /// Power in W.
    Power(Option<f64>),
    /// Power smoothed by the box for its regulation, in W.
    SmoothedPower(Option<f64>),
    /// Power of a phase in W.
    PhasePower(Phase, Option<f64>),
    /// Current of a phase in A.
    Current(Phase, Option<f64>),
    /// Voltage of a phase in V.
    Voltage(Phase, Option<f64>),
    /// Power factor of a phase, −1…1.
    PowerFactor(Phase, Option<f64>),
    /// Difference between the phases with the highest and the lowest current, in A.
    Imbalance(Option<f64>),
    /// Grid frequency in Hz.
    Frequency(Option<f64>),
    /// Imported energy in Wh.
    Imported(Option<f64>),
    /// Exported energy in Wh.
    Exported(Option<f64>),
    /// Imported energy of the running day in Wh.
    DailyImported(Option<f64>),
    /// Exported energy of the running day in Wh.
    DailyExported(Option<f64>),
    /// Exported energy of the running month in Wh.
    MonthlyExported(Option<f64>),
    /// Exported energy of the running year in Wh.
    YearlyExported(Option<f64>),
    /// State of charge of the home battery in %.
    Soc(Option<f64>),
    /// Whether there is such a device (inverter, home battery).
    Configured(Option<bool>),
    /// Health. In state [`FaultState::Error`] the other values may be stale.
    Fault(Option<FaultState>),
    /// The sentence that belongs to `Fault`.
    FaultText(Option<Text>),
    /// Serial number of the meter.
    SerialNumber(Option<Box<str>>),
}

/// Facts about the box.
#[derive(Debug, Clone, PartialEq)]
pub enum System {
    /// The heartbeat: the box's clock in unix seconds, every loop (5 or 10 s).
    Time(Option<f64>),
    /// How many charge points there are, 1–8.
    ChargePoints(Option<u8>),
    /// True while an update runs.
    UpdateInProgress(Option<bool>),
    /// Price of energy in the charge log, in € per Wh.
    EnergyPrice(Option<f64>),
    /// The tag scanned last, whether it was of use or not. Stays until the next one.
    LastTag(Option<Box<Scan>>),
    /// IP address in the home network.
    IpAddress(Option<Box<str>>),
    /// Git commit of the software.
    Commit(Option<Box<str>>),
    /// Git branch of the software.
    Branch(Option<Box<str>>),
    /// A part of the charge log of the month somebody asked for. The parts come in any order.
    LogPart {
        /// Which part, 1–12.
        number: u8,
        /// What it holds.
        part: LogPart,
    },
}

/// A part of the charge log of a month, at most 25 lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogPart {
    /// Lines of the log.
    Lines(LogLines),
    /// Nothing: the month had fewer lines.
    Nothing,
    /// The box took the log back, about three seconds after it was asked for.
    TakenBack,
}

/// Lines of a charge log as the box keeps them: comma-separated, one charge a line, newest first.
///
/// They name RFID cards, so `Debug` shows how many there are and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct LogLines(Box<str>);

impl LogLines {
    /// Wraps the lines as received.
    #[must_use]
    pub fn new(lines: impl Into<Box<str>>) -> Self {
        Self(lines.into())
    }

    /// The lines. For parsing, not for logging.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LogLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogLines({} lines)", self.0.lines().count())
    }
}

/// A tag that was held to a reader.
///
/// The topic keeps the last one for ever: two of the same time are one scan.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// The tag.
    pub tag: Tag,
    /// When, in unix seconds of the box's clock. A box that another one controls leaves it out.
    pub at: Option<f64>,
}

/// What a tag did that was held to a charge point.
#[derive(Debug, Clone, PartialEq)]
pub struct TagScan {
    /// The tag and the time.
    pub scan: Scan,
    /// What came of it.
    pub outcome: ScanOutcome,
}

/// What came of a scanned tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScanOutcome {
    /// The tag is not allowed here (0).
    Refused,
    /// The tag unlocked the charge point (1).
    Unlocked,
    /// The tag switched the socket (2).
    Socket,
    /// An outcome this version of the crate does not know.
    Other(u32),
}

/// Facts and settings of the whole installation.
#[derive(Debug, Clone, PartialEq)]
pub enum Global {
    /// The charge mode of all charge points.
    ChargeMode(Option<ChargeMode>),
    /// What scanned tags do.
    Rfid(Option<RfidMode>),
    /// What the load management does at the moment, as a sentence.
    LoadManagement(Option<Text>),
    /// Whether the grid operator has switched charging off (ripple control).
    RippleControl(Option<bool>),
    /// Whether a dynamic tariff is set up.
    TariffEnabled(Option<bool>),
    /// Price of the dynamic tariff now, in € per Wh.
    CurrentPrice(Option<f64>),
    /// Highest price at which instant charging charges, in € per Wh.
    MaxPrice(Option<f64>),
    /// Prices of the dynamic tariff, by start of slot.
    Prices(Option<Box<[PriceSlot]>>),
    /// Least current of the mode [`ChargeMode::MinPv`] in A.
    MinPvCurrent(Option<f64>),
    /// With surplus, cars come before the home battery.
    VehiclesFirst(Option<bool>),
    /// Lowest current that may be set, in A.
    MinEvseCurrent(Option<f64>),
    /// Highest current that may be set, in A.
    MaxEvseCurrent(Option<f64>),
    /// True when another openWB controls this one: it does not regulate by itself.
    Secondary(Option<bool>),
}

/// Charge modes of 1.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChargeMode {
    /// At once with a fixed current (0).
    Instant,
    /// With a least current always, with more on surplus (1).
    MinPv,
    /// With surplus only (2).
    Pv,
    /// Not at all (3).
    Stop,
    /// Not at all, but ready (4).
    Standby,
    /// A mode this version of the crate does not know.
    Other(u32),
}

/// What scanned tags do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RfidMode {
    /// Tags are not read (0).
    Off,
    /// Tags switch the charge mode, or are noted for a charge point (1).
    Assign,
    /// Tags unlock a charge point (2).
    Unlock,
    /// A mode this version of the crate does not know.
    Other(u32),
}

/// Facts about a charge point, and its settings. Its measurements arrive as [`Meter`].
#[derive(Debug, Clone, PartialEq)]
pub enum ChargePoint {
    /// Whether it exists. The topics of one that does not hold defaults.
    Configured(Option<bool>),
    /// Name given by the owner.
    Name(Option<Box<str>>),
    /// Whether a cable or car is plugged in.
    Plugged(Option<bool>),
    /// Whether energy flows.
    Charging(Option<bool>),
    /// Whether the regulation lets it charge.
    Released(Option<bool>),
    /// Whether it is unlocked.
    Enabled(Option<bool>),
    /// Current released by the regulation in A.
    OfferedCurrent(Option<f64>),
    /// Phases in use, 0–3.
    PhasesInUse(Option<u8>),
    /// Seconds until the limit of the charge is reached. The box counts in minutes.
    TimeRemaining(Option<u32>),
    /// State of the automatic lock: 0 idle, 1 about to lock, 2 locked, 3 unlocked.
    AutolockState(Option<u8>),
    /// Whether an automatic lock is set up.
    AutolockConfigured(Option<bool>),
    /// Energy of the running charge in Wh; starts over when its limit is restarted.
    EnergyCharged(Option<f64>),
    /// Energy since plug-in in Wh.
    EnergySincePlugIn(Option<f64>),
    /// Meter reading at plug-in in Wh.
    MeterAtPlugIn(Option<f64>),
    /// Range charged, in km.
    RangeCharged(Option<f64>),
    /// Consumption of the car in Wh per 100 km.
    Consumption(Option<f64>),
    /// State of charge of the car in %: 0 too when none is set up, see `SocConfigured`. Charge
    /// points 1 and 2 only.
    Soc(Option<f64>),
    /// Whether the state of charge is known to the box at all.
    SocConfigured(Option<bool>),
    /// Whether it is entered by hand.
    SocManual(Option<bool>),
    /// Health of the query of the state of charge.
    SocFault(Option<FaultState>),
    /// The sentence that belongs to `SocFault`.
    SocFaultText(Option<Text>),
    /// The tag scanned last among those meant for this charge point. Stays until the next one.
    LastTag(Option<Box<Scan>>),
    /// The last tag that should unlock this charge point, and what came of it.
    TagScan(Option<Box<TagScan>>),
    /// Whether instant charging ends at an energy.
    EnergyLimitActive(Option<bool>),
    /// Whether instant charging ends at a state of charge.
    SocLimitActive(Option<bool>),
    /// Whether charging at night is switched on.
    NightCharging(Option<bool>),
    /// Whether it charges at the moment in order to be finished at a set time.
    FinishAtTime(Option<bool>),
    /// Instant charging: the current in A.
    InstantCurrent(Option<f64>),
    /// Instant charging: what ends it.
    InstantLimit(Option<Limit>),
    /// Instant charging: the energy of the limit in Wh.
    InstantEnergy(Option<f64>),
    /// Instant charging: the state of charge of the limit in %.
    InstantSoc(Option<f64>),
    /// Instant charging: only while the dynamic tariff is below [`Global::MaxPrice`].
    InstantByPrice(Option<bool>),
    /// Surplus charging: the least current in A.
    PvMinCurrent(Option<f64>),
    /// Surplus charging: the state of charge at which it is locked, in %, if `PvSocLimited`.
    PvMaxSoc(Option<f64>),
    /// Surplus charging: whether `PvMaxSoc` counts.
    PvSocLimited(Option<bool>),
    /// Surplus charging: up to this state of charge in % it charges without surplus; 0 is never.
    PvMinSoc(Option<f64>),
    /// Surplus charging: the current below `PvMinSoc`, in A.
    PvMinSocCurrent(Option<f64>),
    /// Surplus charging: above this state of charge in % it does not charge.
    PvTargetSoc(Option<f64>),
    /// Whether it is locked when the car is unplugged.
    LockAfterUnplug(Option<bool>),
}

/// What ends instant charging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Nothing (0).
    None,
    /// An energy (1).
    Energy,
    /// A state of charge (2).
    Soc,
    /// A kind this version of the crate does not know.
    Other(u32),
}
