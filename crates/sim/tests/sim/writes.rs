//! What clients write, and what the box makes of it.

use ladebuch_sim::SimHandle;
use rumqttc::v5::mqttbytes::QoS;
use serde_json::{Value, json};

use crate::client::{Client, retained, still, text};

async fn writer(sim: &SimHandle) -> Client {
    Client::connect(sim.addr(), "writer").await
}

/// Publishes below `openWB/set/` and waits until the core has dealt with it.
async fn write(sim: &SimHandle, client: &mut Client, path: &str, payload: &str) {
    client
        .publish(&format!("openWB/set/{path}"), payload, false)
        .await;
    // An order is carried out after everything acknowledged before it.
    sim.control().observe().await.unwrap();
}

fn document(sim: &SimHandle, topic: &str) -> Value {
    serde_json::from_str(&retained(sim, topic).unwrap()).unwrap()
}

#[tokio::test]
async fn a_lock_is_echoed_cleared_and_takes_effect_in_the_next_cycle() {
    let sim = still().await;
    let control = sim.control();
    control.plug(3, 1).await.unwrap();
    for _ in 0..3 {
        control.advance_cycle().await.unwrap();
    }
    let mut client = writer(&sim).await;
    client
        .subscribe("openWB/chargepoint/3/set/manual_lock", QoS::AtMostOnce)
        .await;
    client
        .subscribe("openWB/set/chargepoint/3/set/manual_lock", QoS::AtMostOnce)
        .await;
    client.message().await;
    write(&sim, &mut client, "chargepoint/3/set/manual_lock", "1").await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(text(&client.message().await));
    }
    let set = "openWB/set/chargepoint/3/set/manual_lock".to_owned();
    let state = "openWB/chargepoint/3/set/manual_lock".to_owned();
    assert!(seen.contains(&(state, "true".to_owned())), "{seen:?}");
    assert_eq!(seen.last(), Some(&(set, String::new())));
    assert_eq!(
        control
            .observe()
            .await
            .unwrap()
            .household
            .point(3)
            .unwrap()
            .meter
            .power_w,
        11_040.0
    );
    control.advance_cycle().await.unwrap();
    control.advance_cycle().await.unwrap();
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/get/power").as_deref(),
        Some("0.0")
    );
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/get/state_str").as_deref(),
        Some(r#""Keine Ladung, da der Ladepunkt gesperrt ist.""#)
    );
    sim.stop().await;
}

#[tokio::test]
async fn invalid_writes_are_cleared_and_change_nothing() {
    let sim = still().await;
    let mut client = writer(&sim).await;
    for (path, payload) in [
        ("chargepoint/3/set/manual_lock", "\"true\""),
        ("chargepoint/3/set/manual_lock", "True"),
        ("chargepoint/3/config/ev", "1.0"),
        ("chargepoint/3/config/ev", "-1"),
        ("chargepoint/3/get/rfid", "12"),
        ("chargepoint/3/no/such/path", "1"),
        ("vehicle/1/tag_id", "\"0012345678\""),
        ("vehicle/1/tag_id", "[12]"),
        ("vehicle/1/name", "7"),
        (
            "vehicle/template/charge_template/1/chargemode/selected",
            "\"stop\"",
        ),
        ("general/control_interval", "15"),
        ("general/prices/grid", "100"),
        ("optional/rfid/active", "2"),
    ] {
        let before = sim.broker().retained("openWB/#");
        client
            .publish(&format!("openWB/set/{path}"), payload, true)
            .await;
        sim.control().observe().await.unwrap();
        let after = sim.broker().retained("openWB/#");
        assert_eq!(before.len(), after.len(), "{path} {payload}");
        for (was, is) in before.iter().zip(&after) {
            assert_eq!(
                (&was.topic, &was.payload),
                (&is.topic, &is.payload),
                "{path} {payload}"
            );
        }
    }
    sim.stop().await;
}

#[tokio::test]
async fn what_is_not_for_the_core_is_not_even_cleared() {
    let sim = still().await;
    let mut client = writer(&sim).await;
    for path in ["foo/bar", "chargepoint/17/set/manual_lock"] {
        client
            .publish(&format!("openWB/set/{path}"), "true", true)
            .await;
        sim.control().advance_cycle().await.unwrap();
        assert_eq!(
            retained(&sim, &format!("openWB/set/{path}")).as_deref(),
            Some("true")
        );
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_template_write_is_permanent_unless_templates_are_temporary() {
    let sim = still().await;
    let control = sim.control();
    let mut client = writer(&sim).await;
    let profile = "openWB/vehicle/template/charge_template/1";
    let copy = "openWB/chargepoint/3/set/charge_template";
    let mut template = document(&sim, copy);
    template["chargemode"]["instant_charging"]["current"] = json!(10);
    control.plug(3, 1).await.unwrap();
    control.advance_cycle().await.unwrap();
    write(
        &sim,
        &mut client,
        "chargepoint/3/set/charge_template",
        &template.to_string(),
    )
    .await;
    assert_eq!(document(&sim, copy), template);
    assert_eq!(document(&sim, profile), template);
    for _ in 0..2 {
        control.advance_cycle().await.unwrap();
    }
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/set/current").as_deref(),
        Some("10")
    );

    write(
        &sim,
        &mut client,
        "general/temporary_charge_templates_active",
        "true",
    )
    .await;
    control.advance_cycle().await.unwrap();
    let mut stop = template.clone();
    stop["chargemode"]["selected"] = json!("stop");
    write(
        &sim,
        &mut client,
        "chargepoint/3/set/charge_template",
        &stop.to_string(),
    )
    .await;
    assert_eq!(document(&sim, copy), stop);
    assert_eq!(document(&sim, profile), template);
    control.advance_cycle().await.unwrap();
    assert_eq!(
        document(&sim, "openWB/chargepoint/3/get/connected_vehicle/config")["chargemode"],
        "stop"
    );
    control.unplug(3).await.unwrap();
    control.advance_cycle().await.unwrap();
    assert_eq!(
        document(&sim, copy),
        template,
        "unplugging brings the profile back"
    );
    sim.stop().await;
}

#[tokio::test]
async fn a_template_arrives_twice_and_as_it_was_sent() {
    let sim = still().await;
    let mut client = writer(&sim).await;
    client
        .subscribe("openWB/chargepoint/4/set/charge_template", QoS::AtMostOnce)
        .await;
    client.message().await;
    // Partial, with the keys in an order of its own.
    write(
        &sim,
        &mut client,
        "chargepoint/4/set/charge_template",
        r#"{"id":2,"chargemode":{"selected":"stop"},"a":1.0}"#,
    )
    .await;
    for _ in 0..2 {
        let (_, payload) = text(&client.message().await);
        assert_eq!(
            payload,
            r#"{"id": 2, "chargemode": {"selected": "stop"}, "a": 1.0}"#
        );
    }
    write(
        &sim,
        &mut client,
        "chargepoint/4/set/charge_template",
        "{broken",
    )
    .await;
    assert_eq!(text(&client.message().await).1, r#""{broken""#);
    sim.control().advance_cycle().await.unwrap();
    let template = document(&sim, "openWB/chargepoint/4/set/charge_template");
    assert_eq!(
        template["id"], 2,
        "the next cycle puts the vehicle's own profile back"
    );
    sim.stop().await;
}

#[tokio::test]
async fn an_energy_limit_counts_from_plugging_in() {
    let sim = still().await;
    let control = sim.control();
    control.plug(3, 1).await.unwrap();
    let mut client = writer(&sim).await;
    let mut template = document(&sim, "openWB/chargepoint/3/set/charge_template");
    template["chargemode"]["instant_charging"]["limit"] =
        json!({"selected": "amount", "amount": 200, "soc": 50});
    write(
        &sim,
        &mut client,
        "chargepoint/3/set/charge_template",
        &template.to_string(),
    )
    .await;
    for _ in 0..14 {
        control.advance_cycle().await.unwrap();
    }
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/get/state_str").as_deref(),
        Some(r#""Keine Ladung, da die Energiemenge bereits geladen wurde.""#)
    );
    let log = document(&sim, "openWB/chargepoint/3/set/log");
    let charged = log["imported_since_plugged"].as_f64().unwrap();
    assert!((200.0..260.0).contains(&charged), "{charged}");
    sim.stop().await;
}

#[tokio::test]
async fn vehicles_are_assigned_named_and_taught_tags() {
    let sim = still().await;
    let mut client = writer(&sim).await;
    write(&sim, &mut client, "vehicle/2/name", r#""Käfer""#).await;
    assert_eq!(
        retained(&sim, "openWB/vehicle/2/name").as_deref(),
        Some(r#""K\u00e4fer""#)
    );
    write(&sim, &mut client, "vehicle/2/tag_id", r#"["AA", "BB"]"#).await;
    write(&sim, &mut client, "chargepoint/3/config/ev", "2").await;
    sim.control().advance_cycle().await.unwrap();
    assert_eq!(document(&sim, "openWB/chargepoint/3/config")["ev"], 2);
    let info = document(&sim, "openWB/chargepoint/3/get/connected_vehicle/info");
    assert_eq!(info, json!({"id": 2, "name": "Käfer"}));
    assert_eq!(
        document(&sim, "openWB/chargepoint/3/set/charge_template")["id"],
        2
    );
    sim.control().plug(3, 2).await.unwrap();
    write(&sim, &mut client, "chargepoint/3/get/rfid", r#""BB""#).await;
    sim.control().advance_cycle().await.unwrap();
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/set/rfid").as_deref(),
        Some(r#""BB""#)
    );
    // While a tag rules, an assignment does not last.
    write(&sim, &mut client, "chargepoint/3/config/ev", "1").await;
    sim.control().advance_cycle().await.unwrap();
    assert_eq!(
        document(&sim, "openWB/chargepoint/3/get/connected_vehicle/info")["id"],
        2
    );
    sim.stop().await;
}

#[tokio::test]
async fn the_charge_log_is_answered_on_the_askers_topic() {
    let sim = still().await;
    let control = sim.control();
    control.scan(3, "0012345678").await.unwrap();
    control.plug(3, 1).await.unwrap();
    let before = control
        .observe()
        .await
        .unwrap()
        .household
        .point(3)
        .unwrap()
        .meter
        .imported_wh;
    for _ in 0..30 {
        control.advance_cycle().await.unwrap();
    }
    control.unplug(3).await.unwrap();
    let charged = control
        .advance_cycle()
        .await
        .unwrap()
        .household
        .point(3)
        .unwrap()
        .meter
        .imported_wh
        - before;
    let mut client = writer(&sim).await;
    client
        .subscribe("openWB/log/writer/data", QoS::AtMostOnce)
        .await;
    let ask = |data: Value| json!({"command": "getChargeLog", "data": data}).to_string();
    let none = json!({"chargepoint": {}, "vehicle": {}});
    let todo = "command/writer/todo/getChargeLog";
    write(
        &sim,
        &mut client,
        todo,
        &ask(json!({"year": 2026, "month": "06", "filter": none})),
    )
    .await;
    let reply = client.message().await;
    assert!(!reply.retain);
    let log: Value = serde_json::from_slice(&reply.payload).unwrap();
    let entry = &log["entries"][0];
    assert_eq!(log["entries"].as_array().unwrap().len(), 1);
    assert_eq!(entry["vehicle"]["rfid"], "0012345678");
    assert_eq!(entry["vehicle"]["chargemode"], "instant_charging");
    assert_eq!(entry["time"]["begin"], "06/21/2026, 14:00:12");
    assert_eq!(entry["time"]["time_charged"], "0:04");
    let logged = entry["data"]["imported_since_mode_switch"]
        .as_f64()
        .unwrap();
    assert!(
        (logged - charged).abs() < 0.02,
        "{logged} logged, {charged} charged"
    );
    assert_eq!(log["totals"]["imported_since_mode_switch"], logged);
    for data in [
        json!({"year": 2026, "month": "6", "filter": none}),
        json!({"year": 2026, "month": "06"}),
        json!({"year": 2026, "month": "05", "filter": none}),
        json!({"year": 2026, "month": "06", "filter": {"chargepoint": {"id": [4]}, "vehicle": {}}}),
    ] {
        write(&sim, &mut client, todo, &ask(data.clone())).await;
        let reply = text(&client.message().await).1;
        assert_eq!(reply, r#"{"entries": [], "totals": {}}"#, "{data}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_change_of_mode_cuts_the_charge_log() {
    let sim = still().await;
    let control = sim.control();
    control.set_pv(Some(9000.0)).await.unwrap();
    control.set_home_load(Some(300.0)).await.unwrap();
    control.plug(3, 1).await.unwrap();
    for _ in 0..6 {
        control.advance_cycle().await.unwrap();
    }
    let mut client = writer(&sim).await;
    let mut template = document(&sim, "openWB/chargepoint/3/set/charge_template");
    template["chargemode"]["selected"] = json!("pv_charging");
    write(
        &sim,
        &mut client,
        "chargepoint/3/set/charge_template",
        &template.to_string(),
    )
    .await;
    for _ in 0..12 {
        control.advance_cycle().await.unwrap();
    }
    control.unplug(3).await.unwrap();
    control.advance_cycle().await.unwrap();
    client
        .subscribe("openWB/log/writer/data", QoS::AtMostOnce)
        .await;
    let ask = json!({"command": "getChargeLog", "data": {"year": 2026, "month": "06", "filter": {"chargepoint": {}, "vehicle": {}}}});
    write(
        &sim,
        &mut client,
        "command/writer/todo/getChargeLog",
        &ask.to_string(),
    )
    .await;
    let log: Value = serde_json::from_str(&text(&client.message().await).1).unwrap();
    let modes: Vec<&str> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["vehicle"]["chargemode"].as_str().unwrap())
        .collect();
    assert_eq!(modes, ["instant_charging", "pv_charging"]);
    let (first, second) = (&log["entries"][0]["data"], &log["entries"][1]["data"]);
    let sum = first["imported_since_mode_switch"].as_f64().unwrap()
        + second["imported_since_mode_switch"].as_f64().unwrap();
    assert!((second["imported_since_plugged"].as_f64().unwrap() - sum).abs() < 0.02);
    sim.stop().await;
}

#[tokio::test]
async fn an_unknown_command_is_answered_with_a_notice() {
    let sim = still().await;
    let mut client = writer(&sim).await;
    write(
        &sim,
        &mut client,
        "command/writer/todo/makeCoffee",
        r#"{"command": "makeCoffee", "data": {}}"#,
    )
    .await;
    let notices = sim.broker().retained("openWB/command/writer/messages/+");
    let notice: Value = serde_json::from_slice(&notices[0].payload).unwrap();
    assert_eq!(notice["type"], "danger");
    // Its own notices a client may delete.
    client.publish(&notices[0].topic, "", true).await;
    assert!(
        sim.broker()
            .retained("openWB/command/writer/messages/+")
            .is_empty()
    );
    sim.stop().await;
}
