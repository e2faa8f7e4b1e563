//! What the charge points of an openWB 2.x are set to, and what may be asked of them: put together
//! from documents that arrive one by one, in any order.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use ladebuch_domain::control::{Abilities, ChargeSettings, Lasting};
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::{ChargeLimit, ChargeMode, Fact, VehicleRef};
use ladebuch_domain::units::{Amperes, EurosPerKilowattHour, Percent, WattHours};
use openwb::reading as box_says;
use openwb::reading::{ChargeTemplate, LimitKind};

/// Wh in a kWh: openWB's prices are in €/Wh.
const WH_PER_KWH: f64 = 1000.0;
/// What the box accepts as a current, in A.
const CURRENT: (Amperes, Amperes) = (Amperes(6.0), Amperes(32.0));
/// What the box accepts as the least current of surplus charging, in A.
const MIN_CURRENT: (Amperes, Amperes) = (Amperes(6.0), Amperes(16.0));

/// Steps and most of an energy limit, in Wh.
const ENERGY: (WattHours, WattHours) = (WattHours(100.0), WattHours(200_000.0));
/// Boxes before 2.1.8 take nothing below 1 kWh.
const ENERGY_BY_KEY: (WattHours, WattHours) = (WattHours(1_000.0), WattHours(200_000.0));

/// The settings of one box.
#[derive(Debug, Default)]
pub struct Settings {
    points: BTreeMap<u32, Point>,
    vehicles: BTreeMap<u32, Vehicle>,
    /// Charge templates that outlive a plug-in.
    profiles: BTreeMap<u32, ChargeTemplate>,
    /// `temporary_charge_templates_active`; boxes before 2.1.9 do not have it.
    temporary: Option<bool>,
    /// The box is new enough to manage users, and with that to have the switch above.
    knows_switch: bool,
    /// Another openWB controls this one.
    secondary: bool,
    tariff: bool,
}

#[derive(Debug, Default)]
struct Point {
    /// The working copy; boxes before 2.1.8 have none.
    template: Option<ChargeTemplate>,
    vehicle: Option<u32>,
    /// What was passed on last.
    told: Option<(Option<Arc<ChargeSettings>>, Arc<Abilities>)>,
}

#[derive(Debug, Default)]
struct Vehicle {
    name: Option<CompactString>,
    profile: Option<u32>,
    soc_module: Option<Box<str>>,
}

/// Where the document that a command changes is to be written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Document<'a> {
    /// The charge point's working copy (since 2.1.8).
    WorkingCopy(&'a ChargeTemplate),
    /// The profile of the vehicle under that id, key by key (before 2.1.8).
    Profile(u32, &'a ChargeTemplate),
}

impl Settings {
    /// Takes in what concerns settings; says whether anything did.
    pub fn take(&mut self, reading: &openwb::Reading) -> bool {
        use box_says::{ChargePoint as C, General, Optional, System, Vehicle as V};
        use openwb::Reading as R;
        match reading {
            R::ChargePoint {
                id,
                value: C::Config(None),
            } => {
                self.points.remove(id);
            }
            R::ChargePoint {
                id,
                value: C::Config(Some(_)),
            } => {
                self.points.entry(*id).or_default();
            }
            R::ChargePoint {
                id,
                value: C::ChargeTemplate(template),
            } => self.points.entry(*id).or_default().template = template.as_deref().cloned(),
            R::ChargePoint {
                id,
                value: C::ConnectedVehicle(vehicle),
            } => {
                let vehicle = vehicle.as_ref().and_then(|vehicle| vehicle.id);
                self.points.entry(*id).or_default().vehicle = vehicle;
            }
            R::Vehicle {
                id,
                value: V::Name(None),
            } => {
                self.vehicles.remove(id);
            }
            R::Vehicle {
                id,
                value: V::Name(Some(name)),
            } => {
                self.vehicles.entry(*id).or_default().name = Some(CompactString::from(&**name));
            }
            R::Vehicle {
                id,
                value: V::ChargeTemplate(profile),
            } => self.vehicles.entry(*id).or_default().profile = *profile,
            R::Vehicle {
                id,
                value: V::SocModule(module),
            } => self
                .vehicles
                .entry(*id)
                .or_default()
                .soc_module
                .clone_from(module),
            R::ChargeTemplate { id, template } => match template {
                Some(template) => {
                    self.profiles.insert(*id, (**template).clone());
                }
                None => {
                    self.profiles.remove(id);
                }
            },
            R::General(General::TemporaryChargeTemplates(active)) => self.temporary = *active,
            R::System(System::UserManagementActive(Some(_))) => self.knows_switch = true,
            R::General(General::Extern(secondary)) => self.secondary = *secondary == Some(true),
            R::Optional(Optional::TariffConfigured(tariff)) => self.tariff = *tariff == Some(true),
            _ => return false,
        }
        true
    }

    /// What changed since the last call, by charge point.
    pub fn changes(&mut self) -> Vec<(u32, Fact)> {
        let ids: Vec<u32> = self.points.keys().copied().collect();
        let mut facts = Vec::new();
        for id in ids {
            let now = (self.settings(id), self.abilities(id));
            let Some(point) = self.points.get_mut(&id) else {
                continue;
            };
            let (settings, abilities) = match point.told.take() {
                Some((settings, abilities)) => (
                    (settings.as_deref() != now.0.as_ref()).then_some(()),
                    (*abilities != now.1).then_some(()),
                ),
                None => (Some(()), Some(())),
            };
            let now = (now.0.map(Arc::new), Arc::new(now.1));
            if settings.is_some() {
                facts.push((id, Fact::Settings(now.0.clone())));
            }
            if abilities.is_some() {
                facts.push((id, Fact::Abilities(Some(now.1.clone()))));
            }
            point.told = Some(now);
        }
        facts
    }

    /// The document that says how a charge point charges.
    pub fn document(&self, point: u32) -> Option<Document<'_>> {
        let point = self.points.get(&point)?;
        if let Some(template) = &point.template {
            return Some(Document::WorkingCopy(template));
        }
        let profile = self.vehicles.get(&point.vehicle?)?.profile?;
        let template = self.profiles.get(&profile)?;
        Some(Document::Profile(profile, template))
    }

    /// The vehicle assigned to a charge point.
    pub fn vehicle(&self, point: u32) -> Option<u32> {
        self.points.get(&point)?.vehicle
    }

    /// For how long a change holds.
    pub fn lasting(&self, document: Document<'_>) -> Lasting {
        match (document, self.temporary) {
            (Document::WorkingCopy(_), Some(true)) => Lasting::UntilUnplug,
            // 2.1.8 has no choice: a working copy is always temporary there. A newer box hides its
            // choice from users without the right to see it; then the worse is assumed.
            (Document::WorkingCopy(_), None) if !self.knows_switch => Lasting::UntilUnplug,
            _ => Lasting::ForGood,
        }
    }

    /// A charge point whose working copy is of that profile, and the working copy; else the
    /// profile as it is kept for good.
    pub fn find_profile(&self, id: u32) -> Option<(Option<u32>, &ChargeTemplate)> {
        let in_use = self.points.iter().find_map(|(point, of)| {
            let template = of.template.as_ref()?;
            (template.id == Some(id)).then_some((Some(*point), template))
        });
        in_use.or_else(|| self.profiles.get(&id).map(|profile| (None, profile)))
    }

    /// Whether the box is told value by value (before 2.1.8).
    pub fn works_by_key(&self) -> bool {
        self.points.values().all(|point| point.template.is_none())
    }

    fn settings(&self, point: u32) -> Option<ChargeSettings> {
        let (profile, template) = match self.document(point)? {
            Document::WorkingCopy(template) => (template.id, template),
            Document::Profile(id, template) => (Some(id), template),
        };
        Some(ChargeSettings {
            profile: profile.map(profile_id),
            ..in_words(template)
        })
    }
}

/// What a charge template says.
pub fn in_words(template: &ChargeTemplate) -> ChargeSettings {
    let limit = selected_limit(template);
    ChargeSettings {
        profile: None,
        failsafe_current: None,
        watchdog: None,
        mode: template.selected.clone().map(charge_mode),
        current: template.instant.current.map(Amperes),
        limit: limit.and_then(limit_in_force),
        energy_limit: limit.and_then(|limit| limit.amount).map(WattHours),
        soc_limit: limit.and_then(|limit| limit.soc).map(Percent),
        min_current: template.pv.min_current.map(Amperes),
        min_soc: template.pv.min_soc.map(Percent),
        max_price: template
            .eco
            .max_price
            .map(|price| EurosPerKilowattHour(price * WH_PER_KWH)),
        priority: template.priority,
        night_charging: None,
    }
}

impl Settings {
    fn abilities(&self, point: u32) -> Abilities {
        if self.secondary {
            return Abilities::default();
        }
        let vehicles = self.vehicles.iter().map(|(id, vehicle)| VehicleRef {
            id: vehicle_id(*id),
            name: vehicle
                .name
                .clone()
                .unwrap_or_else(|| format_compact!("{id}")),
        });
        let base = Abilities {
            lock: true,
            vehicles: vehicles.collect(),
            ..Abilities::default()
        };
        let Some(document) = self.document(point) else {
            return base;
        };
        let vehicle = self.vehicle(point).and_then(|id| self.vehicles.get(&id));
        let soc_source = vehicle.and_then(|vehicle| vehicle.soc_module.clone());
        let knows_soc = soc_source.is_some();
        let by_hand = soc_source.as_deref() == Some("manual");
        let (whole, template) = match document {
            Document::WorkingCopy(template) => (true, template),
            Document::Profile(_, template) => (false, template),
        };
        let mut modes = vec![ChargeMode::Instant, ChargeMode::Pv];
        if whole {
            modes.push(ChargeMode::Eco);
            // Without a plan the box would wait for nothing.
            if !template.scheduled.is_empty() {
                modes.push(ChargeMode::Scheduled);
            }
        } else {
            modes.push(ChargeMode::Standby);
        }
        modes.push(ChargeMode::Stop);
        Abilities {
            modes,
            current: Some(CURRENT),
            energy_limit: Some(if whole { ENERGY } else { ENERGY_BY_KEY }),
            // The box ignores such a limit as long as nobody tells it the state of charge.
            soc_limit: knows_soc,
            min_current: Some(MIN_CURRENT),
            min_current_zero: true,
            min_soc: knows_soc,
            max_price: whole && self.tariff,
            priority: whole,
            vehicle_soc: by_hand,
            query_soc: knows_soc && !by_hand,
            soc_source,
            lasting: Some(self.lasting(document)),
            ..base
        }
    }
}

/// How a profile is called after its topic.
pub fn profile_id(id: u32) -> CompactString {
    format_compact!("charge_template/{id}")
}

/// How a vehicle is called after its topic.
pub fn vehicle_id(id: u32) -> ExternalId {
    ExternalId(format_compact!("vehicle/{id}"))
}

/// The limit of the selected mode; scheduled charging has targets instead.
pub fn selected_limit(template: &ChargeTemplate) -> Option<&box_says::Limit> {
    match template.selected.as_ref()? {
        box_says::ChargeMode::Instant => Some(&template.instant.limit),
        box_says::ChargeMode::Pv => Some(&template.pv.limit),
        box_says::ChargeMode::Eco => Some(&template.eco.limit),
        _ => None,
    }
}

/// What of a limit counts.
pub fn limit_in_force(limit: &box_says::Limit) -> Option<ChargeLimit> {
    match limit.selected? {
        LimitKind::None => Some(ChargeLimit::None),
        LimitKind::Amount => limit.amount.map(WattHours).map(ChargeLimit::Energy),
        LimitKind::Soc => limit.soc.map(Percent).map(ChargeLimit::Soc),
    }
}

/// openWB's mode in Ladebuch's words.
pub fn charge_mode(mode: box_says::ChargeMode) -> ChargeMode {
    match mode {
        box_says::ChargeMode::Instant => ChargeMode::Instant,
        box_says::ChargeMode::Pv => ChargeMode::Pv,
        box_says::ChargeMode::Eco => ChargeMode::Eco,
        box_says::ChargeMode::Scheduled => ChargeMode::Scheduled,
        box_says::ChargeMode::Time => ChargeMode::Time,
        box_says::ChargeMode::Stop => ChargeMode::Stop,
        box_says::ChargeMode::Standby => ChargeMode::Standby,
        box_says::ChargeMode::Other(mode) => ChargeMode::Other(CompactString::from(&*mode)),
    }
}
