//! What arrives, in which order, and what is never lost.

use openwb::codec::Reason;
use openwb::link::{LinkConfig, Malformed};
use openwb::reading::{Meter, Reading};

use crate::broker::{Broker, messages};
use crate::{POWER, Watched, config, power};

#[tokio::test]
async fn what_the_broker_kept_is_told_from_what_is_new() {
    let broker = Broker::open();
    broker.publish(&messages(&[(POWER, "1")]), true).await;
    let mut watched = Watched::new(config(broker.port));
    watched.connected().await;
    assert!(watched.until_power(1.0).await);
    broker.publish(&messages(&[(POWER, "2")]), true).await;
    assert!(!watched.until_power(2.0).await);
}

#[tokio::test]
async fn topics_behind_a_prefix_are_found() {
    let broker = Broker::open();
    broker
        .publish(
            &messages(&[("home/box/openWB/counter/0/get/power", "7"), (POWER, "8")]),
            true,
        )
        .await;
    let mut watched = Watched::new(LinkConfig {
        topic_prefix: "home/box/".into(),
        ..config(broker.port)
    });
    watched.connected().await;
    watched.until_power(7.0).await;
}

#[tokio::test]
async fn nonsense_is_reported_and_harms_nothing() {
    let broker = Broker::open();
    let huge = vec![b'1'; 1024 * 1024];
    let mut sent = messages(&[
        ("openWB/counter/0/get/currents", "NaN"),
        ("openWB/chargepoint/3/get/plug_state", "\"{broken\""),
        ("openWB/chargepoint/3/get/brand_new", "1"),
    ]);
    sent.push(("openWB/chargepoint/3/get/power", huge));
    sent.push(("openWB/pv/1/get/power", b"\xff\xff".to_vec()));
    sent.push((POWER, b"5".to_vec()));
    broker.publish(&sent, true).await;

    let mut watched = Watched::new(config(broker.port));
    watched.connected().await;
    let (mut malformed, mut unknown, mut readings) = (Vec::new(), 0, Vec::new());
    while malformed.len() < 4 || unknown < 1 || readings.is_empty() {
        let batch = watched.batch().await;
        malformed.extend(batch.malformed);
        unknown += batch.unknown;
        readings.extend(batch.readings.into_iter().map(|received| received.reading));
    }
    malformed.sort_by(|a, b| a.topic.cmp(&b.topic));
    let bad = |topic: &str, reason| Malformed {
        topic: topic.into(),
        reason,
    };
    assert_eq!(
        malformed,
        [
            bad(
                "openWB/chargepoint/3/get/plug_state",
                Reason::WrongType {
                    expected: "true or false"
                }
            ),
            bad("openWB/chargepoint/3/get/power", Reason::TooLarge),
            bad("openWB/counter/0/get/currents", Reason::NotFinite),
            bad("openWB/pv/1/get/power", Reason::NotUtf8),
        ]
    );
    assert_eq!((unknown, readings), (1, vec![power(5.0)]));
}

#[tokio::test]
async fn only_topics_of_interest_are_subscribed() {
    let broker = Broker::open();
    broker
        .publish(
            &messages(&[
                ("openWB/set/chargepoint/3/set/manual_lock", "true"),
                ("openWB/simpleAPI/chargepoint/power", "1"),
                ("openWB/mqtt/counter/0/get/power", "1"),
                ("openWB/graph/lastlivevaluesJson", "{}"),
                ("openWB/system/configurable/devices", "[]"),
                ("openWB/system/lastlivevaluesJson", "{}"),
                (POWER, "3"),
            ]),
            true,
        )
        .await;
    let mut watched = Watched::new(config(broker.port));
    watched.connected().await;
    let batch = watched.batch().await;
    assert_eq!(
        (batch.readings.len(), batch.unknown, batch.malformed.len()),
        (1, 0, 0)
    );
}

/// More than all channels and buffers of the link hold.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_is_slow_loses_nothing() {
    const MESSAGES: u32 = 60_000;
    let broker = Broker::open();
    let mut watched = Watched::new(config(broker.port));
    watched.connected().await;
    // The subscription stands once something has come through.
    broker.publish(&messages(&[(POWER, "-1")]), true).await;
    watched.until_power(-1.0).await;

    let sent: Vec<_> = (0..MESSAGES)
        .map(|n| (POWER, n.to_string().into_bytes()))
        .collect();
    broker.publish(&sent, false).await;
    let mut expected = 0;
    while expected < MESSAGES {
        for received in watched.batch().await.readings {
            let Reading::Meter {
                value: Meter::Power(Some(watts)),
                ..
            } = received.reading
            else {
                panic!("{received:?}")
            };
            assert_eq!(watts, f64::from(expected));
            expected += 1;
        }
    }
}
