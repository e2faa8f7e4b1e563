//! The Elli account: signing in, and what its cloud says.

mod account;
mod from_engine;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Instant;

pub use account::{
    Accumulated, Card, Connector, ElliAccount, ElliPdf, ElliPdfList, Records, RecordsState,
    Session, SessionState, Station, Sync, SyncProblem, Totals,
};

/// For whom somebody wants to sign in.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ElliSignInInput {
    /// The source whose account is to be signed in again; without it, an account is added.
    #[serde(default)]
    pub source_id: Option<Uuid>,
}

/// A sign-in under way.
#[derive(Debug, Serialize, ToSchema)]
pub struct ElliSignIn {
    /// Its id.
    pub id: Uuid,
    /// Elli's own page, to be opened in a browser. It is for this sign-in alone.
    pub url: String,
    /// Host of that page.
    #[schema(example = "login.elli.eco")]
    pub host: String,
    /// Where the page goes in the end, with `?code=…&state=…` behind it.
    #[schema(example = "com.elli.ios.emsp://login.elli.eco/ios/com.elli.ios.emsp/callback")]
    pub redirect_uri: String,
    /// Until when the sign-in can be finished.
    pub expires_at: Instant,
}

/// Where a sign-in ended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ElliCallback {
    /// The address at which the browser ended. Quotes and blanks around it do no harm.
    #[schema(
        example = "com.elli.ios.emsp://login.elli.eco/ios/com.elli.ios.emsp/callback?code=…&state=…"
    )]
    pub callback: String,
}

/// What became of signing out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ElliSignedOut {
    /// Whether Elli revoked the session. Here it is forgotten in any case.
    pub revoked: bool,
}

/// A session that was taken out of this instance.
#[derive(Serialize, ToSchema)]
pub struct ElliTicket {
    /// A text that another instance takes over, once. Whoever has it can read the account.
    #[schema(example = "ladebuch-elli-1:eyJ…")]
    pub ticket: String,
}

/// A session to take over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ElliTicketInput {
    /// The text that the other instance gave.
    pub ticket: String,
}
