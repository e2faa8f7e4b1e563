//! Attempts at a connection, and what is done with one that stands.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::batch::Batch;
use super::config::prefixed;
use super::failure::Failure;
use super::flights::Flights;
use super::tls::Encryption;
use super::wire::{Happened, Message, Wire};
use super::writer::Order;
use super::{Event, LinkConfig, Problem, Protocol, subscriptions};
use crate::codec::Decoder;

/// How long taking leave of the broker may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// Makes connections and remembers what it learned from the ones before.
pub(super) struct Connector {
    config: LinkConfig,
    protocol: Protocol,
    client_id: String,
    encryption: Option<Encryption>,
    /// Whether to receive all topics instead of those worth receiving.
    everything: bool,
}

impl Connector {
    /// # Errors
    ///
    /// If TLS is wanted and cannot be set up.
    pub(super) async fn new(config: LinkConfig) -> Result<Self, Problem> {
        let tls = config.tls;
        // Reading the system's certificates blocks.
        let encryption = tokio::task::spawn_blocking(move || Encryption::new(tls))
            .await
            .map_err(|error| error.to_string())
            .and_then(|made| made.map_err(|error| error.to_string()))
            .map_err(|detail| Problem::TlsFailed {
                detail: detail.into(),
            })?;
        Ok(Self {
            protocol: Protocol::V5,
            client_id: client_id(&config.client_name),
            encryption,
            everything: false,
            config,
        })
    }

    /// Receives all topics of the box.
    pub(super) fn with_everything(mut self) -> Self {
        self.everything = true;
        self
    }

    /// Connects and subscribes.
    pub(super) async fn open(&mut self) -> Result<Session, Problem> {
        let failure = match self.attempt(self.protocol).await {
            Ok(session) => return Ok(session),
            Err(failure) if self.protocol == Protocol::V5 && failure.may_mean_older_protocol() => {
                match self.attempt(Protocol::V3_1_1).await {
                    Ok(session) => {
                        self.protocol = Protocol::V3_1_1;
                        return Ok(session);
                    }
                    Err(failure) => failure,
                }
            }
            Err(failure) => failure,
        };
        if let Some(fingerprint) = self.encryption.as_ref().and_then(Encryption::take_refused) {
            return Err(Problem::TlsUntrusted { fingerprint });
        }
        Err(failure.explain_attempt(&self.config).await)
    }

    /// Takes another client id: the one in use may have been claimed by somebody else.
    pub(super) fn rename(&mut self) {
        self.client_id = client_id(&self.config.client_name);
    }

    async fn attempt(&self, protocol: Protocol) -> Result<Session, Failure> {
        let mut wire = Wire::new(
            protocol,
            &self.config,
            &self.client_id,
            self.encryption.as_ref(),
        );
        let welcome = async {
            loop {
                if let Happened::Welcome { in_flight } = wire.next().await? {
                    return Ok(in_flight);
                }
            }
        };
        let in_flight = timeout(self.config.connect_timeout, welcome)
            .await
            .unwrap_or(Err(Failure::Unresponsive))?;
        let prefix = &self.config.topic_prefix;
        if self.everything {
            wire.subscribe(std::iter::once(prefixed(prefix, "openWB/#")))?;
        } else {
            wire.subscribe(subscriptions::below(prefix).chain(self.answers()))?;
        }
        Ok(Session {
            wire,
            protocol,
            client_id: self.client_id.as_str().into(),
            prefix: prefix.as_str().into(),
            decoder: Decoder::new(prefix).for_connection(&self.client_id),
            batch: Batch::default(),
            flights: Flights::new(in_flight),
        })
    }

    /// The topics on which the box answers the commands of this connection.
    fn answers(&self) -> impl Iterator<Item = String> {
        let id = &self.client_id;
        [
            format!("openWB/log/{id}/data"),
            format!("openWB/command/{id}/messages/+"),
        ]
        .into_iter()
        .map(|filter| prefixed(&self.config.topic_prefix, &filter))
    }
}

/// Something no other client of the broker has: two clients with one id throw each other out.
fn client_id(name: &str) -> String {
    let mut random = [0; 6];
    // Without a source of randomness a constant id still works alone.
    if let Err(error) = getrandom::fill(&mut random) {
        tracing::warn!(%error, "no randomness for a client id");
    }
    let name = name.chars().filter(char::is_ascii_alphanumeric).take(10);
    let random = random
        .iter()
        .flat_map(|byte| format!("{byte:02x}").into_bytes())
        .map(char::from);
    name.chain(std::iter::once('-')).chain(random).collect()
}

/// How a session ended.
#[derive(Debug)]
pub(super) enum End {
    /// On demand, or because nobody listens any more.
    Stopped,
    Lost(Problem),
}

/// A connection that stands.
pub(super) struct Session {
    wire: Wire,
    protocol: Protocol,
    client_id: Box<str>,
    prefix: Box<str>,
    decoder: Decoder,
    batch: Batch,
    flights: Flights,
}

impl Session {
    pub(super) fn protocol(&self) -> Protocol {
        self.protocol
    }

    pub(super) fn client_id(&self) -> Box<str> {
        self.client_id.clone()
    }

    /// Hands over what arrives and publishes what is ordered, until the connection ends. Orders
    /// that are open then are dropped, which is their answer.
    pub(super) async fn pump(
        mut self,
        events: &mpsc::Sender<Event>,
        mut orders: mpsc::Receiver<Order>,
        stop: &CancellationToken,
    ) -> End {
        enum Step<'a> {
            Stop,
            Send(mpsc::Permit<'a, Event>),
            Publish(Order),
            Read(Result<Happened, Failure>),
        }
        loop {
            let waiting = !self.batch.is_empty();
            let room = !self.batch.is_full();
            let step = tokio::select! {
                biased;
                () = stop.cancelled() => Step::Stop,
                () = events.closed() => Step::Stop,
                permit = events.reserve(), if waiting => match permit {
                    Ok(permit) => Step::Send(permit),
                    Err(_) => Step::Stop,
                },
                // Not while the receiver holds everything up: they would wait in rumqttc's queue,
                // from where they cannot be taken back.
                Some(order) = orders.recv(), if room && self.flights.has_room() => {
                    Step::Publish(order)
                }
                // While the receiver is busy the batch grows, and pings go on. Once it is full
                // only the broker's side of the connection holds what comes.
                happened = self.wire.next(), if room => Step::Read(happened),
            };
            match step {
                Step::Stop => {
                    self.take_leave().await;
                    return End::Stopped;
                }
                Step::Send(permit) => {
                    permit.send(Event::Batch(self.batch.take()));
                }
                Step::Publish(order) => self.publish(order),
                Step::Read(happened) => {
                    if let Err(failure) = self.read_available(happened) {
                        drop(orders);
                        return self.lost(failure, events, stop).await;
                    }
                }
            }
        }
    }

    /// Waits for one thing to happen and takes in what else is there.
    pub(super) async fn read(&mut self) -> Result<(), Failure> {
        let happened = self.wire.next().await;
        self.read_available(happened)
    }

    /// Waits for the next message and hands it over as it came.
    pub(super) async fn next_message(&mut self) -> Result<Message, Failure> {
        loop {
            match self.wire.next().await? {
                Happened::Message(message) => return Ok(message),
                Happened::Subscribed { any: false } => return Err(Failure::NotAuthorized),
                _ => {}
            }
        }
    }

    pub(super) fn take_batch(&mut self) -> Batch {
        self.batch.take()
    }

    /// Says goodbye, so that the broker need not wait for a timeout.
    pub(super) async fn take_leave(&mut self) {
        if !self.wire.take_leave() {
            return;
        }
        let farewell = async {
            while let Ok(happened) = self.wire.next().await {
                if matches!(happened, Happened::Farewell) {
                    return;
                }
            }
        };
        if timeout(FAREWELL, farewell).await.is_err() {
            tracing::debug!("the broker did not take our disconnect");
        }
    }

    fn publish(&mut self, Order { write, answer }: Order) {
        // Whoever gave up on it must not be surprised by it later.
        if answer.is_closed() {
            return;
        }
        match self
            .wire
            .publish(prefixed(&self.prefix, write.topic()), &write)
        {
            Ok(()) => self.flights.queue(answer),
            Err(error) => {
                answer.send(Err(error)).ok();
            }
        }
    }

    fn read_available(&mut self, first: Result<Happened, Failure>) -> Result<(), Failure> {
        let mut happened = first?;
        loop {
            match happened {
                Happened::Message(message) => self.batch.absorb(&self.decoder, &message),
                Happened::Subscribed { any: false } => return Err(Failure::NotAuthorized),
                Happened::Published { packet } => self.flights.take_off(packet),
                Happened::Acknowledged { packet, outcome } => self.flights.land(packet, outcome),
                Happened::Welcome { .. }
                | Happened::Subscribed { any: true }
                | Happened::Farewell
                | Happened::Other => {}
            }
            if self.batch.is_full() {
                return Ok(());
            }
            match self.wire.next().now_or_never() {
                Some(next) => happened = next?,
                None => return Ok(()),
            }
        }
    }

    /// What arrived before the end is delivered before the news of it.
    async fn lost(
        mut self,
        failure: Failure,
        events: &mpsc::Sender<Event>,
        stop: &CancellationToken,
    ) -> End {
        // The answer to all writes under way, at once.
        drop(self.flights);
        if !self.batch.is_empty() {
            let last = events.send(Event::Batch(self.batch.take()));
            match stop.run_until_cancelled(last).await {
                Some(Ok(())) => {}
                _ => return End::Stopped,
            }
        }
        End::Lost(failure.explain_end())
    }
}
