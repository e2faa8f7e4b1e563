//! The energy of periods from a counter's standings.

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::energy::EnergyMark::{self, Measured, None as Nothing, Partial, Recovered};
use ladebuch_domain::energy::{Energy, Standing, energies};
use ladebuch_domain::units::WattHours;

fn hour(hours: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
}

fn standing(total: f64, at: DateTime<Utc>) -> Option<Standing> {
    Some(Standing {
        total: WattHours(total),
        at,
        resumed: None,
    })
}

/// A standing in a hole that ended with another total.
fn resumed(total: f64, at: DateTime<Utc>, resumed: f64) -> Option<Standing> {
    Some(Standing {
        total: WattHours(total),
        at,
        resumed: Some(WattHours(resumed)),
    })
}

/// Energies of the two hours from 1:00 to 3:00, seen much later.
fn of(
    standings: [Option<Standing>; 3],
    upsets: &[DateTime<Utc>],
) -> Vec<(Option<f64>, EnergyMark)> {
    energies(&[hour(1), hour(2), hour(3)], &standings, upsets, hour(99))
        .into_iter()
        .map(|Energy { energy, mark }| (energy.map(WattHours::get), mark))
        .collect()
}

#[test]
fn energy_is_the_difference_of_two_totals() {
    let standings = [
        standing(10.0, hour(1)),
        standing(12.0, hour(2)),
        standing(17.0, hour(3)),
    ];
    assert_eq!(
        of(standings, &[]),
        [(Some(2.0), Measured), (Some(5.0), Measured)]
    );
}

#[test]
fn nothing_is_known_before_the_first_sample() {
    let standings = [None, None, standing(17.0, hour(3))];
    assert_eq!(of(standings, &[]), [(None, Nothing), (Some(17.0), Partial)]);
}

#[test]
fn a_period_without_any_sample_has_no_energy_rather_than_none_used() {
    let standings = [
        standing(10.0, hour(1)),
        resumed(10.0, hour(1), 10.0),
        standing(10.0, hour(3)),
    ];
    assert_eq!(of(standings, &[])[0], (None, Nothing));
}

#[test]
fn energy_of_a_hole_counts_where_the_hole_ends_and_is_marked_on_both_sides() {
    let half_past_one = hour(1) + TimeDelta::minutes(30);
    let standings = [
        standing(10.0, hour(1)),
        resumed(11.0, half_past_one, 15.0),
        standing(16.0, hour(3)),
    ];
    assert_eq!(
        of(standings, &[]),
        [(Some(1.0), Partial), (Some(5.0), Recovered)]
    );
}

#[test]
fn a_hole_in_which_nothing_was_used_hides_nothing() {
    let half_past_one = hour(1) + TimeDelta::minutes(30);
    let standings = [
        standing(10.0, hour(1)),
        resumed(11.0, half_past_one, 11.0),
        standing(16.0, hour(3)),
    ];
    assert_eq!(
        of(standings, &[]),
        [(Some(1.0), Measured), (Some(5.0), Measured)]
    );
}

#[test]
fn a_hole_that_has_not_ended_is_partial() {
    let half_past_one = hour(1) + TimeDelta::minutes(30);
    let end = standing(11.0, half_past_one);
    assert_eq!(
        of([standing(10.0, hour(1)), end, end], &[]),
        [(Some(1.0), Partial), (None, Nothing)]
    );
}

#[test]
fn the_running_period_is_partial() {
    let almost = hour(3) - TimeDelta::minutes(2);
    let standings = [
        standing(10.0, hour(1)),
        standing(12.0, hour(2)),
        standing(13.0, almost),
    ];
    let energies = energies(&[hour(1), hour(2), hour(3)], &standings, &[], almost);
    assert_eq!([energies[0].mark, energies[1].mark], [Measured, Partial]);
}

#[test]
fn a_reset_makes_its_period_partial() {
    let standings = [
        standing(10.0, hour(1)),
        standing(12.0, hour(2)),
        standing(17.0, hour(3)),
    ];
    let marks = |upset| {
        of(standings, &[upset])
            .into_iter()
            .map(|(_, mark)| mark)
            .collect::<Vec<_>>()
    };
    assert_eq!(marks(hour(2) - TimeDelta::seconds(1)), [Partial, Measured]);
    // It is noticed at the end of the slot in which it happened.
    assert_eq!(marks(hour(2)), [Partial, Measured]);
    assert_eq!(marks(hour(2) + TimeDelta::seconds(10)), [Measured, Partial]);
}
