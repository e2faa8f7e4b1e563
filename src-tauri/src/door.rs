//! The in-process door: hands the window's requests to the API and its live view to the window.
#![allow(
    clippy::let_underscore_must_use,
    reason = "Tauri's command macro expands to it for commands that can fail"
)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use ladebuch_server::App;
use serde::{Deserialize, Serialize, Serializer};
use tauri::async_runtime::JoinHandle;
use tauri::ipc::{self, Channel};
use tauri::{AppHandle, State};

/// The API, and who in the window follows its live view.
pub struct Door {
    app: App,
    feeds: Mutex<Feeds>,
}

#[derive(Default)]
struct Feeds {
    last_id: u32,
    running: HashMap<u32, JoinHandle<()>>,
}

impl Door {
    /// A door to `app`.
    pub fn new(app: App) -> Self {
        Self {
            app,
            feeds: Mutex::default(),
        }
    }

    /// What is behind the door.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Stops every live view.
    pub fn stop_all(&self) {
        for (_, feed) in self.feeds().running.drain() {
            feed.abort();
        }
    }

    fn feeds(&self) -> std::sync::MutexGuard<'_, Feeds> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request of the window, as the Fetch standard has it.
#[derive(Debug, Deserialize)]
pub struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// What precedes the body in an answer: one line of JSON.
#[derive(Debug, Serialize)]
struct Head<'a> {
    status: u16,
    headers: Vec<(&'a str, &'a str)>,
}

/// The door could not be passed; whatever the API itself refuses is an answer, not an error.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The window sent something that is no request.
    #[error("not a request: {0}")]
    Request(#[from] http::Error),
    /// The answer could not be written down.
    #[error("the answer cannot be written down: {0}")]
    Head(#[from] serde_json::Error),
}

impl Serialize for DoorError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Answers one request: a line of JSON with status and headers, then the body as it is. Bytes,
/// because a year of history as a JSON list of numbers takes longer to read than to query.
#[tauri::command]
pub async fn api(door: State<'_, Door>, request: Request) -> Result<ipc::Response, DoorError> {
    let answer = door.app.in_process(into_http(request)?).await;
    let mut bytes = serde_json::to_vec(&Head {
        status: answer.status().as_u16(),
        headers: readable(answer.headers()),
    })?;
    bytes.push(b'\n');
    bytes.extend_from_slice(answer.body());
    Ok(ipc::Response::new(bytes))
}

/// Sends the live view into `channel`, one JSON-encoded `LiveMessage` at a time, until
/// [`stop_live`] is called with the number that is returned. An empty text ends it.
#[tauri::command]
pub fn live(door: State<'_, Door>, channel: Channel<String>) -> u32 {
    let mut messages = Box::pin(door.app.live());
    let feed = tauri::async_runtime::spawn(async move {
        while let Some(message) = messages.next().await {
            if channel.send(message).is_err() {
                return;
            }
        }
        // An empty text: nothing will come any more. If it is not taken, the window is gone.
        channel.send(String::new()).ok();
    });
    let mut feeds = door.feeds();
    feeds.last_id = feeds.last_id.wrapping_add(1);
    let id = feeds.last_id;
    feeds.running.insert(id, feed);
    id
}

/// Ends a live view.
#[tauri::command]
pub fn stop_live(door: State<'_, Door>, id: u32) {
    if let Some(feed) = door.feeds().running.remove(&id) {
        feed.abort();
    }
}

/// Lets the person keep a file. Returns `false` if they changed their mind.
#[tauri::command]
pub async fn save_file(app: AppHandle, name: String, contents: Vec<u8>) -> Result<bool, SaveError> {
    // Only ever a name: where it goes is not the page's to say.
    let name = Path::new(&name)
        .file_name()
        .ok_or(SaveError::Name)?
        .to_string_lossy();
    let Some(path) = crate::platform::place_for(&app, &name).await? else {
        return Ok(false);
    };
    tokio::fs::write(&path, contents)
        .await
        .map_err(|source| SaveError::Write { path, source })?;
    Ok(true)
}

/// A file could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It has no name.
    #[error("a file needs a name")]
    Name,
    /// There is no place for it.
    #[error("there is no place for files: {0}")]
    Place(#[from] tauri::Error),
    /// The place cannot be written to.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Where it should have gone.
        path: std::path::PathBuf,
        /// Why it did not.
        source: std::io::Error,
    },
}

impl Serialize for SaveError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn into_http(request: Request) -> Result<http::Request<Bytes>, http::Error> {
    let mut made = http::Request::builder()
        .method(Method::from_bytes(request.method.as_bytes())?)
        .uri(Uri::try_from(request.path)?);
    for (name, value) in request.headers {
        made = made.header(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    made.body(request.body.map_or_else(Bytes::new, Bytes::from))
}

/// The headers a page can read; the API sends no others.
fn readable(headers: &HeaderMap) -> Vec<(&str, &str)> {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_the_window_becomes_an_http_request() {
        let request = into_http(Request {
            method: "PATCH".to_owned(),
            path: "/api/v1/settings?x=1".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Some(b"{}".to_vec()),
        })
        .unwrap();
        assert_eq!(request.method(), Method::PATCH);
        assert_eq!(request.uri(), "/api/v1/settings?x=1");
        assert_eq!(request.headers()["content-type"], "application/json");
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        let request = Request {
            method: "GET IT".to_owned(),
            path: "/".to_owned(),
            headers: Vec::new(),
            body: None,
        };
        let error = DoorError::from(into_http(request).unwrap_err());
        assert!(error.to_string().starts_with("not a request: "), "{error}");
    }
}
