//! The client against a server that plays Elli.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fake;
mod faults;
mod pages;
mod pdf;
mod reading;
mod signing_in;
mod staying_signed_in;
mod tls;
