//! Messages that must say something.

use openwb::codec::{Decoded, decode};
use openwb::reading::*;

/// What a message says on a topic of this kind.
pub fn reading(topic: &str, payload: &str) -> Reading {
    match decode(topic, payload.as_bytes()) {
        Decoded::Reading(reading) => reading,
        other => panic!("{topic} {payload}: {other:?}"),
    }
}

/// What a message says on a topic of this kind.
pub fn meter(topic: &str, payload: &str) -> (Metered, Meter) {
    match reading(topic, payload) {
        Reading::Meter { of, value } => (of, value),
        other => panic!("{topic}: {other:?}"),
    }
}

/// What a message says on a topic of this kind.
pub fn charge_point(topic: &str, payload: &str) -> ChargePoint {
    match reading(&format!("openWB/chargepoint/3/{topic}"), payload) {
        Reading::ChargePoint { id: 3, value } => value,
        other => panic!("{topic}: {other:?}"),
    }
}

/// What a message says on a topic of this kind.
pub fn vehicle(topic: &str, payload: &str) -> Vehicle {
    match reading(&format!("openWB/vehicle/1/{topic}"), payload) {
        Reading::Vehicle { id: 1, value } => value,
        other => panic!("{topic}: {other:?}"),
    }
}

/// What a message says on a topic of this kind.
pub fn system(topic: &str, payload: &str) -> System {
    match reading(&format!("openWB/system/{topic}"), payload) {
        Reading::System(value) => value,
        other => panic!("{topic}: {other:?}"),
    }
}
