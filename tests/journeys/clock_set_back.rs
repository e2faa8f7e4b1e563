//! The computer's clock is set back by an hour while Ladebuch records.

use chrono::TimeDelta;
use ladebuch_engine::clock::Clock as _;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use ladebuch_tests::scene::{Scene, numbers};
use serde_json::Value;

use crate::noon;

const METER: &str = "chargepoint/3/get/imported";

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_that_happens_twice_overwrites_nothing_and_loses_no_energy() {
    let scene = Scene::begin(noon(), 60).await;
    // Counting begins with the first reading.
    scene.slots(2).await;
    let meter_at_start = scene.published(METER);
    scene.control.plug(3, 1).await.unwrap();
    scene.slots(68).await;
    let set_at = scene.clock.now();
    let power = scene.series("grid", "", "power").await;
    let raw = async || scene.power(power, noon(), set_at, 1_500).await["series"].clone();
    let before = raw().await;

    scene.clock.set(set_at - TimeDelta::hours(1));
    let notice = eventually(SOON, "a notice", async || {
        let status = scene.house.api.get("/api/v1/status").await;
        let notices = status["notices"].as_array()?;
        notices
            .iter()
            .find(|notice| notice["code"] == "clock_set_back")
            .cloned()
    })
    .await;
    assert!(
        notice["detail"].as_str().unwrap().contains("13:10:00"),
        "{notice}"
    );

    scene.slots(20).await;
    let status = scene.house.api.get("/api/v1/status").await;
    assert_eq!(
        status["recorder"]["problem"]["code"], "clock_set_back",
        "{status:#}"
    );
    assert_eq!(raw().await, before, "nothing is overwritten");
    assert_eq!(scene.house.picture().await.state(), "live");

    scene.slots(45).await;
    assert_eq!(raw().await, before, "still nothing is overwritten");
    let status = scene.house.api.get("/api/v1/status").await;
    assert_eq!(status["recorder"]["problem"], Value::Null);
    assert_eq!(status["recorder"]["state"], "recording");
    let series = scene.series("charge_point", "Garage", "imported").await;
    let history = scene
        .energy(series, noon(), scene.clock.now(), "hour")
        .await;
    let counted: f64 = numbers(&history["series"][0]["wh"])
        .into_iter()
        .flatten()
        .sum();
    let truth = scene.published(METER) - meter_at_start;
    assert!((counted - truth).abs() < 0.05, "{counted} of {truth} Wh");
}
