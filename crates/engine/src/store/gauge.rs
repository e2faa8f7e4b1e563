//! Gauges over a period, for charts of power and state of charge.

use std::time::Duration;

use chrono::{DateTime, Utc};
use ladebuch_domain::ids::SeriesId;
use ladebuch_domain::sample::{Slot, SlotValue, Tier};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

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

type GaugeRow = (i64, i64, f64, f64, f64, i64, i64);

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

    /// Slots of a tier (`None`: raw samples) that start in `[from, to)`, of each series in order of
    /// time, handed to `take` one by one. What the tier does not have yet comes from finer ones.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn gauges(
        &self,
        series: &[SeriesId],
        tier: Option<Tier>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        mut take: impl FnMut(SeriesId, Slot),
    ) -> Result<(), StoreError> {
        let mut tx = self.0.readers.begin().await?;
        let watermarks = Watermarks::read(&mut tx).await?;
        let (mut from, to) = (from.timestamp_millis(), to.timestamp_millis());
        let mut next = tier;
        // From coarse to fine, each up to where it is rolled up.
        while from < to {
            let until = next.map_or(to, |tier| watermarks.rolled_until(tier).clamp(from, to));
            if from < until {
                for row in gauge_rows(&mut tx, series, next, from, until).await? {
                    let (id, slot) = to_slot(row)?;
                    take(id, slot);
                }
            }
            let Some(tier) = next else { break };
            from = until;
            next = tier.finer();
        }
        Ok(())
    }
}

async fn gauge_rows(
    connection: &mut SqliteConnection,
    series: &[SeriesId],
    tier: Option<Tier>,
    from: i64,
    until: i64,
) -> Result<Vec<GaugeRow>, StoreError> {
    let mut query = match tier {
        Some(tier) => {
            let mut query = QueryBuilder::<Sqlite>::new(
                "select series_id, ts, mean, min, max, count, quality from slot where tier = ",
            );
            query.push_bind(tier.seconds());
            query
        }
        None => QueryBuilder::<Sqlite>::new(
            "select series_id, ts, value, value, value, 1, quality from sample where total is null",
        ),
    };
    query
        .push(" and ts >= ")
        .push_bind(from)
        .push(" and ts < ")
        .push_bind(until);
    query.push(" and series_id in ");
    push_ids(&mut query, series);
    query.push(" order by series_id, ts");
    Ok(query.build_query_as().fetch_all(connection).await?)
}

fn to_slot(
    (series, ts, mean, min, max, count, code): GaugeRow,
) -> Result<(SeriesId, Slot), StoreError> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let value = SlotValue::Gauge {
        mean,
        min,
        max,
        count,
    };
    Ok((
        SeriesId(series),
        Slot {
            start: instant(ts)?,
            value,
            quality: quality(code),
        },
    ))
}
