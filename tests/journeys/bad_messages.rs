//! Messages that make no sense are counted, with where and why; everything else goes on.

use ladebuch_engine::clock::SystemClock;
use ladebuch_tests::house::{House, SOON};
use ladebuch_tests::mosquitto::Mosquitto;
use ladebuch_tests::mqtt::Publisher;
use serde_json::Value;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_counted_and_the_rest_goes_on() {
    let broker = Mosquitto::start().await;
    let mut publisher = Publisher::connect(broker.addr(), "box").await;
    publisher.keep_captured_box().await;
    let dir = TempDir::new().unwrap();
    let house = House::open(dir.path(), SystemClock::default()).await;
    house.connect(broker.addr()).await;
    let mut live = house.live().await;
    live.until(SOON, "the box is known", |picture| {
        picture.device("home").map(drop)
    })
    .await;
    publisher.heartbeat().await;
    live.until(SOON, "the box is live", |picture| {
        (picture.state() == "live").then_some(())
    })
    .await;

    let megabyte = vec![b'1'; 1 << 20];
    let deep = "[".repeat(100_000);
    let nonsense: &[(&str, &[u8])] = &[
        ("counter/0/get/power", b"NaN"),
        ("counter/0/get/power", b"Infinity"),
        ("counter/0/get/power", b"1e999"),
        ("counter/0/get/power", b"\"8090\""),
        ("counter/0/get/power", b"{broken"),
        ("counter/0/get/power", b"\xff\xfe\x00"),
        ("counter/0/get/power", &megabyte),
        ("counter/0/get/currents", b"[1, 2]"),
        ("counter/0/get/currents", b"[1, \"2\", 3]"),
        ("counter/get/hierarchy", b"{\"id\": 0}"),
        ("counter/get/hierarchy", deep.as_bytes()),
        ("chargepoint/3/get/plug_state", b"\"yes\""),
        ("chargepoint/3/get/phases_in_use", b"7"),
        ("chargepoint/3/config", b"[]"),
        ("chargepoint/3/set/charge_template", b"true"),
        ("system/boot_done", b"\xc3\x28"),
    ];
    let before = house.picture().await;
    for (i, (topic, payload)) in nonsense.iter().enumerate() {
        publisher.say(&format!("openWB/{topic}"), payload).await;
        let counted = i as u64 + 1;
        live.until(SOON, &format!("{topic} is counted"), |picture| {
            (picture.source()?["malformed"] == counted).then_some(())
        })
        .await;
        let told = &live.picture.source().unwrap()["last_malformed"];
        assert_eq!(told["topic"], format!("openWB/{topic}"), "{told}");
        let reason = told["reason"].as_str().unwrap();
        assert!(!reason.is_empty() && reason.len() < 100, "{reason}");
    }
    let after = house.picture().await;
    assert_eq!(after.state(), "live");
    assert_eq!(
        after.snapshot["devices"], before.snapshot["devices"],
        "the last good values stay, and no device is lost"
    );

    // An emptied topic is no nonsense: the box has forgotten the value.
    publisher.say("openWB/counter/0/get/power", "").await;
    live.until(SOON, "the power is unknown", |picture| {
        picture
            .device("counter/0")
            .filter(|device| device["power_w"].is_null())
            .map(drop)
    })
    .await;
    publisher.say("openWB/counter/0/get/power", "-17.5").await;
    live.until(SOON, "the power is known again", |picture| {
        (picture.number("counter/0", "power_w") == Some(-17.5)).then_some(())
    })
    .await;
    let source = live.picture.source().unwrap();
    assert_eq!(source["malformed"], nonsense.len());
    assert_eq!(
        (live.picture.state(), &source["problem"]),
        ("live", &Value::Null)
    );
}
