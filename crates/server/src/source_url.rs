//! A box to listen to, written as an address: `mqtt://[user[:password]@]host[:port]`.

use std::str::FromStr;

use ladebuch_engine::connections::{PasswordChange, SourceDraft, Sources, SourcesError};
use ladebuch_engine::sources::OpenwbConfig;
use url::Url;

const PORT: u16 = 1883;
const TLS_PORT: u16 = 8883;

/// An openWB's address. Does not print its password.
#[derive(Clone)]
pub struct SourceUrl {
    config: OpenwbConfig,
    password: Option<String>,
}

/// The address is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write the openWB's address as mqtt://HOST or mqtts://USER:PASSWORD@HOST:PORT")]
pub struct SourceUrlError;

impl FromStr for SourceUrl {
    type Err = SourceUrlError;

    fn from_str(text: &str) -> Result<Self, SourceUrlError> {
        let url = Url::parse(text).map_err(|_| SourceUrlError)?;
        let tls = match url.scheme() {
            "mqtt" => false,
            "mqtts" => true,
            _ => return Err(SourceUrlError),
        };
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or(SourceUrlError)?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(SourceUrlError);
        }
        let username = decoded(url.username())?;
        Ok(Self {
            config: OpenwbConfig {
                // An IPv6 address is in brackets only within an address.
                host: host.trim_matches(['[', ']']).to_owned(),
                port: url.port().unwrap_or(if tls { TLS_PORT } else { PORT }),
                tls,
                pinned_fingerprint: None,
                username: Some(username).filter(|name| !name.is_empty()),
                topic_prefix: None,
            },
            password: url.password().map(decoded).transpose()?,
        })
    }
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> Result<String, SourceUrlError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let code = digit().zip(digit()).map(|(high, low)| high * 16 + low);
        bytes.push(
            code.and_then(|code| u8::try_from(code).ok())
                .ok_or(SourceUrlError)?,
        );
    }
    String::from_utf8(bytes).map_err(|_| SourceUrlError)
}

impl SourceUrl {
    /// Adds the source, unless there is one of the same host and port.
    pub(crate) async fn add_to(&self, sources: &Sources) -> Result<(), SourcesError> {
        let same = |config: &OpenwbConfig| {
            config.host.eq_ignore_ascii_case(&self.config.host) && config.port == self.config.port
        };
        if sources
            .list()
            .await?
            .iter()
            .any(|source| same(&source.config))
        {
            return Ok(());
        }
        let password = match &self.password {
            Some(password) => PasswordChange::Set(password.clone()),
            None => PasswordChange::Keep,
        };
        let draft = SourceDraft {
            name: None,
            config: self.config.clone(),
            password,
        };
        sources.add(draft).await.map(|_| ())
    }
}

impl std::fmt::Debug for SourceUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourceUrl({}:{})", self.config.host, self.config.port)
    }
}
