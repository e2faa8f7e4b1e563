//! Sources: whether the other side of a connection can be believed, and what is wrong with it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use compact_str::CompactString;

use crate::tariff::PriceSlot;

/// A source is stale when its heartbeat is older than this (openWB beats every 10 s), unless it is
/// known to speak more seldom ([`SourceView::silence`]).
pub const HEARTBEAT_LIMIT: Duration = Duration::from_secs(30);

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// An openWB, over MQTT.
    Openwb,
    /// An account of the Elli cloud.
    Elli,
    /// An Elli Charger 2 on the local network, over Modbus TCP.
    Charger2,
}

impl SourceKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Openwb, Self::Elli, Self::Charger2];

    /// Stable name, used in the store and the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Openwb => "openwb",
            Self::Elli => "elli",
            Self::Charger2 => "charger2",
        }
    }

    /// The kind of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A source as the live view shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceView {
    /// [`Snapshot::revision`](crate::snapshot::Snapshot::revision) of the last change of this source.
    pub revision: u64,
    /// What it is.
    pub kind: SourceKind,
    /// The name its owner gave it.
    pub name: CompactString,
    /// Whether its values can be believed.
    pub state: SourceState,
    /// Since when it is in that state.
    pub since: DateTime<Utc>,
    /// Last sign of life.
    pub last_heard: Option<DateTime<Utc>>,
    /// How long it may be silent before its values count as old.
    pub silence: Duration,
    /// How often the source repeats its measured values, if it repeats unchanged ones at all.
    pub cycle: Option<Duration>,
    /// Version of the software on the other side.
    pub software_version: Option<CompactString>,
    /// Prices of its dynamic tariff, if it has one.
    pub prices: Option<Arc<[PriceSlot]>>,
    /// What is wrong, if anything.
    pub problem: Option<Problem>,
    /// When the next attempt to connect begins.
    pub retry_at: Option<DateTime<Utc>>,
    /// Messages on topics that this version does not know.
    pub unknown_topics: u64,
    /// Messages that could not be understood.
    pub malformed: u64,
    /// The last of them.
    pub last_malformed: Option<Malformed>,
}

impl SourceView {
    /// A source that has just been configured.
    #[must_use]
    pub fn new(kind: SourceKind, name: CompactString, now: DateTime<Utc>) -> Self {
        Self {
            revision: 0,
            kind,
            name,
            state: SourceState::Connecting,
            since: now,
            last_heard: None,
            silence: HEARTBEAT_LIMIT,
            cycle: None,
            software_version: None,
            prices: None,
            problem: None,
            retry_at: None,
            unknown_topics: 0,
            malformed: 0,
            last_malformed: None,
        }
    }
}

impl SourceView {
    /// Whether its values can be believed at `now`. The state alone may lag behind, for instance
    /// when the computer has just woken up.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.state == SourceState::Live
            && self
                .last_heard
                .is_none_or(|heard| !is_old(heard, self.silence, now))
    }
}

/// A message that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where it arrived.
    pub topic: Box<str>,
    /// What is wrong with it.
    pub reason: Box<str>,
    /// When it arrived.
    pub at: DateTime<Utc>,
}

/// Whether a source's values can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// Not yet heard of since the connection began.
    Connecting,
    /// Connected and alive.
    Live,
    /// Connected, but the box behind the connection is silent: values may be old.
    Stale,
    /// Not connected.
    Offline,
}

/// What is known about a source's connection, from which [`SourceState`] follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Trying, for the first time since start or since its settings changed.
    Trying,
    /// Up.
    Up {
        /// When the connection was made.
        since: DateTime<Utc>,
        /// Last sign of life of the box behind it, on this connection.
        heard: Option<DateTime<Utc>>,
    },
    /// Down.
    Down,
}

/// The state of a source with that connection, which may be silent for so long.
#[must_use]
pub fn source_state(connection: Connection, silence: Duration, now: DateTime<Utc>) -> SourceState {
    match connection {
        Connection::Trying => SourceState::Connecting,
        Connection::Down => SourceState::Offline,
        Connection::Up {
            heard: Some(heard), ..
        } if !is_old(heard, silence, now) => SourceState::Live,
        Connection::Up { heard: None, since } if !is_old(since, silence, now) => {
            SourceState::Connecting
        }
        Connection::Up { .. } => SourceState::Stale,
    }
}

/// Whether `at` is further than `limit` from `now`. A moment in the future counts by its distance
/// too: the clock was set back since, and how old the value truly is nobody knows.
#[must_use]
pub fn is_old(at: DateTime<Utc>, limit: Duration, now: DateTime<Utc>) -> bool {
    (now - at)
        .abs()
        .to_std()
        .is_ok_and(|distance| distance > limit)
}

/// What keeps a source from being live, in a sentence that a person can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of trouble it is.
    pub kind: ProblemKind,
    /// What happened and what to do, in English.
    pub detail: Box<str>,
    /// SHA-256 of the certificate that was not trusted, in hex.
    pub fingerprint: Option<Box<str>>,
}

macro_rules! problem_kinds {
    ($($(#[$doc:meta])* $kind:ident = $code:literal,)*) => {
        /// Kinds of trouble with a source. Each has a code that the user interface translates.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemKind {
            $($(#[$doc])* $kind,)*
        }

        impl ProblemKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// Stable code of the API.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)*
                }
            }
        }
    };
}

problem_kinds! {
    /// The name does not resolve.
    HostNotFound = "host_not_found",
    /// Nothing listens on that port.
    ConnectionRefused = "connection_refused",
    /// No answer in time.
    Timeout = "timeout",
    /// The certificate is neither signed by a known authority nor pinned.
    TlsUntrusted = "tls_untrusted",
    /// No TLS connection could be made.
    TlsFailed = "tls_failed",
    /// User name or password is wrong.
    BadCredentials = "bad_credentials",
    /// The broker does not let this user in.
    NotAuthorized = "not_authorized",
    /// openWB's user management is on and no user was given.
    LoginNeeded = "login_needed",
    /// openWB's user management hides some of the charge points from this user.
    RightsMissing = "rights_missing",
    /// The broker accepts the connection and says nothing.
    SilentBroker = "silent_broker",
    /// The broker has no openWB behind it.
    NotOpenwb = "not_openwb",
    /// Elli asks the person to sign in again.
    SignInAgain = "sign_in_again",
    /// Nobody is signed in with Elli.
    SignedOut = "signed_out",
    /// Elli answers with an error, or not at all.
    ElliUnavailable = "elli_unavailable",
    /// What answers is no Elli Charger 2.
    NotCharger2 = "not_charger2",
    /// The openWB is starting or updating.
    BoxBooting = "box_booting",
    /// The broker answers, but the openWB behind it does not.
    CoreNotRunning = "core_not_running",
    /// Another client uses the same id.
    TakenOver = "taken_over",
    /// The broker does not keep to the protocol.
    ProtocolError = "protocol_error",
    /// The connection broke.
    ConnectionLost = "connection_lost",
    /// The stored password could not be read.
    PasswordUnavailable = "password_unavailable",
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const START: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();

    fn at(seconds: i64) -> DateTime<Utc> {
        START + TimeDelta::seconds(seconds)
    }

    #[test]
    fn the_state_follows_from_the_connection_and_the_last_sign_of_life() {
        let up = |heard: Option<i64>| Connection::Up {
            since: at(0),
            heard: heard.map(at),
        };
        let cases = [
            (
                Connection::Trying,
                99,
                SourceState::Connecting,
                "no answer yet",
            ),
            (Connection::Down, 1, SourceState::Offline, "down"),
            (
                up(None),
                30,
                SourceState::Connecting,
                "the first heartbeat may take a while",
            ),
            (
                up(None),
                31,
                SourceState::Stale,
                "it should have come by now",
            ),
            (up(Some(40)), 70, SourceState::Live, "just in time"),
            (up(Some(40)), 71, SourceState::Stale, "overdue"),
            (
                up(Some(3600)),
                5,
                SourceState::Stale,
                "the clock was set back by an hour",
            ),
            (
                up(Some(-3600)),
                -3595,
                SourceState::Live,
                "and the next heartbeat came",
            ),
        ];
        for (connection, now, expected, why) in cases {
            assert_eq!(
                source_state(connection, HEARTBEAT_LIMIT, at(now)),
                expected,
                "{why}"
            );
        }
    }
}
