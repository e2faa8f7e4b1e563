//! One message to a box.

/// One message to a box: what a [`Writer`](crate::link::Writer) publishes, with QoS 1.
///
/// It is not retained: a box that finds a retained write when it starts carries it out again,
/// however old it is. The one exception removes a retained message, see [`Write::delete`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Write {
    topic: String,
    payload: String,
    deletes: bool,
}

impl Write {
    /// A message on a topic that starts with `openWB/`. The link adds the prefix of a bridge.
    #[must_use]
    pub fn new(topic: impl Into<String>, payload: impl Into<String>) -> Self {
        Self {
            topic: topic.into(),
            payload: payload.into(),
            deletes: false,
        }
    }

    /// Removes the message that the broker keeps on a topic: an empty one, retained.
    #[must_use]
    pub fn delete(topic: impl Into<String>) -> Self {
        Self {
            topic: topic.into(),
            payload: String::new(),
            deletes: true,
        }
    }

    /// The topic, starting with `openWB/`.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The payload: JSON for 2.x, plain text for 1.9, empty when it deletes.
    #[must_use]
    pub fn payload(&self) -> &str {
        &self.payload
    }

    /// Whether it removes the message kept on the topic. Only then it is retained.
    #[must_use]
    pub fn deletes(&self) -> bool {
        self.deletes
    }
}
