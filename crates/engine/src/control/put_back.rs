//! Puts settings back after a charge: a box that keeps every change for good does not do it itself.
//!
//! A setting is put back when the last charge point that wanted it changed is unplugged, and only if
//! it still is as it was set. It counts as put back when the box itself reports it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use compact_str::CompactString;
use ladebuch_domain::snapshot::Snapshot;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Control, DELIVERY, Inner};
use crate::sources::{Order, PutBackOrder, PuttingBack, Undelivered};
use crate::status::NoticeCode;
use crate::store::{PutBackLater, StoreError};

/// Between two looks. An unplugged cable stays unplugged for longer.
const PACE: Duration = Duration::from_secs(2);
/// Between two attempts at a box that takes the message and does not follow it yet.
const AGAIN: Duration = Duration::from_secs(10);
/// After a box refused, or did not show the setting: nothing changes quickly there.
const LATER: Duration = Duration::from_secs(60);

/// Watches the charge points whose settings are to be put back.
pub(crate) struct PutBack {
    inner: Arc<Inner>,
    /// Settings that could not be put back, and when to try again.
    resting: HashMap<String, Instant>,
}

impl PutBack {
    /// For what was commanded through `control`.
    pub fn new(control: &Control) -> Self {
        Self {
            inner: control.0.clone(),
            resting: HashMap::new(),
        }
    }

    /// Runs until cancelled.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut tick = tokio::time::interval(PACE);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        while cancel.run_until_cancelled(tick.tick()).await.is_some() {
            let round = cancel.run_until_cancelled(self.look()).await;
            if let Some(Err(error)) = round {
                tracing::warn!(%error, "settings could not be put back");
            }
        }
    }

    async fn look(&mut self) -> Result<(), StoreError> {
        let inner = self.inner.clone();
        for device in inner.store.wanting_changes().await? {
            let unplugged = |live: &Snapshot| {
                let device = live.devices.get(&device)?;
                let plugged = device.charge_point.plugged?;
                let source = live.sources.get(&device.source)?;
                Some(!plugged.value && source.is_live(inner.clock.now()))
            };
            if unplugged(&inner.live.borrow()) == Some(true) {
                inner.store.want_no_changes(device).await?;
            }
        }
        for change in inner.store.to_put_back().await? {
            let name = format!("{} {} {}", change.source, change.scope, change.back.name());
            let rests = self
                .resting
                .get(&name)
                .is_some_and(|until| *until > Instant::now());
            if rests {
                continue;
            }
            match self.put_back(&change).await {
                Ok(PuttingBack::Done) => {
                    let (source, kind) = (change.source, change.back.name());
                    inner
                        .store
                        .keep_setting(source, &change.scope, kind)
                        .await?;
                    self.resting.remove(&name);
                }
                // A later look shows whether it helped.
                Ok(PuttingBack::Sent) => {
                    self.resting.insert(name, Instant::now() + AGAIN);
                }
                Err(undelivered) => {
                    tracing::info!(?undelivered, name, "a setting could not be put back yet");
                    let until = Instant::now() + LATER;
                    let first = self.resting.insert(name, until).is_none();
                    if first && undelivered == Undelivered::NotAllowed {
                        self.refused(&change);
                    }
                }
            }
        }
        Ok(())
    }

    async fn put_back(&self, change: &PutBackLater) -> Result<PuttingBack, Undelivered> {
        let turn = self.inner.turn(change.source);
        let _turn = turn.lock().await;
        let (answer, answered) = oneshot::channel();
        let order = Order::PutBack(PutBackOrder {
            scope: CompactString::from(change.scope.as_str()),
            back: change.back.clone(),
            set_to: change.set_to.clone(),
            answer,
        });
        self.inner.lines.order(change.source, order)?;
        match tokio::time::timeout(DELIVERY, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Undelivered::Offline),
            Err(_) => Err(Undelivered::Lost),
        }
    }

    fn refused(&self, change: &PutBackLater) {
        let kind = change.back.name();
        self.inner.status.notify(
            NoticeCode::PutBackRefused,
            format!(
                "The openWB does not let this user put the setting “{kind}” of {} back as it was \
                 before the charge. Give the user the right to change it, or set it on the box.",
                change.scope
            ),
            self.inner.clock.now(),
        );
    }
}
