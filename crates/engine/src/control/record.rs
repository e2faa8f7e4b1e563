//! An entry of the journal of commands.

use chrono::{DateTime, Utc};
use ladebuch_domain::control::Command;
use ladebuch_domain::ids::DeviceId;
use uuid::Uuid;

/// What was asked, by whom, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its identity.
    pub id: Uuid,
    /// The charge point.
    pub device: DeviceId,
    /// What it was to do.
    pub command: Command,
    /// Who asked.
    pub author: String,
    /// To be put back when the vehicle is unplugged.
    pub until_unplug: bool,
    /// When.
    pub sent: DateTime<Utc>,
    /// What became of it.
    pub outcome: Outcome,
    /// The box's own sentence about the charge point at the end, or why it did not follow.
    pub said: Option<String>,
    /// When the outcome was known.
    pub finished: Option<DateTime<Utc>>,
}

impl Record {
    pub(super) fn finish(&mut self, outcome: Outcome, said: Option<String>, at: DateTime<Utc>) {
        self.outcome = outcome;
        self.said = said;
        self.finished = Some(at);
    }
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// On its way.
    Pending,
    /// The box reports what was asked for.
    Confirmed,
    /// The box did not report it in time. openWB does not say why it ignores a command.
    NotConfirmed,
    /// It was not sent, is not known to have reached the box, or the box refused it.
    Refused(Reason),
    /// Ladebuch ended before the outcome was known.
    Interrupted,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident = $code:literal,)*) => {
        /// Why a command was not sent, is not known to have reached the box, or was refused by it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $reason,)*
        }

        impl Reason {
            /// All reasons.
            pub const ALL: &[Self] = &[$(Self::$reason),*];

            /// Stable code of the store and the API.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$reason => $code,)*
                }
            }
        }
    };
}

reasons! {
    /// The box cannot be reached, or its values are old.
    Offline = "offline",
    /// The charge point cannot do that.
    NotPossible = "not_possible",
    /// The value is out of bounds.
    OutOfRange = "out_of_range",
    /// The card that was scanned decides which vehicle it is.
    CardDecides = "card_decides",
    /// The box does not let this user do that.
    NotAllowed = "not_allowed",
    /// The database cannot be written, so that the setting could not be put back later.
    NotNoted = "not_noted",
    /// Too many commands are under way.
    Busy = "busy",
    /// The box does not take the value, or reports another one after it took it.
    BoxRefused = "box_refused",
    /// The connection broke before the box acknowledged the command, and the box does not report what was asked for.
    ConnectionLost = "connection_lost",
}

impl Outcome {
    /// Stable name, used in the store and the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::NotConfirmed => "not_confirmed",
            Self::Refused(_) => "refused",
            Self::Interrupted => "interrupted",
        }
    }

    /// Why it was refused.
    #[must_use]
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Refused(reason) => Some(reason.code()),
            _ => None,
        }
    }

    /// The outcome of that [`name`](Self::name) and [`reason`](Self::reason).
    #[must_use]
    pub fn from_names(name: &str, reason: Option<&str>) -> Option<Self> {
        Some(match name {
            "pending" => Self::Pending,
            "confirmed" => Self::Confirmed,
            "not_confirmed" => Self::NotConfirmed,
            "interrupted" => Self::Interrupted,
            "refused" => {
                let named = |known: &&Reason| Some(known.code()) == reason;
                Self::Refused(*Reason::ALL.iter().find(named)?)
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_outcomes() {
        let refused = Reason::ALL.iter().map(|reason| Outcome::Refused(*reason));
        let plain = [
            Outcome::Pending,
            Outcome::Confirmed,
            Outcome::NotConfirmed,
            Outcome::Interrupted,
        ];
        for outcome in plain.into_iter().chain(refused) {
            let (name, reason) = (outcome.name(), outcome.reason());
            assert_eq!(Outcome::from_names(name, reason), Some(outcome));
        }
        assert_eq!(Outcome::from_names("refused", None), None);
        assert_eq!(Outcome::from_names("done", None), None);
    }
}
