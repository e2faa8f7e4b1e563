//! Where counters stood, for charts of energy.

use chrono::{DateTime, Utc};
use ladebuch_domain::energy::Standing;
use ladebuch_domain::ids::SeriesId;
use ladebuch_domain::sample::Tier;
use ladebuch_domain::units::WattHours;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::column::instant;
use super::grid::Grids;
use super::watermark::Watermarks;
use super::{Store, StoreError};

/// A counter's total at the end of a slot.
#[derive(Clone, Copy)]
struct Total {
    end: i64,
    total: f64,
}

impl Store {
    /// Where a counter stood at each of `moments`, which are in order of time; `None` before its
    /// first sample.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn standings(
        &self,
        series: SeriesId,
        moments: &[DateTime<Utc>],
    ) -> Result<Vec<Option<Standing>>, StoreError> {
        let mut tx = self.0.readers.begin().await?;
        let rolled = Watermarks::read(&mut tx)
            .await?
            .rolled_until(Tier::FiveMinutes);
        let grids = Grids::read(&mut tx).await?;
        let raw = raw_totals(&mut tx, series, rolled, &grids).await?;
        let totals = totals_at(&mut tx, series, moments, rolled).await?;
        let mut standings = Vec::with_capacity(moments.len());
        for (moment, rolled_total) in moments.iter().zip(totals) {
            let after = raw.partition_point(|total| total.end <= moment.timestamp_millis());
            let newest = after.checked_sub(1).and_then(|last| raw.get(last)).copied();
            let standing = newest.or(rolled_total).map(|Total { end, total }| {
                Ok::<_, StoreError>(Standing {
                    total: WattHours(total),
                    at: instant(end)?,
                    resumed: None,
                })
            });
            standings.push(standing.transpose()?);
        }
        for (moment, standing) in moments.iter().zip(&mut standings) {
            if let Some(standing) = standing
                .as_mut()
                .filter(|standing| standing.in_hole(*moment))
            {
                let moment = moment.timestamp_millis();
                let next = match next_total(&mut tx, series, moment, rolled).await? {
                    Some(total) => Some(total),
                    None => raw
                        .iter()
                        .find(|total| total.end > moment)
                        .map(|total| total.total),
                };
                standing.resumed = next.map(WattHours);
            }
        }
        Ok(standings)
    }
}

/// The newest total at each moment, of what is rolled up.
async fn totals_at(
    connection: &mut SqliteConnection,
    series: SeriesId,
    moments: &[DateTime<Utc>],
    rolled: i64,
) -> Result<Vec<Option<Total>>, StoreError> {
    let tier = Tier::FiveMinutes;
    let step = tier.step().num_milliseconds();
    let mut query = QueryBuilder::<Sqlite>::new("with moment (start) as (");
    query.push_values(moments, |mut row, moment| {
        row.push_bind(moment.timestamp_millis().min(rolled).saturating_sub(step));
    });
    // The greatest start of a slot that does not reach beyond the moment is one step in the index.
    query.push(
        ") select t.ts, t.total from moment m
         left join slot t on t.tier = ",
    );
    query
        .push_bind(tier.seconds())
        .push(" and t.series_id = ")
        .push_bind(series.0);
    query.push(" and t.ts = (select max(ts) from slot where tier = ");
    query
        .push_bind(tier.seconds())
        .push(" and series_id = ")
        .push_bind(series.0);
    query.push(" and ts <= m.start) order by m.start");
    let rows: Vec<(Option<i64>, Option<f64>)> =
        query.build_query_as().fetch_all(connection).await?;
    Ok(rows
        .into_iter()
        .map(|(ts, total)| {
            Some(Total {
                end: ts? + step,
                total: total?,
            })
        })
        .collect())
}

/// The total of the first rolled-up slot that starts at `moment` or later.
async fn next_total(
    connection: &mut SqliteConnection,
    series: SeriesId,
    moment: i64,
    rolled: i64,
) -> Result<Option<f64>, StoreError> {
    Ok(sqlx::query_scalar(
        "select total from slot
         where tier = $1 and series_id = $2 and ts >= $3 and ts < $4 order by ts limit 1",
    )
    .bind(Tier::FiveMinutes.seconds())
    .bind(series.0)
    .bind(moment)
    .bind(rolled)
    .fetch_optional(connection)
    .await?)
}

/// Totals of raw samples that are not rolled up yet.
async fn raw_totals(
    connection: &mut SqliteConnection,
    series: SeriesId,
    rolled: i64,
    grids: &Grids,
) -> Result<Vec<Total>, StoreError> {
    let rows: Vec<(i64, f64)> = sqlx::query_as(
        "select ts, total from sample
         where ts >= $1 and series_id = $2 and total is not null order by ts",
    )
    .bind(rolled)
    .bind(series.0)
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(ts, total)| Total {
            end: ts + grids.step_at(ts),
            total,
        })
        .collect())
}
