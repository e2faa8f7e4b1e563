//! What the Elli cloud says of an account, and how far it was read.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::{Instant, SyncTroubleCode};

/// An Elli account as it was read last.
#[derive(Debug, Serialize, ToSchema)]
pub struct ElliAccount {
    /// Whether somebody is signed in.
    pub state: SessionState,
    /// When somebody signed in last.
    #[schema(required)]
    pub signed_in_at: Option<Instant>,
    /// How reading it goes.
    pub sync: Sync,
    /// How far the records are.
    pub records: Records,
    /// Its stations.
    pub stations: Vec<Station>,
    /// Its cards.
    pub cards: Vec<Card>,
    /// Where the stations hang, as Elli says it: its shape is not documented.
    #[schema(required, value_type = Option<Object>)]
    pub locations: Option<Box<RawValue>>,
    /// When the stations were last read.
    #[schema(required)]
    pub fetched_at: Option<Instant>,
}

/// Whether somebody is signed in.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ElliSessionState)]
pub enum SessionState {
    /// Not known yet: the place for secrets has not answered.
    Unknown,
    /// Signed in.
    SignedIn,
    /// Elli asks to sign in again.
    SignInAgain,
    /// Signed out, or handed over to another instance.
    SignedOut,
}

/// How reading an account goes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElliSync)]
pub struct Sync {
    /// Whether something is being read at this moment.
    pub running: bool,
    /// When something was last read.
    #[schema(required)]
    pub last_run_at: Option<Instant>,
    /// When something is to be read next.
    #[schema(required)]
    pub next_run_at: Option<Instant>,
    /// What went wrong the last time.
    #[schema(required)]
    pub problem: Option<SyncProblem>,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElliSyncProblem)]
pub struct SyncProblem {
    /// Stable code.
    pub code: SyncTroubleCode,
    /// What happened and what to do, in English.
    pub detail: String,
    /// The HTTP status of Elli's answer, if there was one.
    #[schema(required, example = 503)]
    pub status: Option<u16>,
}

/// How far the records of an account are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElliRecords)]
pub struct Records {
    /// Where reading them stands.
    pub state: RecordsState,
    /// Read by the present or last run.
    pub received: u64,
    /// How many there are, as far as Elli says.
    #[schema(required)]
    pub total: Option<u64>,
    /// Kept here, of all runs.
    pub kept: u64,
    /// Added by the present or last run.
    pub new_records: u64,
    /// Kept, but without a begin or an energy that can be read.
    pub unreadable: u64,
    /// When the last run ended.
    #[schema(required)]
    pub finished_at: Option<Instant>,
}

/// Where reading records stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ElliRecordsState)]
pub enum RecordsState {
    /// Nothing was read yet.
    Never,
    /// They are being read.
    Running,
    /// All were read.
    Complete,
    /// Records came or went faster than they were read; it is tried again.
    Incomplete,
    /// Reading broke off; what was read is kept, and it goes on.
    Failed,
}

/// A wallbox as Elli describes it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElliStation)]
pub struct Station {
    /// Elli's id.
    pub id: String,
    /// The charge point in the live view.
    #[schema(required)]
    pub charge_point_id: Option<Uuid>,
    /// What its owner calls it. Two may have the same name.
    #[schema(required)]
    pub name: Option<String>,
    /// Serial number.
    #[schema(required)]
    pub serial_number: Option<String>,
    /// Model.
    #[schema(required, example = "Elli Charger Pro 2")]
    pub model: Option<String>,
    /// Version of its firmware.
    #[schema(required, example = "R04.004.045.303")]
    pub firmware: Option<String>,
    /// Where Elli describes that firmware.
    #[schema(required)]
    pub firmware_notes_url: Option<String>,
    /// Elli's word, such as `connected`.
    #[schema(required)]
    pub connection_state: Option<String>,
    /// Elli's word, such as `activated`.
    #[schema(required)]
    pub lifecycle_state: Option<String>,
    /// Elli's word for who decides whether a car may charge, such as `authorization_csms`.
    #[schema(required)]
    pub authorization_mode: Option<String>,
    /// Its connectors.
    pub connectors: Vec<Connector>,
    /// When Elli last heard of it.
    #[schema(required)]
    pub last_contact_at: Option<Instant>,
    /// Where it hangs, in one line.
    #[schema(required)]
    pub address: Option<String>,
    /// What is plugged in.
    #[schema(required)]
    pub session: Option<Session>,
    /// What Elli sums up for that session; null without a car.
    #[schema(required)]
    pub accumulated: Option<Accumulated>,
    /// All its records against Elli's own sum.
    pub totals: Totals,
    /// Its schedule, as Elli says it: its shape is not documented.
    #[schema(required, value_type = Option<Object>)]
    pub scheduled_charging: Option<Box<RawValue>>,
}

/// A socket or cable of a station.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElliConnector)]
pub struct Connector {
    /// Number on the station.
    pub id: String,
    /// Elli's word, such as `available`.
    #[schema(required)]
    pub availability: Option<String>,
}

/// What is plugged in at a station.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElliSession)]
pub struct Session {
    /// When it began.
    #[schema(required)]
    pub started_at: Option<Instant>,
    /// Energy so far.
    #[schema(required)]
    pub energy_wh: Option<f64>,
    /// Power at the moment.
    #[schema(required)]
    pub power_w: Option<f64>,
    /// Elli's word, such as `charging`.
    #[schema(required)]
    pub charging_state: Option<String>,
    /// Elli's word, such as `active`.
    #[schema(required)]
    pub lifecycle_state: Option<String>,
    /// The card, masked.
    #[schema(required, example = "…12-1")]
    pub card: Option<String>,
    /// Elli's word for how it was allowed, such as `private_card_owned`.
    #[schema(required)]
    pub authentication_method: Option<String>,
    /// When Elli last heard of it.
    #[schema(required)]
    pub updated_at: Option<Instant>,
}

/// What Elli sums up for the session that runs. Its sums begin at 0 with every session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElliAccumulated)]
pub struct Accumulated {
    /// Energy so far.
    #[schema(required)]
    pub energy_wh: Option<f64>,
    /// Power at the moment.
    #[schema(required)]
    pub power_w: Option<f64>,
    /// When it began.
    #[schema(required)]
    pub started_at: Option<Instant>,
}

/// The records of a station that are kept here, against Elli's own sum.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElliTotals)]
pub struct Totals {
    /// Records kept here.
    pub kept_records: u64,
    /// Their energy.
    pub kept_energy_wh: f64,
    /// Those of them that Elli no longer shows.
    pub gone_records: u64,
    /// Energy of these.
    pub gone_energy_wh: f64,
    /// Records that Elli counts.
    #[schema(required)]
    pub elli_records: Option<u64>,
    /// Their energy.
    #[schema(required)]
    pub elli_energy_wh: Option<f64>,
    /// When they were compared.
    #[schema(required)]
    pub checked_at: Option<Instant>,
    /// Whether what Elli still shows agrees; null: not compared since the last record came.
    #[schema(required)]
    pub agree: Option<bool>,
}

/// A card of an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElliCard)]
pub struct Card {
    /// Elli's id.
    pub id: String,
    /// Its number, masked.
    #[schema(required, example = "…12-1")]
    pub number: Option<String>,
    /// Elli's word, such as `active`.
    #[schema(required)]
    pub status: Option<String>,
    /// Whether it opens public stations too.
    #[schema(required)]
    pub public_charging: Option<bool>,
    /// Whose it is.
    #[schema(required)]
    pub tenant_name: Option<String>,
    /// When it was made known to Elli.
    #[schema(required)]
    pub created_at: Option<Instant>,
    /// When it was last changed.
    #[schema(required)]
    pub updated_at: Option<Instant>,
}

/// Reports of Elli's that are kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct ElliPdfList {
    /// The newest first.
    pub pdfs: Vec<ElliPdf>,
}

/// A report of Elli's that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct ElliPdf {
    /// Its number.
    pub id: i64,
    /// Elli's id of the station.
    pub station: String,
    /// Elli's id of the card; null: all sessions.
    #[schema(required)]
    pub card: Option<String>,
    /// The card, masked.
    #[schema(required, example = "…12-1")]
    pub card_number: Option<String>,
    /// Records that Elli wrote down at or after.
    pub from: Instant,
    /// Records that Elli wrote down before.
    pub to: Instant,
    /// When it was fetched.
    pub fetched_at: Instant,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of it, in hex.
    pub sha256: String,
}
