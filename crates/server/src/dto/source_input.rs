//! Sources as a caller enters them.

use ladebuch_engine::connections::{PasswordChange, SourceDraft};
use ladebuch_engine::sources::{Charger2Config, OpenwbConfig, SourceConfig};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::sources::Tls;

/// A source to add, change or test.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "Entered")]
#[schema(example = json!({
    "kind": "openwb", "host": "openwb.local", "port": 8883,
    "tls": {"enabled": true, "pinned_fingerprint": null},
    "username": "ladebuch", "password": "secret", "topic_prefix": null
}))]
pub enum SourceInput {
    /// An openWB.
    Openwb(OpenwbInput),
    /// An Elli Charger 2 on the local network.
    Charger2(Charger2Input),
    /// An Elli account: added by signing in, so that only its name can be changed.
    Elli(ElliInput),
}

/// An openWB to add, change or test.
#[derive(Clone, ToSchema)]
pub struct OpenwbInput {
    /// When testing: the stored source whose password is used if none is given.
    pub id: Option<Uuid>,
    /// A name; the host if left out.
    pub name: Option<String>,
    /// Host name or address of the broker.
    pub host: String,
    /// Its port: 1883, or 8883 with TLS.
    pub port: u16,
    /// Encryption; none if left out.
    pub tls: Tls,
    /// User name at the broker.
    pub username: Option<String>,
    /// Null or left out keeps the stored password, `""` removes it.
    pub password: Option<String>,
    /// Topic prefix in front of `openWB/`, where a bridge adds one.
    pub topic_prefix: Option<String>,
    /// Port of the box's web server, where it is not the usual one.
    pub http_port: Option<u16>,
}

/// An Elli Charger 2 to add, change or test.
#[derive(Clone, ToSchema)]
pub struct Charger2Input {
    /// A name; `Elli Charger 2` if left out.
    pub name: Option<String>,
    /// Host name or address.
    pub host: String,
    /// Its Modbus port, usually 502.
    pub port: u16,
}

/// An Elli account to rename.
#[derive(Clone, ToSchema)]
pub struct ElliInput {
    /// Its name.
    pub name: String,
}

/// A body as it arrives, whatever the kind: only so does a wrong value name its field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entered {
    kind: EnteredKind,
    id: Option<Uuid>,
    name: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    tls: Option<Tls>,
    username: Option<String>,
    password: Option<String>,
    topic_prefix: Option<String>,
    http_port: Option<u16>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EnteredKind {
    Openwb,
    Charger2,
    Elli,
}

/// Why a body is no source.
#[derive(Debug, thiserror::Error)]
enum NotASource {
    #[error("missing field `{0}`")]
    Missing(&'static str),
    #[error(
        "only an openWB has `id`, `tls`, `username`, `password`, `topic_prefix` and `http_port`"
    )]
    OfOpenwb,
    #[error("of an Elli account only `name` can be changed")]
    OfElli,
}

impl TryFrom<Entered> for SourceInput {
    type Error = NotASource;

    fn try_from(entered: Entered) -> Result<Self, NotASource> {
        let of_openwb = entered.id.is_some()
            || entered.tls.is_some()
            || entered.username.is_some()
            || entered.password.is_some()
            || entered.topic_prefix.is_some()
            || entered.http_port.is_some();
        let host = entered.host.ok_or(NotASource::Missing("host"));
        let port = entered.port.ok_or(NotASource::Missing("port"));
        Ok(match entered.kind {
            EnteredKind::Openwb => Self::Openwb(OpenwbInput {
                id: entered.id,
                name: entered.name,
                host: host?,
                port: port?,
                tls: entered.tls.unwrap_or_default(),
                username: entered.username,
                password: entered.password,
                topic_prefix: entered.topic_prefix,
                http_port: entered.http_port,
            }),
            _ if of_openwb => return Err(NotASource::OfOpenwb),
            EnteredKind::Charger2 => Self::Charger2(Charger2Input {
                name: entered.name,
                host: host?,
                port: port?,
            }),
            EnteredKind::Elli if host.is_ok() || port.is_ok() => return Err(NotASource::OfElli),
            EnteredKind::Elli => Self::Elli(ElliInput {
                name: entered.name.ok_or(NotASource::Missing("name"))?,
            }),
        })
    }
}

impl SourceInput {
    /// The stored source whose password is used if none is given.
    #[must_use]
    pub const fn like(&self) -> Option<Uuid> {
        match self {
            Self::Openwb(input) => input.id,
            Self::Charger2(_) | Self::Elli(_) => None,
        }
    }
}

impl From<SourceInput> for SourceDraft {
    fn from(input: SourceInput) -> Self {
        match input {
            SourceInput::Openwb(input) => Self {
                name: filled(input.name),
                config: Some(SourceConfig::Openwb(OpenwbConfig {
                    host: input.host.trim().to_owned(),
                    port: input.port,
                    tls: input.tls.enabled,
                    pinned_fingerprint: filled(input.tls.pinned_fingerprint),
                    username: filled(input.username),
                    topic_prefix: filled(input.topic_prefix),
                    http_port: input.http_port,
                })),
                password: match input.password {
                    None => PasswordChange::Keep,
                    Some(password) if password.is_empty() => PasswordChange::Remove,
                    Some(password) => PasswordChange::Set(password),
                },
            },
            SourceInput::Charger2(input) => Self {
                name: filled(input.name),
                config: Some(SourceConfig::Charger2(Charger2Config {
                    host: input.host,
                    port: input.port,
                })),
                password: PasswordChange::Keep,
            },
            SourceInput::Elli(input) => Self {
                name: filled(Some(input.name)),
                config: None,
                password: PasswordChange::Keep,
            },
        }
    }
}

/// A field of a form that was left empty says nothing.
fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}
