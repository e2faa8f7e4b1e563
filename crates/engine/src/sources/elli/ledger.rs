//! Where what an account tells is kept. The store's side of it is in `crate::elli`.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ladebuch_domain::charge_log::{CloudRow, KeptRows, RowSums};
use ladebuch_domain::ids::{ExternalId, SourceId};

/// A future of a [`Ledger`] operation.
pub type Keeping<'a, T> = Pin<Box<dyn Future<Output = Result<T, LedgerError>> + Send + 'a>>;

/// Gives each account a place where what it tells is kept.
pub trait Ledgers: Send + Sync + 'static {
    /// That of the account of a source.
    fn of(&self, source: SourceId) -> Arc<dyn Ledger>;
}

/// Keeps what one account tells, for good.
pub trait Ledger: Send + Sync + 'static {
    /// Keeps records: all of them or, after an error, none. Those that are there stay; the earlier
    /// text of one that Elli has changed is kept beside it.
    fn keep_rows<'a>(&'a self, rows: &'a [CloudRow], now: DateTime<Utc>) -> Keeping<'a, KeptRows>;

    /// Marks the records of a station that Elli no longer shows. They stay.
    fn mark_gone<'a>(
        &'a self,
        station: &'a ExternalId,
        shown: &'a HashSet<String>,
        now: DateTime<Utc>,
    ) -> Keeping<'a, ()>;

    /// What is kept of each station's records.
    fn sums(&self) -> Keeping<'_, Vec<(ExternalId, RowSums)>>;

    /// Keeps the latest of something else.
    fn keep_document<'a>(&'a self, document: &'a Document) -> Keeping<'a, ()>;

    /// All of that.
    fn documents(&self) -> Keeping<'_, Vec<Document>>;
}

/// What an account told last about something, as JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is about.
    pub kind: DocumentKind,
    /// Id of the station, if it is about one.
    pub station: Option<String>,
    /// The JSON. Names cards and addresses, so it is never printed.
    pub json: String,
    /// When it was fetched.
    pub fetched: DateTime<Utc>,
}

/// What a [`Document`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// The stations, as they are shown.
    Stations,
    /// That the firmware was asked for; it is kept with the stations.
    Firmware,
    /// The cards, as they are shown.
    Cards,
    /// The places, as Elli sent them.
    Locations,
    /// When a station is to charge, as Elli sent it.
    ScheduledCharging,
    /// The sum of a station's records, as Elli sent it.
    TotalCharged,
    /// That a station's records were walked through from the first to the last.
    Walk,
    /// That somebody signed in.
    SignedIn,
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Stations,
        Self::Firmware,
        Self::Cards,
        Self::Locations,
        Self::ScheduledCharging,
        Self::TotalCharged,
        Self::Walk,
        Self::SignedIn,
    ];

    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stations => "stations",
            Self::Firmware => "firmware",
            Self::Cards => "cards",
            Self::Locations => "locations",
            Self::ScheduledCharging => "scheduled_charging",
            Self::TotalCharged => "total_charged",
            Self::Walk => "walk",
            Self::SignedIn => "signed_in",
        }
    }

    /// The kind of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Something cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LedgerError(pub String);
