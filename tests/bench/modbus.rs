//! One look at an Elli Charger 2: everything that the live view needs, over loopback.

use std::time::{Duration, Instant};

use ladebuch_engine::charger2::Client;
use ladebuch_engine::clock::{Clock as _, SystemClock};
use ladebuch_sim::{Charger2, Charger2Config, Premises, SimConfig, Simulation};

use crate::table::{Row, Sorted};

const TARGET: Duration = Duration::from_millis(20);

pub async fn measure(quick: bool) -> Vec<Row> {
    let count = if quick { 100 } else { 1_000 };
    let sim = Simulation::start(SimConfig::by_hand(SystemClock::default().now()))
        .await
        .expect("a simulated household");
    let charger = Charger2::start(Charger2Config::new(Premises::of(&sim)))
        .await
        .expect("a simulated box");
    let at = charger.addr();
    let mut client = Client::new(&at.ip().to_string(), at.port());
    client.read().await.expect("a box that answers");
    let mut cycles = Vec::with_capacity(count);
    for _ in 0..count {
        let begun = Instant::now();
        client.read().await.expect("a box that answers");
        cycles.push(begun.elapsed());
    }
    charger.stop().await;
    sim.stop().await;
    let cycles = Sorted::new(cycles);
    let ok = cycles.percentile(99.0) <= TARGET;
    let what = "Elli Charger 2: status cycle (five requests)";
    vec![Row::new(what, "p99 ≤ 20 ms", cycles.spread(), ok)]
}
