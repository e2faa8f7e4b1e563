//! The recorder: what the live view shows becomes history, on a fixed UTC grid.
//!
//! At the end of every slot it takes what can be believed, and writes it in one transaction with
//! the gaps of what cannot. While the database refuses to be written, slots wait in memory; the
//! energy of slots that had to be given up is not lost, because it comes from meter counters.

mod memory;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::sample::slot_start;
use ladebuch_domain::snapshot::Snapshot;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use self::memory::Memory;
use crate::clock::Clock;
use crate::settings::Settings;
use crate::status::{NoticeCode, RecorderProblem, StatusBoard};
use crate::store::{Store, StoreError, Tick, Written};

/// How often the clock is looked at while a slot runs: it may be set.
const LOOK: TimeDelta = TimeDelta::seconds(1);

/// Records until cancelled.
pub(crate) struct Recorder {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) status: StatusBoard,
    pub(crate) settings: watch::Receiver<Settings>,
    pub(crate) live: watch::Receiver<Arc<Snapshot>>,
    /// Rung after every slot that was stored.
    pub(crate) stored_slot: Arc<Notify>,
    memory: Memory,
}

/// An attempt to write and the slots it was about.
type Attempt = (Vec<Tick>, Result<Written, StoreError>);

impl Recorder {
    /// A recorder that goes on where the store ends.
    ///
    /// # Errors
    /// What the store says when it cannot be read.
    pub async fn resume(
        store: Store,
        clock: Arc<dyn Clock>,
        status: StatusBoard,
        settings: watch::Receiver<Settings>,
        live: watch::Receiver<Arc<Snapshot>>,
        stored_slot: Arc<Notify>,
    ) -> Result<Self, StoreError> {
        let tracks = store.tracks().await?;
        let devices = store.devices().await?;
        let recorded_until = store.recorded_until().await?;
        let memory = Memory::new(tracks, devices, recorded_until);
        Ok(Self {
            store,
            clock,
            status,
            settings,
            live,
            stored_slot,
            memory,
        })
    }

    /// Runs until cancelled; slots that still wait are written a last time.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut step = self.settings.borrow_and_update().interval();
        let mut current = slot_start(self.clock.now(), step);
        let mut writing = None;
        if let Some(until) = self.memory.recorded_until.filter(|until| *until > current) {
            self.turn_back(until, current).await;
        }
        loop {
            let now = self.clock.now();
            let end = current + to_delta(step);
            tokio::select! {
                () = cancel.cancelled() => break,
                () = self.clock.sleep_until(end.min(now + LOOK)) => {}
                // Slots go on while the database takes its time.
                written = finished(&mut writing) => {
                    writing = self.go_on_after(written);
                    continue;
                }
                changed = self.settings.changed() => {
                    if changed.is_err() { break }
                    step = self.settings.borrow_and_update().interval();
                    current = slot_start(self.clock.now(), step);
                    // The slot that was cut short is no hole in the recording.
                    self.memory.recorded_until =
                        self.memory.recorded_until.map(|until| until.max(current));
                    continue;
                }
            }
            let now = self.clock.now();
            let slot = slot_start(now, step);
            if slot < current {
                self.turn_back(current, now).await;
            } else if slot > current {
                self.record(slot - to_delta(step), step, now);
                if writing.is_none() {
                    writing = self.write();
                }
            }
            current = slot;
        }
        if writing.is_none() {
            writing = self.write();
        }
        while writing.is_some() {
            let written = finished(&mut writing).await;
            writing = self.go_on_after(written);
        }
    }

    /// Concludes an attempt to write. What was recorded meanwhile follows at once; after a failure
    /// it waits for the next slot.
    fn go_on_after(&mut self, written: Result<Attempt, JoinError>) -> Option<JoinHandle<Attempt>> {
        let succeeded = matches!(&written, Ok((_, Ok(_))));
        self.conclude(written);
        if succeeded { self.write() } else { None }
    }

    /// Takes what the snapshot says at the end of a slot.
    fn record(&mut self, slot: DateTime<Utc>, step: Duration, now: DateTime<Utc>) {
        let snapshot = self.live.borrow_and_update().clone();
        let uptime = self.clock.uptime();
        let tick = self.memory.tick(&snapshot, slot, step, now, uptime);
        self.memory.pending.push_back(tick);
        self.memory.give_up_excess();
    }

    /// Begins to write all slots that wait.
    fn write(&mut self) -> Option<JoinHandle<Attempt>> {
        if self.memory.pending.is_empty() {
            return None;
        }
        let ticks: Vec<Tick> = self.memory.pending.drain(..).collect();
        let store = self.store.clone();
        Some(tokio::spawn(async move {
            let result = store.write_ticks(&ticks).await;
            (ticks, result)
        }))
    }

    /// Draws the conclusions of an attempt to write: what could not be written waits on.
    fn conclude(&mut self, written: Result<Attempt, JoinError>) {
        let mut status = self.status.read().recorder;
        status.blocked = match written {
            Ok((ticks, Ok(written))) => {
                status.last_slot = ticks.last().map(|tick| tick.slot + to_delta(tick.step));
                self.memory.stored(&ticks);
                self.stored_slot.notify_one();
                // A clock that was set back shows times that have their values already.
                let repeats = self
                    .memory
                    .repeats_until
                    .filter(|_| written.skipped_slots > 0);
                repeats.map(|until| RecorderProblem::ClockSetBack { until })
            }
            Ok((ticks, Err(error))) => {
                tracing::warn!(%error, slots = ticks.len(), "slots could not be written");
                self.memory.take_back(ticks);
                Some(match error {
                    StoreError::DiskFull => RecorderProblem::DiskFull,
                    StoreError::ReadOnly => RecorderProblem::ReadOnly,
                    other => RecorderProblem::Database(other.to_string()),
                })
            }
            Err(error) => Some(RecorderProblem::Database(error.to_string())),
        };
        status.pending_slots = self.memory.pending.len();
        self.status.set_recorder(status);
    }

    /// The clock shows a time before what is recorded.
    async fn turn_back(&mut self, from: DateTime<Utc>, to: DateTime<Utc>) {
        self.memory.clock_went_back(to);
        if let Err(error) = self.store.clock_went_back(to).await {
            tracing::warn!(%error, "gaps of a time that has not come yet could not be taken back");
        }
        tracing::warn!(%from, %to, "the computer's clock went backwards");
        self.status.notify(
            NoticeCode::ClockSetBack,
            format!(
                "The computer's clock went back from {} to {}. Values already recorded for that \
                 time stay as they are; the energy in between is counted afterwards.",
                from.format("%Y-%m-%d %H:%M:%S UTC"),
                to.format("%Y-%m-%d %H:%M:%S UTC"),
            ),
            to,
        );
    }
}

/// The end of a running attempt to write; waits for ever if there is none.
async fn finished(writing: &mut Option<JoinHandle<Attempt>>) -> Result<Attempt, JoinError> {
    match writing {
        Some(writing) => writing.await,
        None => std::future::pending().await,
    }
}

fn to_delta(step: Duration) -> TimeDelta {
    TimeDelta::from_std(step).unwrap_or(TimeDelta::MAX)
}
