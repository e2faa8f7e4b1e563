//! What the headless program needs while nothing happens but a box that talks.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use ladebuch_tests::port::free_port;
use ladebuch_tests::program::{Start, built};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::table::Row;

const MEMORY_MB: f64 = 40.0;
const PROCESSOR_PERCENT: f64 = 1.0;

/// A simulator in a process of its own; killed when dropped.
struct Sim(Child);

impl Drop for Sim {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub async fn measure(quick: bool) -> Vec<Row> {
    let (settle, watch) = if quick { (10, 20) } else { (60, 60) };
    let port = free_port();
    let sim = Command::new(built("ladebuch-sim"))
        .args([
            "--openwb",
            "2",
            "--seed",
            "1",
            "--speed",
            "1",
            "--mqtt-port",
            &port.to_string(),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let sim = Sim(sim.expect("the simulator"));
    let broker = ([127, 0, 0, 1], port).into();
    eventually(SOON, "the simulator listens", async || {
        TcpStream::connect(broker).await.ok()
    })
    .await;
    let dir = TempDir::new().unwrap();
    let server = Start {
        openwb: Some(broker),
        ..Start::new(dir.path())
    }
    .ready()
    .await;
    let api = server.api(dir.path());
    eventually(SOON, "the box is live", async || {
        let live = api.get("/api/v1/live").await;
        (live["sources"][0]["state"] == "live").then_some(())
    })
    .await;

    sleep(Duration::from_secs(settle)).await;
    let before = server.processor_time();
    sleep(Duration::from_secs(watch)).await;
    let used = server.processor_time() - before;
    let memory = server.resident_kb() as f64 / 1024.0;
    drop(sim);
    let percent = used.as_secs_f64() / watch as f64 * 100.0;
    let what = format!("headless, connected, after {} s", settle + watch);
    vec![
        Row::new(
            &format!("{what}: memory"),
            "≤ 40 MB RSS",
            format!("{memory:.1} MB"),
            memory <= MEMORY_MB,
        ),
        Row::new(
            &format!("{what}: processor"),
            "≤ 1 % of a core",
            format!("{percent:.2} % over the last {watch} s"),
            percent <= PROCESSOR_PERCENT,
        ),
    ]
}
