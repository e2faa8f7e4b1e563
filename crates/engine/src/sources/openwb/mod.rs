//! An openWB as a source: its link, its translator, and what its silence means.

mod probe;
#[cfg(test)]
mod tests;
mod translate;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use ladebuch_domain::source::{Connection, Problem, ProblemKind};
use openwb::link::{Credentials, Event, Link, LinkConfig, Tls};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::live::{Heard, Mouth, SourceEvent};
use crate::sources::OpenwbConfig;

pub(super) use self::probe::probe;
pub use self::translate::{Message, Said, Translator};

/// After this a connected broker has sent its retained tree, and what did not come is not there.
const SETTLING: Duration = Duration::from_secs(3);

/// The link's settings for a configured box.
pub(super) fn link_config(config: &OpenwbConfig, password: Option<String>) -> LinkConfig {
    let pin = config
        .pinned_fingerprint
        .as_deref()
        .and_then(|pin| pin.parse().ok());
    LinkConfig {
        tls: match (config.tls, pin) {
            (false, _) => Tls::Off,
            (true, None) => Tls::SystemRoots,
            (true, Some(fingerprint)) => Tls::Pinned(fingerprint),
        },
        credentials: config.username.clone().map(|username| Credentials {
            username,
            password: password.unwrap_or_default(),
        }),
        topic_prefix: config.topic_prefix.clone().unwrap_or_default(),
        client_name: "ladebuch".to_owned(),
        ..LinkConfig::new(&config.host, config.port)
    }
}

/// Keeps the live view informed about one box until cancelled.
pub(super) async fn run(
    config: LinkConfig,
    mouth: Mouth,
    clock: Arc<dyn Clock>,
    cancel: CancellationToken,
) {
    let (link, events) = Link::spawn(config);
    let listener = Listener {
        mouth,
        clock,
        translator: Translator::new(),
        settled_at: None,
    };
    tokio::select! {
        () = cancel.cancelled() => {}
        () = listener.listen(events) => {}
    }
    link.stop().await;
}

struct Listener {
    mouth: Mouth,
    clock: Arc<dyn Clock>,
    translator: Translator,
    /// When the broker will have sent what it has; `None`: not connected, or already looked at.
    settled_at: Option<Instant>,
}

impl Listener {
    async fn listen(mut self, mut events: mpsc::Receiver<Event>) {
        loop {
            let settled_at = self.settled_at;
            let settled = async {
                match settled_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let going_on = tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.hear(event).await,
                    None => false,
                },
                () = settled => self.settle().await,
            };
            if !going_on {
                return;
            }
        }
    }

    /// Passes an event on; `false` when nobody listens any more.
    async fn hear(&mut self, event: Event) -> bool {
        match event {
            Event::Connected { .. } => {
                self.translator = Translator::new();
                self.settled_at = Some(Instant::now() + SETTLING);
                let connection = Connection::Up {
                    since: self.clock.now(),
                    heard: None,
                };
                let event = SourceEvent::Connection {
                    connection,
                    problem: None,
                    retry_at: None,
                };
                self.mouth.say(event).await
            }
            Event::Disconnected { problem, retry_in } => {
                self.settled_at = None;
                let wait = TimeDelta::from_std(retry_in).unwrap_or_default();
                self.mouth
                    .say(SourceEvent::Connection {
                        connection: Connection::Down,
                        problem: Some(to_domain(&problem)),
                        retry_at: Some(self.clock.now() + wait),
                    })
                    .await
            }
            Event::Batch(batch) => self.hear_batch(batch).await,
        }
    }

    async fn hear_batch(&mut self, batch: openwb::link::Batch) -> bool {
        let mut said = Said::default();
        let mut heard = Heard {
            unknown: u64::from(batch.unknown),
            malformed: batch
                .malformed
                .into_iter()
                .map(|malformed| (malformed.topic, malformed.reason.to_string().into()))
                .collect(),
            readings: Vec::with_capacity(batch.readings.len()),
            heartbeat: false,
            inventory: None,
        };
        for received in batch.readings {
            let message = Message {
                reading: received.reading,
                retained: received.retained,
            };
            self.translator
                .take(message, &mut said, &mut heard.readings);
        }
        // While a box boots its heartbeat says nothing about its values.
        heard.heartbeat = said.heartbeat && !self.translator.booting();
        heard.inventory = said.inventory.take();
        self.report(said).await && self.mouth.say(SourceEvent::Heard(heard)).await
    }

    /// What the box says about itself goes ahead of its values.
    async fn report(&mut self, said: Said) -> bool {
        let unsupported = unsupported(&said);
        if let Some((_, version)) = said.version {
            let told = self.mouth.say(SourceEvent::Version(version)).await;
            if !told || !self.mouth.say(SourceEvent::Trouble(unsupported)).await {
                return false;
            }
        }
        if let Some(cycle) = said.cycle
            && !self.mouth.say(SourceEvent::Cycle(cycle)).await
        {
            return false;
        }
        match said.booting {
            Some(true) => {
                self.mouth.say(SourceEvent::Unreliable).await
                    && self.mouth.say(SourceEvent::Trouble(Some(booting()))).await
            }
            Some(false) => self.mouth.say(SourceEvent::Trouble(None)).await,
            None => true,
        }
    }

    /// The retained tree is here: what is missing now will not come.
    async fn settle(&mut self) -> bool {
        self.settled_at = None;
        let mut heard = Heard::default();
        self.translator.stop_holding_back(&mut heard.readings);
        let trouble = if !self.translator.is_openwb() {
            Some(not_openwb())
        } else if self.translator.login_needed() {
            Some(login_needed())
        } else {
            None
        };
        let told = match trouble {
            Some(trouble) => self.mouth.say(SourceEvent::Trouble(Some(trouble))).await,
            None => true,
        };
        told && self.mouth.say(SourceEvent::Heard(heard)).await
    }
}

/// The trouble with a box whose topics cannot be read yet.
fn unsupported(said: &Said) -> Option<Problem> {
    let (generation, version) = said.version.as_ref()?;
    (*generation != openwb::Generation::V2).then(|| Problem {
        kind: ProblemKind::GenerationUnsupported,
        detail: format!(
            "This is an openWB {version}. This version of Ladebuch reads openWB 2.x only."
        )
        .into(),
        fingerprint: None,
    })
}

fn booting() -> Problem {
    Problem {
        kind: ProblemKind::BoxBooting,
        detail: "The openWB is starting or updating. Its values count again when it is done."
            .into(),
        fingerprint: None,
    }
}

fn not_openwb() -> Problem {
    Problem {
        kind: ProblemKind::NotOpenwb,
        detail: "The broker answers, but it has no openWB topics. Check that this is the address \
                 of the openWB itself, and the topic prefix if you use one."
            .into(),
        fingerprint: None,
    }
}

fn login_needed() -> Problem {
    Problem {
        kind: ProblemKind::LoginNeeded,
        detail: "This openWB has its user management switched on and shows its charge points only \
                 to users. Enter a user name and password and use TLS (port 8883)."
            .into(),
        fingerprint: None,
    }
}

/// The link's problem in Ladebuch's terms: both name problems by the same codes.
fn to_domain(problem: &openwb::link::Problem) -> Problem {
    let named = |kind: &&ProblemKind| kind.code() == problem.code();
    let kind = ProblemKind::ALL.iter().find(named).copied();
    let fingerprint = match problem {
        openwb::link::Problem::TlsUntrusted { fingerprint } => Some(fingerprint.to_string().into()),
        _ => None,
    };
    Problem {
        kind: kind.unwrap_or(ProblemKind::ConnectionLost),
        detail: problem.to_string().into(),
        fingerprint,
    }
}
