//! The box behind the broker: silent, rebooting, with a new meter.

use chrono::TimeDelta;
use ladebuch_engine::clock::Clock as _;
use ladebuch_sim::household::Device;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use ladebuch_tests::live_socket::Picture;
use ladebuch_tests::scene::{Scene, numbers, text};
use serde_json::{Value, json};

use crate::noon;

const METER: &str = "chargepoint/3/get/imported";

async fn is_live(scene: &Scene) {
    eventually(SOON, "the source is live", async || {
        (scene.house.picture().await.state() == "live").then_some(())
    })
    .await;
}

fn all_stale(picture: &Picture) -> bool {
    picture.snapshot["devices"]
        .as_array()
        .unwrap()
        .iter()
        .all(|device| device["stale"] == true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_core_makes_everything_stale_until_it_speaks_again() {
    let scene = Scene::begin(noon(), 10).await;
    scene.slots(3).await;
    is_live(&scene).await;
    let mut live = scene.house.live().await;
    scene.control.stop_core().await.unwrap();
    scene.slots(4).await;
    live.until(SOON, "the source is stale", |picture| {
        (picture.state() == "stale").then_some(())
    })
    .await;
    assert_eq!(live.picture.problem(), Some("core_not_running"));
    assert!(all_stale(&live.picture), "{:#}", live.picture.snapshot);
    let flows = &live.picture.snapshot["house"]["inputs"];
    assert!(
        flows
            .as_array()
            .unwrap()
            .iter()
            .all(|flow| flow["stale"] == true)
    );
    scene.slots(3).await;

    scene.control.start_core().await.unwrap();
    scene.slots(2).await;
    live.until(SOON, "the source is live", |picture| {
        (picture.state() == "live").then_some(())
    })
    .await;
    live.until(SOON, "nothing is stale", |picture| {
        (!all_stale(picture)).then_some(())
    })
    .await;
    assert_eq!(live.picture.problem(), None);
    scene.slots(1).await;

    let series = scene.series("grid", "", "power").await;
    let history = scene.power(series, noon(), scene.clock.now(), 1_500).await;
    let gaps = history["gaps"].as_array().unwrap();
    assert!(
        gaps.iter().any(|gap| gap["cause"] == "source_offline"),
        "{gaps:#?}"
    );
    let means = numbers(&history["series"][0]["mean"]);
    assert!(
        means.contains(&None),
        "old values are not recorded as new ones: {means:?}"
    );
    assert!(means.last().unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebooting_box_is_not_believed() {
    let scene = Scene::begin(noon(), 10).await;
    scene.slots(2).await;
    is_live(&scene).await;
    let mut live = scene.house.live().await;
    scene.control.reboot(TimeDelta::seconds(60)).await.unwrap();
    scene.heard_all().await;
    live.until(SOON, "the box says that it boots", |picture| {
        (picture.problem() == Some("box_booting")).then_some(())
    })
    .await;
    assert_ne!(live.picture.state(), "live");
    assert!(all_stale(&live.picture));
    scene.slots(8).await;
    live.until(SOON, "the box is back", |picture| {
        (picture.state() == "live").then_some(())
    })
    .await;
    assert_eq!(live.picture.problem(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_meter_is_flagged_and_spoils_no_total() {
    let scene = Scene::begin(noon(), 10).await;
    scene.control.plug(3, 1).await.unwrap();
    scene.slots(10).await;
    let before = scene.published(METER);
    scene
        .control
        .reset_counter(Device::ChargePoint(3))
        .await
        .unwrap();
    scene.slots(10).await;
    let (counted, gaps) = charged(&scene).await;
    let after = scene.published(METER);
    assert!(after < before, "the new meter began at zero");
    let events: Vec<&Value> = gaps
        .iter()
        .filter(|gap| gap["cause"] == "counter_reset")
        .collect();
    assert_eq!(events.len(), 1, "{gaps:#?}");
    assert_eq!(events[0]["from"], events[0]["to"], "a moment");
    // One slot's energy went uncounted with the old meter: 16 A on three phases for ten seconds.
    let slot = 11_040.0 / 360.0;
    let truth = slot * 20.0;
    assert!(
        counted <= truth + 0.05 && counted >= truth - 4.0 * slot,
        "{counted} of {truth} Wh"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_jumps_is_flagged_and_not_counted() {
    let scene = Scene::begin(noon(), 10).await;
    scene.slots(3).await;
    let wrong = b"99999999.0";
    scene.run_box().await;
    scene
        .control
        .publish("openWB/chargepoint/3/get/imported", wrong, true)
        .await
        .unwrap();
    scene.heard_all().await;
    scene.pass().await;
    let (counted, gaps) = charged(&scene).await;
    assert_eq!(counted, 0.0, "no house charges 99 MWh in ten seconds");
    assert!(
        gaps.iter().any(|gap| gap["cause"] == "counter_jump"),
        "{gaps:#?}"
    );
    // The meter comes to its senses; what it counts from then on counts.
    scene.slots(2).await;
    let truth_before = scene.published(METER);
    scene.control.plug(3, 1).await.unwrap();
    scene.slots(10).await;
    let truth_after = scene.published(METER);
    let (counted, _) = charged(&scene).await;
    let truth = truth_after - truth_before;
    assert!((counted - truth).abs() < 0.05, "{counted} of {truth} Wh");
}

/// What the charge point "Garage" has charged since recording began, and what was odd.
async fn charged(scene: &Scene) -> (f64, Vec<Value>) {
    let series = scene.series("charge_point", "Garage", "imported").await;
    let history = scene
        .energy(series, noon(), scene.clock.now(), "hour")
        .await;
    let counted = numbers(&history["series"][0]["wh"])
        .into_iter()
        .flatten()
        .sum();
    (counted, history["gaps"].as_array().unwrap().clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_point_that_fails_is_shown_so_and_not_recorded() {
    let scene = Scene::begin(noon(), 10).await;
    scene.slots(3).await;
    scene.run_box().await;
    let text_topic = "openWB/chargepoint/4/get/fault_str";
    scene
        .control
        .publish(text_topic, br#""Der Z\u00e4hler antwortet nicht.""#, true)
        .await
        .unwrap();
    scene
        .control
        .publish("openWB/chargepoint/4/get/fault_state", b"2", true)
        .await
        .unwrap();
    scene.heard_all().await;
    let picture = scene.house.picture().await;
    let point = picture.device("chargepoint/4").unwrap();
    assert_eq!(point["charge_point"]["state"], "F");
    let fault = json!({"level": "error", "text": "Der Zähler antwortet nicht."});
    assert_eq!(point["fault"], fault);
    assert_eq!(picture.state(), "live", "the rest of the box is well");
    scene.pass().await;
    let series = scene.series("charge_point", "Carport", "power").await;
    let to = scene.clock.now();
    let history = scene.power(series, noon(), to, 1_500).await;
    assert_eq!(numbers(&history["series"][0]["mean"]).last(), Some(&None));
    let gaps = history["gaps"].as_array().unwrap();
    let gap = gaps.iter().find(|gap| gap["cause"] == "value_unknown");
    assert_eq!(gap.unwrap()["to"], text(to), "{gaps:#?}");
}
