//! What arrived, decoded.

use crate::codec::{Decoded, Decoder, Reason};
use crate::reading::Reading;

/// Messages per batch at most: with the receiver this far behind, the link stops reading.
const CAPACITY: usize = 2048;

/// Topics are up to 64 kB long; this much of one is enough to find it.
const TOPIC_SHOWN: usize = 200;

/// Messages that arrived together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// What they say.
    pub readings: Vec<Received>,
    /// The ones on topics of openWB's that made no sense.
    pub malformed: Vec<Malformed>,
    /// How many were on topics this crate does not know.
    pub unknown: u32,
}

/// One reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// What it says.
    pub reading: Reading,
    /// True for the state the broker kept, sent after every connect: never an event, and
    /// possibly days old.
    pub retained: bool,
}

/// A message that made no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The topic, shortened if need be.
    pub topic: Box<str>,
    /// What is wrong with the payload.
    pub reason: Reason,
}

impl Batch {
    /// Decodes one message into the batch.
    pub(super) fn absorb(&mut self, decoder: &Decoder, message: &super::wire::Message) {
        match decoder.decode(&message.topic, &message.payload) {
            Decoded::Reading(reading) => {
                self.readings.push(Received {
                    reading,
                    retained: message.retained,
                });
            }
            Decoded::Ignored => {}
            Decoded::Unknown => self.unknown += 1,
            Decoded::Malformed(reason) => {
                let topic = String::from_utf8_lossy(&message.topic);
                let topic = topic.chars().take(TOPIC_SHOWN).collect::<String>().into();
                self.malformed.push(Malformed { topic, reason });
            }
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.readings.len() + self.malformed.len() + self.unknown as usize >= CAPACITY
    }

    /// Whether there is nothing to tell. Ignored messages are nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.readings.is_empty() && self.malformed.is_empty() && self.unknown == 0
    }

    /// Leaves an empty batch behind that has room for another of the same size.
    pub(super) fn take(&mut self) -> Self {
        let next = Self {
            readings: Vec::with_capacity(self.readings.len()),
            ..Self::default()
        };
        std::mem::replace(self, next)
    }
}
