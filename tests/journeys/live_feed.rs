//! The live feed over the WebSocket: the whole picture first, then changes, to everybody in time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ladebuch_engine::clock::SystemClock;
use ladebuch_tests::house::{House, SOON};
use ladebuch_tests::live_socket::LiveSocket;
use ladebuch_tests::mosquitto::Mosquitto;
use ladebuch_tests::mqtt::Publisher;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

struct Scene {
    house: House,
    publisher: Publisher,
    _broker: Mosquitto,
    _dir: TempDir,
}

async fn live_house() -> Scene {
    let broker = Mosquitto::start().await;
    let mut publisher = Publisher::connect(broker.addr(), "box").await;
    publisher.keep_captured_box().await;
    let dir = TempDir::new().unwrap();
    let house = House::open(dir.path(), SystemClock::default()).await;
    house.connect(broker.addr()).await;
    let mut live = house.live().await;
    live.until(SOON, "the box is known", |picture| {
        picture.device("chargepoint/3").map(drop)
    })
    .await;
    publisher.heartbeat().await;
    live.until(SOON, "the box is live", |picture| {
        (picture.state() == "live").then_some(())
    })
    .await;
    Scene {
        house,
        publisher,
        _broker: broker,
        _dir: dir,
    }
}

async fn shows_power(live: &mut LiveSocket, watts: f64) {
    live.until(SOON, "the new power", |picture| {
        (picture.number("counter/0", "power_w") == Some(watts)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_arrives_as_whole_objects_and_nothing_else_with_it() {
    let mut scene = live_house().await;
    let mut live = scene.house.live().await;
    let before = live.picture.snapshot["revision"].as_u64().unwrap();
    scene
        .publisher
        .say("openWB/counter/0/get/power", "-1234.5")
        .await;
    let message = loop {
        let message = live.next().await.unwrap();
        assert_eq!(message["type"], "changes");
        if live.picture.number("counter/0", "power_w") == Some(-1_234.5) {
            break message;
        }
    };
    assert!(message["revision"].as_u64().unwrap() > before);
    let devices = message["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 1, "only the grid meter spoke: {devices:#?}");
    assert!(
        devices[0]["imported_wh"].is_number(),
        "an object comes whole"
    );
    let whole = scene.house.picture().await;
    assert_eq!(live.picture.snapshot["house"], whole.snapshot["house"]);
    assert_eq!(
        live.picture.snapshot["devices"].as_array().unwrap().len(),
        6
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_begins_with_the_present_picture() {
    let mut scene = live_house().await;
    let mut first = scene.house.live().await;
    scene
        .publisher
        .say("openWB/counter/0/get/power", "111")
        .await;
    shows_power(&mut first, 111.0).await;
    drop(first);
    scene
        .publisher
        .say("openWB/counter/0/get/power", "222")
        .await;
    let mut other = scene.house.live().await;
    shows_power(&mut other, 222.0).await;
    let again = scene.house.live().await;
    assert_eq!(again.picture.number("counter/0", "power_w"), Some(222.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_listeners_end_with_the_same_picture() {
    let mut scene = live_house().await;
    let mut listeners = Vec::new();
    for _ in 0..20 {
        listeners.push(scene.house.live().await);
    }
    for watts in 1..=500 {
        scene
            .publisher
            .say("openWB/counter/0/get/power", watts.to_string())
            .await;
    }
    for live in &mut listeners {
        shows_power(live, 500.0).await;
    }
}

/// Nothing is kept for a listener who does not listen: it is let go, and nobody waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_dropped_and_holds_nobody_up() {
    let mut scene = live_house().await;
    let mut quick = scene.house.live().await;
    let mut slow = open_and_never_read(&scene.house).await;
    let begun = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut watts = 0.0;
    // Once the server has closed the connection, its kernel answers what still comes with a reset.
    while begun.elapsed() < Duration::from_secs(60) {
        watts += 1.0;
        let sent = Instant::now();
        for topic in [
            "counter/0",
            "pv/1",
            "bat/2",
            "chargepoint/3",
            "chargepoint/4",
        ] {
            scene
                .publisher
                .say(&format!("openWB/{topic}/get/power"), watts.to_string())
                .await;
        }
        shows_power(&mut quick, watts).await;
        slowest = slowest.max(sent.elapsed());
        if slow.write_all(&PING).await.is_err() {
            assert!(
                slowest < Duration::from_secs(2),
                "the others waited {slowest:?}"
            );
            return;
        }
    }
    panic!("the client that does not read is still connected after {watts} changes");
}

/// A masked ping without a payload.
const PING: [u8; 6] = [0x89, 0x80, 1, 2, 3, 4];

/// A WebSocket with a small receive buffer that reads no further than the handshake.
async fn open_and_never_read(house: &House) -> TcpStream {
    let addr: SocketAddr = house
        .api
        .base()
        .strip_prefix("http://")
        .unwrap()
        .parse()
        .unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(addr).await.unwrap();
    let token = house.api.token().unwrap();
    let request = format!(
        "GET /api/v1/live/ws HTTP/1.1\r\nHost: {addr}\r\nAuthorization: Bearer {token}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 101");
    stream
}
