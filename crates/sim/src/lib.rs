//! A simulated household: an openWB 2.x box on an embedded MQTT broker, with faults on demand.

pub mod broker;
pub mod household;
