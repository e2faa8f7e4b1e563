//! What the recorder writes: everything of one slot in one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::PoisonError;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ladebuch_domain::device::Quantity;
use ladebuch_domain::ids::{DeviceId, SeriesId, SourceId};
use ladebuch_domain::sample::{Quality, Tier, slot_start};
use ladebuch_domain::units::WattHours;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::column::{millis, quality_code};
use super::watermark::{self, Watermark, Watermarks};
use super::{KnownDevice, Store, StoreError, grid};

/// Rows of one insert; SQLite takes 32,766 values in one statement.
const ROWS_PER_INSERT: usize = 1000;

/// Everything that belongs to one slot of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Start of the slot.
    pub slot: DateTime<Utc>,
    /// Length of the slot.
    pub step: Duration,
    /// Devices that are new, or have changed.
    pub devices: Vec<KnownDevice>,
    /// What was seen at the end of the slot.
    pub samples: Vec<TickSample>,
    /// What could not be seen.
    pub gaps: Vec<GapSpan>,
    /// Counters that did something else than rise.
    pub counter_events: Vec<CounterEvent>,
}

/// One series' value in a slot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TickSample {
    /// Whose value.
    pub device: DeviceId,
    /// Which of its quantities.
    pub quantity: Quantity,
    /// The gauge's value or the counter's reading.
    pub value: f64,
    /// Counters: sum of all rises since recording began.
    pub total: Option<WattHours>,
    /// How sure it is.
    pub quality: Quality,
}

/// A span in which something is not known. One that is written again with a later end grows.
#[derive(Clone, Debug, PartialEq)]
pub struct GapSpan {
    /// The source it is about; with no device either, it is about everything.
    pub source: Option<SourceId>,
    /// The device it is about.
    pub device: Option<DeviceId>,
    /// Why.
    pub cause: GapCause,
    /// When it begins.
    pub from: DateTime<Utc>,
    /// When it ends, as far as is known.
    pub until: DateTime<Utc>,
}

/// Why something could not be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapCause {
    /// Ladebuch did not run.
    RecorderOff,
    /// The source was offline, or its box silent.
    SourceOffline,
    /// The source lives but does not tell this value.
    ValueUnknown,
    /// The computer's clock showed a time that was recorded already.
    ClockSetBack,
    /// The database could not be written.
    WriteFailed,
}

impl GapCause {
    const ALL: [Self; 5] = [
        Self::RecorderOff,
        Self::SourceOffline,
        Self::ValueUnknown,
        Self::ClockSetBack,
        Self::WriteFailed,
    ];

    /// Stable name, used in the store and the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RecorderOff => "recorder_off",
            Self::SourceOffline => "source_offline",
            Self::ValueUnknown => "value_unknown",
            Self::ClockSetBack => "clock_set_back",
            Self::WriteFailed => "write_failed",
        }
    }

    pub(super) fn from_name(name: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|cause| cause.name() == name)
            .ok_or_else(|| StoreError::content("cause of a gap", name))
    }
}

/// A counter did something else than rise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CounterEvent {
    /// Whose counter.
    pub device: DeviceId,
    /// Which one.
    pub quantity: Quantity,
    /// When it was noticed.
    pub at: DateTime<Utc>,
    /// What it did.
    pub kind: CounterEventKind,
    /// Reading before.
    pub before: WattHours,
    /// Reading after.
    pub after: WattHours,
}

/// What a counter did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterEventKind {
    /// It fell.
    Reset,
    /// It rose by more than any house can use.
    Jump,
}

impl CounterEventKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Jump => "jump",
        }
    }

    pub(super) fn from_name(name: &str) -> Result<Self, StoreError> {
        match name {
            "reset" => Ok(Self::Reset),
            "jump" => Ok(Self::Jump),
            _ => Err(StoreError::content("counter event", name)),
        }
    }
}

/// What came of writing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Samples that were left out because their series has one in that slot already, or because
    /// raw samples of that time have been purged.
    pub skipped_slots: usize,
}

impl Store {
    /// Writes ticks in one transaction: all of them or, on an error, none. Writing the same again
    /// changes nothing, and a sample that is stored is never replaced.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn write_ticks(&self, ticks: &[Tick]) -> Result<Written, StoreError> {
        let mut tx = self.begin().await?;
        let watermarks = Watermarks::read(&mut tx).await?;
        let raw_from = watermarks.get(Watermark::Raw).unwrap_or(i64::MIN);
        for tick in ticks {
            for device in &tick.devices {
                write_device(&mut tx, device, tick.slot).await?;
            }
        }
        let new_series = self.new_series(&mut tx, ticks).await?;
        let series_id = |device, quantity| self.series_id(&new_series, device, quantity);

        let mut rows = Vec::new();
        let mut skipped = 0;
        for tick in ticks {
            let ts = tick.slot.timestamp_millis();
            if ts < raw_from {
                skipped += tick.samples.len();
                continue;
            }
            for sample in &tick.samples {
                let id = series_id(sample.device, sample.quantity)?;
                rows.push((id, ts, sample));
            }
            if !tick.samples.is_empty() {
                grid::note(&mut tx, ts, millis(tick.step)).await?;
            }
            // A slot that was written late is rolled up again.
            for tier in Tier::ALL {
                let step = tier.step().to_std().unwrap_or_default();
                let start = slot_start(tick.slot, step).timestamp_millis();
                if start < watermarks.rolled_until(tier) {
                    watermark::lower(&mut tx, Watermark::Tier(tier), start).await?;
                }
            }
        }
        for rows in rows.chunks(ROWS_PER_INSERT) {
            let inserted = insert_samples(&mut tx, rows).await?;
            skipped += rows.len() - usize::try_from(inserted).unwrap_or(rows.len());
        }
        for tick in ticks {
            for gap in &tick.gaps {
                write_gap(&mut tx, gap).await?;
            }
            for event in &tick.counter_events {
                let id = series_id(event.device, event.quantity)?;
                write_counter_event(&mut tx, id, event).await?;
            }
        }
        let end = ticks
            .iter()
            .map(|tick| {
                tick.slot
                    .timestamp_millis()
                    .saturating_add(millis(tick.step))
            })
            .max();
        if let Some(end) = end {
            watermark::raise(&mut tx, Watermark::Recorded, end).await?;
            sqlx::query("update run set last_seen = $1 where id = $2 and last_seen < $1")
                .bind(end)
                .bind(self.0.run)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        // Only now do they exist for good.
        self.0
            .series
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(new_series);
        Ok(Written {
            skipped_slots: skipped,
        })
    }

    /// The clock was set back to `now`: that Ladebuch did not run in the time after it was a
    /// mistake of the clock. Samples stay as they are.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn clock_went_back(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let now = now.timestamp_millis();
        let cause = GapCause::RecorderOff.name();
        let mut tx = self.begin().await?;
        sqlx::query("delete from gap where cause = $1 and from_ts >= $2")
            .bind(cause)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        sqlx::query("update gap set until_ts = $2 where cause = $1 and until_ts > $2")
            .bind(cause)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        watermark::lower(&mut tx, Watermark::Recorded, now).await?;
        Ok(tx.commit().await?)
    }

    fn series_id(
        &self,
        new: &HashMap<(DeviceId, Quantity), SeriesId>,
        device: DeviceId,
        quantity: Quantity,
    ) -> Result<SeriesId, StoreError> {
        let key = (device, quantity);
        let known = self.0.series.lock().unwrap_or_else(PoisonError::into_inner);
        new.get(&key)
            .or_else(|| known.get(&key))
            .copied()
            .ok_or_else(|| StoreError::content("known series", quantity.name()))
    }

    /// Finds or makes the series that no tick had before.
    async fn new_series(
        &self,
        connection: &mut SqliteConnection,
        ticks: &[Tick],
    ) -> Result<HashMap<(DeviceId, Quantity), SeriesId>, StoreError> {
        let needed: HashSet<(DeviceId, Quantity)> = {
            let known = self.0.series.lock().unwrap_or_else(PoisonError::into_inner);
            let samples = ticks.iter().flat_map(|tick| &tick.samples);
            let events = ticks.iter().flat_map(|tick| &tick.counter_events);
            samples
                .map(|sample| (sample.device, sample.quantity))
                .chain(events.map(|event| (event.device, event.quantity)))
                .filter(|key| !known.contains_key(key))
                .collect()
        };
        let mut found = HashMap::with_capacity(needed.len());
        for (device, quantity) in needed {
            found.insert(
                (device, quantity),
                ensure_series(connection, device, quantity).await?,
            );
        }
        Ok(found)
    }
}

pub(super) async fn ensure_series(
    connection: &mut SqliteConnection,
    device: DeviceId,
    quantity: Quantity,
) -> Result<SeriesId, StoreError> {
    let device = device.to_string();
    sqlx::query(
        "insert into series (device_id, quantity) values ($1, $2)
         on conflict (device_id, quantity) do nothing",
    )
    .bind(&device)
    .bind(quantity.name())
    .execute(&mut *connection)
    .await?;
    let id = sqlx::query_scalar("select id from series where device_id = $1 and quantity = $2")
        .bind(&device)
        .bind(quantity.name())
        .fetch_one(connection)
        .await?;
    Ok(SeriesId(id))
}

pub(super) async fn write_device(
    connection: &mut SqliteConnection,
    device: &KnownDevice,
    created: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into device (id, kind, name, serial, color_slot, created)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do update set
            kind = excluded.kind, name = excluded.name, serial = excluded.serial,
            color_slot = excluded.color_slot",
    )
    .bind(device.id.to_string())
    .bind(device.kind.name())
    .bind(device.name.as_deref())
    .bind(device.serial.as_deref())
    .bind(i64::from(device.color_slot))
    .bind(created.timestamp_millis())
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "insert into device_alias (source_id, external_id, device_id) values ($1, $2, $3)
         on conflict (source_id, external_id) do update set device_id = excluded.device_id",
    )
    .bind(device.source.to_string())
    .bind(device.external_id.as_str())
    .bind(device.id.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_samples(
    connection: &mut SqliteConnection,
    rows: &[(SeriesId, i64, &TickSample)],
) -> Result<u64, StoreError> {
    let mut insert =
        QueryBuilder::<Sqlite>::new("insert into sample (series_id, ts, value, total, quality) ");
    insert.push_values(rows, |mut row, (SeriesId(series), ts, sample)| {
        row.push_bind(*series)
            .push_bind(*ts)
            .push_bind(sample.value)
            .push_bind(sample.total.map(WattHours::get))
            .push_bind(quality_code(sample.quality));
    });
    insert.push(" on conflict (ts, series_id) do nothing");
    Ok(insert.build().execute(connection).await?.rows_affected())
}

async fn write_gap(connection: &mut SqliteConnection, gap: &GapSpan) -> Result<(), StoreError> {
    sqlx::query(
        "insert into gap (source_id, device_id, cause, from_ts, until_ts)
         values ($1, $2, $3, $4, $5)
         on conflict (coalesce(source_id, ''), coalesce(device_id, ''), cause, from_ts)
         do update set until_ts = excluded.until_ts where excluded.until_ts > gap.until_ts",
    )
    .bind(gap.source.map(|id| id.to_string()))
    .bind(gap.device.map(|id| id.to_string()))
    .bind(gap.cause.name())
    .bind(gap.from.timestamp_millis())
    .bind(gap.until.timestamp_millis())
    .execute(connection)
    .await?;
    Ok(())
}

async fn write_counter_event(
    connection: &mut SqliteConnection,
    SeriesId(series): SeriesId,
    event: &CounterEvent,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into counter_event (series_id, ts, kind, before, after)
         values ($1, $2, $3, $4, $5)
         on conflict (series_id, ts) do nothing",
    )
    .bind(series)
    .bind(event.at.timestamp_millis())
    .bind(event.kind.name())
    .bind(event.before.get())
    .bind(event.after.get())
    .execute(connection)
    .await?;
    Ok(())
}
