//! The connection to a box: one task that keeps it up and hands over what arrives, in batches.
//!
//! The task owns the MQTT event loop. It connects with MQTT 5, falls back to 3.1.1 where the
//! broker speaks no 5, subscribes after every connect, decodes each message where it arrives, and
//! sends what was available at once as one [`Event::Batch`]. When the receiver does not keep up,
//! batches grow to a limit and then the task stops reading: nothing is dropped on this side.
//!
//! A [`Writer`] publishes through the same connection and says what the broker made of it.

mod backoff;
mod batch;
mod config;
mod failure;
mod fingerprint;
mod flights;
mod probe;
mod problem;
mod session;
mod subscriptions;
mod tap;
mod task;
mod tls;
mod wire;
mod writer;

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use backoff::Backoff;
pub use batch::{Batch, Malformed, Received};
pub use config::{Credentials, InvalidUrl, LinkConfig, Tls};
pub use fingerprint::{Fingerprint, InvalidFingerprint};
pub use probe::{Probe, probe};
pub use problem::Problem;
pub use tap::{RawMessage, Tap};
pub use writer::{Delivery, WriteError, Writer};

/// Batches that wait for the receiver. Each holds what arrived while the one before was sent.
const CHANNEL_CAPACITY: usize = 16;

/// The longest [`Link::stop`] takes.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// MQTT versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// MQTT 5. Refusals carry a reason.
    V5,
    /// MQTT 3.1.1.
    V3_1_1,
}

impl std::fmt::Display for Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::V5 => "5",
            Self::V3_1_1 => "3.1.1",
        })
    }
}

/// What the link has to tell, in the order it happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Connected and subscribed. The retained state of the box follows.
    Connected {
        /// The MQTT version in use.
        protocol: Protocol,
        /// The MQTT client id, which changes from connection to connection. It is also the
        /// connection id under which a box takes commands and answers them.
        client_id: Box<str>,
    },
    /// Messages, in the order they arrived.
    Batch(Batch),
    /// Not connected, or no longer. The link tries again by itself.
    Disconnected {
        /// Why.
        problem: Problem,
        /// When the link tries again.
        retry_in: Duration,
    },
}

/// A running connection.
///
/// Dropping it ends the connection too, without waiting for the end.
#[derive(Debug)]
pub struct Link {
    stop: CancellationToken,
    writer: Writer,
    task: Option<JoinHandle<()>>,
}

impl Link {
    /// Starts connecting. Must be called within a tokio runtime.
    ///
    /// The link also ends when the receiver is dropped.
    #[must_use]
    pub fn spawn(config: LinkConfig) -> (Self, mpsc::Receiver<Event>) {
        let (events, receiver) = mpsc::channel(CHANNEL_CAPACITY);
        let stop = CancellationToken::new();
        let (inlet, outside) = watch::channel(None);
        let task = tokio::spawn(task::run(config, events, inlet, stop.clone()));
        (
            Self {
                stop,
                writer: Writer::new(outside),
                task: Some(task),
            },
            receiver,
        )
    }

    /// Publishes through this connection, for as long as the link runs.
    #[must_use]
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// Takes leave of the broker and ends the task. Takes two seconds at most, also when the
    /// broker does not answer or nobody receives events any more.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let Some(mut task) = self.task.take() else {
            return;
        };
        if tokio::time::timeout(STOP_WITHIN, &mut task).await.is_err() {
            task.abort();
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
