//! Whatever goes wrong has one shape.

use axum::body::Body;
use http::{Method, header};
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn an_unknown_address_of_the_api_is_a_problem() {
    let house = House::open().await;
    for path in [
        "/api/v1/nothing",
        "/api/",
        "/api/v2/live",
        "/docs/nothing.js",
    ] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    house
        .get("/api/v1/nothing")
        .await
        .is_problem(404, "not_found", None);
}

#[tokio::test]
async fn a_wrong_method_says_which_are_right() {
    let house = House::open().await;
    let answer = house
        .send_json(Method::PUT, "/api/v1/live", &json!({}))
        .await;
    answer.is_problem(405, "method_not_allowed", None);
    assert!(answer.header("allow").contains("GET"));
}

#[tokio::test]
async fn a_body_that_is_not_what_it_should_be_is_refused_by_field() {
    let house = House::open().await;
    let path = "/api/v1/settings";
    let wrong = json!({"recording": {"interval_s": "ten"}});
    let answer = house.send_json(Method::PATCH, path, &wrong).await;
    answer.is_problem(400, "bad_body", Some("recording.interval_s"));

    let unknown = json!({"zones": "Europe/Berlin"});
    let answer = house.send_json(Method::PATCH, path, &unknown).await;
    answer.is_problem(400, "bad_body", Some("zones"));

    let request = house
        .owner(Method::PATCH, path)
        .body(Body::from("{}"))
        .unwrap();
    house.send(request).await.is_problem(415, "not_json", None);

    for garbage in ["", "{", "{} {}", "\u{0}"] {
        let request = house
            .owner(Method::PATCH, path)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(Body::from(garbage))
            .unwrap();
        house.send(request).await.is_problem(400, "bad_body", None);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let house = House::open().await;
    let large = json!({"zone": "x".repeat(70_000)});
    let answer = house
        .send_json(Method::PATCH, "/api/v1/settings", &large)
        .await;
    answer.is_problem(413, "body_too_large", None);
}

#[tokio::test]
async fn settings_out_of_range_are_refused_by_field_and_change_nothing() {
    let house = House::open().await;
    let path = "/api/v1/settings";
    let before = house.get(path).await.json();
    for (patch, field) in [
        (json!({"zone": "Europe/Entenhausen"}), "zone"),
        (
            json!({"recording": {"interval_s": 7}}),
            "recording.interval_s",
        ),
        (
            json!({"recording": {"raw_retention_days": 0}}),
            "recording.raw_retention_days",
        ),
    ] {
        let answer = house.send_json(Method::PATCH, path, &patch).await;
        answer.is_problem(422, "invalid_value", Some(field));
    }
    assert_eq!(house.get(path).await.json(), before);

    let patch = json!({"zone": "Europe/Vienna", "recording": {"interval_s": 30}});
    let answer = house.send_json(Method::PATCH, path, &patch).await;
    let expected = json!({
        "zone": "Europe/Vienna", "recording": {"interval_s": 30, "raw_retention_days": 14}
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(house.get(path).await.json(), expected);
}

#[tokio::test]
async fn questions_about_history_are_refused_by_parameter() {
    let house = House::open().await;
    let power = "/api/v1/history/power";
    for (query, status, code, field) in [
        ("", 400, "bad_parameter", "from"),
        ("series=1&from=2026-11-01", 400, "bad_parameter", "to"),
        (
            "from=2026-11-01&to=2026-11-02",
            400,
            "bad_parameter",
            "series",
        ),
        (
            "series=one&from=2026-11-01&to=2026-11-02",
            400,
            "bad_parameter",
            "series",
        ),
        (
            "series=1&from=yesterday&to=2026-11-02",
            400,
            "bad_parameter",
            "from",
        ),
        (
            "series=1&from=2026-11-02&to=2026-11-02",
            422,
            "empty_period",
            "to",
        ),
        (
            "series=1&from=2026-11-02&to=2026-11-01T00:00:00Z",
            422,
            "empty_period",
            "to",
        ),
        (
            "series=1&from=2026-11-01&to=2026-11-02&max_points=0",
            400,
            "bad_parameter",
            "max_points",
        ),
        (
            "series=99&from=2026-11-01&to=2026-11-02",
            404,
            "unknown_series",
            "series",
        ),
    ] {
        let answer = house.get(&format!("{power}?{query}")).await;
        answer.is_problem(status, code, Some(field));
    }
    let twice = format!("{power}?series=1&series=2&from=2026-11-01&to=2026-11-02");
    house
        .get(&twice)
        .await
        .is_problem(400, "bad_parameter", None);

    let energy = "/api/v1/history/energy?series=99&from=2026-11-01&to=2026-11-02";
    let answer = house.get(&format!("{energy}&interval=week")).await;
    answer.is_problem(400, "bad_parameter", Some("interval"));
    let csv = "/api/v1/history/energy.csv?series=99&from=2026-11-01&to=2026-11-02";
    let answer = house.get(&format!("{csv}&flavour=tsv")).await;
    answer.is_problem(400, "bad_parameter", Some("flavour"));
}

#[tokio::test]
async fn the_live_feed_explains_itself_to_what_is_no_websocket() {
    let house = House::open().await;
    house
        .get("/api/v1/live/ws")
        .await
        .is_problem(426, "upgrade_required", None);
}
