#![doc = include_str!("../README.md")]

mod api;
mod client;
mod config;
mod error;
mod json;
mod pages;
mod pdf;
mod private;
pub mod reading;
mod sign_in;
mod tls;
mod token;
mod transport;
mod words;

pub use client::Client;
pub use config::{Config, InvalidConfig};
pub use error::{Error, ErrorCode};
pub use pages::{RecordPage, RecordPages, RecordQuery};
pub use pdf::{Pdf, PdfQuery};
pub use private::{AccessToken, CardNumber, IdToken, Raw, RefreshToken};
pub use sign_in::{AuthorizationCode, InvalidCallback, NoRandomness, SignIn};
pub use token::{ExchangeError, RefreshError, Tokens};
