//! Days across changes of the clock, and how finely a period is drawn.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use ladebuch_domain::period::{Interval, Resolution, bounds, day_start, local_instant, resolution};
use ladebuch_domain::sample::Tier;
use proptest::prelude::*;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn hours(bounds: &[DateTime<Utc>]) -> Vec<i64> {
    bounds
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).num_hours())
        .collect()
}

#[test]
fn a_day_begins_at_local_midnight() {
    for (zone, day, start) in [
        (Tz::Europe__Berlin, "2026-01-15", "2026-01-14T23:00:00Z"),
        (Tz::Europe__Berlin, "2026-07-15", "2026-07-14T22:00:00Z"),
        (Tz::Asia__Kolkata, "2026-07-15", "2026-07-14T18:30:00Z"),
        // The clock went from 00:00 to 01:00: the day begins with the first minute there was.
        (Tz::America__Sao_Paulo, "2018-11-04", "2018-11-04T03:00:00Z"),
        // The clock went from 00:00 back to 23:00 of the day before.
        (Tz::America__Sao_Paulo, "2018-02-18", "2018-02-18T03:00:00Z"),
        // The clock went from 00:59 back to 00:00, so midnight came twice.
        (Tz::America__Havana, "2026-11-01", "2026-11-01T04:00:00Z"),
    ] {
        assert_eq!(day_start(zone, date(day)), utc(start), "{day} in {zone}");
    }
}

#[test]
fn days_have_23_or_25_hours_when_the_clock_changes() {
    for (from, to, expected) in [
        ("2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z", [24, 23, 24]),
        ("2026-10-23T22:00:00Z", "2026-10-26T23:00:00Z", [24, 25, 24]),
    ] {
        let bounds = bounds(Tz::Europe__Berlin, utc(from), utc(to), Interval::Day, 100);
        assert_eq!(hours(&bounds), expected);
        assert_eq!((bounds[0], bounds[3]), (utc(from), utc(to)));
    }
}

#[test]
fn hours_stay_hours_when_the_clock_changes() {
    let day = |from, to| bounds(Tz::Europe__Berlin, utc(from), utc(to), Interval::Hour, 100);
    assert_eq!(
        day("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z").len(),
        23 + 1
    );
    assert_eq!(
        day("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z").len(),
        25 + 1
    );
}

#[test]
fn months_follow_the_calendar_of_the_zone() {
    let bounds = bounds(
        Tz::Europe__Berlin,
        utc("2026-01-31T23:00:00Z"),
        utc("2026-04-30T22:00:00Z"),
        Interval::Month,
        100,
    );
    assert_eq!(hours(&bounds), [28 * 24, 31 * 24 - 1, 30 * 24]);
}

#[test]
fn local_hours_may_begin_at_half_past() {
    let bounds = bounds(
        Tz::Asia__Kolkata,
        utc("2026-07-15T06:45:00Z"),
        utc("2026-07-15T07:40:00Z"),
        Interval::Hour,
        100,
    );
    assert_eq!(
        bounds,
        ["06:30", "07:30", "08:30"].map(|time| utc(&format!("2026-07-15T{time}:00Z")))
    );
}

#[test]
fn a_day_without_midnight_is_an_hour_short() {
    let bounds = bounds(
        Tz::America__Sao_Paulo,
        utc("2018-11-03T12:00:00Z"),
        utc("2018-11-05T12:00:00Z"),
        Interval::Day,
        100,
    );
    assert_eq!(hours(&bounds), [24, 23, 24]);
}

#[test]
fn no_more_bars_are_made_than_allowed() {
    let (from, to) = (utc("2020-01-01T00:00:00Z"), utc("2026-01-01T00:00:00Z"));
    let bounds = bounds(Tz::UTC, from, to, Interval::Hour, 10);
    assert_eq!(bounds.len(), 11);
    assert!(bounds[10] < to);
}

proptest! {
    #[test]
    fn bars_cover_the_period_without_holes(
        from in 1_000_000_000..2_000_000_000_i64,
        length in 1..8_000_000_i64,
        zone in prop::sample::select(vec![
            Tz::UTC, Tz::Europe__Berlin, Tz::America__Sao_Paulo, Tz::Asia__Kathmandu,
            Tz::Australia__Lord_Howe, Tz::America__St_Johns,
        ]),
        interval in prop::sample::select(vec![Interval::Hour, Interval::Day, Interval::Month]),
    ) {
        let from = DateTime::from_timestamp(from, 0).unwrap();
        let to = from + TimeDelta::seconds(length);
        let bounds = bounds(zone, from, to, interval, 9000);
        prop_assert!(bounds[0] <= from);
        prop_assert!(*bounds.last().unwrap() >= to);
        prop_assert!(bounds[bounds.len() - 2] < to);
        prop_assert!(bounds.is_sorted_by(|a, b| a < b));
        let longest = match interval {
            Interval::Hour => TimeDelta::hours(2),
            Interval::Day => TimeDelta::hours(25),
            Interval::Month => TimeDelta::days(32),
        };
        for pair in bounds.windows(2) {
            prop_assert!(pair[1] - pair[0] <= longest);
        }
    }

    #[test]
    fn a_resolution_never_has_more_points_than_asked_for(
        length in 1..20_000_000_000_i64,
        max_points in 1..20_000_u32,
        raw in prop::sample::select(vec![5_u64, 10, 30, 60]),
    ) {
        let from = DateTime::<Utc>::UNIX_EPOCH;
        let to = from + TimeDelta::milliseconds(length);
        let Resolution { tier, step } =
            resolution(from, to, max_points, Duration::from_secs(raw), from);
        prop_assert!(length / step.num_milliseconds() < i64::from(max_points));
        let base = tier.map_or(TimeDelta::seconds(raw as i64), Tier::step);
        prop_assert_eq!(step.num_milliseconds() % base.num_milliseconds(), 0);
    }
}

#[test]
fn the_finest_resolution_that_fits_is_taken() {
    let now = utc("2026-11-22T12:00:00Z");
    let raw_from = now - TimeDelta::days(14);
    let pick = |span: TimeDelta, points| {
        resolution(now - span, now, points, Duration::from_secs(10), raw_from)
    };
    for (span, points, tier, step) in [
        (TimeDelta::hours(1), 1500, None, TimeDelta::seconds(10)),
        (
            TimeDelta::days(1),
            1500,
            Some(Tier::FiveMinutes),
            TimeDelta::minutes(5),
        ),
        (
            TimeDelta::days(30),
            1500,
            Some(Tier::Hour),
            TimeDelta::hours(1),
        ),
        (
            TimeDelta::days(365),
            1500,
            Some(Tier::SixHours),
            TimeDelta::hours(6),
        ),
        (
            TimeDelta::days(3650),
            1500,
            Some(Tier::SixHours),
            TimeDelta::hours(60),
        ),
        // A wide screen may have the raw samples of a whole day.
        (TimeDelta::days(1), 20_000, None, TimeDelta::seconds(10)),
    ] {
        assert_eq!(pick(span, points), Resolution { tier, step }, "{span}");
    }
}

#[test]
fn raw_samples_are_drawn_only_where_all_of_them_are_left() {
    let from = utc("2026-11-01T12:00:00Z");
    let resolution = resolution(
        from,
        from + TimeDelta::hours(1),
        1500,
        Duration::from_secs(10),
        from + TimeDelta::minutes(1),
    );
    assert_eq!(resolution.tier, Some(Tier::FiveMinutes));
}

#[test]
fn a_local_time_without_a_zone_is_found_also_when_the_clocks_are_changed() {
    let cases = [
        (
            "2026-11-22T07:43:12",
            "2026-11-22T06:43:12Z",
            false,
            "an ordinary one",
        ),
        (
            "2026-10-25T02:30:00",
            "2026-10-25T00:30:00Z",
            true,
            "it happened twice",
        ),
        (
            "2026-03-29T02:30:00",
            "2026-03-29T01:30:00Z",
            true,
            "it was skipped",
        ),
        (
            "2026-03-29T03:00:00",
            "2026-03-29T01:00:00Z",
            false,
            "the first after the gap",
        ),
    ];
    for (local, expected, doubtful, why) in cases {
        let found = local_instant(Tz::Europe__Berlin, local.parse().unwrap());
        assert_eq!(
            found.at,
            expected.parse::<DateTime<Utc>>().unwrap(),
            "{why}"
        );
        assert_eq!(found.doubtful, doubtful, "{why}");
    }
}

#[test]
fn a_charge_through_the_hour_that_happens_twice_ends_after_it_began() {
    let zone = Tz::Europe__Berlin;
    let local = |text: &str| local_instant(zone, text.parse().unwrap());
    let begin = local("2026-10-25T02:50:00").at;
    let end = local("2026-10-25T02:10:00");
    assert!(end.at < begin);
    assert_eq!(end.not_before(begin), utc("2026-10-25T01:10:00Z"));
    let ordinary = local("2026-10-25T03:10:00");
    assert_eq!(ordinary.not_before(begin), ordinary.at);
}

#[test]
fn the_ends_of_the_calendar_are_no_trap() {
    for zone in [Tz::Europe__Berlin, Tz::America__New_York] {
        for local in [chrono::NaiveDateTime::MIN, chrono::NaiveDateTime::MAX] {
            let found = local_instant(zone, local).at.naive_utc();
            assert!(
                (found - local).abs() <= TimeDelta::days(1),
                "{local} in {zone}"
            );
        }
    }
}
