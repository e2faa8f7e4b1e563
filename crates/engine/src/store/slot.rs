//! Slots of the coarse tiers as rows.

use ladebuch_domain::ids::SeriesId;
use ladebuch_domain::sample::{Slot, SlotValue, Tier};
use ladebuch_domain::units::WattHours;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::StoreError;
use super::column::{instant, quality, quality_code};

/// Rows of one insert; SQLite takes 32,766 values in one statement.
const ROWS_PER_INSERT: usize = 1000;

/// A row of `slot`, or one of `sample` in the same shape.
#[derive(sqlx::FromRow)]
pub(super) struct SlotRow {
    pub series_id: i64,
    ts: i64,
    mean: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    count: Option<i64>,
    reading: Option<f64>,
    total: Option<f64>,
    quality: i64,
}

impl SlotRow {
    pub(super) fn slot(&self) -> Result<Slot, StoreError> {
        let value = match *self {
            Self {
                reading: Some(reading),
                total: Some(total),
                ..
            } => SlotValue::Counter {
                reading: WattHours(reading),
                total: WattHours(total),
            },
            Self {
                mean: Some(mean),
                min: Some(min),
                max: Some(max),
                count: Some(count),
                ..
            } => SlotValue::Gauge {
                mean,
                min,
                max,
                count: u32::try_from(count).unwrap_or(u32::MAX),
            },
            _ => return Err(StoreError::content("slot", "neither a gauge nor a counter")),
        };
        Ok(Slot {
            start: instant(self.ts)?,
            value,
            quality: quality(self.quality),
        })
    }
}

/// Writes slots of one tier. A slot that is there already is made anew from the same samples.
pub(super) async fn write_slots(
    connection: &mut SqliteConnection,
    tier: Tier,
    slots: &[(SeriesId, Slot)],
) -> Result<(), StoreError> {
    // Apart, each kind has the same few columns in every row, so that its statement stays prepared.
    let (counters, gauges): (Vec<_>, Vec<_>) = slots
        .iter()
        .partition(|(_, slot)| matches!(slot.value, SlotValue::Counter { .. }));
    for slots in gauges.chunks(ROWS_PER_INSERT) {
        insert_gauges(connection, tier, slots).await?;
    }
    for slots in counters.chunks(ROWS_PER_INSERT) {
        insert_counters(connection, tier, slots).await?;
    }
    Ok(())
}

async fn insert_gauges(
    connection: &mut SqliteConnection,
    tier: Tier,
    slots: &[&(SeriesId, Slot)],
) -> Result<(), StoreError> {
    let mut insert = QueryBuilder::<Sqlite>::new(
        "insert into slot (tier, series_id, ts, mean, min, max, count, quality) ",
    );
    insert.push_values(slots, |mut row, (SeriesId(series), slot)| {
        let SlotValue::Gauge {
            mean,
            min,
            max,
            count,
        } = slot.value
        else {
            return;
        };
        row.push_bind(tier.seconds())
            .push_bind(*series)
            .push_bind(slot.start.timestamp_millis())
            .push_bind(mean)
            .push_bind(min)
            .push_bind(max)
            .push_bind(i64::from(count))
            .push_bind(quality_code(slot.quality));
    });
    insert.push(
        " on conflict (tier, series_id, ts) do update set
            mean = excluded.mean, min = excluded.min, max = excluded.max,
            count = excluded.count, quality = excluded.quality",
    );
    insert.build().execute(connection).await?;
    Ok(())
}

async fn insert_counters(
    connection: &mut SqliteConnection,
    tier: Tier,
    slots: &[&(SeriesId, Slot)],
) -> Result<(), StoreError> {
    let mut insert = QueryBuilder::<Sqlite>::new(
        "insert into slot (tier, series_id, ts, reading, total, quality) ",
    );
    insert.push_values(slots, |mut row, (SeriesId(series), slot)| {
        let SlotValue::Counter { reading, total } = slot.value else {
            return;
        };
        row.push_bind(tier.seconds())
            .push_bind(*series)
            .push_bind(slot.start.timestamp_millis())
            .push_bind(reading.get())
            .push_bind(total.get())
            .push_bind(quality_code(slot.quality));
    });
    insert.push(
        " on conflict (tier, series_id, ts) do update set
            reading = excluded.reading, total = excluded.total, quality = excluded.quality",
    );
    insert.build().execute(connection).await?;
    Ok(())
}
