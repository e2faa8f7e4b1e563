//! The embedded user interface. It need not be built for these tests.

use axum::body::Body;
use http::{Method, header};

use crate::house::{House, nobody};

#[tokio::test]
async fn pages_are_answered_without_signing_in_and_under_a_policy() {
    let house = House::open().await;
    for path in ["/", "/sign-in", "/history", "/settings/connections"] {
        let answer = house
            .send(nobody(Method::GET, path).body(Body::empty()).unwrap())
            .await;
        assert_eq!(
            answer.header("content-type"),
            "text/html; charset=utf-8",
            "{path}"
        );
        assert!(
            answer.text().to_lowercase().contains("<!doctype html>"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_page_that_is_known_is_not_sent_again() {
    let house = House::open().await;
    let first = house
        .send(nobody(Method::GET, "/").body(Body::empty()).unwrap())
        .await;
    if first.status == 503 {
        assert!(
            first.text().contains("cargo xtask run"),
            "says how to build the interface"
        );
        return;
    }
    assert_eq!(first.header("cache-control"), "no-cache");
    let again = nobody(Method::GET, "/").header(header::IF_NONE_MATCH, first.header("etag"));
    let again = house.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!(again.status, 304);
    assert!(again.body.is_empty());
}

#[tokio::test]
async fn a_file_of_an_earlier_version_is_gone_and_no_page() {
    let house = House::open().await;
    let request = nobody(Method::GET, "/_app/immutable/chunks/old.js").body(Body::empty());
    house
        .send(request.unwrap())
        .await
        .is_problem(404, "not_found", None);
    let request = nobody(Method::POST, "/history")
        .body(Body::empty())
        .unwrap();
    house
        .send(request)
        .await
        .is_problem(405, "method_not_allowed", None);
}
