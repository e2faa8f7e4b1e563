//! A server that answers as a test says, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse;
use elli::{AccessToken, Client, Config};
use serde_json::Value;
use tokio::net::TcpListener;
use url::form_urlencoded;

#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Asked {
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn number(&self, name: &str) -> usize {
        self.parameter(name).unwrap().parse().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

pub enum Reply {
    With(Response<Body>),
    Hang,
}

impl<T: IntoResponse> From<T> for Reply {
    fn from(response: T) -> Self {
        Self::With(response.into_response())
    }
}

#[derive(Clone)]
pub struct Fake {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    pub async fn start(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (reply, log) = (Arc::new(reply), asked.clone());
        let app = Router::new().fallback(move |request: Request| {
            let (reply, log) = (reply.clone(), log.clone());
            async move {
                let request = read(request).await;
                log.lock().unwrap().push(request.clone());
                match reply(&request) {
                    Reply::With(response) => response,
                    Reply::Hang => std::future::pending().await,
                }
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, asked }
    }

    /// Answers everything with this status and JSON.
    pub async fn saying(status: u16, body: &Value) -> Self {
        let body = body.to_string();
        Self::start(move |_| json(status, &body)).await
    }

    pub fn client(&self) -> Client {
        Client::new(self.config()).unwrap()
    }

    pub fn config(&self) -> Config {
        Config::at(&self.url)
    }

    pub fn impatient(&self) -> Client {
        Client::new(Config {
            timeout: Duration::from_millis(200),
            ..self.config()
        })
        .unwrap()
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn last(&self) -> Asked {
        self.asked().pop().unwrap()
    }
}

pub fn json(status: u16, body: &str) -> Reply {
    let kind = [("content-type", "application/json")];
    (StatusCode::from_u16(status).unwrap(), kind, body.to_owned()).into()
}

pub fn page(status: u16) -> Reply {
    let kind = [("content-type", "text/html; charset=utf-8")];
    let body = "<html><body>secret-in-a-page</body></html>";
    (StatusCode::from_u16(status).unwrap(), kind, body).into()
}

pub fn token() -> AccessToken {
    AccessToken::new("access-1")
}

async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    }
}
