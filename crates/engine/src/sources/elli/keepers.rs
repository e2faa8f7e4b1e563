//! Who keeps which account's tokens: one keeper each, for as long as the process lives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::elli::{Client, Config, InvalidConfig};
use ladebuch_domain::ids::SourceId;

use super::tokens::{self, Tokens};
use crate::clock::Clock;
use crate::host::{Host, HostError};
use crate::sources::ElliConfig;

/// How long the end of the program waits for refreshes under way.
const FAREWELL: Duration = Duration::from_millis(1500);

/// The keepers of all accounts, and the clients they ask with. Cheap to clone.
///
/// A worker that begins anew asks for its account's keeper here: a token that the host has not taken
/// yet is with that keeper alone, and two of them would use one refresh token twice.
#[derive(Clone)]
pub struct Keepers(Arc<Inner>);

struct Inner {
    /// Which client of Elli's this is, and the hosts at which new accounts sign in.
    config: Config,
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keepers: HashMap<SourceId, Arc<Tokens>>,
    /// By both hosts.
    clients: HashMap<(String, String), Client>,
}

impl Keepers {
    /// Keepers that keep refresh tokens with this host. `config` says who asks, and at which hosts
    /// new accounts sign in.
    #[must_use]
    pub fn new(config: Config, host: Arc<dyn Host>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            config,
            host,
            clock,
            known: Mutex::default(),
        }))
    }

    /// An account that signs in from now on.
    #[must_use]
    pub fn new_account(&self, subject: Option<String>) -> ElliConfig {
        ElliConfig {
            auth_url: self.0.config.auth_url.clone(),
            api_url: self.0.config.api_url.clone(),
            subject,
        }
    }

    /// A client for the hosts of an account.
    ///
    /// # Errors
    /// When tokens must not be sent there: not encrypted, or no address of a host.
    pub fn client(&self, account: &ElliConfig) -> Result<Client, InvalidConfig> {
        self.known().client(&self.0.config, account)
    }

    /// The keeper of a source's account.
    ///
    /// # Errors
    /// When tokens must not be sent to its hosts.
    pub fn of(&self, source: SourceId, account: &ElliConfig) -> Result<Arc<Tokens>, InvalidConfig> {
        let mut known = self.known();
        if let Some(tokens) = known.keepers.get(&source) {
            return Ok(tokens.clone());
        }
        let client = known.client(&self.0.config, account)?;
        let tokens = Tokens::new(source, client, self.0.host.clone(), self.0.clock.clone());
        known.keepers.insert(source, tokens.clone());
        Ok(tokens)
    }

    /// Takes the tokens of a source that is removed out of the host, and revokes them as far as Elli
    /// lets, which is not waited for. Their keeper stays: should the source not be removed after all,
    /// its worker goes on with it.
    ///
    /// # Errors
    /// When the host does not forget them; then all is as before.
    pub async fn forget(&self, source: SourceId, account: &ElliConfig) -> Result<(), HostError> {
        let Ok(tokens) = self.of(source, account) else {
            return self
                .0
                .host
                .set_secret(&tokens::secret_name(source), None)
                .await;
        };
        if let Some(token) = tokens.forget().await? {
            let client = tokens.client().clone();
            tokio::spawn(async move { tokens::revoke(&client, &token).await });
        }
        Ok(())
    }

    /// Sees whether the host takes secrets, before something is done that needs a place for one.
    ///
    /// # Errors
    /// When it does not.
    pub async fn try_host(&self) -> Result<(), HostError> {
        const NAME: &str = "elli/trial";
        self.0.host.set_secret(NAME, Some("trial")).await?;
        // A locked keychain forgets nothing, but there is a place beside it; the trial does no harm.
        self.0.host.set_secret(NAME, None).await.ok();
        Ok(())
    }

    /// Waits until no refresh is under way, so that the program can end without losing a token; not
    /// for long, because Elli is known to hang.
    pub async fn settle(&self) {
        let keepers: Vec<_> = self.known().keepers.values().cloned().collect();
        let settling = async {
            for tokens in keepers {
                tokens.settle().await;
            }
        };
        if tokio::time::timeout(FAREWELL, settling).await.is_err() {
            tracing::warn!("Elli was renewing a sign-in when the program ended; it may be lost");
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn client(&mut self, config: &Config, account: &ElliConfig) -> Result<Client, InvalidConfig> {
        let hosts = (account.auth_url.clone(), account.api_url.clone());
        if let Some(client) = self.clients.get(&hosts) {
            return Ok(client.clone());
        }
        let client = Client::new(Config {
            auth_url: account.auth_url.clone(),
            api_url: account.api_url.clone(),
            ..config.clone()
        })?;
        self.clients.insert(hosts, client.clone());
        Ok(client)
    }
}
