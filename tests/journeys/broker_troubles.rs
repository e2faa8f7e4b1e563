//! What can be wrong with the way to the box: each has a name, a sentence, and an end.

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ladebuch_engine::clock::{Clock as _, SystemClock};
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::{House, SOON, source};
use ladebuch_tests::live_socket::LiveSocket;
use ladebuch_tests::mosquitto::{Mosquitto, Options};
use ladebuch_tests::mqtt::Publisher;
use ladebuch_tests::port::free_port;
use ladebuch_tests::scene::{Scene, numbers};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::noon;

const METER: &str = "chargepoint/3/get/imported";

/// The link waits longer with every failure, and looks twice at brokers that say nothing.
const AFTER_SOME_ATTEMPTS: Duration = Duration::from_secs(45);

async fn house() -> (House, TempDir) {
    let dir = TempDir::new().unwrap();
    (House::open(dir.path(), SystemClock::default()).await, dir)
}

async fn state(live: &mut LiveSocket, expected: &str) {
    live.until(AFTER_SOME_ATTEMPTS, expected, |picture| {
        (picture.state() == expected).then_some(())
    })
    .await;
}

/// Waits for a problem of that code; it must say something.
async fn problem(live: &mut LiveSocket, code: &str) {
    live.until(AFTER_SOME_ATTEMPTS, code, |picture| {
        (picture.problem() == Some(code)).then_some(())
    })
    .await;
    let detail = live.picture.source().unwrap()["problem"]["detail"]
        .as_str()
        .unwrap();
    assert!(
        detail.len() > 20 && detail.ends_with('.'),
        "a sentence: {detail}"
    );
    assert_ne!(live.picture.state(), "live");
}

/// What a test of a connection says is wrong.
async fn tested(house: &House, input: &Value) -> String {
    let report = house.api.post("/api/v1/sources/test", input).await;
    assert_eq!(report["ok"], report["problem"].is_null());
    report["problem"]["code"]
        .as_str()
        .unwrap_or("none")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_broker_comes_back_so_do_the_values_and_no_energy_is_lost() {
    let scene = Scene::begin(noon(), 10).await;
    scene.control.plug(3, 1).await.unwrap();
    // Counting begins with the first reading.
    scene.slot().await;
    let before = scene.published(METER);
    scene.slots(2).await;
    let mut live = scene.house.live().await;
    let begun = scene.clock.now();

    scene.control.broker_down().await.unwrap();
    state(&mut live, "offline").await;
    let source = live.picture.source().unwrap();
    assert!(
        source["problem"]["code"].is_string() && source["retry_at"].is_string(),
        "{source:#}"
    );
    let devices = live.picture.snapshot["devices"].as_array().unwrap();
    assert!(
        devices.iter().all(|device| device["stale"] == true),
        "kept, but as old values"
    );
    for _ in 0..5 {
        scene.control.advance(scene.step()).await.unwrap();
        scene.pass().await;
    }
    let back = scene.clock.now();
    scene.control.broker_up().await.unwrap();
    live.until(AFTER_SOME_ATTEMPTS, "the link stands", |picture| {
        (picture.state() == "connecting").then_some(())
    })
    .await;
    scene.slots(3).await;
    state(&mut live, "live").await;
    scene.slots(2).await;

    let series = scene.series("charge_point", "Garage", "imported").await;
    let total = async |to| {
        let history = scene.energy(series, noon(), to, "hour").await;
        numbers(&history["series"][0]["wh"])
            .into_iter()
            .flatten()
            .sum::<f64>()
    };
    let counted = total(scene.clock.now()).await;
    let truth = scene.published(METER) - before;
    assert!((counted - truth).abs() < 0.05, "{counted} of {truth} Wh");
    let power = scene.series("grid", "", "power").await;
    let history = scene.power(power, noon(), scene.clock.now(), 1_500).await;
    let gaps = history["gaps"].as_array().unwrap();
    let gap = gaps
        .iter()
        .find(|gap| gap["cause"] == "source_offline")
        .unwrap();
    let at = |field: &str| {
        gap[field]
            .as_str()
            .unwrap()
            .parse::<DateTime<Utc>>()
            .unwrap()
    };
    assert!(at("from") >= begun && at("to") >= back, "{gap}");
    assert!(gap["source_id"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_forgot_everything_is_filled_by_the_box_again() {
    let mut broker = Mosquitto::start().await;
    let mut publisher = Publisher::connect(broker.addr(), "box").await;
    publisher.keep_captured_box().await;
    let (house, _dir) = house().await;
    house.connect(broker.addr()).await;
    let mut live = house.live().await;
    live.until(SOON, "the box is known", |picture| {
        picture.device("home").map(drop)
    })
    .await;
    publisher.heartbeat().await;
    state(&mut live, "live").await;
    let ids = |live: &LiveSocket| {
        let mut ids: Vec<String> = live.picture.snapshot["devices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|device| device["id"].to_string())
            .collect();
        ids.sort();
        ids
    };
    let before = ids(&live);

    broker.kill();
    state(&mut live, "offline").await;
    broker.restart().await;
    let mut publisher = Publisher::connect(broker.addr(), "box").await;
    publisher.keep_captured_box().await;
    eventually(AFTER_SOME_ATTEMPTS, "the link is back", async || {
        let state = house.picture().await.state().to_owned();
        (state == "connecting").then_some(())
    })
    .await;
    publisher.heartbeat().await;
    state(&mut live, "live").await;
    live.until(SOON, "all devices", |picture| {
        (picture.snapshot["devices"].as_array()?.len() == 6).then_some(())
    })
    .await;
    assert_eq!(ids(&live), before, "the same devices, not new ones");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_accepts_and_says_nothing_is_called_silent() {
    let scene = Scene::begin(noon(), 10).await;
    scene.slots(2).await;
    let mut live = scene.house.live().await;
    scene.control.broker_silent().await.unwrap();
    problem(&mut live, "silent_broker").await;
    assert_eq!(live.picture.state(), "offline");
    assert_eq!(
        tested(&scene.house, &source(scene.sim.addr())).await,
        "silent_broker"
    );
    scene.control.broker_up().await.unwrap();
    live.until(AFTER_SOME_ATTEMPTS, "the link stands", |picture| {
        (picture.state() == "connecting").then_some(())
    })
    .await;
    scene.slots(2).await;
    state(&mut live, "live").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_said_to_be_wrong_and_the_right_one_works() {
    let broker = Mosquitto::with(Options {
        user: Some(("max", "right")),
        tls: false,
    })
    .await;
    let credentials = Some(("max", "right"));
    let mut publisher = Publisher::log_in(broker.addr(), "box", credentials).await;
    publisher.keep_captured_box().await;
    let (house, dir) = house().await;
    let with = |user: Option<&str>, password: Option<&str>| {
        let mut input = source(broker.addr());
        input["username"] = json!(user);
        input["password"] = json!(password);
        input
    };
    assert_eq!(tested(&house, &with(None, None)).await, "login_needed");
    assert_eq!(
        tested(&house, &with(Some("max"), Some("wrong"))).await,
        "bad_credentials"
    );
    assert_eq!(
        tested(&house, &with(Some("max"), Some("right"))).await,
        "none"
    );

    let added = house
        .api
        .post("/api/v1/sources", &with(Some("max"), Some("wrong")))
        .await;
    let mut live = house.live().await;
    problem(&mut live, "bad_credentials").await;
    let path = format!("/api/v1/sources/{}", added["id"].as_str().unwrap());
    house
        .api
        .put(&path, &with(Some("max"), Some("right")))
        .await;
    live.until(SOON, "the box is known", |picture| {
        picture.device("home").map(drop)
    })
    .await;
    publisher.heartbeat().await;
    state(&mut live, "live").await;

    // A later edit that leaves the password out keeps it.
    let edited = house.api.put(&path, &with(Some("max"), None)).await;
    assert_eq!(
        (&edited["has_password"], edited.get("password")),
        (&json!(true), None)
    );
    let mut input = with(Some("max"), None);
    input["id"] = added["id"].clone();
    assert_eq!(
        tested(&house, &input).await,
        "none",
        "the stored password is used"
    );
    drop(live);
    house.stop().await;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let kept = bytes.windows(5).any(|window| window == b"right");
        assert_eq!(kept, path.ends_with("secrets.json"), "{}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_without_an_openwb_is_not_taken_for_one() {
    let broker = Mosquitto::start().await;
    let mut other = Publisher::connect(broker.addr(), "heating").await;
    other.keep("heating/flow", "41.5").await;
    let (house, _dir) = house().await;
    assert_eq!(tested(&house, &source(broker.addr())).await, "not_openwb");
    house.connect(broker.addr()).await;
    let mut live = house.live().await;
    problem(&mut live, "not_openwb").await;
    assert_eq!(live.picture.snapshot["devices"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_our_name_does_not_keep_us_out() {
    let scene = Scene::begin(noon(), 10).await;
    scene.slots(2).await;
    let mut live = scene.house.live().await;
    let ours = scene.sim.broker().clients();
    let [ours] = ours.as_slice() else {
        panic!("one client: {ours:?}")
    };
    let twin = Publisher::connect(scene.sim.addr(), ours).await;
    problem(&mut live, "taken_over").await;
    live.until(AFTER_SOME_ATTEMPTS, "the link stands", |picture| {
        (picture.state() == "connecting").then_some(())
    })
    .await;
    scene.slots(2).await;
    state(&mut live, "live").await;
    let clients = scene.sim.broker().clients();
    assert_eq!(
        clients.len(),
        2,
        "both are connected, under different names: {clients:?}"
    );
    drop(twin);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_address_is_said_to_be_wrong() {
    let (house, _dir) = house().await;
    let nobody = SocketAddr::from(([127, 0, 0, 1], free_port()));
    assert_eq!(tested(&house, &source(nobody)).await, "connection_refused");
    let mut nowhere = source(nobody);
    nowhere["host"] = json!("no-such-box.invalid");
    assert_eq!(tested(&house, &nowhere).await, "host_not_found");
    house.connect(nobody).await;
    let mut live = house.live().await;
    problem(&mut live, "connection_refused").await;
    assert_eq!(live.picture.state(), "offline");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_boxs_own_certificate_is_trusted_once_it_is_confirmed() {
    let broker = Mosquitto::with(Options {
        user: None,
        tls: true,
    })
    .await;
    let (house, _dir) = house().await;
    let with_pin = |pin: Option<&str>| {
        let mut input = source(broker.addr());
        input["tls"] = json!({"enabled": true, "pinned_fingerprint": pin});
        input
    };
    let report = house
        .api
        .post("/api/v1/sources/test", &with_pin(None))
        .await;
    assert_eq!(report["problem"]["code"], "tls_untrusted");
    let shown = report["problem"]["fingerprint"].as_str().unwrap();
    assert_eq!(shown, broker.fingerprint());
    let pinned = tested(&house, &with_pin(Some(shown))).await;
    assert_eq!(
        pinned, "not_openwb",
        "the certificate was accepted; the broker is empty"
    );
    let another = "0".repeat(64);
    assert_eq!(
        tested(&house, &with_pin(Some(&another))).await,
        "tls_untrusted"
    );
    let plain = tested(&house, &source(broker.addr())).await;
    assert!(
        ["protocol_error", "silent_broker"].contains(&plain.as_str()),
        "without TLS: {plain}"
    );
}
