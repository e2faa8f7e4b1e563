//! What the recorder remembers from slot to slot, and what it makes of a snapshot.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};
use ladebuch_domain::device::Quantity;
use ladebuch_domain::ids::DeviceId;
use ladebuch_domain::sample::{Advance, CounterTrack, Missing, Observed, Quality, observe};
use ladebuch_domain::snapshot::Snapshot;
use ladebuch_domain::units::WattHours;

use super::to_delta;
use crate::store::{
    CounterEvent, CounterEventKind, GapCause, GapSpan, KnownDevice, Tick, TickSample,
};

/// Slots that wait for the database before the oldest is given up: an hour of the default grid.
const MOST_PENDING: usize = 360;
/// Taken for the age of a reading when the clock is behind it: long enough for any energy.
const LONG_AGO: Duration = Duration::from_secs(7 * 24 * 3600);

/// What the recorder remembers between slots.
pub(super) struct Memory {
    tracks: HashMap<(DeviceId, Quantity), Tracked>,
    devices: HashMap<DeviceId, KnownDevice>,
    gaps: HashMap<Missing, DateTime<Utc>>,
    /// Slots that wait for the database.
    pub pending: VecDeque<Tick>,
    /// Up to where no slot is missing.
    pub recorded_until: Option<DateTime<Utc>>,
    /// Up to where the clock showed the time before it was set back.
    pub repeats_until: Option<DateTime<Utc>>,
    /// Slots given up, until the database knows of it.
    given_up: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

struct Tracked {
    track: CounterTrack,
    /// Uptime at the last reading; `None`: it was read before this start.
    at_uptime: Option<Duration>,
}

impl Memory {
    pub fn new(
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
            repeats_until: None,
            given_up: None,
        }
    }

    pub fn tick(
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
        let by_clock = (end - tracked.track.at).to_std().ok();
        let elapsed = match tracked.at_uptime {
            Some(at) => uptime.saturating_sub(at).max(by_clock.unwrap_or_default()),
            // Before this start, and by a clock that is behind now: who knows how long ago.
            None => by_clock
                .filter(|elapsed| *elapsed >= step)
                .unwrap_or(LONG_AGO),
        };
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
                linked_to: device.linked_to,
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
        if let Some((from, until)) = self.given_up {
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
        if self.repeats_until.is_some_and(|until| slot >= until) {
            self.repeats_until = None;
            spans.push(GapSpan {
                source: None,
                device: None,
                cause: GapCause::ClockSetBack,
                from: slot,
                until: end,
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

    /// These slots are in the database, with what was told of slots given up.
    pub fn stored(&mut self, ticks: &[Tick]) {
        let told = ticks
            .iter()
            .flat_map(|tick| &tick.gaps)
            .filter(|gap| gap.cause == GapCause::WriteFailed)
            .map(|gap| (gap.from, gap.until))
            .next_back();
        if told == self.given_up {
            self.given_up = None;
        }
    }

    /// The clock was set back to `now`: what is missing from there on is not missing yet.
    pub fn clock_went_back(&mut self, now: DateTime<Utc>) {
        self.repeats_until = self.repeats_until.max(self.recorded_until);
        self.recorded_until = self.recorded_until.map(|until| until.min(now));
        self.gaps.clear();
    }

    /// Slots that were not written wait again, ahead of the newer ones.
    pub fn take_back(&mut self, ticks: Vec<Tick>) {
        for tick in ticks.into_iter().rev() {
            self.pending.push_front(tick);
        }
        self.give_up_excess();
    }

    /// Keeps no more slots waiting than memory should hold.
    pub fn give_up_excess(&mut self) {
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
            let longer = |gap: &GapSpan| {
                next.gaps.iter().any(|next| {
                    (next.source, next.device, next.cause, next.from)
                        == (gap.source, gap.device, gap.cause, gap.from)
                })
            };
            oldest.gaps.retain(|gap| !longer(gap));
            next.gaps.append(&mut oldest.gaps);
        }
    }
}

#[cfg(test)]
mod tests;
