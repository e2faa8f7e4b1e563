//! Everything a box publishes, as it came.

use openwb::codec::Decoded;
use openwb::link::{LinkConfig, Problem, RawMessage, Tap};
use openwb::reading::{Meter, Reading};

use crate::broker::{Broker, messages};
use crate::{PATIENCE, POWER, config, power};

async fn next(tap: &mut Tap) -> RawMessage {
    let message = tokio::time::timeout(PATIENCE, tap.next()).await;
    message.expect("nothing comes").expect("a connection")
}

#[tokio::test]
async fn a_tap_receives_what_a_link_does_not_ask_for() {
    let broker = Broker::open();
    let topic = "openWB/nobody/knows";
    broker.publish(&messages(&[(topic, "{ }")]), true).await;
    let mut tap = Tap::open(&config(broker.port)).await.unwrap();
    let kept = next(&mut tap).await;
    assert_eq!((&*kept.topic, &*kept.payload), (topic, &b"{ }"[..]));
    assert!(kept.retained);
    assert_eq!(kept.decoded, Decoded::Unknown);

    broker.publish(&messages(&[(POWER, "5")]), false).await;
    let new = next(&mut tap).await;
    assert!(!new.retained);
    assert_eq!(new.decoded, Decoded::Reading(power(5.0)));
    tap.close().await;
}

#[tokio::test]
async fn a_tap_listens_below_the_prefix_alone() {
    let broker = Broker::open();
    let mut tap = Tap::open(&LinkConfig {
        topic_prefix: "home/box/".into(),
        ..config(broker.port)
    })
    .await
    .unwrap();
    let sent = [(POWER, "1"), ("home/box/openWB/counter/0/get/power", "7")];
    broker.publish(&messages(&sent), true).await;
    let message = next(&mut tap).await;
    assert_eq!(&*message.topic, "home/box/openWB/counter/0/get/power");
    assert!(matches!(
        message.decoded,
        Decoded::Reading(Reading::Meter {
            value: Meter::Power(Some(watts)),
            ..
        }) if watts == 7.0
    ));
}

#[tokio::test]
async fn a_tap_says_why_there_is_nothing_to_hear() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let problem = Tap::open(&config(port)).await.err();
    assert_eq!(problem, Some(Problem::ConnectionRefused { port }));
}
