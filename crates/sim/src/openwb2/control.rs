//! What each charge point may take, and why.

use chrono::TimeDelta;

use super::Core;
use super::charge_template::{self, Limit, Wish};
use super::json::{Json, rounded};
use super::surplus::{Rules, Surplus, Verdict};
use crate::household::{MIN_CURRENT_A, Offer, PHASE_VOLTS};

/// What vehicles here take at most; their ev templates say the same.
const MAX_CURRENT_A: f64 = 16.0;

/// A decision: what to publish as `set/current`, on how many phases, and its sentence.
struct Decision {
    current: Json,
    phases: u8,
    sentence: String,
}

impl Decision {
    fn none(sentence: &str) -> Self {
        Self {
            current: Json::Int(0),
            phases: 3,
            sentence: sentence.to_owned(),
        }
    }
}

impl Core {
    /// Decides for all charge points, one after the other: who comes first takes from the surplus
    /// first. Acts on the hardware; [`Core::publish_decisions`] tells the world.
    pub(super) fn decide(&mut self) {
        let mut spare_w = self.spare_w();
        for n in 0..self.points.len() {
            let decision = self.decide_point(n, spare_w);
            let point = &mut self.points[n];
            point.phases = decision.phases;
            let mut sentences = std::mem::take(&mut point.remarks);
            sentences.push(decision.sentence);
            sentences.retain(|sentence| !sentence.is_empty());
            point.state_str = sentences.join(" ");
            point.current = decision.current;
            let offer = Offer {
                current_a: point.current_a(),
                phases: decision.phases,
            };
            let id = point.id;
            spare_w -= offer.current_a * PHASE_VOLTS * f64::from(offer.phases);
            self.household.set_offer(id, offer);
        }
    }

    /// What the roof leaves for vehicles, W.
    fn spare_w(&self) -> f64 {
        let spare = self.measured.pv.power_w - self.measured.home.power_w;
        let charging = self.measured.bat.power_w.max(0.0);
        let path = |name: &str| format!("general/chargemode_config/pv_charging/{name}");
        let is_battery_first = match self.settings.get(&path("bat_mode")).and_then(Json::as_str) {
            Some("bat_mode") => true,
            Some("min_soc_bat_mode") => {
                self.household.battery_soc_percent() < self.number(&path("min_bat_soc"))
            }
            _ => false,
        };
        if is_battery_first {
            spare - charging
        } else {
            spare
        }
    }

    fn decide_point(&mut self, n: usize, spare_w: f64) -> Decision {
        let point = &self.points[n];
        let Some(hardware) = self.household.point(point.id) else {
            return Decision::none("");
        };
        if hardware.vehicle.is_none() {
            self.points[n].surplus = Surplus::Off;
            // The cycle that takes a scanned tag in has said what there is to say.
            return Decision::none("Keine Ladung, da kein Auto angesteckt ist.");
        }
        if point.manual_lock {
            self.points[n].surplus = Surplus::Off;
            return Decision::none("Keine Ladung, da der Ladepunkt gesperrt ist.");
        }
        let price = self
            .options
            .prices
            .then(|| self.household.price_eur_per_wh(self.now()));
        let wish = charge_template::wish(&point.template, price);
        if let Some(sentence) = self.reached_limit(n, &wish) {
            self.points[n].surplus = Surplus::Off;
            return Decision::none(sentence);
        }
        if !matches!(wish, Wish::Surplus { .. }) {
            self.points[n].surplus = Surplus::Off;
        }
        match wish {
            Wish::Stop => Decision::none("Keine Ladung, da der Lademodus Stop aktiv ist."),
            // The core fails before it gets to the sentence.
            Wish::Nonsense => Decision::none("Fahrzeug lädt."),
            Wish::Scheduled => {
                Decision::none("Keine Ladung, da keine Ziel-Termine konfiguriert sind.")
            }
            Wish::Instant {
                current_a, phases, ..
            } => self.ramp(n, current_a, phases),
            Wish::Surplus {
                min_current_a,
                min_soc,
                min_soc_current_a,
                ..
            } => {
                let soc = self.car(self.points[n].vehicle).and_then(|car| car.soc);
                if min_soc > 0.0 && soc.is_some_and(|soc| soc < min_soc) {
                    self.ramp(n, min_soc_current_a, 3)
                } else {
                    self.decide_surplus(n, spare_w, min_current_a)
                }
            }
        }
    }

    fn decide_surplus(&mut self, n: usize, spare_w: f64, min_current_a: f64) -> Decision {
        let rules = self.surplus_rules(n);
        let now = self.now();
        let Verdict {
            current_a,
            phases,
            sentence,
        } = self.points[n].surplus.decide(spare_w, rules, now);
        if current_a < min_current_a {
            return self.ramp(n, min_current_a, 3);
        }
        let sentence = sentence.unwrap_or_else(|| self.charging_sentence(n));
        let current = if current_a > 0.0 {
            rounded(current_a, 1)
        } else {
            Json::Int(0)
        };
        Decision {
            current,
            phases,
            sentence,
        }
    }

    fn surplus_rules(&self, n: usize) -> Rules {
        let setting =
            |name: &str| self.number(&format!("general/chargemode_config/pv_charging/{name}"));
        let seconds = |value: f64| TimeDelta::seconds(value as i64);
        let config = &self.points[n].config;
        Rules {
            switch_on_w: setting("switch_on_threshold"),
            switch_on_delay: seconds(setting("switch_on_delay")),
            switch_off_delay: seconds(setting("switch_off_delay")),
            phase_switch_delay: seconds(60.0 * setting("phase_switch_delay")),
            can_switch_phases: config.get("auto_phase_switch_hw") == Some(&Json::Bool(true)),
            max_current_a: MAX_CURRENT_A,
        }
    }

    /// A fixed current. The first cycle of a charge offers the minimum, the next the real one.
    fn ramp(&self, n: usize, wanted_a: f64, phases: u8) -> Decision {
        let mut sentence = self.charging_sentence(n);
        let clamped = wanted_a.clamp(MIN_CURRENT_A, MAX_CURRENT_A);
        if wanted_a > MAX_CURRENT_A {
            sentence +=
                " Die Einstellungen in dem Fahrzeug-Profil beschränken den Strom auf maximal 16 A.";
        } else if wanted_a < MIN_CURRENT_A {
            sentence += " Die Einstellungen in dem Fahrzeug-Profil beschränken den Strom auf mindestens 6 A.";
        }
        let starts = self.points[n].current_a() == 0.0;
        let current = if starts { MIN_CURRENT_A } else { clamped };
        let current = if current.fract() == 0.0 {
            Json::Int(current as i64)
        } else {
            Json::Float(current)
        };
        Decision {
            current,
            phases,
            sentence,
        }
    }

    fn charging_sentence(&self, n: usize) -> String {
        let point = &self.points[n];
        let is_charging = self
            .household
            .point(point.id)
            .is_some_and(crate::household::ChargePoint::is_charging);
        if is_charging {
            "Fahrzeug lädt.".to_owned()
        } else if point.was_plugged {
            "Ladevorgang wird gestartet... ".to_owned()
        } else {
            String::new()
        }
    }

    fn reached_limit(&self, n: usize, wish: &Wish) -> Option<&'static str> {
        let limit = match wish {
            Wish::Instant { limit, .. } | Wish::Surplus { limit, .. } => *limit,
            _ => Limit::None,
        };
        let point = &self.points[n];
        match limit {
            Limit::Amount(wh) if point.segment.since_plugged_wh >= wh => {
                Some("Keine Ladung, da die Energiemenge bereits geladen wurde.")
            }
            // An unknown state of charge limits nothing.
            Limit::Soc(percent)
                if self
                    .car(point.vehicle)
                    .and_then(|car| car.soc)
                    .is_some_and(|soc| soc >= percent) =>
            {
                Some("Keine Ladung, da der Soc bereits erreicht wurde.")
            }
            _ => None,
        }
    }

    /// Publishes what [`Core::decide`] decided.
    pub(super) fn publish_decisions(&mut self, n: usize) {
        let point = &self.points[n];
        let (id, current, phases, was_plugged) = (
            point.id,
            point.current.clone(),
            point.phases,
            point.was_plugged,
        );
        self.on_change(&format!("chargepoint/{id}/set/current"), current);
        if was_plugged {
            self.on_change(
                &format!("chargepoint/{id}/set/phases_to_use"),
                u32::from(phases),
            );
        }
    }
}
