//! What is in the retained tree from the first moment on.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::json::{Json, object};
use super::{Core, DAILY, HEARTBEAT, Options, Phase, after, charge_template};

/// Paths below `openWB/` and their payloads as a box of this kind has them when nobody touched its
/// settings: a path, a blank, the payload, one a line.
const DEFAULTS: &str = include_str!("defaults.txt");

/// Prefixes of what a client may set one day, and the core keeps in mind.
const SETTINGS: [&str; 3] = ["general/", "optional/", "chargepoint/template/"];

fn defaults() -> impl Iterator<Item = (&'static str, Json)> {
    DEFAULTS
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(path, payload)| Some((path, Json::parse(payload.as_bytes())?)))
}

pub(super) fn settings(options: Options) -> BTreeMap<String, Json> {
    let mut settings: BTreeMap<String, Json> = defaults()
        .filter(|(path, _)| SETTINGS.iter().any(|prefix| path.starts_with(prefix)))
        .map(|(path, value)| (path.to_owned(), value))
        .collect();
    if options.prices {
        settings.insert(
            "optional/ep/flexible_tariff/provider".to_owned(),
            object([
                ("type", "awattar".into()),
                ("configuration", object([("country", "de".into())])),
            ]),
        );
    }
    settings
}

/// The charge templates the household has made.
pub(super) fn profiles() -> BTreeMap<u32, Json> {
    BTreeMap::from([
        (
            0,
            charge_template::template(0, "Standard-Lade-Profil", "instant_charging"),
        ),
        (
            1,
            charge_template::template(1, "Sofort 16A", "instant_charging"),
        ),
        (2, charge_template::template(2, "PV", "pv_charging")),
    ])
}

impl Core {
    /// Publishes everything that is known, then says so.
    pub(super) fn boot(&mut self) {
        let now = self.now();
        // Never in the past, so that no beat is sent twice.
        self.heartbeat = after(now - HEARTBEAT, TimeDelta::seconds(10)) + HEARTBEAT;
        self.daily = after(now - super::DAILY, TimeDelta::minutes(5)) + DAILY;
        self.cycle = after(now, self.interval());
        self.phase = Phase::Faults;
        self.raw(
            "openWB/system/boot_done".to_owned(),
            "false".to_owned(),
            true,
        );
        for (path, value) in defaults() {
            let value = self.settings.get(path).cloned().unwrap_or(value);
            self.state(path, value);
        }
        self.state(
            "system/security/user_management_active",
            self.options.user_management,
        );
        for (id, document) in self.profiles.clone() {
            self.state(&format!("vehicle/template/charge_template/{id}"), document);
        }
        self.publish_cars();
        self.publish_points();
        self.raw(
            "openWB-remote/valid_partner_ids".to_owned(),
            "[]".to_owned(),
            true,
        );
        // One look at the meters, so that no client finds a device without values.
        self.run_phase(Phase::Faults);
        self.run_phase(Phase::Components);
        self.publish_values();
        self.publish_simulation();
        self.publish_sums();
        self.publish_daily();
        self.publish_graph();
        self.state("system/time", super::message::unix(now));
        self.raw(
            "openWB/system/boot_done".to_owned(),
            "true".to_owned(),
            true,
        );
    }

    fn publish_points(&mut self) {
        for n in 0..self.points.len() {
            let point = &self.points[n];
            let (id, config) = (point.id, point.config.clone());
            let (template, lock, tag) = (
                point.template.clone(),
                point.manual_lock,
                point.ever_scanned.then(|| point.tag.clone()),
            );
            let (current, phases) = (point.current.clone(), point.phases);
            self.state(&format!("chargepoint/{id}/config"), config);
            self.state(&format!("chargepoint/{id}/set/charge_template"), template);
            self.state(&format!("chargepoint/{id}/set/manual_lock"), lock);
            self.state(&format!("chargepoint/{id}/set/current"), current);
            self.state(
                &format!("chargepoint/{id}/set/phases_to_use"),
                u32::from(phases),
            );
            if let Some(tag) = tag {
                self.state(&format!("chargepoint/{id}/set/rfid"), tag);
            }
            for path in ["rfid", "rfid_timestamp"] {
                self.state(&format!("chargepoint/{id}/get/{path}"), Json::Null);
            }
            let state = self.points[n].state_str.clone();
            self.state(&format!("chargepoint/{id}/get/state_str"), state);
            self.publish_log(n);
            self.publish_connected_vehicle(n);
        }
    }

    fn publish_cars(&mut self) {
        for car in self.cars.clone() {
            let id = car.id;
            let at = |path: &str| format!("vehicle/{id}/{path}");
            self.state(&at("name"), car.name.as_str());
            self.state(&at("color"), "#17a2b8");
            self.state(
                &at("info"),
                object([
                    ("manufacturer", car.manufacturer.into()),
                    ("model", car.model.into()),
                ]),
            );
            self.state(&at("tag_id"), car.tags.clone());
            self.state(&at("charge_template"), car.charge_template);
            self.state(&at("ev_template"), car.ev_template);
            self.state(&at("soc_module/config"), car.module_config());
            self.state(
                &at("soc_module/general_config"),
                object([
                    ("use_soc_from_cp", false.into()),
                    ("request_interval_charging", 300.into()),
                    ("request_interval_not_charging", 43_200.into()),
                    ("request_only_plugged", false.into()),
                ]),
            );
            self.state(
                &format!("vehicle/template/ev_template/{}", car.ev_template),
                car.ev_document(),
            );
            if car.knows_soc() {
                self.query_soc(id);
                self.publish_soc(id);
            } else {
                self.state(&at("get/soc"), car.soc);
                self.state(&at("get/force_soc_update"), true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::household::CHARGE_POINTS;

    /// A charge point that the tree does not list does not exist for any client.
    #[test]
    fn the_tree_lists_every_charge_point() {
        let tree = include_str!("defaults.txt")
            .lines()
            .find(|line| line.starts_with("counter/get/hierarchy "))
            .unwrap();
        for id in CHARGE_POINTS {
            assert!(
                tree.contains(&format!(r#""id": {id}, "type": "cp""#)),
                "{id}"
            );
        }
    }
}
