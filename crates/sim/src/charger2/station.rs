//! The box: what it allows, when it falls back, and what it says of itself.

use chrono::TimeDelta;

use super::registers::{Holding, Readings};
use super::{Exception, State};
use crate::Moment;
use crate::household::{ChargePoint, Household};

/// Lowest current a charge can have, 0.1 A (IEC 61851).
const LEAST_DA: u16 = 60;
/// Watchdog as delivered.
const WATCHDOG_MS: u16 = 15_000;
/// How long a vehicle goes on asking after a pause began, before it gives up.
const ASKS_ON: TimeDelta = TimeDelta::seconds(6);
/// Voltages of a house near its transformer.
const VOLTAGES_V: [u16; 3] = [231, 229, 232];
/// Apparent to active energy on those voltages, for a model that computes with 230 V.
const APPARENT: f64 = (231.0 + 229.0 + 232.0) / 690.0;

/// What the box sees of the world at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sight {
    pub(super) felt: TimeDelta,
    plugged: bool,
    asks: bool,
    /// A per phase that the vehicle is told, by the box or whoever controls it.
    allowed_a: f64,
    currents_a: [f64; 3],
    meter_wh: f64,
}

impl Sight {
    /// `None` if the household has no such charge point.
    pub(super) fn of(charge_point: u32, moment: Moment, household: &Household) -> Option<Self> {
        let point: &ChargePoint = household.point(charge_point)?;
        let vehicle = point
            .vehicle
            .and_then(|id| household.vehicles().iter().find(|vehicle| vehicle.id == id));
        Some(Self {
            felt: moment.felt,
            plugged: vehicle.is_some(),
            asks: vehicle.is_some_and(crate::household::Vehicle::wants_energy),
            allowed_a: point.allowed_a(),
            currents_a: point.currents_a,
            meter_wh: point.meter.imported_wh,
        })
    }
}

/// A box's memory.
#[derive(Debug)]
pub(super) struct Station {
    rated_a: u16,
    /// As commanded, or as the watchdog left it.
    limit_da: u16,
    failsafe_da: u16,
    watchdog_ms: u16,
    /// What load management or heat leave.
    internal_da: Option<u16>,
    last_word: Option<TimeDelta>,
    fell_back: bool,
    paused_since: Option<TimeDelta>,
    forced: Option<State>,
    temperature_dc: Option<i16>,
    powered_on_wh: f64,
}

impl Station {
    pub(super) fn new(rated_a: u16, sight: &Sight) -> Self {
        Self {
            rated_a,
            limit_da: rated_a * 10,
            failsafe_da: LEAST_DA,
            watchdog_ms: WATCHDOG_MS,
            internal_da: None,
            last_word: None,
            fell_back: false,
            paused_since: None,
            forced: None,
            temperature_dc: None,
            powered_on_wh: sight.meter_wh,
        }
    }

    /// The current that is in force, 0.1 A.
    pub(super) fn in_force_da(&self) -> u16 {
        let limit = self.limit_da.min(self.internal_da.unwrap_or(u16::MAX));
        let broken = matches!(
            self.forced,
            Some(State::Failed | State::NotAvailable | State::Error)
        );
        if limit < LEAST_DA || broken { 0 } else { limit }
    }

    /// Any word of a client feeds the watchdog. It does not bring back what the watchdog took.
    pub(super) fn hear(&mut self, felt: TimeDelta) {
        self.last_word = Some(felt);
        self.fell_back = false;
    }

    /// How long until the watchdog strikes; `None` while it sleeps.
    pub(super) fn patience(&self, felt: TimeDelta) -> Option<TimeDelta> {
        let last = self.last_word.filter(|_| !self.fell_back)?;
        (self.watchdog_ms > 0)
            .then(|| last + TimeDelta::milliseconds(self.watchdog_ms.into()) - felt)
    }

    /// Falls back if nobody has spoken for too long.
    pub(super) fn watch(&mut self, felt: TimeDelta) {
        if self
            .patience(felt)
            .is_some_and(|left| left <= TimeDelta::zero())
        {
            self.fell_back = true;
            self.change(felt, |station| station.limit_da = station.failsafe_da);
        }
    }

    pub(super) fn holding(&self, register: Holding) -> u16 {
        match register {
            Holding::Watchdog => self.watchdog_ms,
            Holding::Limit => self.in_force_da(),
            Holding::Failsafe => self.failsafe_da,
        }
    }

    pub(super) fn write(
        &mut self,
        register: Holding,
        value: u16,
        felt: TimeDelta,
        zero_failsafe: bool,
    ) -> Result<(), Exception> {
        let current = |zero: bool| {
            let fits = (LEAST_DA..=self.rated_a * 10).contains(&value) || (zero && value == 0);
            fits.then_some(value).ok_or(Exception::IllegalDataValue)
        };
        match register {
            Holding::Watchdog => self.watchdog_ms = value,
            Holding::Limit => {
                let value = current(true)?;
                self.change(felt, |station| station.limit_da = value);
            }
            Holding::Failsafe => self.failsafe_da = current(zero_failsafe)?,
        }
        Ok(())
    }

    pub(super) fn set_internal_limit(&mut self, limit_a: Option<f64>, felt: TimeDelta) {
        self.change(felt, |station| {
            station.internal_da = limit_a.map(|limit| (limit.max(0.0) * 10.0).round() as u16);
        });
    }

    pub(super) fn force(&mut self, state: Option<State>, felt: TimeDelta) {
        self.change(felt, |station| station.forced = state);
    }

    pub(super) fn set_temperature(&mut self, celsius: Option<f64>) {
        self.temperature_dc = celsius.map(|celsius| (celsius * 10.0).round() as i16);
    }

    /// Keeps in mind since when nothing has been allowed.
    fn change(&mut self, felt: TimeDelta, change: impl FnOnce(&mut Self)) {
        change(self);
        if self.in_force_da() > 0 {
            self.paused_since = None;
        } else if self.paused_since.is_none() {
            self.paused_since = Some(felt);
        }
    }

    fn state(&self, sight: &Sight) -> State {
        if let Some(state) = self.forced {
            return state;
        }
        // Who else controls the vehicle, an openWB, says nothing about an empty cable.
        let told = !sight.plugged || sight.allowed_a * 10.0 >= f64::from(LEAST_DA);
        let allowed = told && self.in_force_da() > 0;
        let asks = sight.asks
            && (allowed
                || self
                    .paused_since
                    .is_some_and(|since| sight.felt - since < ASKS_ON));
        match (sight.plugged, asks, allowed) {
            (false, _, false) => State::A1,
            (false, _, true) => State::A2,
            (true, false, false) => State::B1,
            (true, false, true) => State::B2,
            (true, true, false) => State::C1,
            (true, true, true) => State::C2,
        }
    }

    pub(super) fn readings(&self, sight: &Sight) -> Readings {
        let currents_da = sight
            .currents_a
            .map(|current| (current * 10.0).round() as u16);
        let power: f64 = sight
            .currents_a
            .iter()
            .zip(VOLTAGES_V)
            .map(|(current, voltage)| current * f64::from(voltage))
            .sum();
        let warmth: f64 = sight.currents_a.iter().sum::<f64>() * 3.5;
        let vah = |wh: f64| (wh.max(0.0) * APPARENT).round() as u32;
        Readings {
            state: self.state(sight).number(),
            currents_da,
            temperature_dc: self.temperature_dc.unwrap_or(245 + warmth.round() as i16),
            voltages_v: VOLTAGES_V,
            power_va: power.round() as u16,
            since_power_on_vah: vah(sight.meter_wh - self.powered_on_wh),
            since_installation_vah: vah(sight.meter_wh),
            hardware_a: [self.rated_a, LEAST_DA / 10],
        }
    }
}
