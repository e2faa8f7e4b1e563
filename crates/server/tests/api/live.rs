//! The live feed, from a real broker to a WebSocket.

use std::time::{Duration, Instant};

use chrono::Utc;
use futures_util::StreamExt;
use http::Method;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use ladebuch_server::listen;
use ladebuch_sim::{SimConfig, SimHandle, Simulation};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_util::sync::CancellationToken;

use crate::house::{ADDRESS, House};

const PATIENCE: Duration = Duration::from_secs(20);

#[expect(clippy::disallowed_methods, reason = "the box's time is the real one")]
async fn simulation() -> SimHandle {
    Simulation::start(SimConfig::by_hand(Utc::now()))
        .await
        .unwrap()
}

/// The next message, whatever it is.
async fn next<S>(socket: &mut S) -> Option<Message>
where
    S: StreamExt<Item = Result<Message, tokio_tungstenite::tungstenite::Error>> + Unpin,
{
    let message = tokio::time::timeout(PATIENCE, socket.next())
        .await
        .expect("a message in time");
    message.map(Result::unwrap)
}

#[tokio::test]
async fn a_websocket_gets_a_snapshot_then_what_the_box_says_and_a_farewell() {
    let sim = simulation().await;
    let house = House::with_openwb(sim.addr()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn(listen::serve(
        listener,
        house.app.router(address),
        stop.clone(),
    ));

    let mut request = format!("ws://{address}/api/v1/live/ws")
        .into_client_request()
        .unwrap();
    let bearer = format!("Bearer {}", house.token()).parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let first = next(&mut socket).await.unwrap();
    let first: Value = serde_json::from_str(first.to_text().unwrap()).unwrap();
    assert_eq!(first["type"], "snapshot");
    assert_eq!(first["snapshot"]["demo"], false);

    let mut revision = first["snapshot"]["revision"].as_u64().unwrap();
    sim.control().set_pv(Some(4321.0)).await.unwrap();
    let power = loop {
        // The link may come up at any moment, so the box repeats itself until it is heard.
        sim.control().advance_cycle().await.unwrap();
        let message = next(&mut socket).await.unwrap();
        let message: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
        assert_eq!(message["type"], "changes");
        let later = message["revision"].as_u64().unwrap();
        assert!(later > revision, "only what is new is sent");
        revision = later;
        let devices = message["devices"].as_array().unwrap();
        let roof = devices.iter().find(|device| device["kind"] == "pv");
        if let Some(power) = roof.and_then(|roof| roof["power_w"].as_f64())
            && power > 4000.0
        {
            break power;
        }
    };
    assert!((power - 4321.0).abs() < 1.0, "{power}");

    house.app.stop().await;
    let close = loop {
        match next(&mut socket).await {
            Some(Message::Close(close)) => break close,
            Some(_) => {}
            None => panic!("the connection broke without a farewell"),
        }
    };
    assert_eq!(u16::from(close.unwrap().code), 1001);
    stop.cancel();
    server.await.unwrap();
    sim.stop().await;
}

#[tokio::test]
async fn the_window_gets_the_same_messages_without_a_port() {
    let sim = simulation().await;
    let house = House::with_openwb(sim.addr()).await;
    let mut feed = std::pin::pin!(house.app.live());
    let first: Value = serde_json::from_str(&feed.next().await.unwrap()).unwrap();
    assert_eq!(first["type"], "snapshot");
    let heard = async {
        while let Some(message) = feed.next().await {
            let message: Value = serde_json::from_str(&message).unwrap();
            if message["devices"]
                .as_array()
                .is_some_and(|devices| !devices.is_empty())
            {
                return true;
            }
        }
        false
    };
    assert!(tokio::time::timeout(PATIENCE, heard).await.unwrap());
    house.app.stop().await;
    let rest = tokio::time::timeout(PATIENCE, feed.count()).await;
    assert!(rest.is_ok(), "the feed ends when the program stops");
    sim.stop().await;
}

#[tokio::test]
async fn a_changed_zone_reaches_who_is_watching() {
    let house = House::open().await;
    let mut feed = std::pin::pin!(house.app.live());
    let mut zone = async || {
        let message = tokio::time::timeout(PATIENCE, feed.next()).await;
        let message: Value = serde_json::from_str(&message.unwrap().unwrap()).unwrap();
        assert_eq!(message["type"], "snapshot");
        message["snapshot"]["zone"].as_str().unwrap().to_owned()
    };
    assert_ne!(zone().await, "Asia/Kathmandu");
    let patch = json!({"zone": "Asia/Kathmandu"});
    let answer = house
        .send_json(Method::PATCH, "/api/v1/settings", &patch)
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(zone().await, "Asia/Kathmandu");
}

#[tokio::test]
async fn a_client_that_does_not_take_its_messages_is_dropped() {
    let house = House::open().await;
    // A connection that holds 64 bytes, so that the first message already gets stuck.
    let (mut client, server) = tokio::io::duplex(64);
    let service = TowerToHyperService::new(house.router.clone());
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(server), service)
        .with_upgrades();
    tokio::spawn(connection);
    let handshake = format!(
        "GET /api/v1/live/ws HTTP/1.1\r\nHost: {ADDRESS}\r\nAuthorization: Bearer {}\r\n\
         Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        house.token()
    );
    client.write_all(handshake.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    // The first byte of the snapshot shows that the server is sending; then nothing more is read.
    client.read_u8().await.unwrap();
    let stuck = Instant::now();
    let waiting = tokio::time::timeout(PATIENCE, client.write_all(&[0; 4096])).await;
    assert!(
        waiting.expect("the server gives up").is_err(),
        "it does not take what is sent either"
    );
    let waited = stuck.elapsed();
    assert!(
        waited > Duration::from_secs(4) && waited < Duration::from_secs(9),
        "{waited:?}"
    );
}
