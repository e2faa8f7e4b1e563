//! The household's settings, as one JSON document.

use super::{Store, StoreError};

const HOUSEHOLD: &str = "household";

impl Store {
    /// The settings as they were last set.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn settings(&self) -> Result<Option<String>, StoreError> {
        Ok(
            sqlx::query_scalar("select value from setting where name = $1")
                .bind(HOUSEHOLD)
                .fetch_optional(&self.0.readers)
                .await?,
        )
    }

    /// Replaces the settings.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn set_settings(&self, json: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into setting (name, value) values ($1, $2)
             on conflict (name) do update set value = excluded.value",
        )
        .bind(HOUSEHOLD)
        .bind(json)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}
