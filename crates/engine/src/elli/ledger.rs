//! What Elli accounts tell, kept in the store.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ladebuch_domain::charge_log::{CloudRow, KeptRows, RowSums};
use ladebuch_domain::ids::{ExternalId, SourceId};
use tokio::sync::watch;

use crate::settings::Settings;
use crate::sources::elli::ledger::{Document, DocumentKind, Keeping, Ledger, LedgerError, Ledgers};
use crate::store::{Store, StoreError, StoredDocument};

/// Keeps what accounts tell in the store.
pub(crate) struct StoreLedgers {
    store: Store,
    settings: watch::Receiver<Settings>,
}

impl StoreLedgers {
    pub fn new(store: Store, settings: watch::Receiver<Settings>) -> Self {
        Self { store, settings }
    }
}

impl Ledgers for StoreLedgers {
    fn of(&self, source: SourceId) -> Arc<dyn Ledger> {
        Arc::new(StoreLedger {
            source,
            store: self.store.clone(),
            settings: self.settings.clone(),
        })
    }
}

struct StoreLedger {
    source: SourceId,
    store: Store,
    settings: watch::Receiver<Settings>,
}

impl Ledger for StoreLedger {
    fn keep_rows<'a>(&'a self, rows: &'a [CloudRow], now: DateTime<Utc>) -> Keeping<'a, KeptRows> {
        Box::pin(async move {
            let zone = self.settings.borrow().zone;
            Ok(self
                .store
                .keep_cloud_rows(self.source, rows, zone, now)
                .await?)
        })
    }

    fn mark_gone<'a>(
        &'a self,
        station: &'a ExternalId,
        shown: &'a HashSet<String>,
        now: DateTime<Utc>,
    ) -> Keeping<'a, ()> {
        Box::pin(async move {
            Ok(self
                .store
                .mark_gone(self.source, station, shown, now)
                .await?)
        })
    }

    fn sums(&self) -> Keeping<'_, Vec<(ExternalId, RowSums)>> {
        Box::pin(async move { Ok(self.store.row_sums(self.source).await?) })
    }

    fn keep_document<'a>(&'a self, document: &'a Document) -> Keeping<'a, ()> {
        Box::pin(async move {
            let stored = StoredDocument {
                kind: document.kind.name().to_owned(),
                key: document.station.clone().unwrap_or_default(),
                raw: document.json.clone(),
                fetched: document.fetched,
            };
            Ok(self.store.keep_document(self.source, &stored).await?)
        })
    }

    fn documents(&self) -> Keeping<'_, Vec<Document>> {
        Box::pin(async move {
            let stored = self.store.documents(self.source).await?;
            let mut documents: Vec<Document> = stored.into_iter().filter_map(document).collect();
            // What is said of a station comes after the stations.
            documents.sort_by_key(|document| document.kind != DocumentKind::Stations);
            Ok(documents)
        })
    }
}

/// `None` for what a later version has kept.
fn document(stored: StoredDocument) -> Option<Document> {
    Some(Document {
        kind: DocumentKind::from_name(&stored.kind)?,
        station: Some(stored.key).filter(|key| !key.is_empty()),
        json: stored.raw,
        fetched: stored.fetched,
    })
}

impl From<StoreError> for LedgerError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}
