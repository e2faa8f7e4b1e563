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
    Connection, Malformed, Problem, ProblemKind, SourceKind, SourceState, SourceView, source_state,
};
use ladebuch_domain::tariff::PriceSlot;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::identity::new_id;
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
    /// The source was configured, and is connected to anew.
    Configured {
        /// What it is.
        kind: SourceKind,
        /// Name given by the user.
        name: CompactString,
    },
    /// The source has another name, and goes on.
    Renamed(CompactString),
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
    /// The prices of its dynamic tariff; `None`: it has none any more.
    Prices(Option<Vec<PriceSlot>>),
    /// The other side repeats its measured values in this rhythm.
    Cycle(Duration),
    /// How long it may be silent before its values count as old.
    Silence(Duration),
    /// A device is the same box as another source's charge point, or no longer.
    Linked {
        /// The device.
        device: DeviceId,
        /// The charge point.
        to: Option<DeviceId>,
    },
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
    /// All devices that the source has, if it told: others are gone.
    pub inventory: Option<Vec<ExternalId>>,
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
            SourceEvent::Configured { kind, name } => {
                self.links.insert(
                    source,
                    Link {
                        connection: Connection::Trying,
                        trouble: None,
                    },
                );
                let view = match self.snapshot.sources.get(&source) {
                    Some(view) => SourceView {
                        kind,
                        name,
                        ..view.clone()
                    },
                    None => SourceView::new(kind, name, now),
                };
                self.snapshot.set_source(source, view);
            }
            SourceEvent::Renamed(name) => {
                self.change_source(source, now, |view| view.name = name);
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
            SourceEvent::Silence(silence) => {
                self.change_source(source, now, |view| view.silence = silence);
            }
            SourceEvent::Linked { device, to } => {
                if let Some(known) = self.known.get_mut(&device) {
                    known.linked_to = to;
                }
                self.snapshot.link(device, to);
            }
            SourceEvent::Prices(prices) => {
                let prices = prices.map(Arc::from);
                self.change_source(source, now, |view| view.prices = prices);
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
        if let Some(inventory) = &heard.inventory {
            self.remove_unlisted(source, inventory, now);
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

    fn remove_unlisted(&mut self, source: SourceId, inventory: &[ExternalId], now: DateTime<Utc>) {
        let devices = self
            .snapshot
            .devices
            .iter()
            .filter(|(_, device)| device.source == source);
        let gone: Vec<DeviceId> = devices
            .filter(|(_, device)| !inventory.contains(&device.external_id))
            .map(|(&id, _)| id)
            .collect();
        for id in gone {
            self.snapshot.apply(id, Fact::Removed, now);
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
                linked_to: None,
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
            new.linked_to = stored.and_then(|known| known.linked_to);
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
        view.state = source_state(link.connection, view.silence, now);
        if view.state != before.state {
            view.since = now;
        }
        view.problem = link.trouble.clone().or_else(|| silence(&view));
        if view != *before {
            self.snapshot.set_source(source, view);
        }
    }
}

/// What the silence of a connected source means.
fn silence(view: &SourceView) -> Option<Problem> {
    if view.state != SourceState::Stale {
        return None;
    }
    let seconds = view.silence.as_secs();
    let (kind, detail) = match view.kind {
        SourceKind::Openwb => (
            ProblemKind::CoreNotRunning,
            format!(
                "The broker answers, but the openWB behind it has been silent for more than \
                 {seconds} s. Recording goes on as soon as it speaks again; the gap is marked. \
                 Check whether the box is starting or updating, otherwise restart it."
            ),
        ),
        SourceKind::Elli | SourceKind::Charger2 => (
            ProblemKind::Timeout,
            format!(
                "Nothing was heard of it for more than {seconds} s. Recording goes on as soon as \
                 it answers again; the gap is marked."
            ),
        ),
    };
    Some(Problem {
        kind,
        detail: detail.into(),
        fingerprint: None,
    })
}

#[cfg(test)]
mod tests;
