//! What the box publishes: topics, shapes, order, rates.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use rumqttc::v5::mqttbytes::QoS;
use serde_json::Value;

use crate::client::{Client, retained, still};

/// The retained tree of a real box (core 2.3.0-alpha.1), less what belongs to other programs on it and
/// to simulated hardware.
fn real_tree() -> BTreeMap<String, String> {
    include_str!("retained-tree.jsonl")
        .lines()
        .map(|line| {
            let entry: Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| entry[key].as_str().unwrap().to_owned();
            (text("topic"), text("payload"))
        })
        .collect()
}

/// Says where a value has another shape than a real one. What is null in either says nothing.
fn differs(path: &str, real: &Value, ours: &Value) -> Option<String> {
    match (real, ours) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Object(real), Value::Object(ours)) => {
            if path.ends_with("configuration") {
                return None;
            }
            real.iter().find_map(|(key, value)| {
                // After a tag was read the core writes `_ev`, after a client's choice `ev`.
                let own = ours.get(key).or_else(|| ours.get(&format!("_{key}")));
                match own {
                    None => Some(format!("{path}: no {key}")),
                    Some(own) => differs(&format!("{path}.{key}"), value, own),
                }
            })
        }
        (Value::Array(real), Value::Array(ours)) => {
            if real.is_empty() != ours.is_empty() && !path.ends_with("tag_id") {
                return Some(format!("{path}: {ours:?}"));
            }
            real.first()
                .zip(ours.first())
                .and_then(|(real, ours)| differs(path, real, ours))
        }
        (real, ours) if std::mem::discriminant(real) == std::mem::discriminant(ours) => None,
        (real, ours) => Some(format!("{path}: {ours} instead of {real}")),
    }
}

#[tokio::test]
async fn every_topic_of_a_real_box_is_there_with_the_same_shape() {
    let sim = still().await;
    // As the real one: a car that charges after its tag was read.
    sim.control().scan(3, "0012345678").await.unwrap();
    sim.control().plug(3, 1).await.unwrap();
    // Long enough for a second chunk of chart data.
    for _ in 0..55 {
        sim.control().advance_cycle().await.unwrap();
    }
    let ours: BTreeMap<String, String> = sim
        .broker()
        .retained("#")
        .into_iter()
        .map(|message| {
            (
                message.topic.to_string(),
                String::from_utf8(message.payload.to_vec()).unwrap(),
            )
        })
        .collect();
    let mut faults = Vec::new();
    for (topic, real) in real_tree() {
        let Some(payload) = ours.get(&topic) else {
            faults.push(format!("{topic}: missing"));
            continue;
        };
        match (
            serde_json::from_str(&real),
            serde_json::from_str(payload.split('\n').next().unwrap()),
        ) {
            (Ok(real), Ok(ours)) => faults.extend(differs(&topic, &real, &ours)),
            (Err(_), Err(_)) => {}
            _ => faults.push(format!("{topic}: {payload}")),
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    sim.stop().await;
}

#[tokio::test]
async fn payloads_are_written_as_python_writes_them() {
    let sim = still().await;
    sim.control().plug(3, 1).await.unwrap();
    for _ in 0..3 {
        sim.control().advance_cycle().await.unwrap();
    }
    for message in sim.broker().retained("openWB/#") {
        let payload = std::str::from_utf8(&message.payload).unwrap();
        assert!(payload.is_ascii(), "{}: {payload}", message.topic);
        if !message.topic.contains("alllivevalues") && payload.starts_with(['{', '[']) {
            let has_bare_separator = payload.match_indices([',', ':']).any(|(at, _)| {
                payload[..at].matches('"').count().is_multiple_of(2)
                    && !payload[at + 1..].starts_with(' ')
            });
            assert!(!has_bare_separator, "{}: {payload}", message.topic);
        }
    }
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/get/state_str").as_deref(),
        Some(r#""Fahrzeug l\u00e4dt.""#)
    );
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/get/power").as_deref(),
        Some("11040.0")
    );
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/set/current").as_deref(),
        Some("16")
    );
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/get/charge_state").as_deref(),
        Some("true")
    );
    sim.stop().await;
}

#[tokio::test]
async fn readings_come_every_cycle_and_sums_only_when_they_change() {
    let sim = still().await;
    let control = sim.control();
    control.set_pv(Some(0.0)).await.unwrap();
    control.set_home_load(Some(450.0)).await.unwrap();
    control.set_battery_soc(0.0).await.unwrap();
    for _ in 0..2 {
        control.advance_cycle().await.unwrap();
    }
    let mut client = Client::connect(sim.addr(), "reader").await;
    for filter in [
        "openWB/chargepoint/#",
        "openWB/counter/#",
        "openWB/pv/#",
        "openWB/bat/#",
        "openWB/system/+",
    ] {
        client.subscribe(filter, QoS::AtMostOnce).await;
    }
    sim.broker()
        .publish("openWB/system/mark", "1", false)
        .unwrap();
    client.messages_until("openWB/system/mark").await;
    for _ in 0..3 {
        control.advance_cycle().await.unwrap();
    }
    sim.broker()
        .publish("openWB/system/mark", "2", false)
        .unwrap();
    let messages = client.messages_until("openWB/system/mark").await;
    let count = |topic: &str| messages.iter().filter(|(seen, _)| seen == topic).count();
    for topic in [
        "openWB/chargepoint/3/get/power",
        "openWB/chargepoint/4/get/plug_state",
        "openWB/counter/0/get/power",
        "openWB/pv/1/get/power",
        "openWB/bat/2/get/soc",
        "openWB/chargepoint/3/get/state_str",
        "openWB/system/time",
        "openWB/system/lastlivevaluesJson",
    ] {
        assert_eq!(count(topic), 3, "{topic}");
    }
    for topic in [
        "openWB/pv/get/power",
        "openWB/chargepoint/get/imported",
        "openWB/chargepoint/3/set/current",
    ] {
        assert_eq!(count(topic), 0, "{topic}");
    }
    // A heartbeat, faults, then values before decisions.
    let place = |topic: &str| messages.iter().position(|(seen, _)| seen == topic).unwrap();
    let order = [
        "openWB/system/time",
        "openWB/chargepoint/3/get/fault_state",
        "openWB/counter/0/get/fault_state",
        "openWB/pv/1/get/power",
        "openWB/chargepoint/3/get/power",
        "openWB/counter/0/get/power",
        "openWB/chargepoint/3/get/state_str",
    ]
    .map(place);
    assert!(order.is_sorted(), "{order:?}");
    sim.stop().await;
}

#[tokio::test]
async fn signs_are_openwbs_own() {
    let sim = still().await;
    let control = sim.control();
    control.set_pv(Some(4200.0)).await.unwrap();
    control.set_home_load(Some(450.0)).await.unwrap();
    control.set_battery_soc(100.0).await.unwrap();
    control.advance_cycle().await.unwrap();
    assert_eq!(
        retained(&sim, "openWB/pv/1/get/power").as_deref(),
        Some("-4200.0")
    );
    assert_eq!(
        retained(&sim, "openWB/counter/0/get/power").as_deref(),
        Some("-3750.0")
    );
    assert_eq!(
        retained(&sim, "openWB/counter/set/home_consumption").as_deref(),
        Some("450.0")
    );
    control.set_battery_soc(50.0).await.unwrap();
    control.set_pv(Some(0.0)).await.unwrap();
    control.advance_cycle().await.unwrap();
    assert_eq!(
        retained(&sim, "openWB/bat/2/get/power").as_deref(),
        Some("-450.0")
    );
    let live: Value =
        serde_json::from_str(&retained(&sim, "openWB/graph/lastlivevaluesJson").unwrap()).unwrap();
    assert_eq!(live["bat-all-power"], -0.45);
    assert_eq!(live["house-power"], 0.45);
    sim.stop().await;
}

#[tokio::test]
async fn daily_values_come_every_five_minutes() {
    let sim = still().await;
    let control = sim.control();
    control.set_home_load(Some(1200.0)).await.unwrap();
    control.set_pv(Some(0.0)).await.unwrap();
    control.set_battery_soc(0.0).await.unwrap();
    let mut client = Client::connect(sim.addr(), "reader").await;
    client
        .subscribe("openWB/counter/0/get/daily_imported", QoS::AtMostOnce)
        .await;
    client.message().await;
    control.advance(TimeDelta::minutes(16)).await.unwrap();
    // The first one stands at the start's own five minutes.
    let mut values = Vec::new();
    for _ in 0..4 {
        values.push(
            crate::client::text(&client.message().await)
                .1
                .parse::<f64>()
                .unwrap(),
        );
    }
    assert!(
        values
            .windows(2)
            .all(|pair| (pair[1] - pair[0] - 100.0).abs() < 1.0),
        "{values:?}"
    );
    sim.stop().await;
}

#[tokio::test]
async fn a_known_tag_before_a_known_car_makes_a_session() {
    let sim = still().await;
    let control = sim.control();
    let mut client = Client::connect(sim.addr(), "reader").await;
    client
        .subscribe("openWB/chargepoint/4/get/rfid", QoS::AtMostOnce)
        .await;
    client
        .subscribe("openWB/chargepoint/4/set/rfid", QoS::AtMostOnce)
        .await;
    assert_eq!(crate::client::text(&client.message().await).1, "null");
    control.scan(4, "0012345678").await.unwrap();
    control.advance_cycle().await.unwrap();
    assert_eq!(
        crate::client::text(&client.message().await).1,
        r#""0012345678""#
    );
    let info = retained(&sim, "openWB/chargepoint/4/get/connected_vehicle/info").unwrap();
    assert_eq!(info, r#"{"id": 1, "name": "ID.7"}"#);
    control.plug(4, 1).await.unwrap();
    control.advance_cycle().await.unwrap();
    let seen: Vec<_> = client.messages_until("openWB/chargepoint/4/set/rfid").await;
    let payloads: Vec<&str> = seen.iter().map(|(_, payload)| payload.as_str()).collect();
    assert_eq!(payloads, [r#""0012345678""#, "null", r#""0012345678""#]);
    let config: Value =
        serde_json::from_str(&retained(&sim, "openWB/chargepoint/4/config").unwrap()).unwrap();
    assert_eq!(
        (config.get("ev"), config.get("_ev")),
        (None, Some(&Value::from(1)))
    );
    control.unplug(4).await.unwrap();
    control.advance_cycle().await.unwrap();
    assert_eq!(
        retained(&sim, "openWB/chargepoint/4/set/rfid").as_deref(),
        Some("null")
    );
    sim.stop().await;
}

#[tokio::test]
async fn an_unknown_tag_is_seen_for_a_moment_and_turned_down() {
    let sim = still().await;
    sim.control().plug(4, 2).await.unwrap();
    sim.control().advance_cycle().await.unwrap();
    let mut client = Client::connect(sim.addr(), "reader").await;
    client
        .subscribe("openWB/chargepoint/4/get/rfid", QoS::AtMostOnce)
        .await;
    client.message().await;
    sim.control().scan(4, "DEADBEEF00").await.unwrap();
    sim.control().advance_cycle().await.unwrap();
    assert_eq!(
        crate::client::text(&client.message().await).1,
        r#""DEADBEEF00""#
    );
    assert_eq!(crate::client::text(&client.message().await).1, "null");
    let state = retained(&sim, "openWB/chargepoint/4/get/state_str").unwrap();
    assert!(
        state.starts_with(r#""Der ID-Tag DEADBEEF00 ist an diesem Ladepunkt nicht g\u00fcltig. "#),
        "{state}"
    );
    sim.control().advance_cycle().await.unwrap();
    let state = retained(&sim, "openWB/chargepoint/4/get/state_str").unwrap();
    assert!(!state.contains("DEADBEEF00"), "{state}");
    sim.stop().await;
}

#[tokio::test]
async fn a_tag_without_a_car_is_forgotten_after_five_minutes() {
    let sim = still().await;
    sim.control().scan(3, "0012345678").await.unwrap();
    sim.control().advance(TimeDelta::minutes(4)).await.unwrap();
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/get/rfid").as_deref(),
        Some(r#""0012345678""#)
    );
    sim.control().advance(TimeDelta::minutes(2)).await.unwrap();
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/get/rfid").as_deref(),
        Some("null")
    );
    sim.stop().await;
}

#[tokio::test]
async fn two_hours_of_chart_data_fill_fifteen_chunks() {
    let sim = still().await;
    let seen = sim
        .control()
        .advance(TimeDelta::minutes(125))
        .await
        .unwrap();
    assert_eq!(seen.now - crate::client::noon(), TimeDelta::minutes(125));
    let chunk = |n: u32| retained(&sim, &format!("openWB/graph/alllivevaluesJson{n}")).unwrap();
    assert_eq!(chunk(1).lines().count(), 50);
    assert_eq!(chunk(1).lines().last(), chunk(2).lines().next());
    assert!(chunk(15).starts_with('{'));
    assert_eq!(chunk(16), "-");
    assert_eq!(
        retained(&sim, "openWB/graph/alllivevaluesJson")
            .unwrap()
            .lines()
            .count(),
        50
    );
    sim.stop().await;
}
