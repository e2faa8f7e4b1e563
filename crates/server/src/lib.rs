//! Ladebuch's one API, for every host.
//!
//! [`App`] is the program as a host uses it. The app's window calls [`App::in_process`]; the
//! headless program serves [`App::router`] with [`listen::serve`]. Both reach the same handlers,
//! which are registered, each with the scope its caller needs, in `operations.rs`.
//!
//! A request on the network passes, from outside to inside: security headers, the host and origin
//! check (`guard`), limits of time and size (`limits`), the scope check (`auth`), the handler
//! (`routes`). Errors are `problem`s all the way.

pub mod app;
pub mod auth;
mod csv;
pub mod data_dir;
mod demo;
pub mod dto;
pub mod elli_url;
mod extract;
mod feed;
mod guard;
mod limits;
pub mod listen;
mod opening;
mod operations;
pub mod problem;
mod router;
mod routes;
pub mod secrets_file;
mod socket;
pub mod source_url;
mod ui;

pub use app::{App, AppConfig};
pub use elli::Config as ElliCloud;
pub use opening::OpenError;
pub use operations::openapi;

/// Version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
