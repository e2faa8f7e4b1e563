//! Everything that runs, as the command line asks for it.

use std::net::SocketAddr;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_sim::elli::Fault;
use ladebuch_sim::household::{Household, Traffic, history};
use ladebuch_sim::{
    Charger2, Charger2Config, Charger2Fault, Charger2Handle, Credentials, ElliCloud, ElliConfig,
    ElliHandle, Pace, Premises, SimConfig, SimHandle, Simulation, StartError, UnknownFault, User,
};

use crate::{Arguments, MQTT_PORT};

/// A fault of whatever device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnyFault {
    Elli(Fault),
    Charger2(Charger2Fault),
}

impl AnyFault {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Elli(fault) => fault.name(),
            Self::Charger2(fault) => fault.name(),
        }
    }

    /// Every fault there is.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let elli = Fault::ALL.iter().copied().map(Self::Elli);
        elli.chain(Charger2Fault::ALL.iter().copied().map(Self::Charger2))
    }
}

impl FromStr for AnyFault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        Self::all()
            .find(|fault| fault.name() == name)
            .ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

/// Why not everything could be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StageError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("fault {0} is nothing without {1}")]
    Nobody(&'static str, &'static str),
}

/// What runs.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) openwb: Option<SimHandle>,
    pub(crate) elli: Option<ElliHandle>,
    pub(crate) charger: Option<Charger2Handle>,
    pub(crate) premises: Premises,
}

impl Stage {
    /// Lets the household live its past and starts what stands on top of it.
    pub(crate) async fn set(arguments: Arguments) -> Result<Self, StageError> {
        let start = arguments.start();
        let mut past = history(
            arguments.seed,
            start - TimeDelta::days(i64::from(arguments.past_days)),
            start,
            TimeDelta::hours(1),
        );
        past.by_ref().for_each(drop);
        let mut household = past.into_household();
        let pace = Pace::Times(arguments.speed);
        let addr = |port| SocketAddr::new(arguments.listen, port);
        let (elli_port, modbus_port) = (arguments.elli_port, arguments.modbus_port);
        let faults = arguments.faults.clone();
        let turnstile = arguments.turnstile;
        check(&faults, elli_port.is_some(), modbus_port.is_some())?;
        let (openwb, premises) = if arguments.has_openwb() {
            let config = openwb(&arguments, household, start);
            let sim = Simulation::start(config).await?;
            let premises = Premises::of(&sim);
            (Some(sim), premises)
        } else {
            household.set_traffic(traffic(&arguments));
            (None, Premises::new(household, start, pace)?)
        };
        let elli = match elli_port {
            None => None,
            Some(port) => Some(
                ElliCloud::start(ElliConfig {
                    listen: addr(port),
                    turnstile,
                    faults: faults
                        .iter()
                        .filter_map(|fault| match fault {
                            AnyFault::Elli(fault) => Some(*fault),
                            AnyFault::Charger2(_) => None,
                        })
                        .collect(),
                    ..ElliConfig::new(premises.clone())
                })
                .await?,
            ),
        };
        let charger = match modbus_port {
            None => None,
            Some(port) => Some(
                Charger2::start(Charger2Config {
                    listen: addr(port),
                    faults: faults
                        .iter()
                        .filter_map(|fault| match fault {
                            AnyFault::Charger2(fault) => Some(*fault),
                            AnyFault::Elli(_) => None,
                        })
                        .collect(),
                    ..Charger2Config::new(premises.clone())
                })
                .await?,
            ),
        };
        Ok(Self {
            openwb,
            elli,
            charger,
            premises,
        })
    }

    /// Stops everything.
    pub(crate) async fn strike(self) {
        if let Some(charger) = self.charger {
            charger.stop().await;
        }
        if let Some(elli) = self.elli {
            elli.stop().await;
        }
        if let Some(sim) = self.openwb {
            sim.stop().await;
        }
    }
}

fn check(faults: &[AnyFault], elli: bool, charger: bool) -> Result<(), StageError> {
    for fault in faults {
        let (there, option) = match fault {
            AnyFault::Elli(_) => (elli, "--elli-port"),
            AnyFault::Charger2(_) => (charger, "--modbus-port"),
        };
        if !there {
            return Err(StageError::Nobody(fault.name(), option));
        }
    }
    Ok(())
}

fn traffic(arguments: &Arguments) -> Traffic {
    if arguments.no_traffic {
        Traffic::ByHand
    } else {
        Traffic::Planned
    }
}

fn openwb(arguments: &Arguments, household: Household, start: DateTime<Utc>) -> SimConfig {
    let addr = |port| SocketAddr::new(arguments.listen, port);
    let users: Vec<User> = arguments
        .users
        .iter()
        .flat_map(|users| users.0.clone())
        .collect();
    SimConfig {
        listen: addr(arguments.mqtt_port.unwrap_or(MQTT_PORT)),
        http: arguments.http_port.map(addr),
        generation: arguments.generation(),
        seed: arguments.seed,
        start,
        pace: Pace::Times(arguments.speed),
        traffic: traffic(arguments),
        credentials: arguments
            .user
            .clone()
            .zip(arguments.password.clone())
            .map(|(user, password)| Credentials { user, password }),
        prices: arguments.prices,
        users: (!users.is_empty()).then_some(users),
        household: Some(household),
    }
}
