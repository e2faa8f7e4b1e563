//! From what an openWB says to Ladebuch's readings: signs turned, roles found, names gathered.
//!
//! Pure: messages go in, facts come out. What the box says about itself is kept apart in [`Said`].

mod orders;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use compact_str::{CompactString, format_compact};
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::{
    ExternalDevice, Fact, Fault, FaultLevel, Reading, VehicleBattery, VehicleRef,
};
use ladebuch_domain::tag::Tag;
use ladebuch_domain::units::{Amperes, Kilometres, Percent, Volts, WattHours, Watts};
use openwb::reading as box_says;
use openwb::reading::{FaultState, Meter, Metered, Node, NodeKind, System};

pub use self::orders::{messages, put_back};
pub use self::settings::{Document, Settings};
pub use self::settings::{charge_mode, vehicle_id};
use self::settings::{limit_in_force, selected_limit};
use super::said::{Message, Said, price_slots};

/// Readings held back until the hierarchy tells which devices exist. A box has a few hundred.
const MOST_HELD_BACK: usize = 5_000;
const KM_PER_MILE: f64 = 1.609_344;

/// Translates the messages of one box.
#[derive(Debug)]
pub struct Translator {
    /// Devices that exist, once the hierarchy said so.
    existing: Option<BTreeMap<ExternalId, DeviceKind>>,
    /// What was heard before it was known which devices exist; `None`: no longer held back.
    held_back: Option<Vec<(Metered, Fact)>>,
    faults: BTreeMap<ExternalId, (FaultState, CompactString)>,
    settings: Settings,
    configured_points: BTreeSet<u32>,
    /// Whether it is on; `None` on a box that is too old to have it.
    user_management: Option<bool>,
    boot_done: Option<bool>,
    updating: Option<bool>,
    heard_of_itself: bool,
}

impl Default for Translator {
    fn default() -> Self {
        Self::new()
    }
}

impl Translator {
    /// A translator that has heard nothing yet, for a new connection.
    #[must_use]
    pub fn new() -> Self {
        Self {
            existing: None,
            held_back: Some(Vec::new()),
            faults: BTreeMap::new(),
            settings: Settings::default(),
            configured_points: BTreeSet::new(),
            user_management: None,
            boot_done: None,
            updating: None,
            heard_of_itself: false,
        }
    }

    /// Charge points that the box has and hides from this user (openWB's user management).
    #[must_use]
    pub fn hidden_points(&self) -> Vec<ExternalId> {
        if self.user_management != Some(true) {
            return Vec::new();
        }
        let shown = |id: &ExternalId| {
            let shown = orders::charge_point(id);
            shown.is_some_and(|point| self.configured_points.contains(&point))
        };
        let listed = self.existing.iter().flatten();
        listed
            .filter(|(id, kind)| **kind == DeviceKind::ChargePoint && !shown(id))
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// Whether the box shows this user any charge point.
    #[must_use]
    pub fn shows_points(&self) -> bool {
        !self.configured_points.is_empty()
    }

    /// What the box's charge points are set to.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the box is new enough to manage users.
    #[must_use]
    pub fn has_user_management(&self) -> bool {
        self.user_management.is_some()
    }

    /// Whether anything showed that this broker belongs to an openWB.
    #[must_use]
    pub fn is_openwb(&self) -> bool {
        self.heard_of_itself || self.existing.is_some()
    }

    /// Takes one message; its facts go to `out`.
    pub fn take(&mut self, message: Message, said: &mut Said, out: &mut Vec<Reading>) {
        use openwb::Reading as R;
        if self.settings.take(&message.reading) {
            for (point, fact) in self.settings.changes() {
                self.emit(Metered::ChargePoint(point), fact, out);
            }
        }
        match message.reading {
            R::Meter { of, value } => {
                if let Some(fact) = self.meter_fact(of, value) {
                    self.emit(of, fact, out);
                }
            }
            R::ChargePoint { id, value } => {
                for fact in self.charge_point_facts(id, value).into_iter().flatten() {
                    self.emit(Metered::ChargePoint(id), fact, out);
                }
            }
            R::Optional(box_says::Optional::TariffPrices(prices)) => {
                said.prices = Some(price_slots(prices.as_deref()));
            }
            R::Hierarchy(Some(roots)) => self.arrange(&roots, said, out),
            // The topic was cleared: nothing is known of the devices then.
            R::Hierarchy(None) => {}
            R::Component { id, config } => self.name_component(id, config.as_deref(), out),
            R::System(system) => self.hear_system(system, message.retained, said),
            R::General(box_says::General::ControlInterval(Some(seconds))) => {
                said.cycle = Some(Duration::from_secs(u64::from(seconds)));
            }
            // Another dialect.
            R::V1_9(_)
            | R::General(_)
            | R::Optional(_)
            | R::Device { .. }
            | R::Vehicle { .. }
            | R::ChargeTemplate { .. }
            | R::VehicleTemplate { .. }
            | R::ChargePointTemplate { .. }
            | R::ChargeLogReply(_)
            | R::CommandMessage { .. } => {}
        }
    }

    /// Stops waiting for a hierarchy: everything heard so far exists.
    pub fn stop_holding_back(&mut self, out: &mut Vec<Reading>) {
        for (of, fact) in self.held_back.take().into_iter().flatten() {
            if let Some(device) = self.device(of) {
                out.push(Reading { device, fact });
            }
        }
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

    /// The device a value belongs to; `None` for sums and for what is not (or no longer) there.
    fn device(&self, of: Metered) -> Option<ExternalDevice> {
        let (id, kind) = external(of)?;
        let kind = match &self.existing {
            Some(_) if of == Metered::Home => kind,
            Some(existing) => *existing.get(&id)?,
            None => kind,
        };
        Some(ExternalDevice { kind, id })
    }

    /// A new tree of devices: the grid counter is its first root, whatever is not in it is gone.
    fn arrange(&mut self, roots: &[Node], said: &mut Said, out: &mut Vec<Reading>) {
        let mut existing = BTreeMap::new();
        collect(roots, &mut existing);
        if let Some(Node {
            id,
            kind: NodeKind::Counter,
            ..
        }) = roots.first()
            && let Some((grid, _)) = external(Metered::Counter(*id))
        {
            existing.insert(grid, DeviceKind::Grid);
        }
        let home = external(Metered::Home).map(|(home, _)| home);
        said.inventory = Some(existing.keys().cloned().chain(home).collect());
        self.existing = Some(existing);
        self.stop_holding_back(out);
    }

    fn name_component(
        &mut self,
        id: u32,
        config: Option<&box_says::Component>,
        out: &mut Vec<Reading>,
    ) {
        let Some(config) = config else {
            return;
        };
        let of = match config.kind {
            box_says::ComponentKind::Counter => Metered::Counter(id),
            box_says::ComponentKind::Inverter => Metered::Inverter(id),
            box_says::ComponentKind::Battery => Metered::Battery(id),
            box_says::ComponentKind::Other(_) => return,
        };
        if let Some(name) = &config.name {
            self.emit(of, Fact::Name(CompactString::from(&**name)), out);
        }
    }

    fn hear_system(&mut self, system: System, retained: bool, said: &mut Said) {
        match system {
            // A retained heartbeat may be days old.
            System::Time(Some(_)) if !retained => said.heartbeat = true,
            System::Version {
                version: Some(version),
                ..
            } => {
                self.heard_of_itself = true;
                said.version = Some(CompactString::from(&*version));
            }
            System::UserManagementActive(active) => self.user_management = active,
            System::BootDone(done) => {
                self.boot_done = done;
                said.booting = Some(self.booting());
            }
            System::UpdateInProgress(updating) => {
                self.updating = updating;
                said.booting = Some(self.booting());
            }
            _ => {}
        }
    }

    /// Whether the box is starting or updating.
    #[must_use]
    pub fn booting(&self) -> bool {
        self.boot_done == Some(false) || self.updating == Some(true)
    }

    fn meter_fact(&mut self, of: Metered, value: Meter) -> Option<Fact> {
        // openWB counts production as negative power and as exported energy.
        let produces = matches!(of, Metered::Inverter(_));
        let watts = |power: f64| Watts(if produces { 0.0 - power } else { power });
        Some(match value {
            Meter::Power(power) => Fact::Power(power.map(watts)),
            Meter::Powers(powers) => Fact::PhasePowers(powers.map(|powers| powers.map(watts))),
            Meter::Currents(currents) => Fact::PhaseCurrents(currents.map(|currents| {
                currents.map(|current| Amperes(if produces { 0.0 - current } else { current }))
            })),
            Meter::Voltages(voltages) => Fact::PhaseVoltages(voltages.map(|v| v.map(Volts))),
            Meter::Imported(_) if produces => return None,
            Meter::Imported(energy) => Fact::Imported(energy.map(WattHours)),
            Meter::Exported(energy) if produces => Fact::Produced(energy.map(WattHours)),
            Meter::Exported(_) if of == Metered::Home => return None,
            Meter::Exported(energy) => Fact::Exported(energy.map(WattHours)),
            Meter::Soc(soc) => Fact::Soc(soc.map(Percent)),
            Meter::SerialNumber(serial) => {
                Fact::Serial(serial.map(|serial| CompactString::from(&*serial)))
            }
            Meter::StateText(text) if matches!(of, Metered::ChargePoint(_)) => {
                // The sentence quotes RFID numbers.
                Fact::StateText(text.map(|text| text.masked().into_boxed_str()))
            }
            Meter::Fault(state) => {
                return self.fault(of, |fault| fault.0 = state.unwrap_or(FaultState::Ok));
            }
            Meter::FaultText(text) => {
                let text = text
                    .map(|text| CompactString::from(text.masked()))
                    .unwrap_or_default();
                return self.fault(of, |fault| fault.1 = text);
            }
            _ => return None,
        })
    }

    /// State and text of a fault arrive one after the other, the text first.
    fn fault(
        &mut self,
        of: Metered,
        change: impl FnOnce(&mut (FaultState, CompactString)),
    ) -> Option<Fact> {
        let (id, _) = external(of)?;
        let fault = self
            .faults
            .entry(id)
            .or_insert((FaultState::Ok, CompactString::default()));
        change(fault);
        let level = match fault.0 {
            FaultState::Ok => return Some(Fact::Fault(None)),
            FaultState::Warning => FaultLevel::Warning,
            FaultState::Error => FaultLevel::Error,
        };
        Some(Fact::Fault(Some(Fault {
            level,
            text: fault.1.as_str().into(),
        })))
    }

    fn charge_point_facts(&mut self, id: u32, value: box_says::ChargePoint) -> [Option<Fact>; 2] {
        use box_says::ChargePoint as C;
        let one = |fact| [Some(fact), None];
        match value {
            C::Config(None) => {
                self.configured_points.remove(&id);
                one(Fact::Removed)
            }
            C::Config(Some(config)) => {
                self.configured_points.insert(id);
                match config.name {
                    Some(name) => one(Fact::Name(CompactString::from(&*name))),
                    None => [None, None],
                }
            }
            // The running session's counter outlives the session on the box.
            C::Plugged(Some(false)) => [
                Some(Fact::Plugged(Some(false))),
                Some(Fact::SincePlugIn(None)),
            ],
            C::Plugged(plugged) => one(Fact::Plugged(plugged)),
            C::Charging(charging) => one(Fact::Charging(charging)),
            C::PhasesInUse(phases) => one(Fact::PhasesInUse(phases)),
            C::OfferedCurrent(current) => one(Fact::OfferedCurrent(current.map(Amperes))),
            C::Locked(locked) => one(Fact::Locked(locked)),
            C::AuthorisedTag(tag) => one(Fact::Tag(tag.map(|tag| Tag::new(tag.as_str())))),
            C::ConnectedVehicle(vehicle) => {
                one(Fact::Vehicle(vehicle.as_deref().and_then(vehicle_ref)))
            }
            C::ConnectedSoc(soc) => one(Fact::VehicleBattery(soc.as_deref().and_then(battery))),
            C::ConnectedConfig(config) => {
                let mode = config
                    .as_ref()
                    .and_then(|config| config.charge_mode.clone());
                let priority = config.as_ref().and_then(|config| config.priority);
                [
                    Some(Fact::Mode(mode.map(charge_mode))),
                    Some(Fact::Priority(priority)),
                ]
            }
            C::ChargeTemplate(template) => one(Fact::Limit(
                template
                    .as_deref()
                    .and_then(selected_limit)
                    .and_then(limit_in_force),
            )),
            C::Log(log) => {
                let begun =
                    log.filter(|log| log.imported_at_plug_in.is_some_and(|reading| reading > 0.0));
                let energy = begun.and_then(|log| log.imported_since_plug_in);
                one(Fact::SincePlugIn(energy.map(WattHours)))
            }
            _ => [None, None],
        }
    }
}

fn collect(nodes: &[Node], existing: &mut BTreeMap<ExternalId, DeviceKind>) {
    for node in nodes {
        let of = match node.kind {
            NodeKind::Counter => Some(Metered::Counter(node.id)),
            NodeKind::Inverter => Some(Metered::Inverter(node.id)),
            NodeKind::Battery => Some(Metered::Battery(node.id)),
            NodeKind::ChargePoint => Some(Metered::ChargePoint(node.id)),
            NodeKind::Other(_) => None,
        };
        existing.extend(of.and_then(external));
        collect(&node.children, existing);
    }
}

/// How a device is called after its topic, and the part it plays as far as the topic tells.
fn external(of: Metered) -> Option<(ExternalId, DeviceKind)> {
    let (name, kind) = match of {
        Metered::Counter(id) => (format_compact!("counter/{id}"), DeviceKind::Meter),
        Metered::Inverter(id) => (format_compact!("pv/{id}"), DeviceKind::Pv),
        Metered::Battery(id) => (format_compact!("bat/{id}"), DeviceKind::Battery),
        Metered::ChargePoint(id) => (format_compact!("chargepoint/{id}"), DeviceKind::ChargePoint),
        Metered::Home => (CompactString::const_new("home"), DeviceKind::Home),
        Metered::AllInverters | Metered::AllBatteries | Metered::AllChargePoints => return None,
    };
    Some((ExternalId(name), kind))
}

fn vehicle_ref(vehicle: &box_says::VehicleInfo) -> Option<VehicleRef> {
    let id = vehicle.id?;
    let name = vehicle
        .name
        .as_deref()
        .map_or_else(|| format_compact!("{id}"), CompactString::from);
    Some(VehicleRef {
        id: vehicle_id(id),
        name,
    })
}

fn battery(soc: &box_says::ConnectedSoc) -> Option<VehicleBattery> {
    let per_unit = if soc.range_unit.as_deref() == Some("mi") {
        KM_PER_MILE
    } else {
        1.0
    };
    Some(VehicleBattery {
        soc: Percent(soc.soc?),
        at: moment(soc.at?)?,
        range: soc.range.map(|range| Kilometres(range * per_unit)),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float casts to the nearest i64"
)]
fn moment(unix_seconds: f64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis((unix_seconds * 1000.0) as i64)
}
