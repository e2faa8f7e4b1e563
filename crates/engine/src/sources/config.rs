//! How to reach a source. None of it is a secret.

use ladebuch_domain::source::SourceKind;
use serde::{Deserialize, Serialize};

/// What a source is and how to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceConfig {
    /// An openWB.
    Openwb(OpenwbConfig),
    /// An account of the Elli cloud.
    Elli(ElliConfig),
    /// An Elli Charger 2 on the local network.
    Charger2(Charger2Config),
}

/// How to reach an openWB's MQTT broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenwbConfig {
    /// Host name or address.
    pub host: String,
    /// TCP port: 1883, or 8883 with TLS.
    pub port: u16,
    /// Whether to use TLS.
    pub tls: bool,
    /// SHA-256 of the certificate to trust, in hex; `None`: the system's authorities.
    pub pinned_fingerprint: Option<String>,
    /// MQTT user; its password is kept by the host.
    pub username: Option<String>,
    /// What a bridge puts before `openWB/…`.
    pub topic_prefix: Option<String>,
    /// Port of the box's web server, which has the charge log of openWB 1.9; `None`: 80.
    #[serde(default)]
    pub http_port: Option<u16>,
}

/// Which account of which Elli. It keeps the hosts at which it signed in, so that its tokens are
/// never sent to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElliConfig {
    /// The authorization server.
    pub auth_url: String,
    /// The API.
    pub api_url: String,
    /// The account (`sub` of its id token), if Elli told.
    pub subject: Option<String>,
}

/// How to reach an Elli Charger 2 over Modbus TCP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charger2Config {
    /// Host name or address.
    pub host: String,
    /// TCP port, usually 502.
    pub port: u16,
}

impl ElliConfig {
    /// Whether it is known to be that account: without its subject an account is like no other.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.subject.is_some() && self == other
    }
}

impl SourceConfig {
    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> SourceKind {
        match self {
            Self::Openwb(_) => SourceKind::Openwb,
            Self::Elli(_) => SourceKind::Elli,
            Self::Charger2(_) => SourceKind::Charger2,
        }
    }

    /// The openWB, if it is one.
    #[must_use]
    pub const fn openwb(&self) -> Option<&OpenwbConfig> {
        match self {
            Self::Openwb(config) => Some(config),
            Self::Elli(_) | Self::Charger2(_) => None,
        }
    }

    /// The Elli account, if it is one.
    #[must_use]
    pub const fn elli(&self) -> Option<&ElliConfig> {
        match self {
            Self::Elli(config) => Some(config),
            Self::Openwb(_) | Self::Charger2(_) => None,
        }
    }

    /// As it is stored.
    pub(crate) fn to_json(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Openwb(config) => serde_json::to_string(config),
            Self::Elli(config) => serde_json::to_string(config),
            Self::Charger2(config) => serde_json::to_string(config),
        }
    }

    /// From what is stored.
    pub(crate) fn from_json(kind: SourceKind, json: &str) -> Result<Self, serde_json::Error> {
        match kind {
            SourceKind::Openwb => serde_json::from_str(json).map(Self::Openwb),
            SourceKind::Elli => serde_json::from_str(json).map(Self::Elli),
            SourceKind::Charger2 => serde_json::from_str(json).map(Self::Charger2),
        }
    }
}

impl From<OpenwbConfig> for SourceConfig {
    fn from(config: OpenwbConfig) -> Self {
        Self::Openwb(config)
    }
}
