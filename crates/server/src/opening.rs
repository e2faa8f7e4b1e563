//! Why the program cannot start.

use ladebuch_engine::connections::SourcesError;
use ladebuch_engine::{OpenError as EngineError, StoreError};

use crate::auth::TokenError;
use crate::problem::{ApiError, Code};
use crate::source_url::SourceUrlError;

/// The program cannot start. The sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The engine cannot be opened.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The owner token can be neither read nor made.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The openWB that was asked for cannot be added.
    #[error("The openWB cannot be added: {0}")]
    Openwb(#[from] SourcesError),
    /// The address of that openWB is not one.
    #[error(
        "The address of the openWB cannot be read: {0}. Write mqtt://HOST or \
         mqtts://USER:PASSWORD@HOST:PORT; in a password %23 stands for #, %2F for /, %3F for ?, \
         %40 for @."
    )]
    OpenwbUrl(#[from] SourceUrlError),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => Self::new(
                Code::DiskFull,
                "The disk is full. Free some space and try again; what is recorded meanwhile is \
                 kept in memory.",
            ),
            StoreError::ReadOnly => Self::new(
                Code::ReadOnly,
                "The data directory cannot be written. Make it writable and try again.",
            ),
            error => Self::internal(error),
        }
    }
}
