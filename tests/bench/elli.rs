//! An Elli account: reading all records of a busy station, looking for new ones, and being idle.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use ladebuch_engine::clock::{Clock as _, SystemClock};
use ladebuch_sim::elli::{Control, ElliConfig, NewRecord, Station};
use ladebuch_sim::{ElliCloud, Premises, SimConfig, Simulation};
use ladebuch_tests::api::Api;
use ladebuch_tests::elli::sign_in;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use ladebuch_tests::program::Start;
use serde_json::Value;
use tempfile::TempDir;

use crate::table::Row;

const RECORDS: u64 = 2_000;
const FIRST: Duration = Duration::from_secs(3);
/// Requests of a look for new records: stations, sessions, and one page.
const AGAIN: u64 = 3;
/// Requests of five idle minutes.
const IDLE: u64 = 3;
const FIVE_MINUTES: Duration = Duration::from_secs(5 * 60);

pub async fn measure(quick: bool) -> Vec<Row> {
    let now = SystemClock::default().now();
    let sim = Simulation::start(SimConfig::by_hand(now))
        .await
        .expect("a simulated household");
    let elli = ElliCloud::start(ElliConfig {
        stations: vec![Station::garage()],
        ..ElliConfig::new(Premises::of(&sim))
    })
    .await
    .expect("a simulated cloud");
    let control = elli.control();
    for number in 0..RECORDS {
        let hours = i64::try_from(RECORDS - number).expect("a small number") * 12;
        let created_at = now - TimeDelta::hours(hours);
        let energy_wh = 5_000 + number;
        let id = control.insert_record(NewRecord {
            charge_point: Station::garage().charge_point,
            start: created_at - TimeDelta::hours(3),
            stop: created_at - TimeDelta::seconds(4),
            created_at,
            energy_wh,
            faulted: false,
            tag: Some("0012345678".to_owned()),
        });
        assert!(!id.is_empty(), "a record without an id");
    }

    let dir = TempDir::new().unwrap();
    let start = Start {
        elli: Some(elli.addr()),
        ..Start::new(dir.path())
    };
    let server = start.ready().await;
    let api = server.api(dir.path());
    let source = sign_in(&api).await;
    let path = format!("/api/v1/sources/{}/elli", source["id"].as_str().unwrap());
    let begun = Instant::now();
    let account = complete(&api, &path).await;
    let first = begun.elapsed();
    let kept = account["records"]["kept"].as_u64().unwrap();
    let agree = account["stations"][0]["totals"]["agree"] == true;
    drop(server);

    let before = control.asked().api;
    let server = start.ready().await;
    let api = server.api(dir.path());
    complete(&api, &path).await;
    let again = asked_since(&control, before).await;

    let mut rows = vec![
        Row::new(
            "Elli: 2,000 records, 100 a page",
            "≤ 3 s, sums agree",
            format!("{:.2} s, {kept} records", first.as_secs_f64()),
            first <= FIRST && kept == RECORDS && agree,
        ),
        Row::new(
            "  looked for new ones after a restart",
            "≤ 3 requests",
            format!("{again} requests"),
            again <= AGAIN,
        ),
    ];
    if !quick {
        let before = control.asked().api;
        tokio::time::sleep(FIVE_MINUTES).await;
        let idle = control.asked().api - before;
        rows.push(Row::new(
            "  five idle minutes",
            "≤ 3 requests",
            format!("{idle} requests"),
            idle <= IDLE,
        ));
    }
    drop(server);
    elli.stop().await;
    sim.stop().await;
    rows
}

/// Waits until all records were looked at.
async fn complete(api: &Api, path: &str) -> Value {
    eventually(SOON, "all records were read", async || {
        let account = api.get(path).await;
        let checked = !account["stations"][0]["totals"]["agree"].is_null();
        let done = account["records"]["state"] == "complete" && checked;
        let idle = account["sync"]["running"] == false && !account["sync"]["last_run_at"].is_null();
        (done && idle).then_some(account)
    })
    .await
}

/// Requests since then, once none has come for a second.
async fn asked_since(control: &Control, before: u64) -> u64 {
    let mut last = control.asked().api;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = control.asked().api;
        if now == last {
            return now - before;
        }
        last = now;
    }
}
