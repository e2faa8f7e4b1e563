//! The client against a box that does exactly what a test tells it.

mod scripted;

use std::time::Duration;

use ladebuch_domain::units::{VoltAmpereHours, VoltAmperes};
use scripted::{Act, Scripted};
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout};

use super::*;
use crate::charger2::registers::{LayoutVersion, State};

/// The requests of a status: function, first register, count.
const STATUS: [[u16; 3]; 5] = [[4, 4, 9], [4, 100, 2], [4, 14, 5], [3, 257, 1], [3, 261, 2]];

fn amperes(whole: u16) -> Current {
    Current::from_tenths(whole * 10)
}

fn is_nonsense(error: &Error) -> bool {
    matches!(error, Error::Nonsense { .. })
}

#[tokio::test]
async fn a_status_takes_five_reads_on_one_connection() {
    let there = Scripted::start().await;
    let mut client = there.client();
    let (info, status) = client.read().await.unwrap();
    assert_eq!(there.heard(), STATUS);
    assert_eq!(info.layout_version.to_string(), "1.0.0");
    assert_eq!(info.range(), (amperes(6), amperes(16)));
    assert_eq!(status.state, State::C2);
    assert_eq!(status.power, VoltAmperes(7_080.0));
    assert_eq!(status.energy_total, VoltAmpereHours(1_234_567.0));
    assert_eq!(status.settings.current_limit, amperes(16));
    assert_eq!(status.settings.failsafe_current, amperes(6));
    assert_eq!(status.settings.watchdog, Watchdog::from_millis(15_000));

    client.read().await.unwrap();
    assert_eq!(client.settings().await.unwrap(), status.settings);
    assert_eq!(there.heard().len(), 12, "what the box is was known by then");
    assert_eq!((client.connections(), there.connections()), (1, 1));
}

#[tokio::test]
async fn answers_to_earlier_requests_are_dropped() {
    let there = Scripted::start().await;
    there.does([
        Act::StaleFirst,
        Act::StaleFirst,
        Act::Well,
        Act::StaleFirst,
        Act::StaleFirst,
    ]);
    let mut client = there.client();
    let (_, status) = client.read().await.unwrap();
    assert_eq!(status.energy_total, VoltAmpereHours(1_234_567.0));
    assert_eq!(status.settings.current_limit, amperes(16));
    assert_eq!(there.connections(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_too_late_is_not_taken_for_the_next() {
    let there = Scripted::start().await;
    there.does([Act::After(TIMEOUT + Duration::from_secs(1))]);
    let mut client = there.client();
    let begun = Instant::now();
    assert_eq!(client.read().await.unwrap_err(), Error::NoAnswer);
    assert_eq!(begun.elapsed().as_secs(), TIMEOUT.as_secs());
    let (_, status) = client.read().await.unwrap();
    assert_eq!(status.state, State::C2);
    assert_eq!(there.connections(), 1, "it was only slow");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_stays_silent_is_given_up() {
    let there = Scripted::start().await;
    there.does([Act::Nothing, Act::Nothing]);
    let mut client = there.client();
    assert_eq!(client.read().await.unwrap_err(), Error::NoAnswer);
    assert_eq!(client.read().await.unwrap_err(), Error::NoAnswer);
    client.read().await.unwrap();
    assert_eq!((client.connections(), there.connections()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_waits_for_any_more_leaves_no_trace() {
    let there = Scripted::start().await;
    there.does([Act::After(Duration::from_secs(2))]);
    let mut client = there.client();
    let given_up = timeout(Duration::from_secs(1), client.read()).await;
    assert!(given_up.is_err());
    let (_, status) = client.read().await.unwrap();
    assert_eq!(status.energy_total, VoltAmpereHours(1_234_567.0));
}

#[tokio::test]
async fn a_broken_connection_is_made_anew_once() {
    for act in [Act::Cut, Act::HangUp] {
        let there = Scripted::start().await;
        there.does([Act::Well, act]);
        let mut client = there.client();
        client.read().await.unwrap();
        assert_eq!(client.connections(), 2, "{act:?}");

        there.does([act, act]);
        let lost = client.read().await.unwrap_err();
        assert!(matches!(lost, Error::ConnectionLost { .. }), "{lost:?}");
        client.read().await.unwrap();
    }
}

#[tokio::test]
async fn a_limit_survives_a_break_in_the_middle_of_its_confirmation() {
    let there = Scripted::start().await;
    there.does([Act::Well, Act::Well, Act::Cut]);
    let limit = there.client().set_limit(amperes(10)).await.unwrap();
    assert_eq!(limit.in_force, amperes(10));
    let writes = there.heard().into_iter().filter(|[code, ..]| *code == 6);
    assert_eq!(writes.collect::<Vec<_>>(), [[6, 261, 100]; 2]);
}

#[tokio::test]
async fn a_refused_read_tells_what_the_device_is_not() {
    for (code, expected) in [
        (1, Error::NotACharger2(Unfamiliar::NoRegister(4))),
        (2, Error::NotACharger2(Unfamiliar::NoRegister(4))),
        (3, Error::NotACharger2(Unfamiliar::NoRegister(4))),
        (4, Error::Unable { code: 4 }),
        (6, Error::Unable { code: 6 }),
        (0x0A, Error::NotACharger2(Unfamiliar::Gateway)),
        (0x0B, Error::NotACharger2(Unfamiliar::Gateway)),
        (99, Error::Unable { code: 99 }),
    ] {
        let there = Scripted::start().await;
        there.does([Act::Refuse(code)]);
        let mut client = there.client();
        assert_eq!(client.read().await.unwrap_err(), expected);
        client.read().await.unwrap();
        assert_eq!(there.connections(), 1, "a refusal breaks nothing");
    }
    let there = Scripted::start().await;
    there.does([Act::Well, Act::Well, Act::Refuse(2)]);
    let refused = there.client().read().await.unwrap_err();
    assert_eq!(refused, Error::NotACharger2(Unfamiliar::NoRegister(14)));
}

#[tokio::test]
async fn answers_that_contradict_the_question_are_not_believed() {
    for act in [
        Act::OfUnit(7),
        Act::OfFunction(3),
        Act::OfFunction(1),
        Act::Words(&[]),
        Act::Words(&[1, 2]),
        Act::Words(&[0; 10]),
        Act::Pdu(&[4]),
        Act::Pdu(&[4, 18, 1, 0]),
        Act::Pdu(&[4, 3, 1, 0, 0]),
        Act::Pdu(&[4, 2, 1, 0, 0, 0]),
        Act::Pdu(&[0x84]),
    ] {
        let there = Scripted::start().await;
        there.does([act]);
        let mut client = there.client();
        let error = client.read().await.unwrap_err();
        assert!(is_nonsense(&error), "{act:?}: {error:?}");
        client.read().await.unwrap();
    }
}

#[tokio::test]
async fn other_devices_are_recognised() {
    for words in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"SSH-2.0-Server\r\n",
        &[0x15, 3, 1, 0, 2, 2, 70],
    ] {
        let there = Scripted::start().await;
        there.does([Act::Bytes(words)]);
        let error = there.client().read().await.unwrap_err();
        let port = there.port();
        assert_eq!(error, Error::NotModbus { port });
    }
    for (register, value) in [(4, 0x0200), (4, 0), (100, 0), (100, 230), (101, 17)] {
        let there = Scripted::start().await;
        there.set(4, register, value);
        let mut client = there.client();
        let error = client.read().await.unwrap_err();
        assert!(matches!(error, Error::NotACharger2(_)), "{error:?}");
        let error = client.set_limit(amperes(6)).await.unwrap_err();
        assert!(matches!(error, Error::NotACharger2(_)), "{error:?}");
        assert!(
            there.heard().iter().all(|[code, ..]| *code != 6),
            "nothing is written to a stranger"
        );
    }
    let there = Scripted::start().await;
    there.set(4, 4, 0x0210);
    let version = LayoutVersion {
        major: 2,
        minor: 1,
        patch: 0,
    };
    assert_eq!(
        there.client().info().await.unwrap_err(),
        Error::NotACharger2(Unfamiliar::Layout(version))
    );
}

#[tokio::test]
async fn a_state_that_no_list_has_is_told_as_such() {
    let there = Scripted::start().await;
    there.set(4, 5, 12);
    let (_, status) = there.client().read().await.unwrap();
    assert_eq!(status.state, State::Unlisted(12));
}

#[tokio::test]
async fn nobody_there_and_no_such_name_are_two_things() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let refused = Client::new("127.0.0.1", port).read().await.unwrap_err();
    assert_eq!(refused, Error::ConnectionRefused { port });
    let unknown = Client::new("not a host", PORT).read().await.unwrap_err();
    assert!(matches!(unknown, Error::HostNotFound { .. }), "{unknown:?}");
    let in_brackets = Client::new("[::1]", PORT);
    assert_eq!(&*in_brackets.host, "::1");
}

#[tokio::test]
async fn a_limit_is_written_alone_and_read_back() {
    let there = Scripted::start().await;
    let mut client = there.client();
    for current in [amperes(10), Current::from_tenths(65), Current::ZERO] {
        let limit = client.set_limit(current).await.unwrap();
        assert_eq!(limit.in_force, current);
        assert!(!limit.is_narrower());
    }
    let expected = [
        [4, 4, 1],
        [4, 100, 2],
        [6, 261, 100],
        [3, 261, 1],
        [6, 261, 65],
        [3, 261, 1],
        [6, 261, 0],
        [3, 261, 1],
    ];
    assert_eq!(there.heard(), expected);
}

#[tokio::test]
async fn what_is_out_of_range_is_never_sent() {
    let there = Scripted::start().await;
    let mut client = there.client();
    for tenths in [1, 59, 161, 320, u16::MAX] {
        let current = Current::from_tenths(tenths);
        let error = client.set_limit(current).await.unwrap_err();
        assert!(matches!(error, Error::OutOfRange(_)), "{error:?}");
        let error = client.set_failsafe(current).await.unwrap_err();
        assert!(matches!(error, Error::OutOfRange(_)), "{error:?}");
    }
    assert_eq!(there.heard(), [[4, 4, 1], [4, 100, 2]]);
    there.set(4, 100, 32);
    let mut later = there.client();
    assert!(later.set_limit(amperes(32)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_narrower_limit_of_the_box_is_told_and_a_wider_one_is_an_error() {
    let there = Scripted::start().await;
    let mut client = there.client();
    there.reads_back(261, &[80; 8]);
    let limit = client.set_limit(amperes(10)).await.unwrap();
    assert_eq!((limit.asked, limit.in_force), (amperes(10), amperes(8)));
    assert!(limit.is_narrower());

    let there = Scripted::start().await;
    there.reads_back(261, &[160; 8]);
    let error = there.client().set_limit(amperes(10)).await.unwrap_err();
    let expected = Error::NotTaken {
        setting: "current limit",
        asked: "10 A".into(),
        found: "16 A".into(),
    };
    assert_eq!(error, expected);
}

#[tokio::test(start_paused = true)]
async fn a_box_may_take_a_moment_until_a_new_value_reads_back() {
    let there = Scripted::start().await;
    there.reads_back(261, &[160, 160, 100]);
    let limit = there.client().set_limit(amperes(10)).await.unwrap();
    assert_eq!(limit.in_force, amperes(10));
}

#[tokio::test]
async fn a_refused_write_says_what_is_in_force() {
    let there = Scripted::start().await;
    there.does([Act::Well, Act::Well, Act::Refuse(3)]);
    let error = there.client().set_limit(amperes(10)).await.unwrap_err();
    let expected = Error::Refused {
        setting: "current limit",
        asked: "10 A".into(),
        code: 3,
    };
    assert_eq!(error, expected);
    assert!(error.to_string().contains("still in force"));

    there.does([Act::Well, Act::Well, Act::Refuse(6)]);
    let error = there.client().set_limit(amperes(10)).await.unwrap_err();
    assert_eq!(error, Error::Unable { code: 6 });

    there.does([Act::Well, Act::Well, Act::Echo(90)]);
    let error = there.client().set_limit(amperes(10)).await.unwrap_err();
    assert!(is_nonsense(&error), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn the_failsafe_current_is_what_was_asked_for_or_an_error() {
    let there = Scripted::start().await;
    let mut client = there.client();
    client.set_failsafe(amperes(8)).await.unwrap();
    assert_eq!(
        client.settings().await.unwrap().failsafe_current,
        amperes(8)
    );
    client.set_failsafe(Current::ZERO).await.unwrap();

    there.does([Act::Refuse(3)]);
    let error = client.set_failsafe(Current::ZERO).await.unwrap_err();
    assert_eq!(error, Error::NoZeroFailsafe);

    there.reads_back(262, &[60; 8]);
    let error = client.set_failsafe(Current::ZERO).await.unwrap_err();
    assert!(matches!(error, Error::NotTaken { .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn the_watchdog_is_what_was_asked_for_or_an_error() {
    let there = Scripted::start().await;
    let mut client = there.client();
    for millis in [0, 2_500, u16::MAX] {
        let watchdog = Watchdog::from_millis(millis);
        client.set_watchdog(watchdog).await.unwrap();
        assert_eq!(client.settings().await.unwrap().watchdog, watchdog);
    }
    there.reads_back(257, &[15_000; 8]);
    let error = client.set_watchdog(Watchdog::OFF).await.unwrap_err();
    let expected = Error::NotTaken {
        setting: "watchdog time-out",
        asked: "0 s".into(),
        found: "15 s".into(),
    };
    assert_eq!(error, expected);
}
