//! What goes wrong with an Elli account, as the API says it. What Elli answered keeps its meaning.

use elli::{Error, InvalidConfig};
use ladebuch_engine::elli::{ElliError, HandOverError, SignInError};
use ladebuch_engine::host::HostError;

use crate::problem::{ApiError, Code};

impl From<ElliError> for ApiError {
    fn from(error: ElliError) -> Self {
        match error {
            error @ ElliError::SignInAgain => Self::new(Code::ElliSignInAgain, error.to_string()),
            error @ ElliError::UnknownCard => {
                Self::new(Code::InvalidValue, error.to_string()).field("card")
            }
            ElliError::Elli(error) => of_elli(&error),
            ElliError::Secret(error) => secrets(&error),
            ElliError::Hosts(error) => hosts(&error),
            ElliError::Sources(error) => error.into(),
            ElliError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        let said = error.to_string();
        match error {
            SignInError::Expired => Self::new(Code::ElliSignInExpired, said),
            SignInError::Callback(_) => {
                Self::new(Code::ElliCallbackInvalid, said).field("callback")
            }
            SignInError::Refused { .. } | SignInError::NotLasting => {
                Self::new(Code::ElliSignInRefused, said)
            }
            SignInError::OtherAccount => Self::new(Code::ElliOtherAccount, said),
            SignInError::Elli(error) => of_elli(&error),
            SignInError::Hosts(error) => hosts(&error),
            SignInError::Randomness(error) => Self::internal(error),
            SignInError::Sources(error) => error.into(),
        }
    }
}

impl From<HandOverError> for ApiError {
    fn from(error: HandOverError) -> Self {
        let said = error.to_string();
        match error {
            HandOverError::InvalidTicket | HandOverError::OtherHosts => {
                Self::new(Code::ElliTicketInvalid, said).field("ticket")
            }
            HandOverError::SignInAgain | HandOverError::NotLasting => {
                Self::new(Code::ElliSignInAgain, said)
            }
            HandOverError::Elli(error) => of_elli(&error),
            HandOverError::Hosts(error) => hosts(&error),
            HandOverError::Secret(error) => secrets(&error),
            HandOverError::Sources(error) => error.into(),
        }
    }
}

fn of_elli(error: &Error) -> ApiError {
    let said = error.to_string();
    match error {
        Error::Unauthorized => ApiError::new(Code::ElliSignInAgain, said),
        Error::TooManyRequests { retry_after } => {
            ApiError::new(Code::ElliBusy, format!("{said} Try again later."))
                .retry_after(*retry_after)
        }
        Error::Refused { .. } | Error::InvalidId => ApiError::new(Code::ElliRefused, said),
        error => ApiError::new(Code::ElliUnreachable, format!("{said} Try again later."))
            .retry_after(error.retry_after()),
    }
}

fn secrets(error: &HostError) -> ApiError {
    ApiError::new(
        Code::SecretsUnavailable,
        "The place for secrets does not answer. Unlock the keychain and try again.",
    )
    .caused_by(error)
}

fn hosts(error: &InvalidConfig) -> ApiError {
    ApiError::internal(error)
}
