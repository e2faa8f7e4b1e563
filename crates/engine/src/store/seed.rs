//! Writing a whole history at once, into a data directory that has none: the demo household.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::ids::{DeviceId, ExternalId, SeriesId, SourceId};
use ladebuch_domain::sample::{Slot, Tier, merge, slot_start};

use super::slot::write_slots;
use super::tick::{ensure_series, write_device};
use super::watermark::{self, Watermark};
use super::{KnownDevice, Opened, Store, StoreError, StoredSource, open};
use crate::OpenError;
use crate::live::new_id;
use crate::sources::OpenwbConfig;

/// A household's history.
#[derive(Clone, Debug)]
pub struct SeedData {
    /// The source that is said to have seen it: its identity, name, and how to reach it.
    pub source: (SourceId, String, OpenwbConfig),
    /// Its devices.
    pub devices: Vec<SeedDevice>,
    /// By device and quantity: five-minute slots in order of time. Totals begin at 0.
    pub series: Vec<(ExternalId, Quantity, Vec<Slot>)>,
}

/// A device of [`SeedData`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedDevice {
    /// The source's own name for it.
    pub external_id: ExternalId,
    /// The part it plays.
    pub kind: DeviceKind,
    /// The name its owner gave it.
    pub name: Option<CompactString>,
    /// Its serial number.
    pub serial: Option<CompactString>,
}

/// Writes a history into a data directory, before an engine is opened there. The coarse tiers are
/// made with it. Raw samples there are none.
///
/// # Errors
/// The directory cannot be used, or has that source already.
pub async fn seed(dir: &Path, data: SeedData, now: DateTime<Utc>) -> Result<(), OpenError> {
    let Opened { store, .. } = Store::open(dir, now).await?;
    let seeded = store.seed(data, now).await;
    if seeded.is_ok() {
        store.end_run(now).await?;
    }
    store.close().await;
    Ok(seeded?)
}

/// End of the newest slot that a data directory has; `None` if it has no history.
///
/// # Errors
/// There is a database that this version cannot read.
pub async fn last_recorded(dir: &Path) -> Result<Option<DateTime<Utc>>, OpenError> {
    Ok(open::recorded_until(dir).await?)
}

impl Store {
    async fn seed(&self, data: SeedData, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (source, name, config) = data.source;
        self.add_source(&StoredSource {
            id: source,
            kind: "openwb".to_owned(),
            name,
            config: serde_json::to_string(&config)?,
            created: now,
        })
        .await?;
        let mut tx = self.begin().await?;
        let mut ids: HashMap<ExternalId, DeviceId> = HashMap::new();
        let mut colors: HashMap<DeviceKind, u8> = HashMap::new();
        for device in data.devices {
            let color = colors.entry(device.kind).or_default();
            let device = KnownDevice {
                id: DeviceId(new_id(now)),
                source,
                external_id: device.external_id,
                kind: device.kind,
                name: device.name,
                serial: device.serial,
                color_slot: *color,
            };
            *color = color.saturating_add(1);
            write_device(&mut tx, &device, now).await?;
            ids.insert(device.external_id, device.id);
        }
        let mut series = Vec::with_capacity(data.series.len());
        for (device, quantity, slots) in data.series {
            let Some(&id) = ids.get(&device) else {
                return Err(StoreError::content("device of the seed", device.as_str()));
            };
            series.push((ensure_series(&mut tx, id, quantity).await?, slots));
        }
        let step = Tier::FiveMinutes.step();
        let end = series
            .iter()
            .filter_map(|(_, slots)| slots.last())
            .map(|slot| slot.start + step)
            .max();
        // Tier by tier and series by series is the order of the table's key: pages are filled to
        // the brim, one after the other.
        for tier in Tier::ALL {
            for (id, slots) in &mut series {
                if tier != Tier::FiveMinutes {
                    *slots = coarser(slots, tier, end);
                }
                let rows: Vec<(SeriesId, Slot)> = slots.iter().map(|slot| (*id, *slot)).collect();
                write_slots(&mut tx, tier, &rows).await?;
            }
        }
        if let Some(end) = end {
            for tier in Tier::ALL {
                let until = slot_start(end, tier.step().to_std().unwrap_or_default());
                let until = until.timestamp_millis();
                watermark::set(&mut tx, Watermark::Tier(tier), until).await?;
            }
            watermark::set(&mut tx, Watermark::Recorded, end.timestamp_millis()).await?;
            watermark::set(&mut tx, Watermark::Raw, end.timestamp_millis()).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Merges the slots of one series into those of a coarser tier that are complete at `end`.
fn coarser(slots: &[Slot], tier: Tier, end: Option<DateTime<Utc>>) -> Vec<Slot> {
    let step = tier.step();
    let start = |slot: &Slot| slot_start(slot.start, step.to_std().unwrap_or_default());
    slots
        .chunk_by(|a, b| start(a) == start(b))
        .filter_map(|slots| merge(start(slots.first()?), slots))
        .filter(|slot| end.is_some_and(|end| slot.start + step <= end))
        .collect()
}
