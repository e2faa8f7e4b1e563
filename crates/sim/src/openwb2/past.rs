//! The charge log of the time before the core looked.

use super::log::{Entry, Sources};
use crate::household::{ChargeMode, Household};

/// What a box that had always been there would have written down.
pub(super) fn past_entries(household: &Household) -> Vec<Entry> {
    household
        .past_sessions()
        .iter()
        .filter(|session| session.imported_at_end_wh > session.imported_at_start_wh)
        .filter_map(|session| {
            let point = household.point(session.charge_point)?;
            let vehicle = household
                .vehicles()
                .iter()
                .find(|vehicle| vehicle.id == session.vehicle)?;
            let wh = session.imported_at_end_wh - session.imported_at_start_wh;
            let (mode, price, sources) = match session.mode {
                ChargeMode::Instant => (
                    "instant_charging",
                    0.0003,
                    Sources {
                        grid: wh,
                        ..Sources::default()
                    },
                ),
                ChargeMode::Surplus => (
                    "pv_charging",
                    0.000_15,
                    Sources {
                        pv: wh,
                        ..Sources::default()
                    },
                ),
            };
            let knows_soc = session.vehicle == 1;
            let soc = |percent: f64| knows_soc.then_some((percent * 100.0).round() / 100.0);
            let range = |percent: f64| {
                knows_soc.then_some(
                    (percent / 100.0 * vehicle.battery_wh / vehicle.wh_per_km).round() as i64,
                )
            };
            Some(Entry {
                charge_point: point.id,
                charge_point_name: point.name,
                serial_number: point.serial_number,
                vehicle: session.vehicle,
                vehicle_name: vehicle.name.to_owned(),
                mode: mode.to_owned(),
                prio: false,
                rfid: session.tag.map(str::to_owned),
                odometer: None,
                soc: [
                    soc(session.soc_at_start_percent),
                    soc(session.soc_at_end_percent),
                ],
                range: [
                    range(session.soc_at_start_percent),
                    range(session.soc_at_end_percent),
                ],
                begin: session.plugged_at,
                end: session.unplugged_at?,
                charged_s: session.charging_s,
                imported_wh: [session.imported_at_start_wh, session.imported_at_end_wh],
                since_plugged_wh: wh,
                costs: wh * price,
                sources,
            })
        })
        .collect()
}
