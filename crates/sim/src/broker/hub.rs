//! Where messages meet subscriptions: retained messages, sessions, and the broker's own listeners.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mqtt_proto::{Pid, QoS};
use tokio::sync::mpsc;

use super::acl::Acl;
use super::codec::{Connect, Options, Retained, Version};
use super::message::Message;
use super::reply::Grant;
use super::session::{LONGEST_ABSENCE, Outbox, Ready, Session};
use super::topic;

/// A listener inside this process. The ACL does not bind it.
#[derive(Debug)]
struct Tap {
    filters: Vec<String>,
    messages: mpsc::Sender<Message>,
}

#[derive(Debug, Default)]
struct State {
    retained: BTreeMap<Arc<str>, Message>,
    sessions: HashMap<Arc<str>, Session>,
    taps: Vec<Tap>,
    connections: u64,
}

/// Shared by all connections. Nothing in here waits.
#[derive(Debug, Default)]
pub(super) struct Hub {
    state: Mutex<State>,
}

/// What a connection learns when it is let in.
pub(super) struct Admission {
    pub(super) session_present: bool,
    /// Names this connection among all of its client.
    pub(super) connection: u64,
    /// Seconds the session outlives the connection.
    pub(super) expiry: Duration,
}

impl Hub {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves maps that are still maps.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a client in, throwing out the connection it had.
    pub(super) fn admit(
        &self,
        connect: &Connect,
        acl: Arc<Acl>,
        client: &Arc<str>,
        outbox: Outbox,
    ) -> Admission {
        let now = Instant::now();
        let mut state = self.state();
        state
            .sessions
            .retain(|_, session| session.expires_at.is_none_or(|at| at > now));
        state.connections += 1;
        let connection = state.connections;
        if let Some(old) = state
            .sessions
            .get_mut(client)
            .and_then(|session| session.outbox.take())
        {
            old.takeover.cancel();
            old.kick.cancel();
        }
        if connect.clean {
            state.sessions.remove(client);
        }
        let asked = match connect.version {
            Version::V3 if connect.clean => Duration::ZERO,
            Version::V3 => LONGEST_ABSENCE,
            Version::V5 => Duration::from_secs(u64::from(connect.session_expiry.unwrap_or(0))),
        };
        let session_present = state.sessions.contains_key(client);
        let session = state
            .sessions
            .entry(client.clone())
            .or_insert_with(|| Session::new(connect.version, acl.clone()));
        session.acl = acl;
        session.expiry = asked.min(LONGEST_ABSENCE);
        session.attach(connect.version, outbox, connect.receive_max, connection);
        Admission {
            session_present,
            connection,
            expiry: session.expiry,
        }
    }

    /// Does something with a client's session while `connection` still holds it.
    pub(super) fn session<T>(
        &self,
        client: &str,
        connection: u64,
        act: impl FnOnce(&mut Session) -> T,
    ) -> Option<T> {
        self.state()
            .sessions
            .get_mut(client)
            .filter(|session| session.connection == connection)
            .map(act)
    }

    /// A connection is over. Returns how long its session goes on, `None` if another one has it.
    pub(super) fn leave(&self, client: &str, connection: u64) -> Option<Duration> {
        let mut state = self.state();
        let session = state
            .sessions
            .get_mut(client)
            .filter(|session| session.connection == connection)?;
        session.outbox = None;
        let expiry = session.expiry;
        if expiry.is_zero() {
            state.sessions.remove(client);
        } else {
            session.expires_at = Some(Instant::now() + expiry);
        }
        Some(expiry)
    }

    /// Whether nobody has connected as this client since `connection` ended.
    pub(super) fn still_away(&self, client: &str, connection: u64) -> bool {
        self.state()
            .sessions
            .get(client)
            .is_none_or(|session| session.connection == connection && session.outbox.is_none())
    }

    /// Routes a client's message and hands it to inner listeners, waiting for their room: an
    /// acknowledged message has been taken in.
    pub(super) async fn publish(&self, client: &str, message: Message) {
        for messages in self.route(Some(client), &message) {
            // A listener that is gone needs nothing.
            messages.send(message.clone()).await.ok();
        }
    }

    /// Routes a message of the broker's own side, past inner listeners and ACL.
    pub(super) fn announce(&self, message: &Message) {
        self.route(None, message);
    }

    fn route(&self, from: Option<&str>, message: &Message) -> Vec<mpsc::Sender<Message>> {
        let mut state = self.state();
        if message.retain {
            if message.payload.is_empty() {
                state.retained.remove(&message.topic);
            } else {
                state
                    .retained
                    .insert(message.topic.clone(), message.clone());
            }
        }
        let mut ready = Ready::default();
        for (client, session) in &mut state.sessions {
            let own = from == Some(client.as_ref());
            if let Some((qos, keep_retain)) = session.wants(&message.topic, own)
                && session.acl.may_read(client, &message.topic)
            {
                session.deliver(message, qos, keep_retain && message.retain, &mut ready);
            }
        }
        if from.is_none() {
            return Vec::new();
        }
        state.taps.retain(|tap| !tap.messages.is_closed());
        state
            .taps
            .iter()
            .filter(|tap| {
                tap.filters
                    .iter()
                    .any(|filter| topic::matches(filter, &message.topic))
            })
            .map(|tap| tap.messages.clone())
            .collect()
    }

    /// Takes a subscription up. The retained messages follow with [`Hub::replay`], after SUBACK.
    pub(super) fn subscribe(
        &self,
        client: &str,
        connection: u64,
        filters: &[(Arc<str>, Options)],
    ) -> (Vec<Grant>, Vec<(Arc<str>, QoS)>) {
        let mut replays = Vec::new();
        let grants = self.session(client, connection, |session| {
            filters
                .iter()
                .map(|(filter, options)| {
                    if filter.starts_with("$share/") {
                        return Grant::Shared;
                    }
                    if !topic::is_filter(filter) {
                        return Grant::BadFilter;
                    }
                    let is_new = session
                        .subscriptions
                        .insert(filter.clone(), *options)
                        .is_none();
                    if options.retained == Retained::All
                        || options.retained == Retained::OnlyIfNew && is_new
                    {
                        replays.push((filter.clone(), options.qos));
                    }
                    Grant::Qos(options.qos)
                })
                .collect()
        });
        (grants.unwrap_or_default(), replays)
    }

    /// Sends a client the retained messages a filter covers.
    pub(super) fn replay(&self, client: &str, connection: u64, filter: &str, qos: QoS) {
        let now = Instant::now();
        let mut state = self.state();
        let State {
            retained, sessions, ..
        } = &mut *state;
        retained.retain(|_, message| !message.is_expired(now));
        let Some(session) = sessions
            .get_mut(client)
            .filter(|session| session.connection == connection)
        else {
            return;
        };
        for message in retained.values() {
            if topic::matches(filter, &message.topic)
                && session.acl.may_read(client, &message.topic)
            {
                session.deliver(message, qos, true, &mut Ready::default());
            }
        }
    }

    /// Ends subscriptions; says for each whether there was one.
    pub(super) fn unsubscribe(
        &self,
        client: &str,
        connection: u64,
        filters: &[Arc<str>],
    ) -> Vec<bool> {
        self.session(client, connection, |session| {
            filters
                .iter()
                .map(|filter| session.subscriptions.remove(filter).is_some())
                .collect()
        })
        .unwrap_or_else(|| vec![false; filters.len()])
    }

    /// A QoS 2 message of a client; false if it is a repetition.
    pub(super) fn receive(&self, client: &str, connection: u64, pid: Pid) -> bool {
        self.session(client, connection, |session| session.receive(pid))
            .unwrap_or(false)
    }

    /// Listens in from within.
    pub(super) fn tap(&self, filters: &[&str], capacity: usize) -> mpsc::Receiver<Message> {
        let (messages, receiver) = mpsc::channel(capacity);
        self.state().taps.push(Tap {
            filters: filters.iter().map(|filter| (*filter).to_owned()).collect(),
            messages,
        });
        receiver
    }

    pub(super) fn retained(&self, filter: &str) -> Vec<Message> {
        self.state()
            .retained
            .values()
            .filter(|message| topic::matches(filter, &message.topic))
            .cloned()
            .collect()
    }

    pub(super) fn connected(&self) -> Vec<Arc<str>> {
        let state = self.state();
        let mut clients: Vec<_> = state
            .sessions
            .iter()
            .filter(|(_, session)| session.outbox.is_some())
            .map(|(client, _)| client.clone())
            .collect();
        clients.sort();
        clients
    }
}
