//! A box to listen to, written as an address:
//! `mqtt://[user:password@]host[:port][/topic/prefix]`, or `mqtts://…[?fingerprint=…]` with TLS.

use std::convert::Infallible;
use std::str::FromStr;

use ladebuch_engine::connections::{PasswordChange, SourceDraft, Sources, SourcesError};
use ladebuch_engine::sources::OpenwbConfig;
use openwb::link::{InvalidUrl, LinkConfig, Tls};

use crate::opening::OpenError;

/// An openWB's address as somebody wrote it. Shows nothing of what was written.
///
/// A wrong one is a value, too, and is refused only when the program [opens](crate::App::open): a
/// parser of arguments prints what it refuses, and that may hold a password.
#[derive(Clone)]
pub struct SourceUrl(Result<Address, SourceUrlError>);

#[derive(Clone)]
struct Address {
    config: OpenwbConfig,
    password: Option<String>,
}

/// The address is not one. Does not repeat it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceUrlError {
    /// It cannot be read.
    #[error(transparent)]
    Invalid(#[from] InvalidUrl),
    /// What was meant as part of the password ended the host.
    #[error("there is a # or @ behind the host")]
    Stray,
}

impl FromStr for SourceUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(Address::read(text)))
    }
}

impl Address {
    fn read(text: &str) -> Result<Self, SourceUrlError> {
        let link = LinkConfig::from_url(text)?;
        if text.contains('#') || link.topic_prefix.contains('@') {
            return Err(SourceUrlError::Stray);
        }
        let (username, password) = match link.credentials {
            Some(login) => (Some(login.username), Some(login.password)),
            None => (None, None),
        };
        Ok(Self {
            config: OpenwbConfig {
                // An IPv6 address is in brackets only within an address.
                host: link.host.trim_matches(['[', ']']).to_owned(),
                port: link.port,
                tls: link.tls != Tls::Off,
                pinned_fingerprint: match link.tls {
                    Tls::Pinned(fingerprint) => Some(fingerprint.to_string()),
                    Tls::Off | Tls::SystemRoots => None,
                },
                username,
                topic_prefix: Some(link.topic_prefix).filter(|prefix| !prefix.is_empty()),
                http_port: None,
            },
            password: password.filter(|password| !password.is_empty()),
        })
    }
}

impl SourceUrl {
    /// Says what is wrong with it, if anything.
    pub(crate) fn check(&self) -> Result<(), SourceUrlError> {
        self.0.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Adds the source, unless there is one of the same host and port.
    pub(crate) async fn add_to(&self, sources: &Sources) -> Result<(), OpenError> {
        let address = self.0.as_ref().map_err(Clone::clone)?;
        Ok(address.add_to(sources).await?)
    }
}

impl Address {
    async fn add_to(&self, sources: &Sources) -> Result<(), SourcesError> {
        let same = |config: &OpenwbConfig| {
            config.host.eq_ignore_ascii_case(&self.config.host) && config.port == self.config.port
        };
        if sources
            .list()
            .await?
            .iter()
            .any(|source| source.config.openwb().is_some_and(same))
        {
            return Ok(());
        }
        let password = match &self.password {
            Some(password) => PasswordChange::Set(password.clone()),
            None => PasswordChange::Keep,
        };
        let draft = SourceDraft {
            name: None,
            config: Some(self.config.clone().into()),
            password,
        };
        sources.add(draft).await.map(|_| ())
    }
}

impl std::fmt::Debug for SourceUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceUrl").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, u16, bool, Option<String>, Option<String>) {
        let Address { config, password } = Address::read(text).unwrap();
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
    fn a_certificate_and_a_topic_prefix_can_be_named() {
        let fingerprint = "0a".repeat(32);
        let text = format!("mqtts://box/home/cellar?fingerprint={fingerprint}");
        let config = Address::read(&text).unwrap().config;
        assert_eq!(config.topic_prefix.as_deref(), Some("home/cellar"));
        let pinned = config.pinned_fingerprint.unwrap();
        assert_eq!(pinned.replace(':', "").to_lowercase(), fingerprint);
    }

    #[test]
    fn what_is_refused_is_not_repeated() {
        for text in [
            "",
            "secret",
            "secret:1883",
            "http://secret",
            "mqtt://",
            "mqtt://box?x=secret",
            "mqtts://box?fingerprint=secret",
            "mqtt://box:70000",
            "mqtts://anna:secret#1@box",
            "mqtts://anna:12#secret@box",
            "mqtts://anna:12/secret@box",
            "mqtts://anna:12?secret@box",
        ] {
            let url: SourceUrl = text.parse().unwrap();
            let error = url.check().expect_err(text);
            let said = format!("{error} {error:?} {url:?}");
            assert!(!said.contains("secret"), "{text}: {said}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let url: SourceUrl = "mqtt://anna:secret@box".parse().unwrap();
        assert!(url.check().is_ok());
        assert_eq!(format!("{url:?}"), "SourceUrl { .. }");
    }
}
