//! History over pages, its sum, and the document.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_sim::elli::Fault;
use reqwest::StatusCode;
use serde_json::Value;

use super::{App, cloud, new_home, premises, record};
use crate::client::noon;

const RECORDS: &str = "/chargeathome/v1/chargingrecords";

/// Every record, page by page, as often as it came.
async fn all(app: &App, limit: usize) -> Vec<Value> {
    let mut records = Vec::new();
    loop {
        let page = app
            .get(&format!(
                "{RECORDS}?station_id={}&limit={limit}&offset={}&sort=created_at",
                app.garage,
                records.len()
            ))
            .await;
        let got = page["charging_records"].as_array().unwrap();
        assert_eq!(page["offset"], records.len());
        records.extend(got.iter().cloned());
        if got.is_empty() || records.len() as u64 >= page["total_count"].as_u64().unwrap() {
            return records;
        }
    }
}

fn ids(records: &[Value]) -> BTreeSet<String> {
    records
        .iter()
        .map(|record| record["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_years_records_have_the_documented_shape_and_add_up() {
    let elli = cloud(premises(365)).await;
    let app = App::of(&elli).await;
    let records = all(&app, 100).await;
    assert!(records.len() > 150, "{}", records.len());
    assert_eq!(ids(&records).len(), records.len());
    let mut sum = 0;
    let mut without_card = 0;
    for record in &records {
        for text in [
            "id",
            "charging_session_id",
            "transaction_id",
            "station_serial_number",
            "station_name",
            "station_model",
            "authentication_method",
            "authorization_mode",
        ] {
            assert!(record[text].is_string(), "{text} of {record}");
        }
        assert_eq!(record["station_id"], app.garage.as_str());
        assert_eq!(record["connector_id"], 1);
        assert!(record["session_faulted"].is_boolean());
        assert!(record["location"]["id"].is_string());
        for time in ["created_at", "start_date_time", "stop_date_time"] {
            let text = record[time].as_str().unwrap();
            assert!(text.ends_with('Z') && text.len() == 24, "{text}");
        }
        without_card += u64::from(record.get("rfid_card_id").is_none());
        sum += record["total_energy_wh"].as_u64().unwrap();
    }
    assert!(without_card > 0);
    let created: Vec<&str> = records
        .iter()
        .map(|record| record["created_at"].as_str().unwrap())
        .collect();
    assert!(created.is_sorted_by(|a, b| a >= b), "newest first");
    let total = app
        .get(&format!(
            "{RECORDS}/total-charged?station_id={}",
            app.garage
        ))
        .await;
    assert_eq!(total["total_count"], records.len());
    assert_eq!(total["total_energy_wh"], sum);
    elli.stop().await;
}

#[tokio::test]
async fn the_same_household_has_the_same_records_after_a_restart() {
    let (first, second) = (cloud(premises(40)).await, cloud(premises(40)).await);
    let (one, two) = (App::of(&first).await, App::of(&second).await);
    assert_eq!(one.garage, two.garage);
    assert_eq!(all(&one, 50).await, all(&two, 50).await);
}

#[tokio::test]
async fn filters_look_at_the_time_of_creation() {
    let elli = cloud(new_home()).await;
    let app = App::of(&elli).await;
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let (first, second) = (at("2026-06-01T10:00:00Z"), at("2026-06-02T10:00:00Z"));
    let ids = [first, second].map(|at| record(&elli.control(), at));
    let found = async |query: &str| {
        let page = app
            .get(&format!("{RECORDS}?station_id={}&{query}", app.garage))
            .await;
        let records = page["charging_records"].as_array().unwrap().clone();
        assert_eq!(page["total_count"], records.len());
        records
            .iter()
            .map(|record| record["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found("limit=100").await, [ids[1].clone(), ids[0].clone()]);
    // The first was charged before this and created after it.
    assert_eq!(
        found("created_after=2026-06-01T09:00:00Z&created_before=2026-06-02T00:00:00.000Z").await,
        [ids[0].clone()]
    );
    assert_eq!(
        found("created_after=2026-06-01T10:00:00Z").await,
        [ids[1].clone()]
    );
    assert!(
        found("created_before=2026-06-01T10:00:00Z")
            .await
            .is_empty()
    );
    for query in [
        "created_after=yesterday",
        "limit=many",
        "sort=energy",
        "offset=-1",
    ] {
        let path = format!("{RECORDS}?station_id={}&{query}", app.garage);
        assert_eq!(app.ask(&path).await.0, StatusCode::BAD_REQUEST, "{query}");
    }
    assert_eq!(app.ask(RECORDS).await.0, StatusCode::BAD_REQUEST);
    let unknown = app.ask(&format!("{RECORDS}?station_id=x")).await;
    assert_eq!(unknown.0, StatusCode::NOT_FOUND);
    assert_eq!(unknown.1["errors"][0]["code"], "RESOURCE_NOT_FOUND");
    elli.stop().await;
}

#[tokio::test]
async fn a_record_is_not_seen_before_it_is_created() {
    let elli = cloud(new_home()).await;
    let app = App::of(&elli).await;
    record(&elli.control(), noon() + TimeDelta::minutes(5));
    assert!(all(&app, 10).await.is_empty());
    elli.control().advance(TimeDelta::minutes(5)).await.unwrap();
    assert_eq!(all(&app, 10).await.len(), 1);
    elli.stop().await;
}

#[tokio::test]
async fn paging_under_difficulties() {
    let elli = cloud(premises(100)).await;
    let mut app = App::of(&elli).await;
    let control = elli.control();
    let before = ids(&all(&app, 100).await);

    control.set_fault(Fault::SmallPages, true);
    let page = app
        .get(&format!("{RECORDS}?station_id={}&limit=100", app.garage))
        .await;
    assert_eq!(page["limit"], 25);
    assert_eq!(ids(&all(&app, 100).await), before);
    control.clear_faults();

    control.set_fault(Fault::InsertWhilePaging, true);
    let shifted = all(&app, 20).await;
    let seen = ids(&shifted);
    assert!(seen.is_superset(&before), "nothing is lost");
    assert!(seen.len() < shifted.len(), "something comes twice");
    control.clear_faults();

    control.set_fault(Fault::Paging401, true);
    let path = format!("{RECORDS}?station_id={}&limit=20&offset=20", app.garage);
    for _ in 0..2 {
        app.get(&path).await;
        assert_eq!(app.ask(&path).await.0, StatusCode::UNAUTHORIZED);
        let first = format!("{RECORDS}?station_id={}", app.garage);
        assert_eq!(
            app.ask(&first).await.0,
            StatusCode::UNAUTHORIZED,
            "it is dead"
        );
        app.renew(&elli).await;
    }
    control.clear_faults();

    control.set_fault(Fault::OldestFirst, true);
    let records = all(&app, 100).await;
    assert!(records.is_sorted_by_key(|record| record["created_at"].as_str().unwrap()));
    elli.stop().await;
}

#[tokio::test]
async fn the_document_is_a_pdf_of_one_station_and_card() {
    let elli = cloud(premises(60)).await;
    let app = App::of(&elli).await;
    let path = format!(
        "{RECORDS}/pdf?station_id={}&created_at_after=2026-04-30T22:00:00Z\
         &created_at_before=2026-05-31T21:59:00Z&pdf_timezone=Europe/Berlin",
        app.garage
    );
    let response = app.response(&path).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["Content-Type"], "application/pdf");
    let whole = response.bytes().await.unwrap();
    assert!(whole.starts_with(b"%PDF-1.4") && whole.ends_with(b"%%EOF\n"));
    let cards = app.get("/customer/v1/rfidcards").await;
    let card = cards[0]["id"].as_str().unwrap();
    let response = app.response(&format!("{path}&rfid_card_id={card}")).await;
    let of_card = response.bytes().await.unwrap();
    assert!(of_card.len() < whole.len());
    let bare = format!("{RECORDS}/pdf?station_id={}", app.garage);
    assert_eq!(app.ask(&bare).await.0, StatusCode::BAD_REQUEST);
    let nowhere = path.replace("Europe/Berlin", "Europe/Nowhere");
    assert_eq!(app.ask(&nowhere).await.0, StatusCode::BAD_REQUEST);
    elli.stop().await;
}
