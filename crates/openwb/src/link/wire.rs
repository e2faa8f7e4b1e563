//! rumqttc's clients for MQTT 5 and 3.1.1 behind one face.

use bytes::Bytes;
use rumqttc::v5;
use rumqttc::{NetworkOptions, Outgoing, TlsConfiguration, Transport};

use super::failure::Failure;
use super::tls::Encryption;
use super::writer::{Delivery, Outcome, WriteError};
use super::{LinkConfig, Protocol};
use crate::command::Write;
use std::time::Duration;

/// Seconds between pings. Two without an answer end the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Larger packets end the connection, so this is generous: a document that is too large to
/// decode must not keep the rest from arriving. rumqttc's default is 10 kB.
const MAX_PACKET: u32 = 4 * 1024 * 1024;

/// rumqttc allocates a slot for each possible publish in flight, 65 535 by default: megabytes.
const IN_FLIGHT: u16 = 16;

/// Requests that may wait in rumqttc's queue: all publishes, one subscription, one disconnect.
const REQUESTS: usize = IN_FLIGHT as usize + 2;

/// rumqttc's own limit, in seconds. The link applies its own, which is shorter.
const NETWORK_TIMEOUT: u64 = 3600;

/// A message as it came.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) topic: Bytes,
    pub(super) payload: Bytes,
    pub(super) retained: bool,
}

/// What happened on the connection.
#[derive(Debug)]
pub(super) enum Happened {
    /// The broker accepted the connection.
    Welcome {
        /// How many publishes may be unanswered, and how many packet ids rumqttc uses for them.
        in_flight: u16,
    },
    /// The broker answered the subscription.
    Subscribed {
        /// Whether it granted any of it.
        any: bool,
    },
    Message(Message),
    /// A publish is on the wire.
    Published {
        packet: u16,
    },
    /// The broker answered a publish.
    Acknowledged {
        packet: u16,
        outcome: Outcome,
    },
    /// Our disconnect is on the wire.
    Farewell,
    Other,
}

/// A connection, or an attempt at one.
pub(super) struct Wire {
    client: Client,
    /// Why the connection ended, kept back until everything that came before was taken.
    ended: Option<Failure>,
}

enum Client {
    V5 {
        requests: v5::AsyncClient,
        events: Box<v5::EventLoop>,
    },
    V3_1_1 {
        requests: rumqttc::AsyncClient,
        events: Box<rumqttc::EventLoop>,
    },
}

impl Wire {
    pub(super) fn new(
        protocol: Protocol,
        config: &LinkConfig,
        client_id: &str,
        encryption: Option<&Encryption>,
    ) -> Self {
        let transport = match encryption {
            Some(encryption) => {
                Transport::tls_with_config(TlsConfiguration::Rustls(encryption.client.clone()))
            }
            None => Transport::tcp(),
        };
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        network.set_connection_timeout(NETWORK_TIMEOUT);
        let client = match protocol {
            Protocol::V5 => {
                let mut options = v5::MqttOptions::new(client_id, config.bare_host(), config.port);
                options
                    .set_transport(transport)
                    .set_clean_start(true)
                    .set_keep_alive(KEEP_ALIVE)
                    .set_connection_timeout(NETWORK_TIMEOUT)
                    .set_max_packet_size(Some(MAX_PACKET))
                    .set_outgoing_inflight_upper_limit(IN_FLIGHT)
                    .set_network_options(network);
                if let Some(login) = &config.credentials {
                    options.set_credentials(&login.username, &login.password);
                }
                let (requests, events) = v5::AsyncClient::new(options, REQUESTS);
                Client::V5 {
                    requests,
                    events: Box::new(events),
                }
            }
            Protocol::V3_1_1 => {
                let mut options =
                    rumqttc::MqttOptions::new(client_id, config.bare_host(), config.port);
                let limit = MAX_PACKET as usize;
                options
                    .set_transport(transport)
                    .set_clean_session(true)
                    .set_keep_alive(KEEP_ALIVE)
                    .set_max_packet_size(limit, limit)
                    .set_inflight(IN_FLIGHT);
                if let Some(login) = &config.credentials {
                    options.set_credentials(&login.username, &login.password);
                }
                let (requests, mut events) = rumqttc::AsyncClient::new(options, REQUESTS);
                events.set_network_options(network);
                Client::V3_1_1 {
                    requests,
                    events: Box::new(events),
                }
            }
        };
        Self {
            client,
            ended: None,
        }
    }

    /// Waits for the next thing to happen. After an error the wire is dead: asking again would
    /// connect anew.
    ///
    /// Once connected this may be cancelled without losing anything.
    pub(super) async fn next(&mut self) -> Result<Happened, Failure> {
        if self.ended.is_none() {
            match self.client.poll().await {
                Ok(happened) => return Ok(happened),
                Err(failure) => self.ended = Some(failure),
            }
        }
        // rumqttc reads several packets at once. When the connection ends among them, it reports
        // the end first and keeps the packets.
        match self.client.left_over() {
            Some(happened) => Ok(happened),
            None => Err(self.ended.take().unwrap_or(Failure::Closed)),
        }
    }

    /// Queues one subscription with all filters. Never waits: the queue is emptied by `next`,
    /// which the caller is in charge of.
    pub(super) fn subscribe(&self, filters: impl Iterator<Item = String>) -> Result<(), Failure> {
        let queued = match &self.client {
            Client::V5 { requests, .. } => {
                use v5::mqttbytes::{QoS::AtMostOnce, v5::Filter};
                requests
                    .try_subscribe_many(filters.map(|path| Filter::new(path, AtMostOnce)))
                    .is_ok()
            }
            Client::V3_1_1 { requests, .. } => {
                use rumqttc::{QoS::AtMostOnce, SubscribeFilter};
                let filters = filters.map(|path| SubscribeFilter::new(path, AtMostOnce));
                requests.try_subscribe_many(filters).is_ok()
            }
        };
        queued
            .then_some(())
            .ok_or_else(|| Failure::Protocol("the topic prefix is not valid".into()))
    }

    /// Queues a publish with QoS 1; [`Happened::Published`] says that it is out. Never waits.
    pub(super) fn publish(&self, topic: String, write: &Write) -> Result<(), WriteError> {
        let payload = write.payload().to_owned();
        let retain = write.deletes();
        let queued = match &self.client {
            Client::V5 { requests, .. } => {
                use v5::mqttbytes::QoS::AtLeastOnce;
                requests
                    .try_publish(topic, AtLeastOnce, retain, payload)
                    .is_ok()
            }
            Client::V3_1_1 { requests, .. } => {
                use rumqttc::QoS::AtLeastOnce;
                requests
                    .try_publish(topic, AtLeastOnce, retain, payload)
                    .is_ok()
            }
        };
        queued.then_some(()).ok_or(WriteError::QueueFull)
    }

    /// Queues a disconnect; [`Happened::Farewell`] says that it is out.
    pub(super) fn take_leave(&self) -> bool {
        match &self.client {
            Client::V5 { requests, .. } => requests.try_disconnect().is_ok(),
            Client::V3_1_1 { requests, .. } => requests.try_disconnect().is_ok(),
        }
    }
}

impl Client {
    async fn poll(&mut self) -> Result<Happened, Failure> {
        Ok(match self {
            Self::V5 { events, .. } => events.poll().await?.into(),
            Self::V3_1_1 { events, .. } => events.poll().await?.into(),
        })
    }

    fn left_over(&mut self) -> Option<Happened> {
        match self {
            Self::V5 { events, .. } => events.state.events.pop_front().map(Into::into),
            Self::V3_1_1 { events, .. } => events.state.events.pop_front().map(Into::into),
        }
    }
}

impl From<v5::Event> for Happened {
    fn from(event: v5::Event) -> Self {
        use v5::mqttbytes::v5::SubscribeReasonCode::Success;
        match event {
            v5::Event::Incoming(v5::Incoming::Publish(publish)) => Self::Message(Message {
                topic: publish.topic,
                payload: publish.payload,
                retained: publish.retain,
            }),
            v5::Event::Incoming(v5::Incoming::ConnAck(welcome)) => Self::Welcome {
                in_flight: welcome
                    .properties
                    .and_then(|properties| properties.receive_max)
                    .map_or(IN_FLIGHT, |limit| limit.min(IN_FLIGHT)),
            },
            v5::Event::Incoming(v5::Incoming::PubAck(answer)) => Self::Acknowledged {
                packet: answer.pkid,
                outcome: outcome(answer.reason),
            },
            v5::Event::Outgoing(Outgoing::Publish(packet)) => Self::Published { packet },
            v5::Event::Incoming(v5::Incoming::SubAck(answer)) => Self::Subscribed {
                any: answer
                    .return_codes
                    .iter()
                    .any(|code| matches!(code, Success(_))),
            },
            v5::Event::Outgoing(Outgoing::Disconnect) => Self::Farewell,
            _ => Self::Other,
        }
    }
}

impl From<rumqttc::Event> for Happened {
    fn from(event: rumqttc::Event) -> Self {
        use rumqttc::SubscribeReasonCode::Success;
        match event {
            rumqttc::Event::Incoming(rumqttc::Incoming::Publish(publish)) => {
                Self::Message(Message {
                    topic: publish.topic.into(),
                    payload: publish.payload,
                    retained: publish.retain,
                })
            }
            rumqttc::Event::Incoming(rumqttc::Incoming::ConnAck(_)) => Self::Welcome {
                in_flight: IN_FLIGHT,
            },
            rumqttc::Event::Incoming(rumqttc::Incoming::PubAck(answer)) => Self::Acknowledged {
                packet: answer.pkid,
                outcome: Ok(Delivery::Unverified),
            },
            rumqttc::Event::Outgoing(Outgoing::Publish(packet)) => Self::Published { packet },
            rumqttc::Event::Incoming(rumqttc::Incoming::SubAck(answer)) => Self::Subscribed {
                any: answer
                    .return_codes
                    .iter()
                    .any(|code| matches!(code, Success(_))),
            },
            rumqttc::Event::Outgoing(Outgoing::Disconnect) => Self::Farewell,
            _ => Self::Other,
        }
    }
}

fn outcome(reason: v5::mqttbytes::v5::PubAckReason) -> Outcome {
    use v5::mqttbytes::v5::PubAckReason as Reason;
    match reason {
        Reason::Success => Ok(Delivery::Accepted),
        Reason::NoMatchingSubscribers => Ok(Delivery::Unheard),
        Reason::NotAuthorized => Err(WriteError::NotAuthorized),
        Reason::QuotaExceeded => Err(WriteError::QuotaExceeded),
        Reason::TopicNameInvalid => Err(WriteError::InvalidTopic),
        Reason::UnspecifiedError => Err(WriteError::Refused { code: 0x80 }),
        Reason::ImplementationSpecificError => Err(WriteError::Refused { code: 0x83 }),
        Reason::PacketIdentifierInUse => Err(WriteError::Refused { code: 0x91 }),
        Reason::PayloadFormatInvalid => Err(WriteError::Refused { code: 0x99 }),
    }
}
