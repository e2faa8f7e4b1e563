//! From a command to its confirmation, with a box that answers at once.

use std::time::{Duration, Instant};

use ladebuch_engine::clock::{Clock as _, SystemClock};
use ladebuch_sim::{SimConfig, Simulation};
use ladebuch_tests::house::SOON;
use ladebuch_tests::live_socket::LiveSocket;
use ladebuch_tests::program::Start;
use serde_json::json;
use tempfile::TempDir;

use crate::table::{Row, Sorted};

const TARGET: Duration = Duration::from_millis(100);
const CHARGE_POINT: &str = "chargepoint/3";

pub async fn measure(quick: bool) -> Vec<Row> {
    let count = if quick { 50 } else { 300 };
    let sim = Simulation::start(SimConfig::by_hand(SystemClock::default().now()))
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
    let mut live = LiveSocket::connect(&api).await;
    sim.control().advance_cycle().await.expect("a cycle");
    let id = live
        .until(SOON, "the charge point may be asked", |picture| {
            let device = picture.device(CHARGE_POINT)?;
            let asked = device["charge_point"]["abilities"].is_object();
            let is_live = picture.state() == "live";
            (asked && is_live).then(|| device["id"].as_str().unwrap().to_owned())
        })
        .await;
    let path = format!("/api/v1/charge-points/{id}/commands");
    let mut latencies = Vec::with_capacity(count);
    for i in 0..count {
        // The box stays alive.
        if i % 50 == 0 {
            sim.control().advance_cycle().await.expect("a cycle");
        }
        let amperes = 6 + i % 10;
        let command = json!({"command": {"kind": "current", "current_a": amperes}});
        let sent = Instant::now();
        let record = api.post(&path, &command).await;
        latencies.push(sent.elapsed());
        assert_eq!(record["outcome"], "confirmed");
        live.until(SOON, "the current", |picture| {
            let settings = &picture.device(CHARGE_POINT)?["charge_point"]["settings"];
            (settings["current_a"] == json!(amperes as f64)).then_some(())
        })
        .await;
    }
    drop(server);
    sim.stop().await;
    let latencies = Sorted::new(latencies);
    let ok = latencies.percentile(99.0) <= TARGET;
    let what = "command → confirmed by the box";
    vec![Row::new(what, "p99 ≤ 100 ms", latencies.spread(), ok)]
}
