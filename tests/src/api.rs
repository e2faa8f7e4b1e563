//! The API as a script uses it: HTTP with the owner token.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

/// The server itself gives up after a minute.
const PATIENCE: Duration = Duration::from_secs(90);

/// A client of one server.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    token: Option<String>,
    http: Client,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Body as JSON; null if there is none.
    pub body: Value,
}

impl Api {
    /// A client for `http://host:port` that has not shown who it is.
    #[must_use]
    pub fn stranger(base: impl Into<String>) -> Self {
        // HTTP clients take the process's provider.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        Self {
            base: base.into(),
            token: None,
            http: Client::builder()
                .timeout(PATIENCE)
                .build()
                .expect("a client"),
        }
    }

    /// A client that holds the owner token of that data directory.
    ///
    /// # Panics
    /// If there is no token yet.
    #[must_use]
    pub fn owner(base: impl Into<String>, data_dir: &Path) -> Self {
        let file = data_dir.join("owner-token");
        let token = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self {
            token: Some(token.trim().to_owned()),
            ..Self::stranger(base)
        }
    }

    /// Address of the server, without a path.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The owner token, if it has one.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Sends a request; `None` if nobody answers.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Option<Answer> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.ok()?;
        let status = answer.status();
        let bytes = answer.bytes().await.ok()?;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Some(Answer { status, body })
    }

    /// What is there.
    ///
    /// # Panics
    /// If the server does not answer with success.
    pub async fn get(&self, path: &str) -> Value {
        self.must(Method::GET, path, None).await
    }

    /// Adds something.
    ///
    /// # Panics
    /// If the server does not answer with success.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        self.must(Method::POST, path, Some(body)).await
    }

    /// Replaces something.
    ///
    /// # Panics
    /// If the server does not answer with success.
    pub async fn put(&self, path: &str, body: &Value) -> Value {
        self.must(Method::PUT, path, Some(body)).await
    }

    /// Changes something.
    ///
    /// # Panics
    /// If the server does not answer with success.
    pub async fn patch(&self, path: &str, body: &Value) -> Value {
        self.must(Method::PATCH, path, Some(body)).await
    }

    /// Removes something.
    ///
    /// # Panics
    /// If the server does not answer with success.
    pub async fn delete(&self, path: &str) {
        self.must(Method::DELETE, path, None).await;
    }

    /// The body of an answer as it came.
    ///
    /// # Panics
    /// If the server does not answer with success.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let mut request = self.http.get(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.bytes().await.expect("a body").to_vec()
    }

    async fn must(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let named = format!("{method} {path}");
        let answer = self.ask(method, path, body).await;
        let answer = answer.unwrap_or_else(|| panic!("{named}: nobody answers"));
        assert!(
            answer.status.is_success(),
            "{named}: {} {}",
            answer.status,
            answer.body
        );
        answer.body
    }
}
