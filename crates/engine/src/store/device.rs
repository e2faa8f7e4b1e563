//! Devices, under which names sources see them, and where their counters stand.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::ids::{DeviceId, ExternalId, SourceId};
use ladebuch_domain::sample::{CounterTrack, Tier};
use ladebuch_domain::units::WattHours;

use super::column::{device_id, device_kind, instant, quantity, source_id};
use super::grid::Grids;
use super::watermark::{Watermark, Watermarks};
use super::{Store, StoreError};

/// A device as one source sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDevice {
    /// Its identity.
    pub id: DeviceId,
    /// The source that sees it.
    pub source: SourceId,
    /// The source's own name for it.
    pub external_id: ExternalId,
    /// The part it plays.
    pub kind: DeviceKind,
    /// The name its owner gave it.
    pub name: Option<CompactString>,
    /// Its serial number.
    pub serial: Option<CompactString>,
    /// The charge point of another source that is the same box.
    pub linked_to: Option<DeviceId>,
    /// Place in the palette of its kind.
    pub color_slot: u8,
}

#[derive(sqlx::FromRow)]
struct DeviceRow {
    id: String,
    source_id: String,
    external_id: String,
    kind: String,
    name: Option<String>,
    serial: Option<String>,
    linked_to: Option<String>,
    color_slot: i64,
}

#[derive(sqlx::FromRow)]
struct CounterRow {
    device_id: String,
    quantity: String,
    ts: i64,
    reading: f64,
    total: f64,
}

impl Store {
    /// Every device that any source ever showed, once for each source.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn devices(&self) -> Result<Vec<KnownDevice>, StoreError> {
        let rows: Vec<DeviceRow> = sqlx::query_as(
            "select d.id, a.source_id, a.external_id, d.kind, d.name, d.serial, d.color_slot,
                l.point_id as linked_to
             from device_alias a join device d on d.id = a.device_id
             left join device_link l on l.station_id = d.id
             order by d.created, d.id",
        )
        .fetch_all(&self.0.readers)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(KnownDevice {
                    id: device_id(&row.id)?,
                    source: source_id(&row.source_id)?,
                    external_id: ExternalId::from(row.external_id.as_str()),
                    kind: device_kind(&row.kind)?,
                    name: row.name.map(CompactString::from),
                    serial: row.serial.map(CompactString::from),
                    linked_to: row.linked_to.as_deref().map(device_id).transpose()?,
                    color_slot: u8::try_from(row.color_slot).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Where every counter stood at the end of its last slot.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn tracks(&self) -> Result<Vec<(DeviceId, Quantity, CounterTrack)>, StoreError> {
        let mut tx = self.0.readers.begin().await?;
        let rolled = Watermarks::read(&mut tx)
            .await?
            .rolled_until(Tier::FiveMinutes);
        // "cross join" keeps SQLite from walking through all slots to find the last ones.
        let coarse: Vec<CounterRow> = sqlx::query_as(
            "select s.device_id, s.quantity, t.ts, t.reading, t.total
             from series s
             cross join slot t
             where t.tier = $1 and t.series_id = s.id and t.total is not null
                and t.ts = (select max(ts) from slot where tier = $1 and series_id = s.id)",
        )
        .bind(Tier::FiveMinutes.seconds())
        .fetch_all(&mut *tx)
        .await?;
        let step = Tier::FiveMinutes.step();
        let mut tracks = HashMap::new();
        for row in coarse {
            let end = instant(row.ts)? + step;
            tracks.insert((row.device_id, row.quantity), (end, row.reading, row.total));
        }
        // Raw samples of that slot and after it tell more.
        let raw: Vec<CounterRow> = sqlx::query_as(
            "select s.device_id, s.quantity, r.ts, r.value as reading, r.total
             from sample r join series s on s.id = r.series_id
             where r.ts >= $1 and r.total is not null
             order by r.ts",
        )
        .bind(rolled.saturating_sub(step.num_milliseconds()))
        .fetch_all(&mut *tx)
        .await?;
        let grids = Grids::read(&mut tx).await?;
        for row in raw {
            let end = instant(row.ts + grids.step_at(row.ts))?;
            tracks.insert((row.device_id, row.quantity), (end, row.reading, row.total));
        }
        tracks
            .into_iter()
            .map(|((device, name), (at, reading, total))| {
                let track = CounterTrack::resumed(WattHours(reading), at, WattHours(total));
                Ok((device_id(&device)?, quantity(&name)?, track))
            })
            .collect()
    }

    /// End of the newest recorded slot.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn recorded_until(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut connection = self.0.readers.acquire().await?;
        let watermarks = Watermarks::read(&mut connection).await?;
        watermarks.get(Watermark::Recorded).map(instant).transpose()
    }
}
