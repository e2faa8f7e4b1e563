//! One client's connection from CONNECT to the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use mqtt_proto::{Pid, QoS};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::acl::{Acl, Doorman};
use super::codec::{self, Connect, Frames, Incoming, ReadError, Version, Will};
use super::hub::Hub;
use super::message::Message;
use super::reply::{self, Farewell, Refusal, Welcome};
use super::session::{OUTBOX_PACKETS, Outbox};
use super::topic;

/// How long a client may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the last words may take.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How a connection came to its end.
enum End {
    /// DISCONNECT: nobody is surprised.
    Goodbye { keep_will: bool },
    /// The peer vanished.
    Gone,
    /// The broker ends it.
    Ended(Farewell),
    /// So does the broker itself.
    PowerCut,
}

/// Serves one client until it is gone or `power` is cut: then there is no farewell and no will.
pub(super) async fn serve(
    stream: TcpStream,
    hub: Arc<Hub>,
    doorman: Arc<Doorman>,
    power: CancellationToken,
) {
    // Small packets should not wait for each other; a socket that refuses is slower, not wrong.
    stream.set_nodelay(true).ok();
    let (reader, mut writer) = stream.into_split();
    let mut frames = Frames::new(reader);
    let admitted = tokio::select! {
        biased;
        () = power.cancelled() => None,
        connect = introduce(&mut frames, &mut writer, &doorman) => connect,
    };
    if let Some((connect, acl)) = admitted {
        Conversation::open(hub, connect, acl, writer, power)
            .run(frames)
            .await;
    }
}

/// Waits for a CONNECT one can accept.
async fn introduce(
    frames: &mut Frames<OwnedReadHalf>,
    writer: &mut OwnedWriteHalf,
    doorman: &Doorman,
) -> Option<(Connect, Arc<Acl>)> {
    let first = timeout(PATIENCE, frames.next()).await.ok()?.ok()?;
    let connect = match codec::read_connect(&first) {
        Ok(connect) => connect,
        Err(error) => {
            let why = match error {
                ReadError::UnknownProtocol => Refusal::UnknownProtocol,
                _ => Refusal::Malformed,
            };
            tracing::debug!(?error, "a connection did not begin with a CONNECT");
            refuse(writer, None, why).await;
            return None;
        }
    };
    match rights(&connect, doorman) {
        Ok(acl) => Some((connect, acl)),
        Err(why) => {
            refuse(writer, Some(connect.version), why).await;
            None
        }
    }
}

/// What a client may do, or why it is not let in.
fn rights(connect: &Connect, doorman: &Doorman) -> Result<Arc<Acl>, Refusal> {
    if connect.enhanced_auth {
        return Err(Refusal::AuthMethod);
    }
    if connect.client_id.is_empty() && connect.version == Version::V3 && !connect.clean {
        return Err(Refusal::ClientId);
    }
    doorman
        .rights(connect.username.as_deref(), connect.password.as_deref())
        .ok_or(Refusal::NotAuthorized)
}

async fn refuse(writer: &mut OwnedWriteHalf, version: Option<Version>, why: Refusal) {
    if let Some(packet) = reply::refuse(version, why) {
        // A client that does not wait for its refusal does not need it.
        timeout(LAST_WORDS, writer.write_all(&packet)).await.ok();
    }
}

/// A client that was let in.
struct Conversation {
    hub: Arc<Hub>,
    version: Version,
    acl: Arc<Acl>,
    client: Arc<str>,
    connection: u64,
    outbox: Outbox,
    will: Option<Will>,
    keep_alive: Option<Duration>,
    writer: tokio::task::JoinHandle<()>,
    power: CancellationToken,
}

impl Conversation {
    fn open(
        hub: Arc<Hub>,
        mut connect: Connect,
        acl: Arc<Acl>,
        writer: OwnedWriteHalf,
        power: CancellationToken,
    ) -> Self {
        let (packets, queue) = mpsc::channel(OUTBOX_PACKETS);
        let queued = Arc::new(AtomicUsize::new(0));
        let outbox = Outbox {
            packets,
            queued: queued.clone(),
            kick: CancellationToken::new(),
            takeover: CancellationToken::new(),
            max_packet: usize::try_from(connect.max_packet).unwrap_or(usize::MAX),
        };
        let assigned: Option<Arc<str>> = connect
            .client_id
            .is_empty()
            .then(|| Arc::from(fresh_client_id()));
        let client = assigned
            .clone()
            .unwrap_or_else(|| connect.client_id.clone());
        let will = connect
            .will
            .take()
            .filter(|will| topic::is_name(&will.message.topic));
        let admission = hub.admit(&connect, acl.clone(), &client, outbox.clone());
        let granted = u32::try_from(admission.expiry.as_secs()).unwrap_or(u32::MAX);
        outbox.send(reply::welcome(
            connect.version,
            Welcome {
                session_present: admission.session_present,
                assigned_id: assigned,
                session_expiry: connect
                    .session_expiry
                    .filter(|asked| *asked != granted)
                    .map(|_| granted),
            },
        ));
        hub.session(
            &client,
            admission.connection,
            super::session::Session::resume,
        );
        // Standard: silence of one and a half keep alive intervals is the end.
        let keep_alive = (connect.keep_alive > 0)
            .then(|| Duration::from_millis(u64::from(connect.keep_alive) * 1500));
        let writer = tokio::spawn(write(writer, queue, queued));
        tracing::debug!(%client, version = ?connect.version, "connected");
        Self {
            hub,
            version: connect.version,
            acl,
            client,
            connection: admission.connection,
            outbox,
            will,
            keep_alive,
            writer,
            power,
        }
    }

    async fn run(mut self, mut frames: Frames<OwnedReadHalf>) {
        let (kick, power) = (self.outbox.kick.clone(), self.power.clone());
        let end = tokio::select! {
            biased;
            () = power.cancelled() => End::PowerCut,
            () = kick.cancelled() => {
                let taken = self.outbox.takeover.is_cancelled();
                End::Ended(if taken { Farewell::TakenOver } else { Farewell::Overrun })
            }
            end = self.listen(&mut frames) => end,
        };
        let keep_will = match end {
            End::Goodbye { keep_will } => keep_will,
            End::Gone => true,
            End::PowerCut => {
                self.hub.leave(&self.client, self.connection);
                self.writer.abort();
                return;
            }
            End::Ended(why) => {
                tracing::debug!(client = %self.client, ?why, "connection ended");
                self.outbox.send(reply::farewell(self.version, why));
                true
            }
        };
        let session_left = self.hub.leave(&self.client, self.connection);
        // Dropping the last sender lets the writer finish what is queued.
        let Self {
            hub,
            acl,
            client,
            connection,
            outbox,
            will,
            mut writer,
            ..
        } = self;
        drop(outbox);
        if timeout(LAST_WORDS, &mut writer).await.is_err() {
            writer.abort();
        }
        let Some(will) = will.filter(|_| keep_will) else {
            return;
        };
        let delay = will.delay.min(session_left.unwrap_or(Duration::ZERO));
        tokio::select! {
            biased;
            () = power.cancelled() => return,
            () = sleep(delay) => {}
        }
        let is_due = delay.is_zero() || hub.still_away(&client, connection);
        if is_due && acl.may_write(&client, &will.message.topic) {
            hub.publish(&client, will.message).await;
        }
    }

    async fn listen(&mut self, frames: &mut Frames<OwnedReadHalf>) -> End {
        loop {
            let next = frames.next();
            let frame = match self.keep_alive {
                None => next.await,
                Some(limit) => match timeout(limit, next).await {
                    Ok(frame) => frame,
                    Err(_) => return End::Ended(Farewell::KeepAlive),
                },
            };
            let incoming = frame.and_then(|frame| codec::read(self.version, &frame));
            let outcome = match incoming {
                Ok(incoming) => self.take(incoming).await,
                Err(ReadError::Gone) => Err(End::Gone),
                Err(ReadError::TooLarge) => Err(End::Ended(Farewell::TooLarge)),
                Err(ReadError::Malformed(why)) => {
                    tracing::debug!(client = %self.client, why, "malformed packet");
                    Err(End::Ended(Farewell::Malformed))
                }
                Err(ReadError::UnknownProtocol) => Err(End::Ended(Farewell::ProtocolError)),
            };
            if let Err(end) = outcome {
                return end;
            }
        }
    }

    async fn take(&mut self, incoming: Incoming) -> Result<(), End> {
        match incoming {
            Incoming::Publish { alias: true, .. } => return Err(End::Ended(Farewell::TopicAlias)),
            Incoming::Publish { message, pid, .. } => self.publish(message, pid).await?,
            Incoming::Puback(pid)
            | Incoming::Pubcomp(pid)
            | Incoming::Pubrec {
                pid,
                accepted: false,
            } => {
                self.hub
                    .session(&self.client, self.connection, |session| session.landed(pid));
            }
            Incoming::Pubrec {
                pid,
                accepted: true,
            } => {
                self.hub.session(&self.client, self.connection, |session| {
                    session.released(pid);
                });
            }
            Incoming::Pubrel(pid) => {
                let known = self
                    .hub
                    .session(&self.client, self.connection, |session| {
                        session.release(pid)
                    })
                    .unwrap_or(false);
                self.outbox.send(reply::pubcomp(self.version, pid, known));
            }
            Incoming::Subscribe { with_id: true, .. } => {
                return Err(End::Ended(Farewell::SubscriptionIds));
            }
            Incoming::Subscribe { pid, filters, .. } => {
                let (grants, replays) = self.hub.subscribe(&self.client, self.connection, &filters);
                self.outbox.send(reply::suback(self.version, pid, &grants));
                for (filter, qos) in replays {
                    self.hub.replay(&self.client, self.connection, &filter, qos);
                }
            }
            Incoming::Unsubscribe { pid, filters } => {
                let existed = self
                    .hub
                    .unsubscribe(&self.client, self.connection, &filters);
                self.outbox
                    .send(reply::unsuback(self.version, pid, &existed));
            }
            Incoming::Ping => self.outbox.send(reply::pingresp(self.version)),
            Incoming::Disconnect {
                keep_will,
                session_expiry,
            } => {
                if let Some(seconds) = session_expiry {
                    self.hub.session(&self.client, self.connection, |session| {
                        session.expiry = Duration::from_secs(u64::from(seconds))
                            .min(super::session::LONGEST_ABSENCE);
                    });
                }
                return Err(End::Goodbye { keep_will });
            }
            Incoming::OutOfPlace => return Err(End::Ended(Farewell::ProtocolError)),
        }
        Ok(())
    }

    async fn publish(&self, message: Message, pid: Option<Pid>) -> Result<(), End> {
        if !topic::is_name(&message.topic) {
            return Err(End::Ended(Farewell::TopicName));
        }
        let allowed = self.acl.may_write(&self.client, &message.topic);
        if !allowed {
            tracing::debug!(client = %self.client, topic = %message.topic, "publish denied");
        }
        match (message.qos, pid) {
            (QoS::Level1, Some(pid)) => {
                if allowed {
                    self.hub.publish(&self.client, message).await;
                }
                self.outbox.send(reply::puback(self.version, pid, allowed));
            }
            (QoS::Level2, Some(pid)) => {
                let is_new = self.hub.receive(&self.client, self.connection, pid);
                if allowed && is_new {
                    self.hub.publish(&self.client, message).await;
                }
                if !allowed && self.version == Version::V5 {
                    // A refusing PUBREC ends the exchange.
                    self.hub.session(&self.client, self.connection, |session| {
                        session.release(pid)
                    });
                }
                self.outbox.send(reply::pubrec(self.version, pid, allowed));
            }
            _ => {
                if allowed {
                    self.hub.publish(&self.client, message).await;
                }
            }
        }
        Ok(())
    }
}

/// Writes what is queued, many packets at a time, until the queue is closed and empty.
async fn write(
    mut writer: OwnedWriteHalf,
    mut queue: mpsc::Receiver<Bytes>,
    queued: Arc<AtomicUsize>,
) {
    let mut packets = Vec::with_capacity(64);
    let mut batch = BytesMut::new();
    while queue.recv_many(&mut packets, 64).await > 0 {
        batch.clear();
        for packet in packets.drain(..) {
            batch.extend_from_slice(&packet);
        }
        let written = writer.write_all(&batch).await;
        queued.fetch_sub(batch.len(), Ordering::Relaxed);
        if written.is_err() {
            return;
        }
    }
    // The peer may have hung up first.
    writer.shutdown().await.ok();
}

/// An id for a client that came without one.
fn fresh_client_id() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    format!("auto-{:08X}", NEXT.fetch_add(1, Ordering::Relaxed))
}
