//! The grid, counters, and how fine slots become coarse ones.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::sample::{
    Advance, CounterTrack, Quality, Slot, SlotValue, Tier, merge, slot_start,
};
use ladebuch_domain::units::WattHours;
use proptest::prelude::*;

const STEP: Duration = Duration::from_secs(10);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

#[test]
fn a_slot_begins_on_the_grid_even_before_1970() {
    for (moment, start) in [(0, 0), (9, 0), (10, 10), (-1, -10), (-10, -10), (-11, -20)] {
        assert_eq!(slot_start(at(moment), STEP), at(start), "{moment}");
    }
    let between = at(19) + TimeDelta::milliseconds(999);
    assert_eq!(slot_start(between, STEP), at(10));
}

#[test]
fn every_tier_is_made_of_whole_slots_of_the_finer_one() {
    for tier in Tier::ALL {
        if let Some(finer) = tier.finer() {
            assert_eq!(tier.seconds() % finer.seconds(), 0);
        }
    }
}

/// A counter that stood at 1,000 Wh at the beginning of time, and its next reading.
fn advance(reading: f64, seconds: u64) -> (Advance, CounterTrack) {
    let mut track = CounterTrack::new(WattHours(1000.0), at(0));
    let elapsed = Duration::from_secs(seconds);
    let now = at(i64::try_from(seconds).unwrap());
    (track.advance(WattHours(reading), now, elapsed, STEP), track)
}

#[test]
fn a_rise_within_a_slot_is_measured_and_counted() {
    for reading in [1000.0, 1000.1, 1030.0] {
        let (advance, track) = advance(reading, 10);
        assert_eq!(advance, Advance::Measured);
        assert_eq!(track.total, WattHours(reading) - WattHours(1000.0));
        assert_eq!((track.reading, track.at), (WattHours(reading), at(10)));
    }
}

#[test]
fn a_rise_over_missing_slots_is_recovered() {
    assert_eq!(advance(1030.0, 20).0, Advance::Recovered);
    assert_eq!(advance(1030.0, 20).1.total, WattHours(30.0));
}

#[test]
fn missing_slots_without_a_rise_hide_nothing() {
    assert_eq!(advance(1000.0, 3600).0, Advance::Measured);
}

#[test]
fn a_late_tick_is_no_missing_slot() {
    assert_eq!(advance(1030.0, 14).0, Advance::Measured);
}

#[test]
fn a_fall_is_a_reset_and_counts_nothing() {
    let (advance, mut track) = advance(0.0, 10);
    assert_eq!(
        advance,
        Advance::Reset {
            before: WattHours(1000.0)
        }
    );
    assert_eq!(track.total, WattHours::ZERO);
    track.advance(WattHours(5.0), at(20), STEP, STEP);
    assert_eq!(
        track.total,
        WattHours(5.0),
        "counting goes on from the new base"
    );
}

#[test]
fn more_than_any_house_can_use_is_a_jump_and_counts_nothing() {
    let (advance, track) = advance(900_000.0, 10);
    assert_eq!(
        advance,
        Advance::Jump {
            before: WattHours(1000.0)
        }
    );
    assert_eq!(
        (track.total, track.reading),
        (WattHours::ZERO, WattHours(900_000.0))
    );
}

#[test]
fn the_same_rise_over_a_long_time_is_plausible() {
    assert_eq!(advance(900_000.0, 7 * 86_400).0, Advance::Recovered);
}

#[test]
fn rounding_noise_is_neither_a_reset_nor_counted_twice() {
    let (advance, mut track) = advance(999.0, 10);
    assert_eq!(advance, Advance::Measured);
    track.advance(WattHours(1000.0), at(20), STEP, STEP);
    assert_eq!(track.total, WattHours::ZERO);
    track.advance(WattHours(1002.0), at(30), STEP, STEP);
    assert_eq!(track.total, WattHours(2.0));
}

fn gauge(start: i64, value: f64) -> Slot {
    let value = SlotValue::Gauge {
        mean: value,
        min: value,
        max: value,
        count: 1,
    };
    Slot {
        start: at(start),
        value,
        quality: Quality::Measured,
    }
}

#[test]
fn merging_nothing_gives_nothing() {
    assert_eq!(merge(at(0), &[]), None);
}

#[test]
fn a_merged_counter_stands_where_its_last_slot_ended() {
    let slot = |start, reading, quality| {
        let value = SlotValue::Counter {
            reading: WattHours(reading),
            total: WattHours(reading - 100.0),
        };
        Slot {
            start: at(start),
            value,
            quality,
        }
    };
    let slots = [
        slot(0, 100.0, Quality::Measured),
        slot(10, 130.0, Quality::Recovered),
        slot(20, 140.0, Quality::Measured),
    ];
    let merged = merge(at(0), &slots).unwrap();
    assert_eq!(
        merged,
        Slot {
            start: at(0),
            quality: Quality::Recovered,
            ..slots[2]
        }
    );
}

#[test]
fn few_samples_weigh_less_than_many() {
    let slots = [
        gauge(0, 100.0),
        merge(at(10), &[gauge(10, 0.0); 3]).unwrap(),
    ];
    let SlotValue::Gauge { mean, count, .. } = merge(at(0), &slots).unwrap().value else {
        panic!("a gauge");
    };
    assert_eq!((mean, count), (25.0, 4));
}

proptest! {
    #[test]
    fn merging_merged_slots_equals_merging_all(
        groups in prop::collection::vec(prop::collection::vec(-20_000.0..20_000.0_f64, 1..40), 1..12)
    ) {
        let groups: Vec<Vec<Slot>> = groups
            .iter()
            .map(|values| values.iter().map(|value| gauge(0, *value)).collect())
            .collect();
        let merged: Vec<Slot> = groups.iter().filter_map(|slots| merge(at(0), slots)).collect();
        let in_steps = merge(at(0), &merged).unwrap();
        let at_once = merge(at(0), &groups.concat()).unwrap();
        let (
            SlotValue::Gauge { mean: a, min: low, max: high, count },
            SlotValue::Gauge { mean: b, min, max, count: all },
        ) = (in_steps.value, at_once.value) else {
            panic!("gauges");
        };
        prop_assert_eq!((low, high, count), (min, max, all));
        prop_assert!((a - b).abs() < 1e-6, "{} and {}", a, b);
        prop_assert!(min <= a && a <= max);
    }

    #[test]
    fn totals_never_fall_and_resets_never_reach_them(
        readings in prop::collection::vec((0.0..50_000.0_f64, 1..5_u32), 1..60)
    ) {
        let mut track = CounterTrack::new(WattHours(1000.0), at(0));
        let mut now = at(0);
        for (reading, slots) in readings {
            let before = track;
            let elapsed = STEP * slots;
            now += elapsed;
            let advance = track.advance(WattHours(reading), now, elapsed, STEP);
            let added = track.total - before.total;
            prop_assert!(added >= WattHours::ZERO);
            if matches!(advance, Advance::Reset { .. } | Advance::Jump { .. }) {
                prop_assert_eq!(added, WattHours::ZERO);
            }
        }
    }
}
