//! Messages of a real openWB 2.x, recorded at a real broker.

use std::path::PathBuf;

/// A recorded message.
pub struct Captured {
    pub topic: String,
    pub payload: Vec<u8>,
}

/// The retained tree of a box in the middle of a charge.
pub fn retained() -> Vec<Captured> {
    read("retained.jsonl")
        .lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let field = |key: &str| line[key].as_str().unwrap().to_owned();
            Captured {
                topic: field("topic"),
                payload: field("payload").into_bytes(),
            }
        })
        .collect()
}

/// What a client sees over nine minutes of charging with two cars.
pub fn stream() -> Vec<Captured> {
    let mut messages: Vec<Captured> = Vec::new();
    for line in read("stream-client.txt").lines() {
        let mut parts = line.splitn(4, ' ');
        let time = parts.next().unwrap();
        let retain = parts.next();
        if time.parse::<f64>().is_ok() && matches!(retain, Some("0" | "1")) {
            messages.push(Captured {
                topic: parts.next().unwrap().to_owned(),
                payload: parts.next().unwrap_or_default().as_bytes().to_vec(),
            });
        } else {
            // A payload of several lines.
            let payload = &mut messages.last_mut().unwrap().payload;
            payload.push(b'\n');
            payload.extend_from_slice(line.as_bytes());
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

fn read(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/openwb2")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
