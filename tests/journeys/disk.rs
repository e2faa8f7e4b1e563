//! A disk that is full, and one that cannot be written at all.
//!
//! The server gets a small file system of its own, so that it truly runs out of space.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::time::Duration;

use ladebuch_engine::clock::{Clock as _, SystemClock};
use ladebuch_sim::household::Traffic;
use ladebuch_sim::{SimConfig, Simulation};
use ladebuch_tests::api::Api;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use ladebuch_tests::live_socket::LiveSocket;
use ladebuch_tests::program::Start;
use ladebuch_tests::scene::numbers;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A few slots of five seconds, and the box's cycles of ten.
const SLOTS: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_is_full_values_wait_and_are_written_when_there_is_space() {
    let begun = SystemClock::default().now();
    let config = SimConfig {
        traffic: Traffic::ByHand,
        ..SimConfig::new(begun)
    };
    let sim = Simulation::start(config).await.unwrap();
    let dir = TempDir::new().unwrap();
    let start = Start {
        openwb: Some(sim.addr()),
        own_disk: Some("size=16m,mode=700"),
        ..Start::new(dir.path())
    };
    let server = start.ready().await;
    let disk = server.sees(dir.path());
    let api = server.api(&disk);
    api.patch("/api/v1/settings", &json!({"recording": {"interval_s": 5}}))
        .await;
    recorder(&api, "values are recorded", |recorder| {
        recorder["state"] == "recording"
    })
    .await;

    let ballast = disk.join("ballast");
    fill(&ballast);
    let full = recorder(&api, "the disk is full", |recorder| {
        recorder["problem"]["code"] == "disk_full" && recorder["pending_slots"].as_u64() >= Some(2)
    })
    .await;
    assert_eq!(full["state"], "blocked");
    let detail = full["problem"]["detail"].as_str().unwrap();
    assert!(detail.contains("free some space"), "what to do: {detail}");
    let mut live = LiveSocket::connect(&api).await;
    assert_eq!(live.picture.state(), "live");
    sim.control().set_home_load(Some(1_234.0)).await.unwrap();
    live.until(SLOTS, "the live view goes on", |picture| {
        picture
            .number("home", "power_w")
            .filter(|watts| (watts - 1_234.0).abs() < 1.0)
    })
    .await;

    fs::remove_file(&ballast).unwrap();
    let again = recorder(&api, "everything is written", |recorder| {
        recorder["state"] == "recording" && recorder["pending_slots"] == 0
    })
    .await;
    let series = api.get("/api/v1/series").await;
    let grid = series["series"]
        .as_array()
        .unwrap()
        .iter()
        .find(|series| series["device_kind"] == "grid" && series["quantity"] == "power");
    let grid = grid.unwrap();
    let (from, to) = (
        grid["first_at"].as_str().unwrap(),
        again["last_slot_at"].as_str().unwrap(),
    );
    let query = format!("series={}&from={from}&to={to}&max_points=1500", grid["id"]);
    let history = api.get(&format!("/api/v1/history/power?{query}")).await;
    let means = numbers(&history["series"][0]["mean"]);
    let stored: Vec<_> = means.iter().skip_while(|mean| mean.is_none()).collect();
    assert!(
        stored.len() >= 3 && !stored.contains(&&None),
        "every slot is there: {means:?}"
    );
    assert_eq!(history["gaps"], json!([]));
    sim.stop().await;
}

async fn recorder(api: &Api, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    eventually(SLOTS, what, async || {
        let recorder = api.get("/api/v1/status").await["recorder"].clone();
        is(&recorder).then_some(recorder)
    })
    .await
}

/// Writes until the file system has no space left.
pub(crate) fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        let chunk = vec![0x55; size];
        let error = loop {
            if let Err(error) = file.write_all(&chunk) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_cannot_be_written_ends_the_program_with_a_sentence() {
    let dir = TempDir::new().unwrap();
    let mut server = Start {
        own_disk: Some("ro"),
        ..Start::new(dir.path())
    }
    .spawn();
    let status = server.ended(SOON).await;
    assert!(status.code().is_some_and(|code| code != 0), "{status}");
    let said = server.said();
    assert!(
        said.contains(&dir.path().display().to_string()),
        "which directory:\n{said}"
    );
    assert!(said.contains("Make it writable"), "what to do:\n{said}");
    assert!(!said.contains("panicked"), "{said}");
}
