//! The snapshot, the house picture drawn from it, and what of it is worth recording.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod household;

use std::time::Duration;

use household::{Household, SOURCE};
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::house::house;
use ladebuch_domain::ids::DeviceId;
use ladebuch_domain::reading::{Fact, Fault, FaultLevel};
use ladebuch_domain::sample::{Missing, observe};
use ladebuch_domain::snapshot::{Change, Iec61851};
use ladebuch_domain::source::SourceState;
use ladebuch_domain::units::{Percent, VoltAmpereHours, VoltAmperes, WattHours, Watts};
use uuid::Uuid;

fn watts(power: f64) -> Fact {
    Fact::Power(Some(Watts(power)))
}

fn fault(level: FaultLevel) -> Fact {
    Fact::Fault(Some(Fault {
        level,
        text: "no answer".into(),
    }))
}

#[test]
fn the_same_value_again_only_refreshes_its_age() {
    let mut home = Household::new();
    let meter = home.device(1, DeviceKind::Grid);
    assert_eq!(home.tell(meter, watts(100.0)), Some(Change::Updated(meter)));
    home.wait(10);
    assert_eq!(
        home.tell(meter, watts(100.0)),
        Some(Change::Refreshed(meter))
    );
    assert_eq!(home.look(meter).meter.power.unwrap().at, home.now);
    assert_eq!(
        home.tell(meter, Fact::Power(None)),
        Some(Change::Updated(meter))
    );
    assert_eq!(home.look(meter).meter.power, None);
}

#[test]
fn facts_about_unknown_or_removed_devices_are_ignored() {
    let mut home = Household::new();
    let meter = home.device(1, DeviceKind::Grid);
    assert_eq!(
        home.tell(meter, Fact::Removed),
        Some(Change::Removed(meter))
    );
    assert_eq!(home.tell(meter, Fact::Removed), None);
    assert_eq!(home.tell(meter, watts(1.0)), None);
}

#[test]
fn every_change_raises_the_revision_of_what_changed() {
    let mut home = Household::new();
    let (grid, pv) = (
        home.device(1, DeviceKind::Grid),
        home.device(2, DeviceKind::Pv),
    );
    home.tell(grid, watts(1.0));
    let before = home.snapshot.revision;
    home.tell(pv, watts(2.0));
    assert!(home.look(pv).revision > before);
    assert!(home.look(grid).revision <= before);
    // A source that goes offline changes all of its devices.
    let before = home.snapshot.revision;
    home.source(SourceState::Offline, None);
    assert!(home.look(grid).revision > before && home.look(pv).revision > before);
}

#[test]
fn values_grow_stale_after_half_a_minute_or_three_cycles() {
    for (cycle, limit) in [(5, 30), (10, 30), (20, 60)] {
        let mut home = Household::new();
        home.source(SourceState::Live, Some(Duration::from_secs(cycle)));
        let meter = home.device(1, DeviceKind::Grid);
        home.tell(meter, watts(1.0));
        home.wait(limit);
        assert!(!home.is_stale(meter), "cycle of {cycle} s");
        home.wait(1);
        assert!(home.is_stale(meter), "cycle of {cycle} s");
    }
}

#[test]
fn everything_is_stale_unless_its_source_is_live() {
    for state in [
        SourceState::Connecting,
        SourceState::Stale,
        SourceState::Offline,
    ] {
        let mut home = Household::new();
        let meter = home.device(1, DeviceKind::Home);
        home.tell(meter, watts(1.0));
        assert!(!home.is_stale(meter));
        home.source(state, None);
        assert!(home.is_stale(meter), "{state:?}");
    }
}

#[test]
fn a_value_that_is_only_told_when_it_changes_does_not_grow_stale() {
    let mut home = Household::new();
    let sum = home.device(1, DeviceKind::Home);
    let meter = home.device(2, DeviceKind::Grid);
    home.tell(sum, watts(1.0));
    home.tell(meter, watts(1.0));
    home.wait(3600);
    assert!(!home.is_stale(sum));
    assert!(home.is_stale(meter));
    home.source(SourceState::Live, None);
    assert!(
        !home.is_stale(meter),
        "a source without a cycle repeats nothing"
    );
}

#[test]
fn a_charge_point_is_in_a_state_of_iec_61851() {
    use Iec61851::{A, B, C, F};
    for (plugged, charging, failing, state) in [
        (None, None, false, None),
        (None, Some(true), false, None),
        (Some(false), None, false, Some(A)),
        (Some(false), Some(false), false, Some(A)),
        (Some(true), None, false, Some(B)),
        (Some(true), Some(false), false, Some(B)),
        (Some(true), Some(true), false, Some(C)),
        (Some(true), Some(true), true, Some(F)),
        (None, None, true, Some(F)),
    ] {
        let mut home = Household::new();
        let point = home.device(1, DeviceKind::ChargePoint);
        home.tell(point, Fact::Plugged(plugged));
        home.tell(point, Fact::Charging(charging));
        if failing {
            home.tell(point, fault(FaultLevel::Error));
        }
        let case = (plugged, charging, failing);
        assert_eq!(home.look(point).iec61851(), state, "{case:?}");
    }
}

#[test]
fn only_charge_points_have_such_a_state_and_a_warning_is_none() {
    let mut home = Household::new();
    let (meter, point) = (
        home.device(1, DeviceKind::Grid),
        home.device(2, DeviceKind::ChargePoint),
    );
    home.tell(meter, Fact::Plugged(Some(true)));
    home.tell(point, Fact::Plugged(Some(true)));
    home.tell(point, fault(FaultLevel::Warning));
    assert_eq!(home.look(meter).iec61851(), None);
    assert_eq!(home.look(point).iec61851(), Some(Iec61851::B));
}

#[test]
fn plugging_in_is_dated_only_if_it_was_seen() {
    let mut home = Household::new();
    let point = home.device(1, DeviceKind::ChargePoint);
    let since = |home: &Household| home.look(point).charge_point.plugged_since;
    // Plugged in when Ladebuch began to look.
    home.tell(point, Fact::Plugged(Some(true)));
    assert_eq!(since(&home), None);
    home.wait(10);
    home.tell(point, Fact::Plugged(Some(false)));
    home.wait(10);
    home.tell(point, Fact::Plugged(Some(true)));
    let seen = home.now;
    assert_eq!(since(&home), Some(seen));
    home.wait(10);
    home.tell(point, Fact::Plugged(Some(true)));
    assert_eq!(since(&home), Some(seen), "a repetition changes nothing");
    home.tell(point, Fact::Plugged(None));
    home.tell(point, Fact::Plugged(Some(true)));
    assert_eq!(since(&home), None, "it may have been unplugged meanwhile");
}

/// Devices by kind and power, and the sums of both sides with what is left over.
type Balance = (
    &'static [(DeviceKind, f64)],
    Option<f64>,
    Option<f64>,
    Option<f64>,
);

#[test]
fn the_house_balances() {
    use DeviceKind::{Battery, ChargePoint, Grid, Home, Meter, Pv};
    let cases: &[Balance] = &[
        (&[], None, None, None),
        (
            &[(Grid, 500.0), (Home, 500.0)],
            Some(500.0),
            Some(500.0),
            None,
        ),
        // Export and a charging battery are where power goes.
        (
            &[
                (Pv, 8000.0),
                (Grid, -3000.0),
                (Battery, 2000.0),
                (Home, 500.0),
                (ChargePoint, 2500.0),
            ],
            Some(8000.0),
            Some(8000.0),
            None,
        ),
        // A discharging battery and a car that feeds back are where it comes from.
        (
            &[(Battery, -700.0), (ChargePoint, -300.0), (Home, 1000.0)],
            Some(1000.0),
            Some(1000.0),
            None,
        ),
        // What differs by more than noise is unknown, in both directions.
        (
            &[(Grid, 549.0), (Home, 500.0)],
            Some(549.0),
            Some(500.0),
            None,
        ),
        (
            &[(Grid, 550.0), (Home, 500.0)],
            Some(550.0),
            Some(500.0),
            Some(50.0),
        ),
        (
            &[(Grid, 100.0), (Home, 500.0)],
            Some(100.0),
            Some(500.0),
            Some(-400.0),
        ),
        // With one side unknown there is nothing to compare.
        (&[(Grid, 900.0)], Some(900.0), None, None),
        (&[(Home, 900.0)], None, Some(900.0), None),
        // An inverter's standby is no production, and other meters are not part of the balance.
        (
            &[(Pv, -5.0), (Home, 0.0), (Meter, 4000.0)],
            Some(0.0),
            Some(0.0),
            None,
        ),
    ];
    for (devices, input, output, unknown) in cases {
        let mut home = Household::new();
        for (number, (kind, power)) in devices.iter().enumerate() {
            let id = home.device(number as u128, *kind);
            home.tell(id, watts(*power));
        }
        let house = house(&home.snapshot, home.now);
        let sums = [house.input, house.output, house.unknown].map(|sum| sum.map(Watts::get));
        assert_eq!(sums, [*input, *output, *unknown], "{devices:?}");
        let flows = house.inputs.iter().chain(&house.outputs);
        assert!(flows.into_iter().all(|flow| flow.power >= Watts::ZERO));
    }
}

#[test]
fn one_wallbox_with_two_witnesses_is_counted_once() {
    let mut household = Household::new();
    let near = household.device(1, DeviceKind::ChargePoint);
    let station = household.device(2, DeviceKind::ChargePoint);
    household.tell(station, watts(10_900.0));
    household.snapshot.link(station, Some(near));
    let outputs = |household: &Household| -> Vec<_> {
        let house = house(&household.snapshot, household.now);
        house.outputs.iter().map(|flow| flow.device).collect()
    };
    assert_eq!(outputs(&household), [station], "only one tells its power");
    household.tell(near, watts(11_000.0));
    assert_eq!(outputs(&household), [near], "the nearer one counts");
    household.tell(near, fault(FaultLevel::Error));
    assert_eq!(outputs(&household), [near], "a fault is shown, not hidden");
    household.snapshot.link(station, None);
    assert_eq!(outputs(&household), [near, station], "two boxes");
}

#[test]
fn apparent_power_is_shown_and_never_counted_as_power() {
    let mut home = Household::new();
    let wallbox = home.device(1, DeviceKind::ChargePoint);
    home.tell(wallbox, Fact::ApparentPower(Some(VoltAmperes(7_200.0))));
    let energy = VoltAmpereHours(1_234_567.0);
    home.tell(wallbox, Fact::ApparentEnergy(Some(energy)));
    home.tell(wallbox, Fact::ApparentSincePowerOn(Some(energy)));
    let shown = home.look(wallbox).meter.apparent_power;
    assert_eq!(shown.map(|shown| shown.value), Some(VoltAmperes(7_200.0)));
    assert_eq!(energy.kilo(), 1_234.567);
    let house = house(&home.snapshot, home.now);
    assert_eq!((house.outputs, house.output), (Vec::new(), None));
    assert_eq!(observe(&home.snapshot, home.now), (Vec::new(), Vec::new()));
}

#[test]
fn the_house_shows_which_values_are_old() {
    let mut home = Household::new();
    let (grid, pv) = (
        home.device(1, DeviceKind::Grid),
        home.device(2, DeviceKind::Pv),
    );
    let silent = home.device(3, DeviceKind::Battery);
    home.tell(grid, watts(100.0));
    home.wait(31);
    home.tell(pv, watts(200.0));
    let flows = |home: &Household| -> Vec<(DeviceId, bool)> {
        let house = house(&home.snapshot, home.now);
        house
            .inputs
            .iter()
            .map(|flow| (flow.device, flow.stale))
            .collect()
    };
    assert_eq!(flows(&home), [(pv, false), (grid, true)]);
    home.tell(pv, fault(FaultLevel::Error));
    assert_eq!(flows(&home), [(pv, true), (grid, true)]);
    assert!(
        !flows(&home).iter().any(|(id, _)| *id == silent),
        "unknown is left out"
    );
}

#[test]
fn what_can_be_believed_is_observed_and_the_rest_is_missing() {
    let mut home = Household::new();
    let (grid, pv) = (
        home.device(1, DeviceKind::Grid),
        home.device(2, DeviceKind::Pv),
    );
    let battery = home.device(3, DeviceKind::Battery);
    home.tell(grid, watts(100.0));
    home.wait(31);
    home.tell(pv, watts(200.0));
    home.tell(pv, Fact::Produced(Some(WattHours(5.0))));
    home.tell(battery, Fact::Soc(Some(Percent(50.0))));
    home.tell(battery, fault(FaultLevel::Error));
    let (observed, mut missing) = observe(&home.snapshot, home.now);
    let observed: Vec<_> = observed
        .iter()
        .map(|seen| (seen.device, seen.quantity, seen.value))
        .collect();
    assert_eq!(
        observed,
        [(pv, Quantity::Power, 200.0), (pv, Quantity::Produced, 5.0)]
    );
    missing.sort();
    assert_eq!(missing, [Missing::Device(grid), Missing::Device(battery)]);
}

#[test]
fn nothing_is_observed_of_a_source_that_is_not_live() {
    let mut home = Household::new();
    let meter = home.device(1, DeviceKind::Grid);
    home.tell(meter, watts(100.0));
    home.source(SourceState::Stale, None);
    let (observed, missing) = observe(&home.snapshot, home.now);
    assert_eq!(
        (observed.len(), missing),
        (0, vec![Missing::Source(SOURCE)])
    );
    home.snapshot.remove_source(SOURCE);
    assert_eq!(observe(&home.snapshot, home.now).1, []);
    assert!(
        !home
            .snapshot
            .devices
            .contains_key(&DeviceId(Uuid::from_u128(1)))
    );
}
