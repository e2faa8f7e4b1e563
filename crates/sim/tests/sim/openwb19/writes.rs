//! What clients write, people scan and people enter.

use super::{cycles, still, write};
use crate::client::retained;

#[tokio::test]
async fn tags_stay_with_their_time_and_can_be_simulated() {
    let sim = still().await;
    sim.control().scan(3, "0012345678").await.unwrap();
    cycles(&sim, 1).await;
    let at = sim.control().observe().await.unwrap().now.timestamp();
    let scan = format!("0012345678,{at}");
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/system/lastRfId").unwrap(), scan);
    assert_eq!(retained(&sim, "openWB/lp/1/lastRfId").unwrap(), scan);
    assert_eq!(retained(&sim, "openWB/lp/2/lastRfId").unwrap(), "0");
    write(&sim, "openWB/set/system/SimulateRFID", "CAFE01", false).await;
    cycles(&sim, 1).await;
    let last = retained(&sim, "openWB/system/lastRfId").unwrap();
    assert!(last.starts_with("CAFE01,"), "{last}");
    assert_eq!(retained(&sim, "openWB/lp/1/lastRfId").unwrap(), scan);
    write(&sim, "openWB/set/system/SimulateRFID", "a;b", false).await;
    cycles(&sim, 1).await;
    assert_eq!(retained(&sim, "openWB/system/lastRfId").unwrap(), last);
    sim.stop().await;
}

#[tokio::test]
async fn a_state_of_charge_is_entered_or_asked_for() {
    let sim = still().await;
    let control = sim.control();
    control.set_vehicle_soc(1, 33.0).await.unwrap();
    cycles(&sim, 1).await;
    assert_ne!(retained(&sim, "openWB/lp/1/%Soc").unwrap(), "33");
    write(&sim, "openWB/set/lp/1/ForceSoCUpdate", "1", false).await;
    write(&sim, "openWB/set/lp/2/manualSoc", "71", false).await;
    // Its module is not the manual one.
    write(&sim, "openWB/set/lp/1/manualSoc", "90", false).await;
    cycles(&sim, 1).await;
    assert_eq!(retained(&sim, "openWB/lp/1/%Soc").unwrap(), "33");
    assert_eq!(retained(&sim, "openWB/lp/2/%Soc").unwrap(), "71");
    sim.stop().await;
}

/// Topic, a value that is taken, where it shows, and values that are out of range.
const WRITES: [(&str, &str, &str, &[&str]); 24] = [
    ("set/ChargeMode", "2", "global/ChargeMode", &["-1", "5"]),
    (
        "config/set/sofort/lp/1/current",
        "9",
        "config/get/sofort/lp/1/current",
        &["5", "33"],
    ),
    (
        "config/set/sofort/lp/8/current",
        "32",
        "config/get/sofort/lp/8/current",
        &["99"],
    ),
    (
        "config/set/sofort/lp/2/chargeLimitation",
        "2",
        "config/get/sofort/lp/2/chargeLimitation",
        &["3"],
    ),
    (
        "config/set/sofort/lp/3/chargeLimitation",
        "1",
        "config/get/sofort/lp/3/chargeLimitation",
        &["2"],
    ),
    (
        "set/lp/1/DirectChargeSubMode",
        "1",
        "config/get/sofort/lp/1/chargeLimitation",
        &["3"],
    ),
    (
        "config/set/sofort/lp/1/energyToCharge",
        "100",
        "config/get/sofort/lp/1/energyToCharge",
        &["101"],
    ),
    (
        "config/set/sofort/lp/2/socToChargeTo",
        "55",
        "config/get/sofort/lp/2/socToChargeTo",
        &["101"],
    ),
    (
        "config/set/sofort/lp/4/etBasedCharging",
        "0",
        "config/get/sofort/lp/4/etBasedCharging",
        &["2"],
    ),
    (
        "set/lp/8/ChargePointEnabled",
        "0",
        "lp/8/ChargePointEnabled",
        &["2"],
    ),
    (
        "config/set/lp/5/stopchargeafterdisc",
        "1",
        "config/get/lp/5/stopchargeafterdisc",
        &["2"],
    ),
    (
        "config/set/pv/minCurrentMinPv",
        "16",
        "config/get/pv/minCurrentMinPv",
        &["5", "17"],
    ),
    (
        "config/set/pv/lp/1/minCurrent",
        "8",
        "config/get/pv/lp/1/minCurrent",
        &["5", "17"],
    ),
    (
        "config/set/pv/lp/2/maxSoc",
        "70",
        "config/get/pv/lp/2/maxSoc",
        &["101"],
    ),
    (
        "config/set/pv/lp/1/socLimitation",
        "1",
        "config/get/pv/lp/1/socLimitation",
        &["2"],
    ),
    (
        "config/set/pv/priorityModeEVBattery",
        "1",
        "config/get/pv/priorityModeEVBattery",
        &["2"],
    ),
    (
        "config/set/u1p3p/sofortPhases",
        "1",
        "config/get/u1p3p/sofortPhases",
        &["0", "4"],
    ),
    (
        "config/set/u1p3p/standbyPhases",
        "1",
        "config/get/u1p3p/standbyPhases",
        &["4"],
    ),
    (
        "config/set/u1p3p/nachtPhases",
        "1",
        "config/get/u1p3p/nachtPhases",
        &["4"],
    ),
    (
        "config/set/u1p3p/minundpvPhases",
        "4",
        "config/get/u1p3p/minundpvPhases",
        &["5"],
    ),
    (
        "config/set/u1p3p/nurpvPhases",
        "4",
        "config/get/u1p3p/nurpvPhases",
        &["5"],
    ),
    (
        "set/awattar/MaxPriceForCharging",
        "-12.5",
        "global/awattar/MaxPriceForCharging",
        &["-51", "96"],
    ),
    (
        "config/set/sofort/lp/2/current",
        "6",
        "config/get/sofort/lp/2/current",
        &[""],
    ),
    (
        "set/lp/2/ChargePointEnabled",
        "0",
        "lp/2/ChargePointEnabled",
        &["7"],
    ),
];

#[tokio::test]
async fn writes_are_shown_at_once_within_their_range_and_cleared() {
    let sim = still().await;
    for (path, value, shown, outside) in WRITES {
        let (topic, shown) = (format!("openWB/{path}"), format!("openWB/{shown}"));
        let before = retained(&sim, &shown).unwrap();
        for outside in outside {
            write(&sim, &topic, outside, true).await;
            assert_eq!(
                retained(&sim, &shown),
                Some(before.clone()),
                "{path} {outside}"
            );
            assert_eq!(retained(&sim, &topic), None, "{path} {outside}");
        }
        // Python trips over it and never gets to clearing.
        write(&sim, &topic, "abc", true).await;
        assert_eq!(retained(&sim, &shown), Some(before), "{path} abc");
        assert_eq!(retained(&sim, &topic).as_deref(), Some("abc"), "{path}");
        write(&sim, &topic, value, true).await;
        assert_eq!(retained(&sim, &shown).as_deref(), Some(value), "{path}");
        assert_eq!(retained(&sim, &topic), None, "{path}");
    }
    // No such charge points, or none with a state of charge.
    for path in [
        "config/set/sofort/lp/9/current",
        "config/set/sofort/lp/3/socToChargeTo",
    ] {
        let topic = format!("openWB/{path}");
        write(&sim, &topic, "10", true).await;
        assert_eq!(retained(&sim, &topic), None);
        assert_eq!(retained(&sim, &topic.replace("/set/", "/get/")), None);
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_write_left_by_nobody_is_found_after_a_reboot() {
    let sim = still().await;
    sim.control().stop_core().await.unwrap();
    write(&sim, "openWB/set/ChargeMode", "3", true).await;
    assert_eq!(retained(&sim, "openWB/global/ChargeMode").unwrap(), "0");
    sim.control().start_core().await.unwrap();
    cycles(&sim, 1).await;
    assert_eq!(retained(&sim, "openWB/global/ChargeMode").unwrap(), "3");
    assert_eq!(retained(&sim, "openWB/set/ChargeMode"), None);
    sim.stop().await;
}
