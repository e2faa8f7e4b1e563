//! What is found in the data directory, and what becomes of it.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::*;

const NOW: &str = "2026-11-22T13:43:00Z";

fn database(dir: &Path) -> PathBuf {
    dir.join("ladebuch.db")
}

/// Runs SQL on a database that nobody has open.
async fn tamper(file: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Copies the database as a power cut would leave it: whatever is on the disk at this moment.
fn cut_power(from: &Path, to: &Path) {
    for file in ["ladebuch.db", "ladebuch.db-wal"] {
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
}

async fn fill(store: &Store, ticks: i32) {
    let ticks: Vec<Tick> = (0..ticks)
        .map(|number| {
            power_tick(
                at(NOW) + TimeDelta::from_std(STEP).unwrap() * number,
                f64::from(number),
            )
        })
        .collect();
    store.write_ticks(&ticks).await.unwrap();
}

#[test]
fn a_data_directory_is_made_for_its_owner_alone() {
    run(async {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("a/b");
        let opened = Store::open(&dir, at(NOW)).await.unwrap();
        assert_eq!((opened.checked, opened.moved_aside_to), (false, None));
        assert!(opened.store.size_bytes().await > 0);
        assert!(opened.store.quick_check().await.unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&dir).unwrap().permissions().mode() & 0o777,
                0o700
            );
        }
    });
}

#[test]
fn only_one_process_has_a_data_directory() {
    run(async {
        let (dir, store) = fresh(at(NOW)).await;
        let refused = Store::open(dir.path(), at(NOW)).await.unwrap_err();
        assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
        store.close().await;
        Store::open(dir.path(), at(NOW)).await.unwrap();
    });
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    run(async {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        let refused = Store::open(&file.join("data"), at(NOW)).await.unwrap_err();
        assert!(
            matches!(&refused, StoreError::DirectoryNotWritable { .. }),
            "{refused}"
        );
        assert!(refused.to_string().contains("file/data"), "{refused}");
    });
}

#[cfg(unix)]
#[test]
fn a_read_only_directory_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    run(async {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).unwrap();
        // Permissions do not hold for root.
        if fs::write(dir.path().join("probe"), "").is_ok() {
            return;
        }
        let refused = Store::open(dir.path(), at(NOW)).await.unwrap_err();
        assert!(
            matches!(refused, StoreError::DirectoryNotWritable { .. }),
            "{refused}"
        );
    });
}

#[test]
fn a_database_of_a_newer_version_is_left_untouched() {
    run(async {
        let (dir, store) = fresh(at(NOW)).await;
        store.close().await;
        let file = database(dir.path());
        tamper(
            &file,
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'future', true, x'00', 0)",
        )
        .await;
        let before = fs::read(&file).unwrap();
        let refused = Store::open(dir.path(), at(NOW)).await.unwrap_err();
        assert!(
            matches!(refused, StoreError::NewerVersion { .. }),
            "{refused}"
        );
        assert_eq!(fs::read(&file).unwrap(), before);
    });
}

#[test]
fn a_database_of_another_program_is_left_untouched() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let file = database(dir.path());
        tamper(&file, "create table sample (theirs text)").await;
        let before = fs::read(&file).unwrap();
        let refused = Store::open(dir.path(), at(NOW)).await.unwrap_err();
        assert!(matches!(refused, StoreError::NotOurs { .. }), "{refused}");
        assert_eq!(fs::read(&file).unwrap(), before);
    });
}

#[test]
fn a_run_that_was_cut_off_keeps_its_commits_and_is_checked() {
    run(async {
        let (dir, store) = fresh(at(NOW)).await;
        fill(&store, 100).await;
        let cut = tempfile::tempdir().unwrap();
        cut_power(dir.path(), cut.path());
        let opened = Store::open(cut.path(), at(NOW)).await.unwrap();
        assert_eq!((opened.checked, &opened.moved_aside_to), (true, &None));
        assert_eq!(samples(&opened.store).await, samples(&store).await);
        let reopened = restart(cut.path(), opened.store, at(NOW)).await;
        assert_eq!(samples(&reopened).await.len(), 100);
        reopened.end_run(at(NOW)).await.unwrap();
        reopened.close().await;
        let opened = Store::open(cut.path(), at(NOW)).await.unwrap();
        assert!(!opened.checked, "a clean end needs no check");
    });
}

#[test]
fn a_damaged_database_is_moved_aside_with_its_log() {
    run(async {
        let (dir, store) = fresh(at(NOW)).await;
        fill(&store, 2000).await;
        store.close().await;
        let store = Store::open(dir.path(), at(NOW)).await.unwrap().store;
        fill(&store, 2010).await;
        let cut = tempfile::tempdir().unwrap();
        cut_power(dir.path(), cut.path());
        let file = database(cut.path());
        let mut bytes = fs::read(&file).unwrap();
        bytes[8 * 4096..].fill(0xab);
        fs::write(&file, &bytes).unwrap();
        let log = fs::read(cut.path().join("ladebuch.db-wal")).unwrap();
        assert!(!log.is_empty());

        let opened = Store::open(cut.path(), at(NOW)).await.unwrap();
        let moved = cut.path().join("ladebuch.db.damaged-20261122T134300Z");
        assert_eq!(opened.moved_aside_to.as_ref(), Some(&moved));
        assert_eq!(fs::read(&moved).unwrap(), bytes);
        assert_eq!(fs::read(beside(&moved, "-wal")).unwrap(), log);
        assert_eq!(samples(&opened.store).await.len(), 0);
        opened.store.add_source(&source(at(NOW))).await.unwrap();
        fill(&opened.store, 10).await;
    });
}

#[test]
fn a_file_that_is_no_database_is_moved_aside_and_never_replaces_another_one() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        for (suffix, content) in [("", "first".repeat(1000)), ("-2", "second".repeat(1000))] {
            fs::write(database(dir.path()), &content).unwrap();
            let opened = Store::open(dir.path(), at(NOW)).await.unwrap();
            let moved = opened.moved_aside_to.unwrap();
            let name = format!("ladebuch.db.damaged-20261122T134300Z{suffix}");
            assert_eq!(moved.file_name().unwrap().to_str(), Some(name.as_str()));
            assert_eq!(fs::read_to_string(moved).unwrap(), content);
            opened.store.close().await;
        }
    });
}

#[test]
fn an_empty_file_is_no_damage() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        fs::write(database(dir.path()), "").unwrap();
        assert_eq!(
            Store::open(dir.path(), at(NOW))
                .await
                .unwrap()
                .moved_aside_to,
            None
        );
    });
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", file.display()))
}
