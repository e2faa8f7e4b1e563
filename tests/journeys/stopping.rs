//! SIGTERM: everything is written, everybody is told, and it does not take long.
#![cfg(unix)]

use ladebuch_engine::clock::{Clock as _, SystemClock};
use ladebuch_sim::{SimConfig, Simulation};
use ladebuch_tests::house::SOON;
use ladebuch_tests::live_socket::LiveSocket;
use ladebuch_tests::program::Start;
use ladebuch_tests::scene::Scene;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_stops_within_five_seconds() {
    let sim = Simulation::start(SimConfig::new(SystemClock::default().now()))
        .await
        .unwrap();
    let dir = TempDir::new().unwrap();
    let mut server = Start {
        openwb: Some(sim.addr()),
        ..Start::new(dir.path())
    }
    .ready()
    .await;
    let api = server.api(dir.path());
    let mut live = LiveSocket::connect(&api).await;
    live.until(SOON, "the box is known", |picture| {
        picture.device("home").map(drop)
    })
    .await;
    // This one never reads, and must not be waited for.
    let deaf = LiveSocket::dial(&api).await.unwrap();

    let (status, took) = server.terminate().await;
    assert!(status.success(), "{status}\n{}", server.said());
    assert!(took < Scene::STOP, "{took:?}");
    while live.next().await.is_some() {}
    drop(deaf);
    assert!(!server.listens().await);
    assert!(
        !dir.path().join("ladebuch.db-wal").exists(),
        "everything is in the one file"
    );
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_waits_for_a_silent_broker_stops_as_fast() {
    let sim = Simulation::start(SimConfig::by_hand(SystemClock::default().now()))
        .await
        .unwrap();
    sim.control().broker_silent().await.unwrap();
    let dir = TempDir::new().unwrap();
    let mut server = Start {
        openwb: Some(sim.addr()),
        ..Start::new(dir.path())
    }
    .ready()
    .await;
    let (status, took) = server.terminate().await;
    assert!(status.success(), "{status}\n{}", server.said());
    assert!(took < Scene::STOP, "{took:?}");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_data_is_refused() {
    let dir = TempDir::new().unwrap();
    let first = Start::new(dir.path()).ready().await;
    let mut second = Start::new(dir.path()).spawn();
    let status = second.ended(SOON).await;
    assert!(status.code().is_some_and(|code| code != 0), "{status}");
    assert!(
        second.said().contains("in use by another Ladebuch"),
        "{}",
        second.said()
    );
    assert!(first.listens().await);
}
