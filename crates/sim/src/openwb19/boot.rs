//! What is in the retained tree from the first moment on.

use std::collections::BTreeMap;

use super::{Core, first_loop};

/// Paths below `openWB/` and their payloads as a box of this kind has them when nobody touched its
/// settings, without what is measured: a path, a blank, the payload, one a line.
const DEFAULTS: &str = include_str!("defaults.txt");

pub(super) fn defaults() -> BTreeMap<String, String> {
    DEFAULTS
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(path, payload)| (path.to_owned(), payload.to_owned()))
        .collect()
}

impl Core {
    /// Publishes everything that is known. Nothing says that a boot is over but the heartbeat.
    pub(super) fn boot(&mut self) {
        self.next_loop = first_loop(self.now());
        for (path, payload) in self.tree.clone() {
            self.raw(format!("openWB/{path}"), payload);
        }
        for n in 0..self.points.len() {
            let (lp, id) = (self.points[n].lp, self.points[n].id);
            let name = self.household.point(id).map_or("", |point| point.name);
            self.show(&format!("lp/{lp}/strChargePointName"), name);
            // Nothing scanned, plugged in or charged so far.
            for path in [
                "lastRfId",
                "plugStartkWh",
                "pluggedladungakt",
                "TimeRemaining",
            ] {
                if !self.tree.contains_key(&format!("lp/{lp}/{path}")) {
                    self.show(&format!("lp/{lp}/{path}"), 0);
                }
            }
        }
        if !self.tree.contains_key("system/lastRfId") {
            self.show("system/lastRfId", 0);
        }
        if self.prices {
            self.show("global/awattar/boolAwattarEnabled", 1);
            if self.number("global/awattar/MaxPriceForCharging") == 0.0 {
                // What the household is willing to pay.
                self.show("global/awattar/MaxPriceForCharging", 30);
            }
        }
        self.publish_loop();
    }
}
