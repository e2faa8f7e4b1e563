//! Journeys: what a household lives through with Ladebuch, over real sockets.
//!
//! Where the clock matters it is moved by hand, together with the simulated box; where the process
//! matters the real `ladebuch-server` runs, and then time is real too. Nothing waits for a time to
//! pass: every wait is for something that shows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a journey that cannot go on has failed"
)]

mod bad_messages;
mod box_troubles;
mod broker_troubles;
mod captured_box;
mod charge_log;
mod charger2;
mod charger2_source;
mod clock_set_back;
mod control;
mod control_1_9;
mod database_file;
mod disk;
mod elli;
mod elli_sign_in;
mod live_feed;
mod power_cut;
mod put_back;
mod raw_view;
mod recording;
mod stopping;
mod tariff;
mod two_boxes;
mod two_witnesses;
mod user_management;

use chrono::{DateTime, Utc};

/// A Sunday noon in November, on every grid.
fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}
