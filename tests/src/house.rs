//! Ladebuch in this process: the same program as the headless one, behind a real port, with a
//! clock that a test may hold in its hand.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ladebuch_engine::clock::Clock;
use ladebuch_server::listen;
use ladebuch_server::secrets_file::SecretsFile;
use ladebuch_server::{App, AppConfig, ElliCloud};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api::{Answer, Api};
use crate::eventually::eventually;
use crate::live_socket::{LiveSocket, Picture};

/// Anything that happens over loopback happens within this.
pub const SOON: Duration = Duration::from_secs(20);

/// A running Ladebuch.
pub struct House {
    /// Its API, asked by the owner.
    pub api: Api,
    app: App,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl House {
    /// Starts Ladebuch on a data directory.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn open(data_dir: &Path, clock: impl Clock) -> Self {
        Self::open_with(data_dir, clock, ElliCloud::default()).await
    }

    /// Starts Ladebuch on a data directory, with the Elli cloud at another place.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn open_with(data_dir: &Path, clock: impl Clock, elli: ElliCloud) -> Self {
        let config = AppConfig {
            data_dir: data_dir.to_owned(),
            demo: false,
            openwb: None,
            elli,
        };
        let app = App::open(
            config,
            Arc::new(SecretsFile::new(data_dir)),
            Arc::new(clock),
        );
        app.ready().await.expect("an open engine");
        let listener = listen::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
        let listener = listener.expect("a free port");
        let addr = listener.local_addr().expect("the address just bound");
        let stop = CancellationToken::new();
        let serving = tokio::spawn(listen::serve(listener, app.router(addr), stop.clone()));
        let api = Api::owner(format!("http://{addr}"), data_dir);
        Self {
            api,
            app,
            stop,
            serving,
        }
    }

    /// Ends it as the headless program does.
    ///
    /// # Panics
    /// If the server has panicked.
    pub async fn stop(self) {
        self.stop.cancel();
        self.app.stop().await;
        self.serving.await.expect("a server that ended well");
    }

    /// Connects an openWB.
    pub async fn connect(&self, broker: SocketAddr) -> Value {
        self.api.post("/api/v1/sources", &source(broker)).await
    }

    /// Connects an openWB as one of its users.
    pub async fn connect_as(&self, broker: SocketAddr, user: &str, password: &str) -> Value {
        let mut source = source(broker);
        source["username"] = user.into();
        source["password"] = password.into();
        self.api.post("/api/v1/sources", &source).await
    }

    /// Gives a command to the charge point that its box calls so.
    ///
    /// # Panics
    /// If there is no such charge point, or the server does not answer.
    pub async fn command(&self, charge_point: &str, body: &Value) -> Answer {
        let picture = self.picture().await;
        let id = picture
            .device(charge_point)
            .and_then(|device| device["id"].as_str());
        let id = id.unwrap_or_else(|| panic!("no {charge_point} in {:#}", picture.snapshot));
        let path = format!("/api/v1/charge-points/{id}/commands");
        let answer = self.api.ask(Method::POST, &path, Some(body)).await;
        answer.expect("an answer")
    }

    /// Follows the live feed from now on.
    pub async fn live(&self) -> LiveSocket {
        LiveSocket::connect(&self.api).await
    }

    /// The live view as it is now.
    pub async fn picture(&self) -> Picture {
        Picture {
            snapshot: self.api.get("/api/v1/live").await,
        }
    }

    /// Waits until everything published to the broker before is in the live view. `publish` must put
    /// one message on the given topic, which no version of Ladebuch knows.
    pub async fn heard_all(&self, publish: impl AsyncFnOnce(&str)) {
        let counted = async || {
            let picture = self.picture().await;
            picture
                .source()
                .and_then(|source| source["unknown_topics"].as_u64())
                .unwrap_or(0)
        };
        let before = counted().await;
        publish("openWB/chargepoint/0/get/nobody_knows").await;
        eventually(SOON, "all messages are heard", async || {
            (counted().await > before).then_some(())
        })
        .await;
    }
}

/// An openWB as the owner enters it.
#[must_use]
pub fn source(broker: SocketAddr) -> Value {
    json!({"kind": "openwb", "host": broker.ip().to_string(), "port": broker.port()})
}
