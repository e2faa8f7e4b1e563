//! People: plugging, scanning, driving off; and what a test or a person at the console makes them do.

use chrono::{DateTime, TimeDelta, Utc};

use super::noise::{Stream, unit};
use super::{
    ChargeMode, ChargePoint, Control, Device, Event, Household, Meter, Offer, PlugSession, Traffic,
    Vehicle,
};

/// Share of plug-ins where the driver remembers the tag.
const REMEMBERS_TAG: f64 = 0.92;
/// A vehicle fuller than this is plugged in only by one driver in three.
const COMFORTABLE_PERCENT: f64 = 72.0;

/// Why a vehicle cannot be plugged in or pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlugError {
    /// No such charge point.
    #[error("there is no charge point {0}")]
    NoChargePoint(u32),
    /// No such vehicle.
    #[error("there is no vehicle {0}")]
    NoVehicle(u32),
    /// Another vehicle is on the cable.
    #[error("charge point {0} is taken")]
    Taken(u32),
    /// The vehicle hangs on another cable.
    #[error("vehicle {0} is plugged in elsewhere")]
    PluggedElsewhere(u32),
    /// Nothing to pull.
    #[error("nothing is plugged in at charge point {0}")]
    Nothing(u32),
}

impl Household {
    /// Puts a vehicle on a charge point's cable, wherever it was before.
    ///
    /// # Errors
    /// When either does not exist, the cable is taken, or the vehicle is on another one.
    pub fn plug(&mut self, charge_point: u32, vehicle: u32) -> Result<(), PlugError> {
        if self
            .points()
            .any(|point| point.id != charge_point && point.vehicle == Some(vehicle))
        {
            return Err(PlugError::PluggedElsewhere(vehicle));
        }
        let now = self.now;
        let car = self
            .vehicles
            .iter_mut()
            .find(|car| car.id == vehicle)
            .ok_or(PlugError::NoVehicle(vehicle))?;
        let point = self
            .charge_points
            .iter_mut()
            .find(|point| point.id == charge_point)
            .ok_or(PlugError::NoChargePoint(charge_point))?;
        if point.vehicle.is_some() {
            return Err(PlugError::Taken(charge_point));
        }
        car.home = true;
        car.plugs_in_at = None;
        point.vehicle = Some(vehicle);
        // Who has plenty waits for the sun.
        let mode = if car.tag.is_some() && car.soc_percent() > 45.0 && car.id == 2 {
            ChargeMode::Surplus
        } else {
            ChargeMode::Instant
        };
        point.session = Some(PlugSession {
            charge_point,
            vehicle,
            tag: None,
            mode,
            plugged_at: now,
            unplugged_at: None,
            imported_at_start_wh: point.meter.imported_wh,
            imported_at_end_wh: point.meter.imported_wh,
            charging_s: 0.0,
            soc_at_start_percent: car.soc_percent(),
            soc_at_end_percent: car.soc_percent(),
        });
        self.events.push(Event::Plugged {
            charge_point,
            vehicle,
        });
        Ok(())
    }

    /// Pulls the cable out of whatever is plugged in.
    ///
    /// # Errors
    /// When the charge point does not exist or its cable hangs free.
    pub fn unplug(&mut self, charge_point: u32) -> Result<(), PlugError> {
        let now = self.now;
        let point = self
            .charge_points
            .iter_mut()
            .find(|point| point.id == charge_point)
            .ok_or(PlugError::NoChargePoint(charge_point))?;
        let vehicle = point
            .vehicle
            .take()
            .ok_or(PlugError::Nothing(charge_point))?;
        point.offer = Offer::NONE;
        point.currents_a = [0.0; 3];
        point.meter.power_w = 0.0;
        if let Some(mut session) = point.session.take() {
            session.unplugged_at = Some(now);
            session.imported_at_end_wh = point.meter.imported_wh;
            self.sessions.push(session);
        }
        self.events.push(Event::Unplugged {
            charge_point,
            vehicle,
        });
        Ok(())
    }

    /// What people did since the last call, in order.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Plug-ins that are over, oldest first.
    #[must_use]
    pub fn past_sessions(&self) -> &[PlugSession] {
        &self.sessions
    }

    /// The charge points, by id.
    pub fn points(&self) -> impl Iterator<Item = &ChargePoint> {
        self.charge_points.iter()
    }

    /// A charge point by id.
    #[must_use]
    pub fn point(&self, id: u32) -> Option<&ChargePoint> {
        self.points().find(|point| point.id == id)
    }

    /// The vehicles, by id.
    #[must_use]
    pub fn vehicles(&self) -> &[Vehicle] {
        &self.vehicles
    }

    /// A device's meter. The battery's and a charge point's `power_w` is positive while charging, the
    /// roof's while producing.
    #[must_use]
    pub fn meter(&self, device: Device) -> Option<Meter> {
        match device {
            Device::Grid => Some(self.grid),
            Device::Pv => Some(self.pv),
            Device::Battery => Some(self.store),
            Device::Home => Some(self.home),
            Device::ChargePoint(id) => self.point(id).map(|point| point.meter),
        }
    }

    /// State of charge of the battery in the cellar, percent.
    #[must_use]
    pub fn battery_soc_percent(&self) -> f64 {
        self.battery.soc_percent()
    }

    /// Sets the battery's content.
    pub fn set_battery_soc_percent(&mut self, percent: f64) {
        self.battery.set_soc_percent(percent);
    }

    /// Sets a vehicle's content; an unknown vehicle is ignored.
    pub fn set_vehicle_soc_percent(&mut self, vehicle: u32, percent: f64) {
        if let Some(car) = self.vehicles.iter_mut().find(|car| car.id == vehicle) {
            car.set_soc_percent(percent);
        }
    }

    /// Fixes the roof's production in W, or lets the sky decide again.
    pub fn set_pv_w(&mut self, power_w: Option<f64>) {
        self.pv_override_w = power_w.map(|power| power.max(0.0));
    }

    /// Fixes the house's load in W, or lets its people decide again.
    pub fn set_home_w(&mut self, power_w: Option<f64>) {
        self.home_override_w = power_w.map(|power| power.max(0.0));
    }

    /// Replaces a device's meter by one that starts at zero. The law of energy holds before and after,
    /// not across.
    pub fn reset_meter(&mut self, device: Device) {
        let reset = |meter: &mut Meter| {
            meter.imported_wh = 0.0;
            meter.exported_wh = 0.0;
        };
        match device {
            Device::Grid => reset(&mut self.grid),
            Device::Pv => reset(&mut self.pv),
            Device::Battery => reset(&mut self.store),
            Device::Home => reset(&mut self.home),
            Device::ChargePoint(id) => {
                for point in self.charge_points.iter_mut().filter(|point| point.id == id) {
                    reset(&mut point.meter);
                }
            }
        }
    }

    /// Hands the decision what charge points offer to somebody else, or takes it back.
    pub fn set_control(&mut self, control: Control) {
        self.control = control;
    }

    /// Lets people drive by their habits, or not.
    pub fn set_traffic(&mut self, traffic: Traffic) {
        if self.traffic != traffic {
            self.traffic = traffic;
            if traffic == Traffic::Planned {
                self.schedule_everybody();
            }
        }
    }

    /// What a charge point offers from now on; only with [`Control::External`].
    pub fn set_offer(&mut self, charge_point: u32, offer: Offer) {
        if self.control == Control::External {
            for point in self
                .charge_points
                .iter_mut()
                .filter(|point| point.id == charge_point)
            {
                point.offer = offer;
            }
        }
    }

    /// What a charge point's station itself lets through at most, in A per phase; an unknown charge
    /// point is ignored.
    pub fn set_limit(&mut self, charge_point: u32, limit_a: f64) {
        for point in &mut self.charge_points {
            if point.id == charge_point {
                point.limit_a = limit_a.max(0.0);
            }
        }
    }

    /// Notes a tag of this household in the plug-in that is going on; false when there is none or nobody
    /// here carries such a tag.
    pub fn hold_tag(&mut self, charge_point: u32, tag: &str) -> bool {
        let known = self
            .vehicles
            .iter()
            .filter_map(|car| car.tag)
            .find(|own| *own == tag);
        let session = self
            .charge_points
            .iter_mut()
            .find(|point| point.id == charge_point)
            .and_then(|point| point.session.as_mut());
        match (known, session) {
            (Some(tag), Some(session)) => {
                session.tag = Some(tag);
                true
            }
            _ => false,
        }
    }

    pub(super) fn schedule_everybody(&mut self) {
        for car in &mut self.vehicles {
            car.absence = car.habit.next_absence(self.seed, self.zone, self.now);
            if car.home && car.absence.from > self.now {
                car.plugs_in_at = plug_in_time(self.seed, car, self.now);
            }
        }
    }

    /// Lets everybody do what is due by now.
    pub(super) fn traffic(&mut self) {
        if self.traffic == Traffic::ByHand {
            return;
        }
        for index in 0..self.vehicles.len() {
            self.leave_or_arrive(index);
            let car = &self.vehicles[index];
            let (id, parks_at, tag) = (car.id, car.parks_at, car.tag);
            if car.plugs_in_at.is_some_and(|at| at <= self.now) {
                self.vehicles[index].plugs_in_at = None;
                // A taken cable means not charging today.
                if self.plug(parks_at, id).is_ok() {
                    let day = self.now.timestamp().div_euclid(3600);
                    let remembers =
                        unit(self.seed, Stream::Tag, day, u64::from(id)) < REMEMBERS_TAG;
                    if let Some(tag) = tag.filter(|_| remembers) {
                        self.events.push(Event::TagScanned {
                            charge_point: parks_at,
                            tag,
                        });
                        for point in self
                            .charge_points
                            .iter_mut()
                            .filter(|point| point.id == parks_at)
                        {
                            if let Some(session) = &mut point.session {
                                session.tag = Some(tag);
                            }
                        }
                    }
                }
            }
        }
    }

    fn leave_or_arrive(&mut self, index: usize) {
        let now = self.now;
        let car = &self.vehicles[index];
        let (id, absence) = (car.id, car.absence);
        if car.home && absence.from <= now && now < absence.to {
            let cable = self
                .points()
                .find(|point| point.vehicle == Some(id))
                .map(|point| point.id);
            if let Some(point) = cable {
                // Cannot fail: the vehicle was just seen on this cable.
                self.unplug(point).ok();
            }
            let car = &mut self.vehicles[index];
            car.home = false;
            car.plugs_in_at = None;
        } else if absence.to <= now {
            let car = &mut self.vehicles[index];
            if !car.home {
                car.home = true;
                car.drive(absence.km);
                car.plugs_in_at = plug_in_time(self.seed, car, now);
            }
            car.absence = car.habit.next_absence(self.seed, self.zone, now);
        }
    }
}

/// When the driver of a vehicle that is home plugs it in, if they bother at all.
fn plug_in_time(seed: u64, car: &Vehicle, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let hour = now.timestamp().div_euclid(3600);
    let draw = |n: u64| unit(seed, Stream::PlugIn, hour, n + 4 * u64::from(car.id));
    let bothers = car.soc_percent() < COMFORTABLE_PERCENT || draw(0) < 0.34;
    (bothers && car.wants_energy()).then(|| now + TimeDelta::seconds(60 + (draw(1) * 420.0) as i64))
}
