//! Sources as they are configured and tested.

use ladebuch_engine::connections::Source as Configured;
use ladebuch_engine::sources::{SourceConfig, TestQuantity, TestReading, TestReport};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::live::{LiveSource, SourceProblem};
use super::{Instant, Kind};

/// Every configured source.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceList {
    /// In the order they were added.
    pub sources: Vec<Source>,
}

/// A configured source.
#[derive(Debug, Serialize, ToSchema)]
pub struct Source {
    /// Its id.
    pub id: Uuid,
    /// The name its owner gave it.
    pub name: String,
    /// What it is and how it is reached.
    #[serde(flatten)]
    pub connection: Connection,
    /// When it was added.
    pub created_at: Instant,
    /// How it is doing.
    #[schema(required)]
    pub live: Option<LiveSource>,
}

/// What a source is and how it is reached.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Connection {
    /// An openWB, over MQTT.
    Openwb(OpenwbConnection),
    /// An account of the Elli cloud.
    Elli(ElliConnection),
    /// An Elli Charger 2 on the local network, over Modbus TCP.
    Charger2(Charger2Connection),
}

/// How an openWB is reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenwbConnection {
    /// Host name or address of the broker.
    #[schema(example = "openwb.local")]
    pub host: String,
    /// Its port.
    #[schema(example = 8883)]
    pub port: u16,
    /// Encryption.
    pub tls: Tls,
    /// User name at the broker.
    #[schema(required)]
    pub username: Option<String>,
    /// Whether a password is stored. It is never sent.
    pub has_password: bool,
    /// Topic prefix in front of `openWB/`, where a bridge adds one.
    #[schema(required)]
    pub topic_prefix: Option<String>,
    /// Port of the box's web server, where it is not the usual one. An openWB 1.9 hands out its
    /// charge log there.
    #[schema(required)]
    pub http_port: Option<u16>,
}

/// How an Elli account is reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct ElliConnection {
    /// Host of the sign-in page.
    #[schema(example = "login.elli.eco")]
    pub host: String,
}

/// How an Elli Charger 2 is reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct Charger2Connection {
    /// Host name or address.
    #[schema(example = "192.168.178.40")]
    pub host: String,
    /// Its Modbus port.
    #[schema(example = 502)]
    pub port: u16,
}

/// Encryption of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tls {
    /// Whether TLS is used.
    pub enabled: bool,
    /// SHA-256 of the one certificate to trust, in hex; null: the system's authorities decide.
    #[serde(default)]
    #[schema(required)]
    pub pinned_fingerprint: Option<String>,
}

/// What a test of a connection found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceTest {
    /// Whether a box answered that can be listened to.
    pub ok: bool,
    /// Version of its software, or of the register layout of a Charger 2.
    #[schema(required, example = "2.2.0")]
    pub software_version: Option<String>,
    /// `2.x` or `1.9`.
    #[schema(required, example = "2.x")]
    pub generation: Option<String>,
    /// `5` or `3.1.1`.
    #[schema(required, example = "5")]
    pub mqtt_version: Option<String>,
    /// What is wrong.
    #[schema(required)]
    pub problem: Option<SourceProblem>,
    /// Values that were just received.
    pub readings: Vec<Sample>,
    /// How long the test took.
    pub elapsed_ms: u64,
}

/// A value that was just received.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sample {
    /// The part the device plays.
    pub device_kind: Kind,
    /// Its name.
    pub device_name: String,
    /// What the value is.
    pub quantity: SampleQuantity,
    /// The value.
    pub value: SampleValue,
    /// `W`, `%`, `Wh`, `VA`, `VAh`, `A` or nothing.
    #[schema(example = "W")]
    pub unit: &'static str,
}

/// What a received value is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SampleQuantity {
    /// Power.
    Power,
    /// State of charge.
    Soc,
    /// Meter reading.
    Imported,
    /// Whether a vehicle is connected.
    Plugged,
    /// Apparent power: not what a bill is about.
    ApparentPower,
    /// Apparent energy: not what a bill is about.
    ApparentEnergy,
    /// The limit of the current that is in force.
    CurrentLimit,
}

/// A received value.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SampleValue {
    /// A quantity.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

impl Source {
    /// A source and how it is doing.
    #[must_use]
    pub fn new(source: Configured, live: Option<LiveSource>) -> Self {
        let has_password = source.has_password;
        Self {
            id: source.id.0,
            name: source.name,
            connection: match source.config {
                SourceConfig::Openwb(config) => Connection::Openwb(OpenwbConnection {
                    host: config.host,
                    port: config.port,
                    tls: Tls {
                        enabled: config.tls,
                        pinned_fingerprint: config.pinned_fingerprint,
                    },
                    username: config.username,
                    has_password,
                    topic_prefix: config.topic_prefix,
                    http_port: config.http_port,
                }),
                SourceConfig::Elli(config) => Connection::Elli(ElliConnection {
                    host: host_of(&config.auth_url),
                }),
                SourceConfig::Charger2(config) => Connection::Charger2(Charger2Connection {
                    host: config.host,
                    port: config.port,
                }),
            },
            created_at: source.created.into(),
            live,
        }
    }

    /// Without the user's name, for a file that is given to others.
    #[must_use]
    pub fn without_user(mut self) -> Self {
        if let Connection::Openwb(connection) = &mut self.connection {
            connection.username = connection.username.take().map(|_| "(hidden)".to_owned());
        }
        self
    }
}

/// Host and, where it is not the usual one, port of an address.
fn host_of(url: &str) -> String {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = after_scheme.split('/').next().unwrap_or_default();
    host.to_owned()
}

impl From<TestReport> for SourceTest {
    fn from(report: TestReport) -> Self {
        Self {
            ok: report.problem.is_none(),
            software_version: report.software_version,
            generation: report.generation,
            mqtt_version: report.mqtt_version,
            problem: report.problem.map(SourceProblem::from),
            readings: report.readings.into_iter().map(Sample::from).collect(),
            elapsed_ms: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl From<TestReading> for Sample {
    fn from(reading: TestReading) -> Self {
        let (quantity, unit) = match reading.quantity {
            TestQuantity::Power => (SampleQuantity::Power, "W"),
            TestQuantity::Soc => (SampleQuantity::Soc, "%"),
            TestQuantity::Imported => (SampleQuantity::Imported, "Wh"),
            TestQuantity::Plugged => (SampleQuantity::Plugged, ""),
            TestQuantity::ApparentPower => (SampleQuantity::ApparentPower, "VA"),
            TestQuantity::ApparentEnergy => (SampleQuantity::ApparentEnergy, "VAh"),
            TestQuantity::CurrentLimit => (SampleQuantity::CurrentLimit, "A"),
        };
        Self {
            device_kind: Kind(reading.kind),
            device_name: reading.device,
            quantity,
            value: match quantity {
                SampleQuantity::Plugged => SampleValue::Flag(reading.value != 0.0),
                _ => SampleValue::Number(reading.value),
            },
            unit,
        }
    }
}
