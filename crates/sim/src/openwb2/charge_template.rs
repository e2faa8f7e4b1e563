//! Charge templates: the document that says how a charge point charges.

use super::json::Json;

/// openWB's defaults for a charge template (`control/ev/charge_template.py`).
const DEFAULT: &str = r#"{"id": 0, "name": "Standard-Lade-Profil", "prio": false, "load_default": false, "time_charging": {"active": false, "plans": []}, "chargemode": {"selected": "instant_charging", "eco_charging": {"current": 6, "dc_current": 145, "limit": {"selected": "none", "amount": 50000, "soc": 50}, "max_price": 0.0002, "phases_to_use": 3}, "pv_charging": {"dc_min_current": 145, "dc_min_soc_current": 145, "feed_in_limit": false, "limit": {"selected": "none", "amount": 50000, "soc": 50}, "min_current": 0, "min_soc_current": 10, "min_soc": 0, "phases_to_use": 0, "phases_to_use_min_soc": 3}, "scheduled_charging": {"plans": []}, "instant_charging": {"current": 16, "dc_current": 145, "limit": {"selected": "none", "amount": 50000, "soc": 50}, "phases_to_use": 3}}}"#;

/// A new template with a name and a mode.
pub(super) fn template(id: u32, name: &str, mode: &str) -> Json {
    let mut document = Json::parse(DEFAULT.as_bytes()).unwrap_or(Json::Null);
    document.set("id", id);
    document.set("name", name);
    if let Some(mut chargemode) = document.get("chargemode").cloned() {
        chargemode.set("selected", mode);
        document.set("chargemode", chargemode);
    }
    document
}

/// An ev template as openWB keeps it for a vehicle.
pub(super) fn ev_template(id: u32, name: &str, battery_wh: f64, phases: u8) -> Json {
    const DOCUMENT: &str = r#"{"dc_min_current": 20, "dc_max_current": 150, "id": 0, "name": "", "max_current_multi_phases": 16, "max_phases": 3, "prevent_phase_switch": false, "prevent_charge_stop": false, "control_pilot_interruption": false, "control_pilot_interruption_duration": 4, "control_pilot_interruption_retry_interval": 0, "average_consump": 17000, "min_current": 6, "max_current_single_phase": 16, "battery_capacity": 82000, "efficiency": 90, "nominal_difference": 1, "keep_charge_active_duration": 40, "bidi": false}"#;
    let mut document = Json::parse(DOCUMENT.as_bytes()).unwrap_or(Json::Null);
    document.set("id", id);
    document.set("name", name);
    document.set("battery_capacity", battery_wh as i64);
    document.set("max_phases", u32::from(phases));
    document
}

/// When a charge is enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Limit {
    None,
    /// Wh since plug-in.
    Amount(f64),
    /// Vehicle's state of charge, percent.
    Soc(f64),
}

/// What a template asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wish {
    Instant {
        current_a: f64,
        phases: u8,
        limit: Limit,
    },
    Surplus {
        min_current_a: f64,
        min_soc: f64,
        min_soc_current_a: f64,
        limit: Limit,
    },
    /// A target to be reached by a time; the plans are not followed here.
    Scheduled,
    Stop,
    /// A mode or a current the core does not understand: it trips over it in every cycle.
    Nonsense,
}

/// The selected mode as a word; missing parts count as defaults.
pub(super) fn mode(template: &Json) -> &str {
    template
        .at(&["chargemode", "selected"])
        .and_then(Json::as_str)
        .unwrap_or("instant_charging")
}

/// What a template asks for while energy from the grid costs `price` (€/Wh; `None` without a tariff);
/// missing parts count as defaults.
pub(super) fn wish(template: &Json, price: Option<f64>) -> Wish {
    let number = |path: &[&str], default: f64| match template.at(path) {
        None => Some(default),
        Some(value) => value.as_f64(),
    };
    let limit = |mode: &str, amount_from: &str| {
        let of = |mode: &str, key: &str| template.at(&["chargemode", mode, "limit", key]);
        match of(mode, "selected").and_then(Json::as_str) {
            Some("amount") => Limit::Amount(
                of(amount_from, "amount")
                    .and_then(Json::as_f64)
                    .unwrap_or(50_000.0),
            ),
            Some("soc") => Limit::Soc(of(mode, "soc").and_then(Json::as_f64).unwrap_or(50.0)),
            _ => Limit::None,
        }
    };
    let wish = match mode(template) {
        "instant_charging" => {
            let phases = number(&["chargemode", "instant_charging", "phases_to_use"], 3.0);
            number(&["chargemode", "instant_charging", "current"], 16.0).map(|current_a| {
                Wish::Instant {
                    current_a,
                    phases: if phases == Some(1.0) { 1 } else { 3 },
                    limit: limit("instant_charging", "instant_charging"),
                }
            })
        }
        "pv_charging" => {
            let of = |key, default| number(&["chargemode", "pv_charging", key], default);
            of("min_current", 0.0).map(|min_current_a| Wish::Surplus {
                min_current_a,
                min_soc: of("min_soc", 0.0).unwrap_or(0.0),
                min_soc_current_a: of("min_soc_current", 10.0).unwrap_or(10.0),
                limit: limit("pv_charging", "pv_charging"),
            })
        }
        "eco_charging" => {
            let of = |key, default| number(&["chargemode", "eco_charging", key], default);
            // The core reads the amount from the wrong mode.
            let limit = limit("eco_charging", "instant_charging");
            let max_price = of("max_price", 0.0002).unwrap_or(0.0002);
            if price.is_some_and(|price| price <= max_price) {
                let phases = of("phases_to_use", 3.0);
                of("current", 6.0).map(|current_a| Wish::Instant {
                    current_a,
                    phases: if phases == Some(1.0) { 1 } else { 3 },
                    limit,
                })
            } else {
                Some(Wish::Surplus {
                    min_current_a: 0.0,
                    min_soc: 0.0,
                    min_soc_current_a: 0.0,
                    limit,
                })
            }
        }
        "scheduled_charging" => Some(Wish::Scheduled),
        "stop" => Some(Wish::Stop),
        _ => None,
    };
    wish.unwrap_or(Wish::Nonsense)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_document_counts_as_defaults() {
        let stop = Json::parse(br#"{"id": 2, "chargemode": {"selected": "stop"}}"#).unwrap();
        assert_eq!(wish(&stop, None), Wish::Stop);
        let empty = Json::parse(b"{}").unwrap();
        assert_eq!(
            wish(&empty, None),
            Wish::Instant {
                current_a: 16.0,
                phases: 3,
                limit: Limit::None
            }
        );
    }

    #[test]
    fn an_unknown_mode_or_current_is_nonsense() {
        assert_eq!(wish(&template(0, "x", "turbo"), None), Wish::Nonsense);
        let text = br#"{"chargemode": {"selected": "instant_charging", "instant_charging": {"current": "abc"}}}"#;
        assert_eq!(wish(&Json::parse(text).unwrap(), None), Wish::Nonsense);
    }

    #[test]
    fn eco_charging_is_instant_while_energy_is_cheap() {
        let eco = template(0, "x", "eco_charging");
        let is_instant = |price| matches!(wish(&eco, price), Wish::Instant { current_a: 6.0, .. });
        assert!(is_instant(Some(0.0002)));
        assert!(!is_instant(Some(0.000_201)));
        assert!(!is_instant(None));
    }
}
