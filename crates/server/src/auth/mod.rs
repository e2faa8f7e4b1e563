//! Who asks, and what they may do.
//!
//! There is one caller yet, the owner, and three ways to be it: sitting in front of the app (the
//! in-process door), holding the owner token, or holding a session cookie that was given for it.

mod codes;
mod session;
mod token;

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, Utc};
use http::{HeaderMap, header};
use serde::Serialize;
use utoipa::ToSchema;

pub use codes::{Refusal, SignInCodes};
pub use session::{COOKIE, Sessions};
pub use token::{OwnerToken, TokenError};

use crate::app::Shared;
use crate::problem::{ApiError, Code};

/// What an operation lets its caller do. Each operation declares one where it is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See live values, history and status.
    Read,
    /// See and change what belongs to the caller.
    Own,
    /// Command wallboxes.
    Control,
    /// Make and fetch reports.
    Reports,
    /// Configure everything.
    Admin,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::Own,
        Self::Control,
        Self::Reports,
        Self::Admin,
    ];

    /// As it is written in the API document.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Own => "own",
            Self::Control => "control",
            Self::Reports => "reports",
            Self::Admin => "admin",
        }
    }
}

/// How a caller showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// From within the app's own window.
    InProcess,
    /// With a session cookie.
    Cookie,
    /// With the owner token.
    Token,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// How they showed it.
    pub via: Door,
}

impl Caller {
    /// What they may do: the owner may do everything.
    #[must_use]
    pub fn scopes(self) -> &'static [Scope] {
        &Scope::ALL
    }

    /// How the journal names them.
    #[must_use]
    pub fn name(self) -> &'static str {
        "owner"
    }
}

/// The caller of a request; only the in-process door puts a [`Caller`] into the extensions.
fn identify(request: &Request, token: &OwnerToken, now: DateTime<Utc>) -> Option<Caller> {
    if let Some(caller) = request.extensions().get::<Caller>() {
        return Some(*caller);
    }
    if let Some(shown) = bearer(request.headers()) {
        return token.is(shown).then_some(Caller { via: Door::Token });
    }
    session::from_headers(request.headers())
        .any(|value| token.sessions().holds(value, now))
        .then_some(Caller { via: Door::Cookie })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, shown) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(shown.trim())
}

/// Lets a request pass if its caller may do what the scope stands for.
pub async fn require(
    State(scope): State<Scope>,
    Extension(shared): Extension<Shared>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let ready = shared.ready()?;
    let caller = identify(&request, &ready.token, shared.now()).ok_or_else(|| {
        ApiError::new(
            Code::NotSignedIn,
            "Sign in first: open a sign-in link (`ladebuch-server sign-in-link` makes one) or send \
             the owner token as `Authorization: Bearer`.",
        )
    })?;
    if !caller.scopes().contains(&scope) {
        return Err(ApiError::new(
            Code::Forbidden,
            format!(
                "This needs the scope `{}`, which you do not have.",
                scope.name()
            ),
        ));
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}
