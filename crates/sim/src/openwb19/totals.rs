//! What is counted over days, months and years.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::household::{Device, Household};

/// Counters at one instant, Wh.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Counters {
    pv: f64,
    grid_in: f64,
    grid_out: f64,
    points: [f64; 2],
}

impl Counters {
    fn of(household: &Household) -> Self {
        let meter = |device| household.meter(device).unwrap_or_default();
        let mut points = [0.0; 2];
        for (wh, point) in points.iter_mut().zip(household.points()) {
            *wh = point.meter.imported_wh;
        }
        Self {
            pv: meter(Device::Pv).exported_wh,
            grid_in: meter(Device::Grid).imported_wh,
            grid_out: meter(Device::Grid).exported_wh,
            points,
        }
    }
}

/// Where counting began.
#[derive(Debug)]
pub(super) struct Totals {
    date: NaiveDate,
    day: Counters,
    month: Counters,
    year: Counters,
}

/// kWh since a period began; a meter that was replaced counts from its own zero.
fn since(now: f64, then: f64) -> f64 {
    (if now >= then { now - then } else { now }) / 1000.0
}

fn local_date(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// What came together so far, kWh.
pub(super) struct Yields {
    /// The roof's today, this month and this year.
    pub(super) pv: [f64; 3],
    /// From and to the grid today.
    pub(super) grid: [f64; 2],
    /// Every charge point's today.
    pub(super) points: [f64; 2],
}

impl Totals {
    /// Counts from now on, as a box does that was set up today.
    pub(super) fn new(household: &Household) -> Self {
        let now = Counters::of(household);
        Self {
            date: local_date(household.now(), household.zone()),
            day: now,
            month: now,
            year: now,
        }
    }

    /// Begins new periods at local midnight.
    pub(super) fn turn_over(&mut self, household: &Household) {
        let today = local_date(household.now(), household.zone());
        if today == self.date {
            return;
        }
        let now = Counters::of(household);
        self.day = now;
        if (today.year(), today.month()) != (self.date.year(), self.date.month()) {
            self.month = now;
        }
        if today.year() != self.date.year() {
            self.year = now;
        }
        self.date = today;
    }

    pub(super) fn yields(&self, household: &Household) -> Yields {
        let now = Counters::of(household);
        Yields {
            pv: [&self.day, &self.month, &self.year].map(|then| since(now.pv, then.pv)),
            grid: [
                since(now.grid_in, self.day.grid_in),
                since(now.grid_out, self.day.grid_out),
            ],
            points: std::array::from_fn(|n| since(now.points[n], self.day.points[n])),
        }
    }
}
