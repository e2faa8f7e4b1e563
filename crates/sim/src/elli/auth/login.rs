//! `/u/login`: the page where people type their password.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::super::identity::secret;
use super::super::{Cloud, lock};
use super::authorize::{found, speaks_german};
use super::page::{self, Complaint, Form};
use super::{CHALLENGE_LIFETIME, Parameters};

const LOST: &str = "invalid_request: the login page has expired or was opened in another browser";

pub(super) async fn show(
    State(cloud): State<Arc<Cloud>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let Ok(moment) = cloud.now().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    match lock(&cloud.auth).transaction(query.get("state"), &headers, moment.felt) {
        Some((state, open)) => page::login(&Form {
            state: &state,
            german: open.german,
            turnstile: cloud.config.turnstile,
            username: "",
            complaint: None,
        }),
        None => page::error(
            StatusCode::BAD_REQUEST,
            LOST,
            speaks_german(&query, &headers),
        ),
    }
}

pub(super) async fn submit(
    State(cloud): State<Arc<Cloud>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let form = Parameters::parse(&body);
    let Ok(moment) = cloud.now().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut auth = lock(&cloud.auth);
    let state = query.get("state").or_else(|| form.get("state"));
    let Some((state, open)) = auth.transaction(state, &headers, moment.felt) else {
        let german = speaks_german(&query, &headers);
        return page::error(StatusCode::BAD_REQUEST, LOST, german);
    };
    let username = form.get("username").unwrap_or_default();
    let again = |complaint| {
        page::login(&Form {
            state: &state,
            german: open.german,
            turnstile: cloud.config.turnstile,
            username,
            complaint: Some(complaint),
        })
    };
    if cloud.config.turnstile {
        let solved = form
            .get("captcha")
            .and_then(|captcha| auth.challenges.remove(captcha))
            .is_some_and(|(page, expires)| page == state && expires > moment.felt);
        if !solved {
            return again(Complaint::Challenge);
        }
    }
    let account = &cloud.config.account;
    let right = username.trim().eq_ignore_ascii_case(&account.user)
        && form.get("password") == Some(&account.password);
    if !right {
        return again(Complaint::Password);
    }
    auth.sessions.insert(open.browser);
    if let Some(open) = auth.transactions.get_mut(&state) {
        open.signed_in = true;
    }
    found(&format!("/authorize/resume?state={state}"))
}

/// The challenge solved on a page: what the widget puts into the form.
pub(super) async fn solve(
    State(cloud): State<Arc<Cloud>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let Ok(moment) = cloud.now().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut auth = lock(&cloud.auth);
    let Some((state, _)) = auth.transaction(query.get("state"), &headers, moment.felt) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    auth.challenges
        .retain(|_, (_, expires)| *expires > moment.felt);
    let token = secret();
    auth.challenges
        .insert(token.clone(), (state, moment.felt + CHALLENGE_LIFETIME));
    Json(json!({"token": token})).into_response()
}
