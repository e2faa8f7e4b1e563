//! Commands to the charge points of an openWB 1.9, which has one mode for all of them.

use std::time::Duration;

use ladebuch_sim::{Generation, SimConfig};
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use ladebuch_tests::scene::Scene;
use serde_json::{Value, json};

use crate::noon;

const FIRST: &str = "lp/1";

async fn plugged_in() -> Scene {
    let old = SimConfig {
        generation: Generation::V1_9,
        ..SimConfig::by_hand(noon())
    };
    let scene = Scene::with(old, 10).await;
    scene.control.plug(3, 1).await.unwrap();
    scene.live().await;
    // The box keeps topics of charge points that do not exist, so Ladebuch waits for all of them.
    eventually(SOON, "the charge point may be asked", async || {
        let picture = scene.house.picture().await;
        let can = picture.device(FIRST)?["charge_point"]["abilities"].clone();
        can.is_object().then_some(())
    })
    .await;
    scene.slot().await;
    scene
}

/// Gives a command while the box goes on, and says how it was answered.
async fn answered(scene: &Scene, body: &Value) -> (u16, Value) {
    let asked = json!({ "command": body });
    let answer = scene.house.command(FIRST, &asked);
    let cycles = async {
        loop {
            tokio::time::sleep(Duration::from_millis(300)).await;
            scene.control.advance_cycle().await.unwrap();
        }
    };
    let answer = tokio::select! {
        answer = answer => answer,
        () = cycles => unreachable!("cycles go on"),
    };
    (answer.status.as_u16(), answer.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_an_openwb_1_9_can_be_asked_is_done_and_reported() {
    let scene = plugged_in().await;
    for body in [
        json!({"kind": "mode", "mode": "min_pv"}),
        json!({"kind": "min_current", "current_a": 8}),
        json!({"kind": "mode", "mode": "standby"}),
        json!({"kind": "mode", "mode": "stop"}),
        json!({"kind": "mode", "mode": "pv"}),
        json!({"kind": "mode", "mode": "instant"}),
        json!({"kind": "current", "current_a": 12}),
        json!({"kind": "limit", "limit": {"kind": "energy", "energy_wh": 7000}}),
        json!({"kind": "limit", "limit": {"kind": "none"}}),
        json!({"kind": "locked", "locked": true}),
        json!({"kind": "locked", "locked": false}),
        json!({"kind": "reset_energy"}),
    ] {
        let (status, answer) = answered(&scene, &body).await;
        assert_eq!(status, 200, "{body}: {answer}");
        assert_eq!(answer["outcome"], "confirmed", "{body}");
    }
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mode_of_one_charge_point_is_that_of_all() {
    let scene = plugged_in().await;
    let (status, answer) = answered(&scene, &json!({"kind": "mode", "mode": "standby"})).await;
    assert_eq!(status, 200, "{answer}");
    scene.heard_all().await;
    let picture = scene.house.picture().await;
    for name in [FIRST, "lp/2"] {
        let point = &picture.device(name).unwrap()["charge_point"];
        assert_eq!(point["settings"]["mode"], "standby", "{name}");
        assert_eq!(point["abilities"]["one_mode_for_all"], true, "{name}");
    }
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_openwb_2_knows_is_refused() {
    let scene = plugged_in().await;
    for body in [
        json!({"kind": "mode", "mode": "eco"}),
        json!({"kind": "priority", "priority": true}),
        json!({"kind": "min_soc", "soc_percent": 50}),
        json!({"kind": "vehicle", "vehicle_id": "vehicle/1"}),
    ] {
        let (status, answer) = answered(&scene, &body).await;
        assert_eq!(
            (status, &answer["code"]),
            (409, &json!("command_not_possible")),
            "{body}"
        );
    }
    scene.house.stop().await;
}
