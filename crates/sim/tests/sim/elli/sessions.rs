//! Stations, cards, and what hangs on the cables.

use chrono::TimeDelta;
use ladebuch_sim::elli::Fault;
use ladebuch_sim::{ElliCloud, ElliConfig, Premises, SimConfig, Simulation};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{App, CARPORT, GARAGE, cloud, new_home, premises};
use crate::client::noon;

const SESSIONS: &str =
    "/chargeathome/v1/charging-sessions?include_momentary_charging_speed_watts=true";

fn accumulated(station: &str) -> String {
    format!("/chargeathome/v1/charging-sessions/accumulated?station_id={station}")
}

#[tokio::test]
async fn a_charge_from_plug_to_record() {
    let elli = cloud(new_home()).await;
    let app = App::of(&elli).await;
    let control = elli.control();
    assert_eq!(app.get(SESSIONS).await, json!({"charging_sessions": []}));
    let (status, body) = app.ask(&accumulated(&app.garage)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body["errors"][0]["message"].is_string() && body["tracing_id"].is_string());

    control.plug(GARAGE, 1).await.unwrap();
    control.scan(GARAGE, "0012345678").await.unwrap();
    control.advance(TimeDelta::minutes(30)).await.unwrap();
    let sessions = app.get(SESSIONS).await;
    let session = &sessions["charging_sessions"][0];
    assert_eq!(session["station_id"], app.garage.as_str());
    assert_eq!(session["lifecycle_state"], "active");
    assert_eq!(session["charging_state"], "charging");
    assert_eq!(session["end_date_time"], Value::Null);
    assert_eq!(session["start_date_time"], "2026-06-21T12:00:00.000Z");
    assert_eq!(session["momentary_charging_speed_watts"], 11_040);
    assert_eq!(session["energy_consumption_wh"], 5_520);
    assert_eq!(session["authentication_method"], "private_card_owned");
    let cards = app.get("/customer/v1/rfidcards").await;
    assert_eq!(session["rfid_card_id"], cards[0]["id"]);
    assert_eq!(session["rfid_card_serial_number"], cards[0]["number"]);
    let now = app.get(&accumulated(&app.garage)).await;
    assert_eq!(now["accumulated_energy_wh"], 5_520);
    assert_eq!(now["start_date_time"], session["start_date_time"]);
    let quick = app.get("/chargeathome/v1/charging-sessions").await;
    let quick = &quick["charging_sessions"][0];
    assert!(quick.get("momentary_charging_speed_watts").is_none());

    control.unplug(GARAGE).await.unwrap();
    assert_eq!(app.get(SESSIONS).await, json!({"charging_sessions": []}));
    control.advance(TimeDelta::days(2)).await.unwrap();
    control.expire_access_tokens();
    let app = App::of(&elli).await;
    let records = format!("/chargeathome/v1/chargingrecords?station_id={}", app.garage);
    let records = app.get(&records).await;
    assert_eq!(records["total_count"], 1);
    let record = &records["charging_records"][0];
    assert_eq!(record["charging_session_id"], session["id"]);
    assert_eq!(record["total_energy_wh"], 5_520);
    assert_eq!(record["stop_date_time"], "2026-06-21T12:30:00.000Z");
    elli.stop().await;
}

#[tokio::test]
async fn a_full_car_is_idle_and_the_latest_comes_first() {
    let premises = new_home();
    premises.set_vehicle_soc(2, 100.0).await.unwrap();
    let elli = cloud(premises).await;
    let app = App::of(&elli).await;
    let control = elli.control();
    control.plug(CARPORT, 2).await.unwrap();
    control.advance(TimeDelta::minutes(1)).await.unwrap();
    control.plug(GARAGE, 1).await.unwrap();
    control.advance(TimeDelta::minutes(1)).await.unwrap();
    let sessions = app.get(SESSIONS).await;
    let states: Vec<&Value> = sessions["charging_sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|session| &session["charging_state"])
        .collect();
    assert_eq!(states, ["charging", "idle"]);
    assert_eq!(
        sessions["charging_sessions"][1]["authentication_method"],
        "private_remote"
    );
    elli.stop().await;
}

#[tokio::test]
async fn stations_firmware_and_cards_have_the_documented_shape() {
    let elli = cloud(new_home()).await;
    let app = App::of(&elli).await;
    let list = app.get("/chargeathome/v1/stations").await;
    let stations = list["stations"].as_array().unwrap();
    assert_eq!(stations.len(), 2);
    assert_eq!(stations[0]["id"], app.garage.as_str());
    assert_eq!(stations[0]["name"], "Garage");
    assert_eq!(stations[0]["connection_state"], "connected");
    assert_eq!(stations[0]["connectors"][0]["id"], "1");
    assert!(stations[0]["location"]["geo_location"]["latitude"].is_string());
    let one = app
        .get(&format!("/chargeathome/v1/stations/{}", app.garage))
        .await;
    assert_eq!(one, stations[0]);
    let firmware = app.get("/chargeathome/v1/firmware/updates").await;
    assert_eq!(
        firmware["stations"][0]["installed_firmware"]["version"],
        stations[0]["firmware_version"]
    );
    let cards = app.get("/customer/v1/rfidcards").await;
    let cards = cards.as_array().unwrap();
    assert_eq!(cards.len(), 2);
    for card in cards {
        let number = card["number"].as_str().unwrap();
        let parts: Vec<usize> = number.split('-').map(str::len).collect();
        assert_eq!(parts, [4, 8, 4, 1], "{number}");
        assert_eq!(card["status"], "active");
    }
    let locations = app.get("/chargeathome/v1/locations").await;
    assert_eq!(
        locations["locations"][0]["stations"][0]["id"],
        app.garage.as_str()
    );
    let settings = format!(
        "/scheduler-consumer/v1/stations/{}/scheduled-charging-settings",
        app.carport
    );
    assert!(app.get(&settings).await.is_object());
    assert!(app.get("/identity/v1/userinfo").await["sub"].is_string());
    for path in [
        "/chargeathome/v1/chargingsessions",
        "/",
        "/customer/v1/cars",
    ] {
        assert_eq!(app.ask(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    elli.stop().await;
}

#[tokio::test]
async fn a_reboot_takes_a_while() {
    let elli = cloud(new_home()).await;
    let app = App::of(&elli).await;
    let path = format!("/chargeathome/v1/stations/{}/reboot", app.garage);
    let order = json!({"reboot_mode": "immediate", "station_id": app.garage});
    let wrong = json!({"reboot_mode": "immediate", "station_id": app.carport});
    assert_eq!(app.post(&path, &wrong).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(app.post(&path, &json!({})).await.0, StatusCode::BAD_REQUEST);
    let (status, answer) = app.post(&path, &order).await;
    assert!(status == StatusCode::OK && answer.is_object());
    let state = async || {
        let one = app
            .get(&format!("/chargeathome/v1/stations/{}", app.garage))
            .await;
        one["connection_state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state().await, "disconnected");
    elli.control().advance(TimeDelta::minutes(2)).await.unwrap();
    assert_eq!(state().await, "connected");
    elli.control().set_fault(Fault::NoReboot, true);
    assert_eq!(app.post(&path, &order).await.0, StatusCode::NOT_FOUND);
    elli.stop().await;
}

#[tokio::test]
async fn finished_sessions_can_be_listed_too() {
    let elli = cloud(premises(30)).await;
    let app = App::of(&elli).await;
    let running = app.get(SESSIONS).await;
    let running = running["charging_sessions"].as_array().unwrap().len();
    elli.control().set_fault(Fault::FinishedSessions, true);
    let both = app.get(SESSIONS).await;
    let both = both["charging_sessions"].as_array().unwrap();
    assert!(both.len() > running);
    for session in &both[running..] {
        assert!(session["end_date_time"].is_string());
        assert_ne!(session["lifecycle_state"], "active");
    }
    elli.stop().await;
}

#[tokio::test]
async fn an_openwb_and_the_cloud_see_one_charge() {
    let sim = Simulation::start(SimConfig::by_hand(noon())).await.unwrap();
    let elli = ElliCloud::start(ElliConfig::new(Premises::of(&sim)))
        .await
        .unwrap();
    let app = App::of(&elli).await;
    let openwb = sim.control();
    openwb.plug(GARAGE, 1).await.unwrap();
    openwb.scan(GARAGE, "0012345678").await.unwrap();
    for _ in 0..12 {
        openwb.advance_cycle().await.unwrap();
    }
    let seen = openwb.observe().await.unwrap();
    let point = seen.household.point(GARAGE).unwrap();
    let session = &app.get(SESSIONS).await["charging_sessions"][0];
    assert_eq!(
        session["momentary_charging_speed_watts"],
        point.meter.power_w.round() as u64
    );
    assert_eq!(session["authentication_method"], "private_card_owned");
    sim.stop().await;
    assert_eq!(app.ask(SESSIONS).await.0, StatusCode::SERVICE_UNAVAILABLE);
    elli.stop().await;
}
