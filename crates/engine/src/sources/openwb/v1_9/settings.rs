//! What the charge points of an openWB 1.9 are set to, and what may be asked of them. The mode and
//! its least current are one for all.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::format_compact;
use ladebuch_domain::control::{Abilities, ChargeSettings, Lasting};
use ladebuch_domain::reading::{ChargeLimit, ChargeMode, Fact};
use ladebuch_domain::units::{Amperes, EurosPerKilowattHour, Percent, WattHours};
use openwb::reading::v1_9 as box_says;
use openwb::reading::v1_9::Limit;

/// Wh in a kWh: prices are read in €/Wh.
const WH_PER_KWH: f64 = 1000.0;
/// What the box accepts as the current of instant charging, in A.
const CURRENT: (Amperes, Amperes) = (Amperes(6.0), Amperes(32.0));
/// What it accepts as the least current of min+PV, in A.
const MIN_CURRENT: (Amperes, Amperes) = (Amperes(6.0), Amperes(16.0));
/// It counts an energy limit in whole kWh.
const ENERGY: (WattHours, WattHours) = (WattHours(1_000.0), WattHours(100_000.0));
/// Only these have a state of charge.
const WITH_SOC: std::ops::RangeInclusive<u8> = 1..=2;

/// The settings of one box.
#[derive(Debug, Default)]
pub struct Settings {
    mode: Option<box_says::ChargeMode>,
    min_current: Option<f64>,
    max_price: Option<f64>,
    secondary: bool,
    points: BTreeMap<u8, Point>,
}

#[derive(Debug, Default)]
struct Point {
    current: Option<f64>,
    limit: Option<Limit>,
    energy: Option<f64>,
    soc: Option<f64>,
    night_charging: Option<bool>,
    soc_configured: bool,
    soc_manual: bool,
    told: Option<(Arc<ChargeSettings>, Arc<Abilities>)>,
}

impl Settings {
    /// Takes in what concerns settings; says whether anything did.
    pub fn take(&mut self, reading: &box_says::Reading) -> bool {
        use box_says::{ChargePoint as C, Global as G, Reading as R};
        match reading {
            R::Global(G::ChargeMode(mode)) => self.mode = *mode,
            R::Global(G::MinPvCurrent(current)) => self.min_current = *current,
            R::Global(G::MaxPrice(price)) => self.max_price = *price,
            R::Global(G::Secondary(secondary)) => self.secondary = *secondary == Some(true),
            R::ChargePoint { number, value } => {
                let point = self.points.entry(*number).or_default();
                match value {
                    C::InstantCurrent(current) => point.current = *current,
                    C::InstantLimit(limit) => point.limit = *limit,
                    C::InstantEnergy(energy) => point.energy = *energy,
                    C::InstantSoc(soc) => point.soc = *soc,
                    C::NightCharging(on) => point.night_charging = *on,
                    C::SocConfigured(configured) => {
                        point.soc_configured = *configured == Some(true);
                    }
                    C::SocManual(manual) => point.soc_manual = *manual == Some(true),
                    _ => return false,
                }
            }
            _ => return false,
        }
        true
    }

    /// What changed since the last call, by charge point.
    pub fn changes(&mut self) -> Vec<(u8, Fact)> {
        let numbers: Vec<u8> = self.points.keys().copied().collect();
        let mut facts = Vec::new();
        for number in numbers {
            let (settings, abilities) = (self.settings(number), self.abilities(number));
            let Some(point) = self.points.get_mut(&number) else {
                continue;
            };
            let told = point.told.take();
            let now = (Arc::new(settings), Arc::new(abilities));
            if told.as_ref().is_none_or(|told| told.0 != now.0) {
                facts.push((number, Fact::Settings(Some(now.0.clone()))));
            }
            if told.is_none_or(|told| told.1 != now.1) {
                facts.push((number, Fact::Abilities(Some(now.1.clone()))));
            }
            point.told = Some(now);
        }
        facts
    }

    /// What a charge point is set to, if anything was heard of it.
    pub fn shown(&self, number: u8) -> Option<ChargeSettings> {
        self.points
            .contains_key(&number)
            .then(|| self.settings(number))
    }

    fn settings(&self, number: u8) -> ChargeSettings {
        let point = self.points.get(&number);
        let energy = point.and_then(|point| point.energy).map(WattHours);
        let soc = point.and_then(|point| point.soc).map(Percent);
        let limit = match point.and_then(|point| point.limit) {
            Some(Limit::None) => Some(ChargeLimit::None),
            Some(Limit::Energy) => energy.map(ChargeLimit::Energy),
            Some(Limit::Soc) => soc.map(ChargeLimit::Soc),
            Some(Limit::Other(_)) | None => None,
        };
        ChargeSettings {
            profile: None,
            failsafe_current: None,
            watchdog: None,
            mode: self.mode.map(charge_mode),
            current: point.and_then(|point| point.current).map(Amperes),
            limit,
            energy_limit: energy,
            soc_limit: soc,
            min_current: self.min_current.map(Amperes),
            min_soc: None,
            max_price: self
                .max_price
                .map(|price| EurosPerKilowattHour(price * WH_PER_KWH)),
            priority: None,
            night_charging: point.and_then(|point| point.night_charging),
        }
    }

    fn abilities(&self, number: u8) -> Abilities {
        if self.secondary {
            return Abilities::default();
        }
        let (configured, manual) = self.points.get(&number).map_or((false, false), |point| {
            (point.soc_configured, point.soc_manual)
        });
        let knows_soc = configured && WITH_SOC.contains(&number);
        Abilities {
            modes: vec![
                ChargeMode::Instant,
                ChargeMode::MinPv,
                ChargeMode::Pv,
                ChargeMode::Standby,
                ChargeMode::Stop,
            ],
            one_mode_for_all: true,
            current: Some(CURRENT),
            energy_limit: Some(ENERGY),
            soc_limit: knows_soc,
            min_current: Some(MIN_CURRENT),
            lock: true,
            soc_source: knows_soc.then(|| if manual { "manual" } else { "module" }.into()),
            vehicle_soc: knows_soc && manual,
            query_soc: knows_soc && !manual,
            reset_energy: true,
            lasting: Some(Lasting::ForGood),
            ..Abilities::default()
        }
    }
}

/// openWB's mode in Ladebuch's words.
pub fn charge_mode(mode: box_says::ChargeMode) -> ChargeMode {
    match mode {
        box_says::ChargeMode::Instant => ChargeMode::Instant,
        box_says::ChargeMode::MinPv => ChargeMode::MinPv,
        box_says::ChargeMode::Pv => ChargeMode::Pv,
        box_says::ChargeMode::Stop => ChargeMode::Stop,
        box_says::ChargeMode::Standby => ChargeMode::Standby,
        box_says::ChargeMode::Other(number) => ChargeMode::Other(format_compact!("{number}")),
    }
}
