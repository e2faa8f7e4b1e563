//! A cloud of one account over a real socket: it rotates refresh tokens, ends the sign-in when an old
//! one comes back, and does what a test has put on its list.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ::elli::{Client, Config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What happens to one request to the token endpoint instead of an answer.
#[derive(Clone, Copy)]
pub enum Twist {
    /// It is answered with this status and `Retry-After`.
    Fail(u16, &'static str),
    /// The token is traded in, and the answer is lost.
    Lose,
    /// The connection breaks before anything happens.
    Break,
    /// It is not answered before [`Cloud::go_on`].
    Wait,
}

#[derive(Clone)]
pub struct Cloud {
    pub url: String,
    inner: Arc<Mutex<Inner>>,
    go_on: Arc<Notify>,
    waits: Arc<Notify>,
}

struct Inner {
    /// `refresh-N` is the one that is good.
    number: u32,
    revoked: bool,
    /// The one before goes on being good.
    leeway: bool,
    rotates: bool,
    access_is_good: bool,
    every_access_is_bad: bool,
    expires_in: String,
    twists: VecDeque<Twist>,
    refreshes: u32,
    api: u32,
    api_status: u16,
}

impl Cloud {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cloud = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            inner: Arc::new(Mutex::new(Inner {
                number: 1,
                revoked: false,
                leeway: false,
                rotates: true,
                access_is_good: true,
                every_access_is_bad: false,
                expires_in: "3600".to_owned(),
                twists: VecDeque::new(),
                refreshes: 0,
                api: 0,
                api_status: 200,
            })),
            go_on: Arc::default(),
            waits: Arc::default(),
        };
        let serving = cloud.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        cloud
    }

    pub fn client(&self) -> Client {
        Client::new(Config {
            timeout: Duration::from_secs(10),
            ..Config::at(&self.url)
        })
        .unwrap()
    }

    /// Puts something on the list for the next refresh without.
    pub fn twist(&self, twist: Twist) {
        self.lock().twists.push_back(twist);
    }

    /// Waits until a refresh waits for [`go_on`](Self::go_on).
    pub async fn waiting(&self) {
        self.waits.notified().await;
    }

    pub fn go_on(&self) {
        self.go_on.notify_one();
    }

    pub fn expire_access(&self) {
        self.lock().access_is_good = false;
    }

    pub fn refuse_every_access(&self, on: bool) {
        self.lock().every_access_is_bad = on;
    }

    pub fn revoke(&self) {
        self.lock().revoked = true;
    }

    pub fn allow_leeway(&self) {
        self.lock().leeway = true;
    }

    pub fn stop_rotating(&self) {
        self.lock().rotates = false;
    }

    /// As it stands in the JSON.
    pub fn set_expires_in(&self, text: &str) {
        self.lock().expires_in = text.to_owned();
    }

    /// What the API answers to good tokens.
    pub fn set_api_status(&self, status: u16) {
        self.lock().api_status = status;
    }

    /// Requests to the token endpoint.
    pub fn refreshes(&self) -> u32 {
        self.lock().refreshes
    }

    /// Requests to the API.
    pub fn asked(&self) -> u32 {
        self.lock().api
    }

    pub fn is_revoked(&self) -> bool {
        self.lock().revoked
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    async fn serve(self, mut stream: TcpStream) -> Option<()> {
        let request = read(&mut stream).await?;
        let (status, more, body) = if request.starts_with("POST /oauth/token ") {
            let twist = {
                let mut inner = self.lock();
                inner.refreshes += 1;
                inner.twists.pop_front()
            };
            match twist {
                Some(Twist::Fail(status, pause)) => {
                    (status, format!("Retry-After: {pause}\r\n"), String::new())
                }
                Some(Twist::Break) => return None,
                Some(Twist::Lose) => {
                    self.lock().trade(&request);
                    return None;
                }
                Some(Twist::Wait) => {
                    self.waits.notify_one();
                    self.go_on.notified().await;
                    let (status, body) = self.lock().trade(&request);
                    (status, String::new(), body)
                }
                None => {
                    let (status, body) = self.lock().trade(&request);
                    (status, String::new(), body)
                }
            }
        } else if request.starts_with("POST /oauth/revoke ") {
            self.lock().revoked = true;
            (200, String::new(), String::new())
        } else {
            let status = self.lock().ask(&request);
            (status, String::new(), r#"{"stations":[]}"#.to_owned())
        };
        let answer = format!(
            "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {}\r\n{more}\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.ok()
    }
}

impl Inner {
    fn trade(&mut self, request: &str) -> (u16, String) {
        let current = request.contains(&format!("\"refresh-{}\"", self.number));
        let previous = request.contains(&format!("\"refresh-{}\"", self.number - 1));
        if self.revoked || !(current || previous && self.leeway) {
            self.revoked = true;
            return (403, r#"{"error":"invalid_grant"}"#.to_owned());
        }
        self.access_is_good = true;
        let expires = &self.expires_in;
        if !self.rotates {
            let body = format!(r#"{{"access_token":"access-{}"}}"#, self.number);
            return (200, body);
        }
        self.number += 1;
        let number = self.number;
        let body = format!(
            r#"{{"access_token":"access-{number}","refresh_token":"refresh-{number}","expires_in":{expires}}}"#
        );
        (200, body)
    }

    fn ask(&mut self, request: &str) -> u16 {
        self.api += 1;
        let current = format!("bearer access-{}\r\n", self.number);
        let good = self.access_is_good && request.to_lowercase().contains(&current);
        if good && !self.every_access_is_bad {
            self.api_status
        } else {
            401
        }
    }
}

/// A request, head and body, as text.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        text.push_str(std::str::from_utf8(&buffer[..read]).ok()?);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(0, |length| length.trim().parse().unwrap());
        if body.len() >= length {
            return Some(text);
        }
    }
}
