//! Things that break, on demand.

use chrono::TimeDelta;
use ladebuch_sim::household::Device;
use ladebuch_sim::{ControlError, Pace, SimConfig, Simulation};
use rumqttc::v5::mqttbytes::QoS;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::client::{Client, noon, retained, still, text};

#[tokio::test]
async fn a_broker_that_is_gone_refuses_and_comes_back_with_its_tree() {
    let sim = still().await;
    let client = Client::connect(sim.addr(), "app").await;
    let before = sim.broker().retained("#").len();
    sim.control().broker_down().await.unwrap();
    client.ended().await;
    assert!(TcpStream::connect(sim.addr()).await.is_err());
    sim.control().broker_up().await.unwrap();
    let mut client = Client::connect(sim.addr(), "app").await;
    client
        .subscribe("openWB/system/version", QoS::AtMostOnce)
        .await;
    assert!(client.message().await.retain);
    assert_eq!(sim.broker().retained("#").len(), before);
    sim.stop().await;
}

#[tokio::test]
async fn a_silent_broker_accepts_and_says_nothing() {
    let sim = still().await;
    sim.control().broker_silent().await.unwrap();
    let mut stream = TcpStream::connect(sim.addr()).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(
        &mut stream,
        b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a",
    )
    .await
    .unwrap();
    // The word would come at once; what ends the silence is the broker's return.
    let mut answer = Vec::new();
    let read = tokio::spawn(async move {
        stream.read_to_end(&mut answer).await.ok();
        answer
    });
    sim.control().broker_up().await.unwrap();
    assert!(read.await.unwrap().is_empty());
    Client::connect(sim.addr(), "app").await.disconnect().await;
    sim.stop().await;
}

#[tokio::test]
async fn a_reset_counter_starts_at_zero_and_rises_again() {
    let sim = still().await;
    let control = sim.control();
    control.plug(3, 1).await.unwrap();
    for _ in 0..3 {
        control.advance_cycle().await.unwrap();
    }
    control.reset_counter(Device::ChargePoint(3)).await.unwrap();
    control.advance_cycle().await.unwrap();
    let imported: f64 = retained(&sim, "openWB/chargepoint/3/get/imported")
        .unwrap()
        .parse()
        .unwrap();
    assert!(imported > 0.0 && imported < 40.0, "{imported}");
    sim.stop().await;
}

#[tokio::test]
async fn a_dead_core_leaves_stale_values_and_hears_no_writes() {
    let sim = still().await;
    let control = sim.control();
    control.advance_cycle().await.unwrap();
    let time = retained(&sim, "openWB/system/time");
    control.stop_core().await.unwrap();
    let mut client = Client::connect(sim.addr(), "app").await;
    client
        .publish("openWB/set/chargepoint/3/set/manual_lock", "true", false)
        .await;
    client
        .publish("openWB/set/chargepoint/4/set/manual_lock", "true", true)
        .await;
    control.advance(TimeDelta::minutes(5)).await.unwrap();
    assert_eq!(retained(&sim, "openWB/system/time"), time);
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/set/manual_lock").as_deref(),
        Some("false")
    );
    control.start_core().await.unwrap();
    control.advance_cycle().await.unwrap();
    assert_ne!(retained(&sim, "openWB/system/time"), time);
    // Lost without the retain flag, executed late with it.
    assert_eq!(
        retained(&sim, "openWB/chargepoint/3/set/manual_lock").as_deref(),
        Some("false")
    );
    assert_eq!(
        retained(&sim, "openWB/chargepoint/4/set/manual_lock").as_deref(),
        Some("true")
    );
    assert!(sim.broker().retained("openWB/set/#").is_empty());
    sim.stop().await;
}

#[tokio::test]
async fn a_reboot_is_announced_silent_and_over() {
    let sim = still().await;
    let control = sim.control();
    let mut client = Client::connect(sim.addr(), "app").await;
    client
        .subscribe("openWB/system/boot_done", QoS::AtMostOnce)
        .await;
    assert_eq!(text(&client.message().await).1, "true");
    let before = sim.broker().retained("openWB/#").len();
    control.reboot(TimeDelta::seconds(60)).await.unwrap();
    assert_eq!(text(&client.message().await).1, "false");
    let time = retained(&sim, "openWB/system/time");
    control.advance(TimeDelta::seconds(50)).await.unwrap();
    assert_eq!(retained(&sim, "openWB/system/time"), time);
    assert_eq!(
        sim.broker().retained("openWB/#").len(),
        before,
        "the tree outlives the program"
    );
    control.advance(TimeDelta::seconds(30)).await.unwrap();
    while text(&client.message().await).1 != "true" {}
    assert_ne!(retained(&sim, "openWB/system/time"), time);
    sim.stop().await;
}

#[tokio::test]
async fn malformed_payloads_and_duplicates_go_out_as_ordered() {
    let sim = still().await;
    let control = sim.control();
    let mut client = Client::connect(sim.addr(), "app").await;
    client
        .subscribe("openWB/system/time", QoS::AtMostOnce)
        .await;
    client.message().await;
    control
        .publish("openWB/system/time", b"{broken", true)
        .await
        .unwrap();
    assert_eq!(text(&client.message().await).1, "{broken");
    control.duplicate_messages(true).await.unwrap();
    control.advance_cycle().await.unwrap();
    let (first, second) = (client.message().await, client.message().await);
    assert_eq!(first.payload, second.payload);
    let refused = control.publish("openWB/#", b"", true).await;
    assert_eq!(refused, Err(ControlError::Topic("openWB/#".to_owned())));
    sim.stop().await;
}

#[tokio::test]
async fn time_passes_by_itself_as_fast_as_ordered() {
    let config = SimConfig {
        pace: Pace::Times(600.0),
        ..SimConfig::by_hand(noon())
    };
    let sim = Simulation::start(config).await.unwrap();
    let mut client = Client::connect(sim.addr(), "app").await;
    client
        .subscribe("openWB/system/time", QoS::AtMostOnce)
        .await;
    let mut beats = Vec::new();
    for _ in 0..7 {
        beats.push(text(&client.message().await).1.parse::<f64>().unwrap());
    }
    // The retained one first, then one in ten virtual seconds.
    for pair in beats[1..].windows(2) {
        assert!((pair[1] - pair[0] - 10.0).abs() < 1e-3, "{beats:?}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_stopped_simulation_says_so_and_frees_its_port() {
    let sim = still().await;
    let (addr, control) = (sim.addr(), sim.control());
    sim.stop().await;
    assert_eq!(
        control.advance_cycle().await.unwrap_err(),
        ControlError::Stopped
    );
    drop(tokio::net::TcpListener::bind(addr).await.unwrap());
}
