//! A look at one source: a connection of its own for as long as somebody asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ladebuch_domain::ids::SourceId;
use openwb::link::Tap;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::Inner;
use super::kept::{Kept, Topics};
use crate::clock::Clock;
use crate::sources::{self, OpenwbConfig};

/// How long looking goes on after it was last asked for.
const WANTED_FOR: Duration = Duration::from_secs(60);
/// Longest wait for what the broker has kept.
const FIRST_BURST: Duration = Duration::from_secs(2);
/// What the broker has kept is there when nothing came for so long.
const QUIET: Duration = Duration::from_millis(300);
/// Between two attempts to connect.
const TRY_AGAIN: Duration = Duration::from_secs(3);

pub(super) struct Look {
    source: SourceId,
    config: OpenwbConfig,
    kept: Mutex<Kept>,
    asked: Mutex<Instant>,
    /// Whether waiting longer for the first burst makes no sense.
    settled: watch::Sender<bool>,
    cancel: CancellationToken,
}

impl Look {
    pub(super) fn new(source: SourceId, config: OpenwbConfig, cancel: CancellationToken) -> Self {
        Self {
            source,
            config,
            kept: Mutex::default(),
            asked: Mutex::new(Instant::now()),
            settled: watch::Sender::new(false),
            cancel,
        }
    }

    pub(super) fn source(&self) -> SourceId {
        self.source
    }

    /// Whether it connects in that way.
    pub(super) fn is_at(&self, config: &OpenwbConfig) -> bool {
        self.config == *config
    }

    /// Somebody looks.
    pub(super) fn ask(&self) {
        *self.asked() = Instant::now();
    }

    /// Whether somebody looked not long ago.
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted_until() > Instant::now()
    }

    /// Ends it before its time.
    pub(super) fn end(&self) {
        self.cancel.cancel();
    }

    /// Waits until the first burst is there, within limits.
    pub(super) async fn first_burst(&self) {
        let mut settled = self.settled.subscribe();
        // Too late is all right: what is there by now is shown.
        timeout(FIRST_BURST, settled.wait_for(|settled| *settled))
            .await
            .ok();
    }

    pub(super) fn topics(&self) -> Topics {
        self.kept().show()
    }

    /// Looks until nobody asks any more.
    pub(super) async fn run(self: Arc<Self>, inspector: Arc<Inner>) {
        let over = async {
            tokio::select! {
                () = self.cancel.cancelled() => {}
                () = self.unwanted(&inspector) => {}
            }
        };
        tokio::pin!(over);
        loop {
            let opened = tokio::select! {
                () = &mut over => return,
                opened = self.open(&inspector) => opened,
            };
            if let Some(mut tap) = opened {
                self.kept().connected = true;
                let over = tokio::select! {
                    () = &mut over => true,
                    () = self.listen(&mut tap, &*inspector.clock) => false,
                };
                self.kept().connected = false;
                if over {
                    tap.close().await;
                    return;
                }
            }
            // Without a connection there is nothing to wait for.
            self.settled.send_replace(true);
            tokio::select! {
                () = &mut over => return,
                () = sleep(TRY_AGAIN) => {}
            }
        }
    }

    async fn open(&self, inspector: &Inner) -> Option<Tap> {
        let config = sources::link_config(&*inspector.host, self.source, &self.config).await;
        let config = config
            .inspect_err(|error| tracing::info!(%error, "a source cannot be looked at"))
            .ok()?;
        let tap = Tap::open(&config).await;
        tap.inspect_err(|problem| tracing::info!(%problem, "a source cannot be looked at"))
            .ok()
    }

    /// Keeps what comes until the connection ends.
    async fn listen(&self, tap: &mut Tap, clock: &dyn Clock) {
        loop {
            match timeout(QUIET, tap.next()).await {
                Ok(Ok(message)) => self.kept().take(message, clock.now()),
                Ok(Err(problem)) => {
                    tracing::info!(%problem, "looking at a source was interrupted");
                    return;
                }
                Err(_) => {
                    self.settled.send_replace(true);
                }
            }
        }
    }

    async fn unwanted(self: &Arc<Self>, inspector: &Inner) {
        while !inspector.forget(self) {
            sleep_until(self.wanted_until()).await;
        }
    }

    fn wanted_until(&self) -> Instant {
        *self.asked() + WANTED_FOR
    }

    fn asked(&self) -> MutexGuard<'_, Instant> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
