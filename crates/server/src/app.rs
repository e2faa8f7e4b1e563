//! The program: opens the engine, hands requests to it, shows the real household or the demo's.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::Stream;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use ladebuch_engine::clock::Clock;
use ladebuch_engine::host::Host;
use ladebuch_engine::{Engine, EngineConfig};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::auth::{Caller, Door, OwnerToken, SignInCodes};
use crate::demo::{DemoError, DemoHouse};
use crate::dto::sign_in::SignInLink;
use crate::feed;
use crate::opening::OpenError;
use crate::problem::{ApiError, Code};
use crate::router;
use crate::source_url::SourceUrl;

/// Longest time that stopping takes.
const STOP_LIMIT: Duration = Duration::from_millis(4_800);

/// What a host decides before it starts.
#[derive(Clone, Debug)]
pub struct AppConfig {
    /// Directory of all data.
    pub data_dir: PathBuf,
    /// Whether to begin with the demo household.
    pub demo: bool,
    /// An openWB to listen to, added unless there is a source of the same host and port.
    pub openwb: Option<SourceUrl>,
    /// Where Elli is.
    pub elli: elli::Config,
}

/// The running program, as both hosts use it: in-process by the app's window, over the network by
/// the headless program. Cheap to clone.
#[derive(Clone)]
pub struct App {
    shared: Shared,
    /// The same operations without what only a network needs.
    door: Router,
}

/// What handlers share.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    config: AppConfig,
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    phase: watch::Sender<Phase>,
    codes: SignInCodes,
    /// Held while the demo is switched on or off.
    switching: Mutex<()>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// How far starting has come.
#[derive(Clone)]
pub(crate) enum Phase {
    Starting,
    Ready(Arc<Ready>),
    Failed(Arc<OpenError>),
    Stopped,
}

/// Everything that is there once the engine is open.
pub struct Ready {
    /// What the owner shows to be let in.
    pub token: OwnerToken,
    pub(crate) engine: Engine,
    pub(crate) demo: Option<DemoHouse>,
}

/// The household that a request sees.
#[derive(Clone)]
pub struct View {
    /// Its engine.
    pub engine: Engine,
    /// Whether it is the demo household.
    pub demo: bool,
}

impl Ready {
    /// The household that is shown. The one place that chooses.
    #[must_use]
    pub fn view(&self) -> View {
        match &self.demo {
            Some(demo) => View {
                engine: demo.engine().clone(),
                demo: true,
            },
            None => View {
                engine: self.engine.clone(),
                demo: false,
            },
        }
    }

    /// Both households at once, so that the real one does not lose time to the demo.
    async fn stop(&self) {
        tokio::join!(self.engine.stop(), self.stop_demo());
    }

    async fn stop_demo(&self) {
        if let Some(demo) = &self.demo {
            demo.stop().await;
        }
    }
}

impl App {
    /// Begins to open the data directory in the background and returns at once; until it is open,
    /// `/health` says so and everything else answers 503. [`ready`](Self::ready) waits for it.
    ///
    /// Must be called within a Tokio runtime.
    #[must_use]
    pub fn open(config: AppConfig, host: Arc<dyn Host>, clock: Arc<dyn Clock>) -> Self {
        let shared = Shared(Arc::new(Inner {
            config,
            host,
            clock,
            phase: watch::Sender::new(Phase::Starting),
            codes: SignInCodes::default(),
            switching: Mutex::new(()),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }));
        shared.spawn(shared.clone().start());
        let door = router::in_process(&shared);
        Self { shared, door }
    }

    /// Waits until the engine is open or has failed to open.
    ///
    /// # Errors
    /// Why it could not be opened, in a sentence that says what to do.
    pub async fn ready(&self) -> Result<(), Arc<OpenError>> {
        let mut phase = self.shared.0.phase.subscribe();
        // The sender lives in `self`, so waiting cannot end early.
        match phase
            .wait_for(|phase| !matches!(phase, Phase::Starting))
            .await
            .as_deref()
        {
            Ok(Phase::Failed(error)) => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// The program as a web server that listens at that address: with authentication, checks of
    /// host and origin, limits, and the user interface.
    pub fn router(&self, listening: SocketAddr) -> Router {
        router::network(&self.shared, listening)
    }

    /// Answers a request of the local owner, without any network.
    pub async fn in_process(&self, request: Request<Bytes>) -> Response<Bytes> {
        let mut request = request.map(Body::from);
        request.extensions_mut().insert(Caller {
            via: Door::InProcess,
        });
        let response = match self.door.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let (parts, body) = response.into_parts();
        match body.collect().await {
            Ok(body) => Response::from_parts(parts, body.to_bytes()),
            Err(error) => {
                tracing::error!(%error, "an answer broke off");
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }

    /// The live feed for the app's window: the same messages as over the WebSocket. It begins once
    /// the engine is open and ends when the program stops.
    pub fn live(&self) -> impl Stream<Item = String> + Send + 'static {
        feed::messages(self.shared.clone())
    }

    /// A one-time link that signs a browser in at that address.
    ///
    /// # Errors
    /// When the program is not ready.
    pub fn sign_in_link(&self, listening: SocketAddr) -> Result<SignInLink, ApiError> {
        self.shared.sign_in_link(Some(listening))
    }

    /// Adds a notice that the user should see.
    pub fn notify(&self, code: ladebuch_engine::status::NoticeCode, detail: String) {
        if let Ok(ready) = self.shared.ready() {
            ready.engine.notify(code, detail);
        }
    }

    /// Ends everything within 5 s: connections, the demo, the engine. Further requests get 503.
    pub async fn stop(&self) {
        let shared = &self.shared;
        shared.0.stop.cancel();
        let before = shared.0.phase.send_replace(Phase::Stopped);
        shared.0.tasks.close();
        let stopping = async {
            if let Phase::Ready(ready) = before {
                ready.stop().await;
            }
            shared.0.tasks.wait().await;
        };
        if tokio::time::timeout(STOP_LIMIT, stopping).await.is_err() {
            tracing::warn!("stopping took too long and was cut short");
        }
    }
}

impl Shared {
    /// What is there once the engine is open.
    pub(crate) fn ready(&self) -> Result<Arc<Ready>, ApiError> {
        match &*self.0.phase.borrow() {
            Phase::Ready(ready) => Ok(ready.clone()),
            Phase::Starting => Err(ApiError::new(
                Code::Starting,
                "Ladebuch is starting. Try again in a moment.",
            )),
            Phase::Failed(error) => Err(ApiError::new(Code::StartFailed, error.to_string())),
            Phase::Stopped => Err(ApiError::new(Code::Stopping, "Ladebuch is ending.")),
        }
    }

    /// The household that a request sees.
    pub(crate) fn current(&self) -> Result<View, ApiError> {
        Ok(self.ready()?.view())
    }

    /// `None` while starting, then how it ended.
    pub(crate) fn opening(&self) -> Option<Result<(), String>> {
        match &*self.0.phase.borrow() {
            Phase::Starting => None,
            Phase::Ready(_) => Some(Ok(())),
            Phase::Failed(error) => Some(Err(error.to_string())),
            Phase::Stopped => Some(Err("Ladebuch is ending.".to_owned())),
        }
    }

    /// Follows starting, switching to and from the demo, and stopping.
    pub(crate) fn phases(&self) -> watch::Receiver<Phase> {
        self.0.phase.subscribe()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    pub(crate) fn codes(&self) -> &SignInCodes {
        &self.0.codes
    }

    /// Cancelled when the program stops.
    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.0.stop
    }

    /// Runs work that stopping waits for.
    pub(crate) fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.tasks.spawn(work)
    }

    pub(crate) fn sign_in_link(
        &self,
        listening: Option<SocketAddr>,
    ) -> Result<SignInLink, ApiError> {
        self.ready()?;
        let address = listening.ok_or_else(|| {
            ApiError::new(
                Code::NotListening,
                "This Ladebuch does not listen on any address, so there is nothing to sign in to.",
            )
        })?;
        let (code, expires) = self.0.codes.issue(self.now()).map_err(ApiError::internal)?;
        Ok(SignInLink {
            url: format!("http://{address}/sign-in#code={code}"),
            expires_at: expires.into(),
        })
    }

    async fn start(self) {
        let opened = tokio::select! {
            opened = self.open() => opened,
            () = self.0.stop.cancelled() => return,
        };
        let phase = match opened {
            Ok(mut ready) => {
                ready.demo = self.first_demo().await;
                Phase::Ready(Arc::new(ready))
            }
            Err(error) => Phase::Failed(Arc::new(error)),
        };
        // Stopping may have come first; then nobody is left to stop what was just opened.
        let mut late = None;
        self.0.phase.send_if_modified(|current| {
            let starting = matches!(current, Phase::Starting);
            if starting {
                *current = phase.clone();
            } else {
                late = Some(phase.clone());
            }
            starting
        });
        if let Some(Phase::Ready(ready)) = late {
            ready.stop().await;
        }
    }

    async fn open(&self) -> Result<Ready, OpenError> {
        let Inner {
            config,
            host,
            clock,
            ..
        } = &*self.0;
        if let Some(url) = &config.openwb {
            url.check()?;
        }
        let engine = EngineConfig {
            data_dir: config.data_dir.clone(),
            elli: config.elli.clone(),
        };
        let engine = Engine::open(engine, host.clone(), clock.clone()).await?;
        let token = OwnerToken::load(&config.data_dir)?;
        if let Some(url) = &config.openwb {
            url.add_to(engine.sources()).await?;
        }
        Ok(Ready {
            token,
            engine,
            demo: None,
        })
    }

    /// The demo that is to be shown from the beginning. Without it the real household is there
    /// all the same.
    async fn first_demo(&self) -> Option<DemoHouse> {
        if !self.0.config.demo {
            return None;
        }
        match self.open_demo().await {
            Ok(demo) => Some(demo),
            Err(DemoError::Ending) => None,
            Err(error) => {
                tracing::error!("The demo household could not be started: {error}");
                None
            }
        }
    }

    async fn open_demo(&self) -> Result<DemoHouse, DemoError> {
        let Inner {
            config,
            host,
            clock,
            stop,
            ..
        } = &*self.0;
        tokio::select! {
            opened = DemoHouse::open(&config.data_dir, host.clone(), clock.clone()) => opened,
            () = stop.cancelled() => Err(DemoError::Ending),
        }
    }

    /// Sends everybody who follows the live view a whole snapshot, for what changes do not tell.
    pub(crate) fn show_anew(&self) {
        self.0.phase.send_modify(|_| {});
    }

    /// Shows the demo household, or the real one again.
    pub(crate) async fn switch_demo(&self, enabled: bool) -> Result<(), ApiError> {
        let _switching = self.0.switching.lock().await;
        let ready = self.ready()?;
        if ready.demo.is_some() == enabled {
            return Ok(());
        }
        let demo = match enabled {
            true => Some(self.open_demo().await.map_err(|error| {
                ApiError::new(
                    Code::DemoFailed,
                    format!("The demo could not be started: {error}"),
                )
            })?),
            false => None,
        };
        let next = Ready {
            token: ready.token.clone(),
            engine: ready.engine.clone(),
            demo,
        };
        let next = Phase::Ready(Arc::new(next));
        let mut superfluous = Some(next.clone());
        self.0.phase.send_if_modified(|phase| {
            let running = matches!(phase, Phase::Ready(_));
            if running {
                *phase = next;
                superfluous = Some(Phase::Ready(ready.clone()));
            }
            running
        });
        // What is no longer shown ends: the demo that was left, or one that came too late.
        if let Some(Phase::Ready(ready)) = superfluous {
            ready.stop_demo().await;
        }
        Ok(())
    }
}
