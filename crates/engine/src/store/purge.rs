//! Letting go of raw samples.

use chrono::{DateTime, Utc};
use ladebuch_domain::sample::Tier;

use super::watermark::{self, Watermark, Watermarks};
use super::{Store, StoreError};

/// Rows removed in one transaction, so that the recorder never waits long.
const ROWS_PER_BATCH: i64 = 5000;

impl Store {
    /// Removes raw samples of slots that start before `before` and are rolled up; says how many.
    ///
    /// # Errors
    /// The database cannot be written. What is removed so far stays so.
    pub async fn purge_raw(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut purged = 0;
        loop {
            let removed = self.purge_some(before.timestamp_millis()).await?;
            if removed == 0 {
                return Ok(purged);
            }
            purged += removed;
        }
    }

    async fn purge_some(&self, before: i64) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let rolled = Watermarks::read(&mut tx)
            .await?
            .rolled_until(Tier::FiveMinutes);
        let before = before.min(rolled);
        // The last slot of this batch goes as a whole.
        let last: Option<i64> = sqlx::query_scalar(
            "select max(ts) from (
                select ts from sample where ts < $1 order by ts limit $2
             ) as batch",
        )
        .bind(before)
        .bind(ROWS_PER_BATCH)
        .fetch_one(&mut *tx)
        .await?;
        let Some(last) = last else {
            return Ok(0);
        };
        let removed = sqlx::query("delete from sample where ts <= $1")
            .bind(last)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        // A sample that is written late must not make a slot anew of which the rest is gone.
        watermark::raise(&mut tx, Watermark::Raw, last + 1).await?;
        tx.commit().await?;
        Ok(removed)
    }
}
