//! Which slot length raw samples had when: it is a setting and may change.

use sqlx::SqliteConnection;

use super::StoreError;

/// Slot lengths of raw samples by the time since when they hold, in epoch milliseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Grids(Vec<(i64, i64)>);

impl Grids {
    pub(super) async fn read(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let rows =
            sqlx::query_as("select since, step from grid order by since").fetch_all(connection);
        Ok(Self(rows.await?))
    }

    /// Length in milliseconds of a slot that starts at `ts`.
    pub(super) fn step_at(&self, ts: i64) -> i64 {
        let after = self.0.partition_point(|(since, _)| *since <= ts);
        self.0
            .get(after.saturating_sub(1))
            .map_or(0, |(_, step)| *step)
    }

    /// Longest slot in `[from, to)`.
    pub(super) fn coarsest(&self, from: i64, to: i64) -> Option<i64> {
        let first = self
            .0
            .partition_point(|(since, _)| *since <= from)
            .saturating_sub(1);
        self.0
            .get(first..)?
            .iter()
            .take_while(|(since, _)| *since < to)
            .map(|(_, step)| *step)
            .max()
    }
}

/// Notes that slots from `ts` on have that length, unless it is what they have anyway.
pub(super) async fn note(
    connection: &mut SqliteConnection,
    ts: i64,
    step: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into grid (since, step) select $1, $2
         where $2 not in (select step from grid where since <= $1 order by since desc limit 1)
         on conflict (since) do update set step = excluded.step",
    )
    .bind(ts)
    .bind(step)
    .execute(connection)
    .await?;
    Ok(())
}
