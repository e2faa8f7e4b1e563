//! Signing in and out.
//!
//! A person signs in at Elli's own page in a browser. What is needed to finish that is in memory
//! alone: a few sign-ins at a time, each for a few minutes, each used once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::elli::{
    AuthorizationCode, Client, ExchangeError, InvalidCallback, InvalidConfig, NoRandomness, SignIn,
};
use chrono::{DateTime, Utc};
use ladebuch_domain::ids::SourceId;
use uuid::Uuid;

use crate::clock::Clock;
use crate::connections::{AccountError, Sources, SourcesError};
use crate::host::HostError;
use crate::identity::new_id;
use crate::sources::ElliConfig;
use crate::sources::elli::keepers::Keepers;
use crate::sources::elli::tokens::{Tokens, revoke};

/// How long a person may take at Elli's page.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// Sign-ins under way at a time; the oldest makes room.
const AT_ONCE: usize = 8;

/// A sign-in that waits for a person. Its address belongs into no log.
pub struct Begun {
    /// By which it is finished or given up.
    pub id: Uuid,
    /// Elli's page, for a browser.
    pub url: String,
    /// The host of that page, to be shown to the person.
    pub host: String,
    /// What the address begins with at which the browser ends.
    pub redirect_uri: String,
    /// When it is too late.
    pub expires: DateTime<Utc>,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// It is unknown, was used, given up, or took too long.
    #[error("This sign-in is no longer under way. Begin again.")]
    Expired,
    /// The address is not the end of this sign-in, which goes on.
    #[error(transparent)]
    Callback(InvalidCallback),
    /// Elli or the person said no, and the sign-in is over.
    #[error("Elli did not sign you in ({error}). Begin again.")]
    Refused {
        /// Elli's name for the reason.
        error: Box<str>,
    },
    /// Somebody has signed in to another account than the source's. Nothing of it was kept.
    #[error(
        "This is another Elli account. Sign in to the one that this connection belongs to, or add a \
         new connection."
    )]
    OtherAccount,
    /// Elli gave no token with which the sign-in would last. Nothing of it was kept.
    #[error("Elli did not allow Ladebuch to stay signed in. Begin again.")]
    NotLasting,
    /// Elli cannot be asked for the tokens. The sign-in goes on: the same address may be tried again.
    #[error(transparent)]
    Elli(::elli::Error),
    /// Tokens must not be sent to the hosts.
    #[error(transparent)]
    Hosts(#[from] InvalidConfig),
    /// The operating system has no random numbers.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The source is not there, or it or its tokens could not be kept. Nothing of it was.
    #[error(transparent)]
    Sources(#[from] SourcesError),
}

impl From<AccountError> for SignInError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Other => Self::OtherAccount,
            AccountError::NotLasting => Self::NotLasting,
            AccountError::Sources(error) => Self::Sources(error),
        }
    }
}

/// The sign-ins under way. Cheap to clone.
#[derive(Clone)]
pub(crate) struct SignIns(Arc<Inner>);

struct Inner {
    sources: Sources,
    keepers: Keepers,
    clock: Arc<dyn Clock>,
    under_way: Mutex<HashMap<Uuid, UnderWay>>,
}

struct UnderWay {
    sign_in: SignIn,
    client: Client,
    /// At which hosts.
    account: ElliConfig,
    /// The source whose account it must be.
    source: Option<SourceId>,
    /// By uptime.
    until: Duration,
}

impl SignIns {
    pub fn new(sources: Sources, keepers: Keepers, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            sources,
            keepers,
            clock,
            under_way: Mutex::default(),
        }))
    }

    /// Begins to sign in: to the account of that source, or to any.
    ///
    /// # Errors
    /// When there is no such Elli source, or no sign-in can be prepared. Elli is not asked.
    pub async fn begin(&self, source: Option<SourceId>) -> Result<Begun, SignInError> {
        let account = match source {
            Some(id) => self.0.sources.account(id).await?,
            None => self.0.keepers.new_account(None),
        };
        let client = self.0.keepers.client(&account)?;
        let sign_in = client.sign_in()?;
        let now = self.0.clock.now();
        let begun = Begun {
            id: new_id(now),
            url: sign_in.url().to_string(),
            host: sign_in.url().host_str().unwrap_or_default().to_owned(),
            redirect_uri: client.config().redirect_uri.clone(),
            expires: now + PATIENCE,
        };
        let until = self.0.clock.uptime() + PATIENCE;
        let mut under_way = self.under_way();
        if under_way.len() >= AT_ONCE {
            let oldest = under_way.iter().min_by_key(|(_, one)| one.until);
            let oldest = oldest.map(|(id, _)| *id);
            oldest.and_then(|id| under_way.remove(&id));
        }
        under_way.insert(
            begun.id,
            UnderWay {
                sign_in,
                client,
                account,
                source,
                until,
            },
        );
        Ok(begun)
    }

    /// Ends a sign-in with the address at which the browser ended, and returns the account's source,
    /// which is made if there is none. Carried through even if nobody waits for it.
    ///
    /// # Errors
    /// When nobody is signed in by it. After a wrong address, and while Elli cannot be reached, the
    /// sign-in goes on.
    pub async fn finish(&self, id: Uuid, callback: &str) -> Result<SourceId, SignInError> {
        let (under_way, code) = self.accept(id, callback)?;
        let this = self.clone();
        tokio::spawn(async move { this.exchange(id, under_way, code).await })
            .await
            .unwrap_or(Err(SignInError::Sources(SourcesError::Interrupted)))
    }

    /// Gives a sign-in up.
    pub fn cancel(&self, id: Uuid) {
        self.under_way().remove(&id);
    }

    fn accept(
        &self,
        id: Uuid,
        callback: &str,
    ) -> Result<(UnderWay, AuthorizationCode), SignInError> {
        let mut all = self.under_way();
        let under_way = all.remove(&id).ok_or(SignInError::Expired)?;
        match under_way.sign_in.accept(callback) {
            Ok(code) => Ok((under_way, code)),
            Err(InvalidCallback::Denied { error }) => Err(SignInError::Refused { error }),
            // Anybody can make up an address: the right one may still come.
            Err(foreign) => {
                all.insert(id, under_way);
                Err(SignInError::Callback(foreign))
            }
        }
    }

    async fn exchange(
        &self,
        id: Uuid,
        under_way: UnderWay,
        code: AuthorizationCode,
    ) -> Result<SourceId, SignInError> {
        let tokens = match under_way.client.exchange(code).await {
            Ok(tokens) => tokens,
            Err(ExchangeError::CodeRefused) => {
                let error = "invalid_grant".into();
                return Err(SignInError::Refused { error });
            }
            Err(ExchangeError::Failed(error)) => {
                self.under_way().insert(id, under_way);
                return Err(SignInError::Elli(error));
            }
        };
        let account = ElliConfig {
            subject: tokens.subject(),
            ..under_way.account
        };
        let sources = &self.0.sources;
        Ok(sources
            .keep_account(under_way.source, account, tokens)
            .await?)
    }

    /// Those that are not too old.
    fn under_way(&self) -> MutexGuard<'_, HashMap<Uuid, UnderWay>> {
        let now = self.0.clock.uptime();
        let mut under_way = self
            .0
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        under_way.retain(|_, one| now < one.until);
        under_way
    }
}

/// Signs an account out: its tokens are forgotten here, and revoked as far as Elli lets. Whether
/// Elli says that it did. What was recorded stays.
///
/// # Errors
/// When the host does not forget the tokens; then all is as before.
pub(crate) async fn sign_out(tokens: &Arc<Tokens>) -> Result<bool, HostError> {
    let tokens = tokens.clone();
    let signing_out = tokio::spawn(async move {
        Ok(match tokens.give_up().await? {
            Some(token) => revoke(tokens.client(), &token).await,
            None => false,
        })
    });
    signing_out
        .await
        .unwrap_or_else(|_| Err(HostError("The program ends.".to_owned())))
}
