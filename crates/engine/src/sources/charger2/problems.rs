//! What a problem with the box is called in Ladebuch.

use ladebuch_domain::source::{Problem, ProblemKind};

use crate::charger2::Error;
use crate::sources::Undelivered;

/// The problem that an error of the client stands for.
pub(super) fn to_domain(error: &Error) -> Problem {
    let kind = match error {
        Error::HostNotFound { .. } => ProblemKind::HostNotFound,
        Error::ConnectionRefused { .. } => ProblemKind::ConnectionRefused,
        Error::Unreachable { .. } | Error::NoAnswer => ProblemKind::Timeout,
        Error::ConnectionLost { .. } => ProblemKind::ConnectionLost,
        Error::NotModbus { .. } | Error::NotACharger2(_) => ProblemKind::NotCharger2,
        Error::Unable { .. }
        | Error::Nonsense { .. }
        | Error::OutOfRange(_)
        | Error::Refused { .. }
        | Error::NoZeroFailsafe
        | Error::NotTaken { .. } => ProblemKind::ProtocolError,
    };
    Problem {
        kind,
        detail: error.to_string().into(),
        fingerprint: None,
    }
}

/// Whether the box may well answer the next time, so that one such error is no reason to worry anybody.
pub(super) fn is_passing(error: &Error) -> bool {
    matches!(
        error,
        Error::NoAnswer | Error::Unable { .. } | Error::Nonsense { .. }
    )
}

/// Whether the box has answered that it does not follow: what it was told is not in force.
pub(super) fn is_refusal(error: &Error) -> bool {
    matches!(
        error,
        Error::OutOfRange(_)
            | Error::Refused { .. }
            | Error::NoZeroFailsafe
            | Error::NotTaken { .. }
    )
}

/// What becomes of an order that met this error.
pub(super) fn undelivered(error: &Error) -> Undelivered {
    match error {
        Error::OutOfRange(_)
        | Error::Refused { .. }
        | Error::NoZeroFailsafe
        | Error::NotTaken { .. }
        | Error::Unable { .. } => Undelivered::Refused(error.to_string().into()),
        // It is recognised before anything is written.
        Error::NotACharger2(_) => Undelivered::Offline,
        // A write that met a break is repeated, so that the first one may have arrived.
        Error::HostNotFound { .. }
        | Error::ConnectionRefused { .. }
        | Error::Unreachable { .. }
        | Error::NoAnswer
        | Error::ConnectionLost { .. }
        | Error::NotModbus { .. }
        | Error::Nonsense { .. } => Undelivered::Lost,
    }
}
