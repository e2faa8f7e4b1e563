//! The configured sources: where they are kept, who listens to them, and how to try one out.

pub mod charger2;
mod config;
pub(crate) mod elli;
pub mod openwb;
mod order;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ::openwb::link::LinkConfig;
use compact_str::CompactString;
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::SourceId;
use ladebuch_domain::source::{Problem, ProblemKind};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::charger2::memory::{Memory, Wishes};
use self::elli::accounts::Accounts;
use crate::clock::Clock;
use crate::host::{Host, HostError};
use crate::live::{Live, Mouth, SourceEvent};

pub use self::config::{Charger2Config, ElliConfig, OpenwbConfig, SourceConfig};
pub(crate) use self::order::{
    ChargeOrder, Lines, LogOrder, Order, PutBackOrder, PuttingBack, Undelivered,
};

/// Where a box's web server listens.
const HTTP_PORT: u16 = 80;
/// Time between two questions for a password that cannot be had.
const ASK_AGAIN: Duration = Duration::from_secs(10);
/// Longest wait for a source's task to say goodbye.
const GOODBYE: Duration = Duration::from_secs(3);

/// What came of trying out a connection.
#[derive(Clone, Debug)]
pub struct TestReport {
    /// Version found.
    pub software_version: Option<String>,
    /// `2.x` or `1.9`.
    pub generation: Option<String>,
    /// `5` or `3.1.1`.
    pub mqtt_version: Option<String>,
    /// Why it is not usable, if so.
    pub problem: Option<Problem>,
    /// Values just received.
    pub readings: Vec<TestReading>,
    /// How long it took.
    pub elapsed: Duration,
}

/// A value that a connection test received.
#[derive(Clone, Debug, PartialEq)]
pub struct TestReading {
    /// Part that the device plays.
    pub kind: DeviceKind,
    /// Its name, or the source's own name for it.
    pub device: String,
    /// What was measured.
    pub quantity: TestQuantity,
    /// The value; for [`TestQuantity::Plugged`] 0 or 1.
    pub value: f64,
}

/// What a connection test shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestQuantity {
    /// Power in W.
    Power,
    /// State of charge in %.
    Soc,
    /// Meter reading in Wh.
    Imported,
    /// Whether a vehicle is connected.
    Plugged,
    /// Apparent power in VA.
    ApparentPower,
    /// Apparent energy in VAh.
    ApparentEnergy,
    /// The limit in force, in A.
    CurrentLimit,
}

/// A connection as it is kept: everything but the secret.
#[derive(Clone, Debug)]
pub(crate) struct Configured {
    pub id: SourceId,
    pub name: String,
    pub config: SourceConfig,
}

/// Listens to sources, each in a task of its own.
pub(crate) struct Listeners {
    live: Live,
    lines: Lines,
    accounts: Accounts,
    wishes: Arc<dyn Wishes>,
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    running: HashMap<SourceId, Listener>,
}

struct Listener {
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Listeners {
    pub fn new(
        live: Live,
        lines: Lines,
        accounts: Accounts,
        wishes: Arc<dyn Wishes>,
        host: Arc<dyn Host>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            live,
            lines,
            accounts,
            wishes,
            host,
            clock,
            running: HashMap::new(),
        }
    }

    /// Starts listening to a source, anew if it was listened to already.
    pub async fn start(&mut self, source: &Configured) {
        self.hang_up(source.id).await;
        let mouth = self.live.mouth(source.id);
        let name = CompactString::from(source.name.as_str());
        let kind = source.config.kind();
        mouth.say(SourceEvent::Configured { kind, name }).await;
        let cancel = CancellationToken::new();
        let orders = self.lines.open(source.id);
        let (clock, stop) = (self.clock.clone(), cancel.clone());
        let task = match source.config.clone() {
            SourceConfig::Openwb(config) => {
                let host = self.host.clone();
                tokio::spawn(listen(source.id, config, mouth, orders, host, clock, stop))
            }
            SourceConfig::Charger2(config) => {
                let memory = Memory::new(source.id, self.wishes.clone());
                tokio::spawn(charger2::run(config, mouth, orders, memory, clock, stop))
            }
            SourceConfig::Elli(config) => match self.accounts.open(source.id, &config) {
                Ok(account) => {
                    let ledger = self.accounts.ledger(source.id);
                    tokio::spawn(elli::run(account, mouth, ledger, clock, stop))
                }
                Err(error) => {
                    tracing::error!(source = %source.id, %error, "an Elli account cannot be asked");
                    return;
                }
            },
        };
        self.running.insert(source.id, Listener { cancel, task });
    }

    /// Gives a source another name while it is listened to; `false` if it is not.
    pub async fn rename(&self, source: SourceId, name: &str) -> bool {
        let running = self.running.get(&source);
        if running.is_none_or(|listener| listener.task.is_finished()) {
            return false;
        }
        let name = CompactString::from(name);
        self.live
            .mouth(source)
            .say(SourceEvent::Renamed(name))
            .await
    }

    /// Stops listening and takes the source out of the live view.
    pub async fn remove(&mut self, source: SourceId) {
        self.hang_up(source).await;
        self.accounts.close(source);
        self.live.mouth(source).say(SourceEvent::Removed).await;
    }

    /// Stops listening to all sources at once.
    pub async fn stop(&mut self) {
        for listener in self.running.values() {
            listener.cancel.cancel();
        }
        let sources: Vec<SourceId> = self.running.keys().copied().collect();
        for source in sources {
            self.hang_up(source).await;
        }
    }

    /// Stops listening to a source; what it said stays in the live view.
    pub async fn hang_up(&mut self, source: SourceId) {
        let Some(Listener { cancel, mut task }) = self.running.remove(&source) else {
            return;
        };
        self.lines.close(source);
        cancel.cancel();
        if tokio::time::timeout(GOODBYE, &mut task).await.is_err() {
            tracing::warn!(%source, "a source did not stop in time and was cut off");
            task.abort();
        }
    }
}

/// Listens to an openWB until cancelled. A keychain may be locked when a computer starts, so its
/// password is asked for until it is there.
async fn listen(
    source: SourceId,
    config: OpenwbConfig,
    mouth: Mouth,
    orders: mpsc::Receiver<Order>,
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    cancel: CancellationToken,
) {
    let connecting = async {
        loop {
            match password(&*host, source, &config).await {
                Ok(password) => return openwb::link_config(&config, password),
                Err(error) => mouth.say(no_password(&error)).await,
            };
            tokio::time::sleep(ASK_AGAIN).await;
        }
    };
    if let Some(link) = cancel.run_until_cancelled(connecting).await {
        let http_port = config.http_port.unwrap_or(HTTP_PORT);
        openwb::run(link, http_port, mouth, orders, clock, cancel).await;
    }
}

fn no_password(error: &HostError) -> SourceEvent {
    let detail = format!(
        "The stored password could not be read ({error}). Unlock the keychain, or enter the \
         password again."
    );
    SourceEvent::Trouble(Some(Problem {
        kind: ProblemKind::PasswordUnavailable,
        detail: detail.into(),
        fingerprint: None,
    }))
}

/// Tries out a connection without keeping anything; `None` for what cannot be tried out.
pub(crate) async fn test(config: &SourceConfig, password: Option<String>) -> Option<TestReport> {
    match config {
        SourceConfig::Openwb(config) => {
            Some(openwb::probe(&openwb::link_config(config, password)).await)
        }
        SourceConfig::Charger2(config) => Some(charger2::probe(config).await),
        SourceConfig::Elli(_) => None,
    }
}

/// Settings of a link to a source, with its password.
pub(crate) async fn link_config(
    host: &dyn Host,
    source: SourceId,
    config: &OpenwbConfig,
) -> Result<LinkConfig, HostError> {
    let password = password(host, source, config).await?;
    Ok(openwb::link_config(config, password))
}

/// Name under which the host keeps a source's password.
pub(crate) fn secret_name(source: SourceId) -> String {
    format!("source/{source}/password")
}

/// The password of a source that has a user.
pub(crate) async fn password(
    host: &dyn Host,
    source: SourceId,
    config: &OpenwbConfig,
) -> Result<Option<String>, HostError> {
    match config.username {
        Some(_) => host.secret(&secret_name(source)).await,
        None => Ok(None),
    }
}
