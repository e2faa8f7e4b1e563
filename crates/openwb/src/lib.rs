//! openWB over MQTT.
pub mod codec;
pub mod reading;

pub use codec::{Decoded, Decoder, Reason, decode};
pub use reading::{Generation, Reading};
