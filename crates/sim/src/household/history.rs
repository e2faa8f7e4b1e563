//! A household's past, slot by slot, faster than anybody could live it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{BATTERY, CHARGE_POINTS, Device, Household, Meter};

/// Longest stretch that is computed as one while walking through the past.
const STRIDE: TimeDelta = TimeDelta::seconds(60);

/// What one device did in a slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// Mean power over the slot, W, with the sign of [`Household::meter`].
    pub mean_w: f64,
    /// Lowest power in the slot, W.
    pub min_w: f64,
    /// Highest power in the slot, W.
    pub max_w: f64,
    /// Meter readings at the slot's end, Wh.
    pub meter: Meter,
}

/// One slot of the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// Beginning; the slot covers `start..start + step`.
    pub start: DateTime<Utc>,
    /// Grid connection, + import, − export.
    pub grid: Course,
    /// Roof, production positive, counted as `exported_wh`.
    pub pv: Course,
    /// Battery, + charging, − discharging.
    pub battery: Course,
    /// House without charge points.
    pub home: Course,
    /// Charge points in the order of [`CHARGE_POINTS`].
    pub charge_points: [Course; 2],
    /// Battery's state of charge at the slot's end, percent.
    pub battery_soc_percent: f64,
}

impl Slot {
    /// The course of the device with an openWB component id.
    #[must_use]
    pub fn component(&self, id: u32) -> Option<&Course> {
        match id {
            super::GRID => Some(&self.grid),
            super::PV => Some(&self.pv),
            BATTERY => Some(&self.battery),
            _ => CHARGE_POINTS
                .iter()
                .position(|point| *point == id)
                .map(|n| &self.charge_points[n]),
        }
    }
}

/// Walks a new household from `from` to `to` and yields every whole slot of `step`.
///
/// `into_household` hands over the household at the end of the last slot taken, to live on with the
/// same counters.
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// let from: DateTime<Utc> = "2026-05-01T00:00:00Z".parse()?;
/// let mut history = ladebuch_sim::household::history(1, from, from + TimeDelta::days(1), TimeDelta::minutes(5));
/// assert_eq!(history.by_ref().count(), 288);
/// let mut household = history.into_household();
/// household.step(TimeDelta::seconds(10));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn history(seed: u64, from: DateTime<Utc>, to: DateTime<Utc>, step: TimeDelta) -> History {
    History {
        household: Household::new(seed, from),
        to,
        step: step.max(TimeDelta::seconds(1)),
    }
}

/// Iterator made by [`history`].
#[derive(Debug, Clone)]
pub struct History {
    household: Household,
    to: DateTime<Utc>,
    step: TimeDelta,
}

impl History {
    /// The household as the last slot left it.
    #[must_use]
    pub fn into_household(self) -> Household {
        self.household
    }
}

impl Iterator for History {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        let start = self.household.now();
        if start + self.step > self.to {
            return None;
        }
        let before = Readings::of(&self.household);
        let mut extremes = [(f64::INFINITY, f64::NEG_INFINITY); 6];
        self.household.run(self.step, STRIDE, |household| {
            for ((low, high), meter) in extremes.iter_mut().zip(Readings::of(household).0) {
                *low = low.min(meter.power_w);
                *high = high.max(meter.power_w);
            }
        });
        // Nobody listens to what people did in the past.
        self.household.take_events();
        let after = Readings::of(&self.household);
        let hours = self.step.num_milliseconds() as f64 / 3_600_000.0;
        let course = |n: usize, produces: bool| {
            let (meter, was) = (after.0[n], before.0[n]);
            let net = (meter.imported_wh - was.imported_wh) - (meter.exported_wh - was.exported_wh);
            let mean = if produces { -net } else { net } / hours;
            let (min_w, max_w) = extremes[n];
            // Counters are large, their differences small: keep the mean inside what was seen.
            Course {
                mean_w: mean.clamp(min_w, max_w),
                min_w,
                max_w,
                meter,
            }
        };
        Some(Slot {
            start,
            grid: course(0, false),
            pv: course(1, true),
            battery: course(2, false),
            home: course(3, false),
            charge_points: [course(4, false), course(5, false)],
            battery_soc_percent: self.household.battery_soc_percent(),
        })
    }
}

/// All meters at one instant, in a fixed order.
struct Readings([Meter; 6]);

impl Readings {
    fn of(household: &Household) -> Self {
        Self(
            [
                Device::Grid,
                Device::Pv,
                Device::Battery,
                Device::Home,
                Device::ChargePoint(CHARGE_POINTS[0]),
                Device::ChargePoint(CHARGE_POINTS[1]),
            ]
            .map(|device| household.meter(device).unwrap_or_default()),
        )
    }
}
