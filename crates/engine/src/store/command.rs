//! The journal of commands.

use chrono::{DateTime, Utc};
use ladebuch_domain::control::Command;
use ladebuch_domain::ids::DeviceId;
use uuid::Uuid;

use super::column::{device_id, instant};
use super::{Store, StoreError};
use crate::control::{Outcome, Record};

/// A row of `command`.
#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    device_id: String,
    command: String,
    author: String,
    until_unplug: i64,
    sent: i64,
    outcome: String,
    reason: Option<String>,
    said: Option<String>,
    finished: Option<i64>,
}

impl Store {
    /// Notes that a command is on its way, or why it was not even sent.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn add_command(&self, record: &Record) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into command
                 (id, device_id, command, author, until_unplug, sent, outcome, reason, said,
                  finished)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(record.id.to_string())
        .bind(record.device.to_string())
        .bind(serde_json::to_string(&record.command)?)
        .bind(&record.author)
        .bind(i64::from(record.until_unplug))
        .bind(record.sent.timestamp_millis())
        .bind(record.outcome.name())
        .bind(record.outcome.reason())
        .bind(&record.said)
        .bind(record.finished.map(|at| at.timestamp_millis()))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Notes what became of a command.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn finish_command(&self, record: &Record) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "update command set outcome = $1, reason = $2, said = $3, finished = $4 where id = $5",
        )
        .bind(record.outcome.name())
        .bind(record.outcome.reason())
        .bind(&record.said)
        .bind(record.finished.map(|at| at.timestamp_millis()))
        .bind(record.id.to_string())
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Commands whose outcome the run before did not live to see: nobody knows it now.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn interrupt_commands(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("update command set outcome = $1, finished = $2 where outcome = $3")
            .bind(Outcome::Interrupted.name())
            .bind(now.timestamp_millis())
            .bind(Outcome::Pending.name())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Removes refused commands that are older than that: nothing came of them.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn purge_refused_commands(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("delete from command where sent < $1 and outcome = 'refused'")
            .bind(before.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The newest commands first, those of one device or all, older than `before`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn commands(
        &self,
        device: Option<DeviceId>,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select id, device_id, command, author, until_unplug, sent, outcome, reason, said,
                    finished
             from command
             where ($1 is null or device_id = $1) and ($2 is null or id < $2)
             order by id desc limit $3",
        )
        .bind(device.map(|device| device.to_string()))
        .bind(before.map(|id| id.to_string()))
        .bind(i64::from(limit))
        .fetch_all(&self.0.readers)
        .await?;
        rows.into_iter().map(record).collect()
    }
}

fn record(row: Row) -> Result<Record, StoreError> {
    let command: Command = serde_json::from_str(&row.command)?;
    Ok(Record {
        id: Uuid::parse_str(&row.id).map_err(|_| StoreError::content("command", &row.id))?,
        device: device_id(&row.device_id)?,
        command,
        author: row.author,
        until_unplug: row.until_unplug != 0,
        sent: instant(row.sent)?,
        outcome: Outcome::from_names(&row.outcome, row.reason.as_deref())
            .ok_or_else(|| StoreError::content("outcome", &row.outcome))?,
        said: row.said,
        finished: row.finished.map(instant).transpose()?,
    })
}
