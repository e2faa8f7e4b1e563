//! Why not everything of an account is known as it is now.

use ::elli::Error;

macro_rules! troubles {
    ($($(#[$doc:meta])* $trouble:ident = $code:literal,)*) => {
        /// What keeps an account from being read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum SyncTrouble {
            $($(#[$doc])* $trouble,)*
        }

        impl SyncTrouble {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$trouble),*];

            /// Stable code of the API.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$trouble => $code,)*
                }
            }
        }
    };
}

troubles! {
    /// Nobody is signed in.
    SignedOut = "elli_signed_out",
    /// Elli has ended the sign-in.
    SignInAgain = "elli_sign_in_again",
    /// Elli cannot be reached, or fails.
    Unreachable = "elli_unreachable",
    /// Elli asks to wait.
    Busy = "elli_busy",
    /// Elli does not do what was asked.
    Refused = "elli_refused",
    /// The host's place for secrets does not answer.
    SecretsUnavailable = "secrets_unavailable",
    /// What Elli says cannot be written to the database.
    NotKept = "not_kept",
}

/// Why not everything of an account is known as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncProblem {
    /// What it is.
    pub trouble: SyncTrouble,
    /// The status of Elli's answer, if there was one.
    pub status: Option<u16>,
    /// What happened and what to do, in English.
    pub detail: String,
}

impl SyncProblem {
    /// A problem with Elli.
    pub(super) fn of(error: &Error) -> Self {
        Self {
            trouble: match error {
                Error::TooManyRequests { .. } => SyncTrouble::Busy,
                Error::Refused { .. } | Error::InvalidId | Error::Unauthorized => {
                    SyncTrouble::Refused
                }
                _ => SyncTrouble::Unreachable,
            },
            status: error.status(),
            detail: error.to_string(),
        }
    }
}
