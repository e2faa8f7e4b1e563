//! Laws of the household model.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use ladebuch_sim::household::{
    CHARGE_POINTS, Control, Device, Household, Offer, PV_PEAK_W, Traffic, history,
};
use proptest::prelude::*;

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 20, 5, 0, 0).unwrap()
}

fn devices() -> [Device; 6] {
    let [garage, carport] = CHARGE_POINTS;
    [
        Device::Grid,
        Device::Pv,
        Device::Battery,
        Device::Home,
        Device::ChargePoint(garage),
        Device::ChargePoint(carport),
    ]
}

/// Wh each device took from (positive) or gave to (negative) the house's wiring.
fn balance(before: &Household, after: &Household) -> f64 {
    let net = |device| {
        let (was, is) = (before.meter(device).unwrap(), after.meter(device).unwrap());
        (is.imported_wh - was.imported_wh) - (is.exported_wh - was.exported_wh)
    };
    let [grid, pv, battery, home, garage, carport] = devices().map(net);
    // Supply is what the grid delivers and what roof and battery give.
    grid - pv - battery - home - garage - carport
}

/// Something done to a household.
#[derive(Debug, Clone)]
enum Deed {
    Step(i64),
    Plug(u32, u32),
    Unplug(u32),
    Offer(u32, f64, u8),
    Pv(Option<f64>),
    Home(Option<f64>),
    BatterySoc(f64),
    VehicleSoc(u32, f64),
}

fn deed() -> impl Strategy<Value = Deed> {
    let point = prop_oneof![Just(3_u32), Just(4), Just(9)];
    prop_oneof![
        4 => (1_i64..4_000).prop_map(Deed::Step),
        1 => (point.clone(), 0_u32..4).prop_map(|(point, vehicle)| Deed::Plug(point, vehicle)),
        1 => point.clone().prop_map(Deed::Unplug),
        1 => (point, 0.0..40.0_f64, 1_u8..4).prop_map(|(point, current, phases)| Deed::Offer(point, current, phases)),
        1 => proptest::option::of(0.0..12_000.0_f64).prop_map(Deed::Pv),
        1 => proptest::option::of(0.0..9_000.0_f64).prop_map(Deed::Home),
        1 => (0.0..100.0_f64).prop_map(Deed::BatterySoc),
        1 => (0_u32..3, 0.0..100.0_f64).prop_map(|(vehicle, soc)| Deed::VehicleSoc(vehicle, soc)),
    ]
}

fn act(household: &mut Household, deed: &Deed) {
    match *deed {
        Deed::Step(seconds) => household.step(TimeDelta::seconds(seconds)),
        // What cannot be plugged or pulled is refused; the laws hold all the same.
        Deed::Plug(point, vehicle) => drop(household.plug(point, vehicle)),
        Deed::Unplug(point) => drop(household.unplug(point)),
        Deed::Offer(point, current_a, phases) => {
            household.set_offer(point, Offer { current_a, phases });
        }
        Deed::Pv(power) => household.set_pv_w(power),
        Deed::Home(power) => household.set_home_w(power),
        Deed::BatterySoc(percent) => household.set_battery_soc_percent(percent),
        Deed::VehicleSoc(vehicle, percent) => household.set_vehicle_soc_percent(vehicle, percent),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn energy_is_conserved_and_counters_never_fall(
        seed in 0_u64..1000,
        external in any::<bool>(),
        deeds in proptest::collection::vec(deed(), 1..40),
    ) {
        let mut household = Household::new(seed, start());
        household.set_control(if external { Control::External } else { Control::Automatic });
        for deed in &deeds {
            let before = household.clone();
            act(&mut household, deed);
            prop_assert!(balance(&before, &household).abs() < 1e-6, "{deed:?}");
            for device in devices() {
                let (was, is) = (before.meter(device).unwrap(), household.meter(device).unwrap());
                prop_assert!(is.imported_wh >= was.imported_wh && is.exported_wh >= was.exported_wh, "{deed:?} {device:?}");
                prop_assert!(is.power_w.is_finite());
            }
            prop_assert!((0.0..=100.0).contains(&household.battery_soc_percent()));
            for vehicle in household.vehicles() {
                prop_assert!((0.0..=100.0).contains(&vehicle.soc_percent()), "{deed:?} {vehicle:?}");
            }
            for point in household.points() {
                prop_assert!(point.meter.power_w <= 3.0 * 16.0 * 230.0 + 1e-6);
                prop_assert!(point.vehicle.is_some() || point.meter.power_w == 0.0);
            }
        }
    }

    #[test]
    fn the_same_seed_lives_the_same_life(seed in any::<u64>(), deeds in proptest::collection::vec(deed(), 1..15)) {
        let (mut one, mut two) = (Household::new(seed, start()), Household::new(seed, start()));
        for deed in &deeds {
            act(&mut one, deed);
            act(&mut two, deed);
        }
        for device in devices() {
            prop_assert_eq!(one.meter(device), two.meter(device));
        }
        prop_assert_eq!(one.take_events(), two.take_events());
    }
}

#[test]
fn different_seeds_live_different_lives() {
    let day = |seed| {
        let mut household = Household::new(seed, start());
        household.step(TimeDelta::days(1));
        household.meter(Device::Home).unwrap().imported_wh
    };
    assert_ne!(day(1), day(2));
}

#[test]
fn a_charge_at_eleven_kilowatts_fills_the_car_and_stops() {
    let mut household = Household::new(1, start());
    household.set_traffic(Traffic::ByHand);
    household.set_control(Control::External);
    household.unplug(3).ok();
    household.set_vehicle_soc_percent(1, 70.0);
    household.plug(3, 1).unwrap();
    household.set_offer(
        3,
        Offer {
            current_a: 16.0,
            phases: 3,
        },
    );
    let before = household.point(3).unwrap().meter.imported_wh;
    household.step(TimeDelta::minutes(6));
    let point = household.point(3).unwrap();
    assert!((point.meter.power_w - 11_040.0).abs() < 1e-6);
    assert!((point.meter.imported_wh - before - 1_104.0).abs() < 1e-6);
    household.step(TimeDelta::hours(3));
    assert_eq!(household.point(3).unwrap().meter.power_w, 0.0);
    let car = household.vehicles().iter().find(|car| car.id == 1).unwrap();
    assert!(
        (car.soc_percent() - 80.0).abs() < 0.1,
        "{}",
        car.soc_percent()
    );
    // 10 % of 77 kWh with a tenth lost on the way.
    let charged = household.point(3).unwrap().meter.imported_wh - before;
    assert!((charged - 7_700.0 / 0.9).abs() < 60.0, "{charged}");
}

#[test]
fn a_year_looks_like_a_year() {
    let from = Utc.with_ymd_and_hms(2025, 10, 1, 0, 0, 0).unwrap();
    let to = Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).unwrap();
    let mut past = history(1, from, to, TimeDelta::minutes(5));
    let (mut slots, mut last) = (0, None);
    let mut pv_wh = 0.0;
    for slot in past.by_ref() {
        for course in [
            slot.grid,
            slot.pv,
            slot.battery,
            slot.home,
            slot.charge_points[0],
            slot.charge_points[1],
        ] {
            assert!(
                course.min_w <= course.mean_w && course.mean_w <= course.max_w,
                "{slot:?}"
            );
        }
        assert!(slot.pv.min_w >= 0.0 && slot.pv.max_w <= PV_PEAK_W);
        assert!((0.0..=100.0).contains(&slot.battery_soc_percent));
        assert!(last.is_none_or(|last| slot.start == last + TimeDelta::minutes(5)));
        pv_wh += slot.pv.mean_w / 12.0;
        last = Some(slot.start);
        slots += 1;
    }
    assert_eq!(slots, (to - from).num_minutes() / 5);
    let household = past.into_household();
    assert_eq!(household.now(), to);
    let counted = household.meter(Device::Pv).unwrap().exported_wh - 12_345_000.0;
    assert!(
        (pv_wh - counted).abs() < 1.0,
        "{pv_wh} by power, {counted} by counter"
    );
    assert!(
        (8.0e6..13.5e6).contains(&counted),
        "{counted} Wh in 13 months"
    );
    let sessions = household.past_sessions();
    let tagged = sessions
        .iter()
        .filter(|session| session.tag.is_some())
        .count();
    assert!(
        (200..900).contains(&sessions.len()),
        "{} sessions",
        sessions.len()
    );
    assert!(
        tagged * 10 > sessions.len() * 7,
        "{tagged} of {} with a tag",
        sessions.len()
    );
    for vehicle in 0..3 {
        assert!(
            sessions.iter().any(|session| session.vehicle == vehicle),
            "vehicle {vehicle} never came"
        );
    }
}

#[test]
fn a_household_lives_on_where_its_history_ends() {
    let to = start() + TimeDelta::days(3);
    let mut past = history(5, start(), to, TimeDelta::minutes(5));
    let last = past.by_ref().last().unwrap();
    let mut household = past.into_household();
    assert_eq!(household.meter(Device::Grid), Some(last.grid.meter));
    let before = household.clone();
    household.step(TimeDelta::seconds(30));
    assert!(
        household.meter(Device::Home).unwrap().imported_wh
            > before.meter(Device::Home).unwrap().imported_wh
    );
    assert!(balance(&before, &household).abs() < 1e-9);
}

#[test]
fn the_walking_pace_changes_counters_only_a_little() {
    let to = start() + TimeDelta::days(2);
    let mut fast = history(3, start(), to, TimeDelta::minutes(5));
    fast.by_ref().for_each(drop);
    let fast = fast.into_household();
    let mut slow = Household::new(3, start());
    slow.step(to - start());
    for device in [Device::Pv, Device::Home] {
        let wh = |household: &Household| {
            let (now, then) = (
                household.meter(device).unwrap(),
                Household::new(3, start()).meter(device).unwrap(),
            );
            now.imported_wh - then.imported_wh + now.exported_wh - then.exported_wh
        };
        let (fast, slow) = (wh(&fast), wh(&slow));
        assert!(
            (fast - slow).abs() < 0.02 * slow,
            "{device:?}: {fast} and {slow}"
        );
    }
}
