//! From bytes to what a client wants and back, for MQTT 3.1(.1) and 5 alike.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use mqtt_proto::{Pid, Protocol, QoS, QosPid, TopicFilter, TopicName, v3, v5};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::message::Message;

/// Largest packet taken in; openWB's largest documents have some 50 kB.
pub(super) const MAX_PACKET: usize = 1 << 20;

/// Protocol family of a connection. MQTT 3.1 speaks like 3.1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V3,
    V5,
}

/// Why reading a packet ended.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The peer went away.
    Gone,
    /// More than [`MAX_PACKET`].
    TooLarge,
    /// Not MQTT, or not in the way the standard wants it.
    Malformed(String),
    /// A protocol name or level nobody here speaks.
    UnknownProtocol,
}

/// A client introducing itself.
#[derive(Debug)]
pub(super) struct Connect {
    pub(super) version: Version,
    pub(super) clean: bool,
    pub(super) keep_alive: u16,
    pub(super) client_id: Arc<str>,
    pub(super) username: Option<Arc<str>>,
    pub(super) password: Option<Bytes>,
    pub(super) will: Option<Will>,
    /// Seconds the session outlives the connection (MQTT 5).
    pub(super) session_expiry: Option<u32>,
    /// Unacknowledged messages the client can take.
    pub(super) receive_max: u16,
    /// Largest packet the client takes.
    pub(super) max_packet: u32,
    /// Asks for an authentication exchange, which is not on offer.
    pub(super) enhanced_auth: bool,
}

/// What to publish when a client disappears.
#[derive(Debug, Clone)]
pub(super) struct Will {
    pub(super) message: Message,
    pub(super) delay: Duration,
}

/// What a client sends once it is connected.
#[derive(Debug)]
pub(super) enum Incoming {
    Publish {
        message: Message,
        pid: Option<Pid>,
        alias: bool,
    },
    Puback(Pid),
    Pubrec {
        pid: Pid,
        accepted: bool,
    },
    Pubrel(Pid),
    Pubcomp(Pid),
    Subscribe {
        pid: Pid,
        filters: Vec<(Arc<str>, Options)>,
        with_id: bool,
    },
    Unsubscribe {
        pid: Pid,
        filters: Vec<Arc<str>>,
    },
    Ping,
    Disconnect {
        keep_will: bool,
        session_expiry: Option<u32>,
    },
    /// A packet only servers send, a second CONNECT, or AUTH.
    OutOfPlace,
}

/// How a subscription wants its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) qos: QoS,
    pub(super) no_local: bool,
    pub(super) retain_as_published: bool,
    pub(super) retained: Retained,
}

/// Which retained messages a new subscription gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retained {
    All,
    OnlyIfNew,
    None,
}

/// Reads whole packets off a stream.
pub(super) struct Frames<R> {
    reader: R,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: BytesMut::with_capacity(4096),
        }
    }

    /// The next packet's bytes, fixed header included. Safe to drop and call again.
    pub(super) async fn next(&mut self) -> Result<Bytes, ReadError> {
        loop {
            if let Some(length) = frame_length(&self.buffer)? {
                if length > MAX_PACKET {
                    return Err(ReadError::TooLarge);
                }
                if self.buffer.len() >= length {
                    return Ok(self.buffer.split_to(length).freeze());
                }
            }
            match self.reader.read_buf(&mut self.buffer).await {
                Ok(0) | Err(_) => return Err(ReadError::Gone),
                Ok(_) => {}
            }
        }
    }
}

/// Length of the packet at the front, once its fixed header is there.
fn frame_length(bytes: &[u8]) -> Result<Option<usize>, ReadError> {
    let mut remaining = 0;
    for (n, byte) in bytes.iter().skip(1).take(4).enumerate() {
        remaining |= usize::from(byte & 0x7F) << (7 * n);
        if byte & 0x80 == 0 {
            return Ok(Some(2 + n + remaining));
        }
    }
    if bytes.len() >= 5 {
        return Err(ReadError::Malformed(
            "remaining length has more than four bytes".to_owned(),
        ));
    }
    Ok(None)
}

fn malformed(what: impl ToString) -> ReadError {
    ReadError::Malformed(what.to_string())
}

/// Reads a CONNECT of either version.
pub(super) fn read_connect(frame: &[u8]) -> Result<Connect, ReadError> {
    use mqtt_proto::Error;
    match v3::Packet::decode(frame) {
        Ok(Some(v3::Packet::Connect(connect))) => Ok(connect_v3(connect)),
        Err(Error::UnexpectedProtocol(Protocol::V500)) => match v5::Packet::decode(frame) {
            Ok(Some(v5::Packet::Connect(connect))) => Ok(connect_v5(connect)),
            Ok(_) => Err(malformed("incomplete CONNECT")),
            Err(error) => Err(malformed(error)),
        },
        Err(Error::InvalidProtocol(..)) => Err(ReadError::UnknownProtocol),
        Ok(_) => Err(malformed("the first packet must be CONNECT")),
        Err(error) => Err(malformed(error)),
    }
}

fn connect_v3(connect: v3::Connect) -> Connect {
    let will = connect.last_will.map(|will| {
        let mut message = Message::new(Arc::from(&*will.topic_name), will.message, will.retain);
        message.qos = will.qos;
        Will {
            message,
            delay: Duration::ZERO,
        }
    });
    Connect {
        version: Version::V3,
        clean: connect.clean_session,
        keep_alive: connect.keep_alive,
        client_id: connect.client_id,
        username: connect.username,
        password: connect.password,
        will,
        session_expiry: None,
        receive_max: u16::MAX,
        max_packet: u32::MAX,
        enhanced_auth: false,
    }
}

fn connect_v5(connect: v5::Connect) -> Connect {
    let will = connect.last_will.map(|will| {
        let properties = v5::PublishProperties {
            payload_is_utf8: will.properties.payload_is_utf8,
            message_expiry_interval: will.properties.message_expiry_interval,
            response_topic: will.properties.response_topic,
            correlation_data: will.properties.correlation_data,
            user_properties: will.properties.user_properties,
            content_type: will.properties.content_type,
            ..v5::PublishProperties::default()
        };
        let mut message = Message::new(Arc::from(&*will.topic_name), will.payload, will.retain);
        message.qos = will.qos;
        attach(&mut message, properties);
        let delay = will.properties.delay_interval.unwrap_or(0);
        Will {
            message,
            delay: Duration::from_secs(u64::from(delay)),
        }
    });
    Connect {
        version: Version::V5,
        clean: connect.clean_start,
        keep_alive: connect.keep_alive,
        client_id: connect.client_id,
        username: connect.username,
        password: connect.password,
        will,
        session_expiry: connect.properties.session_expiry_interval,
        receive_max: connect.properties.receive_max.unwrap_or(u16::MAX),
        max_packet: connect.properties.max_packet_size.unwrap_or(u32::MAX),
        enhanced_auth: connect.properties.auth_method.is_some(),
    }
}

/// Keeps the properties that travel on with a message.
fn attach(message: &mut Message, mut properties: v5::PublishProperties) {
    properties.topic_alias = None;
    properties.subscription_id = None;
    message.expires_at = properties
        .message_expiry_interval
        .and_then(|seconds| Instant::now().checked_add(Duration::from_secs(u64::from(seconds))));
    if properties != v5::PublishProperties::default() {
        message.properties = Some(Arc::new(properties));
    }
}

/// Reads any later packet.
pub(super) fn read(version: Version, frame: &[u8]) -> Result<Incoming, ReadError> {
    match version {
        Version::V3 => read_v3(frame),
        Version::V5 => read_v5(frame),
    }
}

fn read_v3(frame: &[u8]) -> Result<Incoming, ReadError> {
    let packet = v3::Packet::decode(frame)
        .map_err(malformed)?
        .ok_or_else(|| malformed("the packet is shorter than it says"))?;
    Ok(match packet {
        v3::Packet::Publish(publish) => {
            let mut message = Message::new(
                Arc::from(&*publish.topic_name),
                publish.payload,
                publish.retain,
            );
            message.qos = publish.qos_pid.qos();
            Incoming::Publish {
                message,
                pid: publish.qos_pid.pid(),
                alias: false,
            }
        }
        v3::Packet::Puback(pid) => Incoming::Puback(pid),
        v3::Packet::Pubrec(pid) => Incoming::Pubrec {
            pid,
            accepted: true,
        },
        v3::Packet::Pubrel(pid) => Incoming::Pubrel(pid),
        v3::Packet::Pubcomp(pid) => Incoming::Pubcomp(pid),
        v3::Packet::Subscribe(subscribe) => Incoming::Subscribe {
            pid: subscribe.pid,
            filters: subscribe
                .topics
                .iter()
                .map(|(filter, qos)| {
                    let options = Options {
                        qos: *qos,
                        no_local: false,
                        retain_as_published: false,
                        retained: Retained::All,
                    };
                    (text(filter), options)
                })
                .collect(),
            with_id: false,
        },
        v3::Packet::Unsubscribe(unsubscribe) => Incoming::Unsubscribe {
            pid: unsubscribe.pid,
            filters: unsubscribe.topics.iter().map(text).collect(),
        },
        v3::Packet::Pingreq => Incoming::Ping,
        v3::Packet::Disconnect => Incoming::Disconnect {
            keep_will: false,
            session_expiry: None,
        },
        _ => Incoming::OutOfPlace,
    })
}

fn read_v5(frame: &[u8]) -> Result<Incoming, ReadError> {
    let packet = v5::Packet::decode(frame)
        .map_err(malformed)?
        .ok_or_else(|| malformed("the packet is shorter than it says"))?;
    Ok(match packet {
        v5::Packet::Publish(publish) => {
            let alias = publish.properties.topic_alias.is_some();
            let mut message = Message::new(
                Arc::from(&*publish.topic_name),
                publish.payload,
                publish.retain,
            );
            message.qos = publish.qos_pid.qos();
            attach(&mut message, publish.properties);
            Incoming::Publish {
                message,
                pid: publish.qos_pid.pid(),
                alias,
            }
        }
        v5::Packet::Puback(ack) => Incoming::Puback(ack.pid),
        v5::Packet::Pubrec(ack) => Incoming::Pubrec {
            pid: ack.pid,
            accepted: (ack.reason_code as u8) < 0x80,
        },
        v5::Packet::Pubrel(ack) => Incoming::Pubrel(ack.pid),
        v5::Packet::Pubcomp(ack) => Incoming::Pubcomp(ack.pid),
        v5::Packet::Subscribe(subscribe) => Incoming::Subscribe {
            pid: subscribe.pid,
            filters: subscribe
                .topics
                .iter()
                .map(|(filter, options)| (text(filter), options_v5(*options)))
                .collect(),
            with_id: subscribe.properties.subscription_id.is_some(),
        },
        v5::Packet::Unsubscribe(unsubscribe) => Incoming::Unsubscribe {
            pid: unsubscribe.pid,
            filters: unsubscribe.topics.iter().map(text).collect(),
        },
        v5::Packet::Pingreq => Incoming::Ping,
        v5::Packet::Disconnect(disconnect) => Incoming::Disconnect {
            keep_will: disconnect.reason_code != v5::DisconnectReasonCode::NormalDisconnect,
            session_expiry: disconnect.properties.session_expiry_interval,
        },
        _ => Incoming::OutOfPlace,
    })
}

fn text(filter: &TopicFilter) -> Arc<str> {
    Arc::from(&**filter)
}

fn options_v5(options: v5::SubscriptionOptions) -> Options {
    Options {
        qos: options.max_qos,
        no_local: options.no_local,
        retain_as_published: options.retain_as_published,
        retained: match options.retain_handling {
            v5::RetainHandling::SendAtSubscribe => Retained::All,
            v5::RetainHandling::SendAtSubscribeIfNotExist => Retained::OnlyIfNew,
            v5::RetainHandling::DoNotSend => Retained::None,
        },
    }
}

/// A PUBLISH towards a client. `None` if the topic cannot be written, which a routed message's can.
pub(super) fn publish(
    version: Version,
    message: &Message,
    pid: Option<(QoS, Pid)>,
    retain: bool,
    dup: bool,
) -> Option<Bytes> {
    let qos_pid = match pid {
        None => QosPid::Level0,
        Some((QoS::Level2, pid)) => QosPid::Level2(pid),
        Some((_, pid)) => QosPid::Level1(pid),
    };
    let topic = TopicName::try_from(message.topic.clone()).ok()?;
    match version {
        Version::V3 => {
            let mut packet = v3::Publish::new(qos_pid, topic, message.payload.clone());
            packet.retain = retain;
            packet.dup = dup;
            encode_v3(&v3::Packet::Publish(packet))
        }
        Version::V5 => {
            let mut packet = v5::Publish::new(qos_pid, topic, message.payload.clone());
            packet.retain = retain;
            packet.dup = dup;
            if let Some(properties) = &message.properties {
                packet.properties = v5::PublishProperties::clone(properties);
                packet.properties.message_expiry_interval = message.expires_at.map(|at| {
                    let left = at.saturating_duration_since(Instant::now());
                    u32::try_from(left.as_secs()).unwrap_or(u32::MAX)
                });
            }
            encode_v5(&v5::Packet::Publish(packet))
        }
    }
}

pub(super) fn encode_v3(packet: &v3::Packet) -> Option<Bytes> {
    packet
        .encode()
        .ok()
        .map(|bytes| Bytes::copy_from_slice(bytes.as_ref()))
}

pub(super) fn encode_v5(packet: &v5::Packet) -> Option<Bytes> {
    packet
        .encode()
        .ok()
        .map(|bytes| Bytes::copy_from_slice(bytes.as_ref()))
}
