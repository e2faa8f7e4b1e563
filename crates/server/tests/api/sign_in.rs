//! Signing in with links and tokens.

use axum::body::Body;
use http::{Method, header};
use serde_json::json;

use crate::house::{Answer, House, nobody};

/// A session cookie, got with a one-time code as a browser does.
pub async fn cookie(house: &House) -> String {
    let answer = sign_in(house, &json!({"code": code(house).await})).await;
    assert_eq!(answer.status, 204);
    let cookie = answer.header("set-cookie");
    cookie.split(';').next().unwrap().to_owned()
}

async fn code(house: &House) -> String {
    let answer = house
        .send_json(Method::POST, "/api/v1/sign-in/links", &json!({}))
        .await;
    assert_eq!(answer.status, 201);
    let link = answer.json();
    let url = link["url"].as_str().unwrap();
    let (page, code) = url
        .split_once("#code=")
        .expect("a fragment, which no server gets to see");
    assert_eq!(page, "http://127.0.0.1:8440/sign-in");
    code.to_owned()
}

async fn sign_in(house: &House, body: &serde_json::Value) -> Answer {
    let request = nobody(Method::POST, "/api/v1/sign-in")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ORIGIN, "http://127.0.0.1:8440");
    house
        .send(request.body(Body::from(body.to_string())).unwrap())
        .await
}

#[tokio::test]
async fn a_code_works_once() {
    let house = House::open().await;
    let code = json!({"code": code(&house).await});
    assert_eq!(sign_in(&house, &code).await.status, 204);
    sign_in(&house, &code)
        .await
        .is_problem(401, "sign_in_refused", None);
}

#[tokio::test]
async fn the_session_cookie_cannot_be_read_by_pages_nor_sent_by_other_sites() {
    let house = House::open().await;
    let answer = sign_in(&house, &json!({"token": house.token()})).await;
    let cookie = answer.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(part), "{cookie} has {part}");
    }
    assert!(!cookie.contains(&house.token()));
}

#[tokio::test]
async fn guessing_is_throttled() {
    let house = House::open().await;
    for _ in 0..10 {
        let answer = sign_in(&house, &json!({"code": "guess"})).await;
        answer.is_problem(401, "sign_in_refused", None);
    }
    let right = json!({"code": code(&house).await});
    let answer = sign_in(&house, &right).await;
    answer.is_problem(429, "too_many_attempts", None);
    assert_eq!(answer.header("retry-after"), "60");
}

#[tokio::test]
async fn neither_and_both_are_refused_with_a_reason() {
    let house = House::open().await;
    sign_in(&house, &json!({}))
        .await
        .is_problem(400, "bad_body", None);
    let both = json!({"code": "a", "token": "b"});
    sign_in(&house, &both)
        .await
        .is_problem(400, "bad_body", None);
}

#[tokio::test]
async fn signing_out_clears_the_cookie() {
    let house = House::open().await;
    let session = cookie(&house).await;
    let request = nobody(Method::DELETE, "/api/v1/sign-in").header(header::COOKIE, session);
    let answer = house.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 204);
    assert!(
        answer
            .header("set-cookie")
            .starts_with("ladebuch_session=; Path=/; Max-Age=0")
    );
}

#[tokio::test]
async fn a_window_without_a_port_cannot_make_links() {
    let house = House::open().await;
    let request = http::Request::post("/api/v1/sign-in/links")
        .body(bytes::Bytes::new())
        .unwrap();
    let answer = house.app.in_process(request).await;
    Answer::of(answer.map(Body::from))
        .await
        .is_problem(409, "not_listening", None);
}
