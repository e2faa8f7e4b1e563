//! How much disk a year of 20 series needs: its coarse slots, and 14 days of raw samples on top.

use std::net::SocketAddr;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_engine::clock::Clock as _;
use ladebuch_sim::broker::{Acl, Broker, BrokerConfig};
use ladebuch_tests::clock::ManualClock;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::{House, SOON};
use ladebuch_tests::scene::text;
use tempfile::TempDir;

use crate::recorded_year::{RecordedYear, SERIES};
use crate::table::Row;

const TARGET_MB: f64 = 250.0;
/// Slots that are recorded to learn how large a raw sample is.
const SLOTS: u32 = 300;
/// Slots of the default grid in the default time that raw samples are kept.
const RAW_SLOTS: f64 = 14.0 * 86_400.0 / 10.0;

pub async fn measure(year: &RecordedYear) -> Vec<Row> {
    let slots = bytes(year.dir()) / 1e6;
    let per_slot = raw_bytes_per_slot().await;
    let raw = per_slot * RAW_SLOTS / 1e6;
    let total = slots + raw;
    vec![
        Row::new(
            "one year × 20 series on disk",
            "≤ 250 MB",
            format!("{total:.0} MB: {slots:.0} MB for good, {raw:.0} MB raw (14 days)"),
            total <= TARGET_MB,
        ),
        Row::note(
            "  a raw sample, from recorded ones",
            format!("{:.1} bytes", per_slot / f64::from(SERIES)),
        ),
    ]
}

fn bytes(dir: &Path) -> f64 {
    let size = |name: &str| std::fs::metadata(dir.join(name)).map_or(0, |file| file.len());
    (size("ladebuch.db") + size("ladebuch.db-wal")) as f64
}

/// Records 20 meters on a clock by hand, once for some slots and once for twice as many, and takes
/// the difference: what is there anyhow falls out. The few coarse slots count as raw ones.
async fn raw_bytes_per_slot() -> f64 {
    (recorded(2 * SLOTS).await - recorded(SLOTS).await) / f64::from(SLOTS)
}

async fn recorded(slots: u32) -> f64 {
    let broker = BrokerConfig {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        credentials: None,
        acl: Acl::openwb(),
    };
    let broker = Broker::start(broker).await.unwrap();
    introduce(&broker);
    let dir = TempDir::new().unwrap();
    let start: DateTime<Utc> = "2026-11-22T00:00:00Z".parse().unwrap();
    let clock = ManualClock::new(start);
    let house = House::open(dir.path(), clock.clone()).await;
    house.connect(broker.addr()).await;
    eventually(SOON, "all meters are known", async || {
        let picture = house.picture().await;
        (picture.snapshot["devices"].as_array()?.len() == SERIES as usize).then_some(())
    })
    .await;
    for slot in 0..slots {
        broker
            .publish("openWB/system/time", "1795335240.25", false)
            .unwrap();
        for i in 0..SERIES {
            let watts = f64::from(slot * 17 % 991) * 7.31 + f64::from(i) + 0.27;
            broker
                .publish(
                    &format!("openWB/counter/{i}/get/power"),
                    watts.to_string(),
                    false,
                )
                .unwrap();
        }
        eventually(SOON, "the meters are heard", async || {
            let picture = house.picture().await;
            let last = f64::from(slot * 17 % 991) * 7.31 + f64::from(SERIES - 1) + 0.27;
            let name = format!("counter/{}", SERIES - 1);
            let heard = picture
                .number(&name, "power_w")
                .is_some_and(|w| (w - last).abs() < 1e-6);
            (heard && picture.state() == "live").then_some(())
        })
        .await;
        clock.advance(TimeDelta::seconds(10));
        let end = text(clock.now());
        eventually(SOON, "the slot is stored", async || {
            let status = house.api.get("/api/v1/status").await;
            (status["recorder"]["last_slot_at"].as_str()? >= end.as_str()).then_some(())
        })
        .await;
    }
    house.stop().await;
    broker.stop().await;
    bytes(dir.path())
}

fn introduce(broker: &Broker) {
    let say = |topic: &str, payload: String| broker.publish(topic, payload, true).unwrap();
    say("openWB/system/version", r#""2.3.0""#.to_owned());
    say("openWB/system/boot_done", "true".to_owned());
    let nodes: Vec<String> = (0..SERIES)
        .map(|i| format!(r#"{{"id":{i},"type":"counter","children":[]}}"#))
        .collect();
    say(
        "openWB/counter/get/hierarchy",
        format!("[{}]", nodes.join(",")),
    );
    for i in 0..SERIES {
        say(&format!("openWB/counter/{i}/get/power"), "0".to_owned());
    }
}
