//! The outside hand: moves time, people and weather, and breaks things.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{mpsc, oneshot};

use crate::household::{Device, Household, PlugError};

/// Why an order was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// The simulation is over.
    #[error("the simulation has stopped")]
    Stopped,
    /// A cable or vehicle that cannot do that.
    #[error(transparent)]
    Plug(#[from] PlugError),
    /// The broker's port could not be taken again.
    #[error("the broker cannot listen: {0}")]
    Listen(String),
    /// Not a topic one can publish on.
    #[error("not a topic: {0:?}")]
    Topic(String),
}

/// What is really going on, as opposed to what is published.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Virtual time.
    pub now: DateTime<Utc>,
    /// The household itself, as a copy.
    pub household: Household,
}

/// One order and where its answer goes.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) what: What,
    pub(super) done: oneshot::Sender<Result<Observation, ControlError>>,
}

/// What a hand can do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Observe,
    AdvanceCycle,
    Advance(TimeDelta),
    Plug {
        charge_point: u32,
        vehicle: u32,
    },
    Unplug(u32),
    Scan {
        charge_point: u32,
        tag: String,
    },
    Pv(Option<f64>),
    Home(Option<f64>),
    BatterySoc(f64),
    VehicleSoc(u32, f64),
    Limit(u32, f64),
    ResetCounter(Device),
    BrokerDown,
    BrokerUp,
    BrokerSilent,
    CoreStops,
    CoreStarts,
    Reboot(TimeDelta),
    Duplicates(bool),
    Publish {
        topic: String,
        payload: Vec<u8>,
        retain: bool,
    },
}

/// Moves a running simulation. Every call returns when its effect is published or done.
#[derive(Debug, Clone)]
pub struct Control {
    orders: mpsc::Sender<Order>,
}

impl Control {
    pub(super) fn new(orders: mpsc::Sender<Order>) -> Self {
        Self { orders }
    }

    async fn order(&self, what: What) -> Result<Observation, ControlError> {
        let (done, answer) = oneshot::channel();
        self.orders
            .send(Order { what, done })
            .await
            .map_err(|_| ControlError::Stopped)?;
        answer.await.map_err(|_| ControlError::Stopped)?
    }

    /// A copy of the household and the virtual time.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn observe(&self) -> Result<Observation, ControlError> {
        self.order(What::Observe).await
    }

    /// Takes in all writes that were acknowledged before, runs to the end of the next control cycle and
    /// returns when everything is published.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn advance_cycle(&self) -> Result<Observation, ControlError> {
        self.order(What::AdvanceCycle).await
    }

    /// Runs all that is due in a stretch of virtual time, at once.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn advance(&self, by: TimeDelta) -> Result<Observation, ControlError> {
        self.order(What::Advance(by)).await
    }

    /// Puts a vehicle on a charge point's cable.
    ///
    /// # Errors
    /// [`ControlError::Plug`] when that cannot be, [`ControlError::Stopped`].
    pub async fn plug(&self, charge_point: u32, vehicle: u32) -> Result<(), ControlError> {
        self.order(What::Plug {
            charge_point,
            vehicle,
        })
        .await
        .map(drop)
    }

    /// Pulls a charge point's cable.
    ///
    /// # Errors
    /// [`ControlError::Plug`] when nothing is plugged, [`ControlError::Stopped`].
    pub async fn unplug(&self, charge_point: u32) -> Result<(), ControlError> {
        self.order(What::Unplug(charge_point)).await.map(drop)
    }

    /// Holds a tag to a charge point's reader; the box sees it in its next cycle.
    ///
    /// # Errors
    /// [`ControlError::Plug`] when there is no such charge point, [`ControlError::Stopped`].
    pub async fn scan(&self, charge_point: u32, tag: &str) -> Result<(), ControlError> {
        self.order(What::Scan {
            charge_point,
            tag: tag.to_owned(),
        })
        .await
        .map(drop)
    }

    /// Fixes the roof's production in W; `None` gives it back to the sky.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_pv(&self, power_w: Option<f64>) -> Result<(), ControlError> {
        self.order(What::Pv(power_w)).await.map(drop)
    }

    /// Fixes the house's load in W; `None` gives it back to its people.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_home_load(&self, power_w: Option<f64>) -> Result<(), ControlError> {
        self.order(What::Home(power_w)).await.map(drop)
    }

    /// Sets the content of the battery in the cellar.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_battery_soc(&self, percent: f64) -> Result<(), ControlError> {
        self.order(What::BatterySoc(percent)).await.map(drop)
    }

    /// Sets a vehicle's content.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_vehicle_soc(&self, vehicle: u32, percent: f64) -> Result<(), ControlError> {
        self.order(What::VehicleSoc(vehicle, percent))
            .await
            .map(drop)
    }

    /// Lets a charge point's station itself through at most so many A per phase, whatever openWB offers.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_limit(&self, charge_point: u32, limit_a: f64) -> Result<(), ControlError> {
        self.order(What::Limit(charge_point, limit_a))
            .await
            .map(drop)
    }

    /// Fault: a meter is replaced and counts from zero.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn reset_counter(&self, device: Device) -> Result<(), ControlError> {
        self.order(What::ResetCounter(device)).await.map(drop)
    }

    /// Fault: the broker drops everybody and closes its port. Retained messages outlive it.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn broker_down(&self) -> Result<(), ControlError> {
        self.order(What::BrokerDown).await.map(drop)
    }

    /// Ends [`Control::broker_down`] and [`Control::broker_silent`], on the same port.
    ///
    /// # Errors
    /// [`ControlError::Listen`] when the port was taken meanwhile, [`ControlError::Stopped`].
    pub async fn broker_up(&self) -> Result<(), ControlError> {
        self.order(What::BrokerUp).await.map(drop)
    }

    /// Fault: the broker drops everybody, then accepts connections and never says a word.
    ///
    /// # Errors
    /// [`ControlError::Listen`] when the port was taken meanwhile, [`ControlError::Stopped`].
    pub async fn broker_silent(&self) -> Result<(), ControlError> {
        self.order(What::BrokerSilent).await.map(drop)
    }

    /// Fault: openWB's core dies. The broker lives on with stale values, writes are not taken in.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn stop_core(&self) -> Result<(), ControlError> {
        self.order(What::CoreStops).await.map(drop)
    }

    /// Starts a dead core again, which boots at once.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn start_core(&self) -> Result<(), ControlError> {
        self.order(What::CoreStarts).await.map(drop)
    }

    /// Fault: the box reboots and takes so long: `boot_done` false (2.x only), silence, then life goes on.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn reboot(&self, takes: TimeDelta) -> Result<(), ControlError> {
        self.order(What::Reboot(takes)).await.map(drop)
    }

    /// Fault: every message the box publishes goes out twice.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn duplicate_messages(&self, on: bool) -> Result<(), ControlError> {
        self.order(What::Duplicates(on)).await.map(drop)
    }

    /// Publishes anything on any topic in the box's name: malformed payloads, unknown topics.
    ///
    /// # Errors
    /// [`ControlError::Topic`] when one cannot publish on it, [`ControlError::Stopped`].
    pub async fn publish(
        &self,
        topic: &str,
        payload: &[u8],
        retain: bool,
    ) -> Result<(), ControlError> {
        let what = What::Publish {
            topic: topic.to_owned(),
            payload: payload.to_vec(),
            retain,
        };
        self.order(what).await.map(drop)
    }
}
