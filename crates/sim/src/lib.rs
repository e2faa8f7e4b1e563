//! A simulated household: an openWB 2.x box on an embedded MQTT broker, with faults on demand.
//!
//! [`household`] is the model: roof, battery, house, vehicles, meters. [`Simulation`] puts an openWB on
//! top of it and a broker in front. [`broker`] is usable alone.

pub mod broker;
pub mod household;
mod openwb2;
mod simulation;

pub use broker::Credentials;
pub use simulation::{
    Control, ControlError, Observation, Pace, SimConfig, SimHandle, Simulation, StartError,
};
