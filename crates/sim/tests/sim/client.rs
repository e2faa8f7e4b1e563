//! An MQTT 5 client that waits for answers instead of for time.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, TimeZone as _, Utc};
use ladebuch_sim::{SimConfig, SimHandle, Simulation};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnAck, Packet, PubAckReason, Publish};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};

/// Longer than anything here takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A summer's noon, local time 14:00.
pub(crate) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 21, 12, 0, 0).unwrap()
}

/// A simulation in which nothing moves by itself.
pub(crate) async fn still() -> SimHandle {
    Simulation::start(SimConfig::by_hand(noon())).await.unwrap()
}

pub(crate) struct Client {
    client: AsyncClient,
    events: EventLoop,
    backlog: VecDeque<Publish>,
    pub(crate) connack: ConnAck,
}

impl Client {
    pub(crate) async fn connect(addr: SocketAddr, id: &str) -> Self {
        Self::connect_with(options(addr, id)).await
    }

    pub(crate) async fn connect_with(options: MqttOptions) -> Self {
        let (client, mut events) = AsyncClient::new(options, 64);
        loop {
            if let Event::Incoming(Packet::ConnAck(connack)) = poll(&mut events).await {
                return Self {
                    client,
                    events,
                    backlog: VecDeque::new(),
                    connack,
                };
            }
        }
    }

    /// Subscribes and waits until that is granted.
    pub(crate) async fn subscribe(&mut self, filter: &str, qos: QoS) {
        self.client.subscribe(filter, qos).await.unwrap();
        loop {
            match self.packet().await {
                Packet::SubAck(_) => return,
                Packet::Publish(publish) => self.backlog.push_back(publish),
                _ => {}
            }
        }
    }

    /// Publishes with QoS 1 and waits for what the broker says to it.
    pub(crate) async fn publish(
        &mut self,
        topic: &str,
        payload: &str,
        retain: bool,
    ) -> PubAckReason {
        self.client
            .publish(topic, QoS::AtLeastOnce, retain, payload.to_owned())
            .await
            .unwrap();
        loop {
            match self.packet().await {
                Packet::PubAck(ack) => return ack.reason,
                Packet::Publish(publish) => self.backlog.push_back(publish),
                _ => {}
            }
        }
    }

    /// The next message.
    pub(crate) async fn message(&mut self) -> Publish {
        if let Some(publish) = self.backlog.pop_front() {
            return publish;
        }
        loop {
            if let Packet::Publish(publish) = self.packet().await {
                return publish;
            }
        }
    }

    /// All messages up to and including the first on a topic, as `(topic, payload)`.
    pub(crate) async fn messages_until(&mut self, topic: &str) -> Vec<(String, String)> {
        let mut seen = Vec::new();
        loop {
            let message = text(&self.message().await);
            let is_last = message.0 == topic;
            seen.push(message);
            if is_last {
                return seen;
            }
        }
    }

    /// The next packet, whatever it is.
    pub(crate) async fn packet(&mut self) -> Packet {
        loop {
            if let Event::Incoming(packet) = poll(&mut self.events).await {
                return packet;
            }
        }
    }

    /// Waits for the end of the connection.
    pub(crate) async fn ended(mut self) -> String {
        let ended = async {
            loop {
                if let Err(error) = self.events.poll().await {
                    return error.to_string();
                }
            }
        };
        tokio::time::timeout(PATIENCE, ended)
            .await
            .expect("the connection ends")
    }

    pub(crate) async fn disconnect(mut self) {
        self.client.disconnect().await.unwrap();
        // The loop ends with the connection.
        while self.events.poll().await.is_ok() {}
    }
}

async fn poll(events: &mut EventLoop) -> Event {
    tokio::time::timeout(PATIENCE, events.poll())
        .await
        .expect("an answer in time")
        .expect("a connection")
}

pub(crate) fn options(addr: SocketAddr, id: &str) -> MqttOptions {
    let mut options = MqttOptions::new(id, addr.ip().to_string(), addr.port());
    options.set_clean_start(true);
    options.set_keep_alive(Duration::from_secs(30));
    options
}

pub(crate) fn text(publish: &Publish) -> (String, String) {
    (
        String::from_utf8(publish.topic.to_vec()).unwrap(),
        String::from_utf8(publish.payload.to_vec()).unwrap(),
    )
}

/// The payload retained on a topic.
pub(crate) fn retained(sim: &SimHandle, topic: &str) -> Option<String> {
    let message = sim.broker().retained(topic).into_iter().next()?;
    Some(String::from_utf8(message.payload.to_vec()).unwrap())
}
