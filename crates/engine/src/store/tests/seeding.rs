//! A history that is written at once.

use compact_str::CompactString;
use ladebuch_domain::sample::{Slot, SlotValue, Tier};

use super::*;
use crate::OpenError;
use crate::seed::{SeedData, SeedDevice, last_recorded, openwb, seed};

const START: &str = "2026-11-22T00:00:00Z";

/// Some hours of one gauge and one counter, in five-minute slots.
fn hours(hours: i32) -> SeedData {
    let external_id = ExternalId::from("bat/1");
    let step = Tier::FiveMinutes.step();
    let slots = |value: fn(f64) -> SlotValue| -> Vec<Slot> {
        (0..hours * 12)
            .map(|number| Slot {
                start: at(START) + step * number,
                value: value(f64::from(number)),
                quality: Quality::Measured,
            })
            .collect()
    };
    let gauge = slots(|value| SlotValue::Gauge {
        mean: value,
        min: -value,
        max: 100.0,
        count: 30,
    });
    let counter = slots(|value| SlotValue::Counter {
        reading: WattHours(5000.0 + value),
        total: WattHours(value),
    });
    SeedData {
        source: (SOURCE, "Demo".to_owned(), openwb("openwb.local")),
        devices: vec![SeedDevice {
            external_id: external_id.clone(),
            kind: DeviceKind::Battery,
            name: Some(CompactString::from("Battery")),
            serial: None,
        }],
        series: vec![
            (external_id.clone(), Quantity::Soc, gauge),
            (external_id, Quantity::Imported, counter),
        ],
    }
}

#[test]
fn a_seeded_history_is_rolled_up_like_a_recorded_one() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let end = at(START) + TimeDelta::hours(20);
        assert_eq!(last_recorded(dir.path()).await.unwrap(), None);
        seed(dir.path(), hours(20), end).await.unwrap();
        assert_eq!(last_recorded(dir.path()).await.unwrap(), Some(end));

        let store = Store::open(dir.path(), end).await.unwrap().store;
        let seeded = slots(&store).await;
        assert_eq!(seeded.len(), 2 * (240 + 20 + 3));
        sqlx::query("delete from slot where tier > 300")
            .execute(&store.0.writer)
            .await
            .unwrap();
        sqlx::query("delete from watermark where name like 'tier-%00' and name <> 'tier-300'")
            .execute(&store.0.writer)
            .await
            .unwrap();
        store.roll_up(end).await.unwrap();
        assert_eq!(slots(&store).await, seeded);
    });
}

#[test]
fn recording_goes_on_after_a_seeded_history() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let end = at(START) + TimeDelta::hours(1);
        seed(dir.path(), hours(1), end).await.unwrap();
        let store = Store::open(dir.path(), end).await.unwrap().store;
        assert_eq!(store.recorded_until().await.unwrap(), Some(end));
        let tracks = store.tracks().await.unwrap();
        let track = CounterTrack::resumed(WattHours(5011.0), end, WattHours(11.0));
        assert_eq!(
            tracks
                .iter()
                .map(|(_, _, track)| *track)
                .collect::<Vec<_>>(),
            [track]
        );
        let [device] = &store.devices().await.unwrap()[..] else {
            panic!("one device")
        };
        assert_eq!(
            (device.name.as_deref(), device.color_slot),
            (Some("Battery"), 0)
        );
        // A sample of seeded time is not written: there are no others to roll it up with.
        let device = device.clone();
        let sample = TickSample {
            device: device.id,
            ..power(1.0)
        };
        let tick = |slot| Tick {
            devices: vec![],
            samples: vec![sample],
            ..tick(slot)
        };
        let ticks = [tick(end - TimeDelta::from_std(STEP).unwrap()), tick(end)];
        assert_eq!(store.write_ticks(&ticks).await.unwrap().skipped_slots, 1);
    });
}

#[test]
fn a_directory_is_seeded_only_once() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        seed(dir.path(), hours(1), at(START)).await.unwrap();
        let again = seed(dir.path(), hours(1), at(START)).await;
        assert!(matches!(again, Err(OpenError::Store(_))));
    });
}
