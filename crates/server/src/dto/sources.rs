//! Sources as they are configured and tested.

use ladebuch_engine::connections::{PasswordChange, Source as Configured, SourceDraft};
use ladebuch_engine::sources::{OpenwbConfig, TestQuantity, TestReading, TestReport};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::live::{LiveSource, SourceKind, SourceProblem};
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
    /// What it is.
    pub kind: SourceKind,
    /// The name its owner gave it.
    pub name: String,
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
    /// When it was added.
    pub created_at: Instant,
    /// How it is doing.
    #[schema(required)]
    pub live: Option<LiveSource>,
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

/// A source to add, change or test.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "openwb", "host": "openwb.local", "port": 8883,
    "tls": {"enabled": true, "pinned_fingerprint": null},
    "username": "ladebuch", "password": "secret", "topic_prefix": null
}))]
pub struct SourceInput {
    /// When testing: the stored source whose password is used if none is given.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// What it is.
    pub kind: SourceKind,
    /// A name; the host if left out.
    #[serde(default)]
    pub name: Option<String>,
    /// Host name or address of the broker.
    pub host: String,
    /// Its port: 1883, or 8883 with TLS.
    pub port: u16,
    /// Encryption; none if left out.
    #[serde(default)]
    pub tls: Tls,
    /// User name at the broker.
    #[serde(default)]
    pub username: Option<String>,
    /// Null or left out keeps the stored password, `""` removes it.
    #[serde(default)]
    pub password: Option<String>,
    /// Topic prefix in front of `openWB/`, where a bridge adds one.
    #[serde(default)]
    pub topic_prefix: Option<String>,
    /// Port of the box's web server, where it is not the usual one.
    #[serde(default)]
    pub http_port: Option<u16>,
}

/// What a test of a connection found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceTest {
    /// Whether an openWB answered that can be listened to.
    pub ok: bool,
    /// Version of its software.
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
    /// `W`, `%`, `Wh` or nothing.
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
        let config = source.config;
        Self {
            id: source.id.0,
            kind: SourceKind::Openwb,
            name: source.name,
            host: config.host,
            port: config.port,
            tls: Tls {
                enabled: config.tls,
                pinned_fingerprint: config.pinned_fingerprint,
            },
            username: config.username,
            has_password: source.has_password,
            topic_prefix: config.topic_prefix,
            http_port: config.http_port,
            created_at: source.created.into(),
            live,
        }
    }
}

impl From<SourceInput> for SourceDraft {
    fn from(input: SourceInput) -> Self {
        let SourceKind::Openwb = input.kind;
        Self {
            name: filled(input.name),
            config: OpenwbConfig {
                host: input.host.trim().to_owned(),
                port: input.port,
                tls: input.tls.enabled,
                pinned_fingerprint: filled(input.tls.pinned_fingerprint),
                username: filled(input.username),
                topic_prefix: filled(input.topic_prefix),
                http_port: input.http_port,
            },
            password: match input.password {
                None => PasswordChange::Keep,
                Some(password) if password.is_empty() => PasswordChange::Remove,
                Some(password) => PasswordChange::Set(password),
            },
        }
    }
}

/// A field of a form that was left empty says nothing.
fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
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
