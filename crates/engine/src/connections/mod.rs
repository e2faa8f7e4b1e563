//! The household's connections: adding, changing and removing sources, for good.
//!
//! What is stored and what is listened to change together here; passwords go to the host's
//! keychain and never into the database.

mod account;
mod entry;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ladebuch_domain::ids::SourceId;
use ladebuch_domain::source::SourceKind;
use serde::de::Error as _;
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::host::{Host, HostError};
use crate::identity::new_id;
use crate::sources::elli::keepers::Keepers;
use crate::sources::{self, Configured, Listeners, OpenwbConfig, SourceConfig, TestReport};
use crate::store::{Store, StoreError, StoredSource};

pub(crate) use self::account::AccountError;

/// A configured source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its identity.
    pub id: SourceId,
    /// Name given by the user.
    pub name: String,
    /// What it is and how to reach it.
    pub config: SourceConfig,
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
    /// What it is and how to reach it; `None` leaves that as it is.
    pub config: Option<SourceConfig>,
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
    /// Only an openWB can be looked at.
    #[error("Only an openWB publishes topics that can be looked at.")]
    NotOpenwb,
    /// Only an Elli account can be signed in to.
    #[error("This connection is no Elli account.")]
    NotElli,
    /// There is no such charge point.
    #[error("There is no such charge point at present.")]
    NoChargePoint,
    /// One of them is no device of the right sort.
    #[error("Only an Elli station and a charge point of another source can be one wallbox.")]
    NotLinkable,
    /// The recorder has not noted the device yet.
    #[error("This charge point has only just been seen. Try again in a minute.")]
    TooNew,
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
    keepers: Keepers,
    /// Held while an account is signed in to or removed, so that the two do not meet. Never taken by
    /// whoever holds `listeners`: it waits for Elli, which is known to hang.
    sessions: Mutex<()>,
    /// Held during a change, so that what is stored and what is listened to agree.
    listeners: Mutex<Listeners>,
}

impl Sources {
    /// Starts listening to all stored sources.
    pub(crate) async fn start(
        store: Store,
        host: Arc<dyn Host>,
        clock: Arc<dyn Clock>,
        keepers: Keepers,
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
            keepers,
            sessions: Mutex::default(),
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

    /// Changes a source and connects anew, unless no more than its name is another.
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
        let (_, config) = entry::new(&draft)?;
        let host = &*self.0.host;
        let password = match (&draft.password, like, config.openwb()) {
            (PasswordChange::Set(password), ..) => Some(password.clone()),
            (PasswordChange::Keep, Some(id), Some(openwb)) => {
                sources::password(host, id, openwb).await?
            }
            (PasswordChange::Keep | PasswordChange::Remove, ..) => None,
        };
        let report = sources::test(&config, password).await;
        report.ok_or_else(|| entry::invalid("kind", "Such a connection cannot be tried out."))
    }

    pub(crate) async fn stop(&self) {
        self.0.listeners.lock().await.stop().await;
        self.0.keepers.settle().await;
    }
}

impl Inner {
    async fn add(&self, draft: SourceDraft) -> Result<Source, SourcesError> {
        let (name, config) = entry::new(&draft)?;
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
        let mut listeners = self.listeners.lock().await;
        let before = self.find(id).await?;
        let known = configured(&before)?;
        let (name, config) = entry::changed(&draft, &known.config, &known.name)?;
        self.keep_password(id, &draft.password).await?;
        let stored = stored(id, &name, &config, before.created)?;
        if place(&known.config) != place(&config) {
            self.store.reopen_log_months(id).await?;
        }
        self.store.update_source(&stored).await?;
        let is_renamed = known.config == config && matches!(draft.password, PasswordChange::Keep);
        // What a connection holds, such as the settings of a wallbox, outlives a new name.
        if !(is_renamed && listeners.rename(id, &name).await) {
            listeners.start(&Configured { id, name, config }).await;
        }
        self.describe(stored).await
    }

    async fn remove(&self, id: SourceId) -> Result<(), SourcesError> {
        let is_account = configured(&self.find(id).await?)?.config.elli().is_some();
        let _sessions = match is_account {
            true => Some(self.sessions.lock().await),
            false => None,
        };
        // Secrets go first, so that a keychain that refuses does not keep one nobody can remove.
        if let Some(account) = configured(&self.find(id).await?)?.config.elli() {
            self.keepers.forget(id, account).await?;
        }
        let mut listeners = self.listeners.lock().await;
        // Somebody may have been quicker.
        if configured(&self.find(id).await?)?.config.openwb().is_some() {
            self.keep_password(id, &PasswordChange::Remove).await?;
        }
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
        let Configured { id, name, config } = configured(&stored)?;
        let has_password = match config.openwb() {
            // A keychain that is locked must not hide the connections.
            Some(openwb) => sources::password(&*self.host, id, openwb)
                .await
                .map_or(true, |password| password.is_some()),
            None => false,
        };
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

fn configured(stored: &StoredSource) -> Result<Configured, StoreError> {
    let kind = SourceKind::from_name(&stored.kind).ok_or_else(|| {
        serde_json::Error::custom(format_args!(
            "there is no source of the kind {}",
            stored.kind
        ))
    })?;
    let config = SourceConfig::from_json(kind, &stored.config)?;
    Ok(Configured {
        id: stored.id,
        name: stored.name.clone(),
        config,
    })
}

fn stored(
    id: SourceId,
    name: &str,
    config: &SourceConfig,
    created: DateTime<Utc>,
) -> Result<StoredSource, StoreError> {
    Ok(StoredSource {
        id,
        kind: config.kind().name().to_owned(),
        name: name.to_owned(),
        config: config.to_json()?,
        created,
    })
}

/// What decides whether months of a charge log that were fetched are those of the same box.
fn place(config: &SourceConfig) -> Option<(&str, u16, Option<u16>)> {
    let OpenwbConfig {
        host,
        port,
        http_port,
        ..
    } = config.openwb()?;
    Some((host, *port, *http_port))
}
