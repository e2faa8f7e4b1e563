//! An account, its keychain and its clock.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::elli::{AccessToken, Client};
use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::ids::SourceId;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::cloud::Cloud;
use crate::clock::Clock;
use crate::host::{Answer, Host, HostError};
use crate::sources::elli::tokens::{CallError, TokenState, Tokens, secret_name};

pub const ACCOUNT: SourceId = SourceId(Uuid::from_u128(7));

/// A keychain that can be locked, and one that can be full.
#[derive(Default)]
pub struct Vault {
    secrets: Mutex<HashMap<String, String>>,
    locked: AtomicBool,
    full: AtomicBool,
}

impl Vault {
    pub fn with(token: &str) -> Arc<Self> {
        let vault = Self::default();
        vault.put(token);
        Arc::new(vault)
    }

    fn put(&self, token: &str) {
        let mut secrets = self.secrets.lock().unwrap();
        secrets.insert(secret_name(ACCOUNT), token.to_owned());
    }

    pub fn token(&self) -> Option<String> {
        let secrets = self.secrets.lock().unwrap();
        secrets.get(&secret_name(ACCOUNT)).cloned()
    }

    pub fn lock(&self, on: bool) {
        self.locked.store(on, Ordering::SeqCst);
    }

    pub fn fill(&self, on: bool) {
        self.full.store(on, Ordering::SeqCst);
    }
}

impl Host for Vault {
    fn secret<'a>(&'a self, name: &'a str) -> Answer<'a, Option<String>> {
        Box::pin(async move {
            if self.locked.load(Ordering::SeqCst) {
                return Err(HostError("locked".to_owned()));
            }
            Ok(self.secrets.lock().unwrap().get(name).cloned())
        })
    }

    fn set_secret<'a>(&'a self, name: &'a str, value: Option<&'a str>) -> Answer<'a, ()> {
        Box::pin(async move {
            if self.full.load(Ordering::SeqCst) {
                return Err(HostError("full".to_owned()));
            }
            let mut secrets = self.secrets.lock().unwrap();
            match value {
                Some(value) => secrets.insert(name.to_owned(), value.to_owned()),
                None => secrets.remove(name),
            };
            Ok(())
        })
    }
}

/// Time that passes, and a clock that shows something else.
#[derive(Default)]
pub struct Hands {
    passed: Mutex<Duration>,
    set_by: Mutex<TimeDelta>,
}

impl Hands {
    pub fn pass(&self, time: Duration) {
        *self.passed.lock().unwrap() += time;
    }

    pub fn set(&self, by: TimeDelta) {
        *self.set_by.lock().unwrap() = by;
    }
}

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.uptime() + *self.set_by.lock().unwrap()
    }

    fn uptime(&self) -> Duration {
        *self.passed.lock().unwrap()
    }

    fn sleep_until(&self, _: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::pending())
    }
}

/// An account whose refresh token is the one that the cloud expects.
pub struct Account {
    pub cloud: Cloud,
    pub vault: Arc<Vault>,
    pub clock: Arc<Hands>,
    pub tokens: Arc<Tokens>,
}

impl Account {
    pub async fn signed_in() -> Self {
        let cloud = Cloud::start().await;
        let vault = Vault::with("refresh-1");
        let clock = Arc::<Hands>::default();
        let tokens = Tokens::new(ACCOUNT, cloud.client(), vault.clone(), clock.clone());
        Self {
            cloud,
            vault,
            clock,
            tokens,
        }
    }

    /// The process ends here and another one starts.
    pub fn restart(&mut self) {
        let client = self.cloud.client();
        self.tokens = Tokens::new(ACCOUNT, client, self.vault.clone(), self.clock.clone());
    }

    pub async fn ask(&self) -> Result<(), CallError> {
        stations(&self.tokens).await
    }

    /// As many as an open page and the worker can make at once, and more.
    pub fn many_calls(&self) -> Vec<JoinHandle<Result<(), CallError>>> {
        (0..20)
            .map(|_| {
                let tokens = self.tokens.clone();
                tokio::spawn(async move { stations(&tokens).await })
            })
            .collect()
    }

    pub fn state(&self) -> TokenState {
        *self.tokens.state().borrow()
    }
}

pub async fn stations(tokens: &Arc<Tokens>) -> Result<(), CallError> {
    let request = |client: Client, token: AccessToken| async move { client.stations(&token).await };
    tokens.call(request).await.map(drop)
}
