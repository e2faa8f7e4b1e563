//! How far recording, rolling up and purging have come.

use std::collections::HashMap;

use ladebuch_domain::sample::Tier;
use sqlx::SqliteConnection;

use super::StoreError;

/// What a watermark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watermark {
    /// End of the newest recorded slot.
    Recorded,
    /// Raw samples before it are gone, or never were.
    Raw,
    /// The tier is rolled up until there.
    Tier(Tier),
}

impl Watermark {
    const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Raw => "raw",
            Self::Tier(Tier::FiveMinutes) => "tier-300",
            Self::Tier(Tier::Hour) => "tier-3600",
            Self::Tier(Tier::SixHours) => "tier-21600",
        }
    }
}

/// All watermarks at one moment, in epoch milliseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Watermarks(HashMap<String, i64>);

impl Watermarks {
    pub(super) async fn read(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as("select name, ts from watermark")
            .fetch_all(connection)
            .await?;
        Ok(Self(rows.into_iter().collect()))
    }

    pub(super) fn get(&self, watermark: Watermark) -> Option<i64> {
        self.0.get(watermark.name()).copied()
    }

    /// Up to where the tier is rolled up; the beginning of time if it never was.
    pub(super) fn rolled_until(&self, tier: Tier) -> i64 {
        self.get(Watermark::Tier(tier)).unwrap_or(i64::MIN)
    }
}

/// Sets a watermark, whatever it was.
pub(super) async fn set(
    connection: &mut SqliteConnection,
    watermark: Watermark,
    ts: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into watermark (name, ts) values ($1, $2)
         on conflict (name) do update set ts = excluded.ts",
    )
    .bind(watermark.name())
    .bind(ts)
    .execute(connection)
    .await?;
    Ok(())
}

/// Raises a watermark that is lower.
pub(super) async fn raise(
    connection: &mut SqliteConnection,
    watermark: Watermark,
    ts: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into watermark (name, ts) values ($1, $2)
         on conflict (name) do update set ts = excluded.ts where excluded.ts > watermark.ts",
    )
    .bind(watermark.name())
    .bind(ts)
    .execute(connection)
    .await?;
    Ok(())
}

/// Lowers a watermark that is higher; one that was never set stays so.
pub(super) async fn lower(
    connection: &mut SqliteConnection,
    watermark: Watermark,
    ts: i64,
) -> Result<(), StoreError> {
    sqlx::query("update watermark set ts = $2 where name = $1 and ts > $2")
        .bind(watermark.name())
        .bind(ts)
        .execute(connection)
        .await?;
    Ok(())
}
