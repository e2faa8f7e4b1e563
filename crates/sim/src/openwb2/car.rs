//! Vehicles as the core knows them: names, tags, profiles, and a state of charge it has to ask for.

use chrono::{DateTime, TimeDelta, Utc};

use super::json::{Json, object, rounded};
use super::message::unix;
use super::{Core, charge_template};
use crate::household::Household;

/// Between queries while charging.
const QUERY_CHARGING: TimeDelta = TimeDelta::seconds(300);
/// Between queries otherwise.
const QUERY_IDLE: TimeDelta = TimeDelta::seconds(43_200);
/// Share of the energy charged that counts for a state of charge entered by hand.
const EFFICIENCY: f64 = 0.9;

/// Where a vehicle's state of charge comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Module {
    /// Nobody knows it.
    None,
    /// The maker's cloud is asked.
    Cloud,
    /// People enter it; from then on it follows the energy charged. What was entered, percent, and what
    /// the charge point's meter said then, Wh.
    Manual(Option<(f64, f64)>),
}

/// One vehicle.
#[derive(Debug, Clone)]
pub(super) struct Car {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) manufacturer: Option<&'static str>,
    pub(super) model: Option<&'static str>,
    pub(super) tags: Vec<String>,
    pub(super) charge_template: u32,
    pub(super) ev_template: u32,
    module: Module,
    /// What the module said last, percent.
    pub(super) soc: Option<f64>,
    pub(super) soc_at: Option<DateTime<Utc>>,
    /// km.
    pub(super) range: Option<i64>,
    pub(super) odometer: Option<f64>,
    /// Somebody wants to know now.
    pub(super) query: bool,
    /// Asked in this cycle; the answer is published in its aftermath.
    answered: bool,
    battery_wh: f64,
    phases: u8,
}

impl Car {
    pub(super) fn all(household: &Household) -> Vec<Self> {
        household
            .vehicles()
            .iter()
            .map(|vehicle| Self {
                id: vehicle.id,
                name: vehicle.name.to_owned(),
                manufacturer: vehicle.manufacturer,
                model: vehicle.model,
                tags: vehicle.tag.map(str::to_owned).into_iter().collect(),
                charge_template: vehicle.id,
                ev_template: vehicle.id,
                module: match vehicle.id {
                    1 => Module::Cloud,
                    2 => Module::Manual(None),
                    _ => Module::None,
                },
                soc: None,
                soc_at: None,
                range: None,
                odometer: None,
                query: false,
                answered: false,
                battery_wh: vehicle.battery_wh,
                phases: vehicle.phases,
            })
            .collect()
    }

    /// Whether there is somebody to ask for the state of charge.
    pub(super) fn knows_soc(&self) -> bool {
        matches!(self.module, Module::Cloud | Module::Manual(Some(_)))
    }

    /// As on a real box, a cloud module's login lies open here.
    pub(super) fn module_config(&self) -> Json {
        match self.module {
            Module::None => {
                return object([
                    ("type", Json::Null),
                    ("configuration", Json::Object(Vec::new())),
                ]);
            }
            Module::Manual(_) => {
                return object([
                    ("name", "Manueller SoC".into()),
                    ("type", "manual".into()),
                    ("official", false.into()),
                    (
                        "configuration",
                        object([("reset_after_unplug", false.into())]),
                    ),
                ]);
            }
            Module::Cloud => {}
        }
        object([
            ("name", "VW-ID".into()),
            ("type", "vwid".into()),
            ("official", false.into()),
            (
                "configuration",
                object([
                    ("user_id", "someone@example.org".into()),
                    ("password", "correct horse".into()),
                    ("vin", "WVWZZZED000000001".into()),
                    ("refreshToken", Json::Null),
                    ("calculate_soc", false.into()),
                ]),
            ),
        ])
    }

    pub(super) fn ev_document(&self) -> Json {
        let name = if self.id == 0 {
            "Standard-Fahrzeug-Profil"
        } else {
            &self.name
        };
        charge_template::ev_template(self.ev_template, name, self.battery_wh, self.phases)
    }
}

impl Core {
    pub(super) fn car(&self, id: u32) -> Option<&Car> {
        self.cars.iter().find(|car| car.id == id)
    }

    pub(super) fn car_mut(&mut self, id: u32) -> Option<&mut Car> {
        self.cars.iter_mut().find(|car| car.id == id)
    }

    /// Wants a vehicle's state of charge now.
    pub(super) fn want_soc(&mut self, id: u32) {
        if let Some(car) = self.car_mut(id) {
            car.query = true;
            // Without a module nobody ever takes the wish back.
            self.state(&format!("vehicle/{id}/get/force_soc_update"), true);
        }
    }

    /// Asks the modules of all vehicles whose time has come.
    pub(super) fn query_due_cars(&mut self) {
        let now = self.now();
        for n in 0..self.cars.len() {
            let car = &self.cars[n];
            if !car.knows_soc() {
                continue;
            }
            let id = car.id;
            let is_charging = self
                .points
                .iter()
                .any(|point| point.vehicle == id && point.was_charging);
            let interval = if is_charging {
                QUERY_CHARGING
            } else {
                QUERY_IDLE
            };
            let is_due = car.soc_at.is_none_or(|at| at + interval <= now);
            if car.query || is_due {
                self.query_soc(id);
            }
        }
    }

    /// Asks a module; the answer is known at once and published with [`Core::publish_soc`].
    pub(super) fn query_soc(&mut self, id: u32) {
        let now = self.now();
        let Some(vehicle) = self
            .household
            .vehicles()
            .iter()
            .find(|vehicle| vehicle.id == id)
        else {
            return;
        };
        let imported_wh = self.imported_for(id);
        let (soc, range, odometer) = match self.car(id).map(|car| car.module) {
            Some(Module::Manual(entered)) => {
                let Some((percent, then_wh)) = entered else {
                    return;
                };
                let charged_wh = imported_wh.map_or(0.0, |now_wh| (now_wh - then_wh).max(0.0));
                let soc =
                    (percent + 100.0 * EFFICIENCY * charged_wh / vehicle.battery_wh).min(100.0);
                let range = soc / 100.0 * vehicle.battery_wh / vehicle.wh_per_km;
                (soc, range, None)
            }
            _ => (
                vehicle.soc_percent(),
                vehicle.range_km(),
                Some(vehicle.odometer_km.round()),
            ),
        };
        let imported = imported_wh.map(|wh| rounded(wh, 2));
        if let Some(car) = self.car_mut(id) {
            car.query = false;
            car.answered = true;
            car.soc = Some((soc * 100.0).round() / 100.0);
            car.soc_at = Some(now);
            car.range = Some(range.round() as i64);
            car.odometer = odometer;
        }
        let at = |path: &str| format!("vehicle/{id}/{path}");
        self.state(&at("get/force_soc_update"), false);
        self.state(&at("get/soc_request_timestamp"), unix(now));
        self.state(
            &at("soc_module/calculated_soc_state"),
            object([
                ("last_imported", imported.into()),
                ("manual_soc", Json::Null),
            ]),
        );
        self.state(&at("get/fault_str"), "Kein Fehler.");
        self.state(&at("get/fault_state"), 0);
    }

    /// What the meter of the charge point a vehicle is assigned to says, Wh.
    fn imported_for(&self, id: u32) -> Option<f64> {
        self.points
            .iter()
            .find(|point| point.vehicle == id)
            .and_then(|point| self.household.point(point.id))
            .map(|point| point.meter.imported_wh)
    }

    /// Somebody entered a state of charge. Only a manual module looks at it, and it takes 0 for nothing
    /// entered.
    pub(super) fn enter_soc(&mut self, id: u32, percent: f64) {
        let imported_wh = self.imported_for(id);
        self.state(
            &format!("vehicle/{id}/soc_module/calculated_soc_state"),
            object([
                ("last_imported", imported_wh.map(|wh| rounded(wh, 2)).into()),
                ("manual_soc", percent.into()),
            ]),
        );
        let Some(Car {
            module: Module::Manual(entered),
            ..
        }) = self.car_mut(id)
        else {
            return;
        };
        if percent > 0.0 {
            *entered = Some((percent, imported_wh.unwrap_or(0.0)));
            self.query_soc(id);
            self.publish_soc(id);
        }
    }

    /// Publishes what a module answered.
    pub(super) fn publish_soc(&mut self, id: u32) {
        let Some(car) = self.car_mut(id) else { return };
        car.answered = false;
        let (soc, range, soc_at, odometer) = (car.soc, car.range, car.soc_at, car.odometer);
        let at = |path: &str| format!("vehicle/{id}/get/{path}");
        self.state(&at("soc"), soc);
        self.state(&at("range"), range);
        self.state(&at("soc_timestamp"), soc_at.map(unix));
        self.state(&at("odometer"), odometer);
    }

    /// Publishes all answers of this cycle.
    pub(super) fn publish_answers(&mut self) {
        let answered: Vec<u32> = self
            .cars
            .iter()
            .filter(|car| car.answered)
            .map(|car| car.id)
            .collect();
        for id in answered {
            self.publish_soc(id);
        }
    }
}
