//! Changes to how a charge point charges.

use serde_json::Value;

use super::super::{Refusal, within};
use crate::reading::ChargeMode;

/// Something to change in a charge template.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// The charge mode.
    Mode(ChargeMode),
    /// Current of instant charging in A: 6 to 32. The box limits it further to what car and
    /// charge point can do.
    InstantCurrent(u8),
    /// When to stop in one of the modes.
    Limit {
        /// The mode it holds for.
        of: Section,
        /// The limit.
        limit: Limit,
    },
    /// Energy of the limit of instant charging in Wh, whether or not it counts there. The box
    /// compares eco charging with it too, instead of with the limit of that mode.
    InstantLimitEnergy(u32),
    /// Current in A that surplus charging does not go below: 6 to 16, or 0 for surplus alone.
    PvMinCurrent(u8),
    /// State of charge in % below which surplus charging charges anyway; 0 switches that off.
    PvMinSoc(u8),
    /// Current in A below that state of charge: 6 to 32.
    PvMinSocCurrent(u8),
    /// Current of eco charging in A while the price is low: 6 to 32.
    EcoCurrent(u8),
    /// Price in € per Wh up to which eco charging charges with its current. Between −0.01 and
    /// 0.01: a price per kWh would be a mistake.
    EcoMaxPrice(f64),
    /// Priority over other charge points.
    Priority(bool),
}

/// The modes that have a limit of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// Instant charging.
    Instant,
    /// Surplus charging.
    Pv,
    /// Eco charging.
    Eco,
}

impl Section {
    /// The section of a mode, if it has a limit.
    #[must_use]
    pub fn of(mode: &ChargeMode) -> Option<Self> {
        match mode {
            ChargeMode::Instant => Some(Self::Instant),
            ChargeMode::Pv => Some(Self::Pv),
            ChargeMode::Eco => Some(Self::Eco),
            _ => None,
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Instant => "instant_charging",
            Self::Pv => "pv_charging",
            Self::Eco => "eco_charging",
        }
    }
}

/// When to stop charging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// When the car is full.
    None,
    /// After this energy in Wh, counted from plug-in and not from now. At least 1; before 2.1.8
    /// at least 1000.
    Energy(u32),
    /// At this state of charge in %: 0 to 100. Ignored by the box while it does not know the
    /// state of charge.
    Soc(u8),
}

/// A value and where it belongs: a path in the document, and before 2.1.8 the end of a topic.
pub(super) type Edit = (Vec<&'static str>, Value);

const MODES: &str = "chargemode";

/// Kinds of boxes, by what they can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// Before 2.1.8: one topic per value.
    ByKey,
    /// Since 2.1.8: one document.
    Whole,
}

impl Change {
    /// What to set, in this order.
    ///
    /// # Errors
    ///
    /// If a value is out of range, or if a box of this era does not know it.
    pub(super) fn edits(&self, era: Era) -> Result<Vec<Edit>, Refusal> {
        const CURRENT: &str = "6 to 32 A";
        let one = |section, key, value| Ok(vec![(vec![MODES, section, key], value)]);
        match self {
            Self::Mode(mode) => {
                let known = match mode {
                    ChargeMode::Instant
                    | ChargeMode::Pv
                    | ChargeMode::Scheduled
                    | ChargeMode::Stop => true,
                    ChargeMode::Eco => era == Era::Whole,
                    ChargeMode::Time | ChargeMode::Standby => era == Era::ByKey,
                    ChargeMode::Other(_) => false,
                };
                let mode = mode.as_str();
                if !known {
                    return Err(Refusal::UnknownMode { mode: mode.into() });
                }
                Ok(vec![(vec![MODES, "selected"], mode.into())])
            }
            Self::InstantCurrent(amperes) => {
                let current = within(*amperes, 6..=32, "the current", CURRENT)?;
                one("instant_charging", "current", current.into())
            }
            Self::Limit { of, limit } => {
                if era == Era::ByKey && *of != Section::Instant {
                    return Err(Refusal::NotOffered {
                        what: "to stop at a limit in this mode",
                    });
                }
                limit.edits(*of, era)
            }
            Self::InstantLimitEnergy(energy) => {
                let (path, value) = Limit::energy(*energy, Section::Instant, era)?;
                Ok(vec![(path, value)])
            }
            Self::PvMinCurrent(amperes) => {
                let current = match amperes {
                    0 => 0,
                    _ => within(*amperes, 6..=16, "the minimum current", "0 or 6 to 16 A")?,
                };
                one("pv_charging", "min_current", current.into())
            }
            Self::PvMinSoc(percent) => {
                let soc = soc(*percent)?;
                one("pv_charging", "min_soc", soc.into())
            }
            Self::PvMinSocCurrent(amperes) => {
                era.offers("the current below the minimum state of charge")?;
                let current = within(*amperes, 6..=32, "the current", CURRENT)?;
                one("pv_charging", "min_soc_current", current.into())
            }
            Self::EcoCurrent(amperes) => {
                era.offers("the current of eco charging")?;
                let current = within(*amperes, 6..=32, "the current", CURRENT)?;
                one("eco_charging", "current", current.into())
            }
            Self::EcoMaxPrice(price) => {
                era.offers("the price limit of eco charging")?;
                let allowed = "between −0.01 and 0.01 € per Wh";
                let price = within(*price, -0.01..=0.01, "the price limit", allowed)?;
                one("eco_charging", "max_price", price.into())
            }
            Self::Priority(on) => {
                era.offers("which charge point comes first")?;
                Ok(vec![(vec!["prio"], (*on).into())])
            }
        }
    }
}

impl Limit {
    fn energy(energy: u32, of: Section, era: Era) -> Result<Edit, Refusal> {
        let (least, allowed) = match era {
            Era::ByKey => (1000, "at least 1000 Wh"),
            Era::Whole => (1, "at least 1 Wh"),
        };
        let energy = within(energy, least..=u32::MAX, "the energy limit", allowed)?;
        Ok((vec![MODES, of.key(), "limit", "amount"], energy.into()))
    }

    /// The value comes before the choice: a box that gets them one by one must not stop at the
    /// value of an older choice.
    fn edits(self, of: Section, era: Era) -> Result<Vec<Edit>, Refusal> {
        let at = |key| vec![MODES, of.key(), "limit", key];
        let (value, selected) = match self {
            Self::None => (None, "none"),
            Self::Energy(energy) => (Some(Self::energy(energy, of, era)?), "amount"),
            Self::Soc(percent) => (Some((at("soc"), soc(percent)?.into())), "soc"),
        };
        Ok(value
            .into_iter()
            .chain([(at("selected"), selected.into())])
            .collect())
    }
}

impl Era {
    fn offers(self, what: &'static str) -> Result<(), Refusal> {
        match self {
            Self::Whole => Ok(()),
            Self::ByKey => Err(Refusal::NotOffered { what }),
        }
    }
}

fn soc(percent: u8) -> Result<u8, Refusal> {
    within(percent, 0..=100, "the state of charge", "0 to 100 %")
}
