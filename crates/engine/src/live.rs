//! The live view: one task owns the [`Snapshot`], everybody else watches it.
//!
//! Sources send what they hear over a bounded channel (every item counts); the latest snapshot
//! leaves through a `watch` (only the latest matters). The task also gives devices their
//! identity: the first reading of an unknown device makes one, the recorder stores it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::{DeviceId, ExternalId, SourceId};
use ladebuch_domain::reading::{ExternalDevice, Fact, Reading};
use ladebuch_domain::snapshot::{Device, Snapshot};
use ladebuch_domain::source::{
    Connection, HEARTBEAT_LIMIT, Malformed, Problem, ProblemKind, SourceState, SourceView,
    source_state,
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock::Clock;
use crate::store::KnownDevice;

/// Batches in flight between the sources and the live view. A full channel holds the source up,
/// which holds the broker up: nothing is lost.
const EVENT_CAPACITY: usize = 64;
/// How often ages are looked at.
const TICK: Duration = Duration::from_secs(1);
/// Most events taken over before the snapshot is published.
const MOST_PER_PUBLICATION: usize = 64;

/// What a source tells the live view.
#[derive(Debug)]
pub(crate) enum SourceEvent {
    /// The source was configured, or its name changed.
    Configured {
        /// Name given by the user.
        name: CompactString,
    },
    /// The source is no longer configured.
    Removed,
    /// The connection changed.
    Connection {
        /// Its state.
        connection: Connection,
        /// Why it is down.
        problem: Option<Problem>,
        /// When the next attempt begins.
        retry_at: Option<DateTime<Utc>>,
    },
    /// Messages arrived.
    Heard(Heard),
    /// The other side told which software it runs.
    Version(CompactString),
    /// The other side repeats its measured values in this rhythm.
    Cycle(Duration),
    /// The connection stands, but something is wrong; `None`: no longer.
    Trouble(Option<Problem>),
    /// The other side says that its values do not count for now (it boots).
    Unreliable,
}

/// A batch of messages, decoded.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Whether the box gave a sign of life.
    pub heartbeat: bool,
    /// What it says, in order.
    pub readings: Vec<Reading>,
    /// Messages on unknown topics.
    pub unknown: u64,
    /// Messages that could not be understood.
    pub malformed: Vec<(Box<str>, Box<str>)>,
}

/// Where a source sends its events.
#[derive(Clone, Debug)]
pub(crate) struct Mouth {
    source: SourceId,
    events: mpsc::Sender<(SourceId, SourceEvent)>,
}

impl Mouth {
    /// Tells the live view; `false` when the engine has stopped.
    pub async fn say(&self, event: SourceEvent) -> bool {
        self.events.send((self.source, event)).await.is_ok()
    }
}

/// Entrance and exit of the live view.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    events: mpsc::Sender<(SourceId, SourceEvent)>,
    snapshot: watch::Receiver<Arc<Snapshot>>,
}

impl Live {
    /// The channel for one source's events.
    pub fn mouth(&self, source: SourceId) -> Mouth {
        Mouth {
            source,
            events: self.events.clone(),
        }
    }

    /// Follows the snapshot.
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.clone()
    }
}

/// The task's own state.
pub(crate) struct LiveTask {
    clock: Arc<dyn Clock>,
    events: mpsc::Receiver<(SourceId, SourceEvent)>,
    publish: watch::Sender<Arc<Snapshot>>,
    snapshot: Snapshot,
    links: HashMap<SourceId, Link>,
    identities: HashMap<SourceId, HashMap<ExternalId, DeviceId>>,
    known: HashMap<DeviceId, KnownDevice>,
}

/// What is known of a source's connection.
struct Link {
    connection: Connection,
    /// Trouble that the source itself reported, as opposed to what its silence tells.
    trouble: Option<Problem>,
}

/// Makes the live view with the devices that the store knows.
pub(crate) fn live(clock: Arc<dyn Clock>, known: Vec<KnownDevice>) -> (Live, LiveTask) {
    let (send, events) = mpsc::channel(EVENT_CAPACITY);
    let (publish, snapshot) = watch::channel(Arc::new(Snapshot::default()));
    let mut identities: HashMap<SourceId, HashMap<ExternalId, DeviceId>> = HashMap::new();
    for device in &known {
        identities
            .entry(device.source)
            .or_default()
            .insert(device.external_id.clone(), device.id);
    }
    let task = LiveTask {
        clock,
        events,
        publish,
        snapshot: Snapshot::default(),
        links: HashMap::new(),
        identities,
        known: known
            .into_iter()
            .map(|device| (device.id, device))
            .collect(),
    };
    (
        Live {
            events: send,
            snapshot,
        },
        task,
    )
}

impl LiveTask {
    /// Runs until cancelled.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            let before = self.snapshot.revision;
            tokio::select! {
                () = cancel.cancelled() => return,
                event = self.events.recv() => {
                    let Some((source, event)) = event else { return };
                    let now = self.clock.now();
                    self.take(source, event, now);
                    for _ in 1..MOST_PER_PUBLICATION {
                        let Ok((source, event)) = self.events.try_recv() else { break };
                        self.take(source, event, now);
                    }
                }
                _ = tick.tick() => self.look_at_ages(),
            }
            if self.snapshot.revision != before {
                self.publish.send_replace(Arc::new(self.snapshot.clone()));
            }
        }
    }

    fn take(&mut self, source: SourceId, event: SourceEvent, now: DateTime<Utc>) {
        match event {
            SourceEvent::Configured { name } => {
                self.links.insert(
                    source,
                    Link {
                        connection: Connection::Trying,
                        trouble: None,
                    },
                );
                let view = match self.snapshot.sources.get(&source) {
                    Some(view) => SourceView {
                        name,
                        ..view.clone()
                    },
                    None => SourceView::new(name, now),
                };
                self.snapshot.set_source(source, view);
            }
            SourceEvent::Removed => {
                self.links.remove(&source);
                self.snapshot.remove_source(source);
            }
            SourceEvent::Connection {
                connection,
                problem,
                retry_at,
            } => {
                if let Some(link) = self.links.get_mut(&source) {
                    link.connection = connection;
                    link.trouble = problem;
                }
                self.change_source(source, now, |view| view.retry_at = retry_at);
            }
            SourceEvent::Heard(heard) => self.hear(source, heard, now),
            SourceEvent::Version(version) => {
                self.change_source(source, now, |view| view.software_version = Some(version));
            }
            SourceEvent::Cycle(cycle) => {
                self.change_source(source, now, |view| view.cycle = Some(cycle));
            }
            SourceEvent::Trouble(trouble) => {
                if let Some(link) = self.links.get_mut(&source) {
                    link.trouble = trouble;
                }
                self.change_source(source, now, |_| ());
            }
            SourceEvent::Unreliable => {
                self.note_sign_of_life(source, None);
                self.change_source(source, now, |_| ());
            }
        }
    }

    /// Notes when the box behind a connection was last heard of; `None`: not to be believed.
    fn note_sign_of_life(&mut self, source: SourceId, at: Option<DateTime<Utc>>) {
        if let Some(Link {
            connection: Connection::Up { heard, .. },
            ..
        }) = self.links.get_mut(&source)
        {
            *heard = at;
        }
    }

    fn hear(&mut self, source: SourceId, heard: Heard, now: DateTime<Utc>) {
        // A reading may be the last that a removed source still had on its way.
        if !self.links.contains_key(&source) {
            return;
        }
        for Reading { device, fact } in heard.readings {
            if fact == Fact::Removed && !self.is_present(source, &device) {
                continue;
            }
            let id = self.identify(source, &device, now);
            self.snapshot.apply(id, fact, now);
        }
        if heard.heartbeat {
            self.note_sign_of_life(source, Some(now));
        }
        if heard.heartbeat || heard.unknown > 0 || !heard.malformed.is_empty() {
            self.change_source(source, now, |view| {
                if heard.heartbeat {
                    view.last_heard = Some(now);
                }
                view.unknown_topics += heard.unknown;
                view.malformed += heard.malformed.len() as u64;
                if let Some((topic, reason)) = heard.malformed.into_iter().next_back() {
                    view.last_malformed = Some(Malformed {
                        topic,
                        reason,
                        at: now,
                    });
                }
            });
        }
    }

    fn is_present(&self, source: SourceId, device: &ExternalDevice) -> bool {
        let id = self
            .identities
            .get(&source)
            .and_then(|known| known.get(&device.id));
        id.is_some_and(|id| self.snapshot.devices.contains_key(id))
    }

    /// The device that the source means; one that it never named before is new.
    fn identify(
        &mut self,
        source: SourceId,
        device: &ExternalDevice,
        now: DateTime<Utc>,
    ) -> DeviceId {
        let known = self
            .identities
            .entry(source)
            .or_default()
            .get(&device.id)
            .copied();
        let id = known.unwrap_or_else(|| {
            let id = DeviceId(new_id(now));
            let known = KnownDevice {
                id,
                source,
                external_id: device.id.clone(),
                kind: device.kind,
                name: None,
                serial: None,
                color_slot: self.free_color(device.kind),
            };
            self.identities
                .entry(source)
                .or_default()
                .insert(device.id.clone(), id);
            self.known.insert(id, known);
            id
        });
        let present = self.snapshot.devices.get(&id);
        if present.is_none_or(|present| present.kind != device.kind) {
            let stored = self.known.get(&id);
            let color = stored.map_or(0, |known| known.color_slot);
            let mut new = Device::new(source, device.id.clone(), device.kind, color, now);
            new.name = stored.and_then(|known| known.name.clone());
            new.serial = stored.and_then(|known| known.serial.clone());
            self.snapshot.insert(id, new);
        }
        id
    }

    /// The first place in the palette of a kind that no device has ever had.
    fn free_color(&self, kind: DeviceKind) -> u8 {
        let taken = |slot: u8| {
            self.known
                .values()
                .any(|known| known.kind == kind && known.color_slot == slot)
        };
        (0..u8::MAX).find(|slot| !taken(*slot)).unwrap_or(0)
    }

    fn look_at_ages(&mut self) {
        let now = self.clock.now();
        let sources: Vec<SourceId> = self.snapshot.sources.keys().copied().collect();
        for source in sources {
            self.change_source(source, now, |_| ());
        }
        // Devices grow stale one by one; whoever shows them must hear of it.
        let stale: Vec<DeviceId> = self
            .snapshot
            .devices
            .iter()
            .filter(|(_, device)| self.snapshot.is_stale(device, now) != device.shown_stale)
            .map(|(&id, _)| id)
            .collect();
        for id in stale {
            self.snapshot.turn_stale(id, now);
        }
    }

    /// Changes a source's view and draws the conclusions from its age.
    fn change_source(
        &mut self,
        source: SourceId,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut SourceView),
    ) {
        let (Some(before), Some(link)) =
            (self.snapshot.sources.get(&source), self.links.get(&source))
        else {
            return;
        };
        let mut view = before.clone();
        change(&mut view);
        view.state = source_state(link.connection, now);
        if view.state != before.state {
            view.since = now;
        }
        view.problem = link.trouble.clone().or_else(|| silence(view.state));
        if view != *before {
            self.snapshot.set_source(source, view);
        }
    }
}

/// What the silence of a connected source means.
fn silence(state: SourceState) -> Option<Problem> {
    (state == SourceState::Stale).then(|| Problem {
        kind: ProblemKind::CoreNotRunning,
        detail: format!(
            "The broker answers, but the openWB behind it has been silent for more than {} s. \
             Recording goes on as soon as it speaks again; the gap is marked. \
             Check whether the box is starting or updating, otherwise restart it.",
            HEARTBEAT_LIMIT.as_secs()
        )
        .into(),
        fingerprint: None,
    })
}

/// A new identity, ordered by time.
pub(crate) fn new_id(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let timestamp =
        uuid::Timestamp::from_unix(uuid::NoContext, seconds, now.timestamp_subsec_nanos());
    Uuid::new_v7(timestamp)
}

#[cfg(test)]
mod tests {
    use ladebuch_domain::units::Watts;

    use super::*;
    use crate::clock::SystemClock;

    const START: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();

    fn at(seconds: i64) -> DateTime<Utc> {
        START + chrono::TimeDelta::seconds(seconds)
    }

    fn task(known: Vec<KnownDevice>) -> LiveTask {
        live(Arc::new(SystemClock::default()), known).1
    }

    fn power(kind: DeviceKind, id: &str, watts: f64) -> Reading {
        let device = ExternalDevice {
            kind,
            id: id.into(),
        };
        Reading {
            device,
            fact: Fact::Power(Some(Watts(watts))),
        }
    }

    fn heard(heartbeat: bool, readings: Vec<Reading>) -> SourceEvent {
        SourceEvent::Heard(Heard {
            heartbeat,
            readings,
            ..Heard::default()
        })
    }

    fn source() -> SourceId {
        SourceId(Uuid::from_u128(1))
    }

    /// A configured, connected source.
    fn connected() -> LiveTask {
        let mut task = task(Vec::new());
        task.take(
            source(),
            SourceEvent::Configured { name: "Box".into() },
            at(0),
        );
        let connection = Connection::Up {
            since: at(0),
            heard: None,
        };
        let event = SourceEvent::Connection {
            connection,
            problem: None,
            retry_at: None,
        };
        task.take(source(), event, at(0));
        task
    }

    #[test]
    fn a_source_is_live_with_its_first_heartbeat_and_stale_without_more() {
        let mut task = connected();
        let state = |task: &LiveTask| task.snapshot.sources[&source()].state;
        task.take(
            source(),
            heard(false, vec![power(DeviceKind::Grid, "counter/0", 1.0)]),
            at(1),
        );
        assert_eq!(
            state(&task),
            SourceState::Connecting,
            "values alone may be days old"
        );
        task.take(source(), heard(true, Vec::new()), at(2));
        assert_eq!(state(&task), SourceState::Live);
        task.change_source(source(), at(33), |_| ());
        assert_eq!(state(&task), SourceState::Stale);
        let problem = task.snapshot.sources[&source()].problem.clone().unwrap();
        assert_eq!(problem.kind, ProblemKind::CoreNotRunning);
        task.take(source(), heard(true, Vec::new()), at(40));
        assert_eq!(state(&task), SourceState::Live);
        assert_eq!(task.snapshot.sources[&source()].problem, None);
    }

    #[test]
    fn a_device_keeps_its_identity_and_colour_over_a_restart() {
        let mut first = connected();
        let garage = power(DeviceKind::ChargePoint, "chargepoint/3", 0.0);
        let carport = power(DeviceKind::ChargePoint, "chargepoint/4", 0.0);
        first.take(source(), heard(true, vec![garage, carport.clone()]), at(1));
        let colors: Vec<u8> = first
            .snapshot
            .devices
            .values()
            .map(|device| device.color_slot)
            .collect();
        assert_eq!(colors, [0, 1]);
        let known: Vec<KnownDevice> = first.known.values().cloned().collect();

        let mut second = task(known);
        second.take(
            source(),
            SourceEvent::Configured { name: "Box".into() },
            at(9),
        );
        second.take(source(), heard(true, vec![carport]), at(10));
        let (id, device) = second.snapshot.devices.iter().next().unwrap();
        assert!(first.snapshot.devices.contains_key(id));
        assert_eq!(device.color_slot, 1);
    }

    #[test]
    fn the_role_of_a_device_may_become_known_later() {
        let mut task = connected();
        task.take(
            source(),
            heard(true, vec![power(DeviceKind::Meter, "counter/7", 5.0)]),
            at(1),
        );
        task.take(
            source(),
            heard(true, vec![power(DeviceKind::Grid, "counter/7", 6.0)]),
            at(2),
        );
        let device = task.snapshot.devices.values().next().unwrap();
        assert_eq!(task.snapshot.devices.len(), 1);
        assert_eq!(device.kind, DeviceKind::Grid);
        assert_eq!(device.meter.power.unwrap().value, Watts(6.0));
    }

    #[test]
    fn what_a_removed_source_still_had_on_its_way_is_dropped() {
        let mut task = connected();
        task.take(
            source(),
            heard(true, vec![power(DeviceKind::Grid, "counter/0", 1.0)]),
            at(1),
        );
        task.take(source(), SourceEvent::Removed, at(2));
        task.take(
            source(),
            heard(true, vec![power(DeviceKind::Grid, "counter/0", 2.0)]),
            at(3),
        );
        assert!(task.snapshot.devices.is_empty());
        assert!(task.snapshot.sources.is_empty());
    }

    #[test]
    fn a_device_that_was_never_there_is_not_made_to_be_removed() {
        let mut task = connected();
        let device = ExternalDevice {
            kind: DeviceKind::ChargePoint,
            id: "chargepoint/9".into(),
        };
        let removed = Reading {
            device,
            fact: Fact::Removed,
        };
        task.take(source(), heard(true, vec![removed]), at(1));
        assert!(task.known.is_empty());
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_make_a_source_deaf() {
        let mut task = connected();
        task.take(source(), heard(true, Vec::new()), at(2));
        task.take(source(), heard(true, Vec::new()), at(-3600));
        assert_eq!(task.snapshot.sources[&source()].state, SourceState::Live);
    }

    #[test]
    fn a_booting_box_is_not_believed() {
        let mut task = connected();
        task.take(source(), heard(true, Vec::new()), at(1));
        task.take(source(), SourceEvent::Unreliable, at(2));
        assert_ne!(task.snapshot.sources[&source()].state, SourceState::Live);
    }
}
