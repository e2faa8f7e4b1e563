//! Configuring sources.

use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::house::{House, open};

fn input(port: u16) -> Value {
    json!({"kind": "openwb", "host": "127.0.0.1", "port": port})
}

#[tokio::test]
async fn a_source_is_added_changed_and_removed_and_its_password_never_sent() {
    let house = House::open().await;
    let mut wanted = input(1);
    wanted["username"] = "anna".into();
    wanted["password"] = "hush hush".into();
    let added = house
        .send_json(Method::POST, "/api/v1/sources", &wanted)
        .await;
    assert_eq!(added.status, 201);
    let source = added.json();
    assert_eq!(source["has_password"], true);
    assert_eq!(source["name"], "127.0.0.1");
    assert_eq!(source["kind"], "openwb");
    let path = format!("/api/v1/sources/{}", source["id"].as_str().unwrap());

    // Null keeps the password, an empty one removes it.
    wanted["password"] = Value::Null;
    wanted["name"] = "Garage".into();
    let changed = house.send_json(Method::PUT, &path, &wanted).await.json();
    assert_eq!(
        (&changed["name"], &changed["has_password"]),
        (&json!("Garage"), &json!(true))
    );
    wanted["password"] = "".into();
    let changed = house.send_json(Method::PUT, &path, &wanted).await.json();
    assert_eq!(changed["has_password"], false);

    let list = house.get("/api/v1/sources").await;
    assert_eq!(list.json()["sources"].as_array().unwrap().len(), 1);
    assert!(!list.text().contains("hush"));
    assert_eq!(
        house
            .send_json(Method::DELETE, &path, &json!({}))
            .await
            .status,
        204
    );
    house
        .send_json(Method::DELETE, &path, &json!({}))
        .await
        .is_problem(404, "unknown_source", None);
    house
        .send_json(Method::PUT, "/api/v1/sources/1", &wanted)
        .await
        .is_problem(404, "unknown_source", None);
}

#[cfg(unix)]
#[tokio::test]
async fn passwords_lie_in_a_file_that_only_the_owner_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::open().await;
    let mut wanted = input(1);
    wanted["password"] = "hush hush".into();
    assert_eq!(
        house
            .send_json(Method::POST, "/api/v1/sources", &wanted)
            .await
            .status,
        201
    );
    let file = house.dir().join("secrets.json");
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains("hush hush")
    );
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let database = std::fs::read(house.dir().join("ladebuch.db")).unwrap();
    assert!(!database.windows(4).any(|part| part == b"hush"));
}

#[tokio::test]
async fn values_that_cannot_be_are_refused_by_field() {
    let house = House::open().await;
    for (key, value, status, code) in [
        ("host", json!(" "), 422, "invalid_value"),
        ("port", json!(0), 422, "invalid_value"),
        ("port", json!(70_000), 400, "bad_body"),
        ("kind", json!("toaster"), 400, "bad_body"),
    ] {
        let mut wanted = input(1);
        wanted[key] = value;
        for path in ["/api/v1/sources", "/api/v1/sources/test"] {
            let answer = house.send_json(Method::POST, path, &wanted).await;
            answer.is_problem(status, code, Some(key));
        }
    }
}

#[tokio::test]
async fn a_new_name_does_not_disconnect() {
    let house = House::open().await;
    let broker = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut wanted = input(broker.local_addr().unwrap().port());
    let added = house
        .send_json(Method::POST, "/api/v1/sources", &wanted)
        .await;
    let path = format!("/api/v1/sources/{}", added.json()["id"].as_str().unwrap());
    let (connection, _) = broker.accept().await.unwrap();
    wanted["name"] = "Garage".into();
    let renamed = house.send_json(Method::PUT, &path, &wanted).await.json();
    assert_eq!(renamed["name"], "Garage");
    assert!(is_open(&connection));
    // But whatever else is another does.
    wanted["topic_prefix"] = "garage".into();
    house.send_json(Method::PUT, &path, &wanted).await;
    assert!(!is_open(&connection));
    broker.accept().await.unwrap();
}

/// Whether the other end has not closed it, whatever it has sent.
fn is_open(connection: &tokio::net::TcpStream) -> bool {
    let mut sent = [0; 1024];
    loop {
        match connection.try_read(&mut sent) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
        }
    }
}

#[tokio::test]
async fn addresses_that_name_nothing_are_told_like_any_other_problem() {
    let house = House::open().await;
    for part in ["elli/stations/1/reboot", "elli/sync", "elli/sign-out"] {
        for id in ["1", "01890000-0000-7000-8000-000000000000"] {
            let path = format!("/api/v1/sources/{id}/{part}");
            let answer = house.send_json(Method::POST, &path, &json!({})).await;
            answer.is_problem(404, "unknown_source", None);
        }
    }
    let answer = house.get("/api/v1/sources/1/elli/pdfs/1").await;
    answer.is_problem(404, "unknown_source", None);
    let point = "/api/v1/charge-points/01890000-0000-7000-8000-000000000000/link";
    for station in [Value::Null, "01890000-0000-7000-8000-000000000000".into()] {
        let wanted = json!({ "station": station });
        let answer = house.send_json(Method::PUT, point, &wanted).await;
        answer.is_problem(404, "unknown_charge_point", None);
    }
}

#[tokio::test]
async fn a_test_of_a_dead_address_says_what_is_wrong_and_keeps_nothing() {
    let house = House::open().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let answer = house
        .send_json(Method::POST, "/api/v1/sources/test", &input(free))
        .await;
    assert_eq!(answer.status, 200);
    let test = answer.json();
    assert_eq!(test["ok"], false);
    assert_eq!(test["problem"]["code"], "connection_refused");
    assert_eq!(test["readings"], json!([]));
    assert_eq!(
        house.get("/api/v1/sources").await.json()["sources"],
        json!([])
    );
}

#[tokio::test]
async fn an_openwb_named_at_start_is_added_once() {
    let dir = TempDir::new().unwrap();
    let broker = Some("127.0.0.1:1".parse().unwrap());
    for _ in 0..2 {
        let app = open(dir.path(), broker);
        app.ready().await.unwrap();
        app.stop().await;
    }
    let house = House::in_dir(dir).await;
    let sources = house.get("/api/v1/sources").await.json();
    assert_eq!(sources["sources"].as_array().unwrap().len(), 1);
    assert_eq!(sources["sources"][0]["port"], 1);
}
