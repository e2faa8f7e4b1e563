//! The store on a real file.

mod charge_log;
mod commands;
mod elli;
mod opening;
mod prices;
mod seeding;
mod tiers;
mod writing;

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::ids::{DeviceId, ExternalId, SourceId};
use ladebuch_domain::sample::{Advance, CounterTrack, Quality};
use ladebuch_domain::units::WattHours;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

pub(crate) const SOURCE: SourceId = SourceId(Uuid::from_u128(1));
pub(crate) const DEVICE: DeviceId = DeviceId(Uuid::from_u128(2));
pub(crate) const STEP: Duration = Duration::from_secs(10);

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test)
}

/// A store with one source, in a directory that goes away with it.
pub(crate) async fn fresh(now: DateTime<Utc>) -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), now).await.unwrap().store;
    store.add_source(&source(now)).await.unwrap();
    (dir, store)
}

/// Closes the store and opens it anew.
pub(crate) async fn restart(dir: &Path, store: Store, now: DateTime<Utc>) -> Store {
    store.end_run(now).await.unwrap();
    store.close().await;
    Store::open(dir, now).await.unwrap().store
}

pub(crate) fn source(created: DateTime<Utc>) -> StoredSource {
    StoredSource {
        id: SOURCE,
        kind: "openwb".to_owned(),
        name: "Home".to_owned(),
        config: "{}".to_owned(),
        created,
    }
}

pub(crate) fn device() -> KnownDevice {
    KnownDevice {
        id: DEVICE,
        source: SOURCE,
        external_id: ExternalId::from("counter/1"),
        kind: DeviceKind::Grid,
        name: Some("Grid".into()),
        serial: None,
        linked_to: None,
        color_slot: 0,
    }
}

/// A slot of which nothing is known yet.
pub(crate) fn tick(slot: DateTime<Utc>) -> Tick {
    Tick {
        slot,
        step: STEP,
        devices: vec![device()],
        samples: Vec::new(),
        gaps: Vec::new(),
        counter_events: Vec::new(),
    }
}

pub(crate) fn power(value: f64) -> TickSample {
    TickSample {
        device: DEVICE,
        quantity: Quantity::Power,
        value,
        total: None,
        quality: Quality::Measured,
    }
}

/// A slot with one power value.
pub(crate) fn power_tick(slot: DateTime<Utc>, value: f64) -> Tick {
    Tick {
        samples: vec![power(value)],
        ..tick(slot)
    }
}

/// Follows the grid meter's import as the recorder does.
#[derive(Default)]
pub(crate) struct Import(Option<CounterTrack>);

impl Import {
    /// Goes on where the store ends.
    pub async fn resume(store: &Store) -> Self {
        let tracks: HashMap<_, _> = store
            .tracks()
            .await
            .unwrap()
            .into_iter()
            .map(|(device, quantity, track)| ((device, quantity), track))
            .collect();
        Self(tracks.get(&(DEVICE, Quantity::Imported)).copied())
    }

    /// The slot at whose end the meter shows `reading`.
    pub fn tick(&mut self, slot: DateTime<Utc>, reading: f64) -> Tick {
        let (end, reading) = (
            slot + TimeDelta::from_std(STEP).unwrap(),
            WattHours(reading),
        );
        let track = self
            .0
            .get_or_insert_with(|| CounterTrack::new(reading, end));
        let elapsed = (end - track.at).to_std().unwrap();
        let mut tick = tick(slot);
        let mut quality = Quality::Measured;
        let mut event = |kind, before| {
            let (device, quantity, after) = (DEVICE, Quantity::Imported, reading);
            tick.counter_events.push(CounterEvent {
                device,
                quantity,
                at: end,
                kind,
                before,
                after,
            });
        };
        match track.advance(reading, end, elapsed, STEP) {
            Advance::Measured => {}
            Advance::Recovered => quality = Quality::Recovered,
            Advance::Reset { before } => event(CounterEventKind::Reset, before),
            Advance::Jump { before } => event(CounterEventKind::Jump, before),
        }
        tick.samples.push(TickSample {
            device: DEVICE,
            quantity: Quantity::Imported,
            value: reading.get(),
            total: Some(track.total),
            quality,
        });
        tick
    }
}

/// Everything that a table holds, in the order of its columns.
pub(crate) async fn rows(store: &Store, query: &'static str) -> Vec<Vec<Option<f64>>> {
    use sqlx::Row;
    let rows = sqlx::query(query).fetch_all(&store.0.writer).await.unwrap();
    rows.iter()
        .map(|row| {
            (0..row.len())
                .map(|column| row.try_get_unchecked(column).unwrap())
                .collect()
        })
        .collect()
}

pub(crate) async fn samples(store: &Store) -> Vec<Vec<Option<f64>>> {
    rows(
        store,
        "select series_id, ts, value, total, quality from sample order by ts, series_id",
    )
    .await
}

pub(crate) async fn slots(store: &Store) -> Vec<Vec<Option<f64>>> {
    rows(
        store,
        "select tier, series_id, ts, mean, min, max, count, reading, total, quality from slot
         order by tier, series_id, ts",
    )
    .await
}
