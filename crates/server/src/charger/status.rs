//! A box's status as a JSON document for scripts. Names and units are a promise.

use ladebuch_domain::units::{Amperes, Volts};
use ladebuch_engine::charger2::{Info, Status};
use serde::Serialize;

/// Everything the box tells.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    info: InfoPart,
    status: StatusPart,
}

/// Currents in A.
#[derive(Debug, Serialize)]
struct InfoPart {
    layout_version: String,
    max_current: f64,
    min_current: f64,
}

/// Currents in A, voltages in V, temperature in °C, power in VA, energies in kVAh, time in s.
#[derive(Debug, Serialize)]
struct StatusPart {
    /// Null if the box names a state that its register list does not have.
    state: Option<&'static str>,
    currents: [f64; 3],
    voltages: [f64; 3],
    pcb_temperature: f64,
    power: f64,
    energy_since_power_on: f64,
    energy_total: f64,
    current_limit: f64,
    failsafe_current: f64,
    watchdog_timeout: f64,
}

impl Document {
    pub(super) fn new(info: &Info, status: &Status) -> Self {
        let settings = &status.settings;
        Self {
            info: InfoPart {
                layout_version: info.layout_version.to_string(),
                max_current: info.max_current.amperes().get(),
                min_current: info.min_current.amperes().get(),
            },
            status: StatusPart {
                state: status.state.name(),
                currents: status.currents.map(Amperes::get),
                voltages: status.voltages.map(Volts::get),
                pcb_temperature: status.pcb_temperature.0,
                power: status.power.0,
                energy_since_power_on: status.energy_since_power_on.kilo(),
                energy_total: status.energy_total.kilo(),
                current_limit: settings.current_limit.amperes().get(),
                failsafe_current: settings.failsafe_current.amperes().get(),
                watchdog_timeout: f64::from(settings.watchdog.millis()) / 1000.0,
            },
        }
    }

    pub(super) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::{info, status};
    use super::*;

    #[test]
    fn names_units_and_order_stay_as_they_are() {
        let document = Document::new(&info(), &status()).to_json().unwrap();
        let compact: String = document.split_whitespace().collect();
        let expected = concat!(
            r#"{"info":{"layout_version":"1.0.0","max_current":16.0,"min_current":6.0},"#,
            r#""status":{"state":"C2","currents":[10.1,10.2,10.3],"voltages":[231.0,229.0,232.0],"#,
            r#""pcb_temperature":32.5,"power":7080.0,"energy_since_power_on":4.321,"#,
            r#""energy_total":1234.567,"current_limit":16.0,"failsafe_current":6.0,"#,
            r#""watchdog_timeout":15.0}}"#,
        );
        assert_eq!(compact, expected);
    }
}
