//! Elli's cloud on one port: the sign-in pages and token endpoint of its Auth0 tenant, and the API that
//! the vendor's app talks to.
//!
//! Built from what public clients send and parse, and from Auth0's documentation; nothing was copied
//! from, or tried against, the real service. Where the public facts are silent the README of the crate
//! says what was chosen.

mod api;
mod archive;
mod auth;
mod control;
mod fault;
mod identity;
mod station;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use archive::NewRecord;
pub use control::{Asked, Control};
pub use fault::Fault;
pub use station::Station;

use crate::broker::Credentials;
use crate::fault::Switches;
use crate::household::Household;
use crate::{ControlError, Moment, Premises, StartError};
use api::Quota;
use archive::Archive;
use auth::Auth;
use station::Card;

/// The vendor's app, whose identity every public client borrows. It has no secret.
pub const CLIENT_ID: &str = "vFGCyS5GUbctkPk1FfcNH6TrDtyfUCwX";
/// The one callback that is registered for it.
pub const REDIRECT_URI: &str = "com.elli.ios.emsp://login.elli.eco/ios/com.elli.ios.emsp/callback";
/// The API an access token has to be meant for.
pub const AUDIENCE: &str = "https://api.elli.eco/";

/// How far ahead clocks are with [`Fault::ClockSkew`].
const SKEW: TimeDelta = TimeDelta::minutes(10);

/// What to simulate.
#[derive(Debug, Clone)]
pub struct ElliConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The household whose charging it knows.
    pub premises: Premises,
    /// The account's wallboxes.
    pub stations: Vec<Station>,
    /// E-mail address and password of the account.
    pub account: Credentials,
    /// The login page wants a challenge solved, as the real one has since August 2026.
    pub turnstile: bool,
    /// How long an access token is good; Elli's own lifetime is not public.
    pub access_token_lifetime: TimeDelta,
    /// How long an authorization code is good.
    pub code_lifetime: TimeDelta,
    /// How long the previous refresh token goes on working after a rotation; Elli's own value is not
    /// public.
    pub rotation_leeway: TimeDelta,
    /// Faults that are on from the start.
    pub faults: Vec<Fault>,
}

impl ElliConfig {
    /// `demo@example.com` with the password `correct horse` and both stations, on a free loopback port;
    /// tokens for an hour, codes for five minutes, no leeway, no challenge.
    #[must_use]
    pub fn new(premises: Premises) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            premises,
            stations: Station::both(),
            account: Credentials {
                user: "demo@example.com".to_owned(),
                password: "correct horse".to_owned(),
            },
            turnstile: false,
            access_token_lifetime: TimeDelta::hours(1),
            code_lifetime: TimeDelta::minutes(5),
            rotation_leeway: TimeDelta::zero(),
            faults: Vec::new(),
        }
    }
}

/// Starts clouds.
#[derive(Debug, Clone, Copy)]
pub struct ElliCloud;

impl ElliCloud {
    /// Takes the port and makes records of everything the household has charged so far.
    ///
    /// # Errors
    /// When the port is taken or the household's openWB is gone.
    pub async fn start(config: ElliConfig) -> Result<ElliHandle, StartError> {
        let unavailable = |source| StartError::Listen {
            listen: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(unavailable)?;
        let addr = listener.local_addr().map_err(unavailable)?;
        let (seed, now, cards) = config
            .premises
            .look(|moment, household| (household.seed(), moment.now, Card::of(household)))
            .await?;
        let over = CancellationToken::new();
        let cloud = Arc::new(Cloud {
            seed,
            cards,
            faults: Switches::new(&config.faults),
            archive: Mutex::new(Archive::new(seed, now)),
            auth: Mutex::new(Auth::default()),
            reboots: Mutex::new(HashMap::new()),
            quota: Mutex::new(Quota::default()),
            api_requests: AtomicU64::new(0),
            token_requests: AtomicU64::new(0),
            over: over.clone(),
            config,
        });
        // The past is there before anybody learns the address.
        cloud.look(|_, _| ()).await?;
        let routes = auth::routes()
            .merge(api::routes(&cloud))
            .layer(from_fn_with_state(cloud.clone(), date))
            .with_state(cloud.clone());
        let server =
            axum::serve(listener, routes).with_graceful_shutdown(over.clone().cancelled_owned());
        let task = tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the cloud's server ended badly");
            }
        });
        Ok(ElliHandle {
            addr,
            control: Control::new(cloud),
            over,
            task,
        })
    }
}

/// A running cloud. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct ElliHandle {
    addr: SocketAddr,
    control: Control,
    over: CancellationToken,
    task: JoinHandle<()>,
}

impl ElliHandle {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What stands for both `https://login.elli.eco` and `https://api.elli.eco`; no slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Records, cars, time and faults. Cheap to clone.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops answering and waits until the port is free.
    pub async fn stop(mut self) {
        self.over.cancel();
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "the cloud's task ended badly");
        }
    }
}

impl Drop for ElliHandle {
    fn drop(&mut self) {
        self.over.cancel();
    }
}

/// Everything the handlers share.
#[derive(Debug)]
struct Cloud {
    config: ElliConfig,
    seed: u64,
    cards: Vec<Card>,
    faults: Switches<Fault>,
    archive: Mutex<Archive>,
    auth: Mutex<Auth>,
    /// Until when a charge point's station is away.
    reboots: Mutex<HashMap<u32, DateTime<Utc>>>,
    quota: Mutex<Quota>,
    api_requests: AtomicU64,
    token_requests: AtomicU64,
    over: CancellationToken,
}

impl Cloud {
    /// Looks at the household by Elli's clocks, with every plug-in that ended in the archive.
    async fn look<R>(&self, see: impl FnOnce(Moment, &Household) -> R) -> Result<R, ControlError> {
        self.config
            .premises
            .look(|moment, household| {
                lock(&self.archive).take_in(household, &self.config.stations, &self.cards);
                see(self.by_our_clock(moment), household)
            })
            .await
    }

    /// What time Elli thinks it is.
    async fn now(&self) -> Result<Moment, ControlError> {
        self.look(|moment, _| moment).await
    }

    fn by_our_clock(&self, moment: Moment) -> Moment {
        if !self.faults.is_on(Fault::ClockSkew) {
            return moment;
        }
        Moment {
            now: moment.now + SKEW,
            felt: moment.felt + SKEW,
        }
    }

    /// The stations the account has at the moment.
    fn stations(&self) -> &[Station] {
        if self.faults.is_on(Fault::NoStations) {
            &[]
        } else {
            &self.config.stations
        }
    }

    /// A station by its id.
    fn station(&self, id: &str) -> Option<&Station> {
        self.stations()
            .iter()
            .find(|station| station.id(self.seed) == id)
    }
}

/// Every answer is dated by Elli's own clock (RFC 9110, IMF-fixdate).
async fn date(State(cloud): State<Arc<Cloud>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Ok(moment) = cloud.now().await {
        let date = moment.now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        if let Ok(date) = HeaderValue::try_from(date) {
            response.headers_mut().insert(header::DATE, date);
        }
    }
    response
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
