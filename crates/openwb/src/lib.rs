#![doc = include_str!("../README.md")]

pub mod charge_log;
pub mod codec;
pub mod command;
pub mod link;
pub mod reading;

pub use codec::{Decoded, Decoder, Reason, decode};
pub use link::{Event, Link, LinkConfig, Probe, Problem, probe};
pub use reading::{Generation, Reading};
