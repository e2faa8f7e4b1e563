//! Commands to the charge points of an openWB 2.x: done when the box reports them, and honest about
//! it when they are not.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use ladebuch_sim::{Credentials, Role, SimConfig, Simulation, User};
use ladebuch_tests::api::Answer;
use ladebuch_tests::clock::ManualClock;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::{House, SOON};
use ladebuch_tests::scene::Scene;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::noon;

const GARAGE: &str = "chargepoint/3";
/// The document in which an openWB 2.x keeps how a charge point charges.
const WORKING_COPY: &str = "openWB/chargepoint/3/set/charge_template";
/// The profile behind it.
const PROFILE: &str = "openWB/vehicle/template/charge_template/1";

/// A household with a tariff whose ID.7 is plugged in at the garage.
async fn plugged_in() -> Scene {
    let prices = SimConfig {
        prices: true,
        ..SimConfig::by_hand(noon())
    };
    let scene = Scene::with(prices, 10).await;
    scene.control.plug(3, 1).await.unwrap();
    scene.slot().await;
    scene.live().await;
    scene
}

fn command(body: Value) -> Value {
    json!({ "command": body })
}

/// The outcome of a command that succeeds.
fn confirmed(answer: &Answer, body: &Value) {
    assert_eq!(answer.status, 200, "{body}: {}", answer.body);
    assert_eq!(answer.body["outcome"], "confirmed", "{body}");
    assert_eq!(answer.body["reason"], Value::Null);
    assert_eq!(answer.body["author"], "owner");
    assert!(answer.body["finished_at"].is_string());
    assert_eq!(answer.body["command"]["kind"], body["kind"]);
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.body["code"], code, "{}", answer.body);
    let sentence = answer.body["detail"].as_str().unwrap();
    assert!(sentence.ends_with('.'), "{sentence}");
}

fn document(scene: &Scene, topic: &str) -> Value {
    let kept = scene.sim.broker().retained(topic);
    serde_json::from_slice(&kept[0].payload).unwrap()
}

/// Gives a command that shows only after a control cycle, and lets the box run meanwhile.
async fn through_a_cycle(scene: &Scene, body: &Value) -> Answer {
    let asked = command(body.clone());
    let answer = scene.house.command(GARAGE, &asked);
    let cycles = async {
        loop {
            tokio::time::sleep(Duration::from_millis(300)).await;
            scene.control.advance_cycle().await.unwrap();
        }
    };
    tokio::select! {
        answer = answer => answer,
        () = cycles => unreachable!("cycles go on"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_an_openwb_2_can_be_asked_is_done_and_reported() {
    let scene = plugged_in().await;
    for body in [
        json!({"kind": "mode", "mode": "pv"}),
        json!({"kind": "min_current", "current_a": 8}),
        json!({"kind": "min_current", "current_a": 0}),
        json!({"kind": "min_soc", "soc_percent": 30}),
        json!({"kind": "mode", "mode": "eco"}),
        json!({"kind": "max_price", "eur_per_kwh": 0.2345}),
        json!({"kind": "mode", "mode": "stop"}),
        json!({"kind": "mode", "mode": "instant"}),
        json!({"kind": "current", "current_a": 10}),
        json!({"kind": "limit", "limit": {"kind": "energy", "energy_wh": 5000}}),
        json!({"kind": "limit", "limit": {"kind": "soc", "soc_percent": 90}}),
        json!({"kind": "limit", "limit": {"kind": "none"}}),
        json!({"kind": "priority", "priority": true}),
        json!({"kind": "locked", "locked": true}),
        json!({"kind": "locked", "locked": false}),
    ] {
        let answer = scene.house.command(GARAGE, &command(body.clone())).await;
        confirmed(&answer, &body);
    }
    let kept = document(&scene, WORKING_COPY);
    assert_eq!(kept["chargemode"]["selected"], "instant_charging");
    assert_eq!(kept["chargemode"]["instant_charging"]["current"], 10);
    assert_eq!(kept["chargemode"]["pv_charging"]["min_soc"], 30);
    assert_eq!(kept["prio"], true);

    for body in [
        json!({"kind": "query_soc"}),
        json!({"kind": "vehicle", "vehicle_id": "vehicle/2"}),
        json!({"kind": "vehicle_soc", "soc_percent": 55}),
    ] {
        let answer = through_a_cycle(&scene, &body).await;
        confirmed(&answer, &body);
    }
    scene.heard_all().await;
    let point = scene.house.picture().await.device(GARAGE).unwrap()["charge_point"].clone();
    assert_eq!(point["vehicle"]["external_id"], "vehicle/2");
    assert_eq!(point["vehicle_soc_percent"], 55.0);
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_view_says_what_is_set_and_what_may_be_asked() {
    let scene = plugged_in().await;
    let point = scene.house.picture().await.device(GARAGE).unwrap()["charge_point"].clone();
    let (settings, abilities) = (&point["settings"], &point["abilities"]);
    assert_eq!(settings["mode"], document_mode(&scene), "{settings:#}");
    assert_eq!(settings["current_a"], 16.0);
    assert_eq!(settings["night_charging"], Value::Null);
    assert_eq!(abilities["current_a"], json!({"min": 6.0, "max": 32.0}));
    assert_eq!(abilities["one_mode_for_all"], false);
    assert_eq!(abilities["lasting"], "for_good");
    assert_eq!(abilities["query_soc"], true);
    assert_eq!(abilities["vehicle_soc"], false);
    let vehicles = abilities["vehicles"].as_array().unwrap();
    assert!(vehicles.contains(&json!({"name": "ID.7", "external_id": "vehicle/1"})));
    scene.house.stop().await;
}

fn document_mode(scene: &Scene) -> &'static str {
    match document(scene, WORKING_COPY)["chargemode"]["selected"].as_str() {
        Some("instant_charging") => "instant",
        Some("pv_charging") => "pv",
        Some("eco_charging") => "eco",
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_before_anything_is_sent() {
    let scene = plugged_in().await;
    let before = document(&scene, WORKING_COPY);
    for (body, field) in [
        (
            json!({"kind": "current", "current_a": 5}),
            "command.current_a",
        ),
        (
            json!({"kind": "current", "current_a": 33}),
            "command.current_a",
        ),
        (
            json!({"kind": "current", "current_a": 6.5}),
            "command.current_a",
        ),
        (
            json!({"kind": "min_current", "current_a": 3}),
            "command.current_a",
        ),
        (
            json!({"kind": "min_soc", "soc_percent": 101}),
            "command.soc_percent",
        ),
        (
            json!({"kind": "limit", "limit": {"kind": "energy", "energy_wh": 0}}),
            "command.limit.energy_wh",
        ),
        (
            json!({"kind": "limit", "limit": {"kind": "soc", "soc_percent": -1}}),
            "command.limit.soc_percent",
        ),
        (
            json!({"kind": "max_price", "eur_per_kwh": 3}),
            "command.eur_per_kwh",
        ),
    ] {
        let answer = scene.house.command(GARAGE, &command(body)).await;
        refused(&answer, 422, "invalid_value");
        assert_eq!(answer.body["field"], field);
    }
    for body in [
        json!({"kind": "mode", "mode": "min_pv"}),
        json!({"kind": "vehicle", "vehicle_id": "vehicle/99"}),
        json!({"kind": "vehicle_soc", "soc_percent": 50}),
        json!({"kind": "reset_energy"}),
    ] {
        let answer = scene.house.command(GARAGE, &command(body)).await;
        refused(&answer, 409, "command_not_possible");
    }
    for body in [
        json!({"kind": "mode", "mode": "turbo"}),
        json!({"kind": "dance"}),
    ] {
        let answer = scene.house.command(GARAGE, &command(body)).await;
        refused(&answer, 400, "bad_body");
    }
    for id in ["019a0d2e-7b5c-7d3e-9a51-0c4f3f1a2b3c", "chargepoint-3"] {
        let path = format!("/api/v1/charge-points/{id}/commands");
        let body = command(json!({"kind": "query_soc"}));
        let answer = scene.house.api.ask(Method::POST, &path, Some(&body)).await;
        refused(&answer.unwrap(), 404, "unknown_charge_point");
    }
    assert_eq!(document(&scene, WORKING_COPY), before);
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_that_was_scanned_decides_which_vehicle_it_is() {
    let scene = Scene::begin(noon(), 10).await;
    scene.control.scan(3, "0012345678").await.unwrap();
    scene.control.plug(3, 1).await.unwrap();
    scene.slot().await;
    scene.live().await;
    let body = command(json!({"kind": "vehicle", "vehicle_id": "vehicle/2"}));
    let answer = scene.house.command(GARAGE, &body).await;
    refused(&answer, 409, "card_decides");
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_cannot_be_reached_is_not_waited_for() {
    let scene = plugged_in().await;
    scene.control.broker_down().await.unwrap();
    eventually(SOON, "the source is offline", async || {
        (scene.house.picture().await.state() == "offline").then_some(())
    })
    .await;
    let begun = Instant::now();
    let body = command(json!({"kind": "locked", "locked": true}));
    let answer = scene.house.command(GARAGE, &body).await;
    refused(&answer, 409, "charge_point_offline");
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    let journal = scene.house.api.get("/api/v1/commands").await;
    assert_eq!(journal["commands"][0]["outcome"], "refused");
    assert_eq!(journal["commands"][0]["reason"], "offline");
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_dies_over_a_command_has_not_confirmed_it() {
    let scene = plugged_in().await;
    scene.control.stop_core().await.unwrap();
    let begun = Instant::now();
    let body = command(json!({"kind": "locked", "locked": true}));
    let answer = scene.house.command(GARAGE, &body).await;
    refused(&answer, 504, "not_confirmed");
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    let journal = scene.house.api.get("/api/v1/commands").await;
    let entry = &journal["commands"][0];
    assert_eq!(entry["outcome"], "not_confirmed");
    assert!(entry["finished_at"].is_string());
    let point = scene.house.picture().await.device(GARAGE).unwrap()["charge_point"].clone();
    assert_eq!(
        point["locked"], false,
        "nothing is shown that the box has not said"
    );
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_the_right_is_told_so() {
    let user = User {
        credentials: Credentials {
            user: "anna".to_owned(),
            password: "secret".to_owned(),
        },
        roles: vec![Role::ChargePoint(3), Role::Vehicle(1)],
    };
    let sim = Simulation::start(SimConfig {
        users: Some(vec![user]),
        ..SimConfig::by_hand(noon())
    })
    .await
    .unwrap();
    let control = sim.control();
    control.plug(3, 1).await.unwrap();
    let dir = TempDir::new().unwrap();
    let house = House::open(dir.path(), ManualClock::new(noon())).await;
    house.connect_as(sim.addr(), "anna", "secret").await;
    eventually(SOON, "the charge point may be asked", async || {
        control.advance_cycle().await.unwrap();
        let picture = house.picture().await;
        let can = &picture.device(GARAGE)?["charge_point"]["abilities"]["query_soc"];
        (picture.state() == "live" && *can == true).then_some(())
    })
    .await;

    let body = json!({"kind": "current", "current_a": 12});
    confirmed(&house.command(GARAGE, &command(body.clone())).await, &body);
    let body = command(json!({"kind": "query_soc"}));
    refused(
        &house.command(GARAGE, &body).await,
        403,
        "command_not_allowed",
    );
    let journal = house.api.get("/api/v1/commands").await;
    assert_eq!(journal["commands"][0]["reason"], "not_allowed");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_commands_at_once_both_take_effect() {
    let scene = plugged_in().await;
    let (current, priority) = (
        json!({"kind": "current", "current_a": 11}),
        json!({"kind": "priority", "priority": true}),
    );
    let both = (command(current.clone()), command(priority.clone()));
    let (one, other) = tokio::join!(
        scene.house.command(GARAGE, &both.0),
        scene.house.command(GARAGE, &both.1),
    );
    confirmed(&one, &current);
    confirmed(&other, &priority);
    let kept = document(&scene, WORKING_COPY);
    assert_eq!(kept["chargemode"]["instant_charging"]["current"], 11);
    assert_eq!(kept["prio"], true);
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_for_one_charge_is_put_back_when_the_vehicle_is_unplugged() {
    let scene = plugged_in().await;
    let before = document(&scene, PROFILE);
    for current in [10, 12] {
        let body = json!({"kind": "current", "current_a": current});
        let asked = json!({"command": body, "until_unplug": true});
        confirmed(&scene.house.command(GARAGE, &asked).await, &body);
    }
    assert_eq!(
        document(&scene, PROFILE)["chargemode"]["instant_charging"]["current"],
        12,
        "templates of this box hold for good"
    );
    let scene = scene.restart().await;
    scene.live().await;
    scene.control.unplug(3).await.unwrap();
    scene.slots(2).await;
    eventually(SOON, "the profile is as it was", async || {
        scene.control.advance(TimeDelta::seconds(1)).await.unwrap();
        (document(&scene, PROFILE) == before).then_some(())
    })
    .await;

    // Once put back it is nobody's business any more.
    scene.control.plug(3, 1).await.unwrap();
    scene.slots(2).await;
    let body = json!({"kind": "current", "current_a": 8});
    confirmed(
        &scene.house.command(GARAGE, &command(body.clone())).await,
        &body,
    );
    scene.control.unplug(3).await.unwrap();
    scene.slots(2).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let kept = document(&scene, PROFILE);
    assert_eq!(kept["chargemode"]["instant_charging"]["current"], 8);
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_shows_the_newest_first_and_outlives_a_restart() {
    let scene = plugged_in().await;
    for current in [7, 8, 9, 99] {
        scene.clock.advance(TimeDelta::milliseconds(20));
        let body = command(json!({"kind": "current", "current_a": current}));
        scene.house.command(GARAGE, &body).await;
    }
    let body = command(json!({"kind": "locked", "locked": true}));
    scene.clock.advance(TimeDelta::milliseconds(20));
    scene.house.command("chargepoint/4", &body).await;
    let scene = scene.restart().await;

    let api = &scene.house.api;
    let all = api.get("/api/v1/commands").await["commands"].clone();
    let kinds = |list: &Value| -> Vec<Value> {
        let list = list.as_array().unwrap().iter();
        list.map(|entry| entry["command"]["current_a"].clone())
            .collect()
    };
    assert_eq!(
        kinds(&all),
        [Value::Null, json!(99.0), json!(9.0), json!(8.0), json!(7.0)]
    );
    assert_eq!(all[1]["outcome"], "refused");
    assert_eq!(all[1]["reason"], "out_of_range");
    assert_eq!(all[2]["outcome"], "confirmed");

    let garage = all[1]["charge_point_id"].as_str().unwrap();
    let page = format!("/api/v1/commands?charge_point={garage}&limit=2");
    let first = api.get(&page).await["commands"].clone();
    assert_eq!(kinds(&first), [json!(99.0), json!(9.0)]);
    let last = first[1]["id"].as_str().unwrap();
    let second = api.get(&format!("{page}&before={last}")).await["commands"].clone();
    assert_eq!(kinds(&second), [json!(8.0), json!(7.0)]);
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_reads_and_sets_the_mode_alone() {
    let scene = plugged_in().await;
    let id = scene.house.picture().await.device(GARAGE).unwrap()["id"].clone();
    let path = format!("/api/v1/charge-points/{}/mode", id.as_str().unwrap());
    let api = &scene.house.api;
    assert_eq!(
        api.put(&path, &json!({"mode": "pv"})).await,
        json!({"mode": "pv"})
    );
    assert_eq!(api.get(&path).await, json!({"mode": "pv"}));
    let answer = api
        .ask(Method::PUT, &path, Some(&json!({"mode": "standby"})))
        .await;
    refused(&answer.unwrap(), 409, "command_not_possible");
    assert_eq!(api.get(&path).await, json!({"mode": "pv"}));
    scene.house.stop().await;
}
