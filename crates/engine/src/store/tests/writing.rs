//! What is written once, stays.

use proptest::prelude::*;

use super::*;

const NOW: &str = "2026-11-22T13:43:00Z";

fn slot(number: i32) -> DateTime<Utc> {
    at(NOW) + TimeDelta::from_std(STEP).unwrap() * number
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn writing_again_changes_nothing(
        values in prop::collection::vec((0..40_i32, -9000.0..9000.0_f64), 1..60)
    ) {
        run(async {
            let (_dir, store) = fresh(at(NOW)).await;
            let ticks: Vec<Tick> =
                values.iter().map(|(number, value)| power_tick(slot(*number), *value)).collect();
            let first = store.write_ticks(&ticks).await.unwrap();
            let once = samples(&store).await;
            assert_eq!(once.len() + first.skipped_slots, ticks.len());
            let again = store.write_ticks(&ticks).await.unwrap();
            assert_eq!(again.skipped_slots, ticks.len());
            // Neither does writing other values to the same slots.
            let others: Vec<Tick> =
                values.iter().map(|(number, value)| power_tick(slot(*number), value + 1.0)).collect();
            store.write_ticks(&others).await.unwrap();
            assert_eq!(samples(&store).await, once);
        });
    }
}

#[test]
fn a_full_disk_loses_nothing_that_was_committed() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        store
            .write_ticks(&[power_tick(slot(0), 1.0)])
            .await
            .unwrap();
        let pages = rows(&store, "pragma page_count").await[0][0].unwrap();
        let limit = format!("pragma max_page_count = {}", pages + 3.0);
        sqlx::query(sqlx::AssertSqlSafe(limit))
            .execute(&store.0.writer)
            .await
            .unwrap();
        let mut written = 1;
        let error = loop {
            let ticks: Vec<Tick> = (0..50)
                .map(|number| power_tick(slot(written + number), 1.0))
                .collect();
            match store.write_ticks(&ticks).await {
                Ok(_) => written += 50,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, StoreError::DiskFull), "{error:?}");
        assert_eq!(
            samples(&store).await.len(),
            usize::try_from(written).unwrap()
        );
        assert!(store.quick_check().await.unwrap());
        // Once there is space, the same ticks go in.
        sqlx::query("pragma max_page_count = 1000000")
            .execute(&store.0.writer)
            .await
            .unwrap();
        store
            .write_ticks(&[power_tick(slot(written), 1.0)])
            .await
            .unwrap();
    });
}

#[test]
fn a_series_that_was_rolled_back_is_made_again() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        let stranger = TickSample {
            device: DeviceId(Uuid::from_u128(99)),
            ..power(1.0)
        };
        let broken = Tick {
            samples: vec![power(1.0), stranger],
            ..tick(slot(0))
        };
        store.write_ticks(&[broken]).await.unwrap_err();
        store
            .write_ticks(&[power_tick(slot(0), 1.0)])
            .await
            .unwrap();
        assert_eq!(samples(&store).await.len(), 1);
    });
}

#[test]
fn a_database_that_may_not_be_written_says_so() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        sqlx::query("pragma query_only = on")
            .execute(&store.0.writer)
            .await
            .unwrap();
        let error = store
            .write_ticks(&[power_tick(slot(0), 1.0)])
            .await
            .unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly), "{error:?}");
    });
}

#[test]
fn a_gap_grows_and_never_shrinks() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        store
            .write_ticks(&[power_tick(slot(0), 1.0)])
            .await
            .unwrap();
        let ids = [store.series().await.unwrap()[0].id];
        let gap = |source, device, until| GapSpan {
            source,
            device,
            cause: GapCause::SourceOffline,
            from: slot(0),
            until: slot(until),
        };
        for (source, device) in [(None, None), (Some(SOURCE), None), (None, Some(DEVICE))] {
            for until in [1, 3, 2] {
                let gaps = vec![gap(source, device, until)];
                store
                    .write_ticks(&[Tick {
                        gaps,
                        ..tick(slot(until))
                    }])
                    .await
                    .unwrap();
            }
        }
        let gaps = store.gaps(&ids, slot(0), slot(9)).await.unwrap();
        assert_eq!(
            gaps,
            [
                gap(None, None, 3),
                gap(Some(SOURCE), None, 3),
                gap(None, Some(DEVICE), 3),
            ]
        );
        assert_eq!(store.gaps(&ids, slot(3), slot(9)).await.unwrap(), []);
    });
}

#[test]
fn a_gap_of_another_device_does_not_concern_a_series() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        let other = KnownDevice {
            id: DeviceId(Uuid::from_u128(3)),
            external_id: ExternalId::from("bat/2"),
            ..device()
        };
        let gap = GapSpan {
            source: None,
            device: Some(other.id),
            cause: GapCause::ValueUnknown,
            from: slot(0),
            until: slot(1),
        };
        let mut tick = power_tick(slot(0), 1.0);
        tick.devices.push(other);
        tick.gaps.push(gap);
        store.write_ticks(&[tick]).await.unwrap();
        let ids = [store.series().await.unwrap()[0].id];
        assert_eq!(store.gaps(&ids, slot(0), slot(9)).await.unwrap(), []);
    });
}

#[test]
fn devices_keep_their_identity_under_another_name() {
    run(async {
        let (dir, store) = fresh(at(NOW)).await;
        store.write_ticks(&[tick(slot(0))]).await.unwrap();
        let renamed = KnownDevice {
            name: Some("House".into()),
            serial: Some("7".into()),
            ..device()
        };
        let devices = vec![renamed.clone()];
        store
            .write_ticks(&[Tick {
                devices,
                ..tick(slot(1))
            }])
            .await
            .unwrap();
        assert_eq!(
            store.devices().await.unwrap(),
            std::slice::from_ref(&renamed)
        );
        // Its history stays when the source is removed.
        store.remove_source(SOURCE, slot(2)).await.unwrap();
        let store = restart(dir.path(), store, slot(2)).await;
        assert_eq!(store.sources().await.unwrap(), []);
        assert_eq!(store.devices().await.unwrap(), [renamed]);
    });
}

#[test]
fn sources_and_settings_are_kept() {
    run(async {
        let (dir, store) = fresh(at(NOW)).await;
        let moved = StoredSource {
            name: "Garage".to_owned(),
            ..source(at(NOW))
        };
        store.update_source(&moved).await.unwrap();
        assert_eq!(store.settings().await.unwrap(), None);
        store.set_settings("{}").await.unwrap();
        store.set_settings(r#"{"zone":"UTC"}"#).await.unwrap();
        let store = restart(dir.path(), store, slot(1)).await;
        assert_eq!(store.sources().await.unwrap(), [moved]);
        assert_eq!(
            store.settings().await.unwrap().as_deref(),
            Some(r#"{"zone":"UTC"}"#)
        );
    });
}

#[test]
fn counters_and_the_grid_go_on_after_a_restart() {
    run(async {
        let (dir, store) = fresh(at(NOW)).await;
        assert_eq!(store.recorded_until().await.unwrap(), None);
        let mut import = Import::default();
        let ticks = [import.tick(slot(0), 1000.0), import.tick(slot(1), 1002.0)];
        store.write_ticks(&ticks).await.unwrap();
        let store = restart(dir.path(), store, slot(9)).await;
        assert_eq!(store.recorded_until().await.unwrap(), Some(slot(2)));
        let track = CounterTrack::resumed(WattHours(1002.0), slot(2), WattHours(2.0));
        assert_eq!(
            store.tracks().await.unwrap(),
            [(DEVICE, Quantity::Imported, track)]
        );
        // When raw samples are gone, the five-minute slots still know.
        store.roll_up(slot(120)).await.unwrap();
        assert_eq!(store.purge_raw(slot(120)).await.unwrap(), 2);
        let at = super::at("2026-11-22T13:45:00Z");
        assert_eq!(
            store.tracks().await.unwrap(),
            [(
                DEVICE,
                Quantity::Imported,
                CounterTrack::resumed(track.reading, at, track.total)
            )]
        );
    });
}
