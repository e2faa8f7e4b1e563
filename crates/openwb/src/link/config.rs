//! Where and how to connect.

use std::fmt;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use thiserror::Error;
use url::Url;

use super::{Backoff, Fingerprint, InvalidFingerprint};

/// Where and how to connect.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkConfig {
    /// Name or address of the box.
    pub host: String,
    /// Port: 1883, or 8883 with TLS.
    pub port: u16,
    /// Encryption, and whom to trust.
    pub tls: Tls,
    /// User and password, where the box manages its users.
    pub credentials: Option<Credentials>,
    /// What a bridge puts in front of `openWB/…`; usually empty.
    pub topic_prefix: String,
    /// Start of the MQTT client id; a random part follows. Ten characters of it count.
    pub client_name: String,
    /// How long a connection may take, from DNS to the broker's welcome.
    pub connect_timeout: Duration,
    /// Waiting times between attempts.
    pub backoff: Backoff,
}

/// Encryption, and whom to trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    /// Not encrypted.
    #[default]
    Off,
    /// The certificate must come from an authority the operating system trusts.
    SystemRoots,
    /// The certificate must be this very one. For the self-signed one of a box, which no
    /// authority vouches for and whose host name rarely fits.
    Pinned(Fingerprint),
}

/// User name and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
}

/// Never shows the password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl LinkConfig {
    /// An unencrypted, anonymous connection: what a fresh openWB offers on port 1883.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            tls: Tls::Off,
            credentials: None,
            topic_prefix: String::new(),
            client_name: "openwb".to_owned(),
            connect_timeout: Duration::from_secs(5),
            backoff: Backoff::default(),
        }
    }

    /// Reads `mqtt://[user:password@]host[:port][/topic/prefix]`, or `mqtts://…` with TLS and
    /// optionally `?fingerprint=<sha256 of the certificate>`.
    ///
    /// # Errors
    ///
    /// If the text is no such URL.
    pub fn from_url(url: &str) -> Result<Self, InvalidUrl> {
        let url = Url::parse(url)?;
        let encrypted = match url.scheme() {
            "mqtt" => false,
            "mqtts" => true,
            _ => return Err(InvalidUrl::Scheme),
        };
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or(InvalidUrl::NoHost)?;
        let mut config = Self::new(
            decoded(host),
            url.port().unwrap_or(if encrypted { 8883 } else { 1883 }),
        );
        for (key, value) in url.query_pairs() {
            match &*key {
                "fingerprint" if encrypted => config.tls = Tls::Pinned(value.parse()?),
                _ => return Err(InvalidUrl::Parameter),
            }
        }
        if encrypted && config.tls == Tls::Off {
            config.tls = Tls::SystemRoots;
        }
        if !url.username().is_empty() {
            config.credentials = Some(Credentials {
                username: decoded(url.username()),
                password: decoded(url.password().unwrap_or_default()),
            });
        }
        config.topic_prefix = decoded(url.path().trim_matches('/'));
        Ok(config)
    }

    /// The host without the brackets an IPv6 address wears in a URL.
    pub(super) fn bare_host(&self) -> &str {
        self.host
            .strip_prefix('[')
            .and_then(|h| h.strip_suffix(']'))
            .unwrap_or(&self.host)
            .trim()
    }
}

/// A topic or filter below the prefix of a bridge.
pub(super) fn prefixed(prefix: &str, topic: &str) -> String {
    match prefix.trim_matches('/') {
        "" => topic.to_owned(),
        prefix => format!("{prefix}/{topic}"),
    }
}

fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

/// Why a text is no URL of a box.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidUrl {
    /// Not a URL at all.
    #[error("not a URL: {0}")]
    Syntax(#[from] url::ParseError),
    /// Neither `mqtt:` nor `mqtts:`.
    #[error("the URL must start with mqtt:// or mqtts://")]
    Scheme,
    /// No host.
    #[error("the URL names no host")]
    NoHost,
    /// The fingerprint is none.
    #[error(transparent)]
    Fingerprint(#[from] InvalidFingerprint),
    /// Another parameter than `fingerprint`, or that one without TLS.
    #[error("the only parameter is “fingerprint”, with mqtts://")]
    Parameter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_url_means_the_open_port_of_a_box() {
        assert_eq!(
            LinkConfig::from_url("mqtt://box.lan"),
            Ok(LinkConfig::new("box.lan", 1883))
        );
    }

    #[test]
    fn a_url_may_carry_everything() {
        let pin = Fingerprint::of(b"x");
        let url = format!("mqtts://max:p%40ss%2Fw@192.0.2.7:9883/home/box?fingerprint={pin}");
        let config = LinkConfig::from_url(&url).unwrap();
        assert_eq!((config.host.as_str(), config.port), ("192.0.2.7", 9883));
        assert_eq!(config.tls, Tls::Pinned(pin));
        assert_eq!(config.topic_prefix, "home/box");
        let credentials = config.credentials.clone().unwrap();
        assert_eq!(
            (&*credentials.username, &*credentials.password),
            ("max", "p@ss/w")
        );
        assert!(!format!("{config:?}").contains("p@ss"));
    }

    #[test]
    fn tls_without_a_fingerprint_trusts_the_system_and_uses_the_tls_port() {
        let config = LinkConfig::from_url("mqtts://box").unwrap();
        assert_eq!((config.tls, config.port), (Tls::SystemRoots, 8883));
    }

    #[test]
    fn an_ipv6_address_loses_its_brackets() {
        let config = LinkConfig::from_url("mqtt://[2001:db8::1]:1883").unwrap();
        assert_eq!(config.bare_host(), "2001:db8::1");
    }

    #[test]
    fn other_urls_are_refused() {
        for url in [
            "box",
            "http://box",
            "mqtt://",
            "mqtt://box?fingerprint=00",
            "mqtts://box?x=1",
            "mqtts://box?fingerprint=zz",
        ] {
            assert!(LinkConfig::from_url(url).is_err(), "{url}");
        }
    }
}
