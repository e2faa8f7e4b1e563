//! The recorder: what the live view shows becomes history, on a fixed UTC grid.
//!
//! At the end of every slot it takes what can be believed, and writes it in one transaction with
//! the gaps of what cannot. While the database refuses to be written, slots wait in memory; the
//! energy of slots that had to be given up is not lost, because it comes from meter counters.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::device::Quantity;
use ladebuch_domain::ids::DeviceId;
use ladebuch_domain::sample::{
    Advance, CounterTrack, Missing, Observed, Quality, observe, slot_start,
};
use ladebuch_domain::snapshot::Snapshot;
use ladebuch_domain::units::WattHours;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::settings::Settings;
use crate::status::{NoticeCode, RecorderProblem, StatusBoard};
use crate::store::{
    CounterEvent, CounterEventKind, GapCause, GapSpan, KnownDevice, Store, StoreError, Tick,
    TickSample,
};

/// Slots that wait for the database before the oldest is given up: an hour of the default grid.
const MOST_PENDING: usize = 360;
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

/// What the recorder remembers between slots.
struct Memory {
    tracks: HashMap<(DeviceId, Quantity), Tracked>,
    devices: HashMap<DeviceId, KnownDevice>,
    gaps: HashMap<Missing, DateTime<Utc>>,
    pending: VecDeque<Tick>,
    /// End of the newest slot that was recorded.
    recorded_until: Option<DateTime<Utc>>,
    /// Slots given up, to be told with the next one.
    given_up: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// An attempt to write and the slots it was about.
type Written = (Vec<Tick>, Result<(), StoreError>);

struct Tracked {
    track: CounterTrack,
    /// Uptime at the last reading; `None`: it was read before this start.
    at_uptime: Option<Duration>,
}

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
        loop {
            let now = self.clock.now();
            let end = current + to_delta(step);
            tokio::select! {
                () = cancel.cancelled() => break,
                () = self.clock.sleep_until(end.min(now + LOOK)) => {}
                // Slots go on while the database takes its time.
                written = finished(&mut writing) => {
                    writing = None;
                    self.conclude(written);
                    continue;
                }
                changed = self.settings.changed() => {
                    if changed.is_err() { break }
                    step = self.settings.borrow_and_update().interval();
                    current = slot_start(self.clock.now(), step);
                    continue;
                }
            }
            let now = self.clock.now();
            let slot = slot_start(now, step);
            if slot < current {
                self.say_clock_went_back(current, now);
            } else if slot > current {
                self.record(slot - to_delta(step), step, now);
                if writing.is_none() {
                    writing = self.write();
                }
            }
            current = slot;
        }
        while writing.is_some() {
            let written = finished(&mut writing).await;
            let failed = written.as_ref().is_ok_and(|(_, result)| result.is_err());
            self.conclude(written);
            writing = if failed { None } else { self.write() };
        }
    }

    /// Takes what the snapshot says at the end of a slot.
    fn record(&mut self, slot: DateTime<Utc>, step: Duration, now: DateTime<Utc>) {
        let snapshot = self.live.borrow_and_update().clone();
        let uptime = self.clock.uptime();
        let tick = self.memory.tick(&snapshot, slot, step, now, uptime);
        self.memory.pending.push_back(tick);
        while self.memory.pending.len() > MOST_PENDING {
            self.memory.give_up_oldest();
        }
    }

    /// Begins to write all slots that wait.
    fn write(&mut self) -> Option<JoinHandle<Written>> {
        if self.memory.pending.is_empty() {
            return None;
        }
        let ticks: Vec<Tick> = self.memory.pending.drain(..).collect();
        let store = self.store.clone();
        Some(tokio::spawn(async move {
            let result = store.write_ticks(&ticks).await.map(drop);
            (ticks, result)
        }))
    }

    /// Draws the conclusions of an attempt to write: what could not be written waits on.
    fn conclude(&mut self, written: Result<Written, JoinError>) {
        let mut status = self.status.read().recorder;
        status.blocked = match written {
            Ok((ticks, Ok(()))) => {
                status.last_slot = ticks.last().map(|tick| tick.slot + to_delta(tick.step));
                self.stored_slot.notify_one();
                self.repeats_until(self.clock.now())
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

    /// While a clock that was set back shows times that are already recorded.
    fn repeats_until(&self, now: DateTime<Utc>) -> Option<RecorderProblem> {
        let until = self.memory.recorded_until?;
        (now + to_delta(self.settings.borrow().interval()) < until)
            .then_some(RecorderProblem::ClockSetBack { until })
    }

    fn say_clock_went_back(&self, from: DateTime<Utc>, to: DateTime<Utc>) {
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

impl Memory {
    fn new(
        tracks: Vec<(DeviceId, Quantity, CounterTrack)>,
        devices: Vec<KnownDevice>,
        recorded_until: Option<DateTime<Utc>>,
    ) -> Self {
        let tracked = |(device, quantity, track)| {
            (
                (device, quantity),
                Tracked {
                    track,
                    at_uptime: None,
                },
            )
        };
        Self {
            tracks: tracks.into_iter().map(tracked).collect(),
            devices: devices
                .into_iter()
                .map(|device| (device.id, device))
                .collect(),
            gaps: HashMap::new(),
            pending: VecDeque::new(),
            recorded_until,
            given_up: None,
        }
    }

    fn tick(
        &mut self,
        snapshot: &Snapshot,
        slot: DateTime<Utc>,
        step: Duration,
        now: DateTime<Utc>,
        uptime: Duration,
    ) -> Tick {
        let end = slot + to_delta(step);
        let (observed, missing) = observe(snapshot, now);
        let mut tick = Tick {
            slot,
            step,
            devices: self.changed_devices(snapshot),
            samples: Vec::with_capacity(observed.len()),
            gaps: self.gaps(&missing, slot, end),
            counter_events: Vec::new(),
        };
        for observed in observed {
            self.sample(observed, end, step, uptime, &mut tick);
        }
        self.recorded_until = self.recorded_until.max(Some(end));
        tick
    }

    fn sample(
        &mut self,
        Observed {
            device,
            quantity,
            value,
        }: Observed,
        end: DateTime<Utc>,
        step: Duration,
        uptime: Duration,
        tick: &mut Tick,
    ) {
        let mut sample = TickSample {
            device,
            quantity,
            value,
            total: None,
            quality: Quality::Measured,
        };
        if quantity.is_counter() {
            let reading = WattHours(value);
            let advance = self.follow(device, quantity, reading, end, step, uptime);
            let event = |kind, before| CounterEvent {
                device,
                quantity,
                at: end,
                kind,
                before,
                after: reading,
            };
            match advance {
                Advance::Measured => {}
                Advance::Recovered => sample.quality = Quality::Recovered,
                Advance::Reset { before } => {
                    tick.counter_events
                        .push(event(CounterEventKind::Reset, before));
                }
                Advance::Jump { before } => {
                    tick.counter_events
                        .push(event(CounterEventKind::Jump, before));
                }
            }
            sample.total = self
                .tracks
                .get(&(device, quantity))
                .map(|tracked| tracked.track.total);
        }
        tick.samples.push(sample);
    }

    fn follow(
        &mut self,
        device: DeviceId,
        quantity: Quantity,
        reading: WattHours,
        end: DateTime<Utc>,
        step: Duration,
        uptime: Duration,
    ) -> Advance {
        let fresh = || Tracked {
            track: CounterTrack::new(reading, end),
            at_uptime: Some(uptime),
        };
        let tracked = self.tracks.entry((device, quantity)).or_insert_with(fresh);
        let by_clock = (end - tracked.track.at).to_std().unwrap_or_default();
        let elapsed = tracked
            .at_uptime
            .map_or(by_clock, |at| uptime.saturating_sub(at).max(by_clock));
        tracked.at_uptime = Some(uptime);
        tracked.track.advance(reading, end, elapsed, step)
    }

    /// Devices that the store does not know yet, or not by this name.
    fn changed_devices(&mut self, snapshot: &Snapshot) -> Vec<KnownDevice> {
        let mut changed = Vec::new();
        for (&id, device) in &snapshot.devices {
            let now = KnownDevice {
                id,
                source: device.source,
                external_id: device.external_id.clone(),
                kind: device.kind,
                name: device.name.clone(),
                serial: device.serial.clone(),
                color_slot: device.color_slot,
            };
            if self.devices.get(&id) != Some(&now) {
                self.devices.insert(id, now.clone());
                changed.push(now);
            }
        }
        changed
    }

    /// Gaps that this slot begins, prolongs, or ends.
    fn gaps(
        &mut self,
        missing: &[Missing],
        slot: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Vec<GapSpan> {
        let mut spans = Vec::new();
        if let Some((from, until)) = self.given_up.take() {
            spans.push(GapSpan {
                source: None,
                device: None,
                cause: GapCause::WriteFailed,
                from,
                until,
            });
        }
        if let Some(from) = self.recorded_until.filter(|until| *until < slot) {
            let cause = GapCause::RecorderOff;
            spans.push(GapSpan {
                source: None,
                device: None,
                cause,
                from,
                until: slot,
            });
        }
        let recorded: HashSet<_> = self.devices.values().map(|device| device.source).collect();
        let missing: HashSet<Missing> = missing
            .iter()
            .copied()
            // A source that never had a device has nothing to miss.
            .filter(|missing| !matches!(missing, Missing::Source(id) if !recorded.contains(id)))
            .collect();
        self.gaps.retain(|gap, _| missing.contains(gap));
        for gap in missing {
            let from = *self.gaps.entry(gap).or_insert(slot);
            let (source, device, cause) = match gap {
                Missing::Source(source) => (Some(source), None, GapCause::SourceOffline),
                Missing::Device(device) => (None, Some(device), GapCause::ValueUnknown),
            };
            spans.push(GapSpan {
                source,
                device,
                cause,
                from,
                until: end,
            });
        }
        spans
    }

    /// Slots that were not written wait again, ahead of the newer ones.
    fn take_back(&mut self, ticks: Vec<Tick>) {
        for tick in ticks.into_iter().rev() {
            self.pending.push_front(tick);
        }
        while self.pending.len() > MOST_PENDING {
            self.give_up_oldest();
        }
    }

    /// Drops the oldest waiting slot; what only it knew is handed to the next one.
    fn give_up_oldest(&mut self) {
        let Some(mut oldest) = self.pending.pop_front() else {
            return;
        };
        let end = oldest.slot + to_delta(oldest.step);
        self.given_up = Some(match self.given_up {
            Some((from, _)) => (from, end),
            None => (oldest.slot, end),
        });
        if let Some(next) = self.pending.front_mut() {
            oldest.devices.append(&mut next.devices);
            next.devices = oldest.devices;
            oldest.counter_events.append(&mut next.counter_events);
            next.counter_events = oldest.counter_events;
            oldest.gaps.append(&mut next.gaps);
            next.gaps = oldest.gaps;
        }
    }
}

/// The end of a running attempt to write; waits for ever if there is none.
async fn finished(writing: &mut Option<JoinHandle<Written>>) -> Result<Written, JoinError> {
    match writing {
        Some(writing) => writing.await,
        None => std::future::pending().await,
    }
}

fn to_delta(step: Duration) -> TimeDelta {
    TimeDelta::from_std(step).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use ladebuch_domain::device::DeviceKind;
    use ladebuch_domain::ids::SourceId;
    use ladebuch_domain::reading::Fact;
    use ladebuch_domain::snapshot::Device;
    use ladebuch_domain::source::{SourceState, SourceView};
    use uuid::Uuid;

    use super::*;

    const START: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    const STEP: Duration = Duration::from_secs(10);
    const SOURCE: SourceId = SourceId(Uuid::from_u128(1));
    const DEVICE: DeviceId = DeviceId(Uuid::from_u128(2));

    fn slot(number: i64) -> DateTime<Utc> {
        START + TimeDelta::seconds(10 * number)
    }

    fn seconds(number: i64) -> Duration {
        Duration::from_secs(u64::try_from(10 * number).unwrap())
    }

    fn snapshot(state: SourceState, imported: f64, now: DateTime<Utc>) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let view = SourceView {
            state,
            ..SourceView::new("Box".into(), now)
        };
        snapshot.set_source(SOURCE, view);
        let device = Device::new(SOURCE, "counter/0".into(), DeviceKind::Grid, 0, now);
        snapshot.insert(DEVICE, device);
        snapshot.apply(DEVICE, Fact::Imported(Some(WattHours(imported))), now);
        snapshot
    }

    /// Records a slot in which the meter shows `imported`.
    fn tick(memory: &mut Memory, number: i64, state: SourceState, imported: f64) -> Tick {
        let end = slot(number + 1);
        let snapshot = snapshot(state, imported, end);
        memory.tick(&snapshot, slot(number), STEP, end, seconds(number + 1))
    }

    fn fresh() -> Memory {
        Memory::new(Vec::new(), Vec::new(), None)
    }

    #[test]
    fn rises_of_a_counter_add_up_from_its_first_reading() {
        let mut memory = fresh();
        let first = tick(&mut memory, 0, SourceState::Live, 4_711_000.0);
        assert_eq!(
            first.devices.len(),
            1,
            "a new device is stored with its first value"
        );
        assert_eq!(first.samples[0].total, Some(WattHours(0.0)));
        let second = tick(&mut memory, 1, SourceState::Live, 4_711_030.0);
        assert_eq!(second.devices, [], "and only then");
        assert_eq!(second.samples[0].value, 4_711_030.0);
        assert_eq!(second.samples[0].total, Some(WattHours(30.0)));
        assert_eq!(second.samples[0].quality, Quality::Measured);
    }

    #[test]
    fn an_offline_source_leaves_a_gap_and_its_energy_is_recovered() {
        let mut memory = fresh();
        tick(&mut memory, 0, SourceState::Live, 1000.0);
        tick(&mut memory, 1, SourceState::Offline, 1000.0);
        let gap = tick(&mut memory, 2, SourceState::Offline, 1000.0);
        assert_eq!(gap.samples, []);
        assert_eq!(
            gap.gaps,
            [GapSpan {
                source: Some(SOURCE),
                device: None,
                cause: GapCause::SourceOffline,
                from: slot(1),
                until: slot(3),
            }]
        );
        let back = tick(&mut memory, 3, SourceState::Live, 1060.0);
        assert_eq!(back.gaps, []);
        assert_eq!(back.samples[0].quality, Quality::Recovered);
        assert_eq!(back.samples[0].total, Some(WattHours(60.0)));
    }

    #[test]
    fn the_time_between_two_runs_is_a_gap() {
        let track = CounterTrack::new(WattHours(1000.0), slot(10));
        let known = KnownDevice {
            id: DEVICE,
            source: SOURCE,
            external_id: "counter/0".into(),
            kind: DeviceKind::Grid,
            name: None,
            serial: None,
            color_slot: 0,
        };
        let tracks = vec![(DEVICE, Quantity::Imported, track)];
        let mut memory = Memory::new(tracks, vec![known], Some(slot(10)));
        let snapshot = snapshot(SourceState::Live, 1500.0, slot(371));
        let tick = memory.tick(&snapshot, slot(370), STEP, slot(371), seconds(1));
        let gap = GapSpan {
            source: None,
            device: None,
            cause: GapCause::RecorderOff,
            from: slot(10),
            until: slot(370),
        };
        assert_eq!(tick.gaps, [gap]);
        assert_eq!(tick.samples[0].quality, Quality::Recovered);
        assert_eq!(tick.samples[0].total, Some(WattHours(500.0)));
    }

    #[test]
    fn a_reset_counter_is_told_and_goes_on_from_there() {
        let mut memory = fresh();
        tick(&mut memory, 0, SourceState::Live, 5000.0);
        let reset = tick(&mut memory, 1, SourceState::Live, 0.0);
        let event = &reset.counter_events[0];
        assert_eq!(
            (event.kind, event.before),
            (CounterEventKind::Reset, WattHours(5000.0))
        );
        let after = tick(&mut memory, 2, SourceState::Live, 20.0);
        assert_eq!(after.samples[0].total, Some(WattHours(20.0)));
    }

    #[test]
    fn energy_of_an_hour_that_the_clock_repeats_is_not_taken_for_a_jump() {
        let mut memory = fresh();
        tick(&mut memory, 0, SourceState::Live, 1000.0);
        // An hour passes, but the clock was set back by as much.
        let snapshot = snapshot(SourceState::Live, 12_000.0, slot(2));
        let hour_later = seconds(1) + Duration::from_secs(3610);
        let tick = memory.tick(&snapshot, slot(1), STEP, slot(2), hour_later);
        assert_eq!(tick.counter_events.len(), 0);
        assert_eq!(tick.samples[0].total, Some(WattHours(11_000.0)));
    }

    #[test]
    fn slots_that_never_reach_the_disk_hand_on_what_only_they_knew() {
        let mut memory = fresh();
        for number in 0..3 {
            let reading = 1000.0 + 10.0 * number as f64;
            let tick = tick(&mut memory, number, SourceState::Live, reading);
            memory.pending.push_back(tick);
        }
        memory.give_up_oldest();
        memory.give_up_oldest();
        assert_eq!(memory.pending.len(), 1);
        assert_eq!(
            memory.pending[0].devices.len(),
            1,
            "the device row came with the first slot"
        );
        let next = tick(&mut memory, 3, SourceState::Live, 1030.0);
        let gap = &next.gaps[0];
        assert_eq!(
            (gap.cause, gap.from, gap.until),
            (GapCause::WriteFailed, slot(0), slot(2))
        );
    }
}
