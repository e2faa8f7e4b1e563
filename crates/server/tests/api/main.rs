//! The API as its callers meet it: over the network's router, in-process, and over a WebSocket.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod access;
mod control;
mod csv;
mod demo;
mod document;
mod guard;
mod house;
mod interface;
mod live;
mod problems;
mod sign_in;
mod sources;
mod start;
