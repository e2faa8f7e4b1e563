//! A data directory with a year of history: 20 gauges in five-minute slots.
//!
//! Gauges are the larger kind of series: their slots hold mean, smallest and largest value.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use compact_str::{CompactString, format_compact};
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::ids::{ExternalId, SourceId};
use ladebuch_domain::sample::{Quality, Slot, SlotValue, Tier, slot_start};
use ladebuch_engine::clock::{Clock as _, SystemClock};
use ladebuch_engine::sources::OpenwbConfig;
use ladebuch_engine::{SeedData, SeedDevice, seed};
use ladebuch_tests::port::free_port;
use tempfile::TempDir;
use uuid::Uuid;

/// Series in the year.
pub const SERIES: u32 = 20;
const DAYS: i64 = 365;

/// A year on disk.
pub struct RecordedYear {
    dir: TempDir,
    /// Beginning of the year.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
}

impl RecordedYear {
    /// Writes the year that ends now.
    pub async fn write() -> Self {
        let dir = TempDir::new().unwrap();
        let now = SystemClock::default().now();
        let to = slot_start(now, Tier::Hour.step().to_std().unwrap());
        let from = to - TimeDelta::days(DAYS);
        let config = OpenwbConfig {
            host: "127.0.0.1".to_owned(),
            // Nobody answers there: the year is looked at, not continued.
            port: free_port(),
            tls: false,
            pinned_fingerprint: None,
            username: None,
            topic_prefix: None,
            http_port: None,
        };
        let id = |i: u32| ExternalId(format_compact!("counter/{i}"));
        let data = SeedData {
            source: (
                SourceId(Uuid::from_u128(1)),
                "openWB".to_owned(),
                config.into(),
            ),
            devices: (0..SERIES)
                .map(|i| SeedDevice {
                    external_id: id(i),
                    kind: DeviceKind::Meter,
                    name: Some(CompactString::from(format!("Meter {i}"))),
                    serial: None,
                })
                .collect(),
            series: (0..SERIES)
                .map(|i| (id(i), Quantity::Power, year(i, from, to)))
                .collect(),
        };
        seed(dir.path(), data, now).await.unwrap();
        Self { dir, from, to }
    }

    /// Where it lies.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// Powers that differ from slot to slot as measured ones do, with their decimals.
fn year(series: u32, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Slot> {
    let step = Tier::FiveMinutes.step();
    let mut state = u64::from(series) + 1;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / 100.0
    };
    let mut slots = Vec::new();
    let mut start = from;
    while start < to {
        let mean = noise();
        let value = SlotValue::Gauge {
            mean,
            min: mean - noise(),
            max: mean + noise(),
            count: 30,
        };
        slots.push(Slot {
            start,
            value,
            quality: Quality::Measured,
        });
        start += step;
    }
    slots
}
