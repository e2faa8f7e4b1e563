//! The charge log: what is running, and what has been written down.
//!
//! An entry is cut at unplugging, after a lock was opened and when charging goes on in another mode;
//! stretches without energy leave none.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::car::Car;
use super::json::{Json, object, rounded};
use super::message::unix;
use super::{Core, charge_template};
use crate::household::PlugSession;

/// Where energy came from.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sources {
    pub(super) bat: f64,
    pub(super) grid: f64,
    pub(super) pv: f64,
}

impl Sources {
    fn sum(self) -> f64 {
        self.bat + self.grid + self.pv
    }

    pub(super) fn add(&mut self, shares: Self, wh: f64) {
        self.bat += shares.bat * wh;
        self.grid += shares.grid * wh;
        self.pv += shares.pv * wh;
    }

    fn document(self) -> Json {
        object([
            ("bat", rounded(self.bat, 2)),
            ("cp", 0.0.into()),
            ("grid", rounded(self.grid, 2)),
            ("pv", rounded(self.pv, 2)),
        ])
    }
}

/// The running stretch of a plug-in.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Segment {
    /// Wh on the meter at plugging in; `None` while nothing is plugged.
    at_plug_wh: Option<f64>,
    at_switch_wh: f64,
    pub(super) since_plugged_wh: f64,
    since_switch_wh: f64,
    switched_at: Option<DateTime<Utc>>,
    charging_since: Option<DateTime<Utc>>,
    charged_s: f64,
    end: Option<DateTime<Utc>>,
    /// Mode that charging began in.
    mode: Option<String>,
    vehicle: Option<u32>,
    prio: bool,
    rfid: Option<String>,
    soc_at_start: Option<f64>,
    range_at_start: Option<i64>,
    was_locked: bool,
    /// Energy already attributed to its sources.
    attributed_wh: f64,
    sources: Sources,
    costs: f64,
}

impl Segment {
    /// A plug-in that was going on before the core looked.
    pub(super) fn resumed(session: &PlugSession) -> Self {
        Self {
            at_plug_wh: Some(session.imported_at_start_wh),
            at_switch_wh: session.imported_at_start_wh,
            switched_at: Some(session.plugged_at),
            ..Self::default()
        }
    }

    /// km charged since plugging in: measured if the vehicle says so, else computed.
    pub(super) fn range_charged(&self, car: &Car) -> Json {
        match (self.range_at_start, car.range) {
            (Some(start), Some(now)) if self.vehicle == Some(car.id) => {
                Json::Int((now - start).max(0))
            }
            _ if self.since_switch_wh > 0.0 => rounded(self.since_switch_wh * 0.9 / 170.0, 2),
            _ => Json::Int(0),
        }
    }

    fn document(&self, range_charged: Json) -> Json {
        let wh = |value: f64| {
            if value == 0.0 {
                Json::Int(0)
            } else {
                Json::Float(value)
            }
        };
        let sources = if self.attributed_wh > 0.0 {
            self.sources.document()
        } else {
            object([
                ("bat", 0.into()),
                ("cp", 0.into()),
                ("grid", 0.into()),
                ("pv", 0.into()),
            ])
        };
        object([
            (
                "chargemode_log_entry",
                self.mode.as_deref().unwrap_or("_").into(),
            ),
            ("charged_energy_by_source", sources),
            (
                "costs",
                if self.costs == 0.0 {
                    Json::Int(0)
                } else {
                    rounded(self.costs, 4)
                },
            ),
            ("end", self.end.map(unix).into()),
            ("exported_at_mode_switch", 0.into()),
            ("exported_at_plugtime", 0.into()),
            ("exported_since_mode_switch", 0.into()),
            ("exported_since_plugged", 0.into()),
            ("imported_at_mode_switch", wh(self.at_switch_wh)),
            ("imported_at_plugtime", wh(self.at_plug_wh.unwrap_or(0.0))),
            ("imported_since_mode_switch", wh(self.since_switch_wh)),
            ("imported_since_plugged", wh(self.since_plugged_wh)),
            ("range_charged", range_charged),
            ("time_charged", wh(self.charged_s)),
            (
                "timestamp_start_charging",
                self.charging_since.map(unix).into(),
            ),
            ("timestamp_mode_switch", self.switched_at.map(unix).into()),
            ("ev", self.vehicle.map_or(Json::Int(-1), Json::from)),
            ("prio", self.prio.into()),
            ("rfid", self.rfid.clone().into()),
            ("serial_number", Json::Null),
            ("soc_at_start", self.soc_at_start.into()),
            ("soc_at_end", Json::Null),
            ("range_at_start", self.range_at_start.into()),
            ("range_at_end", Json::Null),
            ("odometer", Json::Null),
        ])
    }
}

/// A line of the charge log.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) charge_point: u32,
    pub(super) charge_point_name: &'static str,
    pub(super) serial_number: &'static str,
    pub(super) vehicle: u32,
    pub(super) vehicle_name: String,
    pub(super) mode: String,
    pub(super) prio: bool,
    pub(super) rfid: Option<String>,
    pub(super) odometer: Option<f64>,
    /// Percent at begin and end.
    pub(super) soc: [Option<f64>; 2],
    /// km at begin and end.
    pub(super) range: [Option<i64>; 2],
    pub(super) begin: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    pub(super) charged_s: f64,
    /// Meter at begin and end, Wh.
    pub(super) imported_wh: [f64; 2],
    pub(super) since_plugged_wh: f64,
    pub(super) costs: f64,
    pub(super) sources: Sources,
}

impl Entry {
    pub(super) fn energy_wh(&self) -> f64 {
        self.imported_wh[1] - self.imported_wh[0]
    }

    /// The file a real box writes it to, `202611`: year and month of its end, in local time.
    pub(super) fn file(&self, zone: Tz) -> String {
        self.end.with_timezone(&zone).format("%Y%m").to_string()
    }

    pub(super) fn power_w(&self) -> f64 {
        if self.charged_s > 0.0 {
            self.energy_wh() / self.charged_s * 3600.0
        } else {
            0.0
        }
    }

    pub(super) fn range_charged(&self) -> Json {
        match self.range {
            [Some(start), Some(end)] => Json::Int((end - start).max(0)),
            _ => rounded(self.energy_wh() * 0.9 / 170.0, 2),
        }
    }

    pub(super) fn document(&self, zone: Tz) -> Json {
        let sum = self.sources.sum();
        // Too little to tell where it came from.
        let share = |wh: f64| {
            if self.energy_wh() < 100.0 || sum <= 0.0 {
                0.0
            } else {
                wh / sum
            }
        };
        let local = |at: DateTime<Utc>| {
            Json::Text(
                at.with_timezone(&zone)
                    .format("%m/%d/%Y, %H:%M:%S")
                    .to_string(),
            )
        };
        object([
            (
                "chargepoint",
                object([
                    ("id", self.charge_point.into()),
                    ("name", self.charge_point_name.into()),
                    ("serial_number", self.serial_number.into()),
                    ("imported_at_start", rounded(self.imported_wh[0], 2)),
                    ("imported_at_end", rounded(self.imported_wh[1], 2)),
                    ("exported_at_start", 0.into()),
                    ("exported_at_end", 0.into()),
                ]),
            ),
            (
                "vehicle",
                object([
                    ("id", self.vehicle.into()),
                    ("name", self.vehicle_name.as_str().into()),
                    ("chargemode", self.mode.as_str().into()),
                    ("prio", self.prio.into()),
                    ("rfid", self.rfid.clone().into()),
                    ("odometer", self.odometer.into()),
                    ("soc_at_start", self.soc[0].into()),
                    ("soc_at_end", self.soc[1].into()),
                    ("range_at_start", self.range[0].into()),
                    ("range_at_end", self.range[1].into()),
                ]),
            ),
            (
                "time",
                object([
                    ("begin", local(self.begin)),
                    ("end", local(self.end)),
                    ("time_charged", hours_minutes(self.charged_s).into()),
                ]),
            ),
            (
                "data",
                object([
                    ("range_charged", self.range_charged()),
                    ("exported_since_mode_switch", 0.into()),
                    ("exported_since_plugged", 0.into()),
                    ("imported_since_mode_switch", rounded(self.energy_wh(), 2)),
                    ("imported_since_plugged", rounded(self.since_plugged_wh, 2)),
                    ("power", rounded(self.power_w(), 2)),
                    ("costs", rounded(self.costs, 2)),
                    (
                        "power_source",
                        object([
                            ("bat", share(self.sources.bat).into()),
                            ("cp", 0.0.into()),
                            ("grid", share(self.sources.grid).into()),
                            ("pv", share(self.sources.pv).into()),
                        ]),
                    ),
                ]),
            ),
        ])
    }
}

/// `H:MM`, rounded down.
pub(super) fn hours_minutes(seconds: f64) -> String {
    let minutes = (seconds / 60.0) as u64;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

impl Core {
    /// Takes a cycle's meter reading into the running segment.
    pub(super) fn follow_energy(&mut self, n: usize, is_charging: bool, imported_wh: f64) {
        let now = self.now();
        let cycle_s = self.interval().num_seconds() as f64;
        let mode = charge_template::mode(&self.points[n].template).to_owned();
        let is_locked = self.points[n].manual_lock;
        let segment = &mut self.points[n].segment;
        let at_plug_wh = *segment.at_plug_wh.get_or_insert_with(|| {
            segment.at_switch_wh = imported_wh;
            segment.switched_at = Some(now);
            imported_wh
        });
        segment.since_plugged_wh = imported_wh - at_plug_wh;
        segment.since_switch_wh = imported_wh - segment.at_switch_wh;
        let unlocked = segment.was_locked && !is_locked;
        segment.was_locked = is_locked;
        let switched = segment.mode.as_ref().is_some_and(|begun| *begun != mode) && mode != "stop";
        if unlocked || switched {
            self.cut_log(n);
            let segment = &mut self.points[n].segment;
            *segment = Segment {
                at_plug_wh: segment.at_plug_wh,
                at_switch_wh: imported_wh,
                since_plugged_wh: segment.since_plugged_wh,
                switched_at: Some(now),
                ..Segment::default()
            };
        }
        if !is_charging {
            let segment = &mut self.points[n].segment;
            if segment.charging_since.take().is_some() {
                segment.end = Some(now);
            }
            return;
        }
        let point = &self.points[n];
        let car = self.car(point.vehicle);
        let (vehicle, soc, range) = (
            point.vehicle,
            car.and_then(|car| car.soc),
            car.and_then(|car| car.range),
        );
        let (tag, prio) = (
            point.tag.clone(),
            point
                .template
                .get("prio")
                .and_then(Json::as_switch)
                .unwrap_or(false),
        );
        let segment = &mut self.points[n].segment;
        segment.charged_s += cycle_s;
        segment.end = None;
        segment.charging_since.get_or_insert(now);
        if segment.mode.is_none() {
            segment.mode = Some(mode);
            segment.vehicle = Some(vehicle);
            segment.soc_at_start = soc;
            segment.range_at_start = range;
            segment.prio = prio;
        }
        segment.rfid = tag;
    }

    /// Attributes what was charged since the last time to its sources, and puts a price on it.
    pub(super) fn attribute(&mut self, n: usize, shares: Sources) {
        let price = |name: &str| self.number(&format!("general/prices/{name}"));
        let (bat, grid, pv) = (price("bat"), price("grid"), price("pv"));
        let segment = &mut self.points[n].segment;
        let wh = segment.since_switch_wh - segment.attributed_wh;
        if wh > 0.0 {
            segment.sources.add(shares, wh);
            segment.costs += wh * (shares.bat * bat + shares.grid * grid + shares.pv * pv);
            segment.attributed_wh = segment.since_switch_wh;
        }
    }

    /// Writes the running segment down, if there is energy in it.
    pub(super) fn cut_log(&mut self, n: usize) {
        self.attribute(n, self.energy.shares(&self.household));
        let now = self.now();
        let point = &self.points[n];
        let segment = &point.segment;
        let (Some(mode), Some(begin)) = (segment.mode.clone(), segment.switched_at) else {
            return;
        };
        let Some(hardware) = self.household.point(point.id) else {
            return;
        };
        let car = segment.vehicle.and_then(|id| self.car(id));
        if segment.since_switch_wh <= 0.0 {
            return;
        }
        self.entries.push(Entry {
            charge_point: point.id,
            charge_point_name: hardware.name,
            serial_number: hardware.serial_number,
            vehicle: segment.vehicle.unwrap_or(0),
            vehicle_name: car.map(|car| car.name.clone()).unwrap_or_default(),
            mode,
            prio: segment.prio,
            rfid: segment.rfid.clone(),
            odometer: car.and_then(|car| car.odometer),
            soc: [segment.soc_at_start, car.and_then(|car| car.soc)],
            range: [segment.range_at_start, car.and_then(|car| car.range)],
            begin,
            end: now,
            charged_s: segment.charged_s,
            imported_wh: [
                segment.at_switch_wh,
                segment.at_switch_wh + segment.since_switch_wh,
            ],
            since_plugged_wh: segment.since_plugged_wh,
            costs: segment.costs,
            sources: segment.sources,
        });
    }

    /// The running segment, where it changed.
    pub(super) fn publish_log(&mut self, n: usize) {
        let point = &self.points[n];
        let id = point.id;
        let range_charged = self
            .car(point.vehicle)
            .map_or(Json::Int(0), |car| point.segment.range_charged(car));
        let document = point.segment.document(range_charged);
        self.on_change(&format!("chargepoint/{id}/set/log"), document);
    }
}
