//! Settings that are to be put back after a charge.

use chrono::{DateTime, Utc};
use ladebuch_domain::control::Command;
use ladebuch_domain::ids::{DeviceId, SourceId};

use super::column::{device_id, source_id};
use super::{Store, StoreError};

/// A setting that was changed for one charge.
#[derive(Clone, Debug, PartialEq)]
pub struct PutBackLater {
    /// The box.
    pub source: SourceId,
    /// The profile, the box, or the charge point that has the setting.
    pub scope: String,
    /// What puts it back.
    pub back: Command,
    /// What it may have been set to: a command that was not confirmed may have been followed or not.
    pub set_to: Vec<Command>,
}

impl Store {
    /// Notes how a setting was before a charge point had it changed for one charge. What was noted
    /// first stays: the value in between was temporary too.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn put_back_later(
        &self,
        change: &PutBackLater,
        device: DeviceId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (source, kind) = (change.source.to_string(), change.back.name());
        let mut tx = self.begin().await?;
        let known: Option<String> = sqlx::query_scalar(
            "select set_to from put_back where source_id = $1 and scope = $2 and kind = $3",
        )
        .bind(&source)
        .bind(&change.scope)
        .bind(kind)
        .fetch_optional(&mut *tx)
        .await?;
        let mut set_to: Vec<Command> = match known {
            Some(known) => serde_json::from_str(&known)?,
            None => Vec::new(),
        };
        for command in &change.set_to {
            if !set_to.contains(command) {
                set_to.push(command.clone());
            }
        }
        sqlx::query(
            "insert into put_back (source_id, scope, kind, back, set_to, since)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (source_id, scope, kind) do update set set_to = excluded.set_to",
        )
        .bind(&source)
        .bind(&change.scope)
        .bind(kind)
        .bind(serde_json::to_string(&change.back)?)
        .bind(serde_json::to_string(&set_to)?)
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "insert into put_back_wanted (source_id, scope, kind, device_id)
             values ($1, $2, $3, $4) on conflict do nothing",
        )
        .bind(&source)
        .bind(&change.scope)
        .bind(kind)
        .bind(device.to_string())
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// The setting is wanted for good now: nothing is put back.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn keep_setting(
        &self,
        source: SourceId,
        scope: &str,
        kind: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("delete from put_back where source_id = $1 and scope = $2 and kind = $3")
            .bind(source.to_string())
            .bind(scope)
            .bind(kind)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Charge points for which something is changed.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn wanting_changes(&self) -> Result<Vec<DeviceId>, StoreError> {
        let rows: Vec<String> =
            sqlx::query_scalar("select distinct device_id from put_back_wanted")
                .fetch_all(&self.0.readers)
                .await?;
        rows.iter().map(|id| device_id(id)).collect()
    }

    /// A charge point wants nothing changed any more: its vehicle was unplugged.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn want_no_changes(&self, device: DeviceId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("delete from put_back_wanted where device_id = $1")
            .bind(device.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Settings of configured sources that nobody wants changed any more.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn to_put_back(&self) -> Result<Vec<PutBackLater>, StoreError> {
        let rows: Vec<(String, String, String, String)> = sqlx::query_as(
            "select p.source_id, p.scope, p.back, p.set_to
             from put_back p join source s on s.id = p.source_id
             where s.removed is null and not exists (
                 select 1 from put_back_wanted w
                 where w.source_id = p.source_id and w.scope = p.scope and w.kind = p.kind)
             order by p.since",
        )
        .fetch_all(&self.0.readers)
        .await?;
        rows.into_iter()
            .map(|(source, scope, back, set_to)| {
                Ok(PutBackLater {
                    source: source_id(&source)?,
                    scope,
                    back: serde_json::from_str(&back)?,
                    set_to: serde_json::from_str(&set_to)?,
                })
            })
            .collect()
    }
}
