//! Puts settings back when the vehicle is unplugged: a box whose templates are not temporary keeps
//! every change for good, and the person wanted it for one charge.

use std::sync::Arc;
use std::time::Duration;

use ladebuch_domain::ids::DeviceId;
use tokio_util::sync::CancellationToken;

use super::{Control, Inner};
use crate::sources::Task;

/// Between two looks. An unplugged cable stays unplugged for longer.
const PACE: Duration = Duration::from_secs(2);

/// Watches the charge points whose settings are to be put back.
pub(crate) struct PutBack(Arc<Inner>);

impl PutBack {
    /// For what was commanded through `control`.
    pub fn new(control: &Control) -> Self {
        Self(control.0.clone())
    }

    /// Runs until cancelled.
    pub async fn run(self, cancel: CancellationToken) {
        let mut tick = tokio::time::interval(PACE);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        while cancel.run_until_cancelled(tick.tick()).await.is_some() {
            let waiting = match self.0.store.to_put_back().await {
                Ok(waiting) => waiting,
                Err(error) => {
                    tracing::warn!(%error, "what is to be put back cannot be read");
                    continue;
                }
            };
            for (device, document) in waiting {
                if cancel.is_cancelled() {
                    return;
                }
                self.put_back(device, document).await;
            }
        }
    }

    async fn put_back(&self, id: DeviceId, document: String) {
        let Ok(device) = self.0.device(id) else {
            return;
        };
        let unplugged = device
            .charge_point
            .plugged
            .is_some_and(|plugged| !plugged.value);
        let live = self
            .0
            .live
            .borrow()
            .sources
            .get(&device.source)
            .is_some_and(|source| source.is_live(self.0.clock.now()));
        if !unplugged || !live {
            return;
        }
        let turn = self.0.turn(device.source);
        let _turn = turn.lock().await;
        let task = Task::PutBack(document.into());
        match self
            .0
            .hand_over(device.source, &device.external_id, task)
            .await
        {
            Ok(_) => {
                if let Err(error) = self.0.store.forget_put_back(id).await {
                    tracing::warn!(%error, "what was put back could not be noted");
                }
            }
            Err(reason) => tracing::debug!(?reason, "settings could not be put back yet"),
        }
    }
}
