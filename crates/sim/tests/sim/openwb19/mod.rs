//! openWB 1.9 as its clients see it.

mod charging;
mod log;
mod writes;

use std::collections::BTreeMap;

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
    for line in include_str!("../retained-tree-19.txt").lines() {
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
