//! Messages of a real openWB 1.9, recorded at its broker.

use std::path::PathBuf;

/// A recorded message.
pub struct Captured {
    pub topic: String,
    pub payload: Vec<u8>,
}

/// The retained tree of a box in the middle of a charge: `topic payload`.
pub fn retained() -> Vec<Captured> {
    let mut messages: Vec<Captured> = Vec::new();
    for line in read("retained.txt").lines() {
        let (topic, payload) = line.split_once(' ').unwrap_or((line, ""));
        if topic.starts_with("openWB/") {
            messages.push(Captured {
                topic: topic.to_owned(),
                payload: payload.as_bytes().to_vec(),
            });
        } else {
            continue_last(&mut messages, line);
        }
    }
    messages
}

/// What a client sees over five minutes: `unix.ns retain topic payload`.
pub fn stream() -> Vec<Captured> {
    let mut messages: Vec<Captured> = Vec::new();
    for line in read("stream.txt").lines() {
        let mut parts = line.splitn(4, ' ');
        let time = parts.next().unwrap();
        let retain = parts.next();
        if time.parse::<f64>().is_ok() && matches!(retain, Some("0" | "1")) {
            messages.push(Captured {
                topic: parts.next().unwrap().to_owned(),
                payload: parts.next().unwrap_or_default().as_bytes().to_vec(),
            });
        } else {
            continue_last(&mut messages, line);
        }
    }
    messages
}

/// Both.
pub fn all() -> Vec<Captured> {
    let mut messages = retained();
    messages.extend(stream());
    messages
}

/// A payload of several lines.
fn continue_last(messages: &mut [Captured], line: &str) {
    let payload = &mut messages.last_mut().unwrap().payload;
    payload.push(b'\n');
    payload.extend_from_slice(line.as_bytes());
}

fn read(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/openwb19")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
