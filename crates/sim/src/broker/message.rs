//! A message on its way through the broker.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use mqtt_proto::{QoS, v5::PublishProperties};

/// An application message, independent of protocol version.
#[derive(Debug, Clone)]
pub struct Message {
    /// Topic name.
    pub topic: Arc<str>,
    /// Payload as published; empty deletes a retained message.
    pub payload: Bytes,
    /// Whether the publisher asked to keep it.
    pub retain: bool,
    pub(super) qos: QoS,
    /// MQTT 5 properties that travel with the message.
    pub(super) properties: Option<Arc<PublishProperties>>,
    pub(super) expires_at: Option<Instant>,
}

impl Message {
    pub(super) fn new(topic: Arc<str>, payload: Bytes, retain: bool) -> Self {
        Self {
            topic,
            payload,
            retain,
            qos: QoS::Level0,
            properties: None,
            expires_at: None,
        }
    }

    /// Whether its message expiry interval is over.
    pub(super) fn is_expired(&self, now: Instant) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}
