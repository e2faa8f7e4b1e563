//! What the registers mean (Elli's register list v1.0, 15 October 2025). No IO.
//!
//! Every register is 16 bits, big-endian; a long number has its high word first. The box refuses a
//! read that touches an address it does not have, and 13 is such a gap in the middle, so that a
//! status takes five reads.

#[cfg(test)]
mod tests;

use std::fmt;

use ladebuch_domain::units::{Amperes, Celsius, VoltAmpereHours, VoltAmperes, Volts};

use super::units::{Current, Watchdog};

/// Input registers 4 to 12 (function 4): layout, state, currents, temperature, voltages.
pub(super) const MEASURED: Block<9> = Block { first: 4 };
/// Input register 4 alone: the layout.
pub(super) const LAYOUT: Block<1> = Block { first: 4 };
/// Input registers 14 to 18: power and energy.
pub(super) const COUNTED: Block<5> = Block { first: 14 };
/// Input registers 100 and 101: what the hardware is made for.
pub(super) const HARDWARE: Block<2> = Block { first: 100 };
/// Holding register 257 (functions 3 and 6): watchdog time-out.
pub(super) const WATCHDOG: Block<1> = Block { first: 257 };
/// Holding registers 261 and 262: current limit and fail-safe current.
pub(super) const LIMITS: Block<2> = Block { first: 261 };

/// Highest current a Charger 2 may ever have; today it is 16 A, and 32 A were announced.
const HIGHEST_A: u16 = 32;

/// A run of registers without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block<const COUNT: usize> {
    /// Address of the first one.
    pub(super) first: u16,
}

impl<const COUNT: usize> Block<COUNT> {
    /// How many there are.
    pub(super) const fn count(self) -> u16 {
        COUNT as u16
    }
}

/// A register that can be written, with function 6 alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holding {
    /// ms, 0 is off.
    Watchdog,
    /// 0.1 A. Reads back what is in force, which internal limits or another energy manager may have
    /// made less than what was written.
    Limit,
    /// 0.1 A. The list's range has 0, its notes say that 0 is not supported.
    Failsafe,
}

impl Holding {
    pub(super) const fn address(self) -> u16 {
        match self {
            Self::Watchdog => WATCHDOG.first,
            Self::Limit => LIMITS.first,
            Self::Failsafe => LIMITS.first + 1,
        }
    }
}

/// Version of the register layout, register 4: `0x0100` is 1.0.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutVersion {
    /// The high byte. Only 1 is known.
    pub major: u8,
    /// The next four bits.
    pub minor: u8,
    /// The lowest four bits.
    pub patch: u8,
}

impl LayoutVersion {
    pub(super) const fn of(register: u16) -> Self {
        let [major, rest] = register.to_be_bytes();
        Self {
            major,
            minor: rest >> 4,
            patch: rest & 0x0F,
        }
    }
}

impl fmt::Display for LayoutVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// State of the socket, register 5. The letters are IEC 61851's; 1 means that charging is not
/// allowed, by the box or the limit, 2 that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No car, charging not allowed.
    A1,
    /// No car, charging allowed.
    A2,
    /// A car is plugged in, charging not allowed.
    B1,
    /// A car is plugged in and does not ask for charge, though it might.
    B2,
    /// The car asks for charge and is not allowed to.
    C1,
    /// Charging.
    C2,
    /// Charging with less than allowed, because of heat.
    Derating,
    /// Fault E: the pilot is short-circuited.
    E,
    /// Fault F: the box is not available.
    F,
    /// An error of the box.
    Error,
    /// A number that the register list does not have.
    Unlisted(u16),
}

impl State {
    pub(super) const fn of(register: u16) -> Self {
        match register {
            2 => Self::A1,
            3 => Self::A2,
            4 => Self::B1,
            5 => Self::B2,
            6 => Self::C1,
            7 => Self::C2,
            8 => Self::Derating,
            9 => Self::E,
            10 => Self::F,
            11 => Self::Error,
            other => Self::Unlisted(other),
        }
    }

    /// Its name for programs; `None` for a number that the list does not have.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::B1 => "B1",
            Self::B2 => "B2",
            Self::C1 => "C1",
            Self::C2 => "C2",
            Self::Derating => "DERATING",
            Self::E => "E",
            Self::F => "F",
            Self::Error => "ERROR",
            Self::Unlisted(_) => return None,
        })
    }
}

/// What the box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Version of the register layout.
    pub layout_version: LayoutVersion,
    /// Highest current of the hardware, per phase.
    pub max_current: Current,
    /// Lowest current of the hardware, per phase.
    pub min_current: Current,
}

impl Info {
    /// Recognises a Charger 2 by its layout and by currents that such a box can have.
    pub(super) fn recognise(layout: u16, hardware: [u16; 2]) -> Result<Self, Unfamiliar> {
        let layout_version = LayoutVersion::of(layout);
        if layout_version.major != 1 {
            return Err(Unfamiliar::Layout(layout_version));
        }
        let [max, min] = hardware;
        let least = Current::LEAST.tenths() / 10;
        if !(least..=HIGHEST_A).contains(&max) || min > max {
            return Err(Unfamiliar::Hardware { min, max });
        }
        Ok(Self {
            layout_version,
            max_current: Current::from_tenths(max * 10),
            min_current: Current::from_tenths(min * 10),
        })
    }

    /// The currents that this box takes besides 0.
    #[must_use]
    pub fn range(&self) -> (Current, Current) {
        (self.min_current.max(Current::LEAST), self.max_current)
    }

    /// Whether a current may be sent as a limit or as fail-safe current.
    ///
    /// # Errors
    /// It is neither 0 nor in the hardware's [range](Self::range).
    pub fn check(&self, current: Current) -> Result<(), OutOfRange> {
        let (min, max) = self.range();
        if current == Current::ZERO || (min..=max).contains(&current) {
            return Ok(());
        }
        Err(OutOfRange {
            asked: current,
            min,
            max,
        })
    }
}

/// Why a device that speaks Modbus is no Charger 2 as the list describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfamiliar {
    /// Register 4.
    #[error("its register 4 says layout {0} where a Charger 2 says 1.x")]
    Layout(LayoutVersion),
    /// Registers 100 and 101.
    #[error(
        "its registers 100 and 101 say {max} and {min} where a Charger 2 gives its highest and lowest current"
    )]
    Hardware {
        /// Register 101, A.
        min: u16,
        /// Register 100, A.
        max: u16,
    },
    /// A register that every Charger 2 has is refused.
    #[error("it has no register {0}")]
    NoRegister(u16),
    /// It only passes requests on.
    #[error("it is a gateway, and nothing behind it answers as unit 1")]
    Gateway,
}

/// A current that the box does not take; it was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "This box takes 0 or {min} to {max}, and {asked} was asked for. Nothing was changed; choose a current in that range."
)]
pub struct OutOfRange {
    /// What was asked for.
    pub asked: Current,
    /// Lowest besides 0.
    pub min: Current,
    /// Highest.
    pub max: Current,
}

/// What can be set, as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The limit in force, per phase; 0 is a pause.
    pub current_limit: Current,
    /// The limit once the watchdog has struck, per phase.
    pub failsafe_current: Current,
    /// When the watchdog strikes.
    pub watchdog: Watchdog,
}

impl Settings {
    pub(super) const fn of(watchdog: [u16; 1], limits: [u16; 2]) -> Self {
        let [limit, failsafe] = limits;
        Self {
            current_limit: Current::from_tenths(limit),
            failsafe_current: Current::from_tenths(failsafe),
            watchdog: Watchdog::from_millis(watchdog[0]),
        }
    }
}

/// Everything the box tells at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Status {
    /// State of the socket.
    pub state: State,
    /// Root mean square per phase.
    pub currents: [Amperes; 3],
    /// Of the circuit board.
    pub pcb_temperature: Celsius,
    /// Root mean square per phase, to neutral.
    pub voltages: [Volts; 3],
    /// Apparent power of all phases.
    pub power: VoltAmperes,
    /// Apparent energy since the box was last switched on.
    pub energy_since_power_on: VoltAmpereHours,
    /// Apparent energy since the box was installed.
    pub energy_total: VoltAmpereHours,
    /// What can be set.
    pub settings: Settings,
}

impl Status {
    pub(super) fn of(measured: [u16; 9], counted: [u16; 5], settings: Settings) -> Self {
        let [_, state, i1, i2, i3, temperature, u1, u2, u3] = measured;
        let [power, on_high, on_low, total_high, total_low] = counted;
        let energy = |high: u16, low: u16| {
            VoltAmpereHours(f64::from((u32::from(high) << 16) | u32::from(low)))
        };
        Self {
            state: State::of(state),
            currents: [i1, i2, i3].map(|tenths| Current::from_tenths(tenths).amperes()),
            // The one signed register: a garage can be below zero.
            pcb_temperature: Celsius(f64::from(temperature.cast_signed()) / 10.0),
            voltages: [u1, u2, u3].map(|volts| Volts(f64::from(volts))),
            power: VoltAmperes(f64::from(power)),
            energy_since_power_on: energy(on_high, on_low),
            energy_total: energy(total_high, total_low),
            settings,
        }
    }
}
