//! The token endpoint: codes and refresh tokens in, tokens out.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use thiserror::Error as ThisError;

use crate::client::Client;
use crate::error::Error;
use crate::json::Fields;
use crate::private::{AccessToken, IdToken, RefreshToken};
use crate::sign_in::AuthorizationCode;
use crate::transport::Answer;

/// What a sign-in or a refresh yields.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// For the API.
    pub access_token: AccessToken,
    /// For the next refresh. Save it before anything else is done: the one before is used up. After
    /// a refresh that brought no new one it is the one that was used. After a sign-in it is `None`
    /// only if `offline_access` was not asked for.
    pub refresh_token: Option<RefreshToken>,
    /// Who signed in.
    pub id_token: Option<IdToken>,
    /// How long the access token is valid, counted from the answer. How long that is at Elli is
    /// not public: trust this, and a 401.
    pub expires_in: Option<Duration>,
    /// What was granted, separated by blanks.
    pub scope: Option<String>,
}

impl Tokens {
    /// The account (`sub` of the id token). The signature is not checked; the token came straight
    /// from the authorization server.
    #[must_use]
    pub fn subject(&self) -> Option<String> {
        let payload = self.id_token.as_ref()?.expose().split('.').nth(1)?;
        let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        let claims: Value = serde_json::from_slice(&payload).ok()?;
        Fields::of(&claims)?.text("sub")
    }
}

/// Why a code yields no tokens.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum ExchangeError {
    /// The code was used before, is too old, or belongs to another sign-in: begin again.
    #[error("Elli does not accept this sign-in any more. Begin again.")]
    CodeRefused,
    /// Something else. A code is good for one answer: unless the request was certainly not
    /// received, begin again as well.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Why a refresh token yields no new tokens.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum RefreshError {
    /// The refresh token is used up, revoked or expired. Only signing in again helps.
    #[error("Elli asks you to sign in again.")]
    ReauthenticationRequired,
    /// The token is still good: try again later, and not before
    /// [`retry_after`](Error::retry_after).
    #[error(transparent)]
    TryAgain(Error),
    /// The request may have been received, but its answer is lost, and with it perhaps the next
    /// refresh token. Trying again tells: with tokens, or that signing in is needed.
    #[error("The answer to a refresh is lost. {0}")]
    AnswerLost(Error),
}

impl RefreshError {
    /// How long Elli asks to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::ReauthenticationRequired => None,
            Self::TryAgain(error) | Self::AnswerLost(error) => error.retry_after(),
        }
    }
}

impl Client {
    /// Exchanges the code of a sign-in for tokens.
    ///
    /// # Errors
    ///
    /// If the code is refused or no answer comes.
    pub async fn exchange(&self, code: AuthorizationCode) -> Result<Tokens, ExchangeError> {
        let answer = self
            .post_auth(
                "oauth/token",
                &json!({
                    "grant_type": "authorization_code",
                    "client_id": self.config().client_id,
                    "code": code.code.expose(),
                    "redirect_uri": self.config().redirect_uri,
                    "code_verifier": code.verifier.expose(),
                }),
            )
            .await?;
        match granted(answer)? {
            Some(tokens) => Ok(tokens),
            None => Err(ExchangeError::CodeRefused),
        }
    }

    /// Exchanges a refresh token for the next tokens.
    ///
    /// One at a time: a refresh token that is used twice makes Elli revoke all that came from the
    /// same sign-in. So refresh after a 401 and before an expiry, not after a time-out.
    ///
    /// # Errors
    ///
    /// If the token is refused for good, or no answer comes.
    pub async fn refresh(&self, token: &RefreshToken) -> Result<Tokens, RefreshError> {
        let answer = self
            .post_auth(
                "oauth/token",
                &json!({
                    "grant_type": "refresh_token",
                    "client_id": self.config().client_id,
                    "refresh_token": token.expose(),
                }),
            )
            .await;
        match answer.and_then(granted) {
            Ok(Some(mut tokens)) => {
                tokens.refresh_token.get_or_insert_with(|| token.clone());
                Ok(tokens)
            }
            Ok(None) => Err(RefreshError::ReauthenticationRequired),
            Err(error) if error.may_have_worked() => Err(RefreshError::AnswerLost(error)),
            Err(error) => Err(RefreshError::TryAgain(error)),
        }
    }

    /// Revokes a refresh token and all that came from the same sign-in (RFC 7009).
    ///
    /// Auth0, which Elli builds on, offers this; that Elli does is not known. Forget the token
    /// whatever the answer is.
    ///
    /// # Errors
    ///
    /// If Elli refuses or no answer comes.
    pub async fn revoke(&self, token: &RefreshToken) -> Result<(), Error> {
        let body = json!({ "client_id": self.config().client_id, "token": token.expose() });
        let answer = self.post_auth("oauth/revoke", &body).await?;
        refused(answer).map(drop)
    }
}

/// `None` if the code or token that was presented is not accepted. The name of the error decides:
/// statuses differ.
fn granted(answer: Answer) -> Result<Option<Tokens>, Error> {
    if !answer.status.is_success()
        && answer
            .code()
            .is_some_and(|code| code.as_str() == "invalid_grant")
    {
        return Ok(None);
    }
    tokens(&refused(answer)?).map(Some)
}

/// A 401 of this server is about the client, not about an access token.
fn refused(answer: Answer) -> Result<Answer, Error> {
    let code = answer.code();
    answer.success().map_err(|error| match error {
        Error::Unauthorized => Error::Refused { status: 401, code },
        error => error,
    })
}

fn tokens(answer: &Answer) -> Result<Tokens, Error> {
    let body: Value =
        serde_json::from_str(answer.json()?).map_err(|_| answer.unexpected("JSON"))?;
    let missing = Error::UnexpectedShape {
        expected: "access_token",
    };
    let fields = Fields::of(&body).ok_or_else(|| missing.clone())?;
    Ok(Tokens {
        access_token: fields
            .text("access_token")
            .map(AccessToken::new)
            .ok_or(missing)?,
        refresh_token: fields.text("refresh_token").map(RefreshToken::new),
        id_token: fields.text("id_token").map(IdToken::new),
        expires_in: fields
            .number("expires_in")
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        scope: fields.text("scope"),
    })
}
