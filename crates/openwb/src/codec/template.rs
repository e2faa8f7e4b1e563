//! Charge templates, vehicle templates and charge point templates.

use serde_json::Value;

use super::json::{self, Object};
use super::{Outcome, Reason};
use crate::reading::{
    ChargeMode, ChargePointTemplate, ChargeTemplate, Eco, Instant, Limit, LimitKind, Pv,
    ScheduledPlan, TimePlan, VehicleTemplate,
};

pub(super) fn charge(payload: &[u8]) -> Outcome<Option<ChargeTemplate>> {
    let Some(document) = json::object(payload)? else {
        return Ok(None);
    };
    let raw = std::str::from_utf8(payload).map_err(|_| Reason::NotUtf8)?;
    let fields = Object::new(&document);
    let modes = fields.object("chargemode");
    let time_charging = fields.object("time_charging");
    Ok(Some(ChargeTemplate {
        id: fields.id("id"),
        name: fields.string("name"),
        priority: fields.boolean("prio"),
        load_default: fields.boolean("load_default"),
        selected: modes.str("selected").map(ChargeMode::from),
        instant: instant(modes.object("instant_charging")),
        pv: pv(modes.object("pv_charging")),
        eco: eco(modes.object("eco_charging")),
        scheduled: modes
            .object("scheduled_charging")
            .list("plans")
            .iter()
            .map(scheduled)
            .collect(),
        time_charging_active: time_charging.boolean("active"),
        time_plans: time_charging.list("plans").iter().map(time).collect(),
        raw: raw.into(),
    }))
}

fn instant(fields: Object<'_>) -> Instant {
    Instant {
        current: fields.number("current"),
        dc_current: fields.number("dc_current"),
        phases_to_use: fields.small("phases_to_use"),
        limit: limit(fields),
    }
}

fn pv(fields: Object<'_>) -> Pv {
    Pv {
        min_current: fields.number("min_current"),
        min_soc: fields.number("min_soc"),
        min_soc_current: fields.number("min_soc_current"),
        phases_to_use: fields.small("phases_to_use"),
        phases_to_use_min_soc: fields.small("phases_to_use_min_soc"),
        feed_in_limit: fields.boolean("feed_in_limit"),
        limit: limit(fields),
    }
}

fn eco(fields: Object<'_>) -> Eco {
    Eco {
        current: fields.number("current"),
        max_price: fields.number("max_price"),
        phases_to_use: fields.small("phases_to_use"),
        limit: limit(fields),
    }
}

fn limit(parent: Object<'_>) -> Limit {
    let fields = parent.object("limit");
    Limit {
        selected: fields.str("selected").and_then(|selected| match selected {
            "none" => Some(LimitKind::None),
            "amount" => Some(LimitKind::Amount),
            "soc" => Some(LimitKind::Soc),
            _ => None,
        }),
        amount: fields.number("amount"),
        // Plans of scheduled charging call their target so.
        soc: fields
            .number("soc")
            .or_else(|| fields.number("soc_scheduled")),
    }
}

fn scheduled(plan: &Value) -> ScheduledPlan {
    let fields = Object::new(plan);
    ScheduledPlan {
        id: fields.id("id"),
        name: fields.string("name"),
        active: fields.boolean("active"),
        time: fields.string("time"),
        frequency: fields.object("frequency").string("selected"),
        current: fields.number("current"),
        limit: limit(fields),
    }
}

fn time(plan: &Value) -> TimePlan {
    let fields = Object::new(plan);
    let time = match fields.list("time") {
        [Value::String(begin), Value::String(end)] => {
            Some([begin.as_str().into(), end.as_str().into()])
        }
        _ => None,
    };
    TimePlan {
        id: fields.id("id"),
        name: fields.string("name"),
        active: fields.boolean("active"),
        time,
        frequency: fields.object("frequency").string("selected"),
        current: fields.number("current"),
        limit: limit(fields),
    }
}

pub(super) fn vehicle(payload: &[u8]) -> Outcome<Option<VehicleTemplate>> {
    let Some(document) = json::object(payload)? else {
        return Ok(None);
    };
    let fields = Object::new(&document);
    Ok(Some(VehicleTemplate {
        id: fields.id("id"),
        name: fields.string("name"),
        max_current_multi_phases: fields.number("max_current_multi_phases"),
        max_current_single_phase: fields.number("max_current_single_phase"),
        max_phases: fields.small("max_phases"),
        min_current: fields.number("min_current"),
        battery_capacity: fields.number("battery_capacity"),
        average_consumption: fields.number("average_consump"),
        efficiency: fields.number("efficiency"),
        bidirectional: fields.boolean("bidi"),
    }))
}

pub(super) fn charge_point(payload: &[u8]) -> Outcome<Option<ChargePointTemplate>> {
    let Some(document) = json::object(payload)? else {
        return Ok(None);
    };
    let fields = Object::new(&document);
    Ok(Some(ChargePointTemplate {
        id: fields.id("id"),
        name: fields.string("name"),
        charging_type: fields.string("charging_type"),
        max_current_multi_phases: fields.number("max_current_multi_phases"),
        max_current_single_phase: fields.number("max_current_single_phase"),
        disable_after_unplug: fields.boolean("disable_after_unplug"),
        valid_tags: fields.tags("valid_tags"),
        autolock_active: fields.object("autolock").boolean("active"),
    }))
}
