//! Prices of energy that change from hour to hour.

use chrono::{DateTime, TimeDelta, Utc};

use crate::units::EurosPerKilowattHour;

/// A slot without a neighbour lasts so long, and none lasts longer.
const HOUR: TimeDelta = TimeDelta::hours(1);

/// A price and when it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceSlot {
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// The price.
    pub price: EurosPerKilowattHour,
}

/// Makes slots of prices of which only the begin is known: each lasts until the next one begins,
/// the last as long as the one before it, and none for more than an hour.
#[must_use]
pub fn slots(mut prices: Vec<(DateTime<Utc>, EurosPerKilowattHour)>) -> Vec<PriceSlot> {
    prices.sort_by_key(|(start, _)| *start);
    prices.dedup_by_key(|(start, _)| *start);
    let mut length = HOUR;
    let mut slots = Vec::with_capacity(prices.len());
    for (n, &(start, price)) in prices.iter().enumerate() {
        if let Some((next, _)) = prices.get(n + 1) {
            length = (*next - start).min(HOUR);
        }
        // Beyond the end of all calendars there is nothing to pay.
        if let Some(end) = start.checked_add_signed(length) {
            slots.push(PriceSlot { start, end, price });
        }
    }
    slots
}

/// The price at an instant.
#[must_use]
pub fn price_at(slots: &[PriceSlot], at: DateTime<Utc>) -> Option<EurosPerKilowattHour> {
    let slot = slots
        .iter()
        .find(|slot| slot.start <= at && at < slot.end)?;
    Some(slot.price)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn made(starts: &[i64]) -> Vec<(i64, i64)> {
        let prices = starts
            .iter()
            .map(|&start| (at(start), EurosPerKilowattHour(0.3)));
        slots(prices.collect())
            .into_iter()
            .map(|slot| {
                let minute = |at: DateTime<Utc>| (at - DateTime::UNIX_EPOCH).num_minutes();
                (minute(slot.start), minute(slot.end))
            })
            .collect()
    }

    #[test]
    fn a_price_holds_until_the_next_one_but_no_longer_than_an_hour() {
        assert_eq!(made(&[]), []);
        assert_eq!(made(&[0]), [(0, 60)]);
        assert_eq!(made(&[15, 0, 30, 15]), [(0, 15), (15, 30), (30, 45)]);
        assert_eq!(made(&[0, 60, 240]), [(0, 60), (60, 120), (240, 300)]);
    }

    #[test]
    fn outside_of_all_slots_there_is_no_price() {
        let price = |euros| EurosPerKilowattHour(euros);
        let day = slots(vec![(at(0), price(0.2)), (at(60), price(0.3))]);
        assert_eq!(price_at(&day, at(-1)), None);
        assert_eq!(price_at(&day, at(59)), Some(price(0.2)));
        assert_eq!(price_at(&day, at(60)), Some(price(0.3)));
        assert_eq!(price_at(&day, at(120)), None);
    }
}
