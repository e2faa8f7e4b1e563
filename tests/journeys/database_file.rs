//! A database that this version cannot use: it is kept, and its owner is told.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use ladebuch_engine::clock::Clock as _;
use ladebuch_tests::clock::ManualClock;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::{House, SOON};
use ladebuch_tests::program::Start;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::noon;

/// A database with one migration of the year 2999.
const NEWER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/database/newer.sqlite"
);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused_and_left_untouched() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("ladebuch.db");
    fs::copy(NEWER, &file).unwrap();
    let mut server = Start::new(dir.path()).spawn();
    let status = server.ended(SOON).await;
    assert!(status.code().is_some_and(|code| code != 0), "{status}");
    let said = server.said();
    assert!(said.contains("newer version of Ladebuch"), "{said}");
    assert_eq!(fs::read(&file).unwrap(), fs::read(NEWER).unwrap());
    let log = fs::metadata(dir.path().join("ladebuch.db-wal")).map_or(0, |file| file.len());
    assert_eq!(log, 0, "nothing waits beside it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_is_moved_aside_and_kept() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("ladebuch.db");
    let garbage = vec![0xa5; 20_000];
    fs::write(&file, &garbage).unwrap();
    let house = House::open(dir.path(), ManualClock::new(noon())).await;
    let moved = moved_aside(&house).await.expect("a notice of the damage");
    assert_eq!(
        moved,
        dir.path().join("ladebuch.db.damaged-20261122T120000Z")
    );
    assert_eq!(fs::read(&moved).unwrap(), garbage);
    house.stop().await;
    assert!(file.exists(), "a new one was begun");
}

/// Damage deep in the file does not show when it is opened. It is found while running, and what
/// the notice says about a restart is true.
#[tokio::test(flavor = "multi_thread")]
async fn damage_deep_in_the_file_is_found_told_and_moved_aside_at_the_next_start() {
    let dir = TempDir::new().unwrap();
    let clock = ManualClock::new(noon());
    let house = House::open(dir.path(), clock.clone()).await;
    house
        .api
        .patch(
            "/api/v1/settings",
            &json!({"recording": {"raw_retention_days": 7}}),
        )
        .await;
    house.stop().await;
    spoil(&dir.path().join("ladebuch.db"));

    clock.advance(TimeDelta::hours(1));
    let house = House::open(dir.path(), clock.clone()).await;
    if moved_aside(&house).await.is_none() {
        eventually(SOON, "the damage is told", async || {
            let status = house.api.get("/api/v1/status").await;
            let told = notice(&status, "database_damaged").is_some();
            (status["database"]["state"] == "damaged" && told).then_some(())
        })
        .await;
        house.stop().await;
        clock.advance(TimeDelta::hours(1));
        let house = House::open(dir.path(), clock.clone()).await;
        let moved = moved_aside(&house)
            .await
            .expect("a restart moves the file aside");
        assert!(moved.exists());
        house.stop().await;
    }
    assert!(clock.now() > noon());
}

/// Overwrites the last pages of the file.
fn spoil(file: &Path) {
    let length = fs::metadata(file).unwrap().len();
    let pages = length / 4096;
    assert!(pages > 10, "a database with its tables");
    let mut file = File::options().write(true).open(file).unwrap();
    file.seek(SeekFrom::Start((pages - 3) * 4096)).unwrap();
    file.write_all(&vec![0xa5; 3 * 4096]).unwrap();
}

fn notice<'a>(status: &'a Value, code: &str) -> Option<&'a Value> {
    status["notices"]
        .as_array()?
        .iter()
        .find(|notice| notice["code"] == code)
}

/// Where the status says that the damaged file went; there is a notice then too.
async fn moved_aside(house: &House) -> Option<PathBuf> {
    let status = house.api.get("/api/v1/status").await;
    let path = status["database"]["moved_aside_to"].as_str()?;
    let notice = notice(&status, "database_moved_aside").expect("a notice");
    assert!(
        notice["detail"].as_str().unwrap().contains(path),
        "{notice}"
    );
    Some(PathBuf::from(path))
}
