//! `/authorize`: what a client asks for, and the way back to it.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use url::Url;

use super::super::identity::secret;
use super::super::{AUDIENCE, CLIENT_ID, Cloud, Fault, REDIRECT_URI, lock};
use super::grants::{Code, Grant};
use super::{COOKIE, PAGE_LIFETIME, Parameters, Transaction, browser, page};

/// An error the client is told about.
struct Refusal(&'static str, String);

/// What `/authorize` was asked, with everything in order.
struct Asked {
    grant: Grant,
    challenge: String,
    prompt: Option<String>,
}

pub(super) async fn authorize(
    State(cloud): State<Arc<Cloud>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let german = speaks_german(&parameters, &headers);
    // Whom to trust with a redirect comes first: these errors stay on the page.
    match parameters.get("client_id") {
        Some(CLIENT_ID) => {}
        None => {
            return page::error(
                StatusCode::BAD_REQUEST,
                "invalid_request: Missing required parameter: client_id",
                german,
            );
        }
        Some(_) => {
            return page::error(
                StatusCode::FORBIDDEN,
                "unauthorized_client: Unknown client",
                german,
            );
        }
    }
    match parameters.get("redirect_uri") {
        Some(REDIRECT_URI) => {}
        _ => {
            return page::error(
                StatusCode::FORBIDDEN,
                "unauthorized_client: Callback URL mismatch. The provided redirect_uri is not in the list of allowed callback URLs.",
                german,
            );
        }
    }
    let state = parameters.get("state").map(str::to_owned);
    let asked = match check(&parameters) {
        Ok(asked) => asked,
        Err(refusal) => return refuse(&refusal, state.as_deref()),
    };
    let Ok(moment) = cloud.now().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut auth = lock(&cloud.auth);
    let known = browser(&headers).filter(|browser| auth.sessions.contains(browser));
    let signed_in = known.is_some() && asked.prompt.as_deref() != Some("login");
    if asked.prompt.as_deref() == Some("none") && !signed_in {
        let refusal = Refusal("login_required", "Login required".to_owned());
        return refuse(&refusal, state.as_deref());
    }
    let browser = browser(&headers).unwrap_or_else(secret);
    let ours = secret();
    auth.transactions
        .retain(|_, open| open.expires > moment.felt);
    auth.transactions.insert(
        ours.clone(),
        Transaction {
            browser: browser.clone(),
            grant: asked.grant,
            challenge: asked.challenge,
            redirect_uri: REDIRECT_URI.to_owned(),
            state,
            german,
            signed_in,
            expires: moment.felt + PAGE_LIFETIME,
        },
    );
    let path = if signed_in {
        "/authorize/resume"
    } else {
        "/u/login"
    };
    let cookie = format!("{COOKIE}={browser}; Path=/; HttpOnly; SameSite=Lax");
    let mut response = found(&format!("{path}?state={ours}"));
    if let Ok(cookie) = cookie.parse() {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// The way back to the client once somebody has signed in; each works once.
pub(super) async fn resume(
    State(cloud): State<Arc<Cloud>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let Ok(moment) = cloud.now().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut auth = lock(&cloud.auth);
    let open = auth
        .transaction(parameters.get("state"), &headers, moment.felt)
        .filter(|(_, open)| open.signed_in);
    let Some((ours, open)) = open else {
        let german = speaks_german(&parameters, &headers);
        return page::error(StatusCode::BAD_REQUEST, "invalid_request: state", german);
    };
    auth.transactions.remove(&ours);
    if cloud.faults.strikes(Fault::AccessDenied) {
        let refusal = Refusal(
            "access_denied",
            "User did not authorize the request".to_owned(),
        );
        return refuse(&refusal, open.state.as_deref());
    }
    let code = Code {
        grant: open.grant,
        challenge: open.challenge,
        redirect_uri: open.redirect_uri,
        expires: moment.felt + cloud.config.code_lifetime,
    };
    let code = auth.grants.issue_code(code, moment.felt);
    back(&[("code", Some(&code)), ("state", open.state.as_deref())])
}

fn check(parameters: &Parameters) -> Result<Asked, Refusal> {
    let missing = |name: &str| {
        Refusal(
            "invalid_request",
            format!("Missing required parameter: {name}"),
        )
    };
    match parameters.get("response_type") {
        Some("code") => {}
        None => return Err(missing("response_type")),
        Some(other) => {
            let text = format!("Unsupported response type: {other}");
            return Err(Refusal("unsupported_response_type", text));
        }
    }
    let challenge = parameters
        .get("code_challenge")
        .ok_or_else(|| missing("code_challenge"))?;
    if parameters.get("code_challenge_method") != Some("S256") {
        let text = "code_challenge_method must be S256".to_owned();
        return Err(Refusal("invalid_request", text));
    }
    if let Some(other) = parameters
        .get("audience")
        .filter(|other| *other != AUDIENCE)
    {
        return Err(Refusal(
            "access_denied",
            format!("Service not found: {other}"),
        ));
    }
    Ok(Asked {
        grant: Grant {
            scope: parameters
                .get("scope")
                .unwrap_or("openid profile email")
                .to_owned(),
            audience: parameters.get("audience").map(str::to_owned),
        },
        challenge: challenge.to_owned(),
        prompt: parameters.get("prompt").map(str::to_owned),
    })
}

fn refuse(Refusal(error, text): &Refusal, state: Option<&str>) -> Response {
    back(&[
        ("error", Some(error)),
        ("error_description", Some(text)),
        ("state", state),
    ])
}

/// To the client, by the one callback it has registered.
fn back(parameters: &[(&str, Option<&str>)]) -> Response {
    let Ok(mut callback) = Url::parse(REDIRECT_URI) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let said = parameters
        .iter()
        .filter_map(|(name, value)| value.map(|value| (*name, value)));
    callback.query_pairs_mut().extend_pairs(said);
    found(callback.as_str())
}

/// 302, which is what Auth0 answers to GET and POST alike.
pub(super) fn found(location: &str) -> Response {
    (
        StatusCode::FOUND,
        [
            (header::LOCATION, location),
            (header::CACHE_CONTROL, "no-store"),
        ],
    )
        .into_response()
}

/// By `ui_locales`, then by the browser.
pub(super) fn speaks_german(parameters: &Parameters, headers: &HeaderMap) -> bool {
    let browser = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    parameters
        .get("ui_locales")
        .or(browser)
        .is_some_and(|languages| languages.trim_start().starts_with("de"))
}
