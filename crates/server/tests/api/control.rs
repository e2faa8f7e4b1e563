//! Commands, their journal and the raw view, as far as no box is needed; what boxes make of
//! commands is in the journeys.

use http::Method;
use serde_json::{Value, json};

use crate::house::House;

const NOBODY: &str = "019a0d2e-7b5c-7d3e-9a51-0c4f3f1a2b3c";

#[tokio::test]
async fn a_charge_point_that_is_not_there_is_told_from_a_bad_request() {
    let house = House::open().await;
    let commands = format!("/api/v1/charge-points/{NOBODY}/commands");
    let mode = format!("/api/v1/charge-points/{NOBODY}/mode");
    let command = json!({"command": {"kind": "query_soc"}});
    for (method, path, body) in [
        (Method::POST, &*commands, &command),
        (Method::POST, "/api/v1/charge-points/3/commands", &command),
        (Method::PUT, &*mode, &json!({"mode": "pv"})),
    ] {
        let answer = house.send_json(method, path, body).await;
        answer.is_problem(404, "unknown_charge_point", None);
    }
    let answer = house.get(&mode).await;
    answer.is_problem(404, "unknown_charge_point", None);

    for body in [
        json!({}),
        json!({"command": {"kind": "dance"}}),
        json!({"command": {"kind": "current"}}),
        json!({"command": {"kind": "current", "current_a": "16"}}),
        json!({"command": {"kind": "mode", "mode": "turbo"}}),
        json!({"command": {"kind": "query_soc"}, "until": "unplug"}),
    ] {
        let answer = house.send_json(Method::POST, &commands, &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert_eq!(answer.json()["code"], "bad_body", "{body}");
    }
    let long = json!({"command": {"kind": "vehicle", "vehicle_id": "x".repeat(65)}});
    let answer = house.send_json(Method::POST, &commands, &long).await;
    answer.is_problem(422, "invalid_value", Some("command.vehicle_id"));
}

#[tokio::test]
async fn the_journal_is_asked_for_by_parameters_that_are_checked() {
    let house = House::open().await;
    let path = "/api/v1/commands";
    for query in [
        "",
        "?limit=500",
        &format!("?charge_point={NOBODY}"),
        &format!("?before={NOBODY}&limit=1"),
    ] {
        let answer = house.get(&format!("{path}{query}")).await;
        assert_eq!(answer.json(), json!({"commands": []}), "{query}");
    }
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=many", "limit"),
        ("charge_point=3", "charge_point"),
        ("before=yesterday", "before"),
    ] {
        let answer = house.get(&format!("{path}?{query}")).await;
        answer.is_problem(400, "bad_parameter", Some(field));
    }
}

#[tokio::test]
async fn looking_at_a_source_that_cannot_be_reached_shows_nothing_and_is_no_error() {
    let house = House::open().await;
    let input = json!({
        "kind": "openwb", "host": "127.0.0.1", "port": 1, "username": "anna", "password": "hush hush"
    });
    let source = house
        .send_json(Method::POST, "/api/v1/sources", &input)
        .await;
    let path = format!("/api/v1/sources/{}", source.json()["id"].as_str().unwrap());

    let topics = house.get(&format!("{path}/topics")).await.json();
    let nothing = json!({"connected": false, "complete": true, "topics": []});
    assert_eq!(topics, nothing);

    let file = house.get(&format!("{path}/diagnostics")).await;
    let disposition = file.header("content-disposition");
    assert_eq!(
        disposition,
        "attachment; filename=\"ladebuch-diagnostics.json\""
    );
    assert!(!file.text().contains("hush") && !file.text().contains("anna"));
    let file = file.json();
    assert_eq!(file["source"]["username"], "(hidden)");
    assert_eq!(file["source"]["has_password"], true);
    assert_eq!(file["raw"], nothing);
    assert_eq!(file["settings"]["zone"], Value::from("Europe/Berlin"));

    for part in ["topics", "diagnostics"] {
        let answer = house.get(&format!("/api/v1/sources/{NOBODY}/{part}")).await;
        answer.is_problem(404, "unknown_source", None);
    }
}
