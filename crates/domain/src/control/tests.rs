use std::sync::Arc;

use uuid::Uuid;

use super::*;
use crate::device::DeviceKind;
use crate::ids::SourceId;
use crate::reading::VehicleBattery;
use crate::snapshot::Dated;
use crate::tag::Tag;

const AT: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn dated<T>(value: T) -> Option<Dated<T>> {
    Some(Dated { value, at: AT })
}

fn vehicle(id: &str) -> VehicleRef {
    VehicleRef {
        id: id.into(),
        name: id.into(),
    }
}

/// A charge point that can most of what an openWB 2.x and a Charger 2 can, with two vehicles.
fn point() -> ChargePoint {
    ChargePoint {
        abilities: dated(Arc::new(Abilities {
            modes: vec![ChargeMode::Instant, ChargeMode::Pv, ChargeMode::Stop],
            current: Some((Amperes(6.0), Amperes(32.0))),
            energy_limit: Some((WattHours(100.0), WattHours(200_000.0))),
            soc_limit: true,
            min_current: Some((Amperes(6.0), Amperes(16.0))),
            min_current_zero: true,
            min_soc: true,
            lock: true,
            vehicles: vec![vehicle("vehicle/0"), vehicle("vehicle/1")],
            vehicle_soc: true,
            failsafe_current: Some((Amperes(6.0), Amperes(16.0))),
            watchdog: true,
            ..Abilities::default()
        })),
        ..ChargePoint::default()
    }
}

#[test]
fn what_can_be_asked_follows_from_what_the_charge_point_can_do() {
    use Command as C;
    let limit = |wh| C::Limit(ChargeLimit::Energy(WattHours(wh)));
    let cases = [
        (C::Mode(ChargeMode::Pv), Ok(())),
        (C::Mode(ChargeMode::Eco), Err(Objection::NotPossible)),
        (
            C::Mode(ChargeMode::Other("turbo".into())),
            Err(Objection::NotPossible),
        ),
        (C::Current(Amperes(16.0)), Ok(())),
        (C::Current(Amperes(5.0)), Err(Objection::OutOfRange)),
        (C::Current(Amperes(33.0)), Err(Objection::OutOfRange)),
        (C::Current(Amperes(10.5)), Err(Objection::OutOfRange)),
        (C::Current(Amperes(f64::NAN)), Err(Objection::OutOfRange)),
        (C::Limit(ChargeLimit::None), Ok(())),
        (limit(10_000.0), Ok(())),
        (limit(10.0), Err(Objection::OutOfRange)),
        (limit(10_050.0), Err(Objection::OutOfRange)),
        (limit(200_100.0), Err(Objection::OutOfRange)),
        (C::Limit(ChargeLimit::Soc(Percent(80.0))), Ok(())),
        (
            C::Limit(ChargeLimit::Soc(Percent(101.0))),
            Err(Objection::OutOfRange),
        ),
        (C::MinCurrent(Amperes(0.0)), Ok(())),
        (C::MinCurrent(Amperes(6.0)), Ok(())),
        (C::MinCurrent(Amperes(3.0)), Err(Objection::OutOfRange)),
        (C::MinSoc(Percent(20.0)), Ok(())),
        (
            C::MaxPrice(EurosPerKilowattHour(0.2)),
            Err(Objection::NotPossible),
        ),
        (C::Locked(true), Ok(())),
        (C::Vehicle("vehicle/1".into()), Ok(())),
        (C::Vehicle("vehicle/9".into()), Err(Objection::NotPossible)),
        (C::Priority(true), Err(Objection::NotPossible)),
        (C::VehicleSoc(Percent(55.0)), Ok(())),
        (C::VehicleSoc(Percent(0.0)), Err(Objection::OutOfRange)),
        (C::QuerySoc, Err(Objection::NotPossible)),
        (C::ResetEnergy, Err(Objection::NotPossible)),
        (C::FailsafeCurrent(Amperes(0.0)), Ok(())),
        (C::FailsafeCurrent(Amperes(16.0)), Ok(())),
        (C::FailsafeCurrent(Amperes(5.0)), Err(Objection::OutOfRange)),
        (
            C::FailsafeCurrent(Amperes(-1.0)),
            Err(Objection::OutOfRange),
        ),
        (C::Watchdog(Duration::ZERO), Ok(())),
        (C::Watchdog(Duration::from_millis(65_535)), Ok(())),
        (
            C::Watchdog(Duration::from_millis(65_536)),
            Err(Objection::OutOfRange),
        ),
        (
            C::Watchdog(Duration::from_micros(500)),
            Err(Objection::OutOfRange),
        ),
        (C::Watchdog(Duration::MAX), Err(Objection::OutOfRange)),
    ];
    for (command, expected) in cases {
        assert_eq!(check(&command, &point()), expected, "{command:?}");
    }
    let nothing_known = ChargePoint::default();
    for command in [
        C::Locked(true),
        C::FailsafeCurrent(Amperes(0.0)),
        C::Watchdog(Duration::ZERO),
    ] {
        assert_eq!(check(&command, &nothing_known), Err(Objection::NotPossible));
    }
}

#[test]
fn a_scanned_card_decides_which_vehicle_it_is() {
    let scanned = ChargePoint {
        tag: dated(Tag::new("0012345678")),
        ..point()
    };
    let assign = Command::Vehicle("vehicle/1".into());
    assert_eq!(check(&assign, &scanned), Err(Objection::CardDecides));
}

#[test]
fn a_command_is_done_only_when_the_charge_point_says_so() {
    let set = |settings| ChargePoint {
        settings: dated(Arc::new(settings)),
        ..point()
    };
    let limit = ChargeLimit::Energy(WattHours(10_000.0));
    let shown = set(ChargeSettings {
        mode: Some(ChargeMode::Pv),
        current: Some(Amperes(10.0)),
        limit: Some(limit),
        min_current: Some(Amperes(0.0)),
        max_price: Some(EurosPerKilowattHour(0.000_25 * 1000.0)),
        priority: Some(true),
        ..ChargeSettings::default()
    });
    let cases = [
        (Command::Mode(ChargeMode::Pv), true),
        (Command::Mode(ChargeMode::Instant), false),
        (Command::Current(Amperes(10.0)), true),
        (Command::Current(Amperes(11.0)), false),
        (Command::Limit(limit), true),
        (Command::Limit(ChargeLimit::None), false),
        (Command::MinCurrent(Amperes(0.0)), true),
        (Command::MinCurrent(Amperes(6.0)), false),
        (Command::MaxPrice(EurosPerKilowattHour(0.25)), true),
        (Command::MaxPrice(EurosPerKilowattHour(0.26)), false),
        (Command::Priority(true), true),
        (Command::Priority(false), false),
        (Command::MinSoc(Percent(10.0)), false),
        (Command::Locked(false), false),
        (Command::Vehicle("vehicle/1".into()), false),
    ];
    for (command, expected) in cases {
        assert_eq!(
            is_confirmed(&command, &shown, &point(), AT),
            expected,
            "{command:?}"
        );
    }
}

#[test]
fn a_limit_that_the_box_makes_narrower_is_done_all_the_same() {
    let asked = |mode| ChargePoint {
        settings: dated(Arc::new(ChargeSettings {
            mode: Some(mode),
            current: Some(Amperes(16.0)),
            failsafe_current: Some(Amperes(6.0)),
            watchdog: Some(Duration::from_secs(15)),
            ..ChargeSettings::default()
        })),
        offered_current: dated(Amperes(8.0)),
        ..point()
    };
    let allowed = asked(ChargeMode::Instant);
    let cases = [
        (Command::Current(Amperes(16.0)), true),
        (Command::Current(Amperes(8.0)), false),
        (Command::Mode(ChargeMode::Instant), true),
        (Command::Mode(ChargeMode::Stop), false),
        (Command::FailsafeCurrent(Amperes(6.0)), true),
        (Command::FailsafeCurrent(Amperes(0.0)), false),
        (Command::Watchdog(Duration::from_secs(15)), true),
        (Command::Watchdog(Duration::ZERO), false),
    ];
    for (command, expected) in cases {
        assert_eq!(
            is_confirmed(&command, &allowed, &point(), AT),
            expected,
            "{command:?}"
        );
    }
    let paused = asked(ChargeMode::Stop);
    let remembered = Command::Current(Amperes(16.0));
    assert!(is_confirmed(&remembered, &paused, &point(), AT));
}

#[test]
fn a_state_of_charge_that_is_merely_repeated_answers_no_question() {
    let told = |minutes: i64| ChargePoint {
        vehicle_battery: dated(VehicleBattery {
            soc: Percent(50.0),
            at: AT + chrono::TimeDelta::minutes(minutes),
            range: None,
        }),
        ..point()
    };
    let ask = Command::QuerySoc;
    assert!(
        !is_confirmed(&ask, &told(1), &told(1), AT),
        "received again"
    );
    assert!(is_confirmed(&ask, &told(2), &told(1), AT), "told anew");
    assert!(
        is_confirmed(&ask, &told(1), &point(), AT),
        "told for the first time"
    );
    assert!(!is_confirmed(&ask, &point(), &told(1), AT));
}

#[test]
fn a_counter_that_stands_at_nothing_is_reset() {
    let counted = |wh| ChargePoint {
        towards_limit: dated(WattHours(wh)),
        ..point()
    };
    let reset = Command::ResetEnergy;
    assert!(is_confirmed(&reset, &counted(0.0), &counted(0.0), AT));
    assert!(!is_confirmed(
        &reset,
        &counted(5_000.0),
        &counted(5_000.0),
        AT
    ));
}

#[test]
fn what_was_set_can_be_put_back_setting_by_setting() {
    let settings = ChargeSettings {
        mode: Some(ChargeMode::Pv),
        current: Some(Amperes(10.0)),
        priority: Some(false),
        ..ChargeSettings::default()
    };
    let cases = [
        (
            Command::Mode(ChargeMode::Instant),
            Some(Command::Mode(ChargeMode::Pv)),
        ),
        (
            Command::Current(Amperes(16.0)),
            Some(Command::Current(Amperes(10.0))),
        ),
        (Command::Priority(true), Some(Command::Priority(false))),
        (Command::MinSoc(Percent(20.0)), None),
        (Command::Locked(true), None),
        (Command::QuerySoc, None),
    ];
    for (command, expected) in cases {
        let back = inverse(&command, &settings);
        assert_eq!(back, expected, "{command:?}");
        if let Some(back) = back {
            assert_eq!(is_set(&back, &settings), Some(true), "it is so now");
        }
    }
}

#[test]
fn only_what_is_still_as_it_was_set_is_put_back() {
    let current = |amperes| Command::Current(Amperes(amperes));
    let shown = |amperes| ChargeSettings {
        current: Some(Amperes(amperes)),
        ..ChargeSettings::default()
    };
    let (back, set_to) = (current(16.0), [current(10.0), current(16.0)]);
    assert!(is_to_put_back(&back, &set_to, &shown(10.0)));
    assert!(
        !is_to_put_back(&back, &set_to, &shown(16.0)),
        "it is as it was"
    );
    assert!(
        !is_to_put_back(&back, &set_to, &shown(8.0)),
        "somebody has changed it since"
    );
    assert!(!is_to_put_back(&back, &set_to, &ChargeSettings::default()));
}

#[test]
fn charge_points_of_one_profile_change_together() {
    let device = |id: &str, profile: Option<&str>, one_mode_for_all| {
        let mut device = Device::new(
            SourceId(Uuid::nil()),
            id.into(),
            DeviceKind::ChargePoint,
            0,
            AT,
        );
        device.charge_point.settings = dated(Arc::new(ChargeSettings {
            profile: profile.map(CompactString::from),
            ..ChargeSettings::default()
        }));
        device.charge_point.abilities = dated(Arc::new(Abilities {
            one_mode_for_all,
            ..Abilities::default()
        }));
        device
    };
    let (mode, current) = (
        Command::Mode(ChargeMode::Pv),
        Command::Current(Amperes(6.0)),
    );
    let new = device("chargepoint/3", Some("charge_template/1"), false);
    assert_eq!(scope(&mode, &new), "charge_template/1");
    assert_eq!(scope(&current, &new), "charge_template/1");
    let old = device("lp/1", None, true);
    assert_eq!(scope(&mode, &old), "box");
    assert_eq!(scope(&current, &old), "lp/1");
}

#[test]
fn what_shows_only_after_a_cycle_is_waited_for_longer() {
    let echo = Command::Locked(true);
    let cycle = Command::Vehicle("vehicle/1".into());
    let minute = Some(Duration::from_secs(60));
    assert_eq!(patience(&echo, minute), Duration::from_secs(3));
    assert_eq!(patience(&cycle, minute), Duration::from_secs(90));
    assert_eq!(patience(&cycle, None), Duration::from_secs(15));
}
