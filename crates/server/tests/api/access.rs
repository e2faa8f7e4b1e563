//! Who may call what.

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use serde_json::Value;

use crate::house::{House, nobody};
use crate::sign_in::cookie;

/// Operations that anybody may call.
const OPEN: [(&str, &str); 2] = [("get", "/health"), ("post", "/api/v1/sign-in")];

fn operations() -> Vec<(Method, String, Value)> {
    let document = serde_json::to_value(ladebuch_server::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            // Never an id that exists: every operation is really called.
            let path = path.replace("{id}", "0199aaaa-0000-7000-8000-000000000000");
            all.push((method, path, operation.clone()));
        }
    }
    assert!(all.len() >= 21, "all operations are in the document");
    all
}

fn is_open(method: &Method, path: &str) -> bool {
    OPEN.iter()
        .any(|(verb, open)| method.as_str().eq_ignore_ascii_case(verb) && *open == path)
}

#[tokio::test]
async fn every_operation_asks_who_is_there_and_only_the_owner_passes() {
    let house = House::open().await;
    let session = cookie(&house).await;
    for (method, path, _) in operations() {
        let what = format!("{method} {path}");
        let refused = if is_open(&method, &path) {
            None
        } else {
            Some(StatusCode::UNAUTHORIZED)
        };

        let stranger = nobody(method.clone(), &path).body(Body::empty()).unwrap();
        let answer = house.send(stranger).await;
        assert_eq!(
            answer.status == StatusCode::UNAUTHORIZED,
            refused.is_some(),
            "nobody: {what}"
        );

        let wrong = nobody(method.clone(), &path)
            .header(header::AUTHORIZATION, "Bearer lb_wrong")
            .header(header::COOKIE, "ladebuch_session=v1.99999999999.AAAA");
        let answer = house.send(wrong.body(Body::empty()).unwrap()).await;
        assert_eq!(
            answer.status == StatusCode::UNAUTHORIZED,
            refused.is_some(),
            "wrong: {what}"
        );

        let owner = house
            .owner(method.clone(), &path)
            .body(Body::empty())
            .unwrap();
        assert_ne!(
            house.send(owner).await.status,
            StatusCode::UNAUTHORIZED,
            "token: {what}"
        );

        let browser = nobody(method.clone(), &path).header(header::COOKIE, &session);
        let answer = house.send(browser.body(Body::empty()).unwrap()).await;
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "cookie: {what}");

        let window = Request::builder()
            .method(method)
            .uri(path)
            .body(Bytes::new())
            .unwrap();
        let answer = house.app.in_process(window).await;
        assert_ne!(
            answer.status(),
            StatusCode::UNAUTHORIZED,
            "in-process: {what}"
        );
    }
}

#[test]
fn every_operation_says_in_the_document_what_it_takes_to_call_it() {
    for (method, path, operation) in operations() {
        let scope = operation["x-scope"].as_str();
        let security = operation["security"].as_array().unwrap();
        if is_open(&method, &path) {
            assert!(scope.is_none() && security.is_empty(), "{method} {path}");
        } else {
            let known = ["read", "own", "control", "reports", "admin"];
            assert!(known.contains(&scope.unwrap()), "{method} {path}");
            assert_eq!(security.len(), 2, "bearer or cookie: {method} {path}");
        }
    }
}

#[tokio::test]
async fn me_says_by_which_door_the_owner_came() {
    let house = House::open().await;
    assert_eq!(house.get("/api/v1/me").await.json()["via"], "token");

    let session = cookie(&house).await;
    let browser = nobody(Method::GET, "/api/v1/me").header(header::COOKIE, session);
    let answer = house.send(browser.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.json()["via"], "cookie");

    let window = Request::get("/api/v1/me").body(Bytes::new()).unwrap();
    let answer = house.app.in_process(window).await;
    let me: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(me["via"], "in_process");
    assert_eq!(me["caller"], "owner");
    assert_eq!(me["scopes"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_wrong_token_is_not_saved_by_a_right_cookie() {
    let house = House::open().await;
    let session = cookie(&house).await;
    let mixed = nobody(Method::GET, "/api/v1/me")
        .header(header::COOKIE, session)
        .header(header::AUTHORIZATION, "Bearer lb_wrong");
    let answer = house.send(mixed.body(Body::empty()).unwrap()).await;
    answer.is_problem(401, "not_signed_in", None);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn a_session_outlives_a_restart_and_ends_with_the_token() {
    let house = House::open().await;
    let session = cookie(&house).await;
    house.app.stop().await;
    let again = crate::house::open(house.dir(), None);
    again.ready().await.unwrap();
    let ask = |session: &str| {
        let request = nobody(Method::GET, "/api/v1/me").header(header::COOKIE, session);
        request.body(Body::empty()).unwrap()
    };
    let router = again.router(crate::house::ADDRESS.parse().unwrap());
    let answer = tower::ServiceExt::oneshot(router, ask(&session))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);

    again.stop().await;
    std::fs::remove_file(house.dir().join("owner-token")).unwrap();
    let third = crate::house::open(house.dir(), None);
    third.ready().await.unwrap();
    let router = third.router(crate::house::ADDRESS.parse().unwrap());
    let answer = tower::ServiceExt::oneshot(router, ask(&session))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[cfg(unix)]
#[tokio::test]
async fn the_owner_token_is_for_its_owners_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::open().await;
    let file = std::fs::metadata(house.dir().join("owner-token")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let token = house.token();
    assert!(
        token.starts_with("lb_") && token.len() == 46,
        "256 random bits: {}",
        token.len()
    );
}
