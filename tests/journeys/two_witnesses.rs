//! One wallbox that two sources see: a station of the Elli cloud, and the same box over Modbus.

use chrono::TimeDelta;
use ladebuch_sim::elli::{ElliConfig, Station};
use ladebuch_sim::{Charger2, Charger2Config, ElliCloud, Premises, SimConfig, Simulation};
use ladebuch_tests::clock::ManualClock;
use ladebuch_tests::elli::{cloud_at, sign_in};
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::{House, SOON};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::noon;

const NEAR: &str = "1";

/// The device of the station, and that of the box over Modbus.
async fn both(house: &House, station: &str) -> (Value, Value) {
    eventually(SOON, "both are there", async || {
        let picture = house.picture().await;
        let near = picture.device(NEAR)?.clone();
        Some((picture.device(station)?.clone(), near))
    })
    .await
}

async fn link(house: &House, point: &Value, station: &Value) -> (StatusCode, Value) {
    let path = format!("/api/v1/charge-points/{}/link", point.as_str().unwrap());
    let body = json!({ "station": station });
    let answer = house
        .api
        .ask(Method::PUT, &path, Some(&body))
        .await
        .unwrap();
    (answer.status, answer.body)
}

async fn linked_to(house: &House, station: &str, expected: &Value) {
    eventually(SOON, "the station is linked", async || {
        let picture = house.picture().await;
        (picture.device(station)?["linked_to"] == *expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_station_and_its_local_interface_are_one_wallbox_also_after_a_restart() {
    let sim = Simulation::start(SimConfig::by_hand(noon())).await.unwrap();
    let premises = Premises::of(&sim);
    let elli = ElliCloud::start(ElliConfig::new(premises.clone()))
        .await
        .unwrap();
    let charger = Charger2::start(Charger2Config::new(premises))
        .await
        .unwrap();
    charger.control().plug(1).await.unwrap();
    charger
        .control()
        .advance(TimeDelta::minutes(2))
        .await
        .unwrap();
    let station = elli
        .control()
        .station_id(Station::garage().charge_point)
        .unwrap();
    let dir = TempDir::new().unwrap();
    let clock = ManualClock::new(noon());
    let house = House::open_with(dir.path(), clock.clone(), cloud_at(&elli)).await;
    let account = sign_in(&house.api).await;
    let at = charger.addr();
    let near_box = json!({"kind": "charger2", "host": at.ip().to_string(), "port": at.port()});
    house.api.post("/api/v1/sources", &near_box).await;
    let (far, near) = both(&house, &station).await;

    // Nothing has been recorded of them yet.
    let (status, problem) = link(&house, &near["id"], &far["id"]).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    assert_eq!(problem["code"], "not_linkable");
    eventually(SOON, "both are recorded", async || {
        clock.advance(TimeDelta::seconds(1));
        let (status, _) = link(&house, &near["id"], &far["id"]).await;
        (status == StatusCode::NO_CONTENT).then_some(())
    })
    .await;
    linked_to(&house, &station, &near["id"]).await;

    // The wrong way round, with itself, and with nothing that is there.
    for (point, partner) in [
        (&far["id"], &near["id"]),
        (&near["id"], &near["id"]),
        (&near["id"], &account["id"]),
    ] {
        let (status, problem) = link(&house, point, partner).await;
        assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    }
    linked_to(&house, &station, &near["id"]).await;

    // A Charger 2 tells VA alone, so that the house counts what the cloud says, once.
    let picture = house.picture().await.snapshot;
    let outputs = picture["house"]["outputs"].as_array().unwrap();
    assert!(
        outputs.iter().all(|flow| flow["device_id"] != near["id"]),
        "{picture:#}"
    );

    house.stop().await;
    let house = House::open_with(dir.path(), clock.clone(), cloud_at(&elli)).await;
    let (far_again, near_again) = both(&house, &station).await;
    assert_eq!(
        (&far_again["id"], &near_again["id"]),
        (&far["id"], &near["id"])
    );
    assert_eq!(far_again["linked_to"], near["id"]);

    // Also when the charge point is no longer there.
    let path = format!(
        "/api/v1/sources/{}",
        near_again["source_id"].as_str().unwrap()
    );
    let removed = house.api.ask(Method::DELETE, &path, None).await.unwrap();
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    eventually(SOON, "the charge point is gone", async || {
        house.picture().await.device(NEAR).is_none().then_some(())
    })
    .await;
    linked_to(&house, &station, &near["id"]).await;
    let (status, _) = link(&house, &near["id"], &Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    linked_to(&house, &station, &Value::Null).await;
    house.stop().await;
    charger.stop().await;
    elli.stop().await;
    sim.stop().await;
}
