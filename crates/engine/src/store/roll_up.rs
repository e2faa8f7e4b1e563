//! Making coarse slots of fine ones.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::ids::SeriesId;
use ladebuch_domain::sample::{Slot, Tier, merge, slot_start};
use sqlx::SqliteConnection;

use super::column::instant;
use super::slot::{SlotRow, write_slots};
use super::watermark::{self, Watermark, Watermarks};
use super::{Store, StoreError};

impl Store {
    /// Makes every slot of every tier that is complete at `now` and not yet made. Doing it again
    /// changes nothing; what was missed while Ladebuch was off is made up for. Goes in steps, so
    /// that the recorder never waits long.
    ///
    /// # Errors
    /// The database cannot be written. What is done so far stays.
    pub async fn roll_up(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        for tier in Tier::ALL {
            while self.roll_up_some(tier, now).await? {}
        }
        Ok(())
    }

    /// Rolls up a stretch; `false` when there is nothing left.
    async fn roll_up_some(&self, tier: Tier, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let step = tier.step().to_std().unwrap_or_default();
        let mut tx = self.begin().await?;
        let watermarks = Watermarks::read(&mut tx).await?;
        let reached = watermarks.rolled_until(tier);
        let ready = match tier.finer() {
            None => now,
            Some(finer) => match watermarks.get(Watermark::Tier(finer)) {
                Some(until) => now.min(instant(until)?),
                None => return Ok(false),
            },
        };
        let until = slot_start(ready, step).timestamp_millis();
        if reached >= until {
            return Ok(false);
        }
        let first = match first_at(&mut tx, tier.finer(), reached).await? {
            Some(first) if first < until => slot_start(instant(first)?, step).timestamp_millis(),
            // Nothing was recorded until then.
            _ => {
                watermark::set(&mut tx, Watermark::Tier(tier), until).await?;
                tx.commit().await?;
                return Ok(false);
            }
        };
        let until = until.min(first + stretch(tier).num_milliseconds());
        let mut groups: BTreeMap<(i64, DateTime<Utc>), Vec<Slot>> = BTreeMap::new();
        for row in fine_rows(&mut tx, tier.finer(), first, until).await? {
            let slot = row.slot()?;
            groups
                .entry((row.series_id, slot_start(slot.start, step)))
                .or_default()
                .push(slot);
        }
        let slots: Vec<(SeriesId, Slot)> = groups
            .into_iter()
            .filter_map(|((series, start), slots)| Some((SeriesId(series), merge(start, &slots)?)))
            .collect();
        write_slots(&mut tx, tier, &slots).await?;
        watermark::set(&mut tx, Watermark::Tier(tier), until).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// How much is rolled up in one transaction: some thousand fine rows.
const fn stretch(tier: Tier) -> TimeDelta {
    match tier {
        Tier::FiveMinutes => TimeDelta::hours(1),
        Tier::Hour => TimeDelta::days(1),
        Tier::SixHours => TimeDelta::days(15),
    }
}

/// Start of the first fine slot at or after `from`.
async fn first_at(
    connection: &mut SqliteConnection,
    finer: Option<Tier>,
    from: i64,
) -> Result<Option<i64>, StoreError> {
    Ok(match finer {
        None => {
            sqlx::query_scalar("select min(ts) from sample where ts >= $1")
                .bind(from)
                .fetch_one(connection)
                .await?
        }
        Some(tier) => {
            sqlx::query_scalar(
                "select min(first) from (
                    select (
                        select min(ts) from slot
                        where tier = $1 and series_id = series.id and ts >= $2
                    ) as first
                    from series
                 ) as firsts",
            )
            .bind(tier.seconds())
            .bind(from)
            .fetch_one(connection)
            .await?
        }
    })
}

/// Fine slots that start in `[from, until)`, those of one series in order of time.
async fn fine_rows(
    connection: &mut SqliteConnection,
    finer: Option<Tier>,
    from: i64,
    until: i64,
) -> Result<Vec<SlotRow>, StoreError> {
    Ok(match finer {
        None => {
            sqlx::query_as(
                "select series_id, ts, quality, total,
                    case when total is null then value end as mean,
                    case when total is null then value end as min,
                    case when total is null then value end as max,
                    case when total is null then 1 end as count,
                    case when total is not null then value end as reading
                 from sample where ts >= $1 and ts < $2 order by ts",
            )
            .bind(from)
            .bind(until)
            .fetch_all(connection)
            .await?
        }
        // "cross join" keeps SQLite from walking through all slots of the tier.
        Some(tier) => {
            sqlx::query_as(
                "select t.series_id, t.ts, t.mean, t.min, t.max, t.count, t.reading, t.total,
                    t.quality
                 from series s
                 cross join slot t
                 where t.tier = $1 and t.series_id = s.id and t.ts >= $2 and t.ts < $3
                 order by s.id, t.ts",
            )
            .bind(tier.seconds())
            .bind(from)
            .bind(until)
            .fetch_all(connection)
            .await?
        }
    })
}
