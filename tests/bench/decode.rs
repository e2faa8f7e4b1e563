//! From bytes to the live view, on one core: the codec, the translation into Ladebuch's terms and
//! the snapshot, with everything a real box said.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::{DeviceId, ExternalId, SourceId};
use ladebuch_domain::reading::Reading;
use ladebuch_domain::snapshot::{Device, Snapshot};
use ladebuch_engine::sources::openwb::{Dialect, Message, Said};
use ladebuch_tests::capture;
use openwb::codec::{Decoded, decode};
use uuid::Uuid;

use crate::table::Row;

const ROUND: Duration = Duration::from_millis(500);
const TARGET: f64 = 500_000.0;

/// Topics that the link subscribes to; it does not receive the others.
const AREAS: [&str; 6] = [
    "openWB/chargepoint/",
    "openWB/counter/",
    "openWB/pv/",
    "openWB/bat/",
    "openWB/vehicle/",
    "openWB/system/time",
];

/// The same for a box of generation 1.9.
const AREAS_1_9: [&str; 7] = [
    "openWB/lp/",
    "openWB/evu/",
    "openWB/pv/",
    "openWB/housebattery/",
    "openWB/global/",
    "openWB/config/get/",
    "openWB/system/Timestamp",
];

/// Measures the stream of a running box, and the tree that it sends on every connect.
pub fn measure(quick: bool) -> Vec<Row> {
    let rounds = if quick { 3 } else { 15 };
    let (retained, stream) = (
        subscribed(capture::retained(), &AREAS),
        subscribed(capture::stream(), &AREAS),
    );
    let mut all = retained.clone();
    all.extend(stream.iter().cloned());
    let rate_after = |retained: &[capture::Message], messages: &[capture::Message]| {
        let mut rates: Vec<f64> = (0..rounds).map(|_| run(retained, messages)).collect();
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    let rate = |messages: &[capture::Message]| rate_after(&retained, messages);
    let everything = rate(&all);
    let old = subscribed(capture::stream_1_9(), &AREAS_1_9);
    let old_rate = rate_after(&old, &old);
    vec![
        Row::new(
            "decode + apply captured 2.x messages, one core",
            "≥ 500,000 /s",
            format!("median {everything:.0} /s ({} messages)", all.len()),
            everything >= TARGET,
        ),
        Row::note(
            "  of these the 8.7 minutes of a running box",
            format!("median {:.0} /s ({} messages)", rate(&stream), stream.len()),
        ),
        Row::note(
            "  of these the retained tree, mostly documents",
            format!(
                "median {:.0} /s ({} messages)",
                rate(&retained),
                retained.len()
            ),
        ),
        Row::new(
            "decode + apply captured 1.9 messages, one core",
            "≥ 500,000 /s",
            format!("median {old_rate:.0} /s ({} messages)", old.len()),
            old_rate >= TARGET,
        ),
    ]
}

fn subscribed(messages: Vec<capture::Message>, areas: &[&str]) -> Vec<capture::Message> {
    let wanted =
        |message: &capture::Message| areas.iter().any(|area| message.topic.starts_with(area));
    messages.into_iter().filter(wanted).collect()
}

/// Messages per second, to a view that knows the box already.
fn run(retained: &[capture::Message], messages: &[capture::Message]) -> f64 {
    let mut view = View::new();
    for message in retained {
        view.take(message);
    }
    view.settle();
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < ROUND {
        for message in messages {
            view.take(black_box(message));
        }
        count += messages.len();
    }
    assert!(view.snapshot.devices.len() >= 4, "the view shows the house");
    black_box(&view.snapshot);
    count as f64 / begun.elapsed().as_secs_f64()
}

/// What the engine does with a message between the link and its watchers.
struct View {
    dialect: Dialect,
    said: Said,
    readings: Vec<Reading>,
    identities: HashMap<ExternalId, DeviceId>,
    snapshot: Snapshot,
    source: SourceId,
    now: DateTime<Utc>,
}

impl View {
    fn new() -> Self {
        Self {
            dialect: Dialect::default(),
            said: Said::default(),
            readings: Vec::new(),
            identities: HashMap::new(),
            snapshot: Snapshot::default(),
            source: SourceId(Uuid::from_u128(1)),
            now: DateTime::UNIX_EPOCH,
        }
    }

    fn take(&mut self, message: &capture::Message) {
        if let Decoded::Reading(reading) = decode(&message.topic, message.payload.as_bytes()) {
            let message = Message {
                reading,
                retained: false,
            };
            self.dialect
                .take(message, &mut self.said, &mut self.readings);
        }
        self.apply();
    }

    /// The retained tree is complete.
    fn settle(&mut self) {
        self.dialect.settle(&mut self.said, &mut self.readings);
        self.apply();
    }

    fn apply(&mut self) {
        for Reading { device, fact } in self.readings.drain(..) {
            let known = self.identities.get(&device.id).copied();
            let id = known.unwrap_or_else(|| {
                let id = DeviceId(Uuid::from_u128(self.identities.len() as u128));
                self.identities.insert(device.id.clone(), id);
                id
            });
            if self
                .snapshot
                .devices
                .get(&id)
                .is_none_or(|present| present.kind != device.kind)
            {
                let new = Device::new(self.source, device.id, DeviceKind::Meter, 0, self.now);
                self.snapshot.insert(
                    id,
                    Device {
                        kind: device.kind,
                        ..new
                    },
                );
            }
            self.snapshot.apply(id, fact, self.now);
        }
    }
}
