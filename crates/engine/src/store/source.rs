//! Configured sources.

use chrono::{DateTime, Utc};
use ladebuch_domain::ids::SourceId;

use super::column::{instant, source_id};
use super::setting::wish_of;
use super::{Store, StoreError};

/// A configured source, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSource {
    /// Its identity.
    pub id: SourceId,
    /// What it is, e.g. `openwb`.
    pub kind: String,
    /// The name its owner gave it.
    pub name: String,
    /// How to reach it, as JSON.
    pub config: String,
    /// When it was added.
    pub created: DateTime<Utc>,
}

impl Store {
    /// All sources that have not been removed, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn sources(&self) -> Result<Vec<StoredSource>, StoreError> {
        let query = "select id, kind, name, config, created from source
             where removed is null order by created, id";
        self.sources_of(query).await
    }

    /// All sources that have been removed, the last one first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn removed_sources(&self) -> Result<Vec<StoredSource>, StoreError> {
        let query = "select id, kind, name, config, created from source
             where removed is not null order by removed desc, id desc";
        self.sources_of(query).await
    }

    async fn sources_of(&self, query: &'static str) -> Result<Vec<StoredSource>, StoreError> {
        let rows: Vec<(String, String, String, String, i64)> =
            sqlx::query_as(query).fetch_all(&self.0.readers).await?;
        rows.into_iter()
            .map(|(id, kind, name, config, created)| {
                let (id, created) = (source_id(&id)?, instant(created)?);
                Ok(StoredSource {
                    id,
                    kind,
                    name,
                    config,
                    created,
                })
            })
            .collect()
    }

    /// Adds a source.
    ///
    /// # Errors
    /// There is one of that identity, or the database cannot be written.
    pub async fn add_source(&self, source: &StoredSource) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into source (id, kind, name, config, created) values ($1, $2, $3, $4, $5)",
        )
        .bind(source.id.to_string())
        .bind(&source.kind)
        .bind(&source.name)
        .bind(&source.config)
        .bind(source.created.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Puts a removed source back as it was.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn revive_source(&self, id: SourceId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("update source set removed = null where id = $1")
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Changes name and config of a source; one that is gone stays gone.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn update_source(&self, source: &StoredSource) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("update source set name = $1, config = $2 where id = $3 and removed is null")
            .bind(&source.name)
            .bind(&source.config)
            .bind(source.id.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Removes a source and what was asked of it. Its devices and their history stay.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn remove_source(&self, id: SourceId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("update source set removed = $1 where id = $2 and removed is null")
            .bind(now.timestamp_millis())
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        sqlx::query("delete from setting where name = $1")
            .bind(wish_of(id))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}
