//! Commands with a reply.

use super::Core;
use super::json::{Json, object, rounded};
use super::log::{Entry, hours_minutes};

impl Core {
    /// Carries a command out and answers the connection that sent it.
    pub(super) fn obey(&mut self, connection: &str, order: &Json) {
        match order.get("command").and_then(Json::as_str) {
            Some("getChargeLog") => {
                let reply = self.charge_log(order.get("data"));
                self.raw(
                    format!("openWB/log/{connection}/data"),
                    reply.to_string(),
                    false,
                );
            }
            unknown => {
                let name = unknown.unwrap_or_default();
                let now = self.now();
                let message = object([
                    ("source", "command".into()),
                    ("type", "danger".into()),
                    ("message", format!("Unbekannter Befehl: {name}").into()),
                    ("timestamp", now.timestamp().into()),
                ]);
                let topic = format!(
                    "openWB/command/{connection}/messages/{}",
                    now.timestamp_millis()
                );
                self.raw(topic, message.to_string(), true);
            }
        }
    }

    /// One month of the charge log; what was asked wrongly gets the same reply as an empty month.
    fn charge_log(&self, data: Option<&Json>) -> Json {
        let entries = data
            .and_then(|data| self.matching_entries(data))
            .unwrap_or_default();
        let zone = self.household.zone();
        let documents: Vec<Json> = entries.iter().map(|entry| entry.document(zone)).collect();
        object([("entries", documents.into()), ("totals", totals(&entries))])
    }

    /// A month's file as the box keeps it, by year and month as `202611`; `None` for a month without
    /// entries.
    pub(super) fn charge_log_file(&self, month: &str) -> Option<String> {
        let zone = self.household.zone();
        let entries: Vec<Json> = self
            .entries
            .iter()
            .filter(|entry| entry.file(zone) == month)
            .map(|entry| entry.document(zone))
            .collect();
        (!entries.is_empty()).then(|| Json::from(entries).to_string())
    }

    fn matching_entries(&self, data: &Json) -> Option<Vec<&Entry>> {
        let text = |value: &Json| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        // The file's name is put together from both, so a month of one digit finds none.
        let wanted = text(data.get("year")?) + &text(data.get("month")?);
        let charge_point = data.at(&["filter", "chargepoint"])?;
        let vehicle = data.at(&["filter", "vehicle"])?;
        let zone = self.household.zone();
        let entries = self.entries.iter().filter(|entry| {
            entry.file(zone) == wanted
                && is_listed(charge_point.get("id"), &entry.charge_point.into())
                && is_listed(vehicle.get("id"), &entry.vehicle.into())
                && is_listed(vehicle.get("tag"), &entry.rfid.clone().into())
                && is_listed(vehicle.get("chargemode"), &entry.mode.as_str().into())
                && vehicle
                    .get("prio")
                    .is_none_or(|prio| *prio == Json::Bool(entry.prio))
        });
        Some(entries.collect())
    }
}

/// Whether a filter list lets a value through; no list and an empty one do.
fn is_listed(filter: Option<&Json>, value: &Json) -> bool {
    match filter {
        Some(Json::List(wanted)) => wanted.is_empty() || wanted.contains(value),
        _ => true,
    }
}

fn totals(entries: &[&Entry]) -> Json {
    if entries.is_empty() {
        return Json::Object(Vec::new());
    }
    let charged_s: f64 = entries.iter().map(|entry| entry.charged_s).sum();
    let energy_wh: f64 = entries.iter().map(|entry| entry.energy_wh()).sum();
    let range: f64 = entries
        .iter()
        .filter_map(|entry| entry.range_charged().as_f64())
        .sum();
    let costs: f64 = entries.iter().map(|entry| entry.costs).sum();
    let power_w = if charged_s > 0.0 {
        energy_wh / charged_s * 3600.0
    } else {
        0.0
    };
    object([
        ("time_charged", hours_minutes(charged_s).into()),
        ("range_charged", rounded(range, 2)),
        ("imported_since_mode_switch", rounded(energy_wh, 2)),
        ("power", rounded(power_w, 2)),
        ("costs", rounded(costs, 2)),
    ])
}
