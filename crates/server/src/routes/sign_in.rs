//! Signing in and out, and who asks.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use crate::app::Shared;
use crate::auth::{Caller, Refusal, Sessions};
use crate::dto::sign_in::{CallerName, Me, SignIn, SignInLink};
use crate::extract;
use crate::listen::ListenAddress;
use crate::problem::{ApiError, Code, Problem};

/// Begin a session in a browser
///
/// Takes the one-time code of a sign-in link, or the owner token, and sets a cookie.
#[utoipa::path(
    post, path = "/api/v1/sign-in", tag = "access", request_body = SignIn,
    responses(
        (status = 204, description = "Signed in; `Set-Cookie` has the session."),
        (status = 401, description = "Code or token is wrong, used or expired.", body = Problem,
         content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong ones.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn sign_in(
    State(shared): State<Shared>,
    extract::Json(shown): extract::Json<SignIn>,
) -> Result<Response, ApiError> {
    let ready = shared.ready()?;
    let now = shared.now();
    let outcome = match (&shown.code, &shown.token) {
        (Some(code), None) => shared.codes().redeem(code, now),
        (None, Some(token)) => shared.codes().check(&ready.token, token, now),
        _ => {
            return Err(ApiError::new(
                Code::BadBody,
                "Send either the code of a sign-in link or the owner token.",
            ));
        }
    };
    outcome.map_err(|refusal| match refusal {
        Refusal::Wrong => ApiError::new(
            Code::SignInRefused,
            "This sign-in link or token is wrong, was already used, or has expired. \
             `ladebuch-server sign-in-link` makes a new link.",
        ),
        Refusal::Throttled => ApiError::new(
            Code::TooManyAttempts,
            "Too many wrong sign-ins. Wait a minute and try again.",
        ),
    })?;
    let cookie = ready.token.sessions().begin(now);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// End the session of this browser
#[utoipa::path(
    delete, path = "/api/v1/sign-in", tag = "access",
    responses((status = 204, description = "Signed out; the cookie is cleared."))
)]
pub async fn sign_out() -> Response {
    (
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, Sessions::end())],
    )
        .into_response()
}

/// Make a one-time link that signs a browser in
///
/// It works once, within 15 minutes.
#[utoipa::path(
    post, path = "/api/v1/sign-in/links", tag = "access",
    responses(
        (status = 201, body = SignInLink),
        (status = 409, description = "The program does not listen on any address.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn create_sign_in_link(
    State(shared): State<Shared>,
    address: ListenAddress,
) -> Result<(StatusCode, Json<SignInLink>), ApiError> {
    Ok((StatusCode::CREATED, Json(shared.sign_in_link(address.0)?)))
}

/// Who is asking
#[utoipa::path(
    get, path = "/api/v1/me", tag = "access", responses((status = 200, body = Me))
)]
pub async fn me(caller: Caller) -> Json<Me> {
    Json(Me {
        caller: CallerName::Owner,
        via: caller.via,
        scopes: caller.scopes().to_vec(),
    })
}
