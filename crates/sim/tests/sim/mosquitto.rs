//! The broker with mosquitto's own clients, in both versions. Where they are not installed, these
//! tests have nothing to say.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Output};

use ladebuch_sim::Credentials;
use ladebuch_sim::broker::{Acl, Broker, BrokerConfig};

async fn broker(credentials: Option<Credentials>) -> Broker {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Broker::start(BrokerConfig {
        listen,
        credentials,
        acl: Acl::openwb(),
    })
    .await
    .unwrap()
}

/// Runs a client to its end; `None` if there is no such program.
async fn run(program: &'static str, addr: SocketAddr, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new(program);
    command
        .args(["-h", "127.0.0.1", "-p", &addr.port().to_string()])
        .args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap();
    match output {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn messages_of_every_qos_arrive_in_both_versions() {
    let broker = broker(None).await;
    let mut taken_in = broker.tap(&["openWB/set/#"], 16);
    for version in ["mqttv31", "mqttv311", "mqttv5"] {
        for qos in ["0", "1", "2"] {
            let arguments = [
                "-V",
                version,
                "-q",
                qos,
                "-t",
                "openWB/set/probe",
                "-m",
                qos,
                "-r",
            ];
            let Some(output) = run("mosquitto_pub", broker.addr(), &arguments).await else {
                return;
            };
            assert!(output.status.success(), "{version} {qos}: {output:?}");
            let message = taken_in.recv().await.unwrap();
            assert_eq!(message.payload, qos.as_bytes(), "{version}");
            let arguments = [
                "-V",
                version,
                "-q",
                qos,
                "-t",
                "openWB/set/+",
                "-C",
                "1",
                "-W",
                "10",
                "-v",
            ];
            let Some(output) = run("mosquitto_sub", broker.addr(), &arguments).await else {
                return;
            };
            assert_eq!(
                String::from_utf8_lossy(&output.stdout).trim(),
                format!("openWB/set/probe {qos}")
            );
        }
    }
    broker.stop().await;
}

#[tokio::test]
async fn a_denied_publish_is_silent_before_mqtt_5() {
    let broker = broker(None).await;
    for (version, says) in [("mqttv311", false), ("mqttv5", true)] {
        let arguments = [
            "-V",
            version,
            "-q",
            "1",
            "-t",
            "openWB/chargepoint/3/x",
            "-m",
            "1",
        ];
        let Some(output) = run("mosquitto_pub", broker.addr(), &arguments).await else {
            return;
        };
        let complains = String::from_utf8_lossy(&output.stderr).contains("Not authorized");
        assert_eq!(complains, says, "{version}: {output:?}");
    }
    assert!(broker.retained("#").is_empty());
    broker.stop().await;
}

#[tokio::test]
async fn a_password_opens_the_door() {
    let credentials = Credentials {
        user: "me".to_owned(),
        password: "right".to_owned(),
    };
    let broker = broker(Some(credentials)).await;
    for version in ["mqttv311", "mqttv5"] {
        for (password, opens) in [("right", true), ("wrong", false)] {
            let arguments = [
                "-V",
                version,
                "-u",
                "me",
                "-P",
                password,
                "-q",
                "1",
                "-t",
                "openWB/set/x",
                "-m",
                "1",
            ];
            let Some(output) = run("mosquitto_pub", broker.addr(), &arguments).await else {
                return;
            };
            assert_eq!(
                output.status.success(),
                opens,
                "{version} {password}: {output:?}"
            );
        }
    }
    broker.stop().await;
}
