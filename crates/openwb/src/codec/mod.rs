//! From a topic and its payload to a [`Reading`]. Pure: no IO, no clock, no state.
//!
//! The topic is split as bytes and plain numbers are read without a JSON parser, so the numeric
//! topics that make up nearly all traffic cost no allocation.

mod addressed;
mod charge_point;
mod general;
pub(crate) mod json;
mod meter;
mod payload;
mod system;
mod template;
mod topic;
mod v1_9;
mod vehicle;

use thiserror::Error;

use crate::reading::Reading;
use topic::Path;

/// Payloads above this many bytes are not looked at: the largest document a box publishes on a
/// topic this crate reads is some ten kB.
pub const MAX_PAYLOAD: usize = 256 * 1024;

/// The root of all topics of a box. It cannot be changed on the box, but a bridge may put a
/// prefix in front of it.
pub(crate) const ROOT: &[u8] = b"openWB/";

/// The outcome of decoding one message.
#[derive(Debug, Clone, PartialEq)]
pub enum Decoded {
    /// The message says something.
    Reading(Reading),
    /// A topic of openWB's that is known and has nothing to say to a client: internals of the
    /// user interface, duplicates, writes on their way to the box.
    Ignored,
    /// A topic this crate does not know.
    Unknown,
    /// A topic this crate knows, with a payload it cannot mean.
    Malformed(Reason),
}

/// Why a payload was refused. Never contains the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum Reason {
    /// Longer than [`MAX_PAYLOAD`].
    #[error("longer than 256 kB")]
    TooLarge,
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// Not JSON.
    #[error("not JSON")]
    NotJson,
    /// `NaN`, an infinity, or a number too large to hold.
    #[error("not a finite number")]
    NotFinite,
    /// Another type than the topic carries.
    #[error("expected {expected}")]
    WrongType {
        /// What the topic carries.
        expected: &'static str,
    },
    /// The right type, but a value that cannot be.
    #[error("out of range: expected {expected}")]
    OutOfRange {
        /// What the topic carries.
        expected: &'static str,
    },
}

/// What the decoders of the topic areas return.
type Outcome<T = Reading> = Result<T, Refusal>;

/// Why there is no reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Ignored,
    Unknown,
    Malformed(Reason),
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Malformed(reason)
    }
}

/// Decodes messages of a box whose topics start with `openWB/`.
///
/// ```
/// use openwb::codec::{Decoded, decode};
/// use openwb::reading::{Meter, Metered, Reading};
///
/// let decoded = decode("openWB/counter/0/get/power", b"-2950.0");
/// assert_eq!(
///     decoded,
///     Decoded::Reading(Reading::Meter {
///         of: Metered::Counter(0),
///         value: Meter::Power(Some(-2950.0)),
///     })
/// );
/// ```
#[must_use]
pub fn decode(topic: &str, payload: &[u8]) -> Decoded {
    decode_bytes(topic.as_bytes(), payload, None)
}

/// Decodes messages of a box behind a bridge that puts a prefix in front of every topic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoder {
    /// Without a slash at its end; empty when there is none.
    prefix: Box<[u8]>,
    /// Whose answers to read.
    connection: Option<Box<[u8]>>,
}

impl Decoder {
    /// A decoder for topics below `prefix`, e.g. `home/garage` for `home/garage/openWB/…`.
    /// Slashes around the prefix do not matter.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.trim_matches('/').as_bytes().into(),
            connection: None,
        }
    }

    /// Also reads what a box answers to the commands of one connection. Its id is the MQTT client
    /// id; what others are told stays unknown.
    #[must_use]
    pub fn for_connection(mut self, id: &str) -> Self {
        self.connection = Some(id.as_bytes().into());
        self
    }

    /// Decodes one message. The topic need not be UTF-8, as a hostile broker may send anything.
    #[must_use]
    pub fn decode(&self, topic: &[u8], payload: &[u8]) -> Decoded {
        let topic = if self.prefix.is_empty() {
            Some(topic)
        } else {
            topic
                .strip_prefix(&*self.prefix)
                .and_then(|rest| rest.strip_prefix(b"/"))
        };
        match topic {
            Some(topic) => decode_bytes(topic, payload, self.connection.as_deref()),
            None => Decoded::Unknown,
        }
    }
}

fn decode_bytes(topic: &[u8], payload: &[u8], connection: Option<&[u8]>) -> Decoded {
    let Some(rest) = topic.strip_prefix(ROOT) else {
        return Decoded::Unknown;
    };
    let path = Path::new(rest);
    let outcome = match (by_area(path, payload), connection) {
        (Err(Refusal::Unknown), Some(connection)) => addressed::decode(path, connection, payload),
        (outcome, _) => outcome,
    };
    match outcome {
        Ok(reading) => Decoded::Reading(reading),
        Err(Refusal::Ignored) => Decoded::Ignored,
        Err(Refusal::Unknown) => Decoded::Unknown,
        Err(Refusal::Malformed(reason)) => Decoded::Malformed(reason),
    }
}

fn by_area(mut path: Path<'_>, payload: &[u8]) -> Outcome {
    match path.next() {
        b"chargepoint" => charge_point::decode(path, payload),
        b"counter" => meter::counter(path, payload),
        b"pv" => or(meter::inverter(path, payload), || {
            v1_9::inverter(path, payload)
        }),
        b"bat" => meter::battery(path, payload),
        b"vehicle" => vehicle::decode(path, payload),
        b"system" => or(system::decode(path, payload), || {
            v1_9::system(path, payload)
        }),
        b"general" => general::general(path, payload),
        b"optional" => general::optional(path, payload),
        b"lp" => v1_9::charge_point(path, payload),
        b"evu" => v1_9::grid(path, payload),
        b"housebattery" => v1_9::battery(path, payload),
        b"global" => v1_9::global(path, payload),
        b"config" => v1_9::config(path, payload),
        b"graph" => v1_9::graph(path),
        // Writes of other clients on their way to the box; what became of them shows in the state.
        b"set" => Err(Refusal::Ignored),
        _ => Err(Refusal::Unknown),
    }
}

/// A topic of an area that both generations have: what 2.x does not know may be one of 1.9.
fn or(of_2: Outcome, of_1_9: impl FnOnce() -> Outcome) -> Outcome {
    match of_2 {
        Err(Refusal::Unknown) => of_1_9(),
        known => known,
    }
}
