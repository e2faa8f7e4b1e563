//! The Elli Charger 2 on the local network, over Modbus TCP.
//!
//! [`registers`] says what each register means and which values it takes, without any IO; [`Client`]
//! holds the one connection. Facts follow Elli's register list v1.0 of 15 October 2025; where it
//! contradicts itself or is silent, the code says so and relies on what the box reads back.
//!
//! Energy and power are **apparent** (VAh, VA) and do not come from the calibrated meter. They have
//! types of their own in the domain, so that they cannot end up in a bill.

mod client;
mod error;
mod frames;
pub mod registers;
mod units;

pub use client::{Client, Limit, PORT, TIMEOUT};
pub use error::Error;
pub use registers::{Info, LayoutVersion, OutOfRange, Settings, State, Status, Unfamiliar};
pub use units::{Current, InvalidCurrent, InvalidTimeout, Watchdog};
