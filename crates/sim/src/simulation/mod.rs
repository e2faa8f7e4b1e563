//! The running whole: a household, a box on top of it, a broker in front, and a clock that can be
//! real, fast or moved by hand.

mod clock;
mod control;
mod premises;
mod task;

use std::net::{Ipv4Addr, SocketAddr};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use crate::broker::Credentials;
pub use control::{Control, ControlError, Observation};
pub use premises::{Moment, Premises};

use crate::broker::{Account, Acl, Broker, Door};
use crate::household::{self, Household, Traffic};
use crate::http::Server;
use crate::openwb2::Role;
use crate::program::Program;
use crate::{openwb2, openwb19};
use task::Task;

/// The user every box has from the start, and its password.
const ADMIN: (&str, &str) = ("admin", "openwb");

/// How fast virtual time passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// This many virtual seconds per real second; 1.0 is real time.
    Times(f64),
    /// Only [`Control::advance_cycle`] and [`Control::advance`] move time on. Writes are answered at
    /// once all the same.
    ByHand,
}

impl Pace {
    fn check(self) -> Result<(), StartError> {
        match self {
            Self::Times(times) if !(times.is_finite() && times > 0.0) => {
                Err(StartError::Pace(times))
            }
            _ => Ok(()),
        }
    }
}

/// Which openWB runs on top of the household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// openWB 1.9.x.
    V1_9,
    /// openWB 2.x.
    V2,
}

/// A user of a box with user management (openWB 2.2.0 and later).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Name and password.
    pub credentials: Credentials,
    /// What they may do beyond what guests may.
    pub roles: Vec<Role>,
}

/// What to simulate.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// Where the broker listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the box's web server hands out the charge log; port 0 takes a free one, `None` does without.
    pub http: Option<SocketAddr>,
    /// Which openWB it is.
    pub generation: Generation,
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
    /// A tariff with a price for every hour of today and tomorrow.
    pub prices: bool,
    /// Switches user management on: who shows no name is a guest, who shows one has to be one of these
    /// or the box's own `admin` (password `openwb`, every right). Only openWB 2.x has it, and only
    /// without `credentials`.
    pub users: Option<Vec<User>>,
    /// Lives this household on instead of founding one; `seed` is then its own. The box has been
    /// running on top of it from its own time up to `start`.
    pub household: Option<Household>,
}

impl SimConfig {
    /// An openWB 2.x on a household of seed 1, on a free loopback port, in real time, with traffic,
    /// open to everybody, without a web server.
    #[must_use]
    pub fn new(start: DateTime<Utc>) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            http: None,
            generation: Generation::V2,
            seed: 1,
            start,
            pace: Pace::Times(1.0),
            traffic: Traffic::Planned,
            credentials: None,
            prices: false,
            users: None,
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
    /// A port is not to be had.
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
    /// The household under a device is not what the device needs.
    #[error(transparent)]
    Household(#[from] ControlError),
    /// openWB 1.9 knows no users.
    #[error("openWB 1.9 has no user management")]
    NoUserManagement,
    /// A box has either one password for everybody or users.
    #[error("either one user and password for everybody, or user management, not both")]
    TwoLocks,
}

/// Starts simulations.
#[derive(Debug, Clone, Copy)]
pub struct Simulation;

impl Simulation {
    /// Starts broker and box. When this returns, the port is open, the whole retained tree is there
    /// and, on a 2.x, `openWB/system/boot_done` is true.
    ///
    /// # Errors
    /// When the port is taken or the pace is nonsense.
    pub async fn start(config: SimConfig) -> Result<SimHandle, StartError> {
        config.pace.check()?;
        let mut household = config
            .household
            .unwrap_or_else(|| Household::new(config.seed, config.start));
        household.set_traffic(config.traffic);
        household.set_control(household::Control::External);
        let options = openwb2::Options {
            prices: config.prices,
            user_management: config.users.is_some(),
        };
        let door = door(config.generation, config.credentials, config.users)?;
        let unavailable = |listen| move |source| StartError::Listen { listen, source };
        let broker = Broker::start_behind(door, config.listen)
            .await
            .map_err(unavailable(config.listen))?;
        let (requests, questions) = mpsc::channel(32);
        let http = match config.http {
            Some(listen) => Some(
                Server::start(listen, requests)
                    .await
                    .map_err(unavailable(listen))?,
            ),
            None => None,
        };
        let mut core: Box<dyn Program> = match config.generation {
            Generation::V1_9 => Box::new(openwb19::Core::new(household, config.prices)),
            Generation::V2 => Box::new(openwb2::Core::new(household, options)),
        };
        core.run_until(config.start);
        let (orders, inbox) = mpsc::channel(32);
        let cancelled = CancellationToken::new();
        let task = Task::new(
            core,
            broker.clone(),
            config.pace,
            inbox,
            questions,
            cancelled.clone(),
        );
        let task = tokio::spawn(task.run());
        Ok(SimHandle {
            control: Control::new(orders),
            broker,
            http,
            pace: config.pace,
            start: config.start,
            cancelled,
            task,
        })
    }
}

/// Who the broker lets in.
fn door(
    generation: Generation,
    credentials: Option<Credentials>,
    users: Option<Vec<User>>,
) -> Result<Door, StartError> {
    let everybody = match generation {
        Generation::V1_9 => Acl::open(),
        Generation::V2 => Acl::openwb(),
    };
    match (credentials, users) {
        (Some(_), Some(_)) => Err(StartError::TwoLocks),
        (None, Some(_)) if generation == Generation::V1_9 => Err(StartError::NoUserManagement),
        (Some(credentials), None) => Ok(Door::Locked(credentials, everybody)),
        (None, None) => Ok(Door::Open(everybody)),
        (None, Some(users)) => {
            let admin = User {
                credentials: Credentials {
                    user: ADMIN.0.to_owned(),
                    password: ADMIN.1.to_owned(),
                },
                roles: vec![Role::Full],
            };
            // A household that has an admin of its own has changed the password.
            let accounts = users.into_iter().chain([admin]).map(|user| Account {
                credentials: user.credentials,
                acl: openwb2::rights(&user.roles),
            });
            Ok(Door::Accounts {
                guests: openwb2::guests(),
                accounts: accounts.collect(),
            })
        }
    }
}

/// A running simulation. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct SimHandle {
    control: Control,
    broker: Broker,
    http: Option<Server>,
    pace: Pace,
    start: DateTime<Utc>,
    cancelled: CancellationToken,
    task: JoinHandle<()>,
}

impl SimHandle {
    /// Where the broker listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.broker.addr()
    }

    /// Where the web server listens, if there is one.
    #[must_use]
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http.as_ref().map(Server::addr)
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
        if let Some(http) = &self.http {
            http.stop().await;
        }
    }
}

impl Drop for SimHandle {
    fn drop(&mut self) {
        self.cancelled.cancel();
    }
}
