//! What real openWBs in mid-charge had said.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

/// A message as it was captured.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    /// Its topic.
    pub topic: String,
    /// Its payload.
    pub payload: String,
}

/// The retained tree of a real box.
///
/// # Panics
/// If the fixture cannot be read.
#[must_use]
pub fn retained() -> Vec<Message> {
    fixture("openwb2/retained.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a captured message"))
        .collect()
}

/// What a client of the same box saw during 8.7 minutes: plug-in, charging, a second car.
///
/// # Panics
/// If the fixture cannot be read.
#[must_use]
pub fn stream() -> Vec<Message> {
    stream_of("openwb2/stream-client.txt")
}

/// What a client of a real 1.9 box saw, its retained tree first.
///
/// # Panics
/// If the fixture cannot be read.
#[must_use]
pub fn stream_1_9() -> Vec<Message> {
    stream_of("openwb19/stream.txt")
}

/// Time, retain flag, topic, payload; a payload may hold spaces.
fn stream_of(name: &str) -> Vec<Message> {
    let text = fixture(name);
    let message = |line: &str| {
        let mut parts = line.splitn(4, ' ').skip(2);
        Some(Message {
            topic: parts.next()?.to_owned(),
            payload: parts.next().unwrap_or_default().to_owned(),
        })
    };
    text.lines().filter_map(message).collect()
}

/// The captured value of a retained topic below `openWB/`.
///
/// # Panics
/// If the capture does not have it.
#[must_use]
pub fn value(topic: &str) -> Value {
    let topic = format!("openWB/{topic}");
    let message = retained()
        .into_iter()
        .find(|message| message.topic == topic);
    let message = message.unwrap_or_else(|| panic!("{topic} was captured"));
    serde_json::from_str(&message.payload).expect("JSON")
}

/// The captured number of a retained topic below `openWB/`.
///
/// # Panics
/// If the capture does not have it.
#[must_use]
pub fn number(topic: &str) -> f64 {
    value(topic).as_f64().expect("a number")
}

fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
