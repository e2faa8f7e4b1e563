//! The running whole: a household, a box on top of it, a broker in front, and a clock that can be
//! real, fast or moved by hand.

mod clock;
mod control;
mod task;

use std::net::{Ipv4Addr, SocketAddr};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use crate::broker::Credentials;
pub use control::{Control, ControlError, Observation};

use crate::broker::{Acl, Broker, BrokerConfig};
use crate::household::{self, Household, Traffic};
use crate::openwb2::Core;
use task::Task;

/// How fast virtual time passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// This many virtual seconds per real second; 1.0 is real time.
    Times(f64),
    /// Only [`Control::advance_cycle`] and [`Control::advance`] move time on. Writes are answered at
    /// once all the same.
    ByHand,
}

/// What to simulate.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// Where the broker listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Seed of weather, habits and everything else left to chance.
    pub seed: u64,
    /// Virtual time at the start.
    pub start: DateTime<Utc>,
    /// How fast time passes.
    pub pace: Pace,
    /// Whether vehicles come and go by themselves.
    pub traffic: Traffic,
    /// User and password that clients must show; `None` lets everybody in.
    pub credentials: Option<Credentials>,
    /// Lives this household on instead of founding one; `seed` and `start` are then its own.
    pub household: Option<Household>,
}

impl SimConfig {
    /// A household of seed 1 on a free loopback port, in real time, with traffic, open to everybody.
    #[must_use]
    pub fn new(start: DateTime<Utc>) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 1,
            start,
            pace: Pace::Times(1.0),
            traffic: Traffic::Planned,
            credentials: None,
            household: None,
        }
    }

    /// For tests: as [`SimConfig::new`], but time and vehicles only move by hand.
    #[must_use]
    pub fn by_hand(start: DateTime<Utc>) -> Self {
        Self {
            pace: Pace::ByHand,
            traffic: Traffic::ByHand,
            ..Self::new(start)
        }
    }
}

/// Why a simulation could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The broker's port is not to be had.
    #[error("cannot listen on {listen}")]
    Listen {
        /// The address asked for.
        listen: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A pace that is no number of seconds per second.
    #[error("the speed must be a number above 0, not {0}")]
    Pace(f64),
}

/// Starts simulations.
#[derive(Debug, Clone, Copy)]
pub struct Simulation;

impl Simulation {
    /// Starts broker and box. When this returns, the port is open, the whole retained tree is there
    /// and `openWB/system/boot_done` is true.
    ///
    /// # Errors
    /// When the port is taken or the pace is nonsense.
    pub async fn start(config: SimConfig) -> Result<SimHandle, StartError> {
        if let Pace::Times(times) = config.pace
            && !(times.is_finite() && times > 0.0)
        {
            return Err(StartError::Pace(times));
        }
        let mut household = config
            .household
            .unwrap_or_else(|| Household::new(config.seed, config.start));
        household.set_traffic(config.traffic);
        household.set_control(household::Control::External);
        let broker = Broker::start(BrokerConfig {
            listen: config.listen,
            credentials: config.credentials,
            acl: Acl::openwb(),
        })
        .await
        .map_err(|source| StartError::Listen {
            listen: config.listen,
            source,
        })?;
        let (orders, inbox) = mpsc::channel(32);
        let cancelled = CancellationToken::new();
        let task = Task::new(
            Core::new(household),
            broker.clone(),
            config.pace,
            inbox,
            cancelled.clone(),
        );
        let task = tokio::spawn(task.run());
        Ok(SimHandle {
            control: Control::new(orders),
            broker,
            cancelled,
            task,
        })
    }
}

/// A running simulation. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct SimHandle {
    control: Control,
    broker: Broker,
    cancelled: CancellationToken,
    task: JoinHandle<()>,
}

impl SimHandle {
    /// Where the broker listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.broker.addr()
    }

    /// The broker, to look at or to publish on as the box would.
    #[must_use]
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// Time, people and faults. Cheap to clone.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops box and broker and waits until both are gone.
    pub async fn stop(mut self) {
        self.cancelled.cancel();
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "the simulation's task ended badly");
        }
        self.broker.stop().await;
    }
}

impl Drop for SimHandle {
    fn drop(&mut self) {
        self.cancelled.cancel();
    }
}
