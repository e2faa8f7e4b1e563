//! Pages of other sites stay out.

use axum::body::Body;
use http::{Method, Request, header};
use tower::ServiceExt;

use crate::house::{House, nobody};

#[tokio::test]
async fn only_names_of_this_computer_with_the_right_port_are_answered() {
    let house = House::open().await;
    let ask = async |host: &str| {
        let request = Request::get("/health")
            .header(header::HOST, host)
            .body(Body::empty());
        house.send(request.unwrap()).await
    };
    for own in [
        "127.0.0.1:8440",
        "localhost:8440",
        "LOCALHOST:8440",
        "[::1]:8440",
    ] {
        assert_eq!(ask(own).await.status, 200, "{own}");
    }
    for other in [
        "evil.example:8440",
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:80",
        "localhost.evil.example:8440",
        "127.0.0.1:8440.evil.example",
        "user@127.0.0.1:8440",
        "0.0.0.0:8440",
        "",
    ] {
        ask(other).await.is_problem(421, "host_not_allowed", None);
    }
    let nameless = Request::get("/health").body(Body::empty()).unwrap();
    house
        .send(nameless)
        .await
        .is_problem(421, "host_not_allowed", None);
    let twofold = nobody(Method::GET, "/health").header(header::HOST, "evil.example:8440");
    let answer = house.send(twofold.body(Body::empty()).unwrap()).await;
    answer.is_problem(421, "host_not_allowed", None);
    let absolute = nobody(Method::GET, "http://evil.example:8440/health").body(Body::empty());
    house
        .send(absolute.unwrap())
        .await
        .is_problem(421, "host_not_allowed", None);
}

#[tokio::test]
async fn the_address_that_is_listened_at_is_a_name_too() {
    let house = House::open().await;
    let router = house.app.router("127.0.0.2:8440".parse().unwrap());
    let ask = async |host: &str| {
        let request = Request::get("/health")
            .header(header::HOST, host)
            .body(Body::empty());
        let answer = router.clone().oneshot(request.unwrap()).await;
        answer.unwrap().status()
    };
    assert_eq!(ask("127.0.0.2:8440").await, 200);
    assert_eq!(ask("localhost:8440").await, 200);
    assert_eq!(ask("127.0.0.3:8440").await, 421);
}

#[tokio::test]
async fn changes_are_taken_from_own_pages_and_from_programs_only() {
    let house = House::open().await;
    let ask = async |name: &str, value: &str| {
        let request = house
            .owner(Method::DELETE, "/api/v1/sign-in")
            .header(name, value);
        house.send(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(ask("origin", "http://127.0.0.1:8440").await.status, 204);
    assert_eq!(ask("x-program", "curl").await.status, 204);
    assert_eq!(ask("sec-fetch-site", "same-origin").await.status, 204);
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "http://127.0.0.1:9000"),
        ("origin", "http://localhost:8440"),
        ("origin", "https://127.0.0.1:8440"),
        ("origin", "null"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "cross-site"),
    ] {
        ask(name, value)
            .await
            .is_problem(403, "origin_not_allowed", None);
    }
}

#[tokio::test]
async fn a_page_of_another_site_gets_no_live_feed() {
    let house = House::open().await;
    let request = house
        .owner(Method::GET, "/api/v1/live/ws")
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")
        .header(header::ORIGIN, "http://evil.example");
    let answer = house.send(request.body(Body::empty()).unwrap()).await;
    answer.is_problem(403, "origin_not_allowed", None);
}

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let house = House::open().await;
    for path in [
        "/health",
        "/api/v1/live",
        "/api/v1/nothing",
        "/",
        "/docs/",
        "/openapi.json",
    ] {
        let answer = house.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("script-src 'unsafe-inline'"),
            "{path}: {policy}"
        );
        assert!(
            answer.headers.get("access-control-allow-origin").is_none(),
            "{path}"
        );
    }
}
