//! The broker against the standard, with rumqttc and with bare bytes.

use std::net::{Ipv4Addr, SocketAddr};

use ladebuch_sim::Credentials;
use ladebuch_sim::broker::{Acl, Broker, BrokerConfig};
use proptest::prelude::*;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, LastWill, PubAckReason};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Client, options, text};

async fn broker(acl: Acl, credentials: Option<Credentials>) -> Broker {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Broker::start(BrokerConfig {
        listen,
        credentials,
        acl,
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_subscriber_gets_the_retained_messages_then_the_live_ones() {
    let broker = broker(Acl::open(), None).await;
    for n in 0..800 {
        broker
            .publish(&format!("tree/{n}"), format!("{n}"), true)
            .unwrap();
    }
    let mut client = Client::connect(broker.addr(), "reader").await;
    client.subscribe("tree/#", QoS::AtMostOnce).await;
    let mut topics = std::collections::BTreeSet::new();
    for _ in 0..800 {
        let message = client.message().await;
        assert!(message.retain);
        topics.insert(text(&message).0);
    }
    assert_eq!(topics.len(), 800);
    broker.publish("tree/3", "new", true).unwrap();
    let message = client.message().await;
    assert!(!message.retain, "a live message does not carry the flag");
    assert_eq!(text(&message), ("tree/3".to_owned(), "new".to_owned()));
    broker.publish("tree/3", "", true).unwrap();
    assert_eq!(text(&client.message().await).1, "");
    assert!(broker.retained("tree/3").is_empty());
    broker.stop().await;
}

#[tokio::test]
async fn a_denied_publish_is_refused_with_its_reason() {
    let broker = broker(Acl::openwb(), None).await;
    let mut client = Client::connect(broker.addr(), "app").await;
    let denied = client
        .publish("openWB/chargepoint/3/set/manual_lock", "true", false)
        .await;
    assert_eq!(denied, PubAckReason::NotAuthorized);
    let allowed = client
        .publish("openWB/set/chargepoint/3/set/manual_lock", "true", false)
        .await;
    assert_eq!(allowed, PubAckReason::Success);
    broker.stop().await;
}

#[tokio::test]
async fn reading_is_bound_by_the_rights_too() {
    let broker = broker(Acl::openwb(), None).await;
    let mut client = Client::connect(broker.addr(), "app").await;
    client.subscribe("#", QoS::AtMostOnce).await;
    broker.publish("secret/x", "1", false).unwrap();
    broker.publish("openWB/x", "2", false).unwrap();
    assert_eq!(text(&client.message().await).0, "openWB/x");
    broker.stop().await;
}

#[tokio::test]
async fn a_second_connection_takes_the_session_over() {
    let broker = broker(Acl::open(), None).await;
    let mut first = TcpStream::connect(broker.addr()).await.unwrap();
    // MQTT 5, client id "same".
    first
        .write_all(b"\x10\x11\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x04same")
        .await
        .unwrap();
    let mut connack = [0; 4];
    first.read_exact(&mut connack).await.unwrap();
    assert_eq!((connack[0], connack[3]), (0x20, 0), "accepted");
    let second = Client::connect(broker.addr(), "same").await;
    let mut rest = Vec::new();
    first.read_to_end(&mut rest).await.unwrap();
    assert!(rest.ends_with(&[0xE0, 2, 0x8E, 0]), "{rest:x?}");
    assert_eq!(broker.clients().len(), 1);
    second.disconnect().await;
    broker.stop().await;
}

#[tokio::test]
async fn a_session_is_resumed_with_what_it_missed() {
    let broker = broker(Acl::open(), None).await;
    let mut options = options(broker.addr(), "keeper");
    options.set_clean_start(false);
    options.set_connect_properties(rumqttc::v5::mqttbytes::v5::ConnectProperties {
        session_expiry_interval: Some(600),
        ..rumqttc::v5::mqttbytes::v5::ConnectProperties::new()
    });
    let mut keeper = Client::connect_with(options.clone()).await;
    assert!(!keeper.connack.session_present);
    keeper.subscribe("news", QoS::AtLeastOnce).await;
    keeper.disconnect().await;
    let mut writer = Client::connect(broker.addr(), "writer").await;
    writer.publish("news", "missed", false).await;
    let mut keeper = Client::connect_with(options).await;
    assert!(keeper.connack.session_present);
    assert_eq!(text(&keeper.message().await).1, "missed");
    broker.stop().await;
}

#[tokio::test]
async fn a_clean_start_forgets_everything() {
    let broker = broker(Acl::open(), None).await;
    let mut first = Client::connect(broker.addr(), "app").await;
    first.subscribe("news", QoS::AtLeastOnce).await;
    first.disconnect().await;
    let second = Client::connect(broker.addr(), "app").await;
    assert!(!second.connack.session_present);
    broker.stop().await;
}

#[tokio::test]
async fn a_will_is_published_only_when_a_client_vanishes() {
    let broker = broker(Acl::open(), None).await;
    let mut watcher = Client::connect(broker.addr(), "watcher").await;
    watcher.subscribe("wills/+", QoS::AtMostOnce).await;
    for (id, vanishes) in [("polite", false), ("rude", true)] {
        let mut options = options(broker.addr(), id);
        let will = LastWill::new(format!("wills/{id}"), "gone", QoS::AtMostOnce, false, None);
        options.set_last_will(will);
        let client = Client::connect_with(options).await;
        if vanishes {
            drop(client);
        } else {
            client.disconnect().await;
        }
    }
    assert_eq!(text(&watcher.message().await).0, "wills/rude");
    broker.stop().await;
}

#[tokio::test]
async fn wrong_credentials_are_refused_in_the_clients_words() {
    let credentials = Credentials {
        user: "me".to_owned(),
        password: "right".to_owned(),
    };
    let broker = broker(Acl::open(), Some(credentials)).await;
    let mut wrong = options(broker.addr(), "app");
    wrong.set_credentials("me", "wrong");
    let (_client, mut events) = rumqttc::v5::AsyncClient::new(wrong.clone(), 8);
    match events.poll().await {
        Err(rumqttc::v5::ConnectionError::ConnectionRefused(code)) => {
            assert_eq!(code, ConnectReturnCode::NotAuthorized);
        }
        other => panic!("{other:?}"),
    }
    // CONNACK 5 for 3.1.1: bare bytes, no user.
    let connack = exchange(
        broker.addr(),
        b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a",
    )
    .await;
    assert_eq!(connack, [0x20, 2, 0, 5]);
    wrong.set_credentials("me", "right");
    Client::connect_with(wrong).await.disconnect().await;
    broker.stop().await;
}

#[tokio::test]
async fn protocol_levels_nobody_speaks_get_their_code() {
    let broker = broker(Acl::open(), None).await;
    let connack = exchange(
        broker.addr(),
        b"\x10\x0d\x00\x04MQTT\x09\x02\x00\x3c\x00\x01a",
    )
    .await;
    assert_eq!(connack, [0x20, 2, 0, 1]);
    // 3.1.1 without a client id and without a clean session.
    let connack = exchange(
        broker.addr(),
        b"\x10\x0c\x00\x04MQTT\x04\x00\x00\x3c\x00\x00",
    )
    .await;
    assert_eq!(connack, [0x20, 2, 0, 2]);
    broker.stop().await;
}

/// Sends bytes and returns all that comes back until the broker hangs up.
async fn exchange(addr: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    // A reset is an answer as well.
    stream.read_to_end(&mut answer).await.ok();
    answer
}

#[tokio::test]
async fn a_silent_client_is_let_go_after_its_keep_alive() {
    let broker = broker(Acl::open(), None).await;
    let mut stream = TcpStream::connect(broker.addr()).await.unwrap();
    // MQTT 5, keep alive one second.
    stream
        .write_all(b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x01\x00\x00\x01a")
        .await
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.ends_with(&[0xE0, 2, 0x8D, 0]), "{answer:x?}");
    broker.stop().await;
}

#[tokio::test]
async fn a_subscriber_that_does_not_read_costs_bounded_memory_and_nobody_elses_time() {
    let broker = broker(Acl::open(), None).await;
    let mut lazy = TcpStream::connect(broker.addr()).await.unwrap();
    lazy.write_all(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01l")
        .await
        .unwrap();
    lazy.write_all(b"\x82\x06\x00\x01\x00\x01#\x00")
        .await
        .unwrap();
    let mut suback = [0; 9];
    lazy.read_exact(&mut suback).await.unwrap();
    let mut keen = Client::connect(broker.addr(), "keen").await;
    keen.subscribe("end", QoS::AtMostOnce).await;
    let megabyte = vec![b'x'; 1 << 20];
    for _ in 0..200 {
        broker.publish("flood", megabyte.clone(), false).unwrap();
    }
    broker.publish("end", "1", false).unwrap();
    assert_eq!(text(&keen.message().await).0, "end");
    broker.stop().await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn garbage_never_hurts_the_broker(
        hello in prop_oneof![
            Just(&b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01g"[..]),
            Just(&b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x01g"[..]),
            Just(&b""[..]),
        ],
        packets in proptest::collection::vec((any::<u8>(), proptest::collection::vec(any::<u8>(), 0..40)), 1..20),
        honest_lengths in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let broker = broker(Acl::openwb(), None).await;
            let mut bytes = hello.to_vec();
            for (kind, body) in &packets {
                bytes.push(*kind);
                if honest_lengths {
                    bytes.push(body.len() as u8);
                }
                bytes.extend(body);
            }
            exchange(broker.addr(), &bytes).await;
            let mut client = Client::connect(broker.addr(), "after").await;
            assert_eq!(client.publish("openWB/set/x", "1", false).await, PubAckReason::Success);
            broker.stop().await;
        });
    }
}
