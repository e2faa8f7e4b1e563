//! What hangs on the wall and what is carried in a pocket.

use crate::household::{CHARGE_POINTS, Household};

use super::identity::{dice, uuid};

/// A wallbox of the account, on one of the household's charge points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// The charge point that it is.
    pub charge_point: u32,
    /// What its people call it.
    pub name: String,
    /// Serial number.
    pub serial_number: String,
    /// What is printed on it.
    pub model: String,
    /// Version of its firmware.
    pub firmware_version: String,
}

impl Station {
    /// The one in the garage, with a MID meter.
    #[must_use]
    pub fn garage() -> Self {
        Self {
            charge_point: CHARGE_POINTS[0],
            name: "Garage".to_owned(),
            serial_number: "E2P00012345".to_owned(),
            model: "Elli Charger Pro 2".to_owned(),
            firmware_version: "R04.004.045.303".to_owned(),
        }
    }

    /// The one in the carport.
    #[must_use]
    pub fn carport() -> Self {
        Self {
            charge_point: CHARGE_POINTS[1],
            name: "Carport".to_owned(),
            serial_number: "E2C00067890".to_owned(),
            model: "Elli Charger Connect 2".to_owned(),
            firmware_version: "R03.004.045.121-elli".to_owned(),
        }
    }

    /// Both of the household.
    #[must_use]
    pub fn both() -> Vec<Self> {
        vec![Self::garage(), Self::carport()]
    }

    pub(super) fn id(&self, seed: u64) -> String {
        uuid(seed, "station", &self.charge_point.to_string())
    }
}

/// A charging card of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) id: String,
    pub(super) number: String,
    /// What the household's reader says when it is held to it.
    pub(super) tag: String,
}

impl Card {
    /// A card for every tag somebody in the household carries.
    pub(super) fn of(household: &Household) -> Vec<Self> {
        household
            .vehicles()
            .iter()
            .filter_map(|vehicle| vehicle.tag)
            .map(|tag| Self::new(household.seed(), tag, tag))
            .collect()
    }

    fn new(seed: u64, of: &str, tag: &str) -> Self {
        let draw = |part, sides| dice(seed, part, of, sides);
        Self {
            id: uuid(seed, "card", of),
            number: format!(
                "ELLI-{:08X}-{:04X}-{}",
                draw("front", 1 << 32),
                draw("back", 1 << 16),
                draw("check", 10)
            ),
            tag: tag.to_owned(),
        }
    }

    /// The card its owner had before. The account does not list it any more.
    pub(super) fn predecessor(&self, seed: u64) -> Self {
        Self::new(seed, &format!("{}/before", self.tag), &self.tag)
    }
}
