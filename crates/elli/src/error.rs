//! What can go wrong with a request, in words that name no secret.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// Why a request got no usable answer.
///
/// Holds nothing of what was sent or received but statuses and well-known words: no address, no
/// token, no body.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The access token is not, or no longer, accepted (401): refresh it, then ask again.
    #[error("Elli does not accept the access token any more.")]
    Unauthorized,
    /// Too many requests (429).
    #[error("Elli asks for fewer requests.")]
    TooManyRequests {
        /// How long to wait, where Elli says it.
        retry_after: Option<Duration>,
    },
    /// Elli fails (a 5xx status, or 408): ask again later.
    #[error("Elli's service fails (status {status}{}).", Named(.code))]
    Unavailable {
        /// The status.
        status: u16,
        /// How long to wait, where Elli says it.
        retry_after: Option<Duration>,
        /// What Elli calls it.
        code: Option<ErrorCode>,
    },
    /// Elli refuses (another status than those above and a success): asking again changes nothing.
    #[error("Elli refuses the request (status {status}{}).", Named(.code))]
    Refused {
        /// The status.
        status: u16,
        /// What Elli calls it.
        code: Option<ErrorCode>,
    },
    /// A connection stood, but the answer took too long.
    #[error("Elli does not answer in time.")]
    Timeout,
    /// No connection came about, so nothing was sent.
    #[error("Elli cannot be reached ({detail}). Check the internet connection.")]
    Unreachable {
        /// What the system says.
        detail: Box<str>,
    },
    /// Somebody else answered, or the clock of this machine is wrong. Nothing was sent.
    #[error(
        "The server's certificate is not trusted ({detail}). Check date and time, and whether something inspects encrypted connections."
    )]
    Untrusted {
        /// What the TLS library says.
        detail: Box<str>,
    },
    /// The connection broke before the answer was there.
    #[error("The connection to Elli broke off.")]
    ConnectionLost,
    /// A success, but something else than was asked for: often the page of a proxy.
    #[error("Elli's answer is not {expected} but {}.", Kind(.content_type))]
    UnexpectedContent {
        /// What was asked for.
        expected: &'static str,
        /// What it says it is.
        content_type: Option<Box<str>>,
    },
    /// JSON that lacks what it was asked for.
    #[error("Elli's answer has another shape than known: {expected} is missing.")]
    UnexpectedShape {
        /// What is missing.
        expected: &'static str,
    },
    /// An answer larger than any that makes sense.
    #[error("Elli's answer is larger than {limit} bytes.")]
    TooLarge {
        /// How much would have been read.
        limit: usize,
    },
    /// An id that cannot be part of an address; nothing was sent.
    #[error("This is not the id of anything at Elli.")]
    InvalidId,
}

impl Error {
    /// A stable name for programs: `snake_case`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::Unavailable { .. } => "unavailable",
            Self::Refused { .. } => "refused",
            Self::Timeout => "timeout",
            Self::Unreachable { .. } => "unreachable",
            Self::Untrusted { .. } => "untrusted",
            Self::ConnectionLost => "connection_lost",
            Self::UnexpectedContent { .. } => "unexpected_content",
            Self::UnexpectedShape { .. } => "unexpected_shape",
            Self::TooLarge { .. } => "too_large",
            Self::InvalidId => "invalid_id",
        }
    }

    /// The HTTP status, where it is one that makes this error.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Unauthorized => Some(401),
            Self::TooManyRequests { .. } => Some(429),
            Self::Unavailable { status, .. } | Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// How long Elli asks to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyRequests { retry_after } | Self::Unavailable { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }

    /// Whether the same request may succeed later without anybody doing anything.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::TooManyRequests { .. }
                | Self::Unavailable { .. }
                | Self::Timeout
                | Self::Unreachable { .. }
                | Self::ConnectionLost
                | Self::UnexpectedContent { .. }
        )
    }

    /// Whether the request may have had its effect although the answer is lost.
    pub(crate) const fn may_have_worked(&self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::ConnectionLost
                | Self::UnexpectedContent { .. }
                | Self::UnexpectedShape { .. }
                | Self::TooLarge { .. }
        )
    }
}

/// The name Elli gives an error, such as `FETCH_FIRMWARE_FAILURE` or `invalid_client`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCode(Box<str>);

impl ErrorCode {
    /// `None` for everything but a short name: whole sentences may quote what was sent.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        (1..=64)
            .contains(&text.len())
            .then_some(text)
            .filter(|text| text.bytes().all(name))
            .map(|text| Self(text.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

struct Named<'a>(&'a Option<ErrorCode>);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) => write!(f, ", {code}"),
            None => Ok(()),
        }
    }
}

struct Kind<'a>(&'a Option<Box<str>>);

impl fmt::Display for Kind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or("something else"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_are_quoted() {
        assert!(ErrorCode::new("FETCH_FIRMWARE_FAILURE").is_some());
        for text in ["", "Unknown or invalid refresh token.", "a\nb", "ä"] {
            assert_eq!(ErrorCode::new(text), None, "{text}");
        }
        assert_eq!(ErrorCode::new(&"x".repeat(65)), None);
    }

    #[test]
    fn sentences_say_what_is_known() {
        let failure = Error::Unavailable {
            status: 500,
            retry_after: Some(Duration::from_secs(7)),
            code: ErrorCode::new("FETCH_FIRMWARE_FAILURE"),
        };
        assert_eq!(
            failure.to_string(),
            "Elli's service fails (status 500, FETCH_FIRMWARE_FAILURE)."
        );
        assert_eq!(failure.status(), Some(500));
        assert_eq!(failure.retry_after(), Some(Duration::from_secs(7)));
        assert!(failure.is_temporary());
        let page = Error::UnexpectedContent {
            expected: "JSON",
            content_type: Some("text/html".into()),
        };
        assert_eq!(page.to_string(), "Elli's answer is not JSON but text/html.");
    }
}
