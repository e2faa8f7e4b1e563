//! Settings for one charge: as they were before, once the last vehicle that wanted them is unplugged,
//! unless somebody has changed them since.

use chrono::TimeDelta;
use ladebuch_sim::{Generation, SimConfig};
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use ladebuch_tests::scene::Scene;
use serde_json::{Value, json};

use crate::noon;

/// A box with vehicles at both charge points, whose mode and current may be set.
async fn both_plugged_in(config: SimConfig) -> Scene {
    let scene = Scene::with(config, 10).await;
    scene.control.plug(3, 1).await.unwrap();
    scene.control.plug(4, 2).await.unwrap();
    scene.slot().await;
    scene.live().await;
    for charge_point in [3, 4] {
        eventually(SOON, "the vehicle is seen", async || {
            let picture = scene.house.picture().await;
            let devices = picture.snapshot["devices"].as_array()?.clone();
            let device = devices.iter().find(|device| {
                let id = device["external_id"].as_str().unwrap_or_default();
                id == name(charge_point, &scene) && device["charge_point"]["plugged"] == true
            })?;
            device["charge_point"]["abilities"]
                .is_object()
                .then_some(())
        })
        .await;
    }
    scene
}

/// What the box calls a charge point of the household.
fn name(charge_point: u32, scene: &Scene) -> String {
    let old = scene.sim.broker().retained("openWB/system/Version");
    if old.is_empty() {
        format!("chargepoint/{charge_point}")
    } else {
        format!("lp/{}", charge_point - 2)
    }
}

async fn set(scene: &Scene, charge_point: u32, body: Value, until_unplug: bool) {
    let asked = json!({"command": body, "until_unplug": until_unplug});
    let answer = scene
        .house
        .command(&name(charge_point, scene), &asked)
        .await;
    assert_eq!(answer.status, 200, "{body}: {}", answer.body);
    assert_eq!(answer.body["until_unplug"], until_unplug, "{body}");
}

fn mode(mode: &str) -> Value {
    json!({"kind": "mode", "mode": mode})
}

/// Waits until the box reports a mode.
async fn shows_mode(scene: &Scene, charge_point: u32, expected: &str) {
    let id = name(charge_point, scene);
    eventually(SOON, expected, async || {
        scene.control.advance(TimeDelta::seconds(1)).await.unwrap();
        let picture = scene.house.picture().await;
        let settings = &picture.device(&id)?["charge_point"]["settings"];
        (settings["mode"] == expected).then_some(())
    })
    .await;
}

async fn unplug(scene: &Scene, charge_point: u32) {
    scene.control.unplug(charge_point).await.unwrap();
    scene.slots(2).await;
}

fn v1_9() -> SimConfig {
    SimConfig {
        generation: Generation::V1_9,
        ..SimConfig::by_hand(noon())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_all_charge_points_share_waits_for_the_last_one() {
    let scene = both_plugged_in(v1_9()).await;
    shows_mode(&scene, 3, "instant").await;
    set(&scene, 3, mode("pv"), true).await;
    set(&scene, 4, mode("min_pv"), true).await;
    unplug(&scene, 3).await;
    shows_mode(&scene, 4, "min_pv").await;
    unplug(&scene, 4).await;
    shows_mode(&scene, 4, "instant").await;
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_change_for_good_is_not_undone() {
    let scene = both_plugged_in(SimConfig::by_hand(noon())).await;
    let before = {
        let picture = scene.house.picture().await;
        let device = picture.device("chargepoint/3").unwrap();
        device["charge_point"]["settings"].clone()
    };
    let current = |amperes: f64| json!({"kind": "current", "current_a": amperes});
    set(&scene, 3, current(8.0), true).await;
    set(&scene, 3, mode("stop"), true).await;
    set(&scene, 3, mode("pv"), false).await;
    unplug(&scene, 3).await;
    eventually(SOON, "the current is as it was", async || {
        scene.control.advance(TimeDelta::seconds(1)).await.unwrap();
        let picture = scene.house.picture().await;
        let settings = &picture.device("chargepoint/3")?["charge_point"]["settings"];
        (settings["current_a"] == before["current_a"]).then_some(())
    })
    .await;
    shows_mode(&scene, 3, "pv").await;
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_at_the_box_meanwhile_stays() {
    let scene = both_plugged_in(v1_9()).await;
    set(&scene, 3, mode("pv"), true).await;
    let topic = "openWB/global/ChargeMode";
    set(&scene, 3, json!({"kind": "locked", "locked": true}), false).await;
    // As a person at the box does: past Ladebuch.
    ladebuch_tests::mqtt::Publisher::connect(scene.sim.addr(), "person")
        .await
        .say("openWB/set/ChargeMode", "3")
        .await;
    shows_mode(&scene, 3, "stop").await;
    unplug(&scene, 3).await;
    // The other vehicle's current shows that all orders before it were carried out.
    set(&scene, 4, json!({"kind": "current", "current_a": 9}), false).await;
    shows_mode(&scene, 3, "stop").await;
    assert_eq!(&*scene.sim.broker().retained(topic)[0].payload, b"3");
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_was_not_confirmed_keeps_nothing_from_being_put_back() {
    let scene = both_plugged_in(v1_9()).await;
    set(&scene, 3, mode("pv"), true).await;
    scene.control.stop_core().await.unwrap();
    let asked = json!({"command": mode("min_pv"), "until_unplug": true});
    let answer = scene.house.command(&name(3, &scene), &asked).await;
    assert_eq!(answer.body["code"], "not_confirmed", "{}", answer.body);
    scene.control.start_core().await.unwrap();
    scene.slot().await;
    scene.live().await;
    shows_mode(&scene, 3, "pv").await;
    unplug(&scene, 3).await;
    shows_mode(&scene, 3, "instant").await;
    scene.house.stop().await;
}
