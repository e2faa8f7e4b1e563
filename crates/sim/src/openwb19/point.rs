//! Charge points as the program knows them: what is plugged in, what was charged, and how full the
//! vehicle is.

use chrono::{DateTime, TimeDelta, Utc};

use super::Core;
use super::charge_log::Charge;
use super::message::{cut, whole};
use crate::household::{Household, Meter};

/// Between queries of a maker's cloud while charging.
const QUERY_CHARGING: TimeDelta = TimeDelta::minutes(5);
/// Between queries otherwise.
const QUERY_IDLE: TimeDelta = TimeDelta::hours(1);
/// Loops a vehicle must be gone before its plug-in counts as over.
const GONE_LOOPS: u32 = 6;
/// Share of the energy charged that counts for a state of charge entered by hand.
const EFFICIENCY: f64 = 0.9;
/// Below this nobody charges, W.
pub(super) const IDLE_W: f64 = 100.0;

/// Where a charge point's state of charge comes from: it has a module of its own, whoever is plugged in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum SocModule {
    /// The maker's cloud knows this vehicle; asked last at an instant.
    Cloud {
        vehicle: u32,
        asked_at: Option<DateTime<Utc>>,
    },
    /// People enter it: percent, and what the meter said then, Wh.
    Manual {
        vehicle: u32,
        percent: f64,
        imported_wh: f64,
    },
}

/// One charge point.
#[derive(Debug)]
pub(super) struct Point {
    /// Its number in topics, from 1.
    pub(super) lp: usize,
    /// The household's charge point.
    pub(super) id: u32,
    /// Tags that are meant for it.
    pub(super) tags: Vec<&'static str>,
    pub(super) module: SocModule,
    /// Percent.
    pub(super) soc: f64,
    /// Somebody wants to know the state of charge now.
    pub(super) ask: bool,
    /// Released by the regulation, with so many A per phase.
    pub(super) released: bool,
    pub(super) current_a: u32,
    pub(super) was_plugged: bool,
    /// Loops since the cable was pulled.
    gone_loops: u32,
    /// The meter at plugging in, Wh.
    plug_start_wh: f64,
    /// The tag of this plug-in.
    pub(super) tag: Option<String>,
    pub(super) charge: Option<Charge>,
    /// Wh of this charge, or of the last one.
    pub(super) charged_wh: f64,
}

impl Point {
    pub(super) fn all(household: &Household) -> Vec<Self> {
        household
            .points()
            .zip(1..)
            .map(|(point, lp)| {
                let parking = || {
                    household
                        .vehicles()
                        .iter()
                        .filter(|vehicle| vehicle.parks_at == point.id)
                };
                // Guests have neither tag nor module.
                let owner = parking().find(|vehicle| vehicle.tag.is_some());
                let vehicle = owner.map_or(0, |vehicle| vehicle.id);
                let soc = owner.map_or(0.0, |vehicle| vehicle.soc_percent().round());
                let session = point.session();
                Self {
                    lp,
                    id: point.id,
                    tags: parking().filter_map(|vehicle| vehicle.tag).collect(),
                    module: if lp == 1 {
                        SocModule::Cloud {
                            vehicle,
                            asked_at: None,
                        }
                    } else {
                        SocModule::Manual {
                            vehicle,
                            percent: soc,
                            imported_wh: point.meter.imported_wh,
                        }
                    },
                    soc,
                    ask: false,
                    released: false,
                    current_a: 0,
                    was_plugged: session.is_some(),
                    gone_loops: GONE_LOOPS,
                    plug_start_wh: session.map_or(0.0, |session| session.imported_at_start_wh),
                    tag: session.and_then(|session| session.tag).map(str::to_owned),
                    charge: None,
                    charged_wh: 0.0,
                }
            })
            .collect()
    }
}

impl Core {
    /// Asks the modules whose time has come.
    pub(super) fn follow_soc(&mut self, n: usize) {
        let now = self.now();
        let point = &self.points[n];
        let Some(hardware) = self.household.point(point.id) else {
            return;
        };
        let interval = if hardware.is_charging() {
            QUERY_CHARGING
        } else {
            QUERY_IDLE
        };
        let (module, imported_wh) = (point.module, hardware.meter.imported_wh);
        let of = |id: u32| {
            self.household
                .vehicles()
                .iter()
                .find(|vehicle| vehicle.id == id)
        };
        let soc = match module {
            SocModule::Cloud { vehicle, asked_at } => {
                if !point.ask && asked_at.is_some_and(|at| now - at < interval) {
                    return;
                }
                of(vehicle).map(crate::household::Vehicle::soc_percent)
            }
            SocModule::Manual {
                vehicle,
                percent,
                imported_wh: then_wh,
            } => of(vehicle).map(|vehicle| {
                let charged_wh = (imported_wh - then_wh).max(0.0);
                percent + 100.0 * EFFICIENCY * charged_wh / vehicle.battery_wh
            }),
        };
        let point = &mut self.points[n];
        point.ask = false;
        if let SocModule::Cloud { asked_at, .. } = &mut point.module {
            *asked_at = Some(now);
        }
        point.soc = soc.unwrap_or(0.0).min(100.0);
    }

    /// Somebody entered a state of charge. Only the manual module looks at it.
    pub(super) fn enter_soc(&mut self, lp: usize, percent: f64) {
        let Some(point) = self.points.iter_mut().find(|point| point.lp == lp) else {
            return;
        };
        let meter_wh = self
            .household
            .point(point.id)
            .map(|point| point.meter.imported_wh);
        if let (
            SocModule::Manual {
                percent: entered,
                imported_wh,
                ..
            },
            Some(wh),
        ) = (&mut point.module, meter_wh)
        {
            *entered = percent;
            *imported_wh = wh;
        }
    }

    /// Notices plugging, charging and unplugging, and publishes what became of the energy.
    pub(super) fn follow_point(&mut self, n: usize) {
        let now = self.now();
        let mode = self.number("global/ChargeMode") as u8;
        let point = &self.points[n];
        let (lp, id) = (point.lp, point.id);
        let Some(hardware) = self.household.point(id) else {
            return;
        };
        let (is_plugged, meter) = (hardware.vehicle.is_some(), hardware.meter);
        let at = |path: &str| format!("lp/{lp}/{path}");
        let counter_wh = counter_wh(meter);
        let point = &mut self.points[n];
        let plugs_in = is_plugged && !point.was_plugged;
        let pulls_out = !is_plugged && point.was_plugged;
        point.was_plugged = is_plugged;
        if plugs_in && point.gone_loops >= GONE_LOOPS {
            point.plug_start_wh = counter_wh;
            if point.charge.is_none() {
                point.charged_wh = 0.0;
            }
        }
        point.gone_loops = if is_plugged { 0 } else { point.gone_loops + 1 };
        let (is_over, start_wh) = (point.gone_loops >= GONE_LOOPS, point.plug_start_wh);
        if meter.power_w > IDLE_W {
            let charge = point.charge.get_or_insert(Charge {
                begin: now,
                start_wh: counter_wh,
                mode,
                idle_loops: 0,
            });
            charge.idle_loops = 0;
        } else if let Some(charge) = &mut point.charge {
            charge.idle_loops += 1;
        }
        if let Some(charge) = &point.charge {
            point.charged_wh = (counter_wh - charge.start_wh).max(0.0);
        }
        if point.gone_loops == GONE_LOOPS && point.charge.is_none() {
            point.tag = None;
        }
        let charged_wh = point.charged_wh;
        if is_plugged {
            self.show(&at("plugStartkWh"), kwh(start_wh));
            self.show(&at("pluggedladungakt"), 1);
        } else if is_over {
            self.show(&at("pluggedladungakt"), 0);
        }
        if pulls_out && self.is_on(&format!("config/get/lp/{lp}/stopchargeafterdisc")) {
            self.repeat(&at("ChargePointEnabled"), 0);
        }
        self.show(&at("boolPlugStat"), u8::from(is_plugged));
        self.show(&at("boolChargeStat"), u8::from(meter.power_w > 0.0));
        self.show(&at("kWhCounter"), kwh(counter_wh));
        if is_plugged {
            let since_plugged = cut((counter_wh - start_wh).max(0.0) / 1000.0, 2);
            self.show(&at("kWhChargedSincePlugged"), two(since_plugged));
        } else if !self.tree.contains_key(&at("kWhChargedSincePlugged")) {
            self.show(&at("kWhChargedSincePlugged"), 0);
        }
        let charged_kwh = cut(charged_wh / 1000.0, 2);
        self.show(&at("kWhActualCharged"), two(charged_kwh));
        let consumption = self.number(&at("energyConsumptionPer100km")).max(1.0);
        self.show(
            &at("kmCharged"),
            whole((charged_kwh / consumption * 100.0).floor()),
        );
        self.publish_remaining(n, meter, charged_wh);
        self.end_idle_charge(n);
    }

    /// How long it will take to the energy that is set, whether it is a limit or not.
    fn publish_remaining(&mut self, n: usize, meter: Meter, charged_wh: f64) {
        if meter.power_w <= IDLE_W {
            return;
        }
        let lp = self.points[n].lp;
        let wanted_wh = 1000.0 * self.number(&format!("config/get/sofort/lp/{lp}/energyToCharge"));
        let minutes = ((wanted_wh - charged_wh).max(0.0) / meter.power_w * 60.0) as i64;
        self.show(
            &format!("lp/{lp}/TimeRemaining"),
            super::charge_log::duration(minutes),
        );
    }
}

/// The meter as the module reads it: to the Wh.
fn counter_wh(meter: Meter) -> f64 {
    meter.imported_wh.round()
}

pub(super) fn kwh(wh: f64) -> String {
    format!("{:.3}", wh / 1000.0)
}

fn two(kwh: f64) -> String {
    super::message::two_or_zero(kwh)
}
