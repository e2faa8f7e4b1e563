//! rumqttc's clients for MQTT 5 and 3.1.1 behind one face.

use bytes::Bytes;
use rumqttc::v5;
use rumqttc::{NetworkOptions, Outgoing, TlsConfiguration, Transport};

use super::failure::Failure;
use super::tls::Encryption;
use super::{LinkConfig, Protocol};
use std::time::Duration;

/// Seconds between pings. Two without an answer end the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Larger packets end the connection, so this is generous: a document that is too large to
/// decode must not keep the rest from arriving. rumqttc's default is 10 kB.
const MAX_PACKET: u32 = 4 * 1024 * 1024;

/// Requests that may wait in rumqttc's queue: one subscription, one disconnect.
const REQUESTS: usize = 8;

/// rumqttc allocates a slot for each possible publish in flight, 65 535 by default: megabytes.
const IN_FLIGHT: u16 = 16;

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
    Welcome,
    /// The broker answered the subscription.
    Subscribed {
        /// Whether it granted any of it.
        any: bool,
    },
    Message(Message),
    /// Our disconnect is on the wire.
    Farewell,
    Other,
}

/// A connection, or an attempt at one.
pub(super) enum Wire {
    V5 {
        client: v5::AsyncClient,
        events: Box<v5::EventLoop>,
    },
    V3_1_1 {
        client: rumqttc::AsyncClient,
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
        match protocol {
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
                let (client, events) = v5::AsyncClient::new(options, REQUESTS);
                Self::V5 {
                    client,
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
                let (client, mut events) = rumqttc::AsyncClient::new(options, REQUESTS);
                events.set_network_options(network);
                Self::V3_1_1 {
                    client,
                    events: Box::new(events),
                }
            }
        }
    }

    /// Waits for the next thing to happen. After an error the wire is dead: asking again would
    /// connect anew.
    ///
    /// Once connected this may be cancelled without losing anything.
    pub(super) async fn next(&mut self) -> Result<Happened, Failure> {
        match self {
            Self::V5 { events, .. } => Ok(match events.poll().await? {
                v5::Event::Incoming(v5::Incoming::Publish(publish)) => Happened::Message(Message {
                    topic: publish.topic,
                    payload: publish.payload,
                    retained: publish.retain,
                }),
                v5::Event::Incoming(v5::Incoming::ConnAck(_)) => Happened::Welcome,
                v5::Event::Incoming(v5::Incoming::SubAck(answer)) => {
                    use v5::mqttbytes::v5::SubscribeReasonCode::Success;
                    let any = answer
                        .return_codes
                        .iter()
                        .any(|code| matches!(code, Success(_)));
                    Happened::Subscribed { any }
                }
                v5::Event::Outgoing(Outgoing::Disconnect) => Happened::Farewell,
                _ => Happened::Other,
            }),
            Self::V3_1_1 { events, .. } => Ok(match events.poll().await? {
                rumqttc::Event::Incoming(rumqttc::Incoming::Publish(publish)) => {
                    Happened::Message(Message {
                        topic: publish.topic.into(),
                        payload: publish.payload,
                        retained: publish.retain,
                    })
                }
                rumqttc::Event::Incoming(rumqttc::Incoming::ConnAck(_)) => Happened::Welcome,
                rumqttc::Event::Incoming(rumqttc::Incoming::SubAck(answer)) => {
                    use rumqttc::SubscribeReasonCode::Success;
                    let any = answer
                        .return_codes
                        .iter()
                        .any(|code| matches!(code, Success(_)));
                    Happened::Subscribed { any }
                }
                rumqttc::Event::Outgoing(Outgoing::Disconnect) => Happened::Farewell,
                _ => Happened::Other,
            }),
        }
    }

    /// Queues one subscription with all filters. Never waits: the queue is emptied by `next`,
    /// which the caller is in charge of.
    pub(super) fn subscribe(&self, filters: impl Iterator<Item = String>) -> Result<(), Failure> {
        let queued = match self {
            Self::V5 { client, .. } => {
                use v5::mqttbytes::{QoS::AtMostOnce, v5::Filter};
                client
                    .try_subscribe_many(filters.map(|path| Filter::new(path, AtMostOnce)))
                    .is_ok()
            }
            Self::V3_1_1 { client, .. } => {
                use rumqttc::{QoS::AtMostOnce, SubscribeFilter};
                let filters = filters.map(|path| SubscribeFilter::new(path, AtMostOnce));
                client.try_subscribe_many(filters).is_ok()
            }
        };
        queued
            .then_some(())
            .ok_or_else(|| Failure::Protocol("the topic prefix is not valid".into()))
    }

    /// Queues a disconnect; [`Happened::Farewell`] says that it is out.
    pub(super) fn take_leave(&self) -> bool {
        match self {
            Self::V5 { client, .. } => client.try_disconnect().is_ok(),
            Self::V3_1_1 { client, .. } => client.try_disconnect().is_ok(),
        }
    }
}
