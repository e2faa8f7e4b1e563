//! A client's session: subscriptions, and what is on its way to it.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use mqtt_proto::{Pid, QoS};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::acl::Acl;
use super::codec::{self, Options, Version};
use super::message::Message;
use super::reply;

/// Bytes waiting for a client's socket beyond which QoS 0 messages are dropped.
const OUTBOX_BYTES: usize = 8 << 20;
/// Packets waiting for a client's socket.
pub(super) const OUTBOX_PACKETS: usize = 16_384;
/// Messages of QoS 1 and 2 kept for a client that is slow or away; mosquitto's default.
const WAITING_MESSAGES: usize = 1_000;
/// Unacknowledged messages per client; mosquitto's default.
const WINDOW: u16 = 20;
/// How long an absent client's session is kept, as openWB configures it.
pub(super) const LONGEST_ABSENCE: Duration = Duration::from_secs(30 * 60);

/// The way to a connected client's writer.
#[derive(Debug, Clone)]
pub(super) struct Outbox {
    pub(super) packets: mpsc::Sender<Bytes>,
    pub(super) queued: Arc<AtomicUsize>,
    /// Ends the connection; the reason is found in `takeover`.
    pub(super) kick: CancellationToken,
    /// Set before `kick` when another connection took the session.
    pub(super) takeover: CancellationToken,
    /// Largest packet the client takes.
    pub(super) max_packet: usize,
}

impl Outbox {
    /// Queues a packet that must arrive; a client that cannot take it is let go.
    pub(super) fn send(&self, packet: Option<Bytes>) {
        let Some(packet) = packet.filter(|packet| packet.len() <= self.max_packet) else {
            return;
        };
        self.queued.fetch_add(packet.len(), Ordering::Relaxed);
        if self.packets.try_send(packet).is_err() {
            self.kick.cancel();
        }
    }

    /// Queues a packet that may be lost when the client does not keep up.
    fn send_lossy(&self, packet: Option<Bytes>) {
        if self.queued.load(Ordering::Relaxed) < OUTBOX_BYTES && self.packets.capacity() > 64 {
            self.send(packet);
        }
    }
}

/// A message the client has not finished acknowledging.
#[derive(Debug)]
enum Flight {
    /// PUBLISH sent.
    Sent {
        message: Message,
        qos: QoS,
        retain: bool,
    },
    /// PUBREC came, PUBREL sent.
    Released,
}

/// A message that waits for room in the window.
#[derive(Debug)]
struct Waiting {
    message: Message,
    qos: QoS,
    retain: bool,
}

/// What a broker knows of a client.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) version: Version,
    /// Rights of the client's last connection.
    pub(super) acl: Arc<Acl>,
    /// Where to, while connected.
    pub(super) outbox: Option<Outbox>,
    /// Counts connections, so that a late goodbye of an old one is told from the new one's.
    pub(super) connection: u64,
    pub(super) subscriptions: BTreeMap<Arc<str>, Options>,
    /// How long it outlives its connection.
    pub(super) expiry: Duration,
    pub(super) expires_at: Option<Instant>,
    window: usize,
    flights: BTreeMap<u16, Flight>,
    waiting: VecDeque<Waiting>,
    /// QoS 2 messages taken in whose PUBREL is due.
    received: HashSet<u16>,
    last_pid: Pid,
}

impl Session {
    pub(super) fn new(version: Version, acl: Arc<Acl>) -> Self {
        Self {
            version,
            acl,
            outbox: None,
            connection: 0,
            subscriptions: BTreeMap::new(),
            expiry: Duration::ZERO,
            expires_at: None,
            window: usize::from(WINDOW),
            flights: BTreeMap::new(),
            waiting: VecDeque::new(),
            received: HashSet::new(),
            last_pid: Pid::default(),
        }
    }

    /// A connection takes the session up.
    pub(super) fn attach(
        &mut self,
        version: Version,
        outbox: Outbox,
        receive_max: u16,
        connection: u64,
    ) {
        self.version = version;
        self.window = usize::from(receive_max.clamp(1, WINDOW));
        self.outbox = Some(outbox);
        self.connection = connection;
        self.expires_at = None;
    }

    /// Sends again what the last connection left unacknowledged. After CONNACK.
    pub(super) fn resume(&mut self) {
        let Some(outbox) = self.outbox.clone() else {
            return;
        };
        for (number, flight) in &self.flights {
            let Ok(pid) = Pid::try_from(*number) else {
                continue;
            };
            outbox.send(match flight {
                Flight::Sent {
                    message,
                    qos,
                    retain,
                } => codec::publish(self.version, message, Some((*qos, pid)), *retain, true),
                Flight::Released => reply::pubrel(self.version, pid),
            });
        }
        self.fill_window();
    }

    /// The highest QoS any subscription wants a topic with, if any covers it.
    pub(super) fn wants(&self, topic: &str, own: bool) -> Option<(QoS, bool)> {
        let mut best: Option<(QoS, bool)> = None;
        for (filter, options) in &self.subscriptions {
            if (own && options.no_local) || !super::topic::matches(filter, topic) {
                continue;
            }
            let (qos, retain) = best.unwrap_or((options.qos, false));
            best = Some((qos.max(options.qos), retain || options.retain_as_published));
        }
        best
    }

    /// Hands a message to the client with at most `qos`, or keeps it for later.
    pub(super) fn deliver(&mut self, message: &Message, qos: QoS, retain: bool, ready: &mut Ready) {
        let qos = qos.min(message.qos);
        if qos == QoS::Level0 {
            if let Some(outbox) = &self.outbox {
                outbox.send_lossy(ready.packet(self.version, message, retain));
            }
        } else if self.waiting.len() < WAITING_MESSAGES {
            self.waiting.push_back(Waiting {
                message: message.clone(),
                qos,
                retain,
            });
            self.fill_window();
        }
    }

    fn fill_window(&mut self) {
        let Some(outbox) = self.outbox.clone() else {
            return;
        };
        while self.flights.len() < self.window
            && let Some(Waiting {
                message,
                qos,
                retain,
            }) = self.waiting.pop_front()
        {
            if message.is_expired(Instant::now()) {
                continue;
            }
            let pid = self.free_pid();
            outbox.send(codec::publish(
                self.version,
                &message,
                Some((qos, pid)),
                retain,
                false,
            ));
            self.flights.insert(
                pid.value(),
                Flight::Sent {
                    message,
                    qos,
                    retain,
                },
            );
        }
    }

    fn free_pid(&mut self) -> Pid {
        // The window is far smaller than the number space, so one is free.
        loop {
            self.last_pid += 1;
            if !self.flights.contains_key(&self.last_pid.value()) {
                return self.last_pid;
            }
        }
    }

    /// PUBACK, PUBCOMP, or a PUBREC that refuses.
    pub(super) fn landed(&mut self, pid: Pid) {
        self.flights.remove(&pid.value());
        self.fill_window();
    }

    /// PUBREC that accepts.
    pub(super) fn released(&mut self, pid: Pid) {
        self.flights.insert(pid.value(), Flight::Released);
        if let Some(outbox) = &self.outbox {
            outbox.send(reply::pubrel(self.version, pid));
        }
    }

    /// Notes a QoS 2 message of the client; false if it was there already.
    pub(super) fn receive(&mut self, pid: Pid) -> bool {
        self.received.insert(pid.value())
    }

    /// PUBREL of the client; false if there was nothing to release.
    pub(super) fn release(&mut self, pid: Pid) -> bool {
        self.received.remove(&pid.value())
    }
}

/// One message's QoS 0 packets, encoded once for all who get the same bytes.
#[derive(Debug, Default)]
pub(super) struct Ready {
    packets: [[Option<Bytes>; 2]; 2],
}

impl Ready {
    fn packet(&mut self, version: Version, message: &Message, retain: bool) -> Option<Bytes> {
        let slot = &mut self.packets[usize::from(version == Version::V5)][usize::from(retain)];
        if slot.is_none() {
            *slot = codec::publish(version, message, None, retain, false);
        }
        slot.clone()
    }
}
