//! What clients write: checked, taken in, published, cleared; or only cleared; or not even that.

use super::Core;
use super::json::Json;
use super::point::Scanned;

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Taken in; the state topic shows it.
    Taken,
    /// Wrong type, out of range or unknown below a known area: the set topic is cleared, no more.
    Refused,
    /// Not for this core: nothing happens.
    Ignored,
}

/// First levels the core dispatches on.
const AREAS: [&str; 15] = [
    "bat",
    "chargepoint",
    "command",
    "counter",
    "general",
    "graph",
    "internal_chargepoint",
    "internal_io",
    "io",
    "log",
    "mqtt",
    "optional",
    "pv",
    "system",
    "vehicle",
];

/// What a plain setting may be.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Switch,
    OneOf(&'static [i64]),
    Int(i64, i64),
    Float(f64, f64),
    Word(&'static [&'static str]),
}

impl Kind {
    /// The value as it is kept, if it may be. As in openWB, `null` passes for numbers.
    fn accept(self, value: &Json) -> Option<Json> {
        let fits = match self {
            Self::Switch => return value.as_switch().map(Json::Bool),
            Self::OneOf(choices) => value
                .as_i64()
                .is_some_and(|number| choices.contains(&number)),
            Self::Int(low, high) => {
                *value == Json::Null
                    || value
                        .as_i64()
                        .is_some_and(|number| (low..=high).contains(&number))
            }
            Self::Float(low, high) => {
                *value == Json::Null
                    || value
                        .as_f64()
                        .is_some_and(|number| (low..=high).contains(&number))
            }
            Self::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        };
        fits.then(|| value.clone())
    }
}

const UNBOUNDED: i64 = i64::MAX;

/// Settings that are just kept and shown (`helpermodules/setdata.py`).
const PLAIN: [(&str, Kind); 25] = [
    ("general/allow_unencrypted_access", Kind::Switch),
    (
        "general/chargemode_config/pv_charging/bat_mode",
        Kind::Word(&["ev_mode", "bat_mode", "min_soc_bat_mode"]),
    ),
    (
        "general/chargemode_config/pv_charging/bat_power_discharge",
        Kind::Float(0.0, f64::MAX),
    ),
    (
        "general/chargemode_config/pv_charging/bat_power_discharge_active",
        Kind::Switch,
    ),
    (
        "general/chargemode_config/pv_charging/bat_power_reserve",
        Kind::Float(0.0, f64::MAX),
    ),
    (
        "general/chargemode_config/pv_charging/bat_power_reserve_active",
        Kind::Switch,
    ),
    (
        "general/chargemode_config/pv_charging/feed_in_yield",
        Kind::Float(0.0, f64::MAX),
    ),
    (
        "general/chargemode_config/pv_charging/max_bat_soc",
        Kind::Int(0, 100),
    ),
    (
        "general/chargemode_config/pv_charging/min_bat_soc",
        Kind::Int(0, 100),
    ),
    (
        "general/chargemode_config/pv_charging/phase_switch_delay",
        Kind::Float(5.0, 20.0),
    ),
    (
        "general/chargemode_config/pv_charging/retry_failed_phase_switches",
        Kind::Switch,
    ),
    (
        "general/chargemode_config/pv_charging/switch_off_delay",
        Kind::Int(0, UNBOUNDED),
    ),
    (
        "general/chargemode_config/pv_charging/switch_off_threshold",
        Kind::Float(f64::MIN, f64::MAX),
    ),
    (
        "general/chargemode_config/pv_charging/switch_on_delay",
        Kind::Int(0, UNBOUNDED),
    ),
    (
        "general/chargemode_config/pv_charging/switch_on_threshold",
        Kind::Float(0.0, f64::MAX),
    ),
    ("general/control_interval", Kind::OneOf(&[10, 20, 60])),
    ("general/extern", Kind::Switch),
    ("general/http_api", Kind::Switch),
    ("general/modbus_control", Kind::Switch),
    ("general/prices/bat", Kind::Float(0.0, 99.99)),
    ("general/prices/grid", Kind::Float(0.0, 99.99)),
    ("general/prices/pv", Kind::Float(0.0, 99.99)),
    ("general/range_unit", Kind::Word(&["km", "mi"])),
    ("general/temporary_charge_templates_active", Kind::Switch),
    ("optional/rfid/active", Kind::Switch),
];

impl Core {
    /// Does with a write what the core does.
    pub(super) fn apply(&mut self, path: &str, payload: &[u8]) {
        if self.dispatch(path, payload) != Verdict::Ignored {
            self.clear(path);
        }
    }

    fn dispatch(&mut self, path: &str, payload: &[u8]) -> Verdict {
        let parts: Vec<&str> = path.split('/').collect();
        // The core takes what it cannot parse for a string.
        let value = Json::parse(payload)
            .unwrap_or_else(|| Json::Text(String::from_utf8_lossy(payload).into_owned()));
        match parts.as_slice() {
            ["chargepoint", "template", "0"] => self.keep(path, value),
            ["chargepoint", id, rest @ ..] => {
                let Some(n) = self
                    .points
                    .iter()
                    .position(|point| point.id.to_string() == *id)
                else {
                    return Verdict::Ignored;
                };
                self.write_point(n, &rest.join("/"), value)
            }
            ["vehicle", "template", "charge_template", id] => match id.parse() {
                Ok(id) => self.write_profile(id, value),
                Err(_) => Verdict::Refused,
            },
            ["vehicle", "template", "ev_template", _] => {
                self.state(path, value);
                Verdict::Taken
            }
            ["vehicle", id, rest @ ..] => match id.parse() {
                Ok(id) if self.car(id).is_some() => self.write_car(id, &rest.join("/"), value),
                _ => Verdict::Refused,
            },
            ["command", connection, "todo", rest @ ..] if rest.len() < 2 => {
                // Rights are granted by topic, so under user management it has to name the command.
                let is_named = rest.first().copied() == value.get("command").and_then(Json::as_str);
                if self.options.user_management && !is_named {
                    return Verdict::Refused;
                }
                self.obey(connection, &value);
                Verdict::Taken
            }
            [area, ..] if AREAS.contains(area) => {
                let known = PLAIN.iter().find(|(name, _)| *name == path);
                match known.and_then(|(_, kind)| kind.accept(&value)) {
                    Some(value) => self.keep(path, value),
                    None => Verdict::Refused,
                }
            }
            _ => Verdict::Ignored,
        }
    }

    fn keep(&mut self, path: &str, value: Json) -> Verdict {
        self.settings.insert(path.to_owned(), value.clone());
        self.state(path, value);
        Verdict::Taken
    }

    fn write_point(&mut self, n: usize, path: &str, value: Json) -> Verdict {
        let id = self.points[n].id;
        let full = format!("chargepoint/{id}/{path}");
        match path {
            "set/charge_template" => self.write_template(n, value),
            "set/manual_lock" => match value.as_switch() {
                Some(lock) => {
                    self.points[n].manual_lock = lock;
                    self.state(&full, lock);
                    Verdict::Taken
                }
                None => Verdict::Refused,
            },
            "config/ev" => match value
                .as_i64()
                .and_then(|vehicle| u32::try_from(vehicle).ok())
            {
                Some(vehicle) => {
                    let point = &mut self.points[n];
                    // A stale `_ev` of the core's own stays beside it, as on a real box.
                    point.config.set("ev", vehicle);
                    let config = point.config.clone();
                    point.vehicle = vehicle;
                    if self.car(vehicle).is_none() {
                        self.points[n].vehicle = 0;
                    }
                    self.state(&format!("chargepoint/{id}/config"), config);
                    Verdict::Taken
                }
                None => Verdict::Refused,
            },
            "config/template" => match value.as_i64() {
                Some(template) => {
                    self.points[n].config.set("template", template);
                    let config = self.points[n].config.clone();
                    self.state(&format!("chargepoint/{id}/config"), config);
                    Verdict::Taken
                }
                None => Verdict::Refused,
            },
            "config" if matches!(value, Json::Object(_)) => {
                self.points[n].config = value.clone();
                self.state(&full, value);
                Verdict::Taken
            }
            "get/rfid" => match value {
                Json::Text(tag) => {
                    self.points[n].scanned = Some(Scanned {
                        tag: tag.clone(),
                        accepted_at: None,
                    });
                    self.state(&full, tag);
                    Verdict::Taken
                }
                Json::Null => {
                    self.points[n].scanned = None;
                    self.state(&full, Json::Null);
                    Verdict::Taken
                }
                _ => Verdict::Refused,
            },
            "set/rfid" => match value {
                Json::Text(_) | Json::Null => {
                    let point = &mut self.points[n];
                    point.tag = value.as_str().map(str::to_owned);
                    point.ever_scanned = true;
                    self.state(&full, value);
                    Verdict::Taken
                }
                _ => Verdict::Refused,
            },
            "set/current" => match value.as_f64() {
                // Shown for a moment; the next cycle's decision replaces it.
                Some(current) if current <= 0.0 || (6.0..=32.0).contains(&current) => {
                    self.points[n].current = value.clone();
                    self.state(&full, value);
                    Verdict::Taken
                }
                _ => Verdict::Refused,
            },
            _ => Verdict::Refused,
        }
    }

    /// Anything goes. What it means beyond this charge point depends on the flag as the last cycle
    /// saw it.
    fn write_template(&mut self, n: usize, value: Json) -> Verdict {
        self.put_template(n, value.clone());
        if self.temporary {
            return Verdict::Taken;
        }
        let profile = value
            .get("id")
            .and_then(Json::as_i64)
            .and_then(|id| u32::try_from(id).ok());
        if let Some(profile) = profile.filter(|profile| self.profiles.contains_key(profile)) {
            self.profiles.insert(profile, value.clone());
            self.state(
                &format!("vehicle/template/charge_template/{profile}"),
                value.clone(),
            );
            for other in self.points_with_profile(profile) {
                if other != n {
                    self.put_template(other, value.clone());
                }
            }
        }
        Verdict::Taken
    }

    fn write_profile(&mut self, profile: u32, value: Json) -> Verdict {
        self.profiles.insert(profile, value.clone());
        self.state(
            &format!("vehicle/template/charge_template/{profile}"),
            value.clone(),
        );
        for n in self.points_with_profile(profile) {
            self.put_template(n, value.clone());
        }
        Verdict::Taken
    }

    fn put_template(&mut self, n: usize, value: Json) {
        let point = &mut self.points[n];
        let id = point.id;
        point.template = value.clone();
        self.state(&format!("chargepoint/{id}/set/charge_template"), value);
    }

    fn points_with_profile(&self, profile: u32) -> Vec<usize> {
        self.points
            .iter()
            .enumerate()
            .filter(|(_, point)| {
                self.car(point.vehicle)
                    .is_some_and(|car| car.charge_template == profile)
            })
            .map(|(n, _)| n)
            .collect()
    }

    fn write_car(&mut self, id: u32, path: &str, value: Json) -> Verdict {
        let Some(car) = self.car_mut(id) else {
            return Verdict::Refused;
        };
        let within = |most: f64| value.as_f64().filter(|it| (0.0..=most).contains(it));
        let percent = within(100.0);
        let template = value
            .as_i64()
            .and_then(|template| u32::try_from(template).ok());
        match (path, &value) {
            ("name", Json::Text(name)) => car.name.clone_from(name),
            ("tag_id", Json::List(tags)) => {
                let Some(tags) = tags
                    .iter()
                    .map(|tag| tag.as_str().map(str::to_owned))
                    .collect()
                else {
                    return Verdict::Refused;
                };
                car.tags = tags;
            }
            ("soc_module/calculated_soc_state/manual_soc", _) => {
                return match percent {
                    Some(percent) => {
                        self.enter_soc(id, percent);
                        Verdict::Taken
                    }
                    None if value == Json::Null => Verdict::Taken,
                    None => Verdict::Refused,
                };
            }
            ("charge_template", _) if template.is_some() => {
                car.charge_template = template.unwrap_or(0);
            }
            ("ev_template", _) if template.is_some() => car.ev_template = template.unwrap_or(0),
            ("get/soc", _) if percent.is_some() => car.soc = percent,
            ("get/range", _) if within(1_000.0).is_some() => {
                car.range = within(1_000.0).map(|km| km.round() as i64);
            }
            ("get/odometer", _) if within(9_999_999.0).is_some() => {
                car.odometer = within(9_999_999.0);
            }
            ("get/force_soc_update", _) if value.as_switch().is_some() => {
                car.query = value.as_switch() == Some(true);
            }
            _ => return Verdict::Refused,
        }
        self.state(&format!("vehicle/{id}/{path}"), value);
        Verdict::Taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_true_false_one_and_zero_only() {
        for (text, expected) in [
            ("true", Some(true)),
            ("false", Some(false)),
            ("1", Some(true)),
            ("0", Some(false)),
            ("\"true\"", None),
            ("2", None),
            ("1.0", None),
            ("null", None),
        ] {
            let value = Json::parse(text.as_bytes()).unwrap();
            assert_eq!(
                Kind::Switch.accept(&value),
                expected.map(Json::Bool),
                "{text}"
            );
        }
    }

    #[test]
    fn ints_refuse_floats_and_floats_take_ints() {
        assert_eq!(Kind::Int(0, 100).accept(&Json::Float(50.0)), None);
        assert_eq!(
            Kind::Float(0.0, 1.0).accept(&Json::Int(1)),
            Some(Json::Int(1))
        );
        assert_eq!(Kind::Int(0, 100).accept(&Json::Int(101)), None);
        assert_eq!(Kind::OneOf(&[10, 20, 60]).accept(&Json::Int(15)), None);
    }
}
