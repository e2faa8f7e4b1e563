//! The sign-in: what Auth0 does behind `login.elli.eco`.

mod authorize;
mod grants;
mod jwt;
mod login;
mod page;
mod token;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::routing::{get, post};
use chrono::TimeDelta;

use super::Cloud;
use grants::{Grant, Grants};

/// Who signs in, for the tokens: the account's id at Auth0.
pub(super) const SUBJECT: &str = "auth0|5f0c2a7e9d3b4c0013a1e2d4";
/// How long a login page is good.
const PAGE_LIFETIME: TimeDelta = TimeDelta::hours(1);
/// How long a solved challenge is good.
const CHALLENGE_LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// Cookie of the browser's session.
const COOKIE: &str = "auth0";

/// Everything the sign-in remembers.
#[derive(Debug)]
pub(super) struct Auth {
    pub(super) grants: Grants,
    /// Browsers in which somebody is signed in.
    pub(super) sessions: HashSet<String>,
    /// By the tenant's own state, which is not the client's.
    transactions: HashMap<String, Transaction>,
    /// Solved challenges and the transaction each was solved for.
    challenges: HashMap<String, (String, TimeDelta)>,
    /// What tokens of this run are signed with.
    key: [u8; 32],
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            grants: Grants::default(),
            sessions: HashSet::new(),
            transactions: HashMap::new(),
            challenges: HashMap::new(),
            key: rand::random(),
        }
    }
}

/// A sign-in under way.
#[derive(Debug, Clone)]
struct Transaction {
    /// The browser it began in.
    browser: String,
    grant: Grant,
    challenge: String,
    redirect_uri: String,
    /// The client's own state.
    state: Option<String>,
    german: bool,
    signed_in: bool,
    expires: TimeDelta,
}

pub(super) fn routes() -> Router<Arc<Cloud>> {
    Router::new()
        .route("/authorize", get(authorize::authorize))
        .route("/authorize/resume", get(authorize::resume))
        .route("/u/login", get(login::show).post(login::submit))
        .route("/u/challenge", post(login::solve))
        .route("/oauth/token", post(token::exchange))
        .route("/oauth/revoke", post(token::revoke))
}

/// Parameters of a query or form.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first of that name, if it says anything.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// The browser's session cookie.
fn browser(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}

impl Auth {
    /// The transaction of a page, if it is still good and belongs to the browser that asks.
    fn transaction(
        &self,
        state: Option<&str>,
        headers: &HeaderMap,
        now: TimeDelta,
    ) -> Option<(String, Transaction)> {
        let state = state?;
        self.transactions
            .get(state)
            .filter(|open| open.expires > now)
            .filter(|open| browser(headers).as_deref() == Some(&open.browser))
            .map(|open| (state.to_owned(), open.clone()))
    }
}
