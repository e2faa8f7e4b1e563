//! Publishing, and what comes back.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use openwb::command::Write;
use openwb::link::{Delivery, LinkConfig, Protocol, WriteError, Writer};
use openwb::reading::Reading;

use crate::broker::{Broker, free_port, messages};
use crate::{POWER, Watched, config, fake};

const LOCK: &str = "openWB/set/chargepoint/3/set/manual_lock";

/// What a client may not write, but read, on a box.
const STATE: &str = "openWB/chargepoint/3/set/manual_lock";

/// Lets everybody read everything and write below `openWB/set`, as a box does.
fn box_like() -> Broker {
    Broker::with(|folder| {
        let file = folder.join("acl");
        std::fs::write(&file, "topic read #\ntopic write openWB/set/#\n").unwrap();
        // Without a limit mosquitto 2.0.11 hangs up at the second publish it denies.
        format!(
            "max_queued_messages 1000\nallow_anonymous true\nacl_file {}",
            file.display()
        )
    })
}

fn lock() -> Write {
    Write::new(LOCK, "true")
}

async fn connect(config: LinkConfig) -> (Watched, Writer) {
    let mut watched = Watched::new(config);
    watched.connected().await;
    let writer = watched.link.writer();
    (watched, writer)
}

#[tokio::test]
async fn a_write_arrives_below_the_prefix_and_is_not_kept() {
    let broker = Broker::open();
    let behind_a_bridge = LinkConfig {
        topic_prefix: "/home/box/".into(),
        ..config(broker.port)
    };
    for config in [config(broker.port), behind_a_bridge] {
        let (mut watched, writer) = connect(config.clone()).await;
        let delivery = writer.write(Write::new(POWER, "7")).await;
        assert_eq!(delivery, Ok(Delivery::Accepted));
        watched.until_power(7.0).await;

        let (mut later, writer) = connect(config).await;
        writer.write(Write::new(POWER, "8")).await.unwrap();
        assert!(!later.until_power(8.0).await, "7 was kept");
    }
}

#[tokio::test]
async fn a_write_nobody_receives_is_told_apart() {
    let broker = Broker::open();
    let (_watched, writer) = connect(config(broker.port)).await;
    assert_eq!(writer.write(lock()).await, Ok(Delivery::Unheard));
}

#[tokio::test]
async fn mqtt_5_tells_what_is_not_allowed_also_among_others() {
    let broker = box_like();
    let (_watched, writer) = connect(config(broker.port)).await;
    let topics = [LOCK, STATE, STATE, LOCK, LOCK, STATE, LOCK, STATE];
    for _ in 0..5 {
        let writes = topics.map(|topic| writer.write(Write::new(topic, "true")));
        let outcomes = join_all(writes).await;
        let expected = topics.map(|topic| match topic {
            STATE => Err(WriteError::NotAuthorized),
            _ => Ok(Delivery::Unheard),
        });
        assert_eq!(outcomes, expected);
    }
}

#[tokio::test]
async fn mqtt_3_1_1_tells_nothing_and_that_is_said() {
    let broker = box_like();
    let port = fake::serve(move |stream| fake::without_5(stream, broker.port)).await;
    let mut watched = Watched::new(config(port));
    assert_eq!(watched.connected().await, Protocol::V3_1_1);
    let writer = watched.link.writer();
    for topic in [LOCK, STATE] {
        let outcome = writer.write(Write::new(topic, "true")).await;
        assert_eq!(outcome, Ok(Delivery::Unverified), "{topic}");
    }
}

#[tokio::test]
async fn answers_in_any_order_find_their_writes_within_the_limit_of_the_broker() {
    let reasons = [0x00, 0x10, 0x87, 0x97, 0x90, 0x99];
    let port = fake::serve(move |stream| fake::answering(stream, 2, reasons.into())).await;
    let (_watched, writer) = connect(config(port)).await;
    let outcomes = join_all(reasons.map(|_| writer.write(lock()))).await;
    assert_eq!(
        outcomes,
        [
            Ok(Delivery::Accepted),
            Ok(Delivery::Unheard),
            Err(WriteError::NotAuthorized),
            Err(WriteError::QuotaExceeded),
            Err(WriteError::InvalidTopic),
            Err(WriteError::Refused { code: 0x99 }),
        ]
    );
}

#[tokio::test]
async fn without_a_connection_a_write_is_refused_at_once() {
    let mut watched = Watched::new(config(free_port()));
    let writer = watched.link.writer();
    assert_eq!(writer.write(lock()).await, Err(WriteError::NotConnected));
    watched.problem().await;
    assert_eq!(writer.write(lock()).await, Err(WriteError::NotConnected));
    watched.link.stop().await;
    assert_eq!(writer.write(lock()).await, Err(WriteError::NotConnected));
}

#[tokio::test]
async fn what_does_not_fit_the_queue_is_refused_at_once_and_the_rest_is_delivered() {
    let broker = Broker::open();
    let (_watched, writer) = connect(config(broker.port)).await;
    // All of them come before the link gets to run.
    let outcomes = join_all((0..40).map(|_| writer.write(lock()))).await;
    let (taken, refused) = outcomes.split_at(16);
    assert!(
        taken.iter().all(|o| *o == Ok(Delivery::Unheard)),
        "{taken:?}"
    );
    assert!(refused.iter().all(|o| *o == Err(WriteError::QueueFull)));
    assert_eq!(writer.write(lock()).await, Ok(Delivery::Unheard));
}

#[tokio::test]
async fn a_connection_that_is_lost_answers_all_that_wait() {
    // Hangs up after the third publish, without an answer to it.
    let port = fake::serve(|stream| fake::answering(stream, 1, vec![0x00; 2])).await;
    let (mut watched, writer) = connect(config(port)).await;
    let outcomes = join_all((0..8).map(|_| writer.write(lock()))).await;
    assert_eq!(outcomes[..2], [Ok(Delivery::Accepted); 2]);
    assert_eq!(outcomes[2..], [Err(WriteError::ConnectionLost); 6]);
    // The next connection starts with nothing of that.
    watched.problem().await;
    watched.connected().await;
    assert_eq!(writer.write(lock()).await, Ok(Delivery::Accepted));
}

#[tokio::test]
async fn a_broker_that_does_not_answer_is_not_waited_for_longer_than_five_seconds() {
    let port = fake::serve(fake::unanswering).await;
    let (_watched, writer) = connect(config(port)).await;
    let began = Instant::now();
    assert_eq!(writer.write(lock()).await, Err(WriteError::TimedOut));
    let waited = began.elapsed();
    assert!(waited >= Duration::from_secs(5) && waited < Duration::from_secs(8));
}

#[tokio::test]
async fn what_was_given_up_before_it_was_sent_is_not_sent() {
    let broker = Broker::open();
    let (mut watched, writer) = connect(config(broker.port)).await;
    {
        let mut given_up = Box::pin(writer.write(Write::new(POWER, "666")));
        assert!(futures_util::poll!(&mut given_up).is_pending());
    }
    writer.write(Write::new(POWER, "1")).await.unwrap();
    let first = watched.batch().await.readings;
    assert_eq!(first[0].reading, crate::power(1.0));
}

#[tokio::test]
async fn what_cannot_be_published_never_leaves() {
    let broker = Broker::open();
    let (_watched, writer) = connect(config(broker.port)).await;
    for topic in ["", "others/x", "openWB/#", "openWB/+/x", "openWB/\0"] {
        assert_eq!(
            writer.write(Write::new(topic, "1")).await,
            Err(WriteError::InvalidTopic),
            "{topic}"
        );
    }
    assert_eq!(
        writer.write(Write::new(LOCK, "1".repeat(300_000))).await,
        Err(WriteError::TooLarge)
    );
}

#[tokio::test]
async fn the_box_answers_the_commands_of_this_connection() {
    let broker = Broker::open();
    let mut watched = Watched::new(config(broker.port));
    let id = watched.connected_as().await;
    let log = format!("openWB/log/{id}/data");
    let notice = format!("openWB/command/{id}/messages/1795331746123");
    let said = r#"{"source": "command", "type": "danger", "message": "x", "timestamp": 1}"#;
    let answers = messages(&[
        ("openWB/log/other/data", r#"{"entries": [1], "totals": {}}"#),
        (&log, r#"{"entries": [], "totals": {}}"#),
    ]);
    broker.publish(&answers, false).await;
    watched
        .until(|received| match &received.reading {
            Reading::ChargeLogReply(entries) if entries.is_empty() => Some(()),
            Reading::ChargeLogReply(entries) => panic!("{entries:?}"),
            _ => None,
        })
        .await;

    broker.publish(&messages(&[(&notice, said)]), true).await;
    let find = |present: bool| {
        move |received: &openwb::link::Received| match &received.reading {
            Reading::CommandMessage {
                id: 1_795_331_746_123,
                message,
            } if message.is_some() == present => Some(()),
            _ => None,
        }
    };
    watched.until(find(true)).await;
    let delivery = watched.link.writer().write(Write::delete(notice)).await;
    assert_eq!(delivery, Ok(Delivery::Accepted));
    watched.until(find(false)).await;
}
