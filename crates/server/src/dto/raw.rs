//! The raw view of a source, and the file that goes with a report of a fault.

use ladebuch_engine::inspect;
use serde::Serialize;
use utoipa::ToSchema;

use super::Instant;
use super::settings::Settings;
use super::sources::Source;
use super::status::Status;

/// Everything a source publishes at present.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicList {
    /// Whether the connection for looking stands.
    pub connected: bool,
    /// Whether these are all topics: 5000 are kept at most.
    pub complete: bool,
    /// The topics by name.
    pub topics: Vec<Topic>,
}

/// A topic and its latest message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "topic": "openWB/counter/0/get/power", "value": "-2950.0", "retained": true,
    "at": "2026-11-22T12:30:00.000Z", "meaning": "Meter { of: Counter(0), value: Power(Some(-2950.0)) }"
}))]
pub struct Topic {
    /// Its name.
    pub topic: String,
    /// The payload, cut after 4 kB. Credentials are `(hidden)`, RFID numbers masked.
    pub value: String,
    /// Whether the broker had kept it, so that it may be days old.
    pub retained: bool,
    /// When it came.
    pub at: Instant,
    /// What Ladebuch makes of it: a reading, `ignored`, `unknown`, or `malformed: …`.
    pub meaning: String,
}

/// What helps to find a fault. It holds no credentials; RFID numbers are masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Diagnostics {
    /// When it was made.
    pub made_at: Instant,
    /// How the program is doing.
    pub program: Status,
    /// Settings of the household.
    pub settings: Settings,
    /// The source and how it is doing; a user's name is `(hidden)`.
    pub source: Source,
    /// What it publishes.
    pub raw: TopicList,
}

impl From<inspect::Topics> for TopicList {
    fn from(topics: inspect::Topics) -> Self {
        Self {
            connected: topics.connected,
            complete: topics.complete,
            topics: topics.topics.into_iter().map(Topic::from).collect(),
        }
    }
}

impl From<inspect::Topic> for Topic {
    fn from(topic: inspect::Topic) -> Self {
        Self {
            topic: topic.topic,
            value: topic.value,
            retained: topic.retained,
            at: topic.at.into(),
            meaning: topic.meaning,
        }
    }
}
