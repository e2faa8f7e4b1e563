//! Brokers that do not behave like mosquitto.

use std::future::Future;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// Serves every connection with `serve`; returns the port.
pub async fn serve<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> u16
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    port
}

/// Takes connections and never says a word.
pub async fn silent(mut stream: TcpStream) {
    let mut bytes = [0; 256];
    while stream.read(&mut bytes).await.is_ok_and(|n| n > 0) {}
}

/// Knows MQTT 3.1.1 only: refuses level 5 as the older standard says, with a packet MQTT 5 does
/// not have, and closes. Grants subscriptions with `granted`, publishes a grid power, and closes
/// too. Notes the levels that clients wanted.
pub async fn old(mut stream: TcpStream, granted: u8, levels: Arc<Mutex<Vec<u8>>>) {
    let (_, connect) = packet(&mut stream).await;
    // Protocol name (2 + 4 bytes), then the level.
    levels.lock().unwrap().push(connect[6]);
    if connect[6] != 4 {
        stream.write_all(&[0x20, 2, 0, 1]).await.unwrap();
        return;
    }
    stream.write_all(&[0x20, 2, 0, 0]).await.unwrap();
    let (kind, subscribe) = packet(&mut stream).await;
    assert_eq!(kind, 0x82);
    let filters = count_filters(&subscribe[2..]);
    let mut answer = vec![
        0x90,
        u8::try_from(filters + 2).unwrap(),
        subscribe[0],
        subscribe[1],
    ];
    answer.extend(std::iter::repeat_n(granted, filters));
    stream.write_all(&answer).await.unwrap();
    let topic = crate::POWER.as_bytes();
    let mut publish = vec![
        0x31,
        u8::try_from(topic.len() + 4).unwrap(),
        0,
        u8::try_from(topic.len()).unwrap(),
    ];
    publish.extend(topic);
    publish.extend(b"42");
    stream.write_all(&publish).await.unwrap();
}

/// Speaks MQTT 5, and gives every session away at once.
pub async fn giving_away(mut stream: TcpStream) {
    packet(&mut stream).await;
    stream.write_all(&[0x20, 3, 0, 0, 0]).await.unwrap();
    packet(&mut stream).await;
    stream.write_all(&[0xe0, 2, 0x8e, 0]).await.unwrap();
    silent(stream).await;
}

/// A real broker that refuses MQTT 5.
pub async fn without_5(mut stream: TcpStream, broker: u16) {
    let mut start = [0; 9];
    while stream.peek(&mut start).await.unwrap() < start.len() {}
    // The type, a length of one byte, the protocol name (2 + 4 bytes), then the level.
    if start[8] != 4 {
        stream.write_all(&[0x20, 2, 0, 1]).await.unwrap();
        return;
    }
    let mut broker = TcpStream::connect(("127.0.0.1", broker)).await.unwrap();
    copy_bidirectional(&mut stream, &mut broker).await.ok();
}

/// Speaks MQTT 5 and allows `window` publishes at a time. Reads that many, and answers them in
/// reverse order with these reasons; hangs up when it has used up all of them.
pub async fn answering(mut stream: TcpStream, window: u8, mut reasons: Vec<u8>) {
    packet(&mut stream).await;
    // One property: the receive maximum.
    let welcome = [0x20, 6, 0, 0, 3, 0x21, 0, window];
    stream.write_all(&welcome).await.unwrap();
    packet(&mut stream).await;
    while !reasons.is_empty() {
        let mut answers = Vec::new();
        for reason in reasons.drain(..usize::from(window)) {
            let (kind, publish) = packet(&mut stream).await;
            assert_eq!(kind, 0x32, "QoS 1, not retained");
            let id = 2 + usize::from(u16::from_be_bytes([publish[0], publish[1]]));
            answers.push([0x40, 3, publish[id], publish[id + 1], reason]);
        }
        for answer in answers.iter().rev() {
            stream.write_all(answer).await.unwrap();
        }
    }
    packet(&mut stream).await;
}

/// Speaks MQTT 5 and answers no publish.
pub async fn unanswering(mut stream: TcpStream) {
    packet(&mut stream).await;
    stream.write_all(&[0x20, 3, 0, 0, 0]).await.unwrap();
    silent(stream).await;
}

/// Not a broker at all.
pub async fn web_server(mut stream: TcpStream) {
    let answer = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
    stream.write_all(answer).await.ok();
    stream.shutdown().await.ok();
}

async fn packet(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let kind = stream.read_u8().await.unwrap();
    let mut length = 0;
    for shift in [0, 7, 14, 21] {
        let byte = stream.read_u8().await.unwrap();
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    (kind, body)
}

fn count_filters(mut filters: &[u8]) -> usize {
    let mut count = 0;
    while let [high, low, rest @ ..] = filters {
        filters = &rest[usize::from(u16::from_be_bytes([*high, *low])) + 1..];
        count += 1;
    }
    count
}
