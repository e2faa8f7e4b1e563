//! From a publish on a real mosquitto to the change on the WebSocket.

use std::time::{Duration, Instant};

use ladebuch_tests::house::SOON;
use ladebuch_tests::live_socket::LiveSocket;
use ladebuch_tests::mosquitto::Mosquitto;
use ladebuch_tests::mqtt::Publisher;
use ladebuch_tests::program::{Program, Start};
use tempfile::TempDir;
use tokio::time::{MissedTickBehavior, interval};

use crate::table::{Row, Sorted};

const PER_SECOND: u32 = 50;
const TARGET: Duration = Duration::from_millis(10);

/// The server, connected to a mosquitto with a real box's tree.
pub struct Connected {
    pub server: Program,
    pub live: LiveSocket,
    pub publisher: Publisher,
    pub broker: Mosquitto,
    _dir: TempDir,
}

impl Connected {
    pub async fn new() -> Self {
        let broker = Mosquitto::start().await;
        let mut publisher = Publisher::connect(broker.addr(), "box").await;
        publisher.keep_captured_box().await;
        let dir = TempDir::new().unwrap();
        let server = Start {
            openwb: Some(broker.addr()),
            ..Start::new(dir.path())
        }
        .ready()
        .await;
        let mut live = LiveSocket::connect(&server.api(dir.path())).await;
        live.until(SOON, "the box is known", |picture| {
            picture.device("home").map(drop)
        })
        .await;
        publisher.heartbeat().await;
        live.until(SOON, "the box is live", |picture| {
            (picture.state() == "live").then_some(())
        })
        .await;
        Self {
            server,
            live,
            publisher,
            broker,
            _dir: dir,
        }
    }
}

pub async fn measure(quick: bool) -> Vec<Row> {
    let count = if quick { 250 } else { 1_500 };
    let Connected {
        mut live,
        mut publisher,
        server,
        broker,
        _dir,
    } = Connected::new().await;
    let mut pace = interval(Duration::from_secs(1) / PER_SECOND);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut latencies = Vec::with_capacity(count);
    for i in 0..count {
        pace.tick().await;
        // No value comes twice.
        let watts = 1_000.25 + i as f64;
        let sent = Instant::now();
        publisher
            .say("openWB/counter/0/get/power", watts.to_string())
            .await;
        live.until(SOON, "the new power", |picture| {
            (picture.number("counter/0", "power_w") == Some(watts)).then_some(())
        })
        .await;
        latencies.push(sent.elapsed());
        if i % 250 == 0 {
            publisher.heartbeat().await;
        }
    }
    drop((server, broker));
    let latencies = Sorted::new(latencies);
    let ok = latencies.percentile(99.0) <= TARGET;
    let what = "MQTT publish → change on the WebSocket, 50 msg/s";
    vec![Row::new(what, "p99 ≤ 10 ms", latencies.spread(), ok)]
}
