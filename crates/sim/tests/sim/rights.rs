//! User management: guests, roles, and who is not let in.

use ladebuch_sim::{Credentials, Role, SimConfig, SimHandle, Simulation, StartError, User};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, PubAckReason};
use rumqttc::v5::{AsyncClient, ConnectionError};

use crate::client::{Client, noon, options, retained, text};

fn user(name: &str, roles: &[Role]) -> User {
    User {
        credentials: Credentials {
            user: name.to_owned(),
            password: "secret".to_owned(),
        },
        roles: roles.to_vec(),
    }
}

async fn managed() -> SimHandle {
    Simulation::start(SimConfig {
        users: Some(vec![user(
            "anna",
            &[
                Role::ChargePoint(3),
                Role::Vehicle(1),
                Role::ChargeLog,
                Role::HomeConsumption,
            ],
        )]),
        ..SimConfig::by_hand(noon())
    })
    .await
    .unwrap()
}

async fn connect(sim: &SimHandle, name: &str, password: &str) -> Client {
    let mut options = options(sim.addr(), &format!("client-of-{name}"));
    if !name.is_empty() {
        options.set_credentials(name, password);
    }
    Client::connect_with(options).await
}

/// The topics of all retained messages a client gets to see.
async fn visible(sim: &SimHandle, client: &mut Client) -> Vec<String> {
    client.subscribe("#", QoS::AtMostOnce).await;
    // A notice reaches everybody.
    let end = "openWB/system/messages/1";
    sim.control().publish(end, b"{}", false).await.unwrap();
    client
        .messages_until(end)
        .await
        .into_iter()
        .map(|(topic, _)| topic)
        .filter(|topic| topic != end)
        .collect()
}

#[tokio::test]
async fn guests_see_that_they_have_to_sign_in() {
    let sim = managed().await;
    let mut guest = connect(&sim, "", "").await;
    let topics = visible(&sim, &mut guest).await;
    for topic in [
        "openWB/system/version",
        "openWB/system/boot_done",
        "openWB/system/time",
        "openWB/counter/get/hierarchy",
        "openWB/vehicle/1/name",
    ] {
        assert!(topics.iter().any(|seen| seen == topic), "{topic}");
    }
    for topic in &topics {
        let is_private = ["chargepoint", "pv", "bat", "log", "graph"]
            .iter()
            .any(|area| topic.starts_with(&format!("openWB/{area}/")));
        assert!(!is_private, "{topic}");
    }
    assert_eq!(
        retained(&sim, "openWB/system/security/user_management_active").unwrap(),
        "true"
    );
    let reason = guest
        .publish("openWB/set/chargepoint/3/set/manual_lock", "true", false)
        .await;
    assert_eq!(reason, PubAckReason::NotAuthorized);
    sim.stop().await;
}

#[tokio::test]
async fn a_user_sees_and_does_what_the_roles_say() {
    let sim = managed().await;
    let mut anna = connect(&sim, "anna", "secret").await;
    let topics = visible(&sim, &mut anna).await;
    let sees = |topic: &str| topics.iter().any(|seen| seen == topic);
    assert!(sees("openWB/chargepoint/3/get/power"));
    assert!(sees("openWB/chargepoint/3/config"));
    assert!(sees("openWB/vehicle/1/get/soc"));
    assert!(sees("openWB/counter/set/home_consumption"));
    assert!(sees("openWB/system/security/access/ChargeLog"));
    for topic in [
        "openWB/chargepoint/4/get/power",
        "openWB/chargepoint/get/power",
        "openWB/vehicle/2/get/soc",
        "openWB/counter/0/get/power",
        "openWB/system/security/access/Settings",
    ] {
        assert!(!sees(topic), "{topic}");
    }
    for (path, allowed) in [
        ("chargepoint/3/set/manual_lock", true),
        ("chargepoint/4/set/manual_lock", false),
        ("chargepoint/3/config", false),
        ("general/extern", false),
    ] {
        let reason = anna
            .publish(&format!("openWB/set/{path}"), "true", false)
            .await;
        let expected = if allowed {
            PubAckReason::Success
        } else {
            PubAckReason::NotAuthorized
        };
        assert_eq!(reason, expected, "{path}");
    }
    sim.control().observe().await.unwrap();
    let lock = |id: u32| retained(&sim, &format!("openWB/chargepoint/{id}/set/manual_lock"));
    assert_eq!(lock(3).as_deref(), Some("true"));
    assert_eq!(lock(4).as_deref(), Some("false"));
    sim.stop().await;
}

#[tokio::test]
async fn a_command_is_named_by_its_topic() {
    let sim = managed().await;
    let mut anna = connect(&sim, "anna", "secret").await;
    anna.subscribe("openWB/log/anna/data", QoS::AtMostOnce)
        .await;
    let order = r#"{"command": "getChargeLog", "data": {"year": 2026, "month": "06", "filter": {"chargepoint": {}, "vehicle": {}}}}"#;
    let reason = anna
        .publish("openWB/set/command/anna/todo", order, false)
        .await;
    assert_eq!(reason, PubAckReason::NotAuthorized);
    // Who may send anything still has to say the same twice.
    let mut admin = connect(&sim, "admin", "openwb").await;
    for topic in ["todo", "todo/getDailyLog"] {
        admin
            .publish(&format!("openWB/set/command/anna/{topic}"), order, false)
            .await;
    }
    sim.control().observe().await.unwrap();
    anna.publish("openWB/set/command/anna/todo/getChargeLog", order, false)
        .await;
    let (topic, payload) = text(&anna.message().await);
    assert_eq!(topic, "openWB/log/anna/data");
    assert_eq!(payload, r#"{"entries": [], "totals": {}}"#);
    // One reply for three orders.
    sim.control()
        .publish("openWB/log/anna/data", b"end", false)
        .await
        .unwrap();
    assert_eq!(text(&anna.message().await).1, "end");
    sim.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let sim = managed().await;
    for (name, password) in [("anna", "wrong"), ("nobody", "secret"), ("admin", "")] {
        let mut options = options(sim.addr(), "stranger");
        options.set_credentials(name, password);
        let (_client, mut events) = AsyncClient::new(options, 8);
        let refused = loop {
            if let Err(error) = events.poll().await {
                break error;
            }
        };
        assert!(
            matches!(
                refused,
                ConnectionError::ConnectionRefused(
                    ConnectReturnCode::NotAuthorized | ConnectReturnCode::BadUserNamePassword
                )
            ),
            "{name}: {refused}"
        );
    }
    connect(&sim, "admin", "openwb").await.disconnect().await;
    sim.stop().await;
}

#[tokio::test]
async fn what_cannot_be_is_said_at_the_start() {
    let both = SimConfig {
        users: Some(Vec::new()),
        credentials: Some(user("anna", &[]).credentials),
        ..SimConfig::by_hand(noon())
    };
    assert!(matches!(
        Simulation::start(both).await,
        Err(StartError::TwoLocks)
    ));
    let old = SimConfig {
        users: Some(Vec::new()),
        generation: ladebuch_sim::Generation::V1_9,
        ..SimConfig::by_hand(noon())
    };
    assert!(matches!(
        Simulation::start(old).await,
        Err(StartError::NoUserManagement)
    ));
}
