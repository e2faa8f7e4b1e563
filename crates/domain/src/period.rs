//! Days, hours and months of the household, and how finely a period is drawn.

use std::time::Duration;

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, Months, NaiveDate, NaiveDateTime, NaiveTime,
    TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;

use crate::sample::Tier;

/// Length of one bar of an energy chart, in the household's local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// A local clock hour.
    Hour,
    /// From local midnight to local midnight: 23, 24 or 25 hours.
    Day,
    /// A calendar month.
    Month,
}

/// A calendar month of the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Year, e.g. 2026.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
}

impl Month {
    /// The month of a day.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        Self {
            year: u16::try_from(day.year()).unwrap_or(0),
            month: u8::try_from(day.month()).unwrap_or(1),
        }
    }

    /// The month before.
    #[must_use]
    pub const fn before(self) -> Self {
        if self.month == 1 {
            Self {
                year: self.year.saturating_sub(1),
                month: 12,
            }
        } else {
            Self {
                year: self.year,
                month: self.month - 1,
            }
        }
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// The instant at which a local day begins. Where the clock skips midnight, the day begins with
/// the first instant that exists.
#[must_use]
pub fn day_start(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    let mut local = date.and_time(NaiveTime::MIN);
    // No zone has ever skipped more than a day; quarter hours are the finest offsets in use.
    for _ in 0..=96 {
        match local.and_local_timezone(zone) {
            MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => {
                return at.with_timezone(&Utc);
            }
            MappedLocalTime::None => local += TimeDelta::minutes(15),
        }
    }
    local.and_utc()
}

/// The instant that a local time without a zone means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalInstant {
    /// The instant; the earlier one of two.
    pub at: DateTime<Utc>,
    /// The later one of two.
    pub later: Option<DateTime<Utc>>,
    /// Whether the clocks were changed at that time, so that it happened twice or not at all.
    pub doubtful: bool,
}

impl LocalInstant {
    /// The instant that is not before `least`, if one of the two is.
    #[must_use]
    pub fn not_before(self, least: DateTime<Utc>) -> DateTime<Utc> {
        match self.later {
            Some(later) if self.at < least => later,
            _ => self.at,
        }
    }
}

/// Finds the instant of a local time. One that never was, because the clocks were put forward, is
/// read by the clock that had not been changed yet.
#[must_use]
pub fn local_instant(zone: Tz, local: NaiveDateTime) -> LocalInstant {
    let (at, later, doubtful) = match local.and_local_timezone(zone) {
        MappedLocalTime::Single(at) => (at, None, false),
        MappedLocalTime::Ambiguous(earlier, later) => (earlier, Some(later), true),
        MappedLocalTime::None => {
            // No zone has ever skipped more than a day.
            let before = (1..=96).find_map(|quarters| {
                let skipped = TimeDelta::minutes(15 * quarters);
                let known = local.checked_sub_signed(skipped)?.and_local_timezone(zone);
                known.latest()?.checked_add_signed(skipped)
            });
            let at = before.unwrap_or_else(|| zone.from_utc_datetime(&local));
            (at, None, true)
        }
    };
    LocalInstant {
        at: at.with_timezone(&Utc),
        later: later.map(|later| later.with_timezone(&Utc)),
        doubtful,
    }
}

/// The bounds of all intervals that touch `[from, to)`: `n + 1` instants for `n` bars, the first
/// at or before `from`, the last at or after `to`. At most `limit` bars are made.
#[must_use]
pub fn bounds(
    zone: Tz,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    interval: Interval,
    limit: usize,
) -> Vec<DateTime<Utc>> {
    let mut bounds = vec![interval_start(zone, from, interval)];
    while let Some(&last) = bounds.last() {
        if last >= to || bounds.len() > limit {
            break;
        }
        let next = interval_end(zone, last, interval);
        if next <= last {
            break;
        }
        bounds.push(next);
    }
    bounds
}

fn interval_start(zone: Tz, at: DateTime<Utc>, interval: Interval) -> DateTime<Utc> {
    let local = at.with_timezone(&zone);
    match interval {
        Interval::Hour => at - since_full_hour(&local),
        Interval::Day => day_start(zone, local.date_naive()),
        Interval::Month => day_start(
            zone,
            local.date_naive().with_day(1).unwrap_or(local.date_naive()),
        ),
    }
}

fn interval_end(zone: Tz, start: DateTime<Utc>, interval: Interval) -> DateTime<Utc> {
    let local = start.with_timezone(&zone);
    let date = local.date_naive();
    let next = match interval {
        Interval::Hour => return start - since_full_hour(&local) + TimeDelta::hours(1),
        Interval::Day => date.checked_add_days(Days::new(1)),
        Interval::Month => date
            .with_day(1)
            .and_then(|first| first.checked_add_months(Months::new(1))),
    };
    next.map_or(start, |date| day_start(zone, date))
}

fn since_full_hour<T: Timelike>(local: &T) -> TimeDelta {
    TimeDelta::seconds(i64::from(local.minute() * 60 + local.second()))
        + TimeDelta::nanoseconds(i64::from(local.nanosecond()))
}

/// Where the points of a power chart come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The tier to read; `None`: raw samples.
    pub tier: Option<Tier>,
    /// Length of one point, a multiple of the tier's step.
    pub step: TimeDelta,
}

/// The finest resolution that draws `[from, to)` with at most `max_points` points. Raw samples of
/// `raw_step` are used only where all of the period still has them (`raw_from`).
#[must_use]
pub fn resolution(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    max_points: u32,
    raw_step: Duration,
    raw_from: DateTime<Utc>,
) -> Resolution {
    let span = (to - from).num_milliseconds().max(1);
    let points = i64::from(max_points.max(1));
    let fits = |step: TimeDelta| span / step.num_milliseconds().max(1) < points;
    if let Ok(step) = TimeDelta::from_std(raw_step)
        && from >= raw_from
        && fits(step)
    {
        return Resolution { tier: None, step };
    }
    if let Some(tier) = Tier::ALL.into_iter().find(|tier| fits(tier.step())) {
        return Resolution {
            tier: Some(tier),
            step: tier.step(),
        };
    }
    let coarsest = Tier::SixHours.step();
    let factor = span / (coarsest.num_milliseconds() * points) + 1;
    Resolution {
        tier: Some(Tier::SixHours),
        step: TimeDelta::milliseconds(coarsest.num_milliseconds() * factor),
    }
}
