//! From what an openWB 1.9 says to Ladebuch's readings.
//!
//! Such a box publishes a value only when it changes, has one topic per phase, and keeps the topics
//! of eight charge points whether they exist or not. What is heard is held back until the retained
//! tree is complete: only then it is known what exists, and that this is no 2.x box with leftovers
//! of an older installation.

mod orders;
mod phases;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use compact_str::{CompactString, format_compact};
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::{ExternalDevice, Fact, Fault, FaultLevel, Reading, VehicleBattery};
use ladebuch_domain::tag::Tag;
use ladebuch_domain::units::{Amperes, Percent, WattHours, Watts};
use openwb::reading::FaultState;
use openwb::reading::v1_9 as box_says;
use openwb::reading::v1_9::{Meter, Metered};

pub use self::orders::{messages, put_back};
use self::phases::Phases;
pub use self::settings::{Settings, charge_mode};
use super::said::{Said, price_slots};

/// Readings held back until the retained tree is complete. A box has a few hundred.
const MOST_HELD_BACK: usize = 5_000;

/// Translates the messages of one box.
#[derive(Debug, Default)]
pub struct Translator {
    /// What was heard before the retained tree was complete; `None`: no longer held back.
    held_back: Option<Vec<(Metered, Fact)>>,
    /// Whether there is such a device, as far as the box said.
    configured: BTreeMap<ExternalId, bool>,
    phases: Phases,
    faults: BTreeMap<ExternalId, (FaultState, CompactString)>,
    settings: Settings,
    /// The vehicles' states of charge by charge point: whether there is one, and what it is.
    socs: BTreeMap<u8, (bool, Option<f64>)>,
    /// The box's clock.
    time: Option<DateTime<Utc>>,
    updating: bool,
    heard_anything: bool,
}

impl Translator {
    /// A translator that has heard nothing yet, for a new connection.
    #[must_use]
    pub fn new() -> Self {
        Self {
            held_back: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Whether anything showed that this broker belongs to an openWB 1.9.
    #[must_use]
    pub fn is_openwb(&self) -> bool {
        self.heard_anything
    }

    /// Whether the box is updating.
    #[must_use]
    pub fn updating(&self) -> bool {
        self.updating
    }

    /// What the box's charge points are set to.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes one message; its facts go to `out`.
    pub fn take(
        &mut self,
        reading: box_says::Reading,
        retained: bool,
        said: &mut Said,
        out: &mut Vec<Reading>,
    ) {
        use box_says::Reading as R;
        self.heard_anything = true;
        let turned = self.settings.take(&reading);
        match reading {
            R::System(box_says::System::Time(Some(seconds))) => {
                let first = self.time.is_none();
                self.time = moment(seconds);
                // The states of charge may have come before the box's clock did.
                if first {
                    for number in self.socs.keys().copied().collect::<Vec<u8>>() {
                        let fact = self.vehicle_battery(number);
                        self.emit(Metered::ChargePoint(number), fact, out);
                    }
                }
                // A retained heartbeat may be days old.
                said.heartbeat |= !retained;
            }
            R::System(box_says::System::UpdateInProgress(updating)) => {
                self.updating = updating == Some(true);
                said.booting = Some(self.updating);
            }
            R::System(_) => {}
            R::Global(box_says::Global::ChargeMode(mode)) => {
                for number in 1..=8 {
                    let fact = Fact::Mode(mode.map(charge_mode));
                    self.emit(Metered::ChargePoint(number), fact, out);
                }
            }
            R::Global(box_says::Global::Prices(prices)) => {
                said.prices = Some(price_slots(prices.as_deref()));
            }
            R::Global(_) => {}
            R::Meter { of, value } => self.meter(of, value, out),
            R::ChargePoint { number, value } => self.charge_point(number, value, retained, out),
        }
        if turned {
            for (number, fact) in self.settings.changes() {
                self.emit(Metered::ChargePoint(number), fact, out);
            }
        }
    }

    /// The retained tree is complete: what was heard of devices that exist is passed on.
    pub fn stop_holding_back(&mut self, said: &mut Said, out: &mut Vec<Reading>) {
        let Some(held_back) = self.held_back.take() else {
            return;
        };
        for (of, fact) in held_back {
            self.emit(of, fact, out);
        }
        let devices = [
            Metered::Grid,
            Metered::AllInverters,
            Metered::Battery,
            Metered::House,
        ];
        let points = (1..=8).map(Metered::ChargePoint);
        let present = devices.into_iter().chain(points);
        let present = present
            .filter_map(|of| self.device(of))
            .map(|device| device.id);
        said.inventory = Some(present.collect());
    }

    fn emit(&mut self, of: Metered, fact: Fact, out: &mut Vec<Reading>) {
        match &mut self.held_back {
            Some(held_back) if held_back.len() < MOST_HELD_BACK => held_back.push((of, fact)),
            _ => {
                if let Some(device) = self.device(of) {
                    out.push(Reading { device, fact });
                }
            }
        }
    }

    /// The device a value belongs to; `None` if it is not shown or does not exist.
    fn device(&self, of: Metered) -> Option<ExternalDevice> {
        let (id, kind) = external(of)?;
        let exists = match of {
            Metered::Grid | Metered::House => true,
            _ => self.configured.get(&id) == Some(&true),
        };
        exists.then_some(ExternalDevice { kind, id })
    }

    /// Notes whether there is such a device; one that is gone is taken out of the live view.
    fn configure(&mut self, of: Metered, exists: bool, out: &mut Vec<Reading>) {
        let Some((id, kind)) = external(of) else {
            return;
        };
        let before = self.configured.insert(id.clone(), exists);
        if before == Some(true) && !exists && self.held_back.is_none() {
            let device = ExternalDevice { kind, id };
            out.push(Reading {
                device,
                fact: Fact::Removed,
            });
        }
    }

    fn meter(&mut self, of: Metered, value: Meter, out: &mut Vec<Reading>) {
        let of = match (of, &value) {
            // Either of the two makes the sum a device.
            (Metered::Inverter(_), Meter::Configured(Some(true))) => Metered::AllInverters,
            (Metered::Inverter(_), _) => return,
            (of, _) => of,
        };
        // openWB counts production as negative power and as exported energy.
        let produces = of == Metered::AllInverters;
        let sign = if produces { -1.0 } else { 1.0 };
        let fact = match value {
            Meter::Configured(exists) => return self.configure(of, exists == Some(true), out),
            Meter::Power(power) => Fact::Power(power.map(|power| Watts(0.0 + sign * power))),
            Meter::PhasePower(phase, power) => match self.phases.power(of, phase, power) {
                Some(powers) => Fact::PhasePowers(powers),
                None => return,
            },
            Meter::Current(phase, current) => match self.phases.current(of, phase, current) {
                Some(currents) => Fact::PhaseCurrents(currents),
                None => return,
            },
            Meter::Voltage(phase, voltage) => match self.phases.voltage(of, phase, voltage) {
                Some(voltages) => Fact::PhaseVoltages(voltages),
                None => return,
            },
            Meter::Imported(energy) if !produces => Fact::Imported(energy.map(WattHours)),
            Meter::Exported(energy) if produces => Fact::Produced(energy.map(WattHours)),
            Meter::Exported(energy) => Fact::Exported(energy.map(WattHours)),
            Meter::Soc(soc) => Fact::Soc(soc.map(Percent)),
            Meter::SerialNumber(serial) => {
                Fact::Serial(serial.map(|serial| CompactString::from(&*serial)))
            }
            Meter::Fault(state) => {
                let state = state.unwrap_or(FaultState::Ok);
                return self.fault(of, out, |fault| fault.0 = state);
            }
            Meter::FaultText(text) => {
                let text = text.map(|text| CompactString::from(text.masked()));
                return self.fault(of, out, |fault| fault.1 = text.unwrap_or_default());
            }
            _ => return,
        };
        self.emit(of, fact, out);
    }

    fn fault(
        &mut self,
        of: Metered,
        out: &mut Vec<Reading>,
        change: impl FnOnce(&mut (FaultState, CompactString)),
    ) {
        let Some((id, _)) = external(of) else {
            return;
        };
        let fault = self
            .faults
            .entry(id)
            .or_insert((FaultState::Ok, CompactString::default()));
        change(fault);
        let level = match fault.0 {
            FaultState::Ok => None,
            FaultState::Warning => Some(FaultLevel::Warning),
            FaultState::Error => Some(FaultLevel::Error),
        };
        let fact = Fact::Fault(level.map(|level| Fault {
            level,
            text: fault.1.as_str().into(),
        }));
        self.emit(of, fact, out);
    }

    fn charge_point(
        &mut self,
        number: u8,
        value: box_says::ChargePoint,
        retained: bool,
        out: &mut Vec<Reading>,
    ) {
        use box_says::ChargePoint as C;
        let of = Metered::ChargePoint(number);
        let fact = match value {
            C::Configured(exists) => return self.configure(of, exists == Some(true), out),
            C::Name(Some(name)) => Fact::Name(CompactString::from(&*name)),
            C::Plugged(plugged) => {
                if plugged == Some(false) {
                    // The topics keep the last tag and the last charge.
                    self.emit(of, Fact::Tag(None), out);
                    self.emit(of, Fact::SincePlugIn(None), out);
                }
                Fact::Plugged(plugged)
            }
            C::Charging(charging) => Fact::Charging(charging),
            C::Enabled(enabled) => Fact::Locked(enabled.map(|enabled| !enabled)),
            C::OfferedCurrent(current) => Fact::OfferedCurrent(current.map(Amperes)),
            C::PhasesInUse(phases) => Fact::PhasesInUse(phases),
            C::EnergySincePlugIn(energy) => Fact::SincePlugIn(energy.map(WattHours)),
            C::EnergyCharged(energy) => Fact::TowardsLimit(energy.map(WattHours)),
            // One that the broker kept may be of a charge long ago.
            C::LastTag(Some(scan)) if !retained => Fact::Tag(Some(Tag::new(scan.tag.as_str()))),
            C::Soc(soc) => {
                self.socs.entry(number).or_default().1 = soc;
                if self.time.is_none() {
                    return;
                }
                self.vehicle_battery(number)
            }
            C::SocConfigured(configured) => {
                self.socs.entry(number).or_default().0 = configured == Some(true);
                if self.time.is_none() {
                    return;
                }
                self.vehicle_battery(number)
            }
            _ => return,
        };
        self.emit(of, fact, out);
    }

    /// The state of charge by the box's clock: 1.9 does not say when the vehicle told it.
    fn vehicle_battery(&self, number: u8) -> Fact {
        let known = self.socs.get(&number).filter(|(configured, _)| *configured);
        let soc = known.and_then(|(_, soc)| *soc);
        Fact::VehicleBattery(soc.zip(self.time).map(|(soc, at)| VehicleBattery {
            soc: Percent(soc),
            at,
            range: None,
        }))
    }
}

/// How a device is called after its topic, and the part it plays.
fn external(of: Metered) -> Option<(ExternalId, DeviceKind)> {
    let (name, kind) = match of {
        Metered::Grid => (CompactString::const_new("evu"), DeviceKind::Grid),
        Metered::AllInverters => (CompactString::const_new("pv"), DeviceKind::Pv),
        Metered::Battery => (
            CompactString::const_new("housebattery"),
            DeviceKind::Battery,
        ),
        Metered::House => (CompactString::const_new("home"), DeviceKind::Home),
        Metered::ChargePoint(number) => (format_compact!("lp/{number}"), DeviceKind::ChargePoint),
        Metered::Inverter(_) | Metered::AllChargePoints => return None,
    };
    Some((ExternalId(name), kind))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float casts to the nearest i64"
)]
fn moment(unix_seconds: f64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis((unix_seconds * 1000.0) as i64)
}
