//! Background work on the store: rolling up, letting go of raw samples, checking the file.
//!
//! Every run is idempotent and takes no input: it looks at the store and does what is due. It is
//! rung after each stored slot and looks at the clock itself, so a missed run is made up for.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::sample::{Tier, slot_start};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::settings::Settings;
use crate::status::{NoticeCode, StatusBoard};
use crate::store::{Store, StoreError};

const PURGE_EVERY: TimeDelta = TimeDelta::hours(6);
/// Commands that were not even sent are of no interest for longer.
const REFUSED_KEPT: TimeDelta = TimeDelta::days(30);
const CHECK_EVERY: TimeDelta = TimeDelta::days(1);
/// Longest wait between two looks when no slot is stored.
const LOOK: TimeDelta = TimeDelta::minutes(1);

pub(crate) struct Upkeep {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub status: StatusBoard,
    pub settings: watch::Receiver<Settings>,
    pub stored_slot: Arc<Notify>,
    /// Whether the file was already checked when it was opened.
    pub checked: bool,
}

/// When each piece of work is due.
struct Due {
    roll_up: DateTime<Utc>,
    purge: DateTime<Utc>,
    check: DateTime<Utc>,
}

impl Due {
    /// After the clock was set back nothing waits until it has caught up.
    fn never_later_than_planned(&mut self, now: DateTime<Utc>) {
        self.roll_up = self.roll_up.min(next_slot(now));
        self.purge = self.purge.min(now + PURGE_EVERY);
        self.check = self.check.min(now + CHECK_EVERY);
    }
}

impl Upkeep {
    /// Runs until cancelled.
    pub async fn run(self, cancel: CancellationToken) {
        let now = self.clock.now();
        let mut due = Due {
            roll_up: now,
            purge: now,
            check: if self.checked { now + CHECK_EVERY } else { now },
        };
        // A check or a purge can take longer than stopping may; both can be cut off anywhere.
        cancel
            .run_until_cancelled(async {
                loop {
                    self.do_what_is_due(&mut due).await;
                    tokio::select! {
                        () = self.stored_slot.notified() => {}
                        () = self.clock.sleep_until(self.clock.now() + LOOK) => {}
                    }
                }
            })
            .await;
    }

    async fn do_what_is_due(&self, due: &mut Due) {
        let now = self.clock.now();
        due.never_later_than_planned(now);
        if now >= due.roll_up {
            due.roll_up = next_slot(now);
            self.report("roll_up", due.roll_up, self.store.roll_up(now).await);
            let size = self.store.size_bytes().await;
            self.status
                .update_database(|database| database.size_bytes = size);
        }
        if now >= due.purge {
            due.purge = now + PURGE_EVERY;
            let days = i64::from(self.settings.borrow().raw_retention_days);
            let purged = self.store.purge_raw(now - TimeDelta::days(days)).await;
            self.report("purge_raw_samples", due.purge, purged.map(drop));
            let refused = self.store.purge_refused_commands(now - REFUSED_KEPT).await;
            self.report("purge_refused_commands", due.purge, refused);
        }
        if now >= due.check {
            due.check = now + CHECK_EVERY;
            let checked = self.check(now).await;
            self.report("check_database", due.check, checked);
        }
    }

    async fn check(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.status
            .update_database(|database| database.sound = None);
        let sound = self.store.quick_check().await?;
        self.status
            .update_database(|database| database.sound = Some(sound));
        if !sound {
            tracing::error!("the database is damaged");
            self.status.notify(
                NoticeCode::DatabaseDamaged,
                "The database file is damaged. Restart Ladebuch: it then moves the damaged file \
                 aside, keeps it, and begins a new one."
                    .to_owned(),
                now,
            );
        }
        Ok(())
    }

    fn report(&self, task: &'static str, next: DateTime<Utc>, result: Result<(), StoreError>) {
        if let Err(error) = &result {
            tracing::warn!(task, %error, "background work failed");
        }
        let result = result.map_err(|error| error.to_string());
        self.status
            .task_ran(task, self.clock.now(), Some(next), result);
    }
}

/// When the next slot of the finest tier is complete.
fn next_slot(now: DateTime<Utc>) -> DateTime<Utc> {
    let step = Tier::FiveMinutes.step();
    slot_start(now, step.to_std().unwrap_or_default()) + step
}
