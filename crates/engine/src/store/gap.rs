//! What could not be recorded in a period.

use chrono::{DateTime, Utc};
use ladebuch_domain::ids::SeriesId;
use sqlx::{QueryBuilder, Sqlite};

use super::column::{device_id, instant, quantity, source_id};
use super::push_ids;
use super::tick::{CounterEvent, CounterEventKind, GapCause, GapSpan};
use super::{Store, StoreError};
use ladebuch_domain::units::WattHours;

#[derive(sqlx::FromRow)]
struct GapRow {
    source_id: Option<String>,
    device_id: Option<String>,
    cause: String,
    from_ts: i64,
    until_ts: i64,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    series_id: i64,
    device_id: String,
    quantity: String,
    ts: i64,
    kind: String,
    before: f64,
    after: f64,
}

impl Store {
    /// Gaps that overlap `[from, to)` and concern any of these series, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn gaps(
        &self,
        series: &[SeriesId],
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<GapSpan>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "select source_id, device_id, cause, from_ts, until_ts from gap where from_ts < ",
        );
        query
            .push_bind(to.timestamp_millis())
            .push(" and until_ts > ");
        query.push_bind(from.timestamp_millis());
        query.push(
            " and (source_id is null or source_id in (
                select a.source_id from device_alias a
                join series s on s.device_id = a.device_id where s.id in ",
        );
        push_ids(&mut query, series);
        query.push(
            ")) and (device_id is null or device_id in (select device_id from series where id in ",
        );
        push_ids(&mut query, series);
        query.push(")) order by from_ts, until_ts");
        let rows: Vec<GapRow> = query.build_query_as().fetch_all(&self.0.readers).await?;
        rows.into_iter()
            .map(|row| {
                Ok(GapSpan {
                    source: row.source_id.as_deref().map(source_id).transpose()?,
                    device: row.device_id.as_deref().map(device_id).transpose()?,
                    cause: GapCause::from_name(&row.cause)?,
                    from: instant(row.from_ts)?,
                    until: instant(row.until_ts)?,
                })
            })
            .collect()
    }

    /// What counters of these series did in `(from, to]` other than rise, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn counter_events(
        &self,
        series: &[SeriesId],
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<(SeriesId, CounterEvent)>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "select e.series_id, s.device_id, s.quantity, e.ts, e.kind, e.before, e.after
             from counter_event e join series s on s.id = e.series_id where e.ts > ",
        );
        query
            .push_bind(from.timestamp_millis())
            .push(" and e.ts <= ");
        query
            .push_bind(to.timestamp_millis())
            .push(" and e.series_id in ");
        push_ids(&mut query, series);
        query.push(" order by e.ts, e.series_id");
        let rows: Vec<EventRow> = query.build_query_as().fetch_all(&self.0.readers).await?;
        rows.into_iter()
            .map(|row| {
                let event = CounterEvent {
                    device: device_id(&row.device_id)?,
                    quantity: quantity(&row.quantity)?,
                    at: instant(row.ts)?,
                    kind: CounterEventKind::from_name(&row.kind)?,
                    before: WattHours(row.before),
                    after: WattHours(row.after),
                };
                Ok((SeriesId(row.series_id), event))
            })
            .collect()
    }
}
