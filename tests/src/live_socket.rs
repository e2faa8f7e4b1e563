//! The live feed as a page follows it: a picture that is replaced, then changed.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::api::Api;
use crate::eventually::in_time;
use crate::house::SOON;

/// A connection to the live feed, and what it has shown so far.
#[derive(Debug)]
pub struct LiveSocket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The picture after the last message.
    pub picture: Picture,
}

/// The live view as a client has it.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// As in `GET /api/v1/live`.
    pub snapshot: Value,
}

impl LiveSocket {
    /// Connects and takes the first message, which must be a snapshot.
    ///
    /// # Panics
    /// If the server refuses or begins with something else.
    pub async fn connect(api: &Api) -> Self {
        let begun = in_time(SOON, "the first message of the live feed", async {
            let mut socket = Self::dial(api).await.expect("a WebSocket");
            let first = socket.next().await.expect("a first message");
            (socket, first)
        });
        let (socket, first) = begun.await;
        assert_eq!(
            first["type"], "snapshot",
            "the feed begins with the whole picture"
        );
        socket
    }

    /// Connects and reads nothing yet.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn dial(api: &Api) -> Result<Self, Error> {
        let url = format!("{}/api/v1/live/ws", api.base().replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        if let Some(token) = api.token() {
            let value = HeaderValue::from_str(&format!("Bearer {token}"))?;
            request.headers_mut().insert("authorization", value);
        }
        let (stream, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Self {
            stream,
            picture: Picture::default(),
        })
    }

    /// The next message, taken into the picture; `None` when the server has closed.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            let text = match self.stream.next().await?.ok()? {
                Message::Text(text) => text,
                Message::Close(_) => return None,
                _ => continue,
            };
            let message: Value = serde_json::from_str(&text).expect("JSON");
            self.picture.take(&message);
            return Some(message);
        }
    }

    /// Follows the feed until the picture shows what is looked for.
    ///
    /// # Panics
    /// If it does not within that time, or the server closes before.
    pub async fn until<T>(
        &mut self,
        within: Duration,
        what: &str,
        mut look: impl FnMut(&Picture) -> Option<T>,
    ) -> T {
        let seen = async {
            loop {
                if let Some(found) = look(&self.picture) {
                    return found;
                }
                assert!(
                    self.next().await.is_some(),
                    "the server closed before: {what}"
                );
            }
        };
        match tokio::time::timeout(within, seen).await {
            Ok(found) => found,
            Err(_) => panic!("not within {within:?}: {what}\n{:#}", self.picture.snapshot),
        }
    }
}

impl Picture {
    /// The source, if there is exactly one.
    #[must_use]
    pub fn source(&self) -> Option<&Value> {
        match self.snapshot["sources"].as_array()?.as_slice() {
            [source] => Some(source),
            _ => None,
        }
    }

    /// The state of the one source.
    #[must_use]
    pub fn state(&self) -> &str {
        self.source()
            .and_then(|source| source["state"].as_str())
            .unwrap_or("none")
    }

    /// The code of the one source's problem.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.source()?["problem"]["code"].as_str()
    }

    /// The device that the source calls so.
    #[must_use]
    pub fn device(&self, external_id: &str) -> Option<&Value> {
        let devices = self.snapshot["devices"].as_array()?;
        devices
            .iter()
            .find(|device| device["external_id"] == external_id)
    }

    /// A number of a device.
    #[must_use]
    pub fn number(&self, external_id: &str, field: &str) -> Option<f64> {
        self.device(external_id)?[field].as_f64()
    }

    /// Takes over a message of the feed.
    pub fn take(&mut self, message: &Value) {
        if message["type"] == "snapshot" {
            self.snapshot = message["snapshot"].clone();
            return;
        }
        for field in ["at", "revision", "house"] {
            self.snapshot[field] = message[field].clone();
        }
        replace(
            &mut self.snapshot["sources"],
            &message["sources"],
            &message["removed_sources"],
        );
        replace(
            &mut self.snapshot["devices"],
            &message["devices"],
            &message["removed"],
        );
    }
}

/// Replaces whole objects by their id, and takes out those that are gone.
fn replace(all: &mut Value, changed: &Value, removed: &Value) {
    let Some(all) = all.as_array_mut() else {
        return;
    };
    for new in changed.as_array().into_iter().flatten() {
        match all.iter_mut().find(|old| old["id"] == new["id"]) {
            Some(old) => *old = new.clone(),
            None => all.push(new.clone()),
        }
    }
    let removed = removed.as_array();
    all.retain(|one| !removed.is_some_and(|removed| removed.contains(&one["id"])));
}
