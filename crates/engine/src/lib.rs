//! Ladebuch's engine: it listens to the sources, keeps the live view, records it, and answers
//! for the history.
//!
//! Data flows one way: [`sources`] → `live` → `recorder` → `store` → [`history`]. Every decision on
//! the way is a function of `ladebuch-domain`. This file is the only one that wires them together.

pub mod charger2;
pub mod clock;
pub mod connections;
pub mod control;
pub mod elli;
pub mod history;
pub mod host;
mod identity;
pub mod import;
pub mod inspect;
pub mod link;
mod live;
mod recorder;
mod seed;
pub mod settings;
pub mod sources;
pub mod status;
mod store;
mod tariff;
mod upkeep;
mod wishes;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use ladebuch_domain::ids::SourceId;
use ladebuch_domain::snapshot::Snapshot;
use ladebuch_domain::tariff::PriceSlot;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::connections::Sources;
use crate::control::{Control, PutBack};
use crate::elli::{Elli, StoreLedgers};
use crate::history::History;
use crate::host::Host;
use crate::import::Import;
use crate::inspect::Inspector;
use crate::link::Links;
use crate::live::live;
use crate::recorder::Recorder;
use crate::settings::{Settings, SettingsError};
use crate::sources::elli::accounts::Accounts;
use crate::sources::elli::keepers::Keepers;
use crate::sources::{Lines, Listeners};
use crate::status::{NoticeCode, Status, StatusBoard};
use crate::store::{Opened, Store};
use crate::tariff::Tariff;
use crate::upkeep::Upkeep;
use crate::wishes::StoreWishes;

pub use crate::seed::{SeedData, SeedDevice, last_recorded, seed};
pub use crate::store::{ImportedRow, LogFilter, StoreError};

/// Longest time that stopping takes; what is not done by then is cut off.
const STOP_LIMIT: Duration = Duration::from_secs(4);

/// Where an engine keeps what it knows.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Directory of the database.
    pub data_dir: PathBuf,
    /// Where Elli is, for accounts that sign in from now on.
    pub elli: ::elli::Config,
}

impl EngineConfig {
    /// In that directory, with everything else as usual.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            elli: ::elli::Config::default(),
        }
    }
}

/// The engine could not start. The sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The settings could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// A value is out of range.
    #[error(transparent)]
    Invalid(#[from] SettingsError),
    /// They could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A running engine. Cheap to clone; stops when [`stop`](Self::stop) is called.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    data_dir: PathBuf,
    started: DateTime<Utc>,
    status: StatusBoard,
    store: Store,
    settings: watch::Sender<Settings>,
    live: watch::Receiver<Arc<Snapshot>>,
    sources: Sources,
    control: Control,
    elli: Elli,
    inspector: Inspector,
    import: Import,
    links: Links,
    history: History,
    cancel: CancellationToken,
    tasks: Mutex<JoinSet<()>>,
}

impl Engine {
    /// Opens the database, connects to all configured sources and begins to record.
    ///
    /// # Errors
    /// When the database cannot be used; nothing has been changed then.
    pub async fn open(
        config: EngineConfig,
        host: Arc<dyn Host>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        // HTTP clients take the process's provider. Another one may have been installed already.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let started = clock.now();
        let status = StatusBoard::default();
        let Opened {
            store,
            moved_aside_to,
            checked,
            ..
        } = Store::open(&config.data_dir, started).await?;
        if let Some(moved) = &moved_aside_to {
            status.notify(
                NoticeCode::DatabaseMovedAside,
                format!(
                    "The database was damaged. It was kept as {} and a new one was begun.",
                    moved.display()
                ),
                started,
            );
        }
        let size = store.size_bytes().await;
        status.update_database(|database| {
            database.moved_aside_to = moved_aside_to;
            database.size_bytes = size;
            database.sound = checked.then_some(true);
        });
        let settings = stored_settings(&store).await?;
        let (settings, watch_settings) = watch::channel(settings);

        let (live, live_task) = live(clock.clone(), store.devices().await?);
        let stored_slot = Arc::new(Notify::new());
        let recorder = Recorder::resume(
            store.clone(),
            clock.clone(),
            status.clone(),
            watch_settings.clone(),
            live.watch(),
            stored_slot.clone(),
        )
        .await?;
        let upkeep = Upkeep {
            store: store.clone(),
            clock: clock.clone(),
            status: status.clone(),
            settings: watch_settings,
            stored_slot,
            checked,
        };
        let cancel = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(live_task.run(cancel.clone()));
        tasks.spawn(recorder.run(cancel.clone()));
        tasks.spawn(upkeep.run(cancel.clone()));

        let snapshot = live.watch();
        let tariff = Tariff {
            store: store.clone(),
            clock: clock.clone(),
            live: snapshot.clone(),
        };
        tasks.spawn(tariff.run(cancel.clone()));
        let lines = Lines::default();
        store.interrupt_commands(started).await?;
        let control = Control::new(
            store.clone(),
            clock.clone(),
            snapshot.clone(),
            lines.clone(),
            status.clone(),
        );
        tasks.spawn(PutBack::new(&control).run(cancel.clone()));
        let import = Import::new(
            store.clone(),
            clock.clone(),
            settings.subscribe(),
            lines.clone(),
        );
        let links = Links::new(store.clone(), live.clone());
        let keepers = Keepers::new(config.elli, host.clone(), clock.clone());
        let ledgers = StoreLedgers::new(store.clone(), settings.subscribe());
        let accounts = Accounts::new(keepers.clone(), Arc::new(ledgers));
        let wishes = StoreWishes::new(store.clone());
        let listeners = Listeners::new(
            live,
            lines,
            accounts.clone(),
            Arc::new(wishes),
            host.clone(),
            clock.clone(),
        );
        let sources = Sources::start(
            store.clone(),
            host.clone(),
            clock.clone(),
            keepers.clone(),
            listeners,
        )
        .await?;
        let elli = Elli::new(
            accounts,
            keepers,
            sources.clone(),
            store.clone(),
            clock.clone(),
        );
        let inspector = Inspector::new(sources.clone(), host, clock.clone(), cancel.clone());
        Ok(Self(Arc::new(Inner {
            clock,
            data_dir: config.data_dir,
            started,
            status,
            history: History::new(store.clone()),
            store,
            settings,
            live: snapshot,
            sources,
            control,
            elli,
            inspector,
            import,
            links,
            cancel,
            tasks: Mutex::new(tasks),
        })))
    }

    /// Follows the live view: the latest snapshot, whenever it changes.
    #[must_use]
    pub fn live(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.0.live.clone()
    }

    /// The configured sources.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.0.sources
    }

    /// Commands to charge points.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.0.control
    }

    /// The boxes' own charge logs.
    #[must_use]
    pub fn import(&self) -> &Import {
        &self.0.import
    }

    /// Which devices are one wallbox.
    #[must_use]
    pub fn links(&self) -> &Links {
        &self.0.links
    }

    /// Accounts of the Elli cloud.
    #[must_use]
    pub fn elli(&self) -> &Elli {
        &self.0.elli
    }

    /// The raw view of sources.
    #[must_use]
    pub fn inspector(&self) -> &Inspector {
        &self.0.inspector
    }

    /// What was recorded.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.0.history
    }

    /// Recorded prices of dynamic tariffs that hold at any time in `[from, to)`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn prices(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<(SourceId, PriceSlot)>, StoreError> {
        self.0.store.prices(from, to).await
    }

    /// The household's settings.
    #[must_use]
    pub fn settings(&self) -> Settings {
        *self.0.settings.borrow()
    }

    /// Changes the settings, for good and at once.
    ///
    /// # Errors
    /// When a value is out of range or cannot be stored; then nothing changes.
    pub async fn set_settings(&self, settings: Settings) -> Result<Settings, SetError> {
        settings.check()?;
        let json = serde_json::to_string(&settings).map_err(StoreError::from)?;
        self.0.store.set_settings(&json).await?;
        self.0.settings.send_replace(settings);
        Ok(settings)
    }

    /// How the engine is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.status.read()
    }

    /// Adds a notice of the program around the engine.
    pub fn notify(&self, code: NoticeCode, detail: String) {
        self.0.status.notify(code, detail, self.now());
    }

    /// The present moment by the engine's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Where the database lies.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.0.data_dir
    }

    /// When the engine started.
    #[must_use]
    pub fn started(&self) -> DateTime<Utc> {
        self.0.started
    }

    /// Disconnects, writes what waits and closes the database, within 5 s. A second call does nothing.
    pub async fn stop(&self) {
        if self.0.cancel.is_cancelled() {
            return;
        }
        let stopping = async {
            self.0.sources.stop().await;
            self.0.cancel.cancel();
            let mut tasks =
                std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
            while tasks.join_next().await.is_some() {}
            // A run without an end makes the next start check the file, and move it aside.
            let damaged = self.0.status.read().database.sound == Some(false);
            if !damaged && let Err(error) = self.0.store.end_run(self.now()).await {
                tracing::warn!(%error, "the end of this run could not be noted");
            }
            self.0.store.clone().close().await;
        };
        if tokio::time::timeout(STOP_LIMIT, stopping).await.is_err() {
            self.0.cancel.cancel();
            tracing::warn!("stopping took too long and was cut short");
        }
    }
}

/// The stored settings; unreadable ones fall back to the defaults, and say so.
async fn stored_settings(store: &Store) -> Result<Settings, StoreError> {
    let Some(json) = store.settings().await? else {
        return Ok(Settings::default());
    };
    let settings = serde_json::from_str::<Settings>(&json).unwrap_or_else(|error| {
        tracing::warn!(%error, "stored settings could not be read; the defaults are used");
        Settings::default()
    });
    Ok(if settings.check().is_ok() {
        settings
    } else {
        Settings::default()
    })
}
