//! The other side of a broker: something that publishes what a box would.
//!
//! Packets are written to the socket as MQTT 3.1.1 with QoS 0 or 1, so that payloads may be anything
//! and a bench can prepare its bytes beforehand.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::capture::{self, Message};
use crate::eventually::in_time;
use crate::house::SOON;

const CONNECT: u8 = 0x10;
const CONNACK: u8 = 0x20;
const PUBLISH: u8 = 0x30;
const PUBACK: u8 = 0x40;
const SUBSCRIBE: u8 = 0x82;
const QOS_1: u8 = 0x02;
const RETAIN: u8 = 0x01;

/// A client that only publishes.
#[derive(Debug)]
pub struct Publisher {
    stream: TcpStream,
    next_id: u16,
}

impl Publisher {
    /// Connects under an id; a broker that knows it throws the other one out.
    ///
    /// # Panics
    /// If the broker does not let it in.
    pub async fn connect(broker: SocketAddr, client_id: &str) -> Self {
        Self::log_in(broker, client_id, None).await
    }

    /// Connects with user and password.
    ///
    /// # Panics
    /// If the broker does not let it in.
    pub async fn log_in(
        broker: SocketAddr,
        client_id: &str,
        credentials: Option<(&str, &str)>,
    ) -> Self {
        let mut stream = TcpStream::connect(broker).await.expect("a broker");
        stream.set_nodelay(true).expect("a TCP socket");
        let clean = 0x02;
        let flags = if credentials.is_some() {
            clean | 0xc0
        } else {
            clean
        };
        // Keep alive 0: the publisher may be silent for as long as it likes.
        let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, flags, 0, 0];
        text(&mut body, client_id);
        if let Some((user, password)) = credentials {
            text(&mut body, user);
            text(&mut body, password);
        }
        stream
            .write_all(&packet(CONNECT, &body))
            .await
            .expect("a connection");
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(
            (answer[0], answer[3]),
            (CONNACK, 0),
            "the broker refused {client_id}"
        );
        Self { stream, next_id: 1 }
    }

    /// Publishes with QoS 0.
    ///
    /// # Panics
    /// If the connection is gone.
    pub async fn say(&mut self, topic: &str, payload: impl AsRef<[u8]>) {
        self.write(&publish(topic, payload.as_ref(), false)).await;
    }

    /// Publishes with QoS 1 and retain, and waits until the broker has it.
    ///
    /// # Panics
    /// If the connection is gone.
    pub async fn keep(&mut self, topic: &str, payload: impl AsRef<[u8]>) {
        let id = self.next_id;
        self.next_id = id % u16::MAX + 1;
        let mut body = Vec::new();
        text(&mut body, topic);
        body.extend(id.to_be_bytes());
        body.extend(payload.as_ref());
        self.write(&packet(PUBLISH | QOS_1 | RETAIN, &body)).await;
        let mut answer = [0; 4];
        self.stream
            .read_exact(&mut answer)
            .await
            .expect("an answer");
        assert_eq!((answer[0], &answer[2..]), (PUBACK, &id.to_be_bytes()[..]));
    }

    /// Publishes the whole captured tree, retained, as after a start of the box.
    pub async fn keep_captured_box(&mut self) {
        let all = async {
            for Message { topic, payload } in capture::retained() {
                self.keep(&topic, payload).await;
            }
        };
        in_time(SOON, "the broker has the captured tree", all).await;
    }

    /// The box's sign of life.
    pub async fn heartbeat(&mut self) {
        self.say("openWB/system/time", "1795335240.25").await;
    }

    /// Writes packets that were made before.
    ///
    /// # Panics
    /// If the connection is gone.
    pub async fn write(&mut self, packets: &[u8]) {
        self.stream.write_all(packets).await.expect("a connection");
    }
}

/// The payload that a broker keeps, or next receives, on a topic.
///
/// # Panics
/// If the broker goes away before there is one.
pub async fn kept(broker: SocketAddr, topic: &str) -> String {
    let Publisher { mut stream, .. } = Publisher::connect(broker, "reader").await;
    let mut body = vec![0, 1];
    text(&mut body, topic);
    body.push(0);
    stream
        .write_all(&packet(SUBSCRIBE, &body))
        .await
        .expect("a connection");
    loop {
        let kind = stream.read_u8().await.expect("a packet");
        let mut length = 0;
        for shift in (0..28).step_by(7) {
            let byte = stream.read_u8().await.expect("a length");
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("a whole packet");
        if kind & 0xf0 == PUBLISH {
            let payload = body.split_off(2 + topic.len());
            return String::from_utf8(payload).expect("text");
        }
    }
}

/// A PUBLISH packet with QoS 0.
#[must_use]
pub fn publish(topic: &str, payload: &[u8], retain: bool) -> Vec<u8> {
    let mut body = Vec::with_capacity(topic.len() + payload.len() + 2);
    text(&mut body, topic);
    body.extend_from_slice(payload);
    packet(if retain { PUBLISH | RETAIN } else { PUBLISH }, &body)
}

fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(body.len() + 5);
    packet.push(kind);
    let mut rest = body.len();
    loop {
        let low = u8::try_from(rest % 128).expect("seven bits");
        rest /= 128;
        packet.push(if rest > 0 { low | 0x80 } else { low });
        if rest == 0 {
            break;
        }
    }
    packet.extend_from_slice(body);
    packet
}

fn text(body: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).expect("a text of at most 64 kB");
    body.extend(length.to_be_bytes());
    body.extend(text.as_bytes());
}
