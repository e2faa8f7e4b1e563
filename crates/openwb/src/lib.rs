//! openWB over MQTT.
pub mod reading;

pub use reading::{Generation, Reading};
