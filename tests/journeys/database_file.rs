//! A database that this version cannot use: it is kept, and its owner is told.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use ladebuch_tests::clock::ManualClock;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::{House, SOON};
use ladebuch_tests::program::Start;
use ladebuch_tests::scene::Scene;
use serde_json::Value;
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

/// Damage among the samples does not show when the file is opened. It is found while running, and
/// what the notice says about a restart is true.
#[tokio::test(flavor = "multi_thread")]
async fn damage_deep_in_the_file_is_told_and_a_restart_moves_the_file_aside() {
    let scene = Scene::begin(noon(), 10).await;
    let mut pages_at_first = 0;
    let scene = scene.restart_after(|dir| pages_at_first = pages(dir)).await;
    scene.connected().await;
    scene.slots(120).await;
    let scene = scene
        .restart_after(|dir| {
            assert!(
                pages(dir) > pages_at_first + 4,
                "samples fill pages of their own"
            );
            spoil(dir, pages_at_first + 1);
        })
        .await;
    assert_eq!(moved_aside(&scene.house).await, None);
    eventually(SOON, "the damage is told", async || {
        let status = scene.house.api.get("/api/v1/status").await;
        let told = notice(&status, "database_damaged").is_some();
        (status["database"]["state"] == "damaged" && told).then_some(())
    })
    .await;
    assert_eq!(scene.house.api.get("/health").await["status"], "ok");

    let scene = scene.restart_after(|_| ()).await;
    let moved = moved_aside(&scene.house).await;
    let moved = moved.expect("a restart moves the file aside");
    assert!(fs::metadata(moved).unwrap().len() > 0);
    // Everything begins anew, the connection too.
    scene.house.connect(scene.sim.addr()).await;
    scene.connected().await;
    scene.slots(2).await;
    let status = scene.house.api.get("/api/v1/status").await;
    assert_eq!(status["recorder"]["state"], "recording");
}

const PAGE: u64 = 4096;

/// Pages of the closed database.
fn pages(dir: &Path) -> u64 {
    fs::metadata(dir.join("ladebuch.db")).unwrap().len() / PAGE
}

/// Overwrites one page.
fn spoil(dir: &Path, page: u64) {
    let mut file = File::options()
        .write(true)
        .open(dir.join("ladebuch.db"))
        .unwrap();
    file.seek(SeekFrom::Start(page * PAGE)).unwrap();
    file.write_all(&vec![0xa5; usize::try_from(PAGE).unwrap()])
        .unwrap();
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
