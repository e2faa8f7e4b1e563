//! Publishing as openWB's core does it.

use chrono::{DateTime, Utc};

use super::Core;
use super::json::Json;
use crate::program::Outgoing;

impl Core {
    /// Publishes a value below `openWB/`, whether it changed or not. The core writes through its own
    /// `set` topics: what a client of `openWB/set/#` sees is the value, the state, the clearing.
    pub(super) fn state(&mut self, path: &str, value: impl Into<Json>) {
        let payload = value.into().to_string();
        self.raw(format!("openWB/set/{path}"), payload.clone(), true);
        let topic = format!("openWB/{path}");
        // Two bridge patterns cover this topic, so the public broker gets it twice.
        if path.ends_with("/set/charge_template") {
            self.raw(topic.clone(), payload.clone(), true);
        }
        self.raw(topic, payload.clone(), true);
        self.raw(format!("openWB/set/{path}"), String::new(), true);
        self.published.insert(path.to_owned(), payload);
    }

    /// Publishes a value if it differs from what was published last.
    pub(super) fn on_change(&mut self, path: &str, value: impl Into<Json>) {
        let value = value.into();
        if self
            .published
            .get(path)
            .is_none_or(|last| *last != value.to_string())
        {
            self.state(path, value);
        }
    }

    /// Empties a `set` topic.
    pub(super) fn clear(&mut self, path: &str) {
        self.raw(format!("openWB/set/{path}"), String::new(), true);
    }

    pub(super) fn raw(&mut self, topic: String, payload: String, retain: bool) {
        self.outbox.push(Outgoing {
            topic,
            payload,
            retain,
        });
    }
}

/// `time.time()`: seconds with microseconds. The clock here has milliseconds; the digits after them
/// are made up from them, as no real clock shows zeros there.
pub(super) fn unix(at: DateTime<Utc>) -> f64 {
    let millis = at.timestamp_millis();
    let micros = (millis * 7919).rem_euclid(1000);
    (millis * 1000 + micros) as f64 / 1e6
}
