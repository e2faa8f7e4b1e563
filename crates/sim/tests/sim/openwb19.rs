//! openWB 1.9 as its clients see it.

use std::collections::BTreeMap;

use chrono::{TimeDelta, Utc};
use ladebuch_sim::household::history;
use ladebuch_sim::{Generation, SimConfig, SimHandle, Simulation};
use rumqttc::v5::mqttbytes::QoS;

use crate::client::{Client, noon, retained};

/// A 1.9 in which nothing moves by itself.
async fn still() -> SimHandle {
    start(SimConfig::by_hand(noon())).await
}

async fn start(config: SimConfig) -> SimHandle {
    Simulation::start(SimConfig {
        generation: Generation::V1_9,
        ..config
    })
    .await
    .unwrap()
}

fn tree(sim: &SimHandle) -> BTreeMap<String, String> {
    sim.broker()
        .retained("#")
        .into_iter()
        .map(|message| {
            (
                message.topic.to_string(),
                String::from_utf8(message.payload.to_vec()).unwrap(),
            )
        })
        .collect()
}

async fn cycles(sim: &SimHandle, count: usize) {
    for _ in 0..count {
        sim.control().advance_cycle().await.unwrap();
    }
}

/// Publishes and waits until the box has dealt with it.
async fn write(sim: &SimHandle, topic: &str, payload: &str, retain: bool) {
    let mut client = Client::connect(sim.addr(), "writer").await;
    client.publish(topic, payload, retain).await;
    sim.control().observe().await.unwrap();
    client.disconnect().await;
}

/// What a payload looks like, whatever its value.
fn shape(payload: &str) -> &'static str {
    if payload.trim().is_empty() {
        "blank"
    } else if payload.parse::<f64>().is_ok() {
        "number"
    } else {
        "text"
    }
}

#[tokio::test]
async fn every_topic_of_a_real_box_is_there_with_the_same_shape() {
    let sim = still().await;
    // As the real one: a car that charges after its tag was read.
    sim.control().scan(3, "0012345678").await.unwrap();
    sim.control().plug(3, 1).await.unwrap();
    cycles(&sim, 6).await;
    let ours = tree(&sim);
    let mut faults = Vec::new();
    let mut known = Vec::new();
    for line in include_str!("retained-tree-19.txt").lines() {
        let (topic, real) = line.split_once(' ').unwrap();
        known.push(topic);
        match ours.get(topic) {
            None => faults.push(format!("{topic}: missing")),
            // A vehicle without limit says 0, one with a remaining time a text.
            Some(_) if topic.ends_with("TimeRemaining") => {}
            // What nobody scanned is 0.
            Some(_) if topic.ends_with("lastRfId") => {}
            Some(own) if shape(own) != shape(real) => {
                faults.push(format!("{topic}: {own:?} instead of {real:?}"));
            }
            Some(_) => {}
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let more: Vec<&String> = ours
        .keys()
        .filter(|topic| !known.contains(&topic.as_str()))
        .collect();
    // Documented, but the real one had nothing to say there.
    assert_eq!(
        more,
        [
            "openWB/evu/DailyYieldExportKwh",
            "openWB/evu/DailyYieldImportKwh",
            "openWB/lp/2/socFaultState",
            "openWB/lp/2/socFaultStr",
        ]
    );
    sim.stop().await;
}

#[tokio::test]
async fn signs_and_units_are_those_of_1_9() {
    let sim = still().await;
    let control = sim.control();
    control.set_pv(Some(4200.0)).await.unwrap();
    control.set_home_load(Some(450.0)).await.unwrap();
    control.set_battery_soc(50.0).await.unwrap();
    cycles(&sim, 2).await;
    let number = |topic: &str| -> f64 { retained(&sim, topic).unwrap().parse().unwrap() };
    let seen = control.observe().await.unwrap();
    let house = &seen.household;
    assert_eq!(number("openWB/pv/W"), -4200.0);
    assert_eq!(number("openWB/global/WHouseConsumption"), 450.0);
    assert!(number("openWB/housebattery/W") > 0.0);
    let grid = number("openWB/evu/W");
    assert_eq!(grid + 4200.0, 450.0 + number("openWB/housebattery/W"));
    let meter_wh = house.point(3).unwrap().meter.imported_wh;
    assert_eq!(number("openWB/lp/1/kWhCounter"), meter_wh.round() / 1000.0);
    assert!(number("openWB/evu/WhImported") > 4_000_000.0);
    assert_eq!(
        number("openWB/system/Timestamp"),
        seen.now.timestamp() as f64
    );
    assert_eq!(
        retained(&sim, "openWB/system/Date").unwrap(),
        "Sun Jun 21 14:00:16 CEST 2026"
    );
    assert_eq!(
        retained(&sim, "openWB/system/Version").unwrap(),
        "1.9.304.0"
    );
    assert_eq!(
        retained(&sim, "openWB/lp/1/strChargePointName").unwrap(),
        "Garage"
    );
    sim.stop().await;
}

#[tokio::test]
async fn values_are_published_on_change_and_the_clock_in_every_loop() {
    let sim = still().await;
    let control = sim.control();
    control.set_pv(Some(0.0)).await.unwrap();
    control.set_home_load(Some(450.0)).await.unwrap();
    control.set_battery_soc(0.0).await.unwrap();
    cycles(&sim, 2).await;
    let mut client = Client::connect(sim.addr(), "reader").await;
    client.subscribe("openWB/#", QoS::AtMostOnce).await;
    cycles(&sim, 2).await;
    control.publish("openWB/end", b"1", false).await.unwrap();
    let seen = client.messages_until("openWB/end").await;
    // The retained ones came once before.
    let times = |topic: &str| seen.iter().filter(|(seen, _)| seen == topic).count() - 1;
    for topic in [
        "system/Timestamp",
        "system/Uptime",
        "system/Date",
        "lp/1/faultState",
    ] {
        assert_eq!(times(&format!("openWB/{topic}")), 2, "{topic}");
    }
    for topic in [
        "global/WHouseConsumption",
        "pv/W",
        "lp/1/W",
        "system/Version",
    ] {
        assert_eq!(times(&format!("openWB/{topic}")), 0, "{topic}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_charge_starts_small_follows_its_current_and_stops() {
    let sim = still().await;
    sim.control().plug(3, 1).await.unwrap();
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "6");
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "4140");
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "16");
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "11040");
    assert_eq!(retained(&sim, "openWB/lp/1/boolChargeStat").unwrap(), "1");
    assert_eq!(retained(&sim, "openWB/lp/1/countPhasesInUse").unwrap(), "3");
    write(&sim, "openWB/config/set/sofort/lp/1/current", "10", false).await;
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "6900");
    for (payload, watts) in [("3", "0"), ("0", "6900"), ("4", "0")] {
        write(&sim, "openWB/set/ChargeMode", payload, false).await;
        cycles(&sim, 4).await;
        assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), watts);
    }
    sim.stop().await;
}

#[tokio::test]
async fn surplus_charges_after_a_while_and_min_pv_always() {
    let sim = still().await;
    let control = sim.control();
    control.set_pv(Some(9000.0)).await.unwrap();
    control.set_home_load(Some(500.0)).await.unwrap();
    control.set_battery_soc(100.0).await.unwrap();
    control.plug(3, 1).await.unwrap();
    write(&sim, "openWB/set/ChargeMode", "2", false).await;
    cycles(&sim, 3).await;
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    assert_eq!(
        retained(&sim, "openWB/pv/CounterTillStartPvCharging").unwrap(),
        "20"
    );
    cycles(&sim, 5).await;
    // 8500 W on three phases.
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "12");
    control.set_pv(Some(0.0)).await.unwrap();
    cycles(&sim, 3).await;
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "6");
    cycles(&sim, 6).await;
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "0");
    assert_eq!(retained(&sim, "openWB/lp/1/ChargeStatus").unwrap(), "0");
    write(&sim, "openWB/set/ChargeMode", "1", false).await;
    cycles(&sim, 4).await;
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "10");
    sim.stop().await;
}

#[tokio::test]
async fn a_lock_an_amount_and_a_state_of_charge_end_a_charge() {
    let sim = still().await;
    let control = sim.control();
    control.plug(3, 1).await.unwrap();
    cycles(&sim, 5).await;
    // Both spellings.
    write(&sim, "openWB/set/lp1/ChargePointEnabled", "0", false).await;
    assert_eq!(
        retained(&sim, "openWB/lp/1/ChargePointEnabled").unwrap(),
        "0"
    );
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    write(&sim, "openWB/set/lp/1/ChargePointEnabled", "1", false).await;
    write(
        &sim,
        "openWB/config/set/sofort/lp/1/energyToCharge",
        "1",
        false,
    )
    .await;
    write(
        &sim,
        "openWB/config/set/sofort/lp/1/chargeLimitation",
        "1",
        false,
    )
    .await;
    assert_eq!(
        retained(&sim, "openWB/lp/1/boolDirectModeChargekWh").unwrap(),
        "1"
    );
    control.advance(TimeDelta::minutes(8)).await.unwrap();
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    let charged = retained(&sim, "openWB/lp/1/kWhActualCharged").unwrap();
    assert!(charged.starts_with("1.0"), "{charged}");
    write(
        &sim,
        "openWB/config/set/sofort/lp/1/resetEnergyToCharge",
        "1",
        false,
    )
    .await;
    cycles(&sim, 3).await;
    assert_ne!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    write(
        &sim,
        "openWB/config/set/sofort/lp/1/chargeLimitation",
        "2",
        false,
    )
    .await;
    write(
        &sim,
        "openWB/config/set/sofort/lp/1/socToChargeTo",
        "20",
        false,
    )
    .await;
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    sim.stop().await;
}

#[tokio::test]
async fn energy_is_counted_since_plugging_in_and_by_charge() {
    let sim = still().await;
    let control = sim.control();
    control.plug(3, 1).await.unwrap();
    control.advance(TimeDelta::minutes(30)).await.unwrap();
    let number = |name: &str| -> f64 {
        retained(&sim, &format!("openWB/lp/1/{name}"))
            .unwrap()
            .parse()
            .unwrap()
    };
    assert_eq!(number("plugStartkWh"), 1234.567);
    let since = number("kWhCounter") - number("plugStartkWh");
    assert!((number("kWhChargedSincePlugged") - since).abs() < 0.011);
    assert!(number("kWhActualCharged") <= number("kWhChargedSincePlugged"));
    assert!(number("kWhActualCharged") > 5.0);
    assert_eq!(
        number("kmCharged"),
        (number("kWhActualCharged") / 17.0 * 100.0).floor()
    );
    assert!((number("kWhDailyCharged") - since).abs() < 0.011);
    assert_eq!(
        format!("{:.3}", number("kWhCounter") + 2234.567),
        retained(&sim, "openWB/global/kWhCounterAllChargePoints").unwrap()
    );
    control.unplug(3).await.unwrap();
    cycles(&sim, 1).await;
    assert_eq!(number("boolPlugStat"), 0.0);
    sim.stop().await;
}

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

#[tokio::test]
async fn a_month_of_the_charge_log_comes_in_twelve_parts_and_goes_again() {
    let start_of_past = noon() - TimeDelta::days(40);
    let mut past = history(1, start_of_past, noon(), TimeDelta::hours(1));
    past.by_ref().for_each(drop);
    let sim = start(SimConfig {
        household: Some(past.into_household()),
        ..SimConfig::by_hand(noon())
    })
    .await;
    let mut client = Client::connect(sim.addr(), "reader").await;
    client.subscribe("openWB/system/+", QoS::AtMostOnce).await;
    client
        .publish("openWB/set/graph/RequestMonthLadelog", "202605", false)
        .await;
    let mut parts = BTreeMap::new();
    while parts.len() < 12 {
        let (topic, payload) = crate::client::text(&client.message().await);
        if let Some(part) = topic.strip_prefix("openWB/system/MonthLadelogData") {
            parts.insert(part.parse::<usize>().unwrap(), payload);
        }
    }
    let rows: Vec<&str> = parts.values().flat_map(|part| part.lines()).collect();
    assert!(rows.len() > 5, "{rows:?}");
    let ends: Vec<_> = rows.iter().map(|row| end_of(row)).collect();
    assert!(ends.windows(2).all(|pair| pair[0] >= pair[1]), "{rows:?}");
    for row in &rows {
        let columns: Vec<&str> = row.split(',').collect();
        assert_eq!(columns.len(), 10, "{row}");
        assert!(["1", "2"].contains(&columns[6]), "{row}");
        assert!(["0", "2"].contains(&columns[7]), "{row}");
        let kwh: f64 = columns[3].parse().unwrap();
        let costs: f64 = columns[9].parse().unwrap();
        assert!((costs - kwh * 0.30).abs() < 0.011, "{row}");
    }
    sim.control().advance(TimeDelta::seconds(3)).await.unwrap();
    for part in 1..=12 {
        let topic = format!("openWB/system/MonthLadelogData{part}");
        assert_eq!(retained(&sim, &topic).as_deref(), Some("empty"));
    }
    sim.stop().await;
}

fn end_of(row: &str) -> chrono::NaiveDateTime {
    let end = row.split(',').nth(1).unwrap();
    chrono::NaiveDateTime::parse_from_str(end, "%d.%m.%y-%H:%M").unwrap()
}

#[tokio::test]
async fn a_charge_is_written_down_a_minute_after_its_end() {
    let sim = still().await;
    let control = sim.control();
    control.scan(3, "0012345678").await.unwrap();
    control.plug(3, 1).await.unwrap();
    control.advance(TimeDelta::minutes(10)).await.unwrap();
    write(&sim, "openWB/set/ChargeMode", "3", false).await;
    control.advance(TimeDelta::seconds(50)).await.unwrap();
    write(
        &sim,
        "openWB/set/graph/RequestMonthLadelog",
        "202606",
        false,
    )
    .await;
    let first = "openWB/system/MonthLadelogData1";
    assert_eq!(retained(&sim, first), None);
    control.advance(TimeDelta::seconds(40)).await.unwrap();
    assert_eq!(
        retained(&sim, "openWB/lp/1/TimeRemaining").as_deref(),
        Some("--")
    );
    write(
        &sim,
        "openWB/set/graph/RequestMonthLadelog",
        "202606",
        false,
    )
    .await;
    // 11040 W from 14:00:16 to 14:10:06, and a minute of nothing: 1.809 kWh in 650 s.
    assert_eq!(
        retained(&sim, first).as_deref(),
        Some("21.06.26-14:00,21.06.26-14:11,10,1.80,9.96,10 Min,1,0,0012345678,.54")
    );
    sim.stop().await;
}

#[tokio::test]
async fn a_tariff_has_a_price_for_every_hour_and_a_limit() {
    let sim = start(SimConfig {
        prices: true,
        ..SimConfig::by_hand(noon())
    })
    .await;
    sim.control().plug(3, 1).await.unwrap();
    cycles(&sim, 4).await;
    let actual = retained(&sim, "openWB/global/awattar/ActualPriceForCharging").unwrap();
    let list = retained(&sim, "openWB/global/awattar/pricelist").unwrap();
    let hour = noon().with_timezone(&Utc).timestamp();
    assert!(list.contains(&format!("\n{hour},{actual}")), "{list}");
    assert_eq!(list.lines().count(), 1 + 48);
    assert_ne!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    write(&sim, "openWB/set/awattar/MaxPriceForCharging", "-10", false).await;
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    sim.stop().await;
}
