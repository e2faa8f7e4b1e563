//! An openWB as a source: its link, its translator, and what its silence means.

mod dialect;
mod log;
mod probe;
mod problems;
mod said;
mod v1_9;
mod v2;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use ladebuch_domain::source::Connection;
use openwb::Generation;
use openwb::charge_log::Entry;
use openwb::command::Write;
use openwb::command::v2::Command as Ask;
use openwb::link::{Credentials, Delivery, Event, Link, LinkConfig, Tls, WriteError, Writer};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::live::{Heard, Mouth, SourceEvent};
use crate::sources::{
    ChargeOrder, LogOrder, OpenwbConfig, Order, PutBackOrder, PuttingBack, Undelivered,
};

pub use self::dialect::Dialect;
pub(super) use self::probe::probe;
use self::problems::{booting, login_needed, not_openwb, rights_missing, to_domain};
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
                        Order::PutBack(order) => self.put_back(order),
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
                openwb::Reading::CommandMessage {
                    id,
                    message: Some(_),
                } => {
                    self.delete_message(id);
                    continue;
                }
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
        match self.dialect.messages(&order.command, &order.device) {
            Ok(writes) => self.publish(writes, order.answer, ()),
            Err(refusal) => {
                tracing::info!(%refusal, device = %order.device, "an order cannot be sent");
                order.answer.send(Err(Undelivered::NotPossible)).ok();
            }
        }
    }

    /// Puts a setting back, if it still is as it was set.
    fn put_back(&self, order: PutBackOrder) {
        let scope = order.scope.as_str();
        match self.dialect.put_back(scope, &order.back, &order.set_to) {
            Ok(Some(writes)) => self.publish(writes, order.answer, PuttingBack::Sent),
            Ok(None) => {
                order.answer.send(Ok(PuttingBack::Done)).ok();
            }
            Err(refusal) => {
                tracing::debug!(%refusal, scope, "a setting cannot be put back yet");
                order.answer.send(Err(Undelivered::NotPossible)).ok();
            }
        }
    }

    /// Publishes and answers with what was asked for, or why it was not delivered.
    fn publish<T: Send + 'static>(
        &self,
        writes: Vec<Write>,
        answer: oneshot::Sender<Result<T, Undelivered>>,
        done: T,
    ) {
        let writer = self.writer.clone();
        tokio::spawn(async move {
            let sent = send(&writer, writes).await.map(|()| done);
            // Whoever asked may have given up waiting.
            answer.send(sent).ok();
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

    /// The box keeps what it said about a request until somebody deletes it.
    fn delete_message(&self, message: u64) {
        let Some(connection) = self.connection.clone() else {
            return;
        };
        let delete = Ask::DeleteMessage {
            connection,
            message,
        };
        if let Ok(write) = delete.write(None) {
            let writer = self.writer.clone();
            tokio::spawn(async move { send(&writer, vec![write]).await });
        }
    }

    fn fail_log(&mut self, undelivered: Undelivered) {
        if let Some(order) = self.log_wanted.take() {
            order.answer.send(Err(undelivered)).ok();
        }
    }

    fn answer_log(&mut self, entries: Vec<Entry>) {
        // An answer that comes too late is that to an older question.
        let asked = |order: &mut LogOrder| log::may_be_of(&entries, order.month);
        if let Some(order) = self.log_wanted.take_if(asked) {
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
