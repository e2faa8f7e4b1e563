//! A household that several devices share: with an openWB on top, or without.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::clock::Clock;
use super::{Control, ControlError, Pace, SimHandle, StartError};
use crate::household::{self, Household, PlugError};

/// One instant, as the household and as those who talk to its devices see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Virtual time.
    pub now: DateTime<Utc>,
    /// What has passed since the start for somebody outside: virtual time by hand, real time otherwise.
    /// Lifetimes and watchdogs that a client has to keep up with count in this.
    pub felt: TimeDelta,
}

/// Where wallboxes hang on a wall. Clones are handles to the same place.
#[derive(Debug, Clone)]
pub struct Premises {
    life: Life,
    start: DateTime<Utc>,
    pace: Pace,
}

#[derive(Debug, Clone)]
enum Life {
    /// Nobody but us moves the household.
    Ours(Arc<Mutex<Ours>>),
    /// An openWB does.
    OpenWb(Control),
}

#[derive(Debug)]
struct Ours {
    household: Household,
    clock: Clock,
}

impl Ours {
    fn run_to(&mut self, to: DateTime<Utc>) {
        let by = to - self.household.now();
        if by > TimeDelta::zero() {
            self.household.step(by);
            // Nobody here publishes what people do.
            self.household.take_events();
        }
    }

    fn catch_up(&mut self) {
        if let Some(now) = self.clock.now() {
            self.run_to(now);
        }
    }
}

impl Premises {
    /// A household without an openWB: every station gives whoever is plugged in all it may. It lives on
    /// from its own time to `start` first.
    ///
    /// # Errors
    /// [`StartError::Pace`] when the pace is nonsense.
    pub fn new(
        mut household: Household,
        start: DateTime<Utc>,
        pace: Pace,
    ) -> Result<Self, StartError> {
        pace.check()?;
        household.set_control(household::Control::Stations);
        let mut ours = Ours {
            household,
            clock: Clock::start(start, pace),
        };
        ours.run_to(start);
        Ok(Self {
            life: Life::Ours(Arc::new(Mutex::new(ours))),
            start,
            pace,
        })
    }

    /// The household under a running openWB.
    #[must_use]
    pub fn of(sim: &SimHandle) -> Self {
        Self {
            life: Life::OpenWb(sim.control()),
            start: sim.start,
            pace: sim.pace,
        }
    }

    /// Looks at the household as it is now.
    ///
    /// # Errors
    /// [`ControlError::Stopped`] when the openWB is gone.
    pub async fn look<R>(
        &self,
        see: impl FnOnce(Moment, &Household) -> R,
    ) -> Result<R, ControlError> {
        match &self.life {
            Life::Ours(ours) => {
                let mut ours = lock(ours);
                ours.catch_up();
                Ok(see(self.moment(ours.household.now()), &ours.household))
            }
            Life::OpenWb(control) => {
                let seen = control.observe().await?;
                Ok(see(self.moment(seen.now), &seen.household))
            }
        }
    }

    /// What time it is.
    ///
    /// # Errors
    /// [`ControlError::Stopped`] when the openWB is gone.
    pub async fn moment_now(&self) -> Result<Moment, ControlError> {
        self.look(|moment, _| moment).await
    }

    /// Lets virtual time pass at once.
    ///
    /// # Errors
    /// [`ControlError::Stopped`] when the openWB is gone.
    pub async fn advance(&self, by: TimeDelta) -> Result<(), ControlError> {
        match &self.life {
            Life::Ours(ours) => {
                let mut ours = lock(ours);
                ours.catch_up();
                let to = ours.household.now() + by.max(TimeDelta::zero());
                ours.run_to(to);
                ours.clock.jump(to);
                Ok(())
            }
            Life::OpenWb(control) => control.advance(by).await.map(drop),
        }
    }

    /// Puts a vehicle on a charge point's cable.
    ///
    /// # Errors
    /// [`ControlError::Plug`] when that cannot be, [`ControlError::Stopped`].
    pub async fn plug(&self, charge_point: u32, vehicle: u32) -> Result<(), ControlError> {
        match &self.life {
            Life::Ours(ours) => change(ours, |household| household.plug(charge_point, vehicle)),
            Life::OpenWb(control) => control.plug(charge_point, vehicle).await,
        }
    }

    /// Pulls a charge point's cable.
    ///
    /// # Errors
    /// [`ControlError::Plug`] when nothing is plugged, [`ControlError::Stopped`].
    pub async fn unplug(&self, charge_point: u32) -> Result<(), ControlError> {
        match &self.life {
            Life::Ours(ours) => change(ours, |household| household.unplug(charge_point)),
            Life::OpenWb(control) => control.unplug(charge_point).await,
        }
    }

    /// Holds a tag or card to a charge point's reader.
    ///
    /// # Errors
    /// [`ControlError::Plug`] when there is no such charge point, [`ControlError::Stopped`].
    pub async fn scan(&self, charge_point: u32, tag: &str) -> Result<(), ControlError> {
        match &self.life {
            Life::Ours(ours) => change(ours, |household| {
                if household.point(charge_point).is_none() {
                    return Err(PlugError::NoChargePoint(charge_point));
                }
                // A card of nobody here, or held to an idle reader, changes nothing.
                household.hold_tag(charge_point, tag);
                Ok(())
            }),
            Life::OpenWb(control) => control.scan(charge_point, tag).await,
        }
    }

    /// Fixes the roof's production in W; `None` gives it back to the sky.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_pv(&self, power_w: Option<f64>) -> Result<(), ControlError> {
        match &self.life {
            Life::Ours(ours) => set(ours, |household| household.set_pv_w(power_w)),
            Life::OpenWb(control) => control.set_pv(power_w).await,
        }
    }

    /// Fixes the house's load in W; `None` gives it back to its people.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_home_load(&self, power_w: Option<f64>) -> Result<(), ControlError> {
        match &self.life {
            Life::Ours(ours) => set(ours, |household| household.set_home_w(power_w)),
            Life::OpenWb(control) => control.set_home_load(power_w).await,
        }
    }

    /// Sets the content of the battery in the cellar.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_battery_soc(&self, percent: f64) -> Result<(), ControlError> {
        match &self.life {
            Life::Ours(ours) => set(ours, |household| household.set_battery_soc_percent(percent)),
            Life::OpenWb(control) => control.set_battery_soc(percent).await,
        }
    }

    /// Sets a vehicle's content.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_vehicle_soc(&self, vehicle: u32, percent: f64) -> Result<(), ControlError> {
        match &self.life {
            Life::Ours(ours) => set(ours, |household| {
                household.set_vehicle_soc_percent(vehicle, percent);
            }),
            Life::OpenWb(control) => control.set_vehicle_soc(vehicle, percent).await,
        }
    }

    /// What a charge point's station lets through from now on, in A per phase.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_limit(&self, charge_point: u32, limit_a: f64) -> Result<(), ControlError> {
        match &self.life {
            Life::Ours(ours) => set(ours, |household| household.set_limit(charge_point, limit_a)),
            Life::OpenWb(control) => control.set_limit(charge_point, limit_a).await,
        }
    }

    fn moment(&self, now: DateTime<Utc>) -> Moment {
        let passed = now - self.start;
        let felt = match self.pace {
            Pace::ByHand => passed,
            Pace::Times(times) => {
                TimeDelta::milliseconds((passed.num_milliseconds() as f64 / times) as i64)
            }
        };
        Moment { now, felt }
    }
}

/// Changes a household of ours as it is now.
fn change(
    ours: &Mutex<Ours>,
    change: impl FnOnce(&mut Household) -> Result<(), PlugError>,
) -> Result<(), ControlError> {
    let mut ours = lock(ours);
    ours.catch_up();
    Ok(change(&mut ours.household)?)
}

/// [`change`] that cannot fail.
fn set(ours: &Mutex<Ours>, set: impl FnOnce(&mut Household)) -> Result<(), ControlError> {
    change(ours, |household| {
        set(household);
        Ok(())
    })
}

fn lock(ours: &Mutex<Ours>) -> MutexGuard<'_, Ours> {
    ours.lock().unwrap_or_else(PoisonError::into_inner)
}
