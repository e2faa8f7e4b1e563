//! A hundred thousand messages a second through a real mosquitto, on the same cores.
//!
//! What is lost shows in two counts: the broker's own of messages it dropped, and Ladebuch's of
//! messages on topics it does not know, which one in a hundred is on. If this machine's broker
//! cannot carry the rate, the highest it can is measured and told.

use std::time::{Duration, Instant};

use ladebuch_tests::eventually::in_time;
use ladebuch_tests::house::SOON;
use ladebuch_tests::mosquitto::Mosquitto;
use ladebuch_tests::mqtt::{Publisher, kept, publish};
use ladebuch_tests::program::{Program, processor_time};
use tokio::time::sleep_until;

use crate::latency::Connected;
use crate::table::Row;

const RATE: u64 = 100_000;
/// Messages that are written together.
const BURST: u64 = 100;
/// One message of each burst is on a topic that nobody knows.
const UNKNOWN_PER_BURST: u64 = 1;
/// A publisher that falls behind by more than this has not kept the rate.
const BEHIND: f64 = 0.02;
const LATE: Duration = Duration::from_millis(50);
const MICROS_PER_MESSAGE: f64 = 6.0;
/// The allocator keeps what a burst needed; more than this is growth.
const GROWTH_KB: u64 = 4 * 1024;

/// What happened at one rate.
struct Run {
    rate: u64,
    published: u64,
    took: Duration,
    unknown_expected: u64,
    unknown_counted: u64,
    dropped_by_broker: u64,
    last_value_late: Duration,
    resident_kb: Vec<u64>,
    server: Duration,
    broker: Duration,
}

impl Run {
    fn achieved(&self) -> f64 {
        self.published as f64 / self.took.as_secs_f64()
    }

    fn kept_the_rate(&self) -> bool {
        self.achieved() >= self.rate as f64 * (1.0 - BEHIND)
    }

    fn nothing_lost(&self) -> bool {
        self.unknown_counted == self.unknown_expected && self.dropped_by_broker == 0
    }

    fn micros_per_message(&self) -> f64 {
        self.server.as_secs_f64() * 1e6 / self.published as f64
    }
}

pub async fn measure(quick: bool) -> Vec<Row> {
    let seconds = if quick { 5 } else { 30 };
    let mut connected = Connected::new().await;
    // The allocator has its first burst behind it.
    run(&mut connected, RATE / 2, 2).await;
    let mut rows = Vec::new();
    let mut rate = RATE;
    loop {
        let run = run(&mut connected, rate, seconds).await;
        let kept = run.kept_the_rate() && run.last_value_late <= LATE;
        rows.extend(report(&run, seconds));
        if kept || rate <= RATE / 4 {
            return rows;
        }
        rate = rate * 4 / 5 / BURST * BURST;
    }
}

fn report(run: &Run, seconds: u64) -> Vec<Row> {
    let (first, last) = (
        run.resident_kb[0],
        run.resident_kb[run.resident_kb.len() - 1],
    );
    let most = run.resident_kb.iter().max().unwrap();
    let what = format!("{} messages/s for {seconds} s, real mosquitto", run.rate);
    vec![
        Row::new(
            &format!("{what}: carried"),
            "nothing lost",
            format!(
                "{} at {:.0} /s; dropped {}; {} of {} marked ones counted",
                run.published,
                run.achieved(),
                run.dropped_by_broker,
                run.unknown_counted,
                run.unknown_expected
            ),
            run.kept_the_rate() && run.nothing_lost(),
        ),
        Row::new(
            "  last value on the WebSocket",
            "≤ 50 ms late",
            format!("{:.1} ms", run.last_value_late.as_secs_f64() * 1e3),
            run.last_value_late <= LATE,
        ),
        Row::new(
            "  processor time of ladebuch-server",
            "≤ 6 µs/message",
            format!("{:.2} µs/message", run.micros_per_message()),
            run.micros_per_message() <= MICROS_PER_MESSAGE,
        ),
        Row::note(
            "  processor time of mosquitto",
            format!(
                "{:.2} µs/message",
                run.broker.as_secs_f64() * 1e6 / run.published as f64
            ),
        ),
        Row::new(
            "  memory of ladebuch-server",
            "flat",
            format!(
                "{:.1} MB at first, {:.1} MB at last, {:.1} MB at most",
                first as f64 / 1024.0,
                last as f64 / 1024.0,
                *most as f64 / 1024.0
            ),
            last <= first + GROWTH_KB,
        ),
    ]
}

async fn run(connected: &mut Connected, rate: u64, seconds: u64) -> Run {
    let Connected {
        server,
        live,
        publisher,
        broker,
        ..
    } = connected;
    let burst = burst();
    let bursts = rate * seconds / BURST;
    let dropped_before = dropped(broker, 0).await;
    let unknown_before = unknown(live.picture.source().unwrap());
    let (server_before, broker_before) = (server.processor_time(), processor_time(broker.pid()));
    let mut resident_kb = vec![server.resident_kb()];

    // Somebody looks at the live page meanwhile, at the pace at which a page can draw.
    let feed = async {
        loop {
            live.next().await.expect("a feed");
        }
    };
    let begun = Instant::now();
    let flood = flood(publisher, server, &burst, bursts, rate, &mut resident_kb);
    let both = async {
        tokio::select! {
            () = flood => {}
            () = feed => {}
        }
    };
    let patience = Duration::from_secs(60 + 4 * seconds);
    in_time(patience, "the broker takes all messages", both).await;
    let took = begun.elapsed();

    // No run ends with the value of another one.
    let last = -0.5 - rate as f64;
    let sent = Instant::now();
    publisher
        .say("openWB/counter/0/get/power", last.to_string())
        .await;
    live.until(Duration::from_secs(60), "the last value", |picture| {
        (picture.number("counter/0", "power_w") == Some(last)).then_some(())
    })
    .await;
    let last_value_late = sent.elapsed();
    resident_kb.push(server.resident_kb());
    let used = (server.processor_time(), processor_time(broker.pid()));
    let unknown_expected = bursts * UNKNOWN_PER_BURST;
    let expected = unknown_before + unknown_expected;
    // What was published before the last value was counted before it was shown.
    let counted = unknown(live.picture.source().unwrap());
    publisher.heartbeat().await;
    live.until(SOON, "the box is live", |picture| {
        (picture.state() == "live").then_some(())
    })
    .await;
    assert!(
        counted <= expected,
        "{counted} of {expected} marked messages were counted"
    );
    Run {
        rate,
        published: bursts * BURST,
        took,
        unknown_expected,
        unknown_counted: counted - unknown_before,
        dropped_by_broker: dropped(broker, dropped_before).await - dropped_before,
        last_value_late,
        resident_kb,
        server: used.0 - server_before,
        broker: used.1 - broker_before,
    }
}

/// How many messages the broker has thrown away. It counts them up every second, and takes back a
/// count that has not changed for a minute: then it is still the one that was `known`.
async fn dropped(broker: &Mosquitto, known: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let count = kept(broker.addr(), "$SYS/broker/publish/messages/dropped");
    let count = tokio::time::timeout(Duration::from_secs(2), count).await;
    count.map_or(known, |count| count.parse().expect("a count"))
}

async fn flood(
    publisher: &mut Publisher,
    server: &Program,
    burst: &[u8],
    bursts: u64,
    rate: u64,
    resident_kb: &mut Vec<u64>,
) {
    let begun = Instant::now();
    let apart = Duration::from_secs(1).mul_f64(BURST as f64 / rate as f64);
    for i in 0..bursts {
        let due = begun + apart.mul_f64(i as f64);
        if due > Instant::now() {
            sleep_until(due.into()).await;
        }
        publisher.write(burst).await;
        let second = rate / BURST;
        if i % second == second / 2 {
            publisher.heartbeat().await;
            resident_kb.push(server.resident_kb());
        }
    }
}

fn unknown(source: &serde_json::Value) -> u64 {
    source["unknown_topics"].as_u64().expect("a count")
}

/// What a box repeats in every cycle, as one piece of bytes.
fn burst() -> Vec<u8> {
    let mut bytes = Vec::new();
    let topics: &[(&str, &str)] = &[
        ("counter/0/get/power", "-2950.25"),
        ("counter/0/get/currents", "[11.72, 11.72, 11.72]"),
        ("counter/0/get/imported", "4711294.01"),
        ("pv/1/get/power", "-4200.0"),
        ("pv/1/get/exported", "12345567.18"),
        ("bat/2/get/power", "800.0"),
        ("bat/2/get/soc", "61"),
        ("chargepoint/3/get/power", "11040.0"),
        ("chargepoint/3/get/currents", "[16.0, 16.0, 16.0]"),
        ("chargepoint/3/get/imported", "1234975.78"),
        ("chargepoint/3/get/charge_state", "true"),
    ];
    let known = topics
        .iter()
        .cycle()
        .take((BURST - UNKNOWN_PER_BURST) as usize);
    for (topic, payload) in known {
        bytes.extend(publish(
            &format!("openWB/{topic}"),
            payload.as_bytes(),
            false,
        ));
    }
    for _ in 0..UNKNOWN_PER_BURST {
        bytes.extend(publish("openWB/counter/0/get/nobody_knows", b"1", false));
    }
    bytes
}
