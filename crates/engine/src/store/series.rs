//! Which series there are.

use chrono::{DateTime, Utc};
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::ids::{DeviceId, SeriesId};
use ladebuch_domain::sample::Tier;

use super::column::{device_id, device_kind, instant, quantity};
use super::watermark::Watermarks;
use super::{Store, StoreError};

/// A recorded series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSeries {
    /// Its identity.
    pub id: SeriesId,
    /// Whose it is.
    pub device: DeviceId,
    /// That device's name.
    pub device_name: Option<String>,
    /// The part that device plays.
    pub device_kind: DeviceKind,
    /// What is recorded.
    pub quantity: Quantity,
    /// Place in the palette of the device's kind.
    pub color_slot: u8,
    /// Start of its first slot.
    pub first_at: Option<DateTime<Utc>>,
    /// Start of its last slot.
    pub last_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct SeriesRow {
    id: i64,
    device_id: String,
    name: Option<String>,
    kind: String,
    quantity: String,
    color_slot: i64,
    first_slot: Option<i64>,
    last_slot: Option<i64>,
    first_raw: Option<i64>,
    last_raw: Option<i64>,
}

impl Store {
    /// All series, with the time that they span.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn series(&self) -> Result<Vec<StoredSeries>, StoreError> {
        let mut tx = self.0.readers.begin().await?;
        let rolled = Watermarks::read(&mut tx)
            .await?
            .rolled_until(Tier::FiveMinutes);
        let rows: Vec<SeriesRow> = sqlx::query_as(
            "select s.id, s.device_id, d.name, d.kind, s.quantity, d.color_slot,
                (select min(ts) from slot where tier = $1 and series_id = s.id) as first_slot,
                (select max(ts) from slot where tier = $1 and series_id = s.id) as last_slot,
                raw.first_raw, raw.last_raw
             from series s
             join device d on d.id = s.device_id
             left join (
                select series_id, min(ts) as first_raw, max(ts) as last_raw
                from sample where ts >= $2 group by series_id
             ) raw on raw.series_id = s.id
             order by s.id",
        )
        .bind(Tier::FiveMinutes.seconds())
        .bind(rolled)
        .fetch_all(&mut *tx)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(StoredSeries {
                    id: SeriesId(row.id),
                    device: device_id(&row.device_id)?,
                    device_name: row.name,
                    device_kind: device_kind(&row.kind)?,
                    quantity: quantity(&row.quantity)?,
                    color_slot: u8::try_from(row.color_slot).unwrap_or_default(),
                    first_at: row.first_slot.or(row.first_raw).map(instant).transpose()?,
                    last_at: row.last_raw.or(row.last_slot).map(instant).transpose()?,
                })
            })
            .collect()
    }

    /// What these series are; those that do not exist are left out.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn quantities(
        &self,
        series: &[SeriesId],
    ) -> Result<Vec<(SeriesId, Quantity)>, StoreError> {
        let mut query = sqlx::QueryBuilder::new("select id, quantity from series where id in ");
        super::push_ids(&mut query, series);
        let rows: Vec<(i64, String)> = query.build_query_as().fetch_all(&self.0.readers).await?;
        rows.into_iter()
            .map(|(id, name)| Ok((SeriesId(id), quantity(&name)?)))
            .collect()
    }
}
