//! The live snapshot: the latest reading of everything, each with its age.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use compact_str::CompactString;

use crate::control::{Abilities, ChargeSettings};
use crate::device::DeviceKind;
use crate::ids::{DeviceId, ExternalId, SourceId};
use crate::reading::{
    ChargeLimit, ChargeMode, Fact, Fault, FaultLevel, VehicleBattery, VehicleRef,
};
use crate::source::{SourceView, is_old};
use crate::tag::Tag;
use crate::units::{
    Amperes, Celsius, Percent, VoltAmpereHours, VoltAmperes, Volts, WattHours, Watts,
};

/// A value and when it was observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dated<T> {
    /// The observed value.
    pub value: T,
    /// When it was received.
    pub at: DateTime<Utc>,
}

/// The latest of everything that all sources told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Rises with every change; a device or source carries the number of its own last change.
    pub revision: u64,
    /// Every configured source.
    pub sources: BTreeMap<SourceId, SourceView>,
    /// Every device that a source has at present.
    pub devices: BTreeMap<DeviceId, Device>,
}

/// A device and the latest of its readings.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// [`Snapshot::revision`] of the last change of this device.
    pub revision: u64,
    /// The source that sees it.
    pub source: SourceId,
    /// The source's own name for it.
    pub external_id: ExternalId,
    /// The part it plays.
    pub kind: DeviceKind,
    /// Its name, once told.
    pub name: Option<CompactString>,
    /// Its serial number, once told.
    pub serial: Option<CompactString>,
    /// The charge point of another source that is the same box, seen from near.
    pub linked_to: Option<DeviceId>,
    /// Place in the palette of its kind; stays with the device for good.
    pub color_slot: u8,
    /// When anything was last heard of it.
    pub updated: DateTime<Utc>,
    /// Whether the snapshot's watchers were told that its values are old.
    pub shown_stale: bool,
    /// Trouble that the source reports.
    pub fault: Option<Fault>,
    /// What its meter says.
    pub meter: Meter,
    /// What only charge points have.
    pub charge_point: ChargePoint,
}

/// Latest meter values.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is the fact of the same name")]
pub struct Meter {
    pub power: Option<Dated<Watts>>,
    pub phase_powers: Option<Dated<[Watts; 3]>>,
    pub phase_currents: Option<Dated<[Amperes; 3]>>,
    pub phase_voltages: Option<Dated<[Volts; 3]>>,
    pub apparent_power: Option<Dated<VoltAmperes>>,
    pub apparent_energy: Option<Dated<VoltAmpereHours>>,
    pub imported: Option<Dated<WattHours>>,
    pub exported: Option<Dated<WattHours>>,
    pub produced: Option<Dated<WattHours>>,
    pub soc: Option<Dated<Percent>>,
}

/// Latest values that only charge points have.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is the fact of the same name")]
pub struct ChargePoint {
    pub plugged: Option<Dated<bool>>,
    pub charging: Option<Dated<bool>>,
    pub locked: Option<Dated<bool>>,
    pub phases_in_use: Option<Dated<u8>>,
    pub offered_current: Option<Dated<Amperes>>,
    pub state_text: Option<Dated<Box<str>>>,
    pub tag: Option<Dated<Tag>>,
    pub vehicle: Option<Dated<VehicleRef>>,
    pub vehicle_battery: Option<Dated<VehicleBattery>>,
    pub mode: Option<Dated<ChargeMode>>,
    pub priority: Option<Dated<bool>>,
    pub limit: Option<Dated<ChargeLimit>>,
    pub since_plug_in: Option<Dated<WattHours>>,
    pub towards_limit: Option<Dated<WattHours>>,
    pub apparent_since_power_on: Option<Dated<VoltAmpereHours>>,
    pub temperature: Option<Dated<Celsius>>,
    pub box_state: Option<Dated<CompactString>>,
    pub settings: Option<Dated<Arc<ChargeSettings>>>,
    pub abilities: Option<Dated<Arc<Abilities>>>,
    /// When Ladebuch saw the vehicle being plugged in; unknown if it was so from the start.
    pub plugged_since: Option<DateTime<Utc>>,
}

/// Charge point states of IEC 61851-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Iec61851 {
    /// No vehicle.
    A,
    /// Vehicle connected, not charging.
    B,
    /// Charging.
    C,
    /// Not available: the charge point fails.
    F,
}

/// What a reading changed. One reading concerns one device, so there is at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The same value again; only its age is new.
    Refreshed(DeviceId),
    /// A value is new.
    Updated(DeviceId),
    /// The device is gone from its source.
    Removed(DeviceId),
}

impl Device {
    /// A device of which nothing is known yet.
    #[must_use]
    pub fn new(
        source: SourceId,
        external_id: ExternalId,
        kind: DeviceKind,
        color_slot: u8,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            revision: 0,
            source,
            external_id,
            kind,
            name: None,
            serial: None,
            linked_to: None,
            color_slot,
            updated: now,
            shown_stale: false,
            fault: None,
            meter: Meter::default(),
            charge_point: ChargePoint::default(),
        }
    }

    /// State by IEC 61851-1; `None` where the source has not said whether a vehicle is connected.
    #[must_use]
    pub fn iec61851(&self) -> Option<Iec61851> {
        if self.kind != DeviceKind::ChargePoint {
            return None;
        }
        if self.fails() {
            return Some(Iec61851::F);
        }
        let plugged = self.charge_point.plugged?.value;
        let charging = self
            .charge_point
            .charging
            .is_some_and(|charging| charging.value);
        Some(match (plugged, charging) {
            (_, true) => Iec61851::C,
            (true, false) => Iec61851::B,
            (false, false) => Iec61851::A,
        })
    }

    /// Whether the source reports an error, so that the last values may be old.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.fault
            .as_ref()
            .is_some_and(|fault| fault.level == FaultLevel::Error)
    }

    /// Takes over a fact; says whether a value is new.
    fn take(&mut self, fact: Fact, now: DateTime<Utc>) -> bool {
        self.updated = now;
        let (meter, point) = (&mut self.meter, &mut self.charge_point);
        match fact {
            Fact::Name(name) => replace(&mut self.name, Some(name)),
            Fact::Serial(serial) => replace(&mut self.serial, serial),
            Fact::Fault(fault) => replace(&mut self.fault, fault),
            Fact::Removed => true,
            Fact::Power(value) => renew(&mut meter.power, value, now),
            Fact::PhasePowers(value) => renew(&mut meter.phase_powers, value, now),
            Fact::PhaseCurrents(value) => renew(&mut meter.phase_currents, value, now),
            Fact::PhaseVoltages(value) => renew(&mut meter.phase_voltages, value, now),
            Fact::ApparentPower(value) => renew(&mut meter.apparent_power, value, now),
            Fact::ApparentEnergy(value) => renew(&mut meter.apparent_energy, value, now),
            Fact::Imported(value) => renew(&mut meter.imported, value, now),
            Fact::Exported(value) => renew(&mut meter.exported, value, now),
            Fact::Produced(value) => renew(&mut meter.produced, value, now),
            Fact::Soc(value) => renew(&mut meter.soc, value, now),
            Fact::Plugged(value) => {
                let before = point.plugged.map(|plugged| plugged.value);
                match (before, value) {
                    (Some(false), Some(true)) => point.plugged_since = Some(now),
                    (_, Some(false) | None) => point.plugged_since = None,
                    _ => {}
                }
                renew(&mut point.plugged, value, now)
            }
            Fact::Charging(value) => renew(&mut point.charging, value, now),
            Fact::Locked(value) => renew(&mut point.locked, value, now),
            Fact::PhasesInUse(value) => renew(&mut point.phases_in_use, value, now),
            Fact::OfferedCurrent(value) => renew(&mut point.offered_current, value, now),
            Fact::StateText(value) => renew(&mut point.state_text, value, now),
            Fact::Tag(value) => renew(&mut point.tag, value, now),
            Fact::Vehicle(value) => renew(&mut point.vehicle, value, now),
            Fact::VehicleBattery(value) => renew(&mut point.vehicle_battery, value, now),
            Fact::Mode(value) => renew(&mut point.mode, value, now),
            Fact::Priority(value) => renew(&mut point.priority, value, now),
            Fact::Limit(value) => renew(&mut point.limit, value, now),
            Fact::SincePlugIn(value) => renew(&mut point.since_plug_in, value, now),
            Fact::TowardsLimit(value) => renew(&mut point.towards_limit, value, now),
            Fact::ApparentSincePowerOn(value) => {
                renew(&mut point.apparent_since_power_on, value, now)
            }
            Fact::Temperature(value) => renew(&mut point.temperature, value, now),
            Fact::BoxState(value) => renew(&mut point.box_state, value, now),
            Fact::Settings(value) => renew(&mut point.settings, value, now),
            Fact::Abilities(value) => renew(&mut point.abilities, value, now),
        }
    }
}

fn replace<T: PartialEq>(slot: &mut T, value: T) -> bool {
    let new = *slot != value;
    *slot = value;
    new
}

fn renew<T: PartialEq>(slot: &mut Option<Dated<T>>, value: Option<T>, at: DateTime<Utc>) -> bool {
    let new = slot.as_ref().map(|dated| &dated.value) != value.as_ref();
    *slot = value.map(|value| Dated { value, at });
    new
}

impl Snapshot {
    /// Takes over one fact about a known device. A device that the snapshot does not have is
    /// ignored: [`insert`](Self::insert) it first.
    pub fn apply(&mut self, id: DeviceId, fact: Fact, now: DateTime<Utc>) -> Option<Change> {
        if matches!(fact, Fact::Removed) {
            self.devices.remove(&id)?;
            self.revision += 1;
            return Some(Change::Removed(id));
        }
        let device = self.devices.get_mut(&id)?;
        let new = device.take(fact, now);
        self.revision += 1;
        device.revision = self.revision;
        Some(if new {
            Change::Updated(id)
        } else {
            Change::Refreshed(id)
        })
    }

    /// Adds a device, or changes the kind of one that the source now knows better.
    pub fn insert(&mut self, id: DeviceId, device: Device) {
        self.revision += 1;
        let revision = self.revision;
        let entry = self.devices.entry(id).or_insert_with(|| device.clone());
        entry.kind = device.kind;
        entry.revision = revision;
    }

    /// Sets what is known about a source; the devices it shows change with it, because their
    /// staleness does.
    pub fn set_source(&mut self, id: SourceId, mut view: SourceView) {
        self.revision += 1;
        view.revision = self.revision;
        let turned = self
            .sources
            .get(&id)
            .is_none_or(|before| before.state != view.state);
        if turned {
            for device in self
                .devices
                .values_mut()
                .filter(|device| device.source == id)
            {
                device.revision = self.revision;
            }
        }
        self.sources.insert(id, view);
    }

    /// Notes that a device is seen by another source too, or no longer.
    pub fn link(&mut self, id: DeviceId, linked_to: Option<DeviceId>) {
        if let Some(device) = self.devices.get_mut(&id) {
            self.revision += 1;
            device.linked_to = linked_to;
            device.revision = self.revision;
        }
    }

    /// Notes that a device's values have grown old, or are fresh again, as a change of its own.
    pub fn turn_stale(&mut self, id: DeviceId, now: DateTime<Utc>) {
        let Some(device) = self.devices.get(&id) else {
            return;
        };
        let stale = self.is_stale(device, now);
        self.revision += 1;
        let revision = self.revision;
        if let Some(device) = self.devices.get_mut(&id) {
            device.shown_stale = stale;
            device.revision = revision;
        }
    }

    /// Whether the charge point that a device is linked to tells the power of both at present.
    #[must_use]
    pub fn is_second_witness(&self, device: &Device, now: DateTime<Utc>) -> bool {
        device
            .linked_to
            .and_then(|id| self.devices.get(&id))
            .is_some_and(|near| near.meter.power.is_some() && !self.is_stale(near, now))
    }

    /// Forgets a source and its devices (its history stays in the store).
    pub fn remove_source(&mut self, id: SourceId) {
        self.revision += 1;
        self.sources.remove(&id);
        self.devices.retain(|_, device| device.source != id);
    }

    /// Whether the device's measured values can no longer be taken for the present ones.
    #[must_use]
    pub fn is_stale(&self, device: &Device, now: DateTime<Utc>) -> bool {
        let live = self
            .sources
            .get(&device.source)
            .is_some_and(|source| source.is_live(now));
        !live
            || device
                .meter
                .power
                .is_some_and(|power| self.is_overdue(device, power.at, now))
    }

    /// Whether a measured value of that age should have been repeated by now.
    #[must_use]
    pub fn is_overdue(&self, device: &Device, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        // The home's values are sums that openWB repeats only when they change.
        device.kind != DeviceKind::Home
            && self
                .sources
                .get(&device.source)
                .and_then(|source| Some((source.silence, source.cycle?)))
                .is_some_and(|(silence, cycle)| is_old(at, silence.max(cycle * 3), now))
    }
}
