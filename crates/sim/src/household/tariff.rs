//! What the grid's energy costs, hour by hour, on a tariff that follows the market.

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};

use super::Household;
use super::noise::{Stream, unit};

/// Mean price in ct/kWh, everything included.
const MEAN_CT: f64 = 28.5;
/// By how much each local hour differs from the mean, ct/kWh: cheap nights, cheaper noons, dear evenings.
const HOURS_CT: [f64; 24] = [
    -3.2, -3.8, -4.1, -4.0, -3.1, -1.0, 2.4, 4.6, 3.5, 0.2, -2.9, -5.1, -6.4, -6.8, -5.9, -3.3,
    0.6, 5.2, 8.3, 9.1, 6.0, 2.7, 0.4, -1.9,
];

impl Household {
    /// The price of a kilowatt hour from the grid in the hour an instant lies in, €/Wh.
    #[must_use]
    pub fn price_eur_per_wh(&self, at: DateTime<Utc>) -> f64 {
        let hour = at.timestamp().div_euclid(3600);
        let local = at.with_timezone(&self.zone);
        // Windy and sunny days are cheap as a whole.
        let day = unit(self.seed, Stream::Price, hour.div_euclid(24), 0) - 0.5;
        let whim = unit(self.seed, Stream::Price, hour, 1) - 0.5;
        let of_hour = usize::try_from(local.hour())
            .ok()
            .and_then(|hour| HOURS_CT.get(hour))
            .copied()
            .unwrap_or(0.0);
        let ct_per_kwh = MEAN_CT + of_hour + 8.0 * day + 2.0 * whim;
        // Suppliers name hundredths of a cent.
        (ct_per_kwh * 100.0).round() / 1e7
    }

    /// The hours of today and tomorrow, local time, with their prices in €/Wh: as a tariff's list reads
    /// once tomorrow is known.
    pub fn prices_eur_per_wh(&self) -> impl Iterator<Item = (DateTime<Utc>, f64)> {
        let today = self.now.with_timezone(&self.zone).date_naive();
        let midnight = |date: chrono::NaiveDate| {
            date.and_time(chrono::NaiveTime::MIN)
                .and_local_timezone(self.zone)
                .earliest()
                .map_or(self.now, |local| local.to_utc())
        };
        let (from, to) = (midnight(today), midnight(today + TimeDelta::days(2)));
        let hours = (to - from).num_hours();
        (0..hours).map(move |hour| {
            let at = from + TimeDelta::hours(hour);
            (at, self.price_eur_per_wh(at))
        })
    }
}
