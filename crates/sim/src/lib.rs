//! A simulated household: an openWB 1.9 or 2.x box on an embedded MQTT broker, with faults on demand.
//!
//! [`household`] is the model: roof, battery, house, vehicles, meters. [`Simulation`] puts an openWB on
//! top of it and a broker in front. [`broker`] is usable alone.

pub mod broker;
pub mod charger2;
pub mod elli;
mod fault;
pub mod household;
mod http;
mod openwb19;
mod openwb2;
mod program;
mod simulation;

pub use broker::Credentials;
pub use charger2::{Charger2, Charger2Config, Charger2Fault, Charger2Handle};
pub use elli::{ElliCloud, ElliConfig, ElliHandle};
pub use fault::UnknownFault;
pub use openwb2::{Role, UnknownRole};
pub use simulation::{
    Control, ControlError, Generation, Moment, Observation, Pace, Premises, SimConfig, SimHandle,
    Simulation, StartError, User,
};
