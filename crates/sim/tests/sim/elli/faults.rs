//! What clients have to live with.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_sim::elli::{Fault, REDIRECT_URI};
use ladebuch_sim::{ElliCloud, ElliConfig};
use reqwest::StatusCode;

use super::{App, GARAGE, cloud, http, new_home, premises, record};
use crate::client::noon;

const STATIONS: &str = "/chargeathome/v1/stations";
const FIRMWARE: &str = "/chargeathome/v1/firmware/updates";

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let elli = cloud(new_home()).await;
    let mut app = App::of(&elli).await;
    for wrong in ["", "made up", "a.b.c"] {
        app.access = wrong.to_owned();
        assert_eq!(app.ask(STATIONS).await.0, StatusCode::UNAUTHORIZED);
    }
    let bare = http().get(format!("{}{STATIONS}", elli.base_url()));
    let response = bare.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    elli.stop().await;
}

#[tokio::test]
async fn every_fault_has_a_name_of_its_own() {
    for fault in Fault::ALL {
        assert_eq!(fault.name().parse(), Ok(*fault));
    }
    assert!("no such fault".parse::<Fault>().is_err());
    assert!(REDIRECT_URI.starts_with("com.elli.ios.emsp://"));
}

#[tokio::test]
async fn errors_come_in_every_shape() {
    let elli = cloud(new_home()).await;
    let app = App::of(&elli).await;
    let control = elli.control();
    control.set_fault(Fault::Firmware500, true);
    let (status, body) = app.ask(FIRMWARE).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body["errors"][0]["code"], "FETCH_FIRMWARE_FAILURE");
    app.get(STATIONS).await;
    control.clear_faults();
    app.get(FIRMWARE).await;

    control.fail_once(Fault::HtmlError);
    let response = app.response(STATIONS).await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(response.headers()["Content-Type"], "text/html");
    control.fail_once(Fault::Api500);
    assert_eq!(app.ask(STATIONS).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    app.get(STATIONS).await;
    elli.stop().await;
}

#[tokio::test]
async fn a_single_question_can_fail() {
    let elli = cloud(premises(40)).await;
    let app = App::of(&elli).await;
    let control = elli.control();
    let of_station = |path: &str| format!("/chargeathome/v1/{path}?station_id={}", app.garage);
    let (records, total) = (
        of_station("chargingrecords"),
        of_station("chargingrecords/total-charged"),
    );
    assert!(app.get(&records).await["total_count"].as_u64() > Some(0));
    control.set_fault(Fault::NoRecords, true);
    for path in [&records, &total] {
        assert_eq!(app.get(path).await["total_count"], 0);
    }
    control.clear_faults();
    let sessions = "/chargeathome/v1/charging-sessions".to_owned();
    let locations = "/chargeathome/v1/locations".to_owned();
    for (fault, path, status) in [
        (Fault::Sessions500, &sessions, 500),
        (Fault::Total500, &total, 500),
        (Fault::NoTotal, &total, 404),
        (Fault::Locations401, &locations, 401),
    ] {
        control.set_fault(fault, true);
        for other in [&sessions, &total, &locations, &records] {
            let expected = if other == path { status } else { 200 };
            assert_eq!(app.ask(other).await.0, expected, "{fault:?} {other}");
        }
        control.clear_faults();
    }
    elli.stop().await;
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_back() {
    let elli = cloud(new_home()).await;
    let app = App::of(&elli).await;
    elli.control().set_fault(Fault::RateLimit429, true);
    let refused = app.response(STATIONS).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["Retry-After"], "2");
    assert_eq!(app.ask(STATIONS).await.0, StatusCode::TOO_MANY_REQUESTS);
    tokio::time::sleep(Duration::from_secs(2)).await;
    for _ in 0..5 {
        app.get(STATIONS).await;
    }
    assert_eq!(app.ask(STATIONS).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(elli.control().asked().api, 8);
    elli.stop().await;
}

#[tokio::test]
async fn a_hanging_answer_hangs_and_stops_nobody() {
    let elli = cloud(new_home()).await;
    let app = App::of(&elli).await;
    elli.control().set_fault(Fault::Hang, true);
    let waited = tokio::time::timeout(Duration::from_millis(300), app.response(STATIONS)).await;
    assert!(waited.is_err());
    app.get(FIRMWARE).await;
    let begin = Instant::now();
    elli.stop().await;
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn values_come_in_every_form() {
    let premises = premises(40);
    premises.set_vehicle_soc(1, 20.0).await.unwrap();
    let elli = cloud(premises).await;
    let app = App::of(&elli).await;
    let control = elli.control();
    // Whatever the household did before, this car charges now.
    control.unplug(GARAGE).await.ok();
    control.plug(GARAGE, 1).await.unwrap();
    control.advance(TimeDelta::minutes(1)).await.unwrap();
    control.set_fault(Fault::FractionalWatts, true);
    let path = "/chargeathome/v1/charging-sessions?include_momentary_charging_speed_watts=true";
    let sessions = app.get(path).await;
    let watts = &sessions["charging_sessions"][0]["momentary_charging_speed_watts"];
    assert!(
        watts.is_f64() && watts.as_f64().unwrap().fract() > 0.0,
        "{watts}"
    );

    control.set_fault(Fault::StringEnergies, true);
    let records = format!("/chargeathome/v1/chargingrecords?station_id={}", app.garage);
    let page = app.get(&records).await;
    let energy = &page["charging_records"][0]["total_energy_wh"];
    assert!(energy.as_str().unwrap().parse::<u64>().is_ok());
    control.clear_faults();

    control.set_fault(Fault::SparseFields, true);
    let record = app.get(&records).await["charging_records"][0].clone();
    assert!(record.get("location").is_none() && record.get("total_energy_wh").is_some());
    let card = app.get("/customer/v1/rfidcards").await[0].clone();
    assert_eq!(card.as_object().unwrap().len(), 2);
    control.clear_faults();

    control.set_fault(Fault::ExtraFields, true);
    let station = app.get(STATIONS).await["stations"][0].clone();
    assert!(station["x_experiment"].is_object());
    elli.stop().await;
}

#[tokio::test]
async fn stations_can_be_nameless_alike_or_gone() {
    let elli = cloud(premises(40)).await;
    let app = App::of(&elli).await;
    let control = elli.control();
    control.set_fault(Fault::NoSerial, true);
    control.set_fault(Fault::SameName, true);
    let stations = app.get(STATIONS).await;
    assert!(stations["stations"][0]["serial_number"].is_null());
    assert_eq!(
        stations["stations"][0]["name"],
        stations["stations"][1]["name"]
    );
    assert_ne!(stations["stations"][0]["id"], stations["stations"][1]["id"]);
    control.set_fault(Fault::NoStations, true);
    for path in [STATIONS, FIRMWARE] {
        assert_eq!(app.get(path).await["stations"].as_array().unwrap().len(), 0);
    }
    let records = format!("/chargeathome/v1/chargingrecords?station_id={}", app.garage);
    assert_eq!(app.ask(&records).await.0, StatusCode::NOT_FOUND);
    elli.stop().await;
}

#[tokio::test]
async fn a_clock_can_be_ahead() {
    let elli = ElliCloud::start(ElliConfig {
        faults: vec![Fault::ClockSkew],
        ..ElliConfig::new(new_home())
    })
    .await
    .unwrap();
    let app = App::of(&elli).await;
    let control = elli.control();
    // Created in what is the future to everybody else.
    record(&control, noon() + TimeDelta::minutes(9));
    let records = format!("/chargeathome/v1/chargingrecords?station_id={}", app.garage);
    assert_eq!(app.get(&records).await["total_count"], 1);
    control.plug(GARAGE, 1).await.unwrap();
    let sessions = app.get("/chargeathome/v1/charging-sessions").await;
    let updated = sessions["charging_sessions"][0]["last_updated"]
        .as_str()
        .unwrap();
    let updated: DateTime<Utc> = updated.parse().unwrap();
    assert_eq!(updated - noon(), TimeDelta::minutes(10));
    let response = app.response(STATIONS).await;
    assert_eq!(response.headers()["Date"], "Sun, 21 Jun 2026 12:10:00 GMT");
    elli.stop().await;
}
