//! Starting, failing to start, and stopping.

use std::process::Command;

use axum::body::Body;
use http::Method;
use ladebuch_server::OpenError;
use tempfile::TempDir;

use crate::house::{House, nobody, open};

#[tokio::test]
async fn health_answers_while_starting_and_everything_else_waits() {
    // On one thread nothing runs in the background until this test waits for it.
    let house = House::begin(TempDir::new().unwrap(), None);
    let ask = |path: &str| house.send(nobody(Method::GET, path).body(Body::empty()).unwrap());
    let health = ask("/health");
    let live = ask("/api/v1/live");
    let (health, live) = (health.await, live.await);
    assert_eq!(health.status, 200);
    assert_eq!(health.json()["status"], "starting");
    live.is_problem(503, "starting", None);
    assert_eq!(live.header("retry-after"), "1");

    house.app.ready().await.unwrap();
    assert_eq!(house.get("/health").await.json()["status"], "ok");
    assert_eq!(house.get("/api/v1/live").await.status, 200);
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_said_in_a_sentence() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "not a directory").unwrap();
    let app = open(&file.join("data"), None);
    let error = app.ready().await.unwrap_err();
    let sentence = error.to_string();
    assert!(matches!(&*error, OpenError::Engine(_)), "{error:?}");
    assert!(
        sentence.contains("cannot be written") && sentence.ends_with('.'),
        "{sentence}"
    );

    let router = app.router(crate::house::ADDRESS.parse().unwrap());
    let request = nobody(Method::GET, "/health").body(Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
    let health = crate::house::Answer::of(answer).await.json();
    assert_eq!(health["status"], "failed");
    assert_eq!(health["detail"], sentence);
}

#[tokio::test]
async fn two_programs_do_not_share_a_directory() {
    let house = House::open().await;
    let error = open(house.dir(), None).ready().await.unwrap_err();
    assert!(
        error.to_string().contains("in use by another Ladebuch"),
        "{error}"
    );
}

#[tokio::test]
async fn a_garbled_owner_token_is_not_replaced_behind_its_owners_back() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("owner-token"), "secret").unwrap();
    let error = open(dir.path(), None).ready().await.unwrap_err();
    assert!(matches!(*error, OpenError::Token(_)));
    assert!(!error.to_string().contains("secret"), "{error}");
    assert_eq!(
        std::fs::read_to_string(dir.path().join("owner-token")).unwrap(),
        "secret"
    );
}

#[test]
fn an_address_that_cannot_be_read_ends_the_program_and_is_not_repeated() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let program = Command::new(env!("CARGO_BIN_EXE_ladebuch-server"))
        .args([
            "--listen",
            "127.0.0.1:0",
            "--openwb",
            "mqtts://anna:geheim#1@box",
        ])
        .arg("--data-dir")
        .arg(&data)
        .output()
        .unwrap();
    let said = [program.stdout, program.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert_eq!(program.status.code(), Some(2), "{said}");
    assert!(said.contains("mqtts://USER:PASSWORD@HOST:PORT"), "{said}");
    assert!(!said.contains("geheim"), "{said}");
    assert!(!data.exists(), "nothing was begun");
}

#[tokio::test]
async fn after_stopping_the_directory_is_free_and_requests_are_refused() {
    let house = House::open().await;
    let token = house
        .owner(Method::GET, "/api/v1/live")
        .body(Body::empty())
        .unwrap();
    house.app.stop().await;
    house.send(token).await.is_problem(503, "stopping", None);
    open(house.dir(), None).ready().await.unwrap();
}
