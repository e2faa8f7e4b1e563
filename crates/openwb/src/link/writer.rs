//! Publishing, and hearing what the broker makes of it.

use std::time::Duration;

use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use crate::codec::{MAX_PAYLOAD, ROOT};
use crate::command::Write;

/// Writes that may wait for the task to send them.
pub(super) const QUEUE: usize = 16;

/// How long a broker may take to acknowledge.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Longer topics than any box has; MQTT knows none above 65 535 bytes.
const MAX_TOPIC: usize = 1024;

/// How far a write is known to have come.
///
/// None of these says that the box did it: that shows in its state topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The broker took it (MQTT 5).
    Accepted,
    /// The broker took it, and nobody was there to receive it (MQTT 5): the box's own software
    /// does not run, or the broker does not pass writes on to the box.
    Unheard,
    /// The broker acknowledged it, and would have done so too if it had thrown it away
    /// (MQTT 3.1.1).
    Unverified,
}

/// Why a write was not delivered, or is not known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The topic does not start with `openWB/`, or cannot be published to.
    #[error("not a topic of openWB to publish to")]
    InvalidTopic,
    /// The payload is longer than 256 kB.
    #[error("longer than 256 kB")]
    TooLarge,
    /// There is no connection. Nothing was sent, and nothing will be.
    #[error("there is no connection to the box")]
    NotConnected,
    /// Too many writes wait already. This one was not sent.
    #[error("too many writes are waiting to be sent")]
    QueueFull,
    /// The broker does not allow this user to publish on this topic (MQTT 5).
    #[error("the broker does not allow this user to do that")]
    NotAuthorized,
    /// The broker has a limit that was exceeded (MQTT 5).
    #[error("the broker takes no more at the moment")]
    QuotaExceeded,
    /// The broker refused for another reason (MQTT 5).
    #[error("the broker refused it with code {code:#04x}")]
    Refused {
        /// The reason code of MQTT 5.
        code: u8,
    },
    /// The connection was lost before the broker answered. The write may have arrived or not.
    #[error("the connection was lost before the broker answered")]
    ConnectionLost,
    /// The broker did not answer within five seconds. The write may have arrived or not.
    #[error("the broker did not answer in time")]
    TimedOut,
}

/// What became of a write.
pub(super) type Outcome = Result<Delivery, WriteError>;

/// A write on its way to the task, and where its outcome goes.
///
/// Dropping it tells the writer that the connection is gone.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) write: Write,
    pub(super) answer: oneshot::Sender<Outcome>,
}

/// The way into the connection that stands at the moment. Each has a queue of its own, which ends
/// with it: what was meant for one connection is never sent on a later one.
pub(super) type Inlet = Option<mpsc::Sender<Order>>;

/// Publishes through a [`Link`](super::Link). Clones share its connection.
#[derive(Debug, Clone)]
pub struct Writer {
    inlet: watch::Receiver<Inlet>,
}

impl Writer {
    pub(super) fn new(inlet: watch::Receiver<Inlet>) -> Self {
        Self { inlet }
    }

    /// Publishes with QoS 1 and waits for the broker's answer, five seconds at most. Several
    /// writes may be under way at once; they are sent in the order of the calls.
    ///
    /// A write that is given up before it was sent is not sent any more.
    ///
    /// # Errors
    ///
    /// At once if the write is not valid, if there is no connection, or if too many wait already.
    /// Later if the broker refuses, does not answer, or goes away.
    pub async fn write(&self, write: Write) -> Result<Delivery, WriteError> {
        check(&write)?;
        let outcome = self.hand_over(write)?;
        match timeout(ANSWER_WITHIN, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(WriteError::ConnectionLost),
            Err(_) => Err(WriteError::TimedOut),
        }
    }

    fn hand_over(&self, write: Write) -> Result<oneshot::Receiver<Outcome>, WriteError> {
        use mpsc::error::TrySendError::{Closed, Full};
        let (answer, outcome) = oneshot::channel();
        let inlet = self.inlet.borrow();
        let inlet = inlet.as_ref().ok_or(WriteError::NotConnected)?;
        match inlet.try_send(Order { write, answer }) {
            Ok(()) => Ok(outcome),
            Err(Full(_)) => Err(WriteError::QueueFull),
            Err(Closed(_)) => Err(WriteError::NotConnected),
        }
    }
}

fn check(write: &Write) -> Result<(), WriteError> {
    let topic = write.topic();
    if !topic.as_bytes().starts_with(ROOT)
        || topic.len() > MAX_TOPIC
        || topic.contains(['+', '#', '\0'])
    {
        return Err(WriteError::InvalidTopic);
    }
    if write.payload().len() > MAX_PAYLOAD {
        return Err(WriteError::TooLarge);
    }
    Ok(())
}
