//! The household's connections: adding, changing and removing sources, for good.
//!
//! What is stored and what is listened to change together here; passwords go to the host's
//! keychain and never into the database.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ladebuch_domain::ids::SourceId;
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::host::{Host, HostError};
use crate::identity::new_id;
use crate::sources::{self, Configured, Listeners, OpenwbConfig, TestReport};
use crate::store::{Store, StoreError, StoredSource};

const KIND: &str = "openwb";

/// A configured source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its identity.
    pub id: SourceId,
    /// Name given by the user.
    pub name: String,
    /// How to reach it.
    pub config: OpenwbConfig,
    /// Whether a password is kept for it.
    pub has_password: bool,
    /// When it was added.
    pub created: DateTime<Utc>,
}

/// A source as a user enters it.
#[derive(Clone)]
pub struct SourceDraft {
    /// Name; `None`: the host's name.
    pub name: Option<String>,
    /// How to reach it.
    pub config: OpenwbConfig,
    /// What to do about the password.
    pub password: PasswordChange,
}

/// What an edit does to a stored password.
#[derive(Clone)]
pub enum PasswordChange {
    /// It stays as it is.
    Keep,
    /// It is replaced.
    Set(String),
    /// It is forgotten.
    Remove,
}

/// A change of the connections that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SourcesError {
    /// There is no such source.
    #[error("There is no such connection. It may have been removed elsewhere.")]
    NotFound,
    /// An entry cannot be right.
    #[error("{reason}")]
    Invalid {
        /// The field of the entry.
        field: &'static str,
        /// What is wrong with it and what to enter.
        reason: String,
    },
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The change ended unexpectedly.
    #[error("The change was interrupted. Look whether it was made, and try again if not.")]
    Interrupted,
    /// The keychain refuses.
    #[error("The password could not be stored: {0}")]
    Secret(#[from] HostError),
}

/// All connections of the household. Cheap to clone.
///
/// A change that was begun is carried through, even if whoever asked for it no longer waits.
#[derive(Clone)]
pub struct Sources(Arc<Inner>);

struct Inner {
    store: Store,
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    /// Held during a change, so that what is stored and what is listened to agree.
    listeners: Mutex<Listeners>,
}

impl Sources {
    /// Starts listening to all stored sources.
    pub(crate) async fn start(
        store: Store,
        host: Arc<dyn Host>,
        clock: Arc<dyn Clock>,
        mut listeners: Listeners,
    ) -> Result<Self, StoreError> {
        for stored in store.sources().await? {
            match configured(&stored) {
                Ok(source) => listeners.start(&source).await,
                Err(error) => {
                    tracing::error!(source = %stored.id, %error, "a stored source cannot be read");
                }
            }
        }
        Ok(Self(Arc::new(Inner {
            store,
            host,
            clock,
            listeners: Mutex::new(listeners),
        })))
    }

    /// All sources, oldest first.
    ///
    /// # Errors
    /// When the database or the keychain cannot be read.
    pub async fn list(&self) -> Result<Vec<Source>, SourcesError> {
        let mut sources = Vec::new();
        for stored in self.0.store.sources().await? {
            sources.push(self.0.describe(stored).await?);
        }
        Ok(sources)
    }

    /// Adds a source and starts listening to it.
    ///
    /// # Errors
    /// When the entry is invalid or cannot be stored.
    pub async fn add(&self, draft: SourceDraft) -> Result<Source, SourcesError> {
        let inner = self.0.clone();
        carried_through(async move { inner.add(draft).await }).await
    }

    /// Changes a source and connects anew.
    ///
    /// # Errors
    /// When there is no such source, the entry is invalid or cannot be stored.
    pub async fn update(&self, id: SourceId, draft: SourceDraft) -> Result<Source, SourcesError> {
        let inner = self.0.clone();
        carried_through(async move { inner.update(id, draft).await }).await
    }

    /// Stops listening to a source and forgets its password. Its history stays.
    ///
    /// # Errors
    /// When there is no such source, or the keychain or the database refuses.
    pub async fn remove(&self, id: SourceId) -> Result<(), SourcesError> {
        let inner = self.0.clone();
        carried_through(async move { inner.remove(id).await }).await
    }

    /// Connects once with the draft and says what came, without keeping anything. The stored
    /// password of `like` is used where the draft keeps it.
    ///
    /// # Errors
    /// When the entry is invalid or the stored password cannot be read.
    pub async fn test(
        &self,
        draft: SourceDraft,
        like: Option<SourceId>,
    ) -> Result<TestReport, SourcesError> {
        let (_, config) = checked(&draft)?;
        let host = &*self.0.host;
        let password = match (&draft.password, like) {
            (PasswordChange::Set(password), _) => Some(password.clone()),
            (PasswordChange::Keep, Some(id)) => sources::password(host, id, &config).await?,
            (PasswordChange::Keep | PasswordChange::Remove, _) => None,
        };
        Ok(sources::test(&config, password).await)
    }

    pub(crate) async fn stop(&self) {
        self.0.listeners.lock().await.stop().await;
    }
}

impl Inner {
    async fn add(&self, draft: SourceDraft) -> Result<Source, SourcesError> {
        let (name, config) = checked(&draft)?;
        let mut listeners = self.listeners.lock().await;
        let now = self.clock.now();
        let id = SourceId(new_id(now));
        self.keep_password(id, &draft.password).await?;
        let stored = stored(id, &name, &config, now)?;
        self.store.add_source(&stored).await?;
        listeners.start(&Configured { id, name, config }).await;
        self.describe(stored).await
    }

    async fn update(&self, id: SourceId, draft: SourceDraft) -> Result<Source, SourcesError> {
        let (name, config) = checked(&draft)?;
        let mut listeners = self.listeners.lock().await;
        let before = self.find(id).await?;
        self.keep_password(id, &draft.password).await?;
        let stored = stored(id, &name, &config, before.created)?;
        let known = configured(&before).map_err(StoreError::from)?.config;
        if (&known.host, known.port, known.http_port)
            != (&config.host, config.port, config.http_port)
        {
            self.store.reopen_log_months(id).await?;
        }
        self.store.update_source(&stored).await?;
        listeners.start(&Configured { id, name, config }).await;
        self.describe(stored).await
    }

    async fn remove(&self, id: SourceId) -> Result<(), SourcesError> {
        let mut listeners = self.listeners.lock().await;
        self.find(id).await?;
        // First, so that a keychain that refuses does not keep a password nobody can remove.
        self.keep_password(id, &PasswordChange::Remove).await?;
        self.store.remove_source(id, self.clock.now()).await?;
        listeners.remove(id).await;
        Ok(())
    }

    async fn find(&self, id: SourceId) -> Result<StoredSource, SourcesError> {
        let sources = self.store.sources().await?;
        sources
            .into_iter()
            .find(|source| source.id == id)
            .ok_or(SourcesError::NotFound)
    }

    async fn keep_password(&self, id: SourceId, change: &PasswordChange) -> Result<(), HostError> {
        let name = sources::secret_name(id);
        match change {
            PasswordChange::Keep => Ok(()),
            PasswordChange::Set(password) => self.host.set_secret(&name, Some(password)).await,
            PasswordChange::Remove => self.host.set_secret(&name, None).await,
        }
    }

    async fn describe(&self, stored: StoredSource) -> Result<Source, SourcesError> {
        let Configured { id, name, config } = configured(&stored).map_err(StoreError::from)?;
        // A keychain that is locked must not hide the connections.
        let has_password = sources::password(&*self.host, id, &config)
            .await
            .map_or(true, |password| password.is_some());
        Ok(Source {
            id,
            name,
            config,
            has_password,
            created: stored.created,
        })
    }
}

/// Runs a change to its end, whether or not its result is still waited for.
async fn carried_through<T: Send + 'static>(
    change: impl Future<Output = Result<T, SourcesError>> + Send + 'static,
) -> Result<T, SourcesError> {
    match tokio::spawn(change).await {
        Ok(result) => result,
        Err(_) => Err(SourcesError::Interrupted),
    }
}

fn configured(stored: &StoredSource) -> Result<Configured, serde_json::Error> {
    let config = serde_json::from_str(&stored.config)?;
    Ok(Configured {
        id: stored.id,
        name: stored.name.clone(),
        config,
    })
}

fn stored(
    id: SourceId,
    name: &str,
    config: &OpenwbConfig,
    created: DateTime<Utc>,
) -> Result<StoredSource, StoreError> {
    let config = serde_json::to_string(config)?;
    Ok(StoredSource {
        id,
        kind: KIND.to_owned(),
        name: name.to_owned(),
        config,
        created,
    })
}

/// The draft, tidied up, or what is wrong with it.
fn checked(draft: &SourceDraft) -> Result<(String, OpenwbConfig), SourcesError> {
    let invalid = |field, reason: &str| SourcesError::Invalid {
        field,
        reason: reason.to_owned(),
    };
    let text = |entry: &Option<String>| {
        entry
            .as_deref()
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(str::to_owned)
    };
    let config = OpenwbConfig {
        host: draft.config.host.trim().to_owned(),
        pinned_fingerprint: text(&draft.config.pinned_fingerprint)
            .map(|pin| pin.replace([':', ' '], "").to_ascii_lowercase()),
        username: text(&draft.config.username),
        topic_prefix: text(&draft.config.topic_prefix),
        ..draft.config.clone()
    };
    if config.host.is_empty() || config.host.contains(char::is_whitespace) {
        return Err(invalid(
            "host",
            "Enter the openWB's name or address, e.g. openwb.local.",
        ));
    }
    if config.host.contains("://") || config.host.contains('/') {
        return Err(invalid(
            "host",
            "Enter the name or address alone, without mqtt:// and path.",
        ));
    }
    if config.port == 0 {
        return Err(invalid(
            "port",
            "Enter the broker's port: 1883, or 8883 with TLS.",
        ));
    }
    if let Some(pin) = &config.pinned_fingerprint
        && (pin.len() != 64 || !pin.bytes().all(|byte| byte.is_ascii_hexdigit()))
    {
        let reason = "A SHA-256 fingerprint has 64 hexadecimal digits.";
        return Err(invalid("tls.pinned_fingerprint", reason));
    }
    if let Some(prefix) = &config.topic_prefix
        && prefix.contains(['#', '+'])
    {
        return Err(invalid(
            "topic_prefix",
            "A topic prefix cannot contain # or +.",
        ));
    }
    let name = text(&draft.name).unwrap_or_else(|| config.host.clone());
    Ok((name, config))
}
