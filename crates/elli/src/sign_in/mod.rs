//! Signing in: the authorization code flow with PKCE (RFC 7636).

mod callback;
mod pkce;

use std::fmt;

use thiserror::Error;
use url::Url;

pub use callback::InvalidCallback;
use pkce::{challenge, random};

use crate::client::Client;
use crate::private::Passing;

/// A sign-in under way: one person, one browser, one time.
///
/// Show [`url`](Self::url) in a browser. It ends at the redirect address, which goes to
/// [`accept`](Self::accept). How long that may take is for the caller to decide; five minutes are
/// usual.
pub struct SignIn {
    url: Url,
    state: Passing,
    verifier: Passing,
    config: crate::Config,
}

impl Client {
    /// Begins a sign-in. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If the operating system has no random numbers to give.
    pub fn sign_in(&self) -> Result<SignIn, NoRandomness> {
        let state = random()?;
        let verifier = random()?;
        let config = self.config().clone();
        let mut url = self.auth_url("authorize");
        url.query_pairs_mut()
            .append_pair("client_id", &config.client_id)
            .append_pair("code_challenge", &challenge(&verifier))
            .append_pair("code_challenge_method", "S256")
            .append_pair("audience", &config.audience)
            .append_pair("redirect_uri", &config.redirect_uri)
            .append_pair("scope", &config.scope)
            .append_pair("response_type", "code")
            .append_pair("state", &state)
            .append_pair("prompt", "login")
            .append_pair("connection_scope", "openid profile")
            .append_pair("ui_locales", &config.ui_locales);
        Ok(SignIn {
            url,
            state: Passing::new(state),
            verifier: Passing::new(verifier),
            config,
        })
    }
}

impl SignIn {
    /// Where the person signs in. Belongs to this sign-in alone, and into no log.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Takes the address at which the browser ended, as it was caught or as somebody pasted it.
    /// After an error the sign-in goes on: the right address may still come.
    ///
    /// # Errors
    ///
    /// If it is not the answer to this sign-in, or one that says no.
    pub fn accept(&self, callback: &str) -> Result<AuthorizationCode, InvalidCallback> {
        let code = callback::code(&self.config, &self.state, callback)?;
        Ok(AuthorizationCode {
            code,
            verifier: self.verifier.clone(),
        })
    }
}

/// Shows neither state nor verifier.
impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("host", &self.url.host_str())
            .finish_non_exhaustive()
    }
}

/// Can be exchanged for tokens, once and soon: [`Client::exchange`].
#[derive(Debug)]
pub struct AuthorizationCode {
    pub(crate) code: Passing,
    pub(crate) verifier: Passing,
}

/// The operating system has no random numbers to give, so nothing can be kept secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("The operating system has no random numbers to give ({0}).")]
pub struct NoRandomness(Box<str>);
