//! Charge points as the core knows them.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use super::json::{Json, object};
use super::log::Segment;
use super::message::unix;
use super::surplus::Surplus;
use super::{Core, boot, charge_template};
use crate::household::Household;

/// A tag that was read and waits for a car.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scanned {
    pub(super) tag: String,
    /// When the core took it in; `None` until its next decision.
    pub(super) accepted_at: Option<DateTime<Utc>>,
}

/// One charge point.
#[derive(Debug)]
pub(super) struct Point {
    pub(super) id: u32,
    /// The `config` document as published.
    pub(super) config: Json,
    /// Vehicle assigned.
    pub(super) vehicle: u32,
    /// Working copy of the vehicle's charge template.
    pub(super) template: Json,
    pub(super) manual_lock: bool,
    /// Tags held to the reader since the last cycle.
    pub(super) reader: VecDeque<String>,
    pub(super) scanned: Option<Scanned>,
    /// The tag that authorised this plug-in.
    pub(super) tag: Option<String>,
    /// Whether `set/rfid` has ever been published.
    pub(super) ever_scanned: bool,
    pub(super) was_plugged: bool,
    pub(super) was_charging: bool,
    /// `set/current` as published: an int or a float, as the core computed it.
    pub(super) current: Json,
    pub(super) phases: u8,
    pub(super) surplus: Surplus,
    /// Sentences that come before the state's own in this cycle.
    pub(super) remarks: Vec<String>,
    pub(super) state_str: String,
    pub(super) segment: Segment,
}

impl Point {
    pub(super) fn all(household: &Household) -> Vec<Self> {
        let profiles = boot::profiles();
        household
            .points()
            .map(|point| {
                // Who parks here most of the time is assigned from the start.
                let vehicle = household
                    .vehicles()
                    .iter()
                    .rev()
                    .find(|vehicle| vehicle.parks_at == point.id)
                    .map_or(0, |vehicle| vehicle.id);
                let vehicle = point.vehicle.unwrap_or(vehicle);
                let plugged = point.vehicle.is_some();
                let tag = point
                    .session()
                    .and_then(|session| session.tag)
                    .map(str::to_owned);
                Self {
                    id: point.id,
                    config: config(point.id, point.name, vehicle),
                    vehicle,
                    template: profiles.get(&vehicle).cloned().unwrap_or_else(|| {
                        charge_template::template(vehicle, "", "instant_charging")
                    }),
                    manual_lock: false,
                    reader: VecDeque::new(),
                    scanned: None,
                    ever_scanned: tag.is_some(),
                    tag,
                    was_plugged: plugged,
                    was_charging: false,
                    current: Json::Int(0),
                    phases: 3,
                    surplus: Surplus::Off,
                    remarks: Vec::new(),
                    state_str: "Keine Ladung, da kein Auto angesteckt ist.".to_owned(),
                    segment: point
                        .session()
                        .map_or_else(Segment::default, Segment::resumed),
                }
            })
            .collect()
    }

    /// What the core allows, A per phase.
    pub(super) fn current_a(&self) -> f64 {
        self.current.as_f64().unwrap_or(0.0)
    }
}

fn config(id: u32, name: &str, vehicle: u32) -> Json {
    object([
        ("name", name.into()),
        ("type", "openwb_series2_satellit".into()),
        ("ev", vehicle.into()),
        ("color", "#007bff".into()),
        ("template", 0.into()),
        ("connected_phases", 3.into()),
        ("phase_1", 1.into()),
        ("auto_phase_switch_hw", (id == 3).into()),
        ("control_pilot_interruption_hw", false.into()),
        ("id", id.into()),
        (
            "configuration",
            object([
                ("ip_address", format!("192.0.2.{}", 30 + id).into()),
                ("duo_num", 0.into()),
            ]),
        ),
        ("charging_type", "AC".into()),
        ("visibility", true.into()),
    ])
}

impl Core {
    /// A vehicle's own profile.
    pub(super) fn profile_of(&self, vehicle: u32) -> Option<&Json> {
        self.car(vehicle)
            .and_then(|car| self.profiles.get(&car.charge_template))
    }

    /// Assigns a vehicle the way the core itself does: `config` then has `_ev` and no `ev`.
    pub(super) fn assign(&mut self, n: usize, vehicle: u32) {
        let point = &mut self.points[n];
        let id = point.id;
        point.vehicle = vehicle;
        point.config.remove("ev");
        point.config.set("_ev", vehicle);
        let config = point.config.clone();
        self.state(&format!("chargepoint/{id}/config"), config);
        self.reset_template(n);
    }

    /// Replaces the working copy by the assigned vehicle's profile.
    pub(super) fn reset_template(&mut self, n: usize) {
        let Some(template) = self.profile_of(self.points[n].vehicle).cloned() else {
            return;
        };
        let point = &mut self.points[n];
        let id = point.id;
        point.template = template.clone();
        self.state(&format!("chargepoint/{id}/set/charge_template"), template);
    }

    /// What the screens show of the assigned vehicle, where it changed.
    pub(super) fn publish_connected_vehicle(&mut self, n: usize) {
        let point = &self.points[n];
        let id = point.id;
        // A tag without a car shows its vehicle already.
        let shown = point
            .scanned
            .as_ref()
            .and_then(|scanned| self.vehicle_of_tag(&scanned.tag))
            .unwrap_or(point.vehicle);
        let Some(car) = self.car(shown) else { return };
        let info = object([("id", car.id.into()), ("name", car.name.as_str().into())]);
        let config = object([
            ("average_consumption", 17_000.into()),
            ("charge_template", car.charge_template.into()),
            ("chargemode", charge_template::mode(&point.template).into()),
            ("current_plan", Json::Null),
            ("ev_template", car.ev_template.into()),
            (
                "priority",
                point
                    .template
                    .get("prio")
                    .cloned()
                    .unwrap_or(Json::Bool(false)),
            ),
            ("time_charging_in_use", false.into()),
        ]);
        let soc = object([
            ("fault_str", "Kein Fehler.".into()),
            ("fault_state", 0.into()),
            ("range_charged", point.segment.range_charged(car)),
            ("range_unit", "km".into()),
            ("range", car.range.unwrap_or(0).into()),
            ("soc", car.soc.map_or(Json::Int(0), Json::Float)),
            ("timestamp", car.soc_at.map(unix).into()),
        ]);
        self.on_change(
            &format!("chargepoint/{id}/get/connected_vehicle/info"),
            info,
        );
        self.on_change(
            &format!("chargepoint/{id}/get/connected_vehicle/config"),
            config,
        );
        self.on_change(&format!("chargepoint/{id}/get/connected_vehicle/soc"), soc);
    }
}
