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

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, u16, bool, Option<String>, Option<String>) {
        let SourceUrl { config, password } = text.parse().unwrap();
        (
            config.host,
            config.port,
            config.tls,
            config.username,
            password,
        )
    }

    #[test]
    fn addresses_are_read_with_their_defaults() {
        let own = |text: &str| Some(text.to_owned());
        for (text, expected) in [
            ("mqtt://box", ("box".to_owned(), 1883, false, None, None)),
            ("mqtts://box/", ("box".to_owned(), 8883, true, None, None)),
            (
                "mqtt://[::1]:1884",
                ("::1".to_owned(), 1884, false, None, None),
            ),
            (
                "mqtts://anna@box:1",
                ("box".to_owned(), 1, true, own("anna"), None),
            ),
            (
                "mqtts://an%40na:p%3A%C3%A4@box",
                ("box".to_owned(), 8883, true, own("an@na"), own("p:ä")),
            ),
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_of_a_broker_is_refused() {
        for text in [
            "",
            "box",
            "box:1883",
            "http://box",
            "mqtt://",
            "mqtt://box/topic",
            "mqtt://box?x=1",
            "mqtt://box:70000",
            "mqtt://a%ff@box",
            "mqtt://a%zz@box",
            "mqtt://a%f@box",
        ] {
            assert!(text.parse::<SourceUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let url: SourceUrl = "mqtt://anna:secret@box".parse().unwrap();
        assert_eq!(format!("{url:?}"), "SourceUrl(box:1883)");
    }
}
