//! Which devices of two sources are the same box.

use ladebuch_domain::ids::{DeviceId, SourceId};

use super::column::{device_id, source_id};
use super::{Store, StoreError};

impl Store {
    /// Notes that a charge point is the same box as a station, or as none any more. Either had at
    /// most one partner; an older one is given up. Says which station it was before.
    ///
    /// # Errors
    /// One of them was never recorded, or the database cannot be written.
    pub async fn set_link(
        &self,
        point: DeviceId,
        station: Option<DeviceId>,
    ) -> Result<Option<DeviceId>, StoreError> {
        let mut tx = self.begin().await?;
        let before: Option<String> =
            sqlx::query_scalar("select station_id from device_link where point_id = $1")
                .bind(point.to_string())
                .fetch_optional(&mut *tx)
                .await?;
        sqlx::query("delete from device_link where point_id = $1")
            .bind(point.to_string())
            .execute(&mut *tx)
            .await?;
        if let Some(station) = station {
            sqlx::query(
                "insert into device_link (station_id, point_id) values ($1, $2)
                 on conflict (station_id) do update set point_id = excluded.point_id",
            )
            .bind(station.to_string())
            .bind(point.to_string())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        before.as_deref().map(device_id).transpose()
    }

    /// The source that sees a device, or that saw it; `None` if it is not in the database yet: the
    /// recorder adds it with its next slot.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn source_of(&self, id: DeviceId) -> Result<Option<SourceId>, StoreError> {
        let source: Option<String> =
            sqlx::query_scalar("select source_id from device_alias where device_id = $1")
                .bind(id.to_string())
                .fetch_optional(&self.0.readers)
                .await?;
        source.as_deref().map(source_id).transpose()
    }
}
