//! Moving a session from one instance to another, as a text.
//!
//! Two instances must not share a refresh token: Elli would end the sign-in. So the one that writes
//! the text has forgotten the token before, and the one that reads it trades the token in at once.

use std::fmt;
use std::sync::Arc;

use ::elli::{Client, InvalidConfig, RefreshError, RefreshToken};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ladebuch_domain::ids::SourceId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::connections::{AccountError, Sources, SourcesError};
use crate::host::HostError;
use crate::sources::ElliConfig;
use crate::sources::elli::keepers::Keepers;
use crate::sources::elli::tokens::{TokenState, Tokens};

/// What the text begins with: what it is, and how it is to be read.
const MARK: &str = "ladebuch-elli-1:";
/// Longer than any text that was written here.
const LONGEST: usize = 32 << 10;

/// Why a session did not move.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// It is not a text of this kind, or not all of it.
    #[error("This is not a session that another Ladebuch has handed over. Copy the whole text.")]
    InvalidTicket,
    /// The text names other hosts than Elli's. Nothing was sent there.
    #[error("This session belongs to another service than the Elli that this Ladebuch talks to.")]
    OtherHosts,
    /// There is no session to be handed over, or Elli does not accept the one in the text any more.
    #[error("There is no Elli session that could be used. Sign in again.")]
    SignInAgain,
    /// Elli gave no token with which the session would last.
    #[error("Elli did not allow Ladebuch to stay signed in. Sign in again.")]
    NotLasting,
    /// Elli cannot be asked. The text is still good.
    #[error(transparent)]
    Elli(::elli::Error),
    /// Tokens must not be sent to the hosts that are configured.
    #[error(transparent)]
    Hosts(#[from] InvalidConfig),
    /// The host does not forget the token, so that it was not handed over; or it takes none, and then
    /// the text is still good.
    #[error("The Elli sign-in cannot be moved: {0}")]
    Secret(#[from] HostError),
    /// The source could not be made. The session is revoked as far as Elli lets.
    #[error(transparent)]
    Sources(#[from] SourcesError),
}

impl From<AccountError> for HandOverError {
    fn from(error: AccountError) -> Self {
        match error {
            // Without a source that was asked for there is none that it could differ from.
            AccountError::Other | AccountError::NotLasting => Self::NotLasting,
            AccountError::Sources(error) => Self::Sources(error),
        }
    }
}

/// A session on its way.
#[derive(Serialize, Deserialize)]
struct Ticket {
    auth_url: String,
    api_url: String,
    subject: Option<String>,
    refresh_token: String,
}

impl Ticket {
    /// From what was pasted: perhaps quoted, or broken into lines on its way.
    fn read(pasted: &str) -> Option<Self> {
        if pasted.len() > LONGEST {
            return None;
        }
        let text: String = pasted
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '`'))
            .collect();
        let json = URL_SAFE_NO_PAD
            .decode(text.strip_prefix(MARK)?.trim_end_matches('='))
            .ok()?;
        let ticket: Self = serde_json::from_slice(&json).ok()?;
        (!ticket.refresh_token.is_empty()).then_some(ticket)
    }

    fn text(&self) -> Result<String, serde_json::Error> {
        let json = serde_json::to_vec(self)?;
        Ok(format!("{MARK}{}", URL_SAFE_NO_PAD.encode(json)))
    }

    /// Whether its token may be sent to the hosts of that account.
    fn is_for(&self, account: &ElliConfig) -> bool {
        let same =
            |one: &str, other: &str| one.trim_end_matches('/') == other.trim_end_matches('/');
        same(&self.auth_url, &account.auth_url) && same(&self.api_url, &account.api_url)
    }
}

/// Shows no token.
impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("auth_url", &self.auth_url)
            .finish_non_exhaustive()
    }
}

/// Takes the session of an account out of this instance and returns it as a text, which is good for
/// one other instance, once.
///
/// # Errors
/// When there is none, or the host does not forget it; then all is as before.
pub(crate) async fn hand_over(
    tokens: &Arc<Tokens>,
    account: &ElliConfig,
) -> Result<String, HandOverError> {
    if *tokens.state().borrow() == TokenState::SignInAgain {
        return Err(HandOverError::SignInAgain);
    }
    let token = tokens.give_up().await?;
    let token = token.ok_or(HandOverError::SignInAgain)?;
    let ticket = Ticket {
        auth_url: account.auth_url.clone(),
        api_url: account.api_url.clone(),
        subject: account.subject.clone(),
        refresh_token: token.expose().to_owned(),
    };
    // Texts always make JSON.
    ticket.text().map_err(|_| HandOverError::InvalidTicket)
}

/// Takes over sessions from other instances. Cheap to clone.
#[derive(Clone)]
pub(crate) struct TakingOver(Arc<Inner>);

struct Inner {
    sources: Sources,
    keepers: Keepers,
    /// Which text was taken last, and what came of it; held meanwhile. Whoever sends the same once
    /// more gets the same answer: trading its token in again would end the session.
    last: Mutex<Option<([u8; 32], SourceId)>>,
}

impl TakingOver {
    pub fn new(sources: Sources, keepers: Keepers) -> Self {
        Self(Arc::new(Inner {
            sources,
            keepers,
            last: Mutex::default(),
        }))
    }

    /// Takes over the session in a text and returns the account's source, which is made if there is
    /// none. Carried through even if nobody waits for it.
    ///
    /// # Errors
    /// When it cannot be read or used; [`HandOverError`] says whether it is still good.
    pub async fn take_over(&self, text: &str) -> Result<SourceId, HandOverError> {
        let ticket = Ticket::read(text).ok_or(HandOverError::InvalidTicket)?;
        if !ticket.is_for(&self.0.keepers.new_account(None)) {
            return Err(HandOverError::OtherHosts);
        }
        let inner = self.0.clone();
        tokio::spawn(async move { inner.take(ticket).await })
            .await
            .unwrap_or(Err(HandOverError::Sources(SourcesError::Interrupted)))
    }
}

impl Inner {
    async fn take(&self, ticket: Ticket) -> Result<SourceId, HandOverError> {
        let mut last = self.last.lock().await;
        let digest = Sha256::digest(&ticket.refresh_token).into();
        if let Some((taken, source)) = *last
            && taken == digest
        {
            return Ok(source);
        }
        let client = self.keepers.client(&self.keepers.new_account(None))?;
        // The token is used up by the next step, and its successor must have a place.
        self.keepers.try_host().await?;
        let tokens = traded(&client, &RefreshToken::new(ticket.refresh_token)).await?;
        let subject = tokens.subject().or(ticket.subject);
        let account = self.keepers.new_account(subject);
        let source = self.sources.keep_account(None, account, tokens).await?;
        *last = Some((digest, source));
        Ok(source)
    }
}

async fn traded(client: &Client, token: &RefreshToken) -> Result<::elli::Tokens, HandOverError> {
    let outcome = match client.refresh(token).await {
        Err(RefreshError::AnswerLost(_)) => client.refresh(token).await,
        outcome => outcome,
    };
    outcome.map_err(|error| match error {
        RefreshError::ReauthenticationRequired => HandOverError::SignInAgain,
        RefreshError::TryAgain(error) | RefreshError::AnswerLost(error) => {
            HandOverError::Elli(error)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Ticket {
        Ticket {
            auth_url: "https://login.elli.eco".to_owned(),
            api_url: "https://api.elli.eco".to_owned(),
            subject: Some("auth0|1".to_owned()),
            refresh_token: "v1.secret".to_owned(),
        }
    }

    fn elli() -> ElliConfig {
        ElliConfig {
            auth_url: "https://login.elli.eco".to_owned(),
            api_url: "https://api.elli.eco".to_owned(),
            subject: None,
        }
    }

    #[test]
    fn a_text_is_read_however_it_was_pasted() {
        let text = ticket().text().unwrap();
        assert!(text.starts_with("ladebuch-elli-1:"));
        let (first, second) = text.split_at(40);
        for pasted in [
            text.clone(),
            format!("  \"{text}\"\r\n"),
            format!("{first}\n    {second}"),
            format!("{text}=="),
        ] {
            let read = Ticket::read(&pasted).unwrap();
            assert_eq!(read.refresh_token, "v1.secret");
            assert_eq!(read.subject.as_deref(), Some("auth0|1"));
            assert!(read.is_for(&elli()));
        }
    }

    #[test]
    fn other_texts_are_none() {
        let text = ticket().text().unwrap();
        let empty = Ticket {
            refresh_token: String::new(),
            ..ticket()
        };
        for other in [
            String::new(),
            MARK.to_owned(),
            text[..text.len() - 9].to_owned(),
            text.replace("elli-1", "elli-2"),
            text.to_uppercase(),
            text.repeat(400),
            format!("{MARK}{}", URL_SAFE_NO_PAD.encode("{}")),
            format!("{MARK}{}", URL_SAFE_NO_PAD.encode([0xff])),
            empty.text().unwrap(),
        ] {
            assert!(Ticket::read(&other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_text_for_other_hosts_is_told() {
        let slash = Ticket {
            auth_url: "https://login.elli.eco/".to_owned(),
            ..ticket()
        };
        assert!(slash.is_for(&elli()));
        for (auth_url, api_url) in [
            ("https://login.elli.eco.example", "https://api.elli.eco"),
            ("https://login.elli.eco", "http://127.0.0.1:1"),
        ] {
            let other = Ticket {
                auth_url: auth_url.to_owned(),
                api_url: api_url.to_owned(),
                ..ticket()
            };
            assert!(!other.is_for(&elli()));
        }
    }

    #[test]
    fn no_token_is_shown() {
        assert!(!format!("{:?}", ticket()).contains("secret"));
    }
}
