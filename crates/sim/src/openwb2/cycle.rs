//! The control cycle: what is measured, decided and published, and in which order.

use super::energy::Readings;
use super::json::{Json, object, rounded};
use super::message::unix;
use super::{Core, Phase};
use crate::household::{BATTERY, GRID, PHASE_VOLTS, PV};

impl Core {
    pub(super) fn run_phase(&mut self, phase: Phase) {
        match phase {
            Phase::Faults => {
                for id in self.points.iter().map(|point| point.id).collect::<Vec<_>>() {
                    self.publish_no_fault(&format!("chargepoint/{id}"));
                }
            }
            Phase::Components => {
                for path in [
                    format!("counter/{GRID}"),
                    format!("pv/{PV}"),
                    format!("bat/{BATTERY}"),
                ] {
                    self.publish_no_fault(&path);
                }
                for path in ["pv", "bat", "chargepoint"] {
                    self.on_change(&format!("{path}/get/fault_str"), "Kein Fehler.");
                    self.on_change(&format!("{path}/get/fault_state"), 0);
                }
            }
            Phase::Values => {
                for n in 0..self.points.len() {
                    self.follow_cable(n);
                }
                self.publish_values();
            }
            Phase::Decisions => self.run_decisions(),
            Phase::Aftermath => self.publish_answers(),
        }
    }

    fn publish_no_fault(&mut self, path: &str) {
        self.state(&format!("{path}/get/fault_str"), "Kein Fehler.");
        self.state(&format!("{path}/get/fault_state"), 0);
    }

    /// Every device's readings, changed or not.
    pub(super) fn publish_values(&mut self) {
        self.measured = Readings::of(&self.household);
        let (pv, bat) = (self.measured.pv, self.measured.bat);
        self.state(&format!("pv/{PV}/get/power"), rounded(-pv.power_w, 1));
        self.state(&format!("pv/{PV}/get/exported"), rounded(pv.exported_wh, 2));
        let current = rounded(-pv.power_w / 3.0 / PHASE_VOLTS, 2);
        self.state(&format!("pv/{PV}/get/currents"), vec![current; 3]);
        self.state(&format!("bat/{BATTERY}/get/currents"), vec![0.0; 3]);
        self.state(&format!("bat/{BATTERY}/get/power"), rounded(bat.power_w, 1));
        let soc = self.household.battery_soc_percent().round() as i64;
        self.state(&format!("bat/{BATTERY}/get/soc"), soc);
        self.state(
            &format!("bat/{BATTERY}/get/imported"),
            rounded(bat.imported_wh, 2),
        );
        self.state(
            &format!("bat/{BATTERY}/get/exported"),
            rounded(bat.exported_wh, 2),
        );
        for n in 0..self.points.len() {
            self.publish_point_values(n);
        }
        self.publish_grid();
    }

    fn publish_point_values(&mut self, n: usize) {
        let id = self.points[n].id;
        let Some(hardware) = self.household.point(id).cloned() else {
            return;
        };
        let at = |path: &str| format!("chargepoint/{id}/get/{path}");
        let powers: Vec<Json> = hardware
            .currents_a
            .iter()
            .map(|current| rounded(current * PHASE_VOLTS, 1))
            .collect();
        let currents: Vec<Json> = hardware
            .currents_a
            .iter()
            .map(|current| rounded(*current, 2))
            .collect();
        for path in ["charging_current", "charging_power", "charging_voltage"] {
            self.state(&at(path), 0);
        }
        let voltages = self.voltages();
        self.state(&at("voltages"), voltages);
        self.state(&at("currents"), currents);
        self.state(&at("power_factors"), vec![0.99; 3]);
        self.state(&at("imported"), rounded(hardware.meter.imported_wh, 2));
        self.state(&at("exported"), 0);
        self.state(&at("power"), rounded(hardware.meter.power_w, 1));
        self.state(&at("powers"), powers);
        self.state(&at("frequency"), 50.01);
        self.state(&at("phases_in_use"), u32::from(hardware.phases_in_use));
        self.state(&at("charge_state"), hardware.is_charging());
        self.state(&at("plug_state"), hardware.vehicle.is_some());
        self.read_tag(n);
        self.state(&at("serial_number"), hardware.serial_number);
        self.state(&at("soc"), Json::Null);
        self.state(&at("soc_timestamp"), Json::Null);
        let current = &self.points[n].current;
        let signalled = if *current == Json::Int(0) {
            Json::Float(0.0)
        } else {
            current.clone()
        };
        self.state(&at("evse_current"), signalled);
        for path in [
            "vehicle_id",
            "max_evse_current",
            "max_charge_power",
            "max_discharge_power",
            "version",
            "current_branch",
            "current_commit",
            "evse_signaling",
        ] {
            self.state(&at(path), Json::Null);
        }
    }

    fn publish_grid(&mut self) {
        let grid = self.measured.grid;
        let charging: Vec<[f64; 3]> = self
            .household
            .points()
            .map(|point| point.currents_a.map(|a| a * PHASE_VOLTS))
            .collect();
        let charging_w: f64 = charging.iter().flatten().sum();
        // Everything but the vehicles spreads evenly over the phases.
        let rest = (grid.power_w - charging_w) / 3.0;
        let powers: [f64; 3] = std::array::from_fn(|phase| {
            rest + charging.iter().map(|point| point[phase]).sum::<f64>()
        });
        let at = |path: &str| format!("counter/{GRID}/get/{path}");
        let voltages = self.voltages();
        self.state(&at("voltages"), voltages);
        let currents: Vec<Json> = powers
            .iter()
            .map(|power| rounded(power / PHASE_VOLTS, 2))
            .collect();
        self.state(&at("currents"), currents);
        let powers: Vec<Json> = powers.iter().map(|power| rounded(*power, 1)).collect();
        self.state(&at("powers"), powers);
        self.state(&at("power_factors"), vec![0.98; 3]);
        self.state(&at("imported"), rounded(grid.imported_wh, 2));
        self.state(&at("exported"), rounded(grid.exported_wh, 2));
        self.state(&at("power"), rounded(grid.power_w, 1));
        self.state(&at("frequency"), 50.01);
    }

    /// Mains voltage: breathes by a volt over the minutes.
    fn voltages(&self) -> Vec<Json> {
        let seconds = self.now().timestamp() as f64;
        [230.1, 229.7, 230.4]
            .iter()
            .zip([610.0, 730.0, 870.0])
            .map(|(mean, period)| {
                rounded(mean + (seconds / period * std::f64::consts::TAU).sin(), 1)
            })
            .collect()
    }

    fn run_decisions(&mut self) {
        self.state("optional/dc_charging", false);
        for n in 0..self.points.len() {
            self.judge_tag(n);
            self.follow_profile(n);
        }
        self.query_due_cars();
        self.publish_simulation();
        self.decide();
        for n in 0..self.points.len() {
            let (id, sentence) = (self.points[n].id, self.points[n].state_str.clone());
            self.state(&format!("chargepoint/{id}/get/state_str"), sentence);
        }
        self.publish_graph();
        self.publish_sums();
        for n in 0..self.points.len() {
            self.publish_connected_vehicle(n);
            self.publish_decisions(n);
            self.publish_log(n);
        }
        self.temporary = self.switch("general/temporary_charge_templates_active");
    }

    /// How the house's own consumption is counted: it has no meter, so the core keeps one.
    pub(super) fn publish_simulation(&mut self) {
        let home = self.measured.home;
        let simulation = object([
            ("timestamp", unix(self.now()).into()),
            ("power", rounded(home.power_w, 1)),
            ("imported", home.imported_wh.into()),
            ("exported", 0.into()),
        ]);
        self.state("counter/set/simulation", simulation);
    }

    /// Sums over all devices of a kind, where they changed.
    pub(super) fn publish_sums(&mut self) {
        let Readings {
            pv,
            bat,
            home,
            points,
            ..
        } = self.measured.clone();
        self.on_change("bat/get/imported", rounded(bat.imported_wh, 2));
        self.on_change("bat/get/exported", rounded(bat.exported_wh, 2));
        self.on_change("bat/get/power", rounded(bat.power_w, 1));
        self.on_change(
            "bat/get/soc",
            self.household.battery_soc_percent().round() as i64,
        );
        self.on_change("bat/get/power_limit_controllable", false);
        let power_w: f64 = points.iter().map(|meter| meter.power_w).sum();
        let imported_wh: f64 = points.iter().map(|meter| meter.imported_wh).sum();
        self.on_change("chargepoint/get/power", rounded(power_w, 1));
        self.on_change("chargepoint/get/imported", rounded(imported_wh, 2));
        self.on_change("chargepoint/get/exported", 0);
        self.on_change("counter/set/home_consumption", rounded(home.power_w, 1));
        self.on_change("counter/set/imported_home_consumption", home.imported_wh);
        self.on_change("pv/get/power", rounded(-pv.power_w, 1));
        self.on_change("pv/get/exported", rounded(pv.exported_wh, 2));
    }

    /// Notices plugging, unplugging and the end of charging.
    fn follow_cable(&mut self, n: usize) {
        let point = &self.points[n];
        let Some(hardware) = self.household.point(point.id) else {
            return;
        };
        let (is_plugged, is_charging) = (hardware.vehicle.is_some(), hardware.is_charging());
        let imported_wh = (hardware.meter.imported_wh * 100.0).round() / 100.0;
        let (was_plugged, was_charging, vehicle) =
            (point.was_plugged, point.was_charging, point.vehicle);
        if is_plugged || was_plugged {
            self.follow_energy(n, is_charging, imported_wh);
        }
        if was_plugged && !is_plugged {
            self.end_session(n);
        }
        // The hardware is seen again before the next decision, so plugging counts from there on.
        if is_plugged != was_plugged || was_charging && !is_charging {
            self.want_soc(vehicle);
        }
        let point = &mut self.points[n];
        point.was_plugged = is_plugged;
        point.was_charging = is_charging;
    }

    /// What unplugging brings with it.
    fn end_session(&mut self, n: usize) {
        self.cut_log(n);
        self.points[n].segment = super::log::Segment::default();
        let point = &mut self.points[n];
        let id = point.id;
        if point.tag.take().is_some() {
            self.state(&format!("chargepoint/{id}/set/rfid"), Json::Null);
        }
        let template = self.points[n].template.clone();
        if self.temporary {
            self.reset_template(n);
        }
        if template.get("load_default") == Some(&Json::Bool(true)) {
            self.assign(n, 0);
        }
        let disables = self
            .settings
            .get("chargepoint/template/0")
            .and_then(|template| template.get("disable_after_unplug"))
            == Some(&Json::Bool(true));
        if disables {
            self.points[n].manual_lock = true;
            self.state(&format!("chargepoint/{id}/set/manual_lock"), true);
        }
    }

    /// Keeps the working copy that of the assigned vehicle, and lets the tag win over `config/ev`.
    fn follow_profile(&mut self, n: usize) {
        let point = &self.points[n];
        let of_tag = point
            .tag
            .as_deref()
            .and_then(|tag| self.vehicle_of_tag(tag));
        if let Some(vehicle) = of_tag
            && vehicle != point.vehicle
        {
            self.assign(n, vehicle);
            return;
        }
        let wanted = self
            .car(point.vehicle)
            .map(|car| i64::from(car.charge_template));
        if wanted.is_some() && point.template.get("id").and_then(Json::as_i64) != wanted {
            self.reset_template(n);
        }
    }
}
