//! Connecting, losing the connection, and saying why.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use openwb::link::{Credentials, Event, LinkConfig, Problem, Protocol};
use rumqttc::v5::{AsyncClient, MqttOptions};

use crate::broker::{Broker, free_port, messages};
use crate::{PATIENCE, POWER, Watched, config, fake};

#[tokio::test]
async fn mqtt_5_is_spoken_where_the_broker_knows_it() {
    let broker = Broker::open();
    let mut watched = Watched::new(config(broker.port));
    assert_eq!(watched.connected().await, Protocol::V5);
}

#[tokio::test]
async fn mqtt_3_1_1_is_spoken_where_the_broker_knows_no_5_and_that_is_remembered() {
    let levels = Arc::new(Mutex::new(Vec::new()));
    let noted = levels.clone();
    let port = fake::serve(move |stream| fake::old(stream, 0, noted.clone())).await;
    let mut watched = Watched::new(config(port));
    for _ in 0..2 {
        assert_eq!(watched.connected().await, Protocol::V3_1_1);
        assert!(watched.until_power(42.0).await);
        watched.problem().await;
    }
    watched.link.stop().await;
    assert_eq!(levels.lock().unwrap()[..3], [5, 4, 4]);
}

#[tokio::test]
async fn a_user_without_rights_is_told_so() {
    let port = fake::serve(|stream| fake::old(stream, 0x80, Arc::default())).await;
    let mut watched = Watched::new(config(port));
    assert_eq!(watched.problem().await, Problem::NotAuthorized);
}

#[tokio::test]
async fn after_a_restart_of_the_broker_the_link_subscribes_again() {
    let broker = Broker::open();
    let port = broker.port;
    let mut watched = Watched::new(config(port));
    watched.connected().await;
    drop(broker);
    assert_eq!(watched.problem().await.code(), "connection_lost");
    let broker = Broker::again(port);
    loop {
        match watched.next().await {
            Event::Connected { .. } => break,
            Event::Disconnected { .. } => {}
            other @ Event::Batch(_) => panic!("{other:?}"),
        }
    }
    broker.publish(&messages(&[(POWER, "100")]), true).await;
    watched.until_power(100.0).await;
}

#[tokio::test]
async fn a_closed_port_is_reported_and_tried_again() {
    let mut watched = Watched::new(config(free_port()));
    for _ in 0..3 {
        assert_eq!(watched.problem().await.code(), "connection_refused");
    }
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_reported() {
    let mut watched = Watched::new(LinkConfig {
        host: "no-such-box.invalid".into(),
        ..config(1883)
    });
    let problem = watched.problem().await;
    assert_eq!(
        problem,
        Problem::HostNotFound {
            host: "no-such-box.invalid".into()
        }
    );
    assert!(problem.to_string().contains("no-such-box.invalid"));
}

#[tokio::test]
async fn a_broker_that_says_nothing_is_reported() {
    let port = fake::serve(fake::silent).await;
    let mut watched = Watched::new(LinkConfig {
        connect_timeout: Duration::from_millis(200),
        ..config(port)
    });
    assert_eq!(watched.problem().await, Problem::SilentBroker);
}

#[tokio::test]
async fn something_that_is_no_broker_is_reported() {
    let port = fake::serve(fake::web_server).await;
    let mut watched = Watched::new(config(port));
    let problem = watched.problem().await;
    assert_eq!(problem.code(), "protocol_error", "{problem}");
}

fn with_users() -> Broker {
    Broker::with(|folder| {
        let file = folder.join("passwords");
        let made = std::process::Command::new("mosquitto_passwd")
            .args(["-c", "-b"])
            .arg(&file)
            .args(["max", "secret"])
            .status()
            .unwrap();
        assert!(made.success());
        format!("allow_anonymous false\npassword_file {}", file.display())
    })
}

fn login(username: &str, password: &str) -> Option<Credentials> {
    Some(Credentials {
        username: username.into(),
        password: password.into(),
    })
}

#[tokio::test]
async fn a_wrong_password_is_told_from_a_missing_one() {
    let broker = with_users();
    for (credentials, problem) in [
        (login("max", "wrong"), Problem::BadCredentials),
        (login("nobody", "secret"), Problem::BadCredentials),
        (None, Problem::LoginNeeded),
    ] {
        let mut watched = Watched::new(LinkConfig {
            credentials,
            ..config(broker.port)
        });
        assert_eq!(watched.problem().await, problem);
    }
    let mut watched = Watched::new(LinkConfig {
        credentials: login("max", "secret"),
        ..config(broker.port)
    });
    watched.connected().await;
}

#[tokio::test]
async fn a_session_that_is_taken_over_comes_back_under_another_id() {
    let broker = Broker::open();
    let mut watched = Watched::new(config(broker.port));
    watched.connected().await;
    let first = client_id(&broker);
    let thief = MqttOptions::new(&first, "127.0.0.1", broker.port);
    let (_client, mut events) = AsyncClient::new(thief, 1);
    tokio::spawn(async move { while events.poll().await.is_ok() {} });
    watched.problem().await;
    watched.connected().await;
    client_id(&broker); // the thief's
    assert_ne!(client_id(&broker), first);
}

#[tokio::test]
async fn a_broker_that_says_so_makes_a_take_over_known() {
    let port = fake::serve(fake::giving_away).await;
    let mut watched = Watched::new(config(port));
    assert_eq!(watched.connected().await, Protocol::V5);
    assert_eq!(watched.problem().await, Problem::TakenOver);
}

/// The client id of the next client that connects: `… as <id> (p5, …)`.
fn client_id(broker: &Broker) -> String {
    let line = broker.logged("New client connected").unwrap();
    line.split(" as ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn stopping_takes_leave_of_the_broker() {
    let broker = Broker::open();
    let mut watched = Watched::new(config(broker.port));
    watched.connected().await;
    watched.link.stop().await;
    assert!(broker.logged("Received DISCONNECT from openwb-").is_some());
    assert_eq!(watched.events.recv().await, None);
}

#[tokio::test]
async fn stopping_does_not_wait_for_a_receiver_that_sleeps() {
    let broker = Broker::open();
    let mut watched = Watched::new(config(broker.port));
    watched.connected().await;
    let flood: Vec<_> = (0..3000)
        .map(|n| (POWER, n.to_string().into_bytes()))
        .collect();
    broker.publish(&flood, false).await;
    let began = Instant::now();
    watched.link.stop().await;
    assert!(began.elapsed() <= Duration::from_secs(2));
}

#[tokio::test]
async fn stopping_does_not_wait_for_a_broker_that_is_not_there() {
    let port = fake::serve(fake::silent).await;
    let watched = Watched::new(config(port));
    let began = Instant::now();
    watched.link.stop().await;
    assert!(began.elapsed() <= Duration::from_secs(2));
}

#[tokio::test]
async fn a_link_nobody_listens_to_ends() {
    let broker = Broker::open();
    let mut watched = Watched::new(config(broker.port));
    watched.connected().await;
    drop(watched.events);
    tokio::task::spawn_blocking(move || broker.logged("Received DISCONNECT from openwb-"))
        .await
        .unwrap()
        .unwrap();
    tokio::time::timeout(PATIENCE, watched.link.stop())
        .await
        .unwrap();
}
