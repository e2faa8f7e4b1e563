//! Importing the charge log of five years, and importing it again.

use std::time::{Duration, Instant};

use chrono::{Months, TimeDelta};
use ladebuch_engine::clock::{Clock as _, SystemClock};
use ladebuch_sim::household;
use ladebuch_sim::{SimConfig, Simulation};
use ladebuch_tests::api::Api;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use ladebuch_tests::program::Start;
use serde_json::Value;
use tempfile::TempDir;

use crate::table::Row;

const YEARS: u32 = 5;
const FIRST: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_secs(1);

pub async fn measure() -> Vec<Row> {
    let now = SystemClock::default().now();
    let from = now.checked_sub_months(Months::new(12 * YEARS)).unwrap();
    let mut past = household::history(1, from, now, TimeDelta::minutes(15));
    past.by_ref().for_each(drop);
    let sim = Simulation::start(SimConfig {
        household: Some(past.into_household()),
        ..SimConfig::by_hand(now)
    })
    .await
    .expect("a simulated box");
    let dir = TempDir::new().unwrap();
    let server = Start {
        openwb: Some(sim.addr()),
        ..Start::new(dir.path())
    }
    .ready()
    .await;
    let api = server.api(dir.path());
    let id = eventually(SOON, "the box is known", async || {
        let live = api.get("/api/v1/live").await;
        let source = live["sources"].get(0)?;
        source["software_version"].as_str()?;
        Some(source["id"].as_str()?.to_owned())
    })
    .await;
    let path = format!("/api/v1/sources/{id}/charge-log/import");
    let (first, status) = import(&api, &path).await;
    let rows = status["new_rows"].as_u64().expect("a count");
    let (again, status) = import(&api, &path).await;
    let new = status["new_rows"].as_u64().expect("a count");
    drop(server);
    sim.stop().await;
    vec![
        Row::new(
            "charge log of 5 years, imported over MQTT",
            "≤ 5 s",
            format!("{:.2} s, {rows} rows", first.as_secs_f64()),
            first <= FIRST && rows > 0,
        ),
        Row::new(
            "  imported again",
            "≤ 1 s, 0 new",
            format!("{:.2} s, {new} new", again.as_secs_f64()),
            again <= AGAIN && new == 0,
        ),
    ]
}

async fn import(api: &Api, path: &str) -> (Duration, Value) {
    let begun = Instant::now();
    api.post(path, &Value::Null).await;
    let status = eventually(SOON, "the import ends", async || {
        let status = api.get(path).await;
        (status["state"] != "running").then_some(status)
    })
    .await;
    assert_eq!(status["state"], "done", "{status}");
    (begun.elapsed(), status)
}
