//! What journeys and the bench need to drive Ladebuch from outside: brokers, a box that speaks
//! what a real one said, programs to start and kill, an API client, and a clock moved by hand.
//!
//! A step that cannot be prepared panics with what is missing: the test has failed then.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a harness that cannot set the scene has failed the test"
)]

pub mod api;
pub mod capture;
pub mod clock;
pub mod elli;
pub mod eventually;
pub mod house;
pub mod live_socket;
pub mod mosquitto;
pub mod mqtt;
pub mod port;
pub mod program;
pub mod scene;
