//! What the house itself draws: base load, the people's rhythm, and appliances.

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc, Weekday};
use chrono_tz::Tz;

use super::noise::{Stream, smooth, unit};

/// Router, heating pump, stand-by: what never stops.
const BASE_W: f64 = 165.0;

/// One run of an appliance on one day.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Run {
    /// Seconds after local midnight.
    start_s: f64,
    phases: &'static [Phase],
}

/// A stretch of an appliance's programme.
#[derive(Debug, PartialEq)]
struct Phase {
    seconds: f64,
    power_w: f64,
}

const fn phase(minutes: f64, power_w: f64) -> Phase {
    Phase {
        seconds: minutes * 60.0,
        power_w,
    }
}

const COFFEE: &[Phase] = &[phase(4.0, 1350.0)];
const KETTLE: &[Phase] = &[phase(3.0, 2050.0)];
const HOB: &[Phase] = &[
    phase(9.0, 2300.0),
    phase(14.0, 900.0),
    phase(4.0, 2100.0),
    phase(10.0, 600.0),
];
const OVEN: &[Phase] = &[
    phase(12.0, 2400.0),
    phase(8.0, 300.0),
    phase(5.0, 2400.0),
    phase(12.0, 300.0),
];
const DISHWASHER: &[Phase] = &[
    phase(6.0, 90.0),
    phase(18.0, 1950.0),
    phase(40.0, 110.0),
    phase(14.0, 1950.0),
    phase(35.0, 40.0),
];
const WASHING_MACHINE: &[Phase] = &[
    phase(5.0, 120.0),
    phase(22.0, 2050.0),
    phase(55.0, 220.0),
    phase(12.0, 480.0),
];
const DRYER: &[Phase] = &[phase(95.0, 780.0)];

/// The house's consumption without charge points.
#[derive(Debug, Clone)]
pub(super) struct Load {
    seed: u64,
    zone: Tz,
    /// The day `runs` belongs to.
    day: Option<NaiveDate>,
    runs: Vec<Run>,
}

impl Load {
    pub(super) fn new(seed: u64, zone: Tz) -> Self {
        Self {
            seed,
            zone,
            day: None,
            runs: Vec::new(),
        }
    }

    /// Power in W at an instant.
    pub(super) fn power_w(&mut self, at: DateTime<Utc>) -> f64 {
        let local = at.with_timezone(&self.zone);
        let today = local.date_naive();
        if self.day != Some(today) {
            self.day = Some(today);
            self.runs = runs_of(self.seed, today);
        }
        let unix_s = at.timestamp_millis() as f64 / 1000.0;
        let second = f64::from(local.num_seconds_from_midnight());
        let drift = 0.7 + 0.6 * smooth(self.seed, Stream::HomeDrift, unix_s, 900.0);
        let appliances: f64 = self.runs.iter().map(|run| run_power_w(run, second)).sum();
        BASE_W
            + fridge_w(self.seed, unix_s)
            + presence_w(today.weekday(), second) * drift
            + appliances
    }
}

/// A compressor that runs 14 of every 45 minutes.
fn fridge_w(seed: u64, unix_s: f64) -> f64 {
    let offset = unit(seed, Stream::Fridge, 0, 0) * 2700.0;
    if (unix_s + offset).rem_euclid(2700.0) < 840.0 {
        85.0
    } else {
        3.0
    }
}

/// Light, screens and small things, by the hour, with straight lines in between.
fn presence_w(weekday: Weekday, second: f64) -> f64 {
    const WORKDAY: [f64; 24] = [
        40., 20., 15., 15., 20., 60., 190., 210., 120., 80., 75., 85., 120., 95., 85., 100., 160.,
        240., 310., 340., 330., 280., 190., 90.,
    ];
    const WEEKEND: [f64; 24] = [
        60., 30., 15., 15., 15., 25., 60., 120., 200., 230., 220., 230., 250., 210., 190., 190.,
        210., 250., 310., 340., 340., 300., 220., 120.,
    ];
    let table = match weekday {
        Weekday::Sat | Weekday::Sun => &WEEKEND,
        _ => &WORKDAY,
    };
    let hour = second / 3600.0;
    let left = (hour as usize).min(23);
    let from = table[left];
    let to = table[(left + 1) % 24];
    from + (to - from) * (hour - left as f64)
}

fn run_power_w(run: &Run, second: f64) -> f64 {
    let mut into = second - run.start_s;
    if into < 0.0 {
        return 0.0;
    }
    for phase in run.phases {
        if into < phase.seconds {
            return phase.power_w;
        }
        into -= phase.seconds;
    }
    0.0
}

/// What runs on a day and when. Every run ends before midnight, so a day stands for itself.
fn runs_of(seed: u64, day: NaiveDate) -> Vec<Run> {
    let number = i64::from(day.num_days_from_ce());
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let mut runs = Vec::with_capacity(8);
    let mut draw = 0;
    // Probability, hour of day, spread in hours.
    let mut maybe = |chance: f64, hour: f64, spread: f64, phases: &'static [Phase]| {
        draw += 2;
        let runs_today = unit(seed, Stream::Appliance, number, draw) < chance;
        let shift = unit(seed, Stream::Appliance, number, draw + 1) - 0.5;
        if runs_today {
            runs.push(Run {
                start_s: (hour + spread * shift) * 3600.0,
                phases,
            });
        }
        runs_today
    };
    maybe(0.95, if weekend { 8.9 } else { 6.7 }, 0.8, COFFEE);
    maybe(0.55, 15.8, 1.5, KETTLE);
    maybe(if weekend { 0.7 } else { 0.25 }, 12.3, 1.0, HOB);
    maybe(0.75, 18.6, 1.4, HOB);
    maybe(if weekend { 0.55 } else { 0.2 }, 17.6, 1.6, OVEN);
    maybe(0.7, 20.1, 1.4, DISHWASHER);
    let washed = maybe(if weekend { 0.6 } else { 0.35 }, 10.8, 3.0, WASHING_MACHINE);
    maybe(if washed { 0.6 } else { 0.0 }, 14.3, 1.5, DRYER);
    runs
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone as _};

    use super::*;

    #[test]
    fn a_household_uses_what_a_household_uses() {
        let start = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
        for seed in 0..3 {
            let mut load = Load::new(seed, chrono_tz::Europe::Berlin);
            let kwh: f64 = (0..365 * 288)
                .map(|slot| load.power_w(start + TimeDelta::minutes(5 * slot)) / 12_000.0)
                .sum();
            assert!((3000.0..5500.0).contains(&kwh), "seed {seed}: {kwh} kWh");
        }
    }

    #[test]
    fn evenings_are_busier_than_nights() {
        let mean = |hour: u32| {
            let mut load = Load::new(1, chrono_tz::Europe::Berlin);
            (0..60)
                .map(|day| {
                    let at = Utc.with_ymd_and_hms(2026, 3, 1, hour, 0, 0).unwrap();
                    load.power_w(at + TimeDelta::days(day))
                })
                .sum::<f64>()
                / 60.0
        };
        assert!(mean(18) > 1.8 * mean(2));
    }
}
