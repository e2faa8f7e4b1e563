//! The latest message of each topic, within bounds and without secrets.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use openwb::codec::Decoded;
use openwb::link::RawMessage;

use super::redact;

/// Topics kept at most; a large installation has some 2 000.
const MOST_TOPICS: usize = 5_000;
/// Bytes of a value that are shown.
const MOST_SHOWN: usize = 4 * 1024;

/// What a source publishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topics {
    /// Whether the connection for looking stands.
    pub connected: bool,
    /// Whether these are all topics; there are more than are kept otherwise.
    pub complete: bool,
    /// The topics by name.
    pub topics: Vec<Topic>,
}

/// A topic and its latest message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name, with the prefix of a bridge.
    pub topic: String,
    /// The payload, cut after 4 kB; credentials are hidden, RFID numbers masked.
    pub value: String,
    /// Whether the broker had kept it.
    pub retained: bool,
    /// When it came.
    pub at: DateTime<Utc>,
    /// What Ladebuch makes of it.
    pub meaning: String,
}

#[derive(Default)]
pub(super) struct Kept {
    pub(super) connected: bool,
    topics: BTreeMap<Box<str>, Message>,
    overflown: bool,
}

struct Message {
    value: String,
    retained: bool,
    at: DateTime<Utc>,
    meaning: String,
}

impl Kept {
    /// Keeps a message instead of the one before.
    pub(super) fn take(&mut self, message: RawMessage, now: DateTime<Utc>) {
        let RawMessage {
            topic,
            payload,
            retained,
            decoded,
        } = message;
        // An empty message takes back what the broker has kept.
        if payload.is_empty() {
            self.topics.remove(&topic);
            return;
        }
        if self.topics.len() >= MOST_TOPICS && !self.topics.contains_key(&topic) {
            self.overflown = true;
            return;
        }
        let message = Message {
            value: cut(redact::value(&topic, &payload)),
            retained,
            at: now,
            meaning: cut(meaning(&decoded)),
        };
        self.topics.insert(topic, message);
    }

    pub(super) fn show(&self) -> Topics {
        let topics = self.topics.iter().map(|(topic, message)| Topic {
            topic: topic.to_string(),
            value: message.value.clone(),
            retained: message.retained,
            at: message.at,
            meaning: message.meaning.clone(),
        });
        Topics {
            connected: self.connected,
            complete: !self.overflown,
            topics: topics.collect(),
        }
    }
}

/// What the codec makes of a message. What it prints of a reading has its tags masked.
fn meaning(decoded: &Decoded) -> String {
    match decoded {
        Decoded::Reading(reading) => format!("{reading:?}"),
        Decoded::Ignored => "ignored".to_owned(),
        Decoded::Unknown => "unknown".to_owned(),
        Decoded::Malformed(reason) => format!("malformed: {reason}"),
    }
}

fn cut(mut text: String) -> String {
    if text.len() > MOST_SHOWN {
        text.truncate(text.floor_char_boundary(MOST_SHOWN));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(topic: &str, payload: &str) -> RawMessage {
        RawMessage {
            topic: topic.into(),
            payload: payload.as_bytes().into(),
            retained: true,
            decoded: openwb::codec::decode(topic, payload.as_bytes()),
        }
    }

    fn kept(messages: impl IntoIterator<Item = RawMessage>) -> Topics {
        let mut kept = Kept::default();
        for message in messages {
            kept.take(message, DateTime::UNIX_EPOCH);
        }
        kept.show()
    }

    #[test]
    fn the_latest_message_of_a_topic_is_shown_with_what_it_says() {
        let topic = "openWB/counter/0/get/power";
        let topics = kept([message(topic, "1"), message(topic, "2.5")]);
        let [shown] = &*topics.topics else {
            panic!("{topics:?}");
        };
        assert_eq!(shown.value, "2.5");
        assert!(
            shown.meaning.contains("Power(Some(2.5))"),
            "{}",
            shown.meaning
        );
        for (topic, payload, meaning) in [
            (topic, "x", "malformed: not JSON"),
            ("openWB/nobody/knows", "1", "unknown"),
            ("openWB/set/counter/0/x", "1", "ignored"),
        ] {
            assert_eq!(kept([message(topic, payload)]).topics[0].meaning, meaning);
        }
    }

    #[test]
    fn an_empty_message_takes_a_topic_back() {
        let topic = "openWB/vehicle/7/name";
        let topics = kept([message(topic, "\"Bus\""), message(topic, "")]);
        assert_eq!(topics.topics, []);
    }

    #[test]
    fn a_long_value_is_cut_within_no_character() {
        let topics = kept([message("openWB/nobody/knows", &"ä".repeat(9_000))]);
        let value = &topics.topics[0].value;
        assert!(value.len() <= MOST_SHOWN + "…".len());
        assert!(value.ends_with("ä…"));
    }

    #[test]
    fn no_more_topics_are_kept_than_fit() {
        let many = (0..=MOST_TOPICS).map(|n| message(&format!("openWB/x/{n}"), "1"));
        let topics = kept(many);
        assert_eq!((topics.topics.len(), topics.complete), (MOST_TOPICS, false));
        assert!(kept([message("openWB/x/1", "1")]).complete);
    }
}
