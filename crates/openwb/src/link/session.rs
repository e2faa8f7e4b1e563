//! Attempts at a connection, and what is done with one that stands.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::batch::Batch;
use super::failure::Failure;
use super::tls::Encryption;
use super::wire::{Happened, Wire};
use super::{Event, LinkConfig, Problem, Protocol, subscriptions};
use crate::codec::Decoder;

/// How long taking leave of the broker may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// Makes connections and remembers what it learned from the ones before.
pub(super) struct Connector {
    config: LinkConfig,
    decoder: Decoder,
    protocol: Protocol,
    client_id: String,
    encryption: Option<Encryption>,
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
            decoder: Decoder::new(&config.topic_prefix),
            protocol: Protocol::V5,
            client_id: client_id(&config.client_name),
            encryption,
            config,
        })
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
            while !matches!(wire.next().await?, Happened::Welcome) {}
            Ok(())
        };
        timeout(self.config.connect_timeout, welcome)
            .await
            .unwrap_or(Err(Failure::Unresponsive))?;
        wire.subscribe(subscriptions::below(&self.config.topic_prefix))?;
        Ok(Session {
            wire,
            protocol,
            decoder: self.decoder.clone(),
            batch: Batch::default(),
        })
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
    decoder: Decoder,
    batch: Batch,
}

impl Session {
    pub(super) fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Hands over what arrives until the connection ends.
    pub(super) async fn pump(
        mut self,
        events: &mpsc::Sender<Event>,
        stop: &CancellationToken,
    ) -> End {
        enum Step<'a> {
            Stop,
            Send(mpsc::Permit<'a, Event>),
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
                Step::Read(happened) => {
                    if let Err(failure) = self.read_available(happened) {
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

    fn read_available(&mut self, first: Result<Happened, Failure>) -> Result<(), Failure> {
        let mut happened = first?;
        loop {
            match happened {
                Happened::Message(message) => self.batch.absorb(&self.decoder, &message),
                Happened::Subscribed { any: false } => return Err(Failure::NotAuthorized),
                Happened::Welcome
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
