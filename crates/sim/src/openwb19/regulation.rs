//! What each charge point may take. One mode for all of them.

use super::Core;
use crate::household::{Device, Offer, PHASE_VOLTS};

/// Length of a loop in seconds, by which waiting times are counted.
const LOOP_S: u32 = 10;
/// Phases of every charge point; there is no hardware to switch them.
const PHASES: f64 = 3.0;

/// Where charging on surplus alone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sun {
    Off,
    /// Enough of it for so many seconds.
    Waiting(u32),
    On,
    /// Too little for so many seconds.
    Ending(u32),
}

impl Sun {
    /// Seconds of waiting for the start so far.
    pub(super) fn waited_s(self) -> u32 {
        match self {
            Self::Waiting(seconds) => seconds,
            _ => 0,
        }
    }

    /// The next loop with `spare_w` to spend. Waiting times in seconds, powers in W.
    fn next(self, spare_w: f64, rules: Rules) -> Self {
        match self {
            Self::Off | Self::Waiting(_) if spare_w < rules.start_w => Self::Off,
            Self::Off => Self::Waiting(LOOP_S),
            Self::Waiting(seconds) if seconds < rules.start_delay_s => {
                Self::Waiting(seconds + LOOP_S)
            }
            Self::Waiting(_) => Self::On,
            Self::On | Self::Ending(_) if spare_w >= rules.stop_w => Self::On,
            Self::On => Self::Ending(LOOP_S),
            Self::Ending(seconds) if seconds < rules.stop_delay_s => Self::Ending(seconds + LOOP_S),
            Self::Ending(_) => Self::Off,
        }
    }

    fn is_on(self) -> bool {
        matches!(self, Self::On | Self::Ending(_))
    }
}

/// Thresholds and waiting times of surplus charging.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rules {
    start_w: f64,
    start_delay_s: u32,
    stop_w: f64,
    stop_delay_s: u32,
}

impl Core {
    /// Decides and acts on the hardware; the next loop publishes what was decided.
    pub(super) fn regulate(&mut self) {
        let mode = self.number("global/ChargeMode") as u8;
        let open: Vec<bool> = (0..self.points.len())
            .map(|n| self.may_charge(n, mode))
            .collect();
        let plugged = self
            .points
            .iter()
            .zip(&open)
            .filter(|(point, open)| **open && point.was_plugged)
            .count();
        let phases = PHASES * plugged.max(1) as f64;
        let spare_w = self.spare_w();
        let least_a = self.number("config/get/pv/lp/1/minCurrent");
        if mode == 2 {
            let rules = Rules {
                start_w: self.number("config/get/pv/minFeedinPowerBeforeStart") * phases,
                start_delay_s: self.number("config/get/pv/startDelay") as u32,
                stop_w: least_a * PHASE_VOLTS * phases
                    - self.number("config/get/pv/maxPowerConsumptionBeforeStop"),
                stop_delay_s: self.number("config/get/pv/stopDelay") as u32,
            };
            self.sun = self.sun.next(spare_w, rules);
        } else {
            self.sun = Sun::Off;
        }
        let from_sun_a = (spare_w / PHASE_VOLTS / phases).floor();
        for (n, is_open) in open.into_iter().enumerate() {
            let lp = self.points[n].lp;
            let wanted_a = match mode {
                0 => Some(self.number(&format!("config/get/sofort/lp/{lp}/current"))),
                1 => Some(from_sun_a.max(self.number("config/get/pv/minCurrentMinPv"))),
                2 if self.sun.is_on() => Some(from_sun_a.max(least_a)),
                _ => None,
            };
            self.release(n, wanted_a.filter(|_| is_open));
        }
    }

    /// Lets a charge point take a current. A vehicle starts with the smallest one.
    fn release(&mut self, n: usize, wanted_a: Option<f64>) {
        let least = self.number("config/get/global/minEVSECurrentAllowed");
        let most = self.number("config/get/global/maxEVSECurrentAllowed");
        let point = &self.points[n];
        let id = point.id;
        let is_charging = self
            .household
            .point(id)
            .is_some_and(crate::household::ChargePoint::is_charging);
        let current_a = match wanted_a {
            Some(wanted) if is_charging => wanted.clamp(least, most),
            Some(_) => least,
            None => 0.0,
        };
        let point = &mut self.points[n];
        point.released = wanted_a.is_some();
        point.current_a = current_a as u32;
        self.household.set_offer(
            id,
            Offer {
                current_a,
                phases: PHASES as u8,
            },
        );
    }

    /// Whether lock, limits and price let a charge point charge at all.
    fn may_charge(&self, n: usize, mode: u8) -> bool {
        let point = &self.points[n];
        let lp = point.lp;
        if !self.is_on(&format!("lp/{lp}/ChargePointEnabled")) {
            return false;
        }
        match mode {
            0 => {
                let setting =
                    |name: &str| self.number(&format!("config/get/sofort/lp/{lp}/{name}"));
                let is_enough = match setting("chargeLimitation") as u8 {
                    1 => point.charged_wh >= 1000.0 * setting("energyToCharge"),
                    2 => point.soc >= setting("socToChargeTo"),
                    _ => false,
                };
                let is_dear = setting("etBasedCharging") == 1.0
                    && self.price_ct().is_some_and(|price| {
                        price > self.number("global/awattar/MaxPriceForCharging")
                    });
                !is_enough && !is_dear
            }
            2 => {
                let setting = |name: &str| self.number(&format!("config/get/pv/lp/{lp}/{name}"));
                !(setting("socLimitation") == 1.0 && point.soc >= setting("maxSoc"))
            }
            _ => true,
        }
    }

    /// What the roof leaves for vehicles, W.
    fn spare_w(&self) -> f64 {
        let power = |device| {
            self.household
                .meter(device)
                .map_or(0.0, |meter| meter.power_w)
        };
        let spare = power(Device::Pv) - power(Device::Home);
        if self.is_on("config/get/pv/priorityModeEVBattery") {
            spare
        } else {
            spare - power(Device::Battery).max(0.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(spare: &[f64]) -> Vec<bool> {
        let rules = Rules {
            start_w: 4_200.0,
            start_delay_s: 30,
            stop_w: 4_135.0,
            stop_delay_s: 60,
        };
        let mut sun = Sun::Off;
        spare
            .iter()
            .map(|spare| {
                sun = sun.next(*spare, rules);
                sun.is_on()
            })
            .collect()
    }

    #[test]
    fn charging_starts_after_the_waiting_time_and_a_cloud_starts_it_again() {
        assert_eq!(run(&[5e3; 5]), [false, false, false, true, true]);
        assert_eq!(run(&[5e3, 5e3, 0.0, 5e3, 5e3, 5e3]), [false; 6]);
    }

    #[test]
    fn a_deficit_is_borne_for_a_minute() {
        let mut spare = vec![5e3; 4];
        spare.extend([0.0; 8]);
        let on = run(&spare);
        assert!(on[3..10].iter().all(|on| *on));
        assert!(!on[10]);
    }
}
