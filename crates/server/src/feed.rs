//! The live feed: a snapshot, then what changed, as JSON, for any number of listeners.
//!
//! Nothing is queued for a listener. Each one pulls; what happened since its last message is
//! found by revision numbers and sent as whole objects, so a slow listener gets fewer messages and
//! never old ones.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::{Stream, stream};
use ladebuch_domain::ids::{DeviceId, SourceId};
use ladebuch_domain::snapshot::Snapshot;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::app::{Phase, Shared, View};
use crate::dto::live::{LiveChanges, LiveMessage, LiveSnapshot};

/// Messages of one listener are at least this far apart; what changes meanwhile goes together.
const PACE: Duration = Duration::from_millis(5);
/// A listener hears something at least this often.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// All of what a view shows.
pub fn snapshot(view: &View, now: DateTime<Utc>) -> LiveSnapshot {
    let snapshot = view.engine.live().borrow().clone();
    whole(view, &snapshot, now)
}

fn whole(view: &View, snapshot: &Snapshot, now: DateTime<Utc>) -> LiveSnapshot {
    LiveSnapshot::new(snapshot, view.demo, view.engine.settings().zone.name(), now)
}

/// The feed of one listener. Ends when the program stops or could not start.
pub fn messages(shared: Shared) -> impl Stream<Item = String> + Send + 'static {
    let phases = shared.phases();
    stream::unfold(
        Feed {
            shared,
            phases,
            shown: None,
        },
        |mut feed| async move {
            let message = feed.next().await?;
            Some((message, feed))
        },
    )
}

struct Feed {
    shared: Shared,
    phases: watch::Receiver<Phase>,
    shown: Option<Shown>,
}

/// What the listener has got so far.
struct Shown {
    live: watch::Receiver<Arc<Snapshot>>,
    revision: u64,
    devices: BTreeSet<DeviceId>,
    sources: BTreeSet<SourceId>,
    sent: Instant,
}

impl Feed {
    async fn next(&mut self) -> Option<String> {
        loop {
            let Some(shown) = &mut self.shown else {
                let view = self.view().await?;
                let (shown, message) = Shown::begin(&view, self.shared.now());
                self.shown = Some(shown);
                return text(&message);
            };
            tokio::select! {
                // Another view is shown, or the same anew, or none any more.
                changed = self.phases.changed() => {
                    changed.ok()?;
                    self.shown = None;
                }
                changed = shown.live.changed() => {
                    if changed.is_err() {
                        // The engine is gone; the next phase says why.
                        self.phases.changed().await.ok()?;
                        self.shown = None;
                        continue;
                    }
                    tokio::time::sleep_until(shown.sent + PACE).await;
                    return text(&LiveMessage::Changes(shown.changes(self.shared.now())));
                }
                // Says that nothing has changed: silence would mean a dead connection.
                () = tokio::time::sleep_until(shown.sent + SIGN_OF_LIFE) => {
                    return text(&LiveMessage::Changes(shown.changes(self.shared.now())));
                }
            }
        }
    }

    /// The household that is shown now, once there is one.
    async fn view(&mut self) -> Option<View> {
        loop {
            match &*self.phases.borrow_and_update() {
                Phase::Ready(ready) => return Some(ready.view()),
                Phase::Starting => {}
                Phase::Failed(_) | Phase::Stopped => return None,
            }
            self.phases.changed().await.ok()?;
        }
    }
}

impl Shown {
    fn begin(view: &View, now: DateTime<Utc>) -> (Self, LiveMessage) {
        let mut live = view.engine.live();
        let latest = live.borrow_and_update().clone();
        let snapshot = whole(view, &latest, now);
        let shown = Self {
            live,
            revision: latest.revision,
            devices: latest.devices.keys().copied().collect(),
            sources: latest.sources.keys().copied().collect(),
            sent: Instant::now(),
        };
        (shown, LiveMessage::Snapshot { snapshot })
    }

    /// What has changed since the last message; perhaps nothing.
    fn changes(&mut self, now: DateTime<Utc>) -> LiveChanges {
        let latest = self.live.borrow_and_update().clone();
        let mut changes = LiveChanges::since(self.revision, &latest, now);
        let gone = self
            .devices
            .iter()
            .filter(|id| !latest.devices.contains_key(id));
        changes.removed = gone.map(|id| id.0).collect();
        let gone = self
            .sources
            .iter()
            .filter(|id| !latest.sources.contains_key(id));
        changes.removed_sources = gone.map(|id| id.0).collect();
        self.revision = latest.revision;
        self.devices = latest.devices.keys().copied().collect();
        self.sources = latest.sources.keys().copied().collect();
        self.sent = Instant::now();
        changes
    }
}

fn text(message: &LiveMessage) -> Option<String> {
    match serde_json::to_string(message) {
        Ok(text) => Some(text),
        Err(error) => {
            tracing::error!(%error, "a live message could not be written");
            None
        }
    }
}
