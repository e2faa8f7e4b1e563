//! Prices of dynamic tariffs.

use chrono::{DateTime, Utc};
use ladebuch_domain::ids::SourceId;
use ladebuch_domain::tariff::PriceSlot;
use ladebuch_domain::units::EurosPerKilowattHour;

use super::column::{instant, source_id};
use super::{Store, StoreError};

impl Store {
    /// Keeps a source's prices. What was told of a slot that has begun stays as it is.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn add_prices(
        &self,
        source: SourceId,
        slots: &[PriceSlot],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for slot in slots {
            sqlx::query(
                "insert into price (source_id, start_ts, end_ts, price) values ($1, $2, $3, $4)
                 on conflict (source_id, start_ts) do update
                 set end_ts = excluded.end_ts, price = excluded.price
                 where price.start_ts > $5",
            )
            .bind(source.to_string())
            .bind(slot.start.timestamp_millis())
            .bind(slot.end.timestamp_millis())
            .bind(slot.price.get())
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Prices that hold at any time in `[from, to)`, in order of time.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn prices(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<(SourceId, PriceSlot)>, StoreError> {
        let rows: Vec<(String, i64, i64, f64)> = sqlx::query_as(
            "select source_id, start_ts, end_ts, price from price
             where end_ts > $1 and start_ts < $2 order by start_ts, source_id",
        )
        .bind(from.timestamp_millis())
        .bind(to.timestamp_millis())
        .fetch_all(&self.0.readers)
        .await?;
        rows.into_iter()
            .map(|(source, start, end, price)| {
                let slot = PriceSlot {
                    start: instant(start)?,
                    end: instant(end)?,
                    price: EurosPerKilowattHour(price),
                };
                Ok((source_id(&source)?, slot))
            })
            .collect()
    }
}
