//! Gauges over a period, for charts of power and state of charge.

use std::ops::Range;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ladebuch_domain::ids::SeriesId;
use ladebuch_domain::sample::{Slot, SlotValue, Tier};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::column::{instant, quality};
use super::grid::Grids;
use super::push_ids;
use super::watermark::{Watermark, Watermarks};
use super::{Store, StoreError};

/// How finely raw samples lie in a period, and since when there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawGrid {
    /// Longest slot in the period.
    pub step: Duration,
    /// Raw samples before it are gone, or never were.
    pub from: DateTime<Utc>,
}

impl Store {
    /// The grid of raw samples in `[from, to)`; `None` if nothing was ever recorded on one.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn raw_grid(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Option<RawGrid>, StoreError> {
        let mut connection = self.0.readers.acquire().await?;
        let grids = Grids::read(&mut connection).await?;
        let step = grids
            .coarsest(from.timestamp_millis(), to.timestamp_millis())
            .and_then(|step| u64::try_from(step).ok());
        let raw_from = Watermarks::read(&mut connection).await?.get(Watermark::Raw);
        let from = raw_from.map_or(Ok(DateTime::<Utc>::MIN_UTC), instant)?;
        Ok(step.map(|step| RawGrid {
            step: Duration::from_millis(step),
            from,
        }))
    }

    /// Slots of a tier (`None`: raw samples) that start in the period, of each series in order of
    /// time, handed to `take` one by one. What the tier does not have yet comes from finer ones.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn gauges(
        &self,
        series: &[SeriesId],
        tier: Option<Tier>,
        period: Range<DateTime<Utc>>,
        mut take: impl FnMut(SeriesId, Slot),
    ) -> Result<(), StoreError> {
        let mut tx = self.0.readers.begin().await?;
        let watermarks = Watermarks::read(&mut tx).await?;
        let (mut from, to) = (
            period.start.timestamp_millis(),
            period.end.timestamp_millis(),
        );
        let mut next = tier;
        // From coarse to fine, each up to where it is rolled up.
        while let Some(tier) = next.filter(|_| from < to) {
            let until = watermarks.rolled_until(tier).clamp(from, to);
            tier_slots(&mut tx, series, tier, from..until, &mut take).await?;
            from = until;
            next = tier.finer();
        }
        if from < to {
            for (id, slot) in raw_slots(&mut tx, series, from..to).await? {
                take(id, slot);
            }
        }
        Ok(())
    }
}

/// Hands over the slots of a tier.
///
/// A row costs an allocation for each value and a passage from one thread to another, and a year
/// of twenty series has thirty thousand of them. So the database writes the slots of a series into
/// one text of whole numbers: `place,mean,min,max,count,quality;…`. Values are in hundredths, which
/// is finer than any meter.
async fn tier_slots(
    connection: &mut SqliteConnection,
    series: &[SeriesId],
    tier: Tier,
    period: Range<i64>,
    take: &mut impl FnMut(SeriesId, Slot),
) -> Result<(), StoreError> {
    if period.is_empty() {
        return Ok(());
    }
    let step = tier.step().num_milliseconds();
    let base = period.start - period.start.rem_euclid(step);
    let mut query = QueryBuilder::<Sqlite>::new("select series_id, string_agg(((ts - ");
    query.push_bind(base).push(") / ").push_bind(step);
    query.push(
        ") || ',' || cast(round(mean * 100) as bigint)
            || ',' || cast(round(min * 100) as bigint)
            || ',' || cast(round(max * 100) as bigint)
            || ',' || count || ',' || quality, ';' order by ts)
         from slot where tier = ",
    );
    query.push_bind(tier.seconds());
    query
        .push(" and ts >= ")
        .push_bind(period.start)
        .push(" and ts < ")
        .push_bind(period.end);
    query.push(" and mean is not null and series_id in ");
    push_ids(&mut query, series);
    query.push(" group by series_id");
    let rows: Vec<(i64, String)> = query.build_query_as().fetch_all(connection).await?;
    for (id, slots) in rows {
        for text in slots.split(';') {
            let slot = numbers(text).and_then(|[place, mean, min, max, count, code]| {
                let value = SlotValue::Gauge {
                    mean: hundredths(mean),
                    min: hundredths(min),
                    max: hundredths(max),
                    count: u32::try_from(count).ok()?,
                };
                let start = DateTime::from_timestamp_millis(base + place * step)?;
                Some(Slot {
                    start,
                    value,
                    quality: quality(code),
                })
            });
            take(
                SeriesId(id),
                slot.ok_or_else(|| StoreError::content("slot", text))?,
            );
        }
    }
    Ok(())
}

fn numbers<const N: usize>(text: &str) -> Option<[i64; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(',');
    for number in &mut numbers {
        *number = parts.next()?.parse().ok()?;
    }
    Some(numbers)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "powers of a house in hundredths of a watt fit"
)]
fn hundredths(number: i64) -> f64 {
    number as f64 / 100.0
}

/// Raw samples lie in order of time, not of series, so all series are read at once.
async fn raw_slots(
    connection: &mut SqliteConnection,
    series: &[SeriesId],
    period: Range<i64>,
) -> Result<Vec<(SeriesId, Slot)>, StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new(
        "select ts, value, quality, series_id from sample where ts >= ",
    );
    query
        .push_bind(period.start)
        .push(" and ts < ")
        .push_bind(period.end);
    query.push(" and total is null and series_id in ");
    push_ids(&mut query, series);
    query.push(" order by ts");
    Ok(query
        .build()
        .try_map(|row: SqliteRow| {
            let value: f64 = row.try_get(1)?;
            let value = SlotValue::Gauge {
                mean: value,
                min: value,
                max: value,
                count: 1,
            };
            let ts: i64 = row.try_get(0)?;
            let start = DateTime::from_timestamp_millis(ts)
                .ok_or_else(|| sqlx::Error::Decode(format!("{ts} is no time").into()))?;
            let slot = Slot {
                start,
                value,
                quality: quality(row.try_get(2)?),
            };
            Ok((SeriesId(row.try_get(3)?), slot))
        })
        .fetch_all(connection)
        .await?)
}
