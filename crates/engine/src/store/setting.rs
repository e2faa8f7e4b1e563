//! What is set for good, as JSON documents: the household's settings, and what was asked of a box
//! that does not keep it by itself.

use ladebuch_domain::ids::SourceId;

use super::{Store, StoreError};

const HOUSEHOLD: &str = "household";

impl Store {
    /// The settings as they were last set.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn settings(&self) -> Result<Option<String>, StoreError> {
        self.setting(HOUSEHOLD).await
    }

    /// Replaces the settings.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn set_settings(&self, json: &str) -> Result<(), StoreError> {
        self.set(HOUSEHOLD, json).await
    }

    /// What was asked last of the box of a source.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn wish(&self, source: SourceId) -> Result<Option<String>, StoreError> {
        self.setting(&wish_of(source)).await
    }

    /// Replaces that.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn set_wish(&self, source: SourceId, json: &str) -> Result<(), StoreError> {
        self.set(&wish_of(source), json).await
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(
            sqlx::query_scalar("select value from setting where name = $1")
                .bind(name)
                .fetch_optional(&self.0.readers)
                .await?,
        )
    }

    async fn set(&self, name: &str, json: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into setting (name, value) values ($1, $2)
             on conflict (name) do update set value = excluded.value",
        )
        .bind(name)
        .bind(json)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}

/// Name of the row with what was asked of the box of a source.
pub(super) fn wish_of(source: SourceId) -> String {
    format!("wish/{source}")
}
