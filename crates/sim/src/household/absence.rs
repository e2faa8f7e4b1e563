//! When vehicles are away. A function of seed and date, like everything that is left to chance here.

use chrono::{
    DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc, Weekday,
};
use chrono_tz::Tz;

use super::noise::{Stream, unit};

/// A stretch of time a vehicle is not on the premises.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Absence {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
    /// Distance driven meanwhile.
    pub(super) km: f64,
}

/// How a vehicle is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// To work and back, five days a week.
    Commuter,
    /// Short errands, mostly in the morning.
    Errands,
    /// Not of this household: comes for an afternoon now and then.
    Visitor,
}

/// How far to look for the next time a vehicle leaves.
const HORIZON_DAYS: u64 = 60;

impl Habit {
    /// The next absence that begins at or after `after`.
    pub(super) fn next_absence(self, seed: u64, zone: Tz, after: DateTime<Utc>) -> Absence {
        let today = after.with_timezone(&zone).date_naive();
        let mut days = (0..HORIZON_DAYS).filter_map(|n| today.checked_add_days(Days::new(n)));
        let far = Absence {
            from: after + TimeDelta::days(HORIZON_DAYS as i64),
            to: after + TimeDelta::days(HORIZON_DAYS as i64 + 1),
            km: 0.0,
        };
        match self {
            Self::Commuter | Self::Errands => days
                .filter_map(|day| self.trip(seed, zone, day))
                .find(|trip| trip.from >= after)
                .unwrap_or(far),
            Self::Visitor => {
                let mut visits = days.by_ref().filter_map(|day| visit(seed, zone, day));
                let leaves = visits
                    .find(|(_, end)| *end >= after)
                    .map_or(after, |(start, end)| {
                        // Asked before the first visit, the visitor is away already.
                        if start > after { after } else { end }
                    });
                let arrives = Self::next_visit(seed, zone, leaves);
                Absence {
                    from: leaves,
                    to: arrives,
                    km: 45.0,
                }
            }
        }
    }

    fn next_visit(seed: u64, zone: Tz, after: DateTime<Utc>) -> DateTime<Utc> {
        let today = after.with_timezone(&zone).date_naive();
        (0..HORIZON_DAYS)
            .filter_map(|n| today.checked_add_days(Days::new(n)))
            .filter_map(|day| visit(seed, zone, day))
            .map(|(start, _)| start)
            .find(|start| *start > after)
            .unwrap_or(after + TimeDelta::days(HORIZON_DAYS as i64))
    }

    /// The one trip of a day, if any.
    fn trip(self, seed: u64, zone: Tz, day: NaiveDate) -> Option<Absence> {
        let number = i64::from(day.num_days_from_ce());
        let draw = |n: u64| unit(seed, Stream::Trip, number, n + 10 * self as u64);
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        // Chance, hour out, spread, hours away, spread, km, spread.
        let [chance, out, out_spread, away, away_spread, km, km_spread] = match (self, weekend) {
            (Self::Commuter, false) => [0.86, 7.4, 0.8, 9.6, 1.8, 74.0, 16.0],
            (Self::Commuter, true) => [0.5, 11.0, 3.0, 4.5, 3.0, 70.0, 110.0],
            (_, false) => [0.72, 9.0, 1.6, 3.6, 2.6, 33.0, 22.0],
            (_, true) => [0.45, 10.5, 2.0, 3.0, 2.0, 28.0, 30.0],
        };
        if draw(0) >= chance {
            return None;
        }
        let from = local(zone, day, out + out_spread * (draw(1) - 0.5))?;
        let hours = away + away_spread * (draw(2) - 0.5);
        let to = from + TimeDelta::seconds((hours * 3600.0) as i64);
        Some(Absence {
            from,
            to,
            km: km + km_spread * (draw(3) - 0.5),
        })
    }
}

/// A visitor's afternoon, if one comes on that day.
fn visit(seed: u64, zone: Tz, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let number = i64::from(day.num_days_from_ce());
    let draw = |n: u64| unit(seed, Stream::Visit, number, n);
    let chance = match day.weekday() {
        Weekday::Sat | Weekday::Sun => 0.22,
        _ => 0.04,
    };
    if draw(0) >= chance {
        return None;
    }
    let start = local(zone, day, 13.5 + 2.0 * draw(1))?;
    Some((
        start,
        start + TimeDelta::seconds((3600.0 * (2.5 + 3.0 * draw(2))) as i64),
    ))
}

/// An hour of a local day as an instant; in the hour that a clock change skips, the next that exists.
fn local(zone: Tz, day: NaiveDate, hour: f64) -> Option<DateTime<Utc>> {
    let seconds = (hour * 3600.0) as u32;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds.min(86_399), 0)?;
    let naive = day.and_time(time);
    zone.from_local_datetime(&naive)
        .earliest()
        .or_else(|| {
            zone.from_local_datetime(&(naive + TimeDelta::hours(1)))
                .earliest()
        })
        .map(|local| local.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absences_follow_each_other() {
        let zone = chrono_tz::Europe::Berlin;
        for habit in [Habit::Commuter, Habit::Errands, Habit::Visitor] {
            let mut at = Utc.with_ymd_and_hms(2026, 3, 20, 0, 0, 0).unwrap();
            for _ in 0..200 {
                let absence = habit.next_absence(3, zone, at);
                assert!(absence.from >= at, "{habit:?}");
                assert!(absence.to > absence.from, "{habit:?} {absence:?}");
                at = absence.to;
            }
        }
    }
}
