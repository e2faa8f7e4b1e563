//! The demo household: a simulated openWB behind a real broker on a loopback port, listened to by
//! an engine of its own, with thirteen months of history.
//!
//! It is begun anew each time. A household's meters cannot be wound forward over the time in which
//! nobody simulated it, and counters that do not fit the recorded ones would be a lie.

mod directory;
mod past;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ladebuch_engine::clock::Clock;
use ladebuch_engine::host::Host;
use ladebuch_engine::{Engine, EngineConfig, OpenError};
use ladebuch_sim::{SimConfig, SimHandle, Simulation, StartError};
use tokio::sync::Mutex;

use self::directory::DirectoryError;

/// Where it lies within the directory of all data.
const DIRECTORY: &str = "demo-household";

/// The running demo household.
pub struct DemoHouse {
    engine: Engine,
    /// Taken when it is stopped.
    box_and_broker: Mutex<Option<SimHandle>>,
    dir: PathBuf,
}

/// The demo household cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Its directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// Its past could not be made up.
    #[error("its past could not be made up: {0}.")]
    Past(#[from] tokio::task::JoinError),
    /// The simulated box.
    #[error("the simulated openWB could not be started: {0}.")]
    Box(#[from] StartError),
    /// Its engine.
    #[error(transparent)]
    Engine(#[from] OpenError),
    /// The program stops.
    #[error("Ladebuch is ending.")]
    Ending,
}

impl DemoHouse {
    /// Makes up a past, writes it into a directory of its own within that of all data, and lives
    /// on from there.
    pub async fn open(
        data_dir: &Path,
        host: Arc<dyn Host>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, DemoError> {
        let dir = data_dir.join(DIRECTORY);
        directory::renew(&dir)?;
        let now = clock.now();
        let past = tokio::task::spawn_blocking(move || past::live_through(now)).await?;
        let simulation = Simulation::start(SimConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            household: Some(past.household),
            prices: true,
            ..SimConfig::new(clock.now())
        })
        .await?;
        let data = past::seed(past.series, simulation.addr(), now);
        let opened = match ladebuch_engine::seed(&dir, data, now).await {
            Ok(()) => Engine::open(EngineConfig::new(&dir), host, clock).await,
            Err(error) => Err(error),
        };
        match opened {
            Ok(engine) => Ok(Self {
                engine,
                box_and_broker: Mutex::new(Some(simulation)),
                dir,
            }),
            Err(error) => {
                simulation.stop().await;
                Err(error.into())
            }
        }
    }

    /// Its engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Ends it and removes its data.
    pub async fn stop(&self) {
        let simulation = self.box_and_broker.lock().await.take();
        self.engine.stop().await;
        if let Some(simulation) = simulation {
            simulation.stop().await;
        }
        if let Err(error) = directory::remove(&self.dir) {
            tracing::debug!(%error, "the demo's data could not be removed");
        }
    }
}
