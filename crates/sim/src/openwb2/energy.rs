//! What is counted over five minutes, days, months and years.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use chrono_tz::Tz;

use super::Core;
use super::json::{Json, rounded};
use super::log::Sources;
use crate::household::{BATTERY, Device, GRID, Household, Meter, PV};

/// All meters at one instant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Readings {
    pub(super) grid: Meter,
    pub(super) pv: Meter,
    pub(super) bat: Meter,
    pub(super) home: Meter,
    /// In the order of the charge points.
    pub(super) points: Vec<Meter>,
}

impl Readings {
    pub(super) fn of(household: &Household) -> Self {
        let meter = |device| household.meter(device).unwrap_or_default();
        Self {
            grid: meter(Device::Grid),
            pv: meter(Device::Pv),
            bat: meter(Device::Battery),
            home: meter(Device::Home),
            points: household.points().map(|point| point.meter).collect(),
        }
    }
}

/// Where counting began.
#[derive(Debug)]
pub(super) struct Energy {
    five_minutes: Readings,
    day: (NaiveDate, Readings),
    month: (NaiveDate, Readings),
    year: (NaiveDate, Readings),
}

fn local_date(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

impl Energy {
    /// Counts from now on, as a box does that was set up today.
    pub(super) fn new(household: &Household) -> Self {
        let now = Readings::of(household);
        let today = local_date(household.now(), household.zone());
        Self {
            five_minutes: now.clone(),
            day: (today, now.clone()),
            month: (today, now.clone()),
            year: (today, now),
        }
    }

    /// How the household was supplied since the last five minutes began.
    pub(super) fn shares(&self, household: &Household) -> Sources {
        let (now, was) = (Readings::of(household), &self.five_minutes);
        let grid = now.grid.imported_wh - was.grid.imported_wh;
        let bat = now.bat.exported_wh - was.bat.exported_wh;
        let exported = now.grid.exported_wh - was.grid.exported_wh;
        let pv = (now.pv.exported_wh - was.pv.exported_wh - exported).max(0.0);
        let sum = grid + bat + pv;
        if sum > 0.0 {
            Sources {
                bat: bat / sum,
                grid: grid / sum,
                pv: pv / sum,
            }
        } else {
            Sources::default()
        }
    }

    fn turn_over(&mut self, household: &Household) {
        let now = Readings::of(household);
        let today = local_date(household.now(), household.zone());
        if today != self.day.0 {
            self.day = (today, now.clone());
        }
        if (today.year(), today.month()) != (self.month.0.year(), self.month.0.month()) {
            self.month = (today, now.clone());
        }
        if today.year() != self.year.0.year() {
            self.year = (today, now.clone());
        }
        self.five_minutes = now;
    }
}

/// What was counted since; a meter that was replaced counts from its own zero.
fn since(now: f64, then: f64) -> Json {
    rounded(if now >= then { now - then } else { now }, 2)
}

impl Core {
    /// The tariff's list, where it changed: with each new day.
    fn publish_prices(&mut self) {
        let prices: Vec<(String, Json)> = self
            .household
            .prices_eur_per_wh()
            .map(|(from, price)| (from.timestamp().to_string(), price.into()))
            .collect();
        // No grid fee depends on the hour, so the tariff's own list is also the combined one.
        for path in [
            "optional/ep/flexible_tariff/get/prices",
            "optional/ep/get/prices",
        ] {
            self.on_change(path, Json::Object(prices.clone()));
        }
    }

    /// What is published every five minutes.
    pub(super) fn publish_daily(&mut self) {
        let shares = self.energy.shares(&self.household);
        for n in 0..self.points.len() {
            self.attribute(n, shares);
        }
        self.energy.turn_over(&self.household);
        let now = Readings::of(&self.household);
        let day = self.energy.day.1.clone();
        let (month, year) = (self.energy.month.1.pv, self.energy.year.1.pv);
        let imported = |now: &[Meter], then: &[Meter]| {
            let sum = |meters: &[Meter]| meters.iter().map(|meter| meter.imported_wh).sum::<f64>();
            since(sum(now), sum(then))
        };
        self.on_change(
            "chargepoint/get/daily_imported",
            imported(&now.points, &day.points),
        );
        self.on_change("chargepoint/get/daily_exported", 0);
        let home = since(now.home.imported_wh, day.home.imported_wh);
        self.on_change("counter/set/daily_yield_home_consumption", home);
        let ids: Vec<u32> = self.points.iter().map(|point| point.id).collect();
        for (n, id) in ids.into_iter().enumerate() {
            let wh = since(now.points[n].imported_wh, day.points[n].imported_wh);
            self.on_change(&format!("chargepoint/{id}/get/daily_imported"), wh);
            self.on_change(&format!("chargepoint/{id}/get/daily_exported"), 0);
            self.publish_log(n);
        }
        for path in [format!("bat/{BATTERY}/get"), "bat/get".to_owned()] {
            let daily = since(now.bat.imported_wh, day.bat.imported_wh);
            self.on_change(&format!("{path}/daily_imported"), daily);
            let daily = since(now.bat.exported_wh, day.bat.exported_wh);
            self.on_change(&format!("{path}/daily_exported"), daily);
        }
        let exported = since(now.grid.exported_wh, day.grid.exported_wh);
        self.on_change(&format!("counter/{GRID}/get/daily_exported"), exported);
        let imported = since(now.grid.imported_wh, day.grid.imported_wh);
        self.on_change(&format!("counter/{GRID}/get/daily_imported"), imported);
        for path in [format!("pv/{PV}/get"), "pv/get".to_owned()] {
            for (name, then) in [("daily", day.pv), ("monthly", month), ("yearly", year)] {
                let wh = since(now.pv.exported_wh, then.exported_wh);
                self.on_change(&format!("{path}/{name}_exported"), wh);
            }
        }
        self.state("optional/ep/configured", self.options.prices);
        if self.options.prices {
            self.publish_prices();
        }
    }
}
