//! An openWB as a source: its link, its translator, and what its silence means.

mod dialect;
mod log;
mod probe;
mod said;
mod v1_9;
mod v2;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::source::{Connection, Problem, ProblemKind};
use openwb::Generation;
use openwb::charge_log::Entry;
use openwb::command::Write;
use openwb::command::v2::Command as Ask;
use openwb::link::{Credentials, Delivery, Event, Link, LinkConfig, Tls, WriteError, Writer};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::live::{Heard, Mouth, SourceEvent};
use crate::sources::{ChargeOrder, LogOrder, OpenwbConfig, Order, Sent, Undelivered};

pub use self::dialect::Dialect;
pub(super) use self::probe::probe;
pub use self::said::{Message, Said};

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
    http_port: u16,
    mouth: Mouth,
    orders: mpsc::Receiver<Order>,
    clock: Arc<dyn Clock>,
    cancel: CancellationToken,
) {
    let web_server = (config.host.clone(), http_port);
    let (link, events) = Link::spawn(config);
    let (log_unasked, unasked) = mpsc::channel(1);
    let listener = Listener {
        web_server,
        connection: None,
        log_wanted: None,
        log_unasked,
        mouth,
        clock,
        writer: link.writer(),
        dialect: Dialect::default(),
        settled_at: None,
    };
    tokio::select! {
        () = cancel.cancelled() => {}
        () = listener.listen(events, orders, unasked) => {}
    }
    link.stop().await;
}

struct Listener {
    /// Host and port of the box's web server.
    web_server: (String, u16),
    /// The client id of the connection that stands, which is its name to the box too.
    connection: Option<Box<str>>,
    /// Who waits for a month of the charge log. The box's answer does not say which month it is,
    /// so only one is asked for at a time.
    log_wanted: Option<LogOrder>,
    /// Where to say that the box was not even asked.
    log_unasked: mpsc::Sender<Undelivered>,
    mouth: Mouth,
    clock: Arc<dyn Clock>,
    writer: Writer,
    dialect: Dialect,
    /// When the broker will have sent what it has; `None`: not connected, or already looked at.
    settled_at: Option<Instant>,
}

impl Listener {
    async fn listen(
        mut self,
        mut events: mpsc::Receiver<Event>,
        mut orders: mpsc::Receiver<Order>,
        mut unasked: mpsc::Receiver<Undelivered>,
    ) {
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
                Some(order) = orders.recv() => {
                    match order {
                        Order::Charge(order) => self.carry_out(order),
                        Order::ReadLog(order) => self.read_log(order),
                    }
                    true
                }
                Some(undelivered) = unasked.recv() => {
                    self.fail_log(undelivered);
                    true
                }
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
            Event::Connected { client_id, .. } => {
                self.connection = Some(client_id);
                self.dialect = Dialect::default();
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
                self.connection = None;
                self.fail_log(Undelivered::Lost);
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
            let reading = match received.reading {
                openwb::Reading::ChargeLogReply(reply) => {
                    self.answer_log(reply.into_vec());
                    continue;
                }
                reading => reading,
            };
            let message = Message {
                reading,
                retained: received.retained,
            };
            self.dialect.take(message, &mut said, &mut heard.readings);
        }
        // While a box boots its heartbeat says nothing about its values.
        heard.heartbeat = said.heartbeat && !self.dialect.booting();
        heard.inventory = said.inventory.take();
        self.report(said).await && self.mouth.say(SourceEvent::Heard(heard)).await
    }

    /// What the box says about itself goes ahead of its values.
    async fn report(&mut self, said: Said) -> bool {
        if let Some(version) = said.version {
            let told = self.mouth.say(SourceEvent::Version(version)).await;
            if !told || !self.mouth.say(SourceEvent::Trouble(None)).await {
                return false;
            }
        }
        if let Some(cycle) = said.cycle
            && !self.mouth.say(SourceEvent::Cycle(cycle)).await
        {
            return false;
        }
        if let Some(prices) = said.prices
            && !self.mouth.say(SourceEvent::Prices(prices)).await
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

    /// Sends what an order takes. The broker's answer is waited for elsewhere: it comes over the
    /// connection whose events are taken here.
    fn carry_out(&self, order: ChargeOrder) {
        let messages = match self.dialect.messages(&order.task, &order.device) {
            Ok(messages) => messages,
            Err(refusal) => {
                tracing::info!(%refusal, device = %order.device, "an order cannot be sent");
                order.answer.send(Err(Undelivered::NotPossible)).ok();
                return;
            }
        };
        let writer = self.writer.clone();
        tokio::spawn(async move {
            let sent = send(&writer, messages.writes).await.map(|()| Sent {
                before: messages.before,
            });
            // Whoever asked may have given up waiting.
            order.answer.send(sent).ok();
        });
    }

    /// Asks for a month of the charge log: a 2.x box over this connection, a 1.9 box's web server.
    fn read_log(&mut self, order: LogOrder) {
        match (self.dialect.generation(), &self.connection) {
            (Some(Generation::V2), Some(connection)) => {
                if self
                    .log_wanted
                    .as_ref()
                    .is_some_and(|other| !other.answer.is_closed())
                {
                    order.answer.send(Err(Undelivered::Busy)).ok();
                    return;
                }
                let request = Ask::RequestChargeLog {
                    connection: connection.clone(),
                    year: order.month.year,
                    month: order.month.month,
                    inbox: self.dialect.inbox(),
                };
                let Ok(request) = request.write(None) else {
                    order.answer.send(Err(Undelivered::NotPossible)).ok();
                    return;
                };
                self.log_wanted = Some(order);
                let (writer, unasked) = (self.writer.clone(), self.log_unasked.clone());
                tokio::spawn(async move {
                    if let Err(undelivered) = send(&writer, vec![request]).await {
                        unasked.send(undelivered).await.ok();
                    }
                });
            }
            (Some(Generation::V1_9), Some(_)) => {
                let (host, port) = self.web_server.clone();
                tokio::spawn(async move {
                    let entries = log::fetch_v1_9(&host, port, order.month).await;
                    let rows =
                        entries.map(|entries| log::rows(entries, Generation::V1_9, order.zone));
                    order.answer.send(rows).ok();
                });
            }
            _ => {
                order.answer.send(Err(Undelivered::Offline)).ok();
            }
        }
    }

    fn fail_log(&mut self, undelivered: Undelivered) {
        if let Some(order) = self.log_wanted.take() {
            order.answer.send(Err(undelivered)).ok();
        }
    }

    fn answer_log(&mut self, entries: Vec<Entry>) {
        if let Some(order) = self.log_wanted.take() {
            let rows = log::rows(entries, Generation::V2, order.zone);
            order.answer.send(Ok(rows)).ok();
        }
    }

    /// The retained tree is here: what is missing now will not come.
    async fn settle(&mut self) -> bool {
        self.settled_at = None;
        let (mut said, mut heard) = (Said::default(), Heard::default());
        self.dialect.settle(&mut said, &mut heard.readings);
        heard.inventory = said.inventory;
        let (hidden, shows_some) = self.dialect.hidden_points();
        let trouble = if !self.dialect.is_openwb() {
            Some(not_openwb())
        } else if hidden.is_empty() {
            None
        } else if shows_some {
            Some(rights_missing(&hidden))
        } else {
            Some(login_needed())
        };
        let told = match trouble {
            Some(trouble) => self.mouth.say(SourceEvent::Trouble(Some(trouble))).await,
            None => true,
        };
        told && self.mouth.say(SourceEvent::Heard(heard)).await
    }
}

/// Publishes one message after the other.
async fn send(writer: &Writer, writes: Vec<Write>) -> Result<(), Undelivered> {
    for write in writes {
        match writer.write(write).await {
            Ok(Delivery::Accepted | Delivery::Unverified) => {}
            // The broker is there, the box's software is not.
            Ok(Delivery::Unheard) => return Err(Undelivered::Offline),
            Err(error) => {
                tracing::info!(%error, "a message did not reach the box");
                return Err(match error {
                    WriteError::NotConnected => Undelivered::Offline,
                    WriteError::QueueFull => Undelivered::Busy,
                    WriteError::NotAuthorized => Undelivered::NotAllowed,
                    _ => Undelivered::Lost,
                });
            }
        }
    }
    Ok(())
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

fn rights_missing(hidden: &[ExternalId]) -> Problem {
    let numbers: Vec<&str> = hidden
        .iter()
        .filter_map(|id| id.as_str().split('/').nth(1))
        .collect();
    let roles: Vec<String> = numbers
        .iter()
        .map(|number| format!("chargepoint-{number}-access"))
        .collect();
    Problem {
        kind: ProblemKind::RightsMissing,
        detail: format!(
            "This openWB hides charge point {} from this user. Give the user the role {} in the \
             openWB's user management; the rest is recorded meanwhile.",
            numbers.join(", "),
            roles.join(", ")
        )
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
