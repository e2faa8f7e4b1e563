//! Elli's cloud, with a browser and an app that know nothing of each other.

mod faults;
mod records;
mod sessions;
mod sign_in;
mod tokens;

use std::sync::Once;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_sim::elli::{AUDIENCE, CLIENT_ID, Control, ElliConfig, REDIRECT_URI, Station};
use ladebuch_sim::household::{Household, Traffic, history};
use ladebuch_sim::{ElliCloud, ElliHandle, Pace, Premises};
use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::client::noon;

/// The verifier and challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(super) const GARAGE: u32 = 3;
pub(super) const CARPORT: u32 = 4;

/// A household that has lived for so many days, in which nothing moves by itself.
pub(super) fn premises(days: i64) -> Premises {
    let mut past = history(
        1,
        noon() - TimeDelta::days(days),
        noon(),
        TimeDelta::hours(1),
    );
    past.by_ref().for_each(drop);
    still(past.into_household())
}

/// A household without a past and with free cables.
pub(crate) fn new_home() -> Premises {
    still(Household::new(1, noon()))
}

fn still(mut household: Household) -> Premises {
    household.set_traffic(Traffic::ByHand);
    Premises::new(household, noon(), Pace::ByHand).unwrap()
}

pub(super) async fn cloud(premises: Premises) -> ElliHandle {
    ElliCloud::start(ElliConfig::new(premises)).await.unwrap()
}

fn http() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another test of this process may have been faster.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
    });
    Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}

/// What a client sends to begin with.
pub(super) fn wishes() -> Vec<(&'static str, &'static str)> {
    vec![
        ("client_id", CLIENT_ID),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("audience", AUDIENCE),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "offline_access openid profile"),
        ("response_type", "code"),
        ("state", "the-app's own=state"),
        ("prompt", "login"),
        ("connection_scope", "openid profile"),
        ("ui_locales", "de"),
    ]
}

fn without(name: &str) -> Vec<(&'static str, &'static str)> {
    let mut wishes = wishes();
    wishes.retain(|(key, _)| *key != name);
    wishes
}

fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut wishes = without(name);
    wishes.push((name, value));
    wishes
}

fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Something with cookies that follows no redirect by itself.
pub(super) struct Browser {
    http: Client,
    base: String,
    cookie: Option<String>,
}

impl Browser {
    pub(super) fn at(elli: &ElliHandle) -> Self {
        Self {
            http: http(),
            base: elli.base_url(),
            cookie: None,
        }
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Response {
        let request = match &self.cookie {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        };
        let response = request.send().await.unwrap();
        if let Some(set) = response.headers().get("Set-Cookie") {
            let set = set.to_str().unwrap();
            assert!(set.contains("HttpOnly"), "{set}");
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        response
    }

    pub(super) async fn get(&mut self, path: &str) -> Response {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request).await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form(fields));
        self.send(request).await
    }

    pub(super) async fn authorize(&mut self, wishes: &[(&str, &str)]) -> Response {
        self.get(&format!("/authorize?{}", form(wishes))).await
    }

    /// Types name and password on the page at `path`.
    async fn log_in(&mut self, path: &str, password: &str, more: &[(&str, &str)]) -> Response {
        let mut fields = vec![
            ("username", "demo@example.com"),
            ("password", password),
            ("action", "default"),
        ];
        fields.extend(more);
        self.post(path, &fields).await
    }

    /// The whole dance, to the callback.
    pub(super) async fn sign_in(&mut self) -> Url {
        let page = location(&self.authorize(&wishes()).await);
        assert!(page.starts_with("/u/login?state="), "{page}");
        let resume = location(&self.log_in(&page, "correct horse", &[]).await);
        assert!(resume.starts_with("/authorize/resume?state="), "{resume}");
        location(&self.get(&resume).await).parse().unwrap()
    }
}

/// Where a redirect leads.
fn location(response: &Response) -> String {
    assert_eq!(response.status(), StatusCode::FOUND);
    response.headers()["Location"].to_str().unwrap().to_owned()
}

/// A parameter of a callback.
fn said(callback: &Url, name: &str) -> Option<String> {
    callback
        .query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The token endpoint's answer to a JSON body.
pub(super) async fn token(elli: &ElliHandle, body: &Value) -> (StatusCode, Value) {
    let response = http()
        .post(format!("{}/oauth/token", elli.base_url()))
        .json(body)
        .send()
        .await
        .unwrap();
    (response.status(), response.json().await.unwrap())
}

pub(super) fn by_code(code: &str) -> Value {
    json!({
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
    })
}

pub(super) fn by_refresh(token: &str) -> Value {
    json!({"grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": token})
}

/// Signs in and returns what the token endpoint gave.
pub(super) async fn tokens(elli: &ElliHandle) -> Value {
    let callback = Browser::at(elli).sign_in().await;
    let code = said(&callback, "code").unwrap();
    let (status, tokens) = token(elli, &by_code(&code)).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    tokens
}

/// A signed-in app.
pub(super) struct App {
    http: Client,
    base: String,
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) garage: String,
    pub(super) carport: String,
}

impl App {
    pub(super) async fn of(elli: &ElliHandle) -> Self {
        let tokens = tokens(elli).await;
        let control = elli.control();
        Self {
            http: http(),
            base: elli.base_url(),
            access: tokens["access_token"].as_str().unwrap().to_owned(),
            refresh: tokens["refresh_token"].as_str().unwrap().to_owned(),
            garage: control.station_id(GARAGE).unwrap(),
            carport: control.station_id(CARPORT).unwrap(),
        }
    }

    pub(super) async fn response(&self, path: &str) -> Response {
        self.http
            .get(format!("{}{path}", self.base))
            .bearer_auth(&self.access)
            .send()
            .await
            .unwrap()
    }

    /// A JSON answer, whatever its status.
    pub(super) async fn ask(&self, path: &str) -> (StatusCode, Value) {
        let response = self.response(path).await;
        (response.status(), response.json().await.unwrap())
    }

    /// A good answer.
    pub(super) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let response = self
            .http
            .post(format!("{}{path}", self.base))
            .bearer_auth(&self.access)
            .json(body)
            .send()
            .await
            .unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Takes new tokens for the old ones.
    pub(super) async fn renew(&mut self, elli: &ElliHandle) {
        let (status, tokens) = token(elli, &by_refresh(&self.refresh)).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        self.access = tokens["access_token"].as_str().unwrap().to_owned();
        self.refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
    }
}

/// A record of the garage that was created at an instant.
pub(super) fn record(control: &Control, created_at: DateTime<Utc>) -> String {
    control.insert_record(ladebuch_sim::elli::NewRecord {
        charge_point: Station::garage().charge_point,
        start: created_at - TimeDelta::hours(3),
        stop: created_at - TimeDelta::seconds(4),
        created_at,
        energy_wh: 7_300,
        faulted: false,
        tag: Some("0012345678".to_owned()),
    })
}
