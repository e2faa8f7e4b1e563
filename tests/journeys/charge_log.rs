//! The boxes' own charge logs: imported back to the first month, once, and kept whatever happens to
//! them on the box.

use std::net::{Ipv4Addr, SocketAddr};

use chrono::{Datelike as _, Months, TimeDelta};
use ladebuch_sim::household::{self, Household};
use ladebuch_sim::{Credentials, SimHandle};
use ladebuch_sim::{Generation, SimConfig, Simulation, User};
use ladebuch_tests::clock::ManualClock;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::{House, SOON};
use reqwest::Method;
use serde_json::{Value, json};

use crate::noon;

/// Months that the household has lived through, beside the present one.
const PAST: u32 = 3;

/// A household that has charged for three months.
fn with_a_past() -> Household {
    let from = noon().checked_sub_months(Months::new(PAST)).unwrap();
    let mut past = household::history(1, from, noon(), TimeDelta::minutes(5));
    past.by_ref().for_each(drop);
    past.into_household()
}

fn configured(generation: Generation) -> SimConfig {
    SimConfig {
        generation,
        household: Some(with_a_past()),
        http: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        ..SimConfig::by_hand(noon())
    }
}

struct Imported {
    sim: SimHandle,
    house: House,
    import: String,
    _dir: tempfile::TempDir,
}

/// Connects Ladebuch to a box, as that user if there is one, and waits until the box has said what
/// it is.
async fn connected(config: SimConfig, user: Option<&Credentials>) -> Imported {
    let sim = Simulation::start(config).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), ManualClock::new(noon())).await;
    let mut source = ladebuch_tests::house::source(sim.addr());
    source["http_port"] = sim.http_addr().map(|addr| addr.port()).into();
    if let Some(user) = user {
        source["username"] = user.user.clone().into();
        source["password"] = user.password.clone().into();
    }
    let added = house.api.post("/api/v1/sources", &source).await;
    eventually(SOON, "the box has introduced itself", async || {
        let picture = house.picture().await;
        picture.source()?["software_version"]
            .is_string()
            .then_some(())
    })
    .await;
    let id = added["id"].as_str().unwrap();
    Imported {
        sim,
        house,
        import: format!("/api/v1/sources/{id}/charge-log/import"),
        _dir: dir,
    }
}

impl Imported {
    async fn run(&self) -> Value {
        let begun = self.house.api.post(&self.import, &Value::Null).await;
        assert_eq!(begun["state"], "running", "{begun}");
        eventually(SOON, "the import ends", async || {
            let status = self.house.api.get(&self.import).await;
            (status["state"] != "running").then_some(status)
        })
        .await
    }

    async fn rows(&self) -> Vec<Value> {
        let log = self.house.api.get("/api/v1/charge-log?limit=5000").await;
        log["rows"].as_array().unwrap().clone()
    }

    /// A month's file, as the box's web server hands it out.
    async fn file(&self, path: &str) -> String {
        let addr = self.sim.http_addr().unwrap();
        let answer = reqwest::get(format!("http://{addr}/openWB/{path}"))
            .await
            .unwrap();
        if answer.status() == reqwest::StatusCode::NOT_FOUND {
            return String::new();
        }
        answer.text().await.unwrap()
    }

    async fn end(self) {
        self.house.stop().await;
        self.sim.stop().await;
    }
}

fn months() -> impl Iterator<Item = String> {
    (0..=PAST).map(|back| {
        let day = noon().checked_sub_months(Months::new(back)).unwrap();
        format!("{}{:02}", day.year(), day.month())
    })
}

fn total(rows: &[Value]) -> f64 {
    rows.iter()
        .map(|row| row["energy_wh"].as_f64().unwrap())
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_2_x_log_is_imported_whole_and_only_once() {
    let imported = connected(configured(Generation::V2), None).await;
    let status = imported.run().await;
    assert_eq!(status["state"], "done", "{status}");
    assert_eq!(status["unreadable"], 0);

    let mut expected = Vec::new();
    for month in months() {
        let file = imported
            .file(&format!("data/charge_log/{month}.json"))
            .await;
        if !file.is_empty() {
            let entries: Vec<Value> = serde_json::from_str(&file).unwrap();
            expected.extend(entries);
        }
    }
    let energy = |entry: &Value| {
        entry["data"]["imported_since_mode_switch"]
            .as_f64()
            .unwrap()
    };
    let rows = imported.rows().await;
    assert!(expected.len() > 20, "three months have many charges");
    assert_eq!(rows.len(), expected.len());
    assert!((total(&rows) - expected.iter().map(energy).sum::<f64>()).abs() < 1.0);
    assert_eq!(status["new_rows"], rows.len());
    let carport = rows.iter().find(|row| row["charge_point_id"].is_string());
    assert!(
        carport.is_some(),
        "rows belong to the charge points of the live view"
    );
    assert!(
        rows.iter()
            .all(|row| !row.to_string().contains("0012345678")),
        "cards are masked"
    );

    let again = imported.run().await;
    assert_eq!(
        (&again["state"], &again["new_rows"]),
        (&json!("done"), &json!(0))
    );
    assert_eq!(imported.rows().await, rows);
    imported.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_1_9_log_is_fetched_from_the_boxs_web_server() {
    let imported = connected(configured(Generation::V1_9), None).await;
    let status = imported.run().await;
    assert_eq!(status["state"], "done", "{status}");
    let mut expected = 0;
    for month in months() {
        let file = imported
            .file(&format!("web/logging/data/ladelog/{month}.csv"))
            .await;
        expected += file.lines().filter(|line| !line.trim().is_empty()).count();
    }
    assert!(expected > 20, "three months have many charges");
    let rows = imported.rows().await;
    assert_eq!((rows.len(), &status["unreadable"]), (expected, &json!(0)));
    let again = imported.run().await;
    assert_eq!(again["new_rows"], 0);
    imported.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_server_that_is_not_there_is_said_and_nothing_is_lost() {
    let imported = connected(
        SimConfig {
            http: None,
            ..configured(Generation::V1_9)
        },
        None,
    )
    .await;
    let id = imported.import.split('/').nth(4).unwrap().to_owned();
    // A port that nobody listens on.
    let source = json!({
        "kind": "openwb", "host": "127.0.0.1", "port": imported.sim.addr().port(),
        "http_port": ladebuch_tests::port::free_port(),
    });
    imported
        .house
        .api
        .put(&format!("/api/v1/sources/{id}"), &source)
        .await;
    eventually(SOON, "the box is heard again", async || {
        let picture = imported.house.picture().await;
        (picture.source()?["retry_at"].is_null() && picture.device("lp/1").is_some()).then_some(())
    })
    .await;
    let status = imported.run().await;
    assert_eq!(status["state"], "failed");
    assert_eq!(status["problem"]["code"], "no_log_file", "{status}");
    imported.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_the_role_is_told_which_one_is_missing() {
    let user = Credentials {
        user: "guest".to_owned(),
        password: "secret".to_owned(),
    };
    let roles = ["chargepoint-3-access"].map(|role| role.parse().unwrap());
    let config = SimConfig {
        users: Some(vec![User {
            credentials: user.clone(),
            roles: roles.to_vec(),
        }]),
        ..configured(Generation::V2)
    };
    let imported = connected(config, Some(&user)).await;
    let status = imported.run().await;
    assert_eq!(status["state"], "failed");
    assert_eq!(status["problem"]["code"], "not_allowed", "{status}");
    let detail = status["problem"]["detail"].as_str().unwrap();
    assert!(detail.contains("charge-log-access"), "{detail}");
    imported.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_is_gone_ends_the_import_with_the_reason() {
    let imported = connected(configured(Generation::V2), None).await;
    imported.sim.control().broker_down().await.unwrap();
    eventually(SOON, "the connection is lost", async || {
        let picture = imported.house.picture().await;
        (picture.state() == "offline").then_some(())
    })
    .await;
    let status = imported.run().await;
    assert_eq!(status["problem"]["code"], "offline", "{status}");
    imported.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_imports_the_log_of_a_source_that_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), ManualClock::new(noon())).await;
    let path = "/api/v1/sources/01900000-0000-7000-8000-000000000000/charge-log/import";
    let answer = house.api.ask(Method::POST, path, None).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), &answer.body["code"]),
        (404, &json!("unknown_source"))
    );
    house.stop().await;
}
