//! The battery in the cellar.

/// A DC store behind an inverter, seen from its AC side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Battery {
    /// Usable capacity.
    capacity_wh: f64,
    stored_wh: f64,
    /// Highest AC power in either direction.
    limit_w: f64,
    /// Losses one way; the round trip is the square.
    efficiency: f64,
}

impl Battery {
    pub(super) fn new() -> Self {
        Self {
            capacity_wh: 10_200.0,
            stored_wh: 4_200.0,
            limit_w: 5_000.0,
            efficiency: 0.955,
        }
    }

    /// State of charge in percent.
    pub(super) fn soc_percent(&self) -> f64 {
        100.0 * self.stored_wh / self.capacity_wh
    }

    pub(super) fn set_soc_percent(&mut self, percent: f64) {
        self.stored_wh = self.capacity_wh * percent.clamp(0.0, 100.0) / 100.0;
    }

    /// Runs for `hours` as close to `wanted_w` (positive = charge) as limits and content allow.
    /// Returns the AC power it really had.
    pub(super) fn run(&mut self, wanted_w: f64, hours: f64) -> f64 {
        // An inverter does not get up for a few watts.
        if wanted_w.abs() < 25.0 || hours <= 0.0 {
            return 0.0;
        }
        if wanted_w > 0.0 {
            let room_w = (self.capacity_wh - self.stored_wh) / self.efficiency / hours;
            let power = wanted_w.min(self.taper_w()).min(room_w);
            self.stored_wh =
                (self.stored_wh + power * self.efficiency * hours).min(self.capacity_wh);
            power
        } else {
            let content_w = self.stored_wh * self.efficiency / hours;
            let power = (-wanted_w).min(self.limit_w).min(content_w);
            self.stored_wh = (self.stored_wh - power / self.efficiency * hours).max(0.0);
            -power
        }
    }

    /// Cells take less in the last tenth.
    fn taper_w(&self) -> f64 {
        let full = self.stored_wh / self.capacity_wh;
        if full < 0.9 {
            self.limit_w
        } else {
            self.limit_w * (1.0 - (full - 0.9) * 8.0).max(0.15)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn content_and_power_stay_within_their_limits(
            orders in proptest::collection::vec((-20_000.0..20_000.0_f64, 0.0..0.5_f64), 1..60)
        ) {
            let mut battery = Battery::new();
            for (wanted, hours) in orders {
                let before = battery.stored_wh;
                let power = battery.run(wanted, hours);
                prop_assert!(power.abs() <= battery.limit_w);
                prop_assert!(power == 0.0 || power.signum() == wanted.signum());
                prop_assert!((0.0..=100.0).contains(&battery.soc_percent()));
                // What went in is not less than what is stored, what came out not more than was taken.
                prop_assert!(power * hours + 1e-6 >= battery.stored_wh - before);
            }
        }
    }
}
