//! The demo household.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use http::Method;
use serde_json::{Value, json};

use crate::house::House;

#[tokio::test]
async fn the_demo_is_marked_locked_and_kept_apart() {
    let house = House::open().await;
    // Signs of life in between say nothing about the household.
    let snapshots = house
        .app
        .live()
        .filter(|message| std::future::ready(message.starts_with(r#"{"type":"snapshot""#)));
    let mut feed = std::pin::pin!(snapshots);
    let first: Value = serde_json::from_str(&feed.next().await.unwrap()).unwrap();
    assert_eq!(first["snapshot"]["demo"], false);

    let switch = async |enabled: bool| {
        let answer = house
            .send_json(Method::POST, "/api/v1/demo", &json!({"enabled": enabled}))
            .await;
        assert_eq!(answer.json(), json!({"enabled": enabled}));
    };
    switch(true).await;
    let message: Value = serde_json::from_str(&feed.next().await.unwrap()).unwrap();
    assert_eq!(
        message["type"], "snapshot",
        "whoever listens is shown the other household"
    );
    assert_eq!(message["snapshot"]["demo"], true);
    assert_eq!(house.get("/api/v1/status").await.json()["demo"], true);

    let series = house.get("/api/v1/series").await.json();
    let series = series["series"].as_array().unwrap();
    let bought = series
        .iter()
        .find(|series| series["device_kind"] == "grid" && series["quantity"] == "imported");
    let bought = bought.unwrap()["id"].as_i64().unwrap();
    let year = format!(
        "/api/v1/history/energy?series={bought}&interval=month&from=2000-01-01&to=2100-01-01"
    );
    let months = house.get(&year).await.json()["series"][0]["marks"].clone();
    let recorded = months
        .as_array()
        .unwrap()
        .iter()
        .filter(|mark| *mark != "none")
        .count();
    assert!(recorded >= 13, "thirteen months: {recorded}");

    let source = json!({"kind": "openwb", "host": "127.0.0.1", "port": 1});
    let answer = house
        .send_json(Method::POST, "/api/v1/sources", &source)
        .await;
    answer.is_problem(409, "demo_locked", None);

    let charge_point = askable(&house).await;
    let path = format!("/api/v1/charge-points/{charge_point}/commands");
    let lock = json!({"command": {"kind": "locked", "locked": true}});
    let answer = house.send_json(Method::POST, &path, &lock).await;
    assert_eq!(answer.json()["outcome"], "confirmed", "{}", answer.text());

    switch(false).await;
    let answer = house.send_json(Method::POST, &path, &lock).await;
    answer.is_problem(404, "unknown_charge_point", None);
    let journal = house.get("/api/v1/commands").await;
    assert_eq!(journal.json()["commands"], json!([]), "the demo's own");
    assert_eq!(house.get("/api/v1/live").await.json()["demo"], false);
    assert_eq!(
        house.get("/api/v1/series").await.json()["series"],
        json!([])
    );
    assert_eq!(
        house.get("/api/v1/sources").await.json()["sources"],
        json!([])
    );
    assert!(
        !house.dir().join("demo-household").exists(),
        "nothing of it is kept"
    );
    house.app.stop().await;
}

/// A charge point of the demo, once its box is believed and has told what may be asked of it.
async fn askable(house: &House) -> String {
    let begun = Instant::now();
    loop {
        let live = house.get("/api/v1/live").await.json();
        let mut devices = live["devices"].as_array().unwrap().iter();
        let found = devices.find(|device| device["charge_point"]["abilities"]["lock"] == true);
        if let Some(found) = found.filter(|_| live["sources"][0]["state"] == "live") {
            return found["id"].as_str().unwrap().to_owned();
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{live:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_directory_that_is_not_the_demos_is_left_alone() {
    let house = House::open().await;
    let file = house.dir().join("demo-household").join("photo.jpg");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "mine").unwrap();
    let enable = json!({"enabled": true});
    let answer = house.send_json(Method::POST, "/api/v1/demo", &enable).await;
    answer.is_problem(500, "demo_failed", None);
    assert!(
        answer.text().contains("demo-household"),
        "{}",
        answer.text()
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(house.get("/api/v1/live").await.json()["demo"], false);
}
