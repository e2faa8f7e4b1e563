//! Coarse slots are what merging raw samples gives, whatever happens in between.

use ladebuch_domain::ids::SeriesId;
use ladebuch_domain::sample::{Slot, SlotValue, Tier, merge, slot_start};
use proptest::prelude::*;

use super::*;

const START: &str = "2026-11-22T00:00:00Z";

fn second(seconds: i64) -> DateTime<Utc> {
    at(START) + TimeDelta::seconds(seconds)
}

/// Samples that lie some slots apart.
fn ticks(samples: &[(i64, f64)]) -> Vec<Tick> {
    let mut now = 0;
    let mut import = Import::default();
    let mut reading = 5000.0;
    samples
        .iter()
        .map(|(apart, value)| {
            now += apart * 10;
            reading += value.abs() / 1000.0;
            let mut tick = import.tick(second(now), reading);
            tick.samples.push(power(*value));
            tick
        })
        .collect()
}

/// Slots of a tier, as merging the ticks' samples at once gives them.
fn merged(ticks: &[Tick], quantity: Quantity, tier: Tier, until: DateTime<Utc>) -> Vec<Slot> {
    let step = tier.step().to_std().unwrap();
    let slots: Vec<Slot> = ticks
        .iter()
        .filter_map(|tick| {
            let sample = tick
                .samples
                .iter()
                .find(|sample| sample.quantity == quantity)?;
            let value = match sample.total {
                Some(total) => SlotValue::Counter {
                    reading: WattHours(sample.value),
                    total,
                },
                None => SlotValue::Gauge {
                    mean: sample.value,
                    min: sample.value,
                    max: sample.value,
                    count: 1,
                },
            };
            Some(Slot {
                start: tick.slot,
                value,
                quality: sample.quality,
            })
        })
        .collect();
    slots
        .chunk_by(|a, b| slot_start(a.start, step) == slot_start(b.start, step))
        .filter_map(|slots| merge(slot_start(slots[0].start, step), slots))
        .filter(|slot| slot.start + tier.step() <= until)
        .collect()
}

async fn assert_rolled_up(store: &Store, ticks: &[Tick], until: DateTime<Utc>) {
    for series in store.series().await.unwrap() {
        for tier in Tier::ALL {
            let stored = stored_slots(store, series.id, tier).await;
            let expected = merged(ticks, series.quantity, tier, until);
            assert_eq!(
                stored.len(),
                expected.len(),
                "{:?} {tier:?}",
                series.quantity
            );
            for (stored, expected) in stored.iter().zip(&expected) {
                assert_same(stored, expected);
            }
        }
    }
}

/// Equal but for what adding in another order does to the last digits.
fn assert_same(stored: &Slot, expected: &Slot) {
    assert_eq!(
        (stored.start, stored.quality),
        (expected.start, expected.quality)
    );
    match (stored.value, expected.value) {
        (
            SlotValue::Gauge {
                mean: a,
                min,
                max,
                count,
            },
            SlotValue::Gauge {
                mean: b,
                min: low,
                max: high,
                count: all,
            },
        ) => {
            assert_eq!((min, max, count), (low, high, all));
            assert!((a - b).abs() < 1e-6);
        }
        (stored, expected) => assert_eq!(stored, expected),
    }
}

async fn stored_slots(store: &Store, SeriesId(series): SeriesId, tier: Tier) -> Vec<Slot> {
    let rows: Vec<crate::store::slot::SlotRow> = sqlx::query_as(
        "select series_id, ts, mean, min, max, count, reading, total, quality from slot
         where series_id = $1 and tier = $2 order by ts",
    )
    .bind(series)
    .bind(tier.seconds())
    .fetch_all(&store.0.writer)
    .await
    .unwrap();
    rows.iter().map(|row| row.slot().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn rolling_up_equals_merging_and_doing_it_again_changes_nothing(
        samples in prop::collection::vec((1..2000_i64, -9000.0..9000.0_f64), 1..200),
        stops in prop::collection::vec(0..200_usize, 0..4),
        late in 0..20_000_i64,
    ) {
        run(async {
            let ticks = ticks(&samples);
            let (dir, mut store) = fresh(at(START)).await;
            // Rolled up whenever, between writes and restarts.
            for (number, tick) in ticks.iter().enumerate() {
                store.write_ticks(std::slice::from_ref(tick)).await.unwrap();
                if stops.contains(&number) {
                    store.roll_up(tick.slot).await.unwrap();
                    store = restart(dir.path(), store, tick.slot).await;
                }
            }
            let until = ticks.last().unwrap().slot + TimeDelta::seconds(late);
            store.roll_up(until).await.unwrap();
            assert_rolled_up(&store, &ticks, until).await;
            let once = slots(&store).await;
            store.roll_up(until).await.unwrap();
            assert_eq!(slots(&store).await, once);
        });
    }
}

#[test]
fn a_sample_that_was_written_late_is_rolled_up_again() {
    run(async {
        let (_dir, store) = fresh(at(START)).await;
        let ticks = ticks(&[(0, 10.0), (1, 20.0), (1, 60.0), (3000, 1.0)]);
        let until = second(24 * 3600);
        store
            .write_ticks(&[ticks[0].clone(), ticks[2].clone(), ticks[3].clone()])
            .await
            .unwrap();
        store.roll_up(until).await.unwrap();
        store.write_ticks(&ticks[1..2]).await.unwrap();
        store.roll_up(until).await.unwrap();
        assert_rolled_up(&store, &ticks, until).await;
    });
}

#[test]
fn raw_samples_go_only_when_they_are_old_and_rolled_up() {
    run(async {
        let (_dir, store) = fresh(at(START)).await;
        // 30 minutes of samples; the first 20 are rolled up.
        let ticks: Vec<Tick> = (0..180)
            .map(|number| {
                power_tick(
                    second(number * 10),
                    f64::from(u8::try_from(number).unwrap()),
                )
            })
            .collect();
        store.write_ticks(&ticks).await.unwrap();
        assert_eq!(store.purge_raw(second(1800)).await.unwrap(), 0);
        store.roll_up(second(1200)).await.unwrap();
        let tiers = slots(&store).await;
        assert_eq!(store.purge_raw(second(600)).await.unwrap(), 60);
        assert_eq!(store.purge_raw(second(1800)).await.unwrap(), 60);
        assert_eq!(store.purge_raw(second(1800)).await.unwrap(), 0);
        assert_eq!(samples(&store).await.len(), 60);
        assert_eq!(slots(&store).await, tiers);
        // What is made of samples that are gone can not be made again.
        let written = store
            .write_ticks(&[power_tick(second(1), 9e9)])
            .await
            .unwrap();
        assert_eq!(written.skipped_slots, 1);
        store.roll_up(second(1800)).await.unwrap();
        assert_eq!(slots(&store).await[..tiers.len()], tiers);
    });
}

#[test]
fn more_than_a_batch_is_purged() {
    run(async {
        let (_dir, store) = fresh(at(START)).await;
        let ticks: Vec<Tick> = (0..12_000)
            .map(|number| power_tick(second(number * 10), 1.0))
            .collect();
        store.write_ticks(&ticks).await.unwrap();
        store.roll_up(second(130_000)).await.unwrap();
        assert_eq!(store.purge_raw(second(130_000)).await.unwrap(), 12_000);
    });
}
