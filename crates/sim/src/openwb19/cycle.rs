//! The loop: what is measured and published, and in which order.

use super::Core;
use super::message::{cut, two_or_zero, whole};
use super::point::kwh;
use crate::household::{Device, Meter, PHASE_VOLTS};

impl Core {
    /// One loop: the world first, the decision last; it shows in the next one.
    pub(super) fn run_loop(&mut self) {
        self.read_tags();
        self.publish_loop();
        self.regulate();
    }

    /// Everything a loop publishes.
    pub(super) fn publish_loop(&mut self) {
        self.totals.turn_over(&self.household);
        for path in ["pv/1", "housebattery", "lp/1", "lp/2", "evu"] {
            self.through_set(&format!("{path}/faultState"), "0");
            self.through_set(&format!("{path}/faultStr"), "Kein Fehler");
        }
        for n in 0..self.points.len() {
            self.follow_soc(n);
            let lp = self.points[n].lp;
            self.through_set(&format!("lp/{lp}/socFaultState"), "0");
            self.through_set(&format!("lp/{lp}/socFaultStr"), "Kein Fehler");
        }
        self.publish_graph();
        self.publish_powers();
        self.publish_clock();
        self.publish_prices();
        for path in std::mem::take(&mut self.unconfirmed) {
            if let Some(payload) = self.tree.get(&path).cloned() {
                self.repeat(&path, payload);
            }
        }
        for n in 0..self.points.len() {
            self.follow_point(n);
            self.publish_point(n);
        }
        self.publish_counters();
        self.publish_machine();
    }

    fn meter(&self, device: Device) -> Meter {
        self.household.meter(device).unwrap_or_default()
    }

    fn publish_powers(&mut self) {
        let pv = whole(-self.meter(Device::Pv).power_w);
        self.show("pv/W", pv);
        self.show("pv/1/W", pv);
        let power = whole(self.meter(Device::Grid).power_w);
        self.show("evu/W", power);
        let mut sum = 0;
        for n in 0..self.points.len() {
            let (lp, id) = (self.points[n].lp, self.points[n].id);
            let power = whole(self.meter(Device::ChargePoint(id)).power_w);
            sum += power;
            let soc = whole(self.points[n].soc);
            self.show(&format!("lp/{lp}/W"), power);
            self.show(&format!("lp/{lp}/%Soc"), soc);
        }
        self.show("global/WAllChargePoints", sum);
        let home = whole(self.meter(Device::Home).power_w);
        self.show("global/WHouseConsumption", home);
        let power = whole(self.meter(Device::Battery).power_w);
        self.show("housebattery/W", power);
        let soc = whole(self.household.battery_soc_percent());
        self.show("housebattery/%Soc", soc);
        let is_released = self.points.iter().any(|point| point.released);
        self.show("ChargeStatus", u8::from(is_released));
    }

    /// The heartbeat: `date`, `uptime` and the unix time.
    fn publish_clock(&mut self) {
        let local = self.now().with_timezone(&self.household.zone());
        let up = (self.now() - self.booted_at).num_minutes();
        let up = match (up / 1440, up / 60 % 24, up % 60) {
            (0, 0, minutes) => format!("{minutes} min"),
            (0, hours, minutes) => format!("{hours:>2}:{minutes:02}"),
            (1, hours, minutes) => format!("1 day, {hours:>2}:{minutes:02}"),
            (days, hours, minutes) => format!("{days} days, {hours:>2}:{minutes:02}"),
        };
        let time = local.format("%H:%M:%S");
        self.repeat(
            "system/Uptime",
            format!(" {time} up {up},  0 user,  load average: 0.81, 0.60, 0.82"),
        );
        self.repeat("system/Date", local.format("%a %b %e %H:%M:%S %Z %Y"));
        self.repeat("system/Timestamp", self.now().timestamp());
    }

    fn publish_point(&mut self, n: usize) {
        let point = &self.points[n];
        let (lp, id, released, current_a) = (point.lp, point.id, point.released, point.current_a);
        let Some(hardware) = self.household.point(id).cloned() else {
            return;
        };
        let at = |path: &str| format!("lp/{lp}/{path}");
        self.show(&at("AConfigured"), current_a);
        self.show(&at("ChargeStatus"), u8::from(released));
        let phases = if hardware.is_charging() {
            hardware.phases_in_use
        } else {
            0
        };
        self.show(&at("countPhasesInUse"), phases);
        for (phase, (current, volts)) in (1..).zip(hardware.currents_a.iter().zip(self.volts())) {
            self.show(&at(&format!("APhase{phase}")), number(*current));
            self.show(&at(&format!("VPhase{phase}")), number(volts));
            // Only the first has it.
            if lp == 1 {
                let factor = if *current > 0.0 { "0.99" } else { "0" };
                self.show(&at(&format!("PfPhase{phase}")), factor);
            }
        }
        let today = self.totals.yields(&self.household).points;
        let today = today.get(n).copied().unwrap_or(0.0);
        self.show(&at("kWhDailyCharged"), format!("{:.2}", cut(today, 2)));
    }

    fn publish_counters(&mut self) {
        let sum_wh: f64 = self
            .household
            .points()
            .map(|point| point.meter.imported_wh.round())
            .sum();
        self.show("global/kWhCounterAllChargePoints", kwh(sum_wh));
        let yields = self.totals.yields(&self.household);
        for (name, value) in ["Daily", "Monthly", "Yearly"].into_iter().zip(yields.pv) {
            let value = two_or_zero(cut(value, 2));
            self.show(&format!("pv/{name}YieldKwh"), &value);
            self.show(&format!("pv/1/{name}YieldKwh"), &value);
        }
        for (name, value) in ["Import", "Export"].into_iter().zip(yields.grid) {
            let value = two_or_zero(cut(value, 2));
            self.show(&format!("evu/DailyYield{name}Kwh"), value);
        }
        let pv_wh = self.meter(Device::Pv).exported_wh;
        for path in ["pv/WhCounter", "pv/1/WhCounter"] {
            self.show(path, format!("{pv_wh:.1}"));
        }
        for (path, device) in [("housebattery", Device::Battery), ("evu", Device::Grid)] {
            let meter = self.meter(device);
            self.show(&format!("{path}/WhImported"), whole(meter.imported_wh));
            self.show(&format!("{path}/WhExported"), whole(meter.exported_wh));
        }
        let waited = self.sun.waited_s();
        self.show("pv/CounterTillStartPvCharging", waited);
        self.publish_grid_phases();
    }

    fn publish_grid_phases(&mut self) {
        let charging: Vec<[f64; 3]> = self
            .household
            .points()
            .map(|point| point.currents_a.map(|a| a * PHASE_VOLTS))
            .collect();
        let charging_w: f64 = charging.iter().flatten().sum();
        // Everything but the vehicles spreads evenly over the phases.
        let rest = (self.meter(Device::Grid).power_w - charging_w) / 3.0;
        let powers: [f64; 3] = std::array::from_fn(|phase| {
            rest + charging.iter().map(|point| point[phase]).sum::<f64>()
        });
        let currents = powers.map(|power| power / PHASE_VOLTS);
        for (phase, volts) in (0..3).zip(self.volts()) {
            let name = phase + 1;
            self.show(&format!("evu/WPhase{name}"), whole(powers[phase]));
            self.show(&format!("evu/APhase{name}"), number(currents[phase]));
            self.show(&format!("evu/VPhase{name}"), number(volts));
            self.show(&format!("evu/PfPhase{name}"), "0.98");
        }
        self.show("evu/Hz", "50.01");
        let (least, most) = currents
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), a| {
                (least.min(*a), most.max(*a))
            });
        self.show("evu/ASchieflast", (most - least + 1e-6) as i64);
    }

    /// Mains voltage: breathes by a volt over the minutes.
    fn volts(&self) -> [f64; 3] {
        let seconds = self.now().timestamp() as f64;
        let breath =
            |mean: f64, period: f64| mean + (seconds / period * std::f64::consts::TAU).sin();
        [
            breath(230.1, 610.0),
            breath(229.7, 730.0),
            breath(230.4, 870.0),
        ]
        .map(|volts| (volts * 10.0).round() / 10.0)
    }

    /// What a loop says about the computer itself; most of it is not found out, and published all the
    /// same.
    fn publish_machine(&mut self) {
        for path in ["strLastmanagementActive", "cpuModel"] {
            let path = format!("global/{path}");
            let payload = self.tree.get(&path).cloned().unwrap_or_default();
            self.repeat(&path, payload);
        }
        for name in [
            "cpuUse", "cpuTemp", "memTotal", "memUse", "memFree", "diskUse", "diskFree",
        ] {
            self.raw(format!("openWB/global/{name}"), String::new());
        }
    }

    /// Tags held to the reader: every one shows, and the charge points it is meant for show it, too.
    fn read_tags(&mut self) {
        let now = self.now().timestamp();
        // The reader remembers one tag; a second one in the same loop takes its place.
        let Some(tag) = self.reader.drain(..).next_back() else {
            return;
        };
        let scan = format!("{tag},{now}");
        for n in 0..self.points.len() {
            if self.points[n].tags.contains(&tag.as_str()) {
                let lp = self.points[n].lp;
                self.points[n].tag = Some(tag.clone());
                self.show(&format!("lp/{lp}/lastRfId"), &scan);
            }
        }
        self.show("system/lastRfId", scan);
    }
}

/// Two decimals at most, none where there are none.
fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // Not "-0".
    (rounded + 0.0).to_string()
}
