//! A household for one test: a data directory of its own, and ways to ask.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use ladebuch_engine::clock::SystemClock;
use ladebuch_server::secrets_file::SecretsFile;
use ladebuch_server::{App, AppConfig, ElliCloud};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// Where the router believes to listen; nothing does.
pub const ADDRESS: &str = "127.0.0.1:8440";

pub struct House {
    pub app: App,
    pub router: Router,
    dir: TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl House {
    /// An empty household, ready.
    pub async fn open() -> Self {
        Self::in_dir(TempDir::new().unwrap()).await
    }

    /// A household on what is already in the directory.
    pub async fn in_dir(dir: TempDir) -> Self {
        let house = Self::begin(dir, None);
        house.app.ready().await.unwrap();
        house
    }

    /// A household that listens to a simulated openWB.
    pub async fn with_openwb(broker: SocketAddr) -> Self {
        let house = Self::begin(TempDir::new().unwrap(), Some(broker));
        house.app.ready().await.unwrap();
        house
    }

    /// A household that is still starting.
    pub fn begin(dir: TempDir, broker: Option<SocketAddr>) -> Self {
        let app = open(dir.path(), broker);
        let router = app.router(ADDRESS.parse().unwrap());
        Self { app, router, dir }
    }

    pub fn token(&self) -> String {
        let text = std::fs::read_to_string(self.dir.path().join("owner-token")).unwrap();
        text.trim().to_owned()
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Asks over the network's router.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// Asks with the owner token.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.owner(Method::GET, path).body(Body::empty()).unwrap())
            .await
    }

    /// Sends JSON with the owner token.
    pub async fn send_json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self
            .owner(method, path)
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    pub fn owner(&self, method: Method, path: &str) -> http::request::Builder {
        nobody(method, path).header(header::AUTHORIZATION, format!("Bearer {}", self.token()))
    }
}

/// A request without any proof of who sends it.
pub fn nobody(method: Method, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, ADDRESS)
}

pub fn open(dir: &Path, broker: Option<SocketAddr>) -> App {
    let config = AppConfig {
        data_dir: dir.to_owned(),
        demo: false,
        openwb: broker.map(|broker| format!("mqtt://{broker}").parse().unwrap()),
        elli: ElliCloud::default(),
    };
    App::open(
        config,
        Arc::new(SecretsFile::new(dir)),
        Arc::new(SystemClock::default()),
    )
}

impl Answer {
    pub async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that this is a problem of that status, code and field, with a sentence to act on.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str, field: Option<&str>) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.status
        );
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(self.status.as_u16(), status, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["field"].as_str(), field, "{problem}");
        assert!(
            problem["detail"].as_str().unwrap().ends_with('.'),
            "a sentence: {problem}"
        );
    }
}
