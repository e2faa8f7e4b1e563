//! What clients write: checked, taken in, shown, cleared; or only cleared (`runs/mqttsub.py`).
//!
//! Python's exceptions show: what is no number ends in one before the clearing statement, so such a
//! write stays where it is if it was retained.

use super::Core;

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Taken in, out of range, or nobody's: the topic is cleared either way.
    Done,
    /// Nothing more happens.
    Left,
}

/// A number that is kept and shown.
#[derive(Debug)]
struct Setting {
    /// How the topic begins.
    area: &'static str,
    /// How it ends.
    name: &'static str,
    /// Charge points it exists for; `None` if it is one for all.
    lps: Option<usize>,
    low: i64,
    high: i64,
    /// Where it shows, below `openWB/`; `#` stands for the charge point.
    shown: &'static str,
}

/// A setting that exists once.
const fn global(
    area: &'static str,
    name: &'static str,
    (low, high): (i64, i64),
    shown: &'static str,
) -> Setting {
    Setting {
        area,
        name,
        lps: None,
        low,
        high,
        shown,
    }
}

/// A setting of every charge point up to `lps`.
const fn per_lp(
    area: &'static str,
    name: &'static str,
    lps: usize,
    (low, high): (i64, i64),
    shown: &'static str,
) -> Setting {
    Setting {
        area,
        name,
        lps: Some(lps),
        low,
        high,
        shown,
    }
}

const SOFORT: &str = "openWB/config/set/sofort/lp";
const PV: &str = "openWB/config/set/pv/lp";
const PHASES: &str = "openWB/config/set/u1p3p/";

/// Plain settings, first match first.
const SETTINGS: [Setting; 19] = [
    global("openWB/set/", "ChargeMode", (0, 4), "global/ChargeMode"),
    per_lp(
        SOFORT,
        "/current",
        8,
        (6, 32),
        "config/get/sofort/lp/#/current",
    ),
    per_lp(
        SOFORT,
        "energyToCharge",
        8,
        (0, 100),
        "config/get/sofort/lp/#/energyToCharge",
    ),
    per_lp(
        SOFORT,
        "socToChargeTo",
        2,
        (0, 100),
        "config/get/sofort/lp/#/socToChargeTo",
    ),
    per_lp(
        SOFORT,
        "etBasedCharging",
        8,
        (0, 1),
        "config/get/sofort/lp/#/etBasedCharging",
    ),
    per_lp(
        "openWB/set/lp",
        "ChargePointEnabled",
        8,
        (0, 1),
        "lp/#/ChargePointEnabled",
    ),
    per_lp(
        "openWB/config/set/lp",
        "stopchargeafterdisc",
        8,
        (0, 1),
        "config/get/lp/#/stopchargeafterdisc",
    ),
    per_lp(
        PV,
        "minCurrent",
        2,
        (6, 16),
        "config/get/pv/lp/#/minCurrent",
    ),
    per_lp(PV, "maxSoc", 2, (0, 100), "config/get/pv/lp/#/maxSoc"),
    per_lp(
        PV,
        "socLimitation",
        2,
        (0, 1),
        "config/get/pv/lp/#/socLimitation",
    ),
    global(
        "openWB/config/set/pv/",
        "minCurrentMinPv",
        (6, 16),
        "config/get/pv/minCurrentMinPv",
    ),
    global(
        "openWB/config/set/pv/",
        "priorityModeEVBattery",
        (0, 1),
        "config/get/pv/priorityModeEVBattery",
    ),
    global(
        PHASES,
        "sofortPhases",
        (1, 3),
        "config/get/u1p3p/sofortPhases",
    ),
    global(
        PHASES,
        "standbyPhases",
        (1, 3),
        "config/get/u1p3p/standbyPhases",
    ),
    global(
        PHASES,
        "nachtPhases",
        (1, 3),
        "config/get/u1p3p/nachtPhases",
    ),
    global(
        PHASES,
        "minundpvPhases",
        (1, 4),
        "config/get/u1p3p/minundpvPhases",
    ),
    global(
        PHASES,
        "nurpvPhases",
        (1, 4),
        "config/get/u1p3p/nurpvPhases",
    ),
    // Not kept: what they do happens when they come.
    per_lp(SOFORT, "resetEnergyToCharge", 8, (1, 1), ""),
    per_lp("openWB/set/lp", "ForceSoCUpdate", 2, (1, 1), ""),
];

impl Setting {
    fn matches(&self, topic: &str) -> bool {
        topic
            .strip_prefix(self.area)
            .and_then(|rest| rest.strip_suffix(self.name))
            .is_some_and(|between| self.lps.is_some() != between.is_empty())
    }
}

/// All digits of a topic, which is how the program finds the charge point: `lp/1` and `lp1` are the
/// same to it.
fn lp_of(topic: &str) -> Option<usize> {
    let digits: String = topic.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

impl Core {
    /// Does with a write what the program does.
    pub(super) fn apply(&mut self, topic: &str, payload: &[u8]) {
        if self.dispatch(topic, payload) == Some(Verdict::Done) {
            self.raw(topic.to_owned(), String::new());
        }
    }

    /// `None` is an exception on the way.
    fn dispatch(&mut self, topic: &str, payload: &[u8]) -> Option<Verdict> {
        let text = std::str::from_utf8(payload).ok()?;
        let int = || text.trim().parse::<i64>().ok();
        if topic.contains("openWB/set/graph/RequestMonthLadelog") {
            self.send_month(int()?);
            return Some(Verdict::Left);
        }
        if topic.contains("openWB/set/system/SimulateRFID") {
            let is_tag = |c: char| c.is_ascii_alphanumeric() || c == ' ';
            if text.chars().all(is_tag) {
                self.reader.push_back(text.to_owned());
            }
            return Some(Verdict::Done);
        }
        if topic.contains("openWB/set/awattar/MaxPriceForCharging") {
            let price: f64 = text.trim().parse().ok()?;
            if (-50.0..=95.0).contains(&price) {
                self.keep("global/awattar/MaxPriceForCharging", text.trim());
            }
            return Some(Verdict::Done);
        }
        if topic.contains("openWB/set/lp") && topic.contains("manualSoc") {
            let lp = lp_of(topic).filter(|lp| (1..=2).contains(lp));
            let percent = int()?;
            if let Some(lp) = lp.filter(|_| (0..=100).contains(&percent)) {
                self.enter_soc(lp, percent as f64);
            }
            return Some(Verdict::Done);
        }
        let is_limit = topic.contains(SOFORT) && topic.contains("chargeLimitation")
            || topic.contains("openWB/set/lp") && topic.contains("DirectChargeSubMode");
        if is_limit {
            self.limit(topic, int()?);
            return Some(Verdict::Done);
        }
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.matches(topic)) {
            let value = int()?;
            self.set(setting, topic, value);
        }
        Some(Verdict::Done)
    }

    fn set(&mut self, setting: &Setting, topic: &str, value: i64) {
        if !(setting.low..=setting.high).contains(&value) {
            return;
        }
        let lp = match setting.lps {
            None => 0,
            Some(lps) => match lp_of(topic).filter(|lp| (1..=lps).contains(lp)) {
                Some(lp) => lp,
                None => return,
            },
        };
        match setting.name {
            "resetEnergyToCharge" => self.count_anew(lp),
            "ForceSoCUpdate" => {
                for point in self.points.iter_mut().filter(|point| point.lp == lp) {
                    point.ask = true;
                }
            }
            _ => self.keep(&setting.shown.replace('#', &lp.to_string()), value),
        }
    }

    /// Shows a setting at once; the next loop says it again.
    fn keep(&mut self, path: &str, value: impl ToString) {
        self.repeat(path, value);
        self.unconfirmed.insert(path.to_owned());
    }

    /// What ends a charge in mode Sofort: 0 nothing, 1 energy, 2 the state of charge.
    fn limit(&mut self, topic: &str, value: i64) {
        let Some(lp) = lp_of(topic).filter(|lp| (1..=8).contains(lp)) else {
            return;
        };
        // Only the first two know a state of charge.
        let highest = if lp <= 2 { 2 } else { 1 };
        if !(0..=highest).contains(&value) {
            return;
        }
        self.repeat(
            &format!("lp/{lp}/boolDirectModeChargekWh"),
            u8::from(value == 1),
        );
        if lp <= 2 {
            self.repeat(
                &format!("lp/{lp}/boolDirectChargeModeSoc"),
                u8::from(value == 2),
            );
        }
        self.keep(
            &format!("config/get/sofort/lp/{lp}/chargeLimitation"),
            value,
        );
    }

    /// Counts the energy of a charge from zero again.
    fn count_anew(&mut self, lp: usize) {
        for point in self.points.iter_mut().filter(|point| point.lp == lp) {
            point.charged_wh = 0.0;
            let meter_wh = self
                .household
                .point(point.id)
                .map(|point| point.meter.imported_wh.round());
            if let (Some(charge), Some(wh)) = (&mut point.charge, meter_wh) {
                charge.start_wh = wh;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_point_is_found_by_the_digits_of_a_topic() {
        assert_eq!(lp_of("openWB/set/lp/1/ChargePointEnabled"), Some(1));
        assert_eq!(lp_of("openWB/set/lp1/ChargePointEnabled"), Some(1));
        assert_eq!(lp_of("openWB/set/ChargeMode"), None);
    }

    #[test]
    fn every_setting_has_topics_of_its_own() {
        for setting in &SETTINGS {
            let lp = if setting.lps.is_some() { "/1/" } else { "" };
            let topic = format!(
                "{}{lp}{}",
                setting.area,
                setting.name.trim_start_matches('/')
            );
            let found = SETTINGS.iter().find(|other| other.matches(&topic));
            assert_eq!(found.map(|found| found.name), Some(setting.name), "{topic}");
        }
    }

    #[test]
    fn settings_show_where_the_tree_has_them() {
        let tree = super::super::boot::defaults();
        for setting in SETTINGS.iter().filter(|setting| !setting.shown.is_empty()) {
            let path = setting.shown.replace('#', "1");
            assert!(tree.contains_key(&path), "{path}");
        }
    }
}
