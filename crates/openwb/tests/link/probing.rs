//! "Test connection".

use std::time::{Duration, Instant};

use openwb::link::{Problem, Protocol, probe};
use openwb::reading::Generation;

use crate::broker::{Broker, free_port, messages};
use crate::{POWER, config, power};

const DEADLINE: Duration = Duration::from_secs(8);

#[tokio::test]
async fn a_box_is_recognised_with_its_version_and_values() {
    let broker = Broker::open();
    broker
        .publish(
            &messages(&[("openWB/system/version", "\"2.2.1\""), (POWER, "-2950.0")]),
            true,
        )
        .await;
    let probe = probe(&config(broker.port), DEADLINE).await;
    assert_eq!(probe.problem, None);
    assert_eq!(probe.protocol, Some(Protocol::V5));
    assert_eq!(probe.generation, Some(Generation::V2));
    assert_eq!(probe.version.as_deref(), Some("2.2.1"));
    assert!(
        probe
            .readings
            .iter()
            .any(|r| r.retained && r.reading == power(-2950.0))
    );
    assert!(probe.elapsed < Duration::from_secs(3));
    assert!(broker.logged("Received DISCONNECT from openwb-").is_some());
}

#[tokio::test]
async fn a_box_of_the_older_generation_is_recognised() {
    let broker = Broker::open();
    broker
        .publish(&messages(&[("openWB/system/Version", "1.9.304.0")]), true)
        .await;
    let probe = probe(&config(broker.port), DEADLINE).await;
    assert_eq!(probe.problem, None);
    assert_eq!(probe.generation, Some(Generation::V1_9));
    assert_eq!(probe.version.as_deref(), Some("1.9.304.0"));
}

#[tokio::test]
async fn a_box_upgraded_in_place_counts_as_the_newer_one() {
    let broker = Broker::open();
    for order in [["version", "Version"], ["Version", "version"]] {
        let payload = |name| {
            if name == "version" {
                "\"2.2.1\""
            } else {
                "1.9.304.0"
            }
        };
        let topics = order.map(|name| format!("openWB/system/{name}"));
        let sent: Vec<_> = topics
            .iter()
            .zip(order)
            .map(|(topic, name)| (topic.as_str(), payload(name)))
            .collect();
        broker.publish(&messages(&sent), true).await;
        let probe = probe(&config(broker.port), DEADLINE).await;
        assert_eq!(probe.generation, Some(Generation::V2));
        assert_eq!(probe.version.as_deref(), Some("2.2.1"));
    }
}

#[tokio::test]
async fn a_broker_without_a_box_is_recognised_within_seconds() {
    let broker = Broker::open();
    let began = Instant::now();
    let probe = probe(&config(broker.port), DEADLINE).await;
    assert_eq!(probe.problem, Some(Problem::NotOpenwb));
    assert_eq!(probe.protocol, Some(Protocol::V5));
    assert!(began.elapsed() < Duration::from_secs(5));
}

const TREE: &str = r#"[{"id":0,"type":"counter","children":[{"id":3,"type":"cp","children":[]}]}]"#;

#[tokio::test]
async fn a_box_that_hides_its_charge_points_wants_a_login() {
    let broker = Broker::open();
    let mut sent = vec![
        ("openWB/system/version", "\"2.3.0\""),
        ("openWB/system/security/user_management_active", "true"),
        ("openWB/counter/get/hierarchy", TREE),
    ];
    broker.publish(&messages(&sent), true).await;
    let hidden = probe(&config(broker.port), DEADLINE).await;
    assert_eq!(hidden.problem, Some(Problem::LoginNeeded));
    assert_eq!(hidden.version.as_deref(), Some("2.3.0"));

    sent.push(("openWB/chargepoint/3/config", "{\"name\":\"Carport\"}"));
    broker.publish(&messages(&sent), true).await;
    assert_eq!(probe(&config(broker.port), DEADLINE).await.problem, None);
}

#[tokio::test]
async fn what_is_in_the_way_is_said_at_once() {
    let probe = probe(&config(free_port()), DEADLINE).await;
    assert_eq!(
        probe.problem.map(|problem| problem.code()),
        Some("connection_refused")
    );
    assert!(probe.elapsed < Duration::from_secs(3));
}

#[tokio::test]
async fn the_deadline_holds() {
    let port = crate::fake::serve(crate::fake::silent).await;
    let probe = probe(&config(port), Duration::from_millis(300)).await;
    assert_eq!(probe.problem, Some(Problem::Timeout));
    assert!(probe.elapsed < Duration::from_secs(2));
}
