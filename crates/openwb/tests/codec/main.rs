//! The codec: messages of a real box, every family of topics, and nonsense.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod any_topic;
mod captures;
mod charge_points;
mod hostile;
mod installation;
mod meters;
mod reading;
mod recorded;
mod v1_9;
