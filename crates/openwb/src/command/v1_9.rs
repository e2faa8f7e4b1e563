//! Commands for openWB 1.9.
//!
//! A box carries out what is in range and ignores the rest without a word; of what is no number it
//! never gets rid. The charge mode holds for all charge points, and there are no vehicles and no
//! templates: each value has a topic of its own.

use super::{Refusal, Write, within};
use crate::reading::v1_9::{ChargeMode, Limit};

/// Something an openWB 1.9 can be told. Charge points are numbered 1 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// The charge mode of all charge points.
    Mode(ChargeMode),
    /// Current of instant charging in A: 6 to 32.
    InstantCurrent {
        /// Number of the charge point.
        charge_point: u8,
        /// The current.
        amperes: u8,
    },
    /// What ends instant charging. A state of charge only at charge points 1 and 2.
    InstantLimit {
        /// Number of the charge point.
        charge_point: u8,
        /// Which of the limits counts.
        limit: Limit,
    },
    /// Energy of the limit in kWh: 0 to 100. The box knows whole ones only.
    InstantEnergy {
        /// Number of the charge point.
        charge_point: u8,
        /// The energy.
        kilowatt_hours: u8,
    },
    /// State of charge of the limit in %: 0 to 100. Charge points 1 and 2 only.
    InstantSoc {
        /// Number of the charge point.
        charge_point: u8,
        /// The state of charge.
        percent: u8,
    },
    /// Count the energy of the limit from now on.
    RestartEnergy {
        /// Number of the charge point.
        charge_point: u8,
    },
    /// Lock or unlock a charge point.
    Lock {
        /// Number of the charge point.
        charge_point: u8,
        /// Whether it is locked.
        locked: bool,
    },
    /// Current in A that [`ChargeMode::MinPv`] does not go below: 6 to 16.
    MinPvCurrent(u8),
    /// Current in A that surplus charging does not go below: 6 to 16. Charge points 1 and 2 only.
    PvMinCurrent {
        /// Number of the charge point.
        charge_point: u8,
        /// The current.
        amperes: u8,
    },
    /// State of charge in % at which surplus charging ends: 0 to 100. Charge points 1 and 2 only.
    PvMaxSoc {
        /// Number of the charge point.
        charge_point: u8,
        /// The state of charge.
        percent: u8,
    },
    /// Whether that state of charge counts. Charge points 1 and 2 only.
    PvSocLimited {
        /// Number of the charge point.
        charge_point: u8,
        /// Whether it does.
        on: bool,
    },
    /// Enter the state of charge in %: 0 to 100. Charge points 1 and 2 only, with the module for
    /// it.
    ManualSoc {
        /// Number of the charge point.
        charge_point: u8,
        /// The state of charge.
        percent: u8,
    },
    /// Query the state of charge now. Charge points 1 and 2 only.
    QuerySoc {
        /// Number of the charge point.
        charge_point: u8,
    },
    /// With surplus, cars come before the home battery.
    VehiclesFirst(bool),
    /// Ask for a month of the charge log. It comes as the twelve
    /// [`System::LogPart`](crate::reading::v1_9::System::LogPart), and goes after three seconds.
    RequestChargeLog {
        /// Year, four digits.
        year: u16,
        /// Month, 1 to 12.
        month: u8,
    },
}

impl Command {
    /// What to publish.
    ///
    /// # Errors
    ///
    /// If the command must not be sent.
    pub fn write(&self) -> Result<Write, Refusal> {
        let (topic, value) = match *self {
            Self::Mode(mode) => ("set/ChargeMode".to_owned(), mode_number(mode)?),
            Self::InstantCurrent {
                charge_point,
                amperes,
            } => (
                instant(any(charge_point)?, "current"),
                within(amperes, 6..=32, "the current", "6 to 32 A")?,
            ),
            Self::InstantLimit {
                charge_point,
                limit,
            } => {
                let (number, charge_point) = match limit {
                    Limit::None => (0, any(charge_point)?),
                    Limit::Energy => (1, any(charge_point)?),
                    Limit::Soc => (2, with_soc(charge_point)?),
                    Limit::Other(_) => {
                        return Err(Refusal::NotOffered {
                            what: "to stop at such a limit",
                        });
                    }
                };
                (instant(charge_point, "chargeLimitation"), number)
            }
            Self::InstantEnergy {
                charge_point,
                kilowatt_hours,
            } => (
                instant(any(charge_point)?, "energyToCharge"),
                within(kilowatt_hours, 0..=100, "the energy limit", "0 to 100 kWh")?,
            ),
            Self::InstantSoc {
                charge_point,
                percent,
            } => (
                instant(with_soc(charge_point)?, "socToChargeTo"),
                soc(percent)?,
            ),
            Self::RestartEnergy { charge_point } => {
                (instant(any(charge_point)?, "resetEnergyToCharge"), 1)
            }
            Self::Lock {
                charge_point,
                locked,
            } => (
                format!("set/lp/{}/ChargePointEnabled", any(charge_point)?),
                u8::from(!locked),
            ),
            Self::MinPvCurrent(amperes) => (
                "config/set/pv/minCurrentMinPv".to_owned(),
                pv_current(amperes)?,
            ),
            Self::PvMinCurrent {
                charge_point,
                amperes,
            } => (
                surplus(with_soc(charge_point)?, "minCurrent"),
                pv_current(amperes)?,
            ),
            Self::PvMaxSoc {
                charge_point,
                percent,
            } => (surplus(with_soc(charge_point)?, "maxSoc"), soc(percent)?),
            Self::PvSocLimited { charge_point, on } => (
                surplus(with_soc(charge_point)?, "socLimitation"),
                u8::from(on),
            ),
            Self::ManualSoc {
                charge_point,
                percent,
            } => (
                format!("set/lp/{}/manualSoc", with_soc(charge_point)?),
                soc(percent)?,
            ),
            Self::QuerySoc { charge_point } => (
                format!("set/lp/{}/ForceSoCUpdate", with_soc(charge_point)?),
                1,
            ),
            Self::VehiclesFirst(on) => {
                let topic = "config/set/pv/priorityModeEVBattery";
                (topic.to_owned(), u8::from(on))
            }
            Self::RequestChargeLog { year, month } => {
                let year = within(year, 2000..=9999, "the year", "2000 to 9999")?;
                let month = within(month, 1..=12, "the month", "1 to 12")?;
                return Ok(Write::new(
                    "openWB/set/graph/RequestMonthLadelog",
                    format!("{year}{month:02}"),
                ));
            }
        };
        Ok(Write::new(format!("openWB/{topic}"), value.to_string()))
    }
}

fn mode_number(mode: ChargeMode) -> Result<u8, Refusal> {
    match mode {
        ChargeMode::Instant => Ok(0),
        ChargeMode::MinPv => Ok(1),
        ChargeMode::Pv => Ok(2),
        ChargeMode::Stop => Ok(3),
        ChargeMode::Standby => Ok(4),
        ChargeMode::Other(number) => Err(Refusal::UnknownMode {
            mode: number.to_string().into(),
        }),
    }
}

fn instant(charge_point: u8, key: &str) -> String {
    format!("config/set/sofort/lp/{charge_point}/{key}")
}

fn surplus(charge_point: u8, key: &str) -> String {
    format!("config/set/pv/lp/{charge_point}/{key}")
}

fn any(charge_point: u8) -> Result<u8, Refusal> {
    within(charge_point, 1..=8, "the charge point", "1 to 8")
}

/// Only the first two charge points know the state of charge of a car.
fn with_soc(charge_point: u8) -> Result<u8, Refusal> {
    within(charge_point, 1..=2, "the charge point", "1 or 2 for this")
}

fn soc(percent: u8) -> Result<u8, Refusal> {
    within(percent, 0..=100, "the state of charge", "0 to 100 %")
}

fn pv_current(amperes: u8) -> Result<u8, Refusal> {
    within(amperes, 6..=16, "the minimum current", "6 to 16 A")
}
