//! The client: hosts, connections and headers.

use std::fmt;
use std::sync::Arc;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use url::Url;

use crate::config::{Config, Hosts, InvalidConfig};
use crate::error::Error;
use crate::private::AccessToken;
use crate::tls;
use crate::transport::{self, Answer, JSON_LIMIT};

/// Talks to Elli. Cheap to clone; clones share their connections.
///
/// Sends what it is told to when it is told to: it neither repeats requests nor spaces them, it
/// keeps no tokens and writes no log of its own but warnings. Dropping a future ends its request.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    own: Arc<Own>,
}

struct Own {
    config: Config,
    hosts: Hosts,
}

impl Client {
    /// Checks the configuration and prepares TLS. Reads the system's certificates: blocks briefly.
    ///
    /// # Errors
    ///
    /// If the configuration cannot be used.
    pub fn new(config: Config) -> Result<Self, InvalidConfig> {
        let hosts = config.check()?;
        let unusable = |detail: String| InvalidConfig::Client(detail.into());
        let mut headers = HeaderMap::new();
        if let Some(platform) = &config.platform {
            let value = HeaderValue::from_str(platform).map_err(|e| unusable(e.to_string()))?;
            headers.insert(HeaderName::from_static("platform"), value);
        }
        let tls = tls::client_config().map_err(|e| unusable(e.to_string()))?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(&config.user_agent)
            .default_headers(headers)
            .timeout(config.timeout)
            .connect_timeout(config.connect_timeout)
            // A token must not follow a redirect, and a refresh token must not be sent twice.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never());
        if hosts.are_here() {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|e| unusable(e.to_string()))?;
        Ok(Self {
            http,
            own: Arc::new(Own { config, hosts }),
        })
    }

    /// What the client was made with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.own.config
    }

    pub(crate) fn auth_url(&self, path: &str) -> Url {
        let mut url = self.own.hosts.auth.clone();
        let whole = format!("{}/{path}", url.path().trim_end_matches('/'));
        url.set_path(&whole);
        url
    }

    /// Sends JSON to the authorization server.
    pub(crate) async fn post_auth(&self, path: &str, body: &Value) -> Result<Answer, Error> {
        let request = self
            .http
            .post(self.auth_url(path))
            .header(ACCEPT, "application/json")
            .json(body);
        transport::send(request, JSON_LIMIT).await
    }

    /// Asks the API for JSON.
    pub(crate) async fn get(
        &self,
        token: &AccessToken,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Answer, Error> {
        let request = self
            .request(Method::GET, token, path)?
            .header(ACCEPT, "application/json")
            .query(query);
        transport::send(request, JSON_LIMIT).await
    }

    /// A request to the API. `path` is one entry per segment, so that an id stays one.
    pub(crate) fn request(
        &self,
        method: Method,
        token: &AccessToken,
        path: &[&str],
    ) -> Result<RequestBuilder, Error> {
        if path
            .iter()
            .any(|segment| matches!(*segment, "" | "." | ".."))
        {
            return Err(Error::InvalidId);
        }
        let mut url = self.own.hosts.api.clone();
        url.path_segments_mut()
            .map_err(|()| Error::InvalidId)?
            .pop_if_empty()
            .extend(path);
        // What cannot be a header cannot be a token that Elli gave.
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_| Error::Unauthorized)?;
        bearer.set_sensitive(true);
        Ok(self.http.request(method, url).header(AUTHORIZATION, bearer))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.own.config)
            .finish_non_exhaustive()
    }
}
