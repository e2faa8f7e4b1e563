//! The simulation seen from outside: through its broker, with clients that are not its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod broker;
mod charger2;
mod client;
mod core;
mod elli;
mod extras;
mod faults;
mod http;
mod mosquitto;
mod openwb19;
mod rights;
mod writes;
