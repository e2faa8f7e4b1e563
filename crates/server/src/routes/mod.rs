//! The handlers: from a request to a question, from an answer to a response.

pub mod demo;
pub mod health;
pub mod history;
pub mod live;
pub mod settings;
pub mod sign_in;
pub mod sources;
pub mod status;
