//! The tokens of an account: who has them, renews them and gives them away.
//!
//! Elli hands out a new refresh token with every refresh and revokes the whole sign-in when an old
//! one is used again. So there is one keeper per account and process, one refresh at a time, the new
//! refresh token is with the host before its access token is used, and a refresh that was begun is
//! carried through whether or not somebody still waits for it.
//!
//! Validity is measured by [`Clock::uptime`]: what the clock shows may be wrong by hours. A computer
//! that sleeps lengthens it, and then a 401 tells.

mod leaving;
mod purse;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::elli::{AccessToken, Client, Error, RefreshError, RefreshToken};
use ladebuch_domain::ids::SourceId;
use tokio::sync::{Mutex, watch};

use self::purse::{Access, Failure, Held, Purse};
use crate::clock::Clock;
use crate::host::{Host, HostError};

/// What the host keeps in the place of a token after signing out. It is not simply removed: a
/// computer without a keychain cannot tell a missing secret from one that cannot be read.
const SIGNED_OUT: &str = "signed-out";
/// What the host keeps in the place of a token that Elli has refused for good, so that it is never
/// tried again, not even after a restart.
const SIGN_IN_AGAIN: &str = "sign-in-again";

/// A refresh after a 401 that did not help is not repeated for so long.
const USELESS_PAUSE: Duration = Duration::from_secs(15 * 60);
/// Longest pause before the next refresh that is granted to Elli.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
/// Pause before a token that the host did not take is offered to it again; doubles each time.
const OFFER_AGAIN: Duration = Duration::from_secs(10);
/// What that pause does not grow beyond.
const LONGEST_OFFER_PAUSE: Duration = Duration::from_secs(5 * 60);

/// Name under which the host keeps the refresh token of an account.
pub(crate) fn secret_name(source: SourceId) -> String {
    format!("source/{source}/elli-refresh-token")
}

/// Whether an account can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// The host was not asked yet, or does not answer: its keychain may be locked.
    Unknown,
    /// There is a refresh token, and nothing speaks against it.
    SignedIn,
    /// Elli has refused the refresh token for good: it expired, was revoked, or its successor was
    /// lost. Stays until somebody signs in; nothing is tried meanwhile.
    SignInAgain,
    /// There is no refresh token: somebody has signed out or handed the session over.
    SignedOut,
}

/// Why a request got no answer of use.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody is signed in; nothing was sent.
    #[error("Nobody is signed in to this Elli account. Sign in to go on.")]
    SignedOut,
    /// Elli has ended the sign-in; nothing more is sent.
    #[error("Elli has ended this sign-in. Sign in again; what is recorded stays.")]
    SignInAgain,
    /// The host does not give, or does not take, the refresh token. It is tried again with the next
    /// request, and one that it does not take is offered again until it does.
    #[error("The Elli sign-in cannot be kept: {0}")]
    Secret(HostError),
    /// Elli. After a 401 the token has been renewed, and the request repeated, once already.
    #[error(transparent)]
    Elli(#[from] Error),
}

/// The one keeper of an account's tokens.
///
/// The refresh token lies with the host, the access token in memory only. There must be no second
/// keeper of the same account in the process, not even after its worker began anew: a token that the
/// host has not taken yet is here alone.
pub struct Tokens {
    source: SourceId,
    secret: String,
    client: Client,
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    state: watch::Sender<TokenState>,
    /// Refreshes that have ended. Who waited for one of them takes its outcome, also a bad one.
    ended: AtomicU64,
    /// Held while tokens are read, renewed, kept or given away.
    purse: Mutex<Purse>,
}

impl Tokens {
    /// The keeper of a source's account. Asks nobody anything yet.
    #[must_use]
    pub fn new(
        source: SourceId,
        client: Client,
        host: Arc<dyn Host>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        Arc::new(Self {
            source,
            secret: secret_name(source),
            client,
            host,
            clock,
            state: watch::Sender::new(TokenState::Unknown),
            ended: AtomicU64::new(0),
            purse: Mutex::default(),
        })
    }

    /// Follows whether the account can be asked.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<TokenState> {
        self.state.subscribe()
    }

    /// The client that requests go through.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a request with a valid access token, and once more with a new one if it is refused.
    ///
    /// Refreshes before the token ends and after a 401, never after anything else: a time-out says
    /// nothing about the token, and every refresh puts the sign-in at risk. Dropping the future ends
    /// the request, but not a refresh.
    ///
    /// # Errors
    /// When there is no token to be had, or what the request itself ends with.
    pub async fn call<T, F>(
        self: &Arc<Self>,
        request: impl Fn(Client, AccessToken) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let first = self.access(None).await?;
        match request(self.client.clone(), first.token).await {
            Err(Error::Unauthorized) => {}
            answer => return Ok(answer?),
        }
        let second = self.access(Some(first.number)).await?;
        let answer = request(self.client.clone(), second.token).await;
        if matches!(answer, Err(Error::Unauthorized)) {
            self.note_useless(second.number).await;
        }
        Ok(answer?)
    }

    /// Takes the tokens of a sign-in and keeps the refresh token. Those from before are forgotten,
    /// but not revoked: that might end the new sign-in too.
    ///
    /// # Errors
    /// When Elli gave no refresh token or the host does not take it; then all is as before.
    pub async fn adopt(self: &Arc<Self>, tokens: ::elli::Tokens) -> Result<(), HostError> {
        let begun = self.clock.uptime();
        let this = self.clone();
        carried_through(async move {
            let Some(refresh) = tokens.refresh_token.clone() else {
                let reason = "Elli gave no token with which the sign-in could be kept.";
                return Err(HostError(reason.to_owned()));
            };
            let mut purse = this.purse.lock().await;
            this.put(Some(refresh.expose())).await?;
            *purse = Purse::refilled(&purse, refresh);
            purse.take_access(&tokens, begun);
            // Told also if it was so before: whoever waits after a failure can go on.
            this.state.send_replace(purse.state());
            Ok(())
        })
        .await
        .unwrap_or_else(|| Err(cut_off()))
    }

    /// Waits until no refresh is under way, so that the program can end without losing a token.
    pub async fn settle(&self) {
        drop(self.purse.lock().await);
    }

    /// An access token to use, other than the one of that number, which was refused.
    async fn access(self: &Arc<Self>, refused: Option<u64>) -> Result<Access, CallError> {
        let seen = self.ended.load(Ordering::SeqCst);
        let this = self.clone();
        carried_through(async move { this.usable(refused, seen).await })
            .await
            // Only the end of the program cuts it off.
            .unwrap_or(Err(CallError::Elli(Error::ConnectionLost)))
    }

    async fn usable(
        self: &Arc<Self>,
        refused: Option<u64>,
        seen: u64,
    ) -> Result<Access, CallError> {
        let mut purse = self.purse.lock().await;
        self.read(&mut purse).await.map_err(CallError::Secret)?;
        let saved = self.save(&mut purse).await;
        let token = match &purse.held {
            Held::Unread | Held::Nothing => return Err(CallError::SignedOut),
            Held::Refused => return Err(CallError::SignInAgain),
            Held::Token(token) => token.clone(),
        };
        saved.map_err(CallError::Secret)?;

        let now = self.clock.uptime();
        let is_refused = |access: &Access| Some(access.number) == refused;
        if let Some(access) = &purse.access {
            if !is_refused(access) && access.good_until.is_none_or(|end| now < end) {
                return Ok(access.clone());
            }
            if is_refused(access) && now < purse.useless_until {
                return Err(CallError::Elli(Error::Unauthorized));
            }
        }
        if let Some(failure) = &purse.failure
            && (seen < self.ended.load(Ordering::SeqCst) || now < failure.not_before)
        {
            return Err(CallError::Elli(failure.error.clone()));
        }
        self.refresh(&mut purse, token, now).await
    }

    /// Trades the refresh token in and keeps the new one.
    async fn refresh(
        self: &Arc<Self>,
        purse: &mut Purse,
        token: RefreshToken,
        begun: Duration,
    ) -> Result<Access, CallError> {
        let outcome = match self.client.refresh(&token).await {
            // At once: if Elli has taken the token, it accepts it again for a short while at most.
            Err(RefreshError::AnswerLost(error)) => {
                tracing::warn!(source = %self.source, %error, "the answer to a refresh was lost");
                self.client.refresh(&token).await
            }
            outcome => outcome,
        };
        self.ended.fetch_add(1, Ordering::SeqCst);
        let tokens = match outcome {
            Ok(tokens) => tokens,
            Err(RefreshError::ReauthenticationRequired) => {
                tracing::warn!(source = %self.source, "Elli has ended the sign-in");
                purse.hold(Held::Refused);
                self.tell(purse);
                // If it cannot be noted, the next start asks Elli once more, and is told the same.
                self.save(purse).await.ok();
                return Err(CallError::SignInAgain);
            }
            Err(RefreshError::TryAgain(error) | RefreshError::AnswerLost(error)) => {
                let pause = error.retry_after().unwrap_or_default();
                purse.failure = Some(Failure {
                    error: error.clone(),
                    not_before: self.clock.uptime() + pause.min(LONGEST_PAUSE),
                });
                return Err(CallError::Elli(error));
            }
        };
        if let Some(next) = &tokens.refresh_token
            && next.expose() != token.expose()
        {
            purse.hold(Held::Token(next.clone()));
        }
        purse.failure = None;
        let access = purse.take_access(&tokens, begun);
        self.tell(purse);
        self.save(purse).await.map_err(CallError::Secret)?;
        Ok(access)
    }

    /// The request was refused with that token too, although it is new.
    async fn note_useless(&self, number: u64) {
        let mut purse = self.purse.lock().await;
        if purse.access.as_ref().map(|access| access.number) == Some(number) {
            tracing::warn!(source = %self.source, "Elli refuses a new access token");
            purse.useless_until = self.clock.uptime() + USELESS_PAUSE;
        }
    }

    /// Asks the host for the refresh token, if that was not done.
    async fn read(&self, purse: &mut Purse) -> Result<(), HostError> {
        if !matches!(purse.held, Held::Unread) {
            return Ok(());
        }
        let kept = self.host.secret(&self.secret).await?;
        purse.held = match kept.as_deref() {
            None | Some("" | SIGNED_OUT) => Held::Nothing,
            Some(SIGN_IN_AGAIN) => Held::Refused,
            Some(token) => Held::Token(RefreshToken::new(token)),
        };
        self.tell(purse);
        Ok(())
    }

    /// Gives the host what it does not keep yet, and sees to it that this is repeated.
    async fn save(self: &Arc<Self>, purse: &mut Purse) -> Result<(), HostError> {
        let saved = self.offer(purse).await;
        if let Err(error) = &saved
            && !purse.offering
        {
            tracing::error!(
                source = %self.source, %error,
                "the Elli sign-in cannot be kept; it is lost if the program ends now"
            );
            purse.offering = true;
            tokio::spawn(self.clone().offer_again());
        }
        saved
    }

    /// Goes on until the host has taken what it refused. Holds the keeper, and so the token.
    async fn offer_again(self: Arc<Self>) {
        let mut pause = OFFER_AGAIN;
        loop {
            tokio::time::sleep(pause).await;
            pause = LONGEST_OFFER_PAUSE.min(pause * 2);
            let mut purse = self.purse.lock().await;
            if self.offer(&mut purse).await.is_ok() {
                purse.offering = false;
                return;
            }
        }
    }

    async fn offer(&self, purse: &mut Purse) -> Result<(), HostError> {
        if !purse.unsaved {
            return Ok(());
        }
        let text = match &purse.held {
            Held::Token(token) => token.expose(),
            Held::Refused => SIGN_IN_AGAIN,
            Held::Unread | Held::Nothing => return Ok(()),
        };
        self.put(Some(text)).await?;
        purse.unsaved = false;
        Ok(())
    }

    async fn put(&self, text: Option<&str>) -> Result<(), HostError> {
        self.host.set_secret(&self.secret, text).await
    }

    fn tell(&self, purse: &Purse) {
        let state = purse.state();
        self.state
            .send_if_modified(|told| std::mem::replace(told, state) != state);
    }
}

/// Shows no token.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("source", &self.source)
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}

/// Revokes a refresh token and what came from the same sign-in, as far as Elli lets; at most for
/// some seconds. Whether Elli says that it did.
pub(crate) async fn revoke(client: &Client, token: &RefreshToken) -> bool {
    const PATIENCE: Duration = Duration::from_secs(5);
    match tokio::time::timeout(PATIENCE, client.revoke(token)).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::info!(%error, "a sign-in that is not used any more could not be revoked");
            false
        }
        Err(_) => {
            tracing::info!("a sign-in that is not used any more was not revoked in time");
            false
        }
    }
}

/// Runs to its end what must not stop half-way, whoever still waits for it. `None` if the program
/// ends.
async fn carried_through<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    tokio::spawn(work).await.ok()
}

fn cut_off() -> HostError {
    HostError("The program ends.".to_owned())
}

#[cfg(test)]
mod tests;
