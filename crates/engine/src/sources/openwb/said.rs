//! What a box says about itself, in either generation.

use std::time::Duration;

use chrono::DateTime;
use compact_str::CompactString;
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::tariff::{self, PriceSlot};
use ladebuch_domain::units::EurosPerKilowattHour;

/// What the box says about itself.
#[derive(Debug, Default)]
pub struct Said {
    /// It gave a sign of life.
    pub heartbeat: bool,
    /// Its version.
    pub version: Option<CompactString>,
    /// Length of its control cycle, if it repeats its values in each.
    pub cycle: Option<Duration>,
    /// Whether it is starting or updating, so that its values do not count.
    pub booting: Option<bool>,
    /// Prices of its dynamic tariff; `Some(None)`: it has none any more.
    pub prices: Option<Option<Vec<PriceSlot>>>,
    /// All devices that it has: what is not among them is gone.
    pub inventory: Option<Vec<ExternalId>>,
}

/// A message as the link received it: decoded, with its retain flag.
pub struct Message {
    /// What it says.
    pub reading: openwb::Reading,
    /// Whether the broker had kept it: state, possibly days old.
    pub retained: bool,
}

/// Wh in a kWh: both generations' prices are read in €/Wh.
const WH_PER_KWH: f64 = 1000.0;

/// A box's prices as slots; an empty list is none.
pub fn price_slots(prices: Option<&[openwb::reading::PriceSlot]>) -> Option<Vec<PriceSlot>> {
    let told = prices?.iter().filter_map(|slot| {
        let start = DateTime::from_timestamp(slot.start, 0)?;
        Some((start, EurosPerKilowattHour(slot.price * WH_PER_KWH)))
    });
    Some(tariff::slots(told.collect())).filter(|slots| !slots.is_empty())
}
