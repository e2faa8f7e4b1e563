//! An embedded MQTT broker for 3.1, 3.1.1 and 5, with the rights an openWB gives its clients and with
//! faults on demand.
//!
//! Not a general-purpose broker: no TLS, no websockets, no shared subscriptions, no topic aliases, and
//! state lives as long as the process. Everything a client may rely on by the standard is there: QoS 0
//! to 2, retained messages, sessions, wills, keep alive, and reason codes in MQTT 5.

mod acl;
mod codec;
mod connection;
mod hub;
mod message;
mod reply;
mod session;
mod topic;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use acl::{Account, Acl, Door};
pub use message::Message;

use acl::Doorman;
use hub::Hub;

/// A user and the password that proves it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// What a broker with one set of rights needs to know.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// Where to listen; port 0 takes a free one and keeps it.
    pub listen: SocketAddr,
    /// What clients must show; `None` lets everybody in.
    pub credentials: Option<Credentials>,
    /// What they may do.
    pub acl: Acl,
}

/// The topic is empty or has wildcards.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a topic one can publish on: {0:?}")]
pub struct InvalidTopic(pub String);

/// A running broker; clones are handles to the same one.
#[derive(Debug, Clone)]
pub struct Broker {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    addr: SocketAddr,
    doorman: Arc<Doorman>,
    hub: Arc<Hub>,
    era: Mutex<Option<Era>>,
}

/// The time between two outages: a listener and the connections it took.
#[derive(Debug)]
struct Era {
    over: CancellationToken,
    tasks: TaskTracker,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(era) = self.era.get_mut().unwrap_or_else(PoisonError::into_inner) {
            era.over.cancel();
        }
    }
}

impl Broker {
    /// Takes the port and lets clients in, all with the same rights.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(config: BrokerConfig) -> io::Result<Self> {
        let door = match config.credentials {
            Some(credentials) => Door::Locked(credentials, config.acl),
            None => Door::Open(config.acl),
        };
        Self::start_behind(door, config.listen).await
    }

    /// Takes the port (0 takes a free one and keeps it) and lets in who `door` lets in.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start_behind(door: Door, listen: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let inner = Inner {
            addr: listener.local_addr()?,
            doorman: Arc::new(Doorman::new(door)),
            hub: Arc::new(Hub::default()),
            era: Mutex::new(None),
        };
        let broker = Self {
            inner: Arc::new(inner),
        };
        broker.begin(listener, false);
        Ok(broker)
    }

    /// Where it listens, or listened before an outage.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.inner.addr
    }

    /// Publishes from within with QoS 0; the ACL does not apply, and taps do not hear it.
    ///
    /// # Errors
    /// When one cannot publish on the topic.
    pub fn publish(
        &self,
        topic: &str,
        payload: impl Into<Bytes>,
        retain: bool,
    ) -> Result<(), InvalidTopic> {
        if !topic::is_name(topic) {
            return Err(InvalidTopic(topic.to_owned()));
        }
        let message = Message::new(Arc::from(topic), payload.into(), retain);
        self.inner.hub.announce(&message);
        Ok(())
    }

    /// What clients publish on topics any of the filters covers. A client's message is acknowledged only when it
    /// is in this queue, so a full queue slows publishers down.
    #[must_use]
    pub fn tap(&self, filters: &[&str], capacity: usize) -> mpsc::Receiver<Message> {
        self.inner.hub.tap(filters, capacity)
    }

    /// The retained messages a filter covers, by topic.
    #[must_use]
    pub fn retained(&self, filter: &str) -> Vec<Message> {
        self.inner.hub.retained(filter)
    }

    /// Ids of the clients that are connected, sorted.
    #[must_use]
    pub fn clients(&self) -> Vec<Arc<str>> {
        self.inner.hub.connected()
    }

    /// Fault: closes the port and drops every connection without a word.
    pub async fn down(&self) {
        let era = self
            .inner
            .era
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(era) = era {
            era.over.cancel();
            era.tasks.close();
            era.tasks.wait().await;
        }
    }

    /// Ends an outage: listens on the same port again.
    ///
    /// # Errors
    /// When somebody else has taken the port meanwhile.
    pub async fn up(&self) -> io::Result<()> {
        self.down().await;
        self.begin(TcpListener::bind(self.inner.addr).await?, false);
        Ok(())
    }

    /// Fault: drops every connection, then accepts new ones and never says a word.
    ///
    /// # Errors
    /// When somebody else has taken the port meanwhile.
    pub async fn silent(&self) -> io::Result<()> {
        self.down().await;
        self.begin(TcpListener::bind(self.inner.addr).await?, true);
        Ok(())
    }

    /// Stops for good and waits until the port is free.
    pub async fn stop(&self) {
        self.down().await;
    }

    fn begin(&self, listener: TcpListener, silent: bool) {
        let era = Era {
            over: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let accept = accept(
            listener,
            self.inner.hub.clone(),
            self.inner.doorman.clone(),
            era.over.clone(),
            era.tasks.clone(),
            silent,
        );
        era.tasks.spawn(accept);
        *self
            .inner
            .era
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(era);
    }
}

async fn accept(
    listener: TcpListener,
    hub: Arc<Hub>,
    doorman: Arc<Doorman>,
    over: CancellationToken,
    tasks: TaskTracker,
    silent: bool,
) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = over.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) if silent => {
                tasks.spawn(ignore(stream, over.clone()));
            }
            Ok((stream, _)) => {
                tasks.spawn(connection::serve(
                    stream,
                    hub.clone(),
                    doorman.clone(),
                    over.clone(),
                ));
            }
            Err(error) => {
                // Out of file descriptors, most likely; the next client may have more luck.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

/// Holds a connection open and says nothing.
async fn ignore(stream: TcpStream, over: CancellationToken) {
    over.cancelled().await;
    drop(stream);
}
