//! openWB 1.9: messages of a real box, every family of topics, and nonsense.

mod captures;
mod hostile;
mod installation;
pub mod recorded;
mod settings;
mod values;

use openwb::codec::{Decoded, Reason, decode};
use openwb::reading::Reading;
use openwb::reading::v1_9::{self, ChargePoint, Global, Meter, Metered, System};

/// What a message says.
fn reading(topic: &str, payload: &str) -> v1_9::Reading {
    match decode(topic, payload.as_bytes()) {
        Decoded::Reading(Reading::V1_9(reading)) => reading,
        other => panic!("{topic} {payload}: {other:?}"),
    }
}

/// What a message says on a topic of this kind.
fn meter(topic: &str, payload: &str) -> (Metered, Meter) {
    match reading(topic, payload) {
        v1_9::Reading::Meter { of, value } => (of, value),
        other => panic!("{topic}: {other:?}"),
    }
}

/// What a message says on a topic of this kind.
fn charge_point(topic: &str, payload: &str) -> ChargePoint {
    match reading(&format!("openWB/{topic}"), payload) {
        v1_9::Reading::ChargePoint { number: 2, value } => value,
        other => panic!("{topic}: {other:?}"),
    }
}

/// What a message says on a topic of this kind.
fn global(topic: &str, payload: &str) -> Global {
    match reading(&format!("openWB/{topic}"), payload) {
        v1_9::Reading::Global(value) => value,
        other => panic!("{topic}: {other:?}"),
    }
}

/// What a message says on a topic of this kind.
fn system(topic: &str, payload: &str) -> System {
    match reading(&format!("openWB/system/{topic}"), payload) {
        v1_9::Reading::System(value) => value,
        other => panic!("{topic}: {other:?}"),
    }
}

/// Why a message is refused.
fn refused(topic: &str, payload: &[u8]) -> Reason {
    match decode(topic, payload) {
        Decoded::Malformed(reason) => reason,
        other => panic!("{topic}: {other:?}"),
    }
}
