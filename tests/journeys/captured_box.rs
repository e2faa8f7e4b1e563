//! A real box in mid-charge, replayed from a capture: what it said is what is shown.

use std::collections::BTreeMap;

use ladebuch_engine::clock::SystemClock;
use ladebuch_tests::capture::{self, number, value};
use ladebuch_tests::house::{House, SOON, source};
use ladebuch_tests::live_socket::{LiveSocket, Picture};
use ladebuch_tests::mosquitto::Mosquitto;
use ladebuch_tests::mqtt::Publisher;
use serde_json::{Value, json};
use tempfile::TempDir;

struct Scene {
    house: House,
    live: LiveSocket,
    publisher: Publisher,
    broker: Mosquitto,
    _dir: TempDir,
}

/// Mosquitto with the captured tree, Ladebuch connected, the first heartbeat heard.
async fn captured_box() -> Scene {
    let broker = Mosquitto::start().await;
    let mut publisher = Publisher::connect(broker.addr(), "box").await;
    publisher.keep_captured_box().await;
    let dir = TempDir::new().unwrap();
    let house = House::open(dir.path(), SystemClock::default()).await;
    house.connect(broker.addr()).await;
    let mut live = house.live().await;
    live.until(SOON, "the box is known", |picture| {
        picture.source()?["software_version"].as_str().map(drop)
    })
    .await;
    publisher.heartbeat().await;
    live.until(SOON, "the box is live", |picture| {
        (picture.state() == "live").then_some(())
    })
    .await;
    Scene {
        house,
        live,
        publisher,
        broker,
        _dir: dir,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_shown_equals_what_the_box_said() {
    let scene = captured_box().await;
    let picture = &scene.live.picture;
    let source = picture.source().unwrap();
    assert_eq!(source["software_version"], value("system/version"));
    assert_eq!(source["malformed"], 0, "{}", source["last_malformed"]);
    assert_eq!(source["problem"], Value::Null);

    let devices = picture.snapshot["devices"].as_array().unwrap();
    let kinds: BTreeMap<&str, &str> = devices
        .iter()
        .map(|device| {
            (
                device["external_id"].as_str().unwrap(),
                device["kind"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("bat/2", "battery"),
        ("chargepoint/3", "charge_point"),
        ("chargepoint/4", "charge_point"),
        ("counter/0", "grid"),
        ("home", "home"),
        ("pv/1", "pv"),
    ];
    assert_eq!(
        kinds,
        BTreeMap::from(expected),
        "the first counter of the hierarchy is the grid's"
    );
    assert!(
        devices
            .iter()
            .all(|device| device["stale"] == false && device["fault"].is_null())
    );

    for (id, name) in [
        ("counter/0", "system/device/0/component/0/config"),
        ("pv/1", "system/device/0/component/1/config"),
        ("bat/2", "system/device/0/component/2/config"),
        ("chargepoint/3", "chargepoint/3/config"),
        ("chargepoint/4", "chargepoint/4/config"),
    ] {
        assert_eq!(
            picture.device(id).unwrap()["name"],
            value(name)["name"],
            "{id}"
        );
    }

    let grid = picture.device("counter/0").unwrap();
    assert_eq!(
        grid["power_w"],
        number("counter/0/get/power"),
        "import is positive on both sides"
    );
    assert_eq!(grid["powers_w"], value("counter/0/get/powers"));
    assert_eq!(grid["currents_a"], value("counter/0/get/currents"));
    assert_eq!(grid["voltages_v"], value("counter/0/get/voltages"));
    assert_eq!(grid["imported_wh"], number("counter/0/get/imported"));
    assert_eq!(grid["exported_wh"], number("counter/0/get/exported"));

    let pv = picture.device("pv/1").unwrap();
    assert_eq!(
        pv["power_w"],
        -number("pv/1/get/power"),
        "production is positive here"
    );
    assert_eq!(pv["produced_wh"], number("pv/1/get/exported"));
    assert_eq!(
        (&pv["imported_wh"], &pv["exported_wh"]),
        (&Value::Null, &Value::Null)
    );

    let battery = picture.device("bat/2").unwrap();
    assert_eq!(
        battery["power_w"],
        number("bat/2/get/power"),
        "charging is positive on both sides"
    );
    assert_eq!(battery["soc_percent"], number("bat/2/get/soc"));
    assert_eq!(battery["imported_wh"], number("bat/2/get/imported"));
    assert_eq!(battery["exported_wh"], number("bat/2/get/exported"));

    let home = picture.device("home").unwrap();
    assert_eq!(home["power_w"], number("counter/set/home_consumption"));
    assert_eq!(
        home["imported_wh"],
        number("counter/set/imported_home_consumption")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charging_car_is_shown_with_its_card_and_its_battery() {
    let scene = captured_box().await;
    let picture = &scene.live.picture;
    let point = picture.device("chargepoint/3").unwrap();
    assert_eq!(point["power_w"], 11_040.0);
    assert_eq!(point["imported_wh"], number("chargepoint/3/get/imported"));
    assert_eq!(point["currents_a"], json!([16.0, 16.0, 16.0]));
    assert_eq!(point["voltages_v"], value("chargepoint/3/get/voltages"));
    let state = &point["charge_point"];
    let charged = value("chargepoint/3/set/log")["imported_since_plugged"].as_f64();
    for (field, expected) in [
        ("state", json!("C")),
        ("plugged", json!(true)),
        ("charging", json!(true)),
        ("locked", json!(false)),
        ("phases_in_use", json!(3)),
        ("offered_current_a", json!(16.0)),
        ("state_text", value("chargepoint/3/get/state_str")),
        ("tag", json!("…5678")),
        ("vehicle_soc_percent", json!(42.0)),
        ("vehicle_range_km", json!(190.0)),
        ("charge_mode", json!("instant")),
        ("priority", json!(false)),
        ("energy_since_plug_in_wh", json!(charged)),
    ] {
        assert_eq!(state[field], expected, "{field}");
    }
    assert_eq!(state["vehicle"]["name"], "ID.4");

    let waiting = picture.device("chargepoint/4").unwrap();
    assert_eq!(waiting["power_w"], 0.0);
    assert_eq!(
        waiting["charge_point"]["state"], "B",
        "plugged in, waiting for the sun"
    );
    assert_eq!(waiting["charge_point"]["vehicle"]["name"], "Zoe");
    assert_eq!(
        waiting["charge_point"]["vehicle_soc_percent"],
        Value::Null,
        "unknown is not 0"
    );

    let shown = serde_json::to_string(&picture.snapshot).unwrap();
    assert!(
        !shown.contains("0012345678"),
        "card numbers are shown masked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_house_adds_up() {
    let scene = captured_box().await;
    let house = &scene.live.picture.snapshot["house"];
    let (grid, pv) = (number("counter/0/get/power"), -number("pv/1/get/power"));
    let (home, battery) = (
        number("counter/set/home_consumption"),
        number("bat/2/get/power"),
    );
    assert_eq!(house["input_w"], grid + pv);
    assert_eq!(house["output_w"], home + battery + 11_040.0);
    assert_eq!(house["unknown_w"], Value::Null);
    let roles = |side: &Value| -> Vec<String> {
        side.as_array()
            .unwrap()
            .iter()
            .map(|flow| flow["role"].as_str().unwrap().into())
            .collect()
    };
    assert_eq!(roles(&house["inputs"]), ["pv", "grid"]);
    assert_eq!(
        roles(&house["outputs"]),
        ["home", "charge_point", "charge_point", "battery"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_test_shows_what_it_just_received_and_keeps_nothing() {
    let scene = captured_box().await;
    let report = scene
        .house
        .api
        .post("/api/v1/sources/test", &source(scene.broker.addr()))
        .await;
    assert_eq!(report["ok"], true, "{report:#}");
    assert_eq!(report["software_version"], value("system/version"));
    assert_eq!(
        (&report["generation"], &report["mqtt_version"]),
        (&json!("2.x"), &json!("5"))
    );
    let readings = report["readings"].as_array().unwrap();
    let charging = readings.iter().any(|reading| {
        reading["device_name"] == "Carport"
            && reading["quantity"] == "power"
            && reading["value"] == 11_040.0
    });
    assert!(charging, "{readings:#?}");
    let list = scene.house.api.get("/api/v1/sources").await;
    assert_eq!(list["sources"].as_array().unwrap().len(), 1);
}

/// Eight minutes of a real box, as fast as they can be heard.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_captured_stream_the_last_values_are_shown() {
    let mut scene = captured_box().await;
    let stream = capture::stream();
    for message in &stream {
        scene.publisher.say(&message.topic, &message.payload).await;
    }
    let publisher = &mut scene.publisher;
    scene
        .house
        .heard_all(async |topic| publisher.say(topic, "1").await)
        .await;
    let picture = scene.house.picture().await;

    let source = picture.source().unwrap();
    assert_eq!(source["malformed"], 0, "{}", source["last_malformed"]);
    let last = |topic: &str| {
        let topic = format!("openWB/{topic}");
        let message = stream.iter().rev().find(|message| message.topic == topic);
        message.map(|message| serde_json::from_str::<Value>(&message.payload).unwrap())
    };
    for id in ["chargepoint/3", "chargepoint/4", "counter/0", "bat/2"] {
        for (topic, field) in [
            ("power", "power_w"),
            ("imported", "imported_wh"),
            ("currents", "currents_a"),
        ] {
            let said = last(&format!("{id}/get/{topic}")).expect("values that repeat every cycle");
            assert!(same(&picture, id, field, &said), "{id} {field}: {said}");
        }
        if let Some(plugged) = last(&format!("{id}/get/plug_state")) {
            assert_eq!(
                picture.device(id).unwrap()["charge_point"]["plugged"],
                plugged,
                "{id}"
            );
        }
    }
}

/// Whether a shown value is the one that was said; `0` and `0.0` are.
fn same(picture: &Picture, id: &str, field: &str, said: &Value) -> bool {
    let shown = &picture.device(id).unwrap()[field];
    match (shown.as_array(), said.as_array()) {
        (Some(shown), Some(said)) => shown
            .iter()
            .zip(said)
            .all(|(shown, said)| shown.as_f64() == said.as_f64()),
        _ => shown.as_f64() == said.as_f64(),
    }
}
