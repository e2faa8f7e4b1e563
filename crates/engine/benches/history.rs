//! Measures a history of one year: how long it takes to write, to open and to draw, and how much
//! disk it needs. Prints medians; `cargo bench -p ladebuch-engine --bench history`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for developers"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::ids::{ExternalId, SeriesId, SourceId};
use ladebuch_domain::period::Interval;
use ladebuch_domain::sample::{Quality, Slot, SlotValue, Tier};
use ladebuch_domain::units::WattHours;
use ladebuch_engine::clock::{Clock, SystemClock};
use ladebuch_engine::history::{EnergyQuery, PowerHistory, PowerQuery, PowerSeries};
use ladebuch_engine::host::{Answer, Host};
use ladebuch_engine::sources::OpenwbConfig;
use ladebuch_engine::{Engine, EngineConfig, SeedData, SeedDevice, seed};
use serde::Serialize;
use uuid::Uuid;

/// Devices; each has one gauge and one counter.
const DEVICES: u32 = 20;
const DAYS: i64 = 365;
const ROUNDS: usize = 51;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let dir = tempfile::tempdir().unwrap();
    let now = SystemClock::default().now();
    let end = day(now);
    let start = end - TimeDelta::days(DAYS);

    let data = year(start);
    let clock = Instant::now();
    seed(dir.path(), data, end).await.unwrap();
    println!(
        "write  {DAYS} days x {} series: {:.2} s",
        DEVICES * 2,
        clock.elapsed().as_secs_f64()
    );
    println!("size   {:.1} MB", size(dir.path()) as f64 / 1e6);

    let engine = open(dir.path()).await;
    engine.stop().await;
    let clock = Instant::now();
    let engine = open(dir.path()).await;
    println!("open   {:.1} ms", millis(clock.elapsed()));

    // The check that every start begins reads the same file.
    while engine.status().database.sound.is_none() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let all = engine.history().series().await.unwrap();
    let of = |counter: bool| -> Vec<SeriesId> {
        all.iter()
            .filter(|series| series.quantity.is_counter() == counter)
            .map(|s| s.id)
            .collect()
    };
    let (gauges, counters) = (of(false), of(true));
    for (what, days, max_points) in [
        ("a year", DAYS, 1500),
        ("a month", 30, 1500),
        ("a day", 1, 1500),
    ] {
        let query = PowerQuery {
            series: gauges.clone(),
            from: end - TimeDelta::days(days),
            to: end,
            max_points,
        };
        let (mut times, mut bytes, mut points) = (Vec::new(), 0, 0);
        for _ in 0..ROUNDS {
            let clock = Instant::now();
            let history = engine.history().power(&query).await.unwrap();
            let json = serde_json::to_vec(&Chart::from(&history)).unwrap();
            times.push(clock.elapsed());
            (bytes, points) = (json.len(), history.series[0].mean.len());
        }
        println!(
            "power  {what} x {} series x {points} points to {:.1} MB of JSON: {}",
            gauges.len(),
            bytes as f64 / 1e6,
            spread(&mut times)
        );
    }
    for (what, days, interval) in [
        ("a year by month", DAYS, Interval::Month),
        ("a year by day", DAYS, Interval::Day),
        ("a month by hour", 30, Interval::Hour),
    ] {
        let query = EnergyQuery {
            series: counters.clone(),
            from: end - TimeDelta::days(days),
            to: end,
            interval,
            zone: chrono_tz::Europe::Berlin,
        };
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let clock = Instant::now();
            engine.history().energy(&query, now).await.unwrap();
            times.push(clock.elapsed());
        }
        println!(
            "energy {what} x {} series: {}",
            counters.len(),
            spread(&mut times)
        );
    }
    engine.stop().await;
}

/// A history as the API writes it.
#[derive(Serialize)]
struct Chart<'a> {
    series: Vec<ChartSeries<'a>>,
}

#[derive(Serialize)]
struct ChartSeries<'a> {
    id: i64,
    mean: &'a [Option<f64>],
    min: &'a [Option<f64>],
    max: &'a [Option<f64>],
}

impl<'a> From<&'a PowerHistory> for Chart<'a> {
    fn from(history: &'a PowerHistory) -> Self {
        let series = |series: &'a PowerSeries| ChartSeries {
            id: series.id.0,
            mean: &series.mean,
            min: &series.min,
            max: &series.max,
        };
        Self {
            series: history.series.iter().map(series).collect(),
        }
    }
}

struct NoSecrets;

impl Host for NoSecrets {
    fn secret<'a>(&'a self, _: &'a str) -> Answer<'a, Option<String>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn set_secret<'a>(&'a self, _: &'a str, _: Option<&'a str>) -> Answer<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

async fn open(dir: &Path) -> Engine {
    Engine::open(
        EngineConfig::new(dir),
        Arc::new(NoSecrets),
        Arc::new(SystemClock::default()),
    )
    .await
    .unwrap()
}

fn year(start: DateTime<Utc>) -> SeedData {
    let step = Tier::FiveMinutes.step();
    let slots = DAYS * 24 * 12;
    let mut noise = Noise(7);
    let mut devices = Vec::new();
    let mut series = Vec::new();
    for number in 0..DEVICES {
        let external_id = ExternalId::from(format!("counter/{number}").as_str());
        let (mut gauge, mut counter) = (Vec::new(), Vec::new());
        let mut total = 0.0;
        for slot in 0..slots {
            let start = start + step * i32::try_from(slot).unwrap();
            let (low, spread) = (noise.next(3000), noise.next(800));
            let (min, max) = (low, low + spread);
            let mean = min + (max - min) * noise.next(100) / 97.0;
            total += (mean / 12.0).round();
            let value = SlotValue::Gauge {
                mean: mean.min(max),
                min,
                max,
                count: 30,
            };
            gauge.push(Slot {
                start,
                value,
                quality: Quality::Measured,
            });
            let reading = WattHours(1_234_567.0 + total);
            let value = SlotValue::Counter {
                reading,
                total: WattHours(total),
            };
            counter.push(Slot {
                start,
                value,
                quality: Quality::Measured,
            });
        }
        series.push((external_id.clone(), Quantity::Power, gauge));
        series.push((external_id.clone(), Quantity::Imported, counter));
        devices.push(SeedDevice {
            external_id,
            kind: DeviceKind::Meter,
            name: None,
            serial: None,
        });
    }
    let nowhere = OpenwbConfig {
        host: "127.0.0.1".to_owned(),
        port: 1,
        tls: false,
        pinned_fingerprint: None,
        username: None,
        topic_prefix: None,
        http_port: None,
    };
    SeedData {
        source: (SourceId(Uuid::nil()), "bench".to_owned(), nowhere.into()),
        devices,
        series,
    }
}

/// Numbers with two decimals, the same ones every time.
struct Noise(u64);

impl Noise {
    fn next(&mut self, limit: u32) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 40).unwrap() % (limit * 100)) / 100.0
    }
}

fn day(at: DateTime<Utc>) -> DateTime<Utc> {
    ladebuch_domain::sample::slot_start(at, Duration::from_secs(86_400))
}

fn size(dir: &Path) -> u64 {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum()
}

fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: f64| millis(times[((times.len() - 1) as f64 * share) as usize]);
    format!("median {:.1} ms, p95 {:.1} ms", at(0.5), at(0.95))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
