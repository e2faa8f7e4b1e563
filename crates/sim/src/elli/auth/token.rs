//! `/oauth/token` and `/oauth/revoke`.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::super::{CLIENT_ID, Cloud, Fault, lock};
use super::grants::Grant;
use super::{Parameters, SUBJECT, jwt};
use crate::Moment;

/// How long an id token says it is good.
const ID_TOKEN_S: i64 = 36_000;
/// Who signs.
const ISSUER: &str = "https://login.elli.eco/";

/// An error as Auth0 words it.
struct Refusal(StatusCode, &'static str, String);

impl Refusal {
    fn grant(text: &str) -> Self {
        Self(StatusCode::FORBIDDEN, "invalid_grant", text.to_owned())
    }

    fn missing(name: &str) -> Self {
        let text = format!("Missing required parameter: {name}");
        Self(StatusCode::BAD_REQUEST, "invalid_request", text)
    }

    fn answer(self) -> Response {
        let body = json!({"error": self.1, "error_description": self.2});
        (self.0, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }
}

pub(super) async fn exchange(
    State(cloud): State<Arc<Cloud>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    cloud.token_requests.fetch_add(1, Ordering::Relaxed);
    if cloud.faults.strikes(Fault::TokenUnavailable) {
        let page = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>";
        let html = [(header::CONTENT_TYPE, "text/html")];
        return (StatusCode::SERVICE_UNAVAILABLE, html, page).into_response();
    }
    if cloud.faults.strikes(Fault::TokenRateLimit) {
        let text = "Global limit has been reached".to_owned();
        return Refusal(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", text).answer();
    }
    let Ok(moment) = cloud.now().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let outcome = read(&headers, &body).and_then(|said| {
        client(&said)?;
        match said.get("grant_type") {
            Some("authorization_code") => by_code(&cloud, &said, moment),
            Some("refresh_token") => by_refresh_token(&cloud, &said, moment),
            None => Err(Refusal::missing("grant_type")),
            Some(other) => Err(Refusal(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                format!("Unsupported grant type: {other}"),
            )),
        }
    });
    match outcome {
        Ok(tokens) => tokens,
        Err(refusal) => refusal.answer(),
    }
}

/// Ends a sign-in. A token nobody knows is as good as revoked (RFC 7009).
pub(super) async fn revoke(
    State(cloud): State<Arc<Cloud>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let outcome = read(&headers, &body).and_then(|said| {
        client(&said)?;
        let token = said.get("token").ok_or_else(|| Refusal::missing("token"))?;
        lock(&cloud.auth).grants.revoke(token);
        Ok(StatusCode::OK.into_response())
    });
    outcome.unwrap_or_else(Refusal::answer)
}

/// A body of either kind.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, Refusal> {
    let form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if form {
        return Ok(Parameters::parse(body));
    }
    let object: Map<String, Value> = serde_json::from_slice(body).map_err(|_| {
        let text = "The request body is neither JSON nor a form".to_owned();
        Refusal(StatusCode::BAD_REQUEST, "invalid_request", text)
    })?;
    let words = object
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
    Ok(Parameters(words.collect()))
}

fn client(said: &Parameters) -> Result<(), Refusal> {
    match said.get("client_id") {
        Some(CLIENT_ID) => Ok(()),
        Some(_) => Err(Refusal(
            StatusCode::UNAUTHORIZED,
            "access_denied",
            "Unauthorized".to_owned(),
        )),
        None => Err(Refusal::missing("client_id")),
    }
}

fn by_code(cloud: &Cloud, said: &Parameters, moment: Moment) -> Result<Response, Refusal> {
    let need = |name| said.get(name).ok_or_else(|| Refusal::missing(name));
    let (code, verifier, redirect) = (need("code")?, need("code_verifier")?, need("redirect_uri")?);
    let code = lock(&cloud.auth)
        .grants
        .redeem_code(code, moment.felt)
        .ok_or_else(|| Refusal::grant("Invalid authorization code"))?;
    if redirect != code.redirect_uri {
        let text = format!(
            "The redirect URI is wrong. You sent {redirect}, and we expected {}",
            code.redirect_uri
        );
        return Err(Refusal(StatusCode::FORBIDDEN, "unauthorized_client", text));
    }
    if jwt::challenge(verifier) != code.challenge {
        return Err(Refusal::grant("Failed to verify code verifier"));
    }
    let refresh = code
        .grant
        .has("offline_access")
        .then(|| lock(&cloud.auth).grants.found_family(code.grant.clone()));
    Ok(tokens(cloud, &code.grant, refresh, moment))
}

fn by_refresh_token(cloud: &Cloud, said: &Parameters, moment: Moment) -> Result<Response, Refusal> {
    let refused = || Refusal::grant("Unknown or invalid refresh token.");
    let token = said
        .get("refresh_token")
        .ok_or_else(|| Refusal::missing("refresh_token"))?;
    if cloud.faults.strikes(Fault::RevokedRefreshToken) {
        lock(&cloud.auth).grants.revoke(token);
        return Err(refused());
    }
    let (grant, next) = if cloud.faults.strikes(Fault::NoRotation) {
        let grant = lock(&cloud.auth).grants.use_again(token);
        (grant.map_err(|_| refused())?, None)
    } else {
        let leeway = cloud.config.rotation_leeway;
        let rotated = lock(&cloud.auth).grants.rotate(token, leeway, moment.felt);
        let (grant, next) = rotated.map_err(|_| refused())?;
        (grant, Some(next))
    };
    let answer = tokens(cloud, &grant, next, moment);
    if cloud.faults.strikes(Fault::LostRefreshAnswer) {
        return Ok(cut(answer));
    }
    Ok(answer)
}

fn tokens(cloud: &Cloud, grant: &Grant, refresh: Option<String>, moment: Moment) -> Response {
    let lifetime = cloud.config.access_token_lifetime;
    let mut auth = lock(&cloud.auth);
    let issued = moment.now.timestamp();
    let access = jwt::sign(
        &json!({
            "iss": ISSUER,
            "sub": SUBJECT,
            "aud": grant.audience,
            "iat": issued,
            "exp": issued + lifetime.num_seconds(),
            "azp": CLIENT_ID,
            "scope": grant.scope,
            "jti": super::super::identity::secret(),
        }),
        &auth.key,
    );
    auth.grants.issue_access(
        access.clone(),
        grant.audience.is_some(),
        moment.felt + lifetime,
        moment.felt,
    );
    let mut answer = json!({
        "access_token": access,
        "scope": grant.scope,
        "expires_in": lifetime.num_seconds(),
        "token_type": "Bearer",
    });
    if let Some(refresh) = refresh {
        answer["refresh_token"] = refresh.into();
    }
    if grant.has("openid") {
        let name = &cloud.config.account.user;
        let claims = json!({
            "iss": ISSUER,
            "sub": SUBJECT,
            "aud": CLIENT_ID,
            "iat": issued,
            "exp": issued + ID_TOKEN_S,
            "name": name,
            "nickname": name.split('@').next(),
        });
        answer["id_token"] = jwt::sign(&claims, &auth.key).into();
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

/// The head of an answer, and then a broken connection.
fn cut(answer: Response) -> Response {
    let (head, _) = answer.into_parts();
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let body = futures_util::stream::iter([Ok(Bytes::from_static(b"{")), Err(broken)]);
    Response::from_parts(head, Body::from_stream(body))
}
