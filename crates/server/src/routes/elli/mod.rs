//! The Elli account: signing in and out, and what its cloud says.

pub mod account;
pub mod pdf;
mod problems;
pub mod sign_in;
