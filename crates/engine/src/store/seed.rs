//! Writing a whole history at once, into a database that has none.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ladebuch_domain::device::Quantity;
use ladebuch_domain::ids::{DeviceId, ExternalId, SeriesId};
use ladebuch_domain::sample::{Slot, Tier, merge, slot_start};

use super::slot::write_slots;
use super::tick::{ensure_series, write_device};
use super::watermark::{self, Watermark};
use super::{KnownDevice, Store, StoreError, StoredSource};

impl Store {
    /// Writes a source, its devices and five-minute slots of their series, with the coarser tiers
    /// made of them. Raw samples there are none.
    ///
    /// # Errors
    /// The database cannot be written, or a series names a device that is not there.
    pub async fn seed(
        &self,
        source: &StoredSource,
        devices: Vec<KnownDevice>,
        series_of: Vec<(ExternalId, Quantity, Vec<Slot>)>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.add_source(source).await?;
        let mut tx = self.begin().await?;
        let mut ids: HashMap<ExternalId, DeviceId> = HashMap::new();
        for device in devices {
            write_device(&mut tx, &device, now).await?;
            ids.insert(device.external_id, device.id);
        }
        let mut series = Vec::with_capacity(series_of.len());
        for (device, quantity, slots) in series_of {
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
