//! The handlers: from a request to a question, from an answer to a response.

pub mod charge_log;
pub mod commands;
pub mod demo;
pub mod elli;
pub mod health;
pub mod history;
pub mod link;
pub mod live;
pub mod moment;
pub mod prices;
pub mod settings;
pub mod sign_in;
pub mod sources;
pub mod status;
