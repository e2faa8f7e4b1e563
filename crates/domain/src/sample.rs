//! Sampling: what of a snapshot is worth recording, what a counter's next reading means, and how
//! fine slots become coarse ones.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::device::Quantity;
use crate::ids::{DeviceId, SourceId};
use crate::snapshot::{Dated, Snapshot};
use crate::units::WattHours;

/// More than any house draws; a counter that rises faster has jumped.
const PLAUSIBLE_POWER_W: f64 = 150_000.0;
/// Allowance for counters that are read late or rounded to 0.1 kWh.
const COUNTER_SLACK_WH: f64 = 100.0;
/// Counters that fall by less are rounded, not reset.
const COUNTER_NOISE_WH: f64 = 10.0;

/// Lengths of a raw sample's slot that can be chosen, in seconds. Each divides five minutes:
/// slots of the coarser tiers are made of whole ones.
pub const RAW_INTERVALS: [u32; 4] = [5, 10, 30, 60];

/// Start of the slot of the fixed UTC grid that contains `at`.
#[must_use]
pub fn slot_start(at: DateTime<Utc>, step: Duration) -> DateTime<Utc> {
    let step = i64::try_from(step.as_millis()).unwrap_or(i64::MAX).max(1);
    let millis = at.timestamp_millis();
    DateTime::from_timestamp_millis(millis - millis.rem_euclid(step)).unwrap_or(at)
}

/// A value at the end of a slot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observed {
    /// Whose value.
    pub device: DeviceId,
    /// Which of its quantities.
    pub quantity: Quantity,
    /// In the quantity's unit.
    pub value: f64,
}

/// Why something that is usually recorded has no value in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// The whole source is offline, stale or not yet connected.
    Source(SourceId),
    /// The device fails or has fallen silent while its source is alive.
    Device(DeviceId),
}

/// All values of the snapshot that can be believed at `now`, and what cannot.
#[must_use]
pub fn observe(snapshot: &Snapshot, now: DateTime<Utc>) -> (Vec<Observed>, Vec<Missing>) {
    let mut observed = Vec::with_capacity(snapshot.devices.len() * 3);
    let mut missing: Vec<Missing> = snapshot
        .sources
        .iter()
        .filter(|(_, source)| !source.is_live(now))
        .map(|(&id, _)| Missing::Source(id))
        .collect();
    for (&id, device) in &snapshot.devices {
        if missing.contains(&Missing::Source(device.source)) {
            continue;
        }
        if device.fails() || snapshot.is_stale(device, now) {
            missing.push(Missing::Device(id));
            continue;
        }
        let meter = &device.meter;
        let reading = |energy: Option<Dated<WattHours>>| energy.map(|e| (e.value.get(), e.at));
        let values = [
            (
                Quantity::Power,
                meter.power.map(|power| (power.value.get(), power.at)),
            ),
            (
                Quantity::Soc,
                meter.soc.map(|soc| (soc.value.get(), soc.at)),
            ),
            (Quantity::Imported, reading(meter.imported)),
            (Quantity::Exported, reading(meter.exported)),
            (Quantity::Produced, reading(meter.produced)),
        ];
        observed.extend(values.into_iter().filter_map(|(quantity, value)| {
            let (value, _) = value.filter(|(_, at)| !snapshot.is_overdue(device, *at, now))?;
            Some(Observed {
                device: id,
                quantity,
                value,
            })
        }));
    }
    (observed, missing)
}

/// Follows one meter counter: adds up its rises and notices when it does something else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CounterTrack {
    /// Last reading taken as true.
    pub reading: WattHours,
    /// When it was read.
    pub at: DateTime<Utc>,
    /// Sum of all rises since recording began. The energy of any period is the difference of two
    /// of these, so resets and jumps of the meter do not reach the totals.
    pub total: WattHours,
    /// Where the counter stood before it dipped, until it is back or goes on from below.
    dipped_from: Option<WattHours>,
}

/// What a counter's next reading means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Advance {
    /// It rose, or stayed, within one slot of the last reading.
    Measured,
    /// It rose over slots that were not recorded: the energy is true, its moment is not known.
    Recovered,
    /// It fell. The reading is the new base; nothing is added.
    Reset {
        /// The reading before.
        before: WattHours,
    },
    /// It rose by more than any house can use. The reading is the new base; nothing is added.
    Jump {
        /// The reading before.
        before: WattHours,
    },
}

impl CounterTrack {
    /// Begins with a first reading: nothing has been counted yet.
    #[must_use]
    pub const fn new(reading: WattHours, at: DateTime<Utc>) -> Self {
        Self::resumed(reading, at, WattHours::ZERO)
    }

    /// Goes on with what was recorded.
    #[must_use]
    pub const fn resumed(reading: WattHours, at: DateTime<Utc>, total: WattHours) -> Self {
        Self {
            reading,
            at,
            total,
            dipped_from: None,
        }
    }

    /// Takes the next reading on a grid of `step`. `elapsed` is the time that has truly passed
    /// since the last one: the clock may have been set in between.
    pub fn advance(
        &mut self,
        reading: WattHours,
        at: DateTime<Utc>,
        elapsed: Duration,
        step: Duration,
    ) -> Advance {
        let rise = (reading - self.reading).get();
        if rise < 0.0 && rise > -COUNTER_NOISE_WH {
            // Keep the higher base, or the fall would be counted as a rise afterwards.
            self.at = at;
            return Advance::Measured;
        }
        let before = self.reading;
        self.reading = reading;
        self.at = at;
        if rise < 0.0 {
            // A meter that was replaced or cleared starts near zero; one that shows a little less
            // was read wrongly and will be back, and that way back is no energy.
            self.dipped_from = (reading.get() > before.get() / 2.0).then_some(before);
            return Advance::Reset { before };
        }
        let rise = match self.dipped_from {
            Some(height) if rise > 0.0 => {
                self.dipped_from = None;
                let beyond = (reading - height).get();
                if beyond > -COUNTER_NOISE_WH {
                    beyond.max(0.0)
                } else {
                    rise
                }
            }
            _ => rise,
        };
        let hours = elapsed.as_secs_f64() / 3600.0;
        if rise > hours * PLAUSIBLE_POWER_W + COUNTER_SLACK_WH {
            return Advance::Jump { before };
        }
        self.total = self.total + WattHours(rise);
        if elapsed > step + step / 2 && rise > 0.0 {
            Advance::Recovered
        } else {
            Advance::Measured
        }
    }
}

/// A coarse step of the history, made of finer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// 5 minutes, made of raw samples; kept for good.
    FiveMinutes,
    /// 1 hour; kept for good.
    Hour,
    /// 6 hours; serves a year's chart.
    SixHours,
}

impl Tier {
    /// From fine to coarse.
    pub const ALL: [Self; 3] = [Self::FiveMinutes, Self::Hour, Self::SixHours];

    /// Length of a slot.
    #[must_use]
    pub const fn step(self) -> TimeDelta {
        match self {
            Self::FiveMinutes => TimeDelta::minutes(5),
            Self::Hour => TimeDelta::hours(1),
            Self::SixHours => TimeDelta::hours(6),
        }
    }

    /// The tier that this one is made of; `None`: of raw samples.
    #[must_use]
    pub const fn finer(self) -> Option<Self> {
        match self {
            Self::FiveMinutes => None,
            Self::Hour => Some(Self::FiveMinutes),
            Self::SixHours => Some(Self::Hour),
        }
    }

    /// Number by which the store keeps the tier: its step in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.step().num_seconds()
    }
}

/// How sure a slot's value is. A slot that is absent is a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Read in that slot.
    Measured,
    /// A counter's rise over slots that were not recorded.
    Recovered,
}

/// A value over a slot: a raw sample is one with a single count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// Start of the slot on the UTC grid.
    pub start: DateTime<Utc>,
    /// What was recorded.
    pub value: SlotValue,
    /// How sure it is.
    pub quality: Quality,
}

/// The content of a slot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SlotValue {
    /// A gauge over the slot.
    Gauge {
        /// Mean of all samples.
        mean: f64,
        /// Smallest sample.
        min: f64,
        /// Largest sample.
        max: f64,
        /// Number of raw samples behind it.
        count: u32,
    },
    /// A counter at the slot's end.
    Counter {
        /// The meter's reading.
        reading: WattHours,
        /// [`CounterTrack::total`] at that moment.
        total: WattHours,
    },
}

/// Merges the slots of one series, in order of time, into the slot that starts at `start`.
/// `None` if there is nothing to merge.
#[must_use]
pub fn merge(start: DateTime<Utc>, slots: &[Slot]) -> Option<Slot> {
    let quality = slots.iter().map(|slot| slot.quality).max()?;
    let value = match slots.last()?.value {
        counter @ SlotValue::Counter { .. } => counter,
        SlotValue::Gauge { .. } => merge_gauges(slots)?,
    };
    Some(Slot {
        start,
        value,
        quality,
    })
}

fn merge_gauges(slots: &[Slot]) -> Option<SlotValue> {
    let (mut sum, mut total) = (0.0, 0_u32);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for slot in slots {
        if let SlotValue::Gauge {
            mean,
            min,
            max,
            count,
        } = slot.value
        {
            sum += mean * f64::from(count);
            total += count;
            low = low.min(min);
            high = high.max(max);
        }
    }
    // Rounding must not push the mean outside of what was measured.
    (total > 0).then(|| SlotValue::Gauge {
        mean: (sum / f64::from(total)).clamp(low, high),
        min: low,
        max: high,
        count: total,
    })
}
