//! Which hosts, which client, how patient.

use std::time::Duration;

use thiserror::Error;
use url::{Host, Url};

/// Which hosts to talk to, and as which client.
///
/// The default is Elli itself, as the client of its own app for phones: the only one whose redirect
/// address Elli's identity provider is known to accept. Nothing is ever read from the environment
/// or from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The authorization server: sign-in page and tokens.
    pub auth_url: String,
    /// The API.
    pub api_url: String,
    /// The OAuth client. It is public and has no secret.
    pub client_id: String,
    /// Where the sign-in page goes to in the end. Compared letter by letter on both sides.
    pub redirect_uri: String,
    /// What the access token is for. Elli's has a slash at its end.
    pub audience: String,
    /// What is asked for, separated by blanks. Without `offline_access` there is no refresh token.
    pub scope: String,
    /// Language of the sign-in page.
    pub ui_locales: String,
    /// How the client introduces itself.
    pub user_agent: String,
    /// Value of the header `platform` that Elli's app sends; `None` leaves it out.
    pub platform: Option<String>,
    /// How long a request may take, from the first byte sent to the last one received. Some
    /// endpoints are known to hang for half a minute.
    pub timeout: Duration,
    /// How long it may take until a connection stands.
    pub connect_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            auth_url: "https://login.elli.eco".to_owned(),
            api_url: "https://api.elli.eco".to_owned(),
            client_id: "vFGCyS5GUbctkPk1FfcNH6TrDtyfUCwX".to_owned(),
            redirect_uri: "com.elli.ios.emsp://login.elli.eco/ios/com.elli.ios.emsp/callback"
                .to_owned(),
            audience: "https://api.elli.eco/".to_owned(),
            scope: "offline_access openid profile".to_owned(),
            ui_locales: "de".to_owned(),
            user_agent: concat!("elli-rs/", env!("CARGO_PKG_VERSION")).to_owned(),
            platform: Some("iOS".to_owned()),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
        }
    }
}

impl Config {
    /// Both hosts at one place, for a simulator.
    #[must_use]
    pub fn at(base_url: &str) -> Self {
        Self {
            auth_url: base_url.to_owned(),
            api_url: base_url.to_owned(),
            ..Self::default()
        }
    }

    /// Whether an address is the redirect address, whatever its parameters say. For catching the
    /// navigation in a web view; [`SignIn::accept`](crate::SignIn::accept) looks at the rest.
    #[must_use]
    pub fn is_redirect(&self, address: &str) -> bool {
        let Some((scheme, place)) = bare(address).split_once("://") else {
            return false;
        };
        let Some((own_scheme, own_place)) = self.redirect_uri.split_once("://") else {
            return false;
        };
        let split = |place: &str| place.find('/').unwrap_or(place.len());
        let (host, path) = place.split_at(split(place));
        let (own_host, own_path) = own_place.split_at(split(own_place));
        // Scheme and host mean the same in capitals, and some browsers change them.
        scheme.eq_ignore_ascii_case(own_scheme)
            && host.eq_ignore_ascii_case(own_host)
            && path == own_path
    }

    pub(crate) fn check(&self) -> Result<Hosts, InvalidConfig> {
        let redirect = Url::parse(&self.redirect_uri).map_err(|_| InvalidConfig::Redirect)?;
        if bare(&self.redirect_uri) != self.redirect_uri || !redirect.has_host() {
            return Err(InvalidConfig::Redirect);
        }
        Ok(Hosts {
            auth: host(&self.auth_url)?,
            api: host(&self.api_url)?,
        })
    }
}

/// An address without its parameters and fragment.
pub(crate) fn bare(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

/// The two hosts, checked.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    pub(crate) auth: Url,
    pub(crate) api: Url,
}

impl Hosts {
    /// A simulator on this very machine: no proxy stands between.
    pub(crate) fn are_here(&self) -> bool {
        is_here(&self.auth) && is_here(&self.api)
    }
}

fn host(text: &str) -> Result<Url, InvalidConfig> {
    let url = Url::parse(text).map_err(|_| InvalidConfig::Host)?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !plain || url.cannot_be_a_base() {
        return Err(InvalidConfig::Host);
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_here(&url) => Ok(url),
        "http" => Err(InvalidConfig::NotEncrypted),
        _ => Err(InvalidConfig::Host),
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Why a [`Config`] cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// A host is no `https:` address without user, parameters and fragment.
    #[error("the address of a host must be https://… without user and parameters")]
    Host,
    /// Tokens would travel in the clear.
    #[error("tokens are only sent over https, or over http to this very machine")]
    NotEncrypted,
    /// The redirect address is none.
    #[error("the redirect address must be an address without parameters")]
    Redirect,
    /// No TLS or HTTP client could be built.
    #[error("no HTTP client can be built: {0}")]
    Client(Box<str>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_elli() {
        let hosts = Config::default().check().unwrap();
        assert_eq!(hosts.api.as_str(), "https://api.elli.eco/");
        assert!(!hosts.are_here());
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for here in [
            "http://127.0.0.1:8801",
            "http://localhost:1",
            "http://[::1]:1/x",
        ] {
            assert!(Config::at(here).check().unwrap().are_here(), "{here}");
        }
        assert_eq!(
            Config::at("http://192.0.2.7").check().unwrap_err(),
            InvalidConfig::NotEncrypted
        );
        assert_eq!(
            Config::at("http://localhost.example").check().unwrap_err(),
            InvalidConfig::NotEncrypted
        );
    }

    #[test]
    fn hosts_with_more_than_a_place_are_refused() {
        for url in [
            "",
            "elli",
            "ftp://x",
            "https://u:p@x",
            "https://x?a=b",
            "https://x#a",
            "data:x",
        ] {
            assert_eq!(
                Config::at(url).check().unwrap_err(),
                InvalidConfig::Host,
                "{url}"
            );
        }
    }

    #[test]
    fn a_redirect_address_has_no_parameters() {
        for redirect_uri in [
            "",
            "callback",
            "app://h/p?x=1",
            "app://h/p#x",
            "app:callback",
        ] {
            let config = Config {
                redirect_uri: redirect_uri.to_owned(),
                ..Config::default()
            };
            assert_eq!(config.check().unwrap_err(), InvalidConfig::Redirect);
        }
    }

    #[test]
    fn the_redirect_is_told_from_its_neighbours() {
        let config = Config::default();
        let own = config.redirect_uri.clone();
        assert!(config.is_redirect(&own));
        assert!(config.is_redirect(&format!("{own}?code=1#x")));
        assert!(config.is_redirect(&own.replacen("com.elli", "COM.Elli", 1)));
        assert!(config.is_redirect(&own.replacen("login.elli.eco", "LOGIN.elli.eco", 1)));
        for other in [
            String::new(),
            format!("{own}/"),
            format!("{own}x?code=1"),
            own.replace("callback", "Callback"),
            own.replace("://", "://user@"),
            own.replace("login.elli.eco", "login.elli.eco:443"),
            own.replace("login.elli.eco", "login.elli.eco.example"),
            own.replace("/ios/com", "/ios/../ios/com"),
            own.replace("com.elli.ios.emsp://", "https://"),
            format!("https://example.org/?{own}"),
        ] {
            assert!(!config.is_redirect(&other), "{other}");
        }
    }
}
