//! `chargepoint/#`.

use super::json::{self, Object};
use super::payload::{boolean, number, phase_count, small, string, tag};
use super::topic::{self, Path};
use super::{Outcome, Refusal, meter, template};
use crate::reading::{
    ChargeMode, ChargePoint, ChargePointConfig, ConnectedConfig, ConnectedSoc, EnergyBySource,
    Metered, Reading, SessionLog, VehicleInfo,
};

pub(super) fn decode(mut path: Path<'_>, payload: &[u8]) -> Outcome {
    let id = match path.next() {
        b"get" => return meter::measured(Metered::AllChargePoints, path, payload),
        b"template" => {
            let id = topic::id(path.next()).ok_or(Refusal::Unknown)?;
            if !path.rest().is_empty() {
                return Err(Refusal::Ignored);
            }
            let template = template::charge_point(payload)?.map(Box::new);
            return Ok(Reading::ChargePointTemplate { id, template });
        }
        level => topic::id(level).ok_or(Refusal::Unknown)?,
    };
    let value = match path.next() {
        b"get" => match state(path, payload)? {
            Some(value) => value,
            None => return meter::measured(Metered::ChargePoint(id), path, payload),
        },
        b"set" => regulation(path, payload)?,
        b"config" if path.rest().is_empty() => ChargePoint::Config(config(payload)?.map(Box::new)),
        b"config" | b"control_parameter" => return Err(Refusal::Ignored),
        _ => return Err(Refusal::Unknown),
    };
    Ok(Reading::ChargePoint { id, value })
}

/// The part after `get/`; `None` leaves the topic to the measurements.
fn state(path: Path<'_>, payload: &[u8]) -> Outcome<Option<ChargePoint>> {
    Ok(Some(match path.rest() {
        b"plug_state" => ChargePoint::Plugged(boolean(payload)?),
        b"charge_state" => ChargePoint::Charging(boolean(payload)?),
        b"phases_in_use" => ChargePoint::PhasesInUse(phase_count(payload)?),
        b"evse_current" => ChargePoint::EvseCurrent(signalled(payload)?),
        b"max_evse_current" => ChargePoint::MaxEvseCurrent(signalled(payload)?),
        b"evse_signaling" => ChargePoint::EvseSignaling(string(payload)?),
        b"rfid" => ChargePoint::ScannedTag(tag(payload)?),
        b"rfid_timestamp" => ChargePoint::ScannedTagAt(number(payload)?),
        b"vehicle_id" => ChargePoint::VehicleMac(tag(payload)?),
        b"soc" => ChargePoint::CableSoc(number(payload)?),
        b"soc_timestamp" => ChargePoint::CableSocAt(number(payload)?),
        b"version" => ChargePoint::FirmwareVersion(string(payload)?),
        b"charging_current" => ChargePoint::ChargingCurrent(number(payload)?),
        b"charging_power" => ChargePoint::ChargingPower(number(payload)?),
        b"charging_voltage" => ChargePoint::ChargingVoltage(number(payload)?),
        b"connected_vehicle/info" => ChargePoint::ConnectedVehicle(vehicle(payload)?.map(Box::new)),
        b"connected_vehicle/config" => {
            ChargePoint::ConnectedConfig(connected_config(payload)?.map(Box::new))
        }
        b"connected_vehicle/soc" => {
            ChargePoint::ConnectedSoc(connected_soc(payload)?.map(Box::new))
        }
        // Without a suffix it holds defaults, written once and never updated.
        b"connected_vehicle" | b"current_branch" | b"current_commit" | b"error_code"
        | b"error_timestamp" => return Err(Refusal::Ignored),
        _ => return Ok(None),
    }))
}

/// The part after `set/`: what the regulation decided.
fn regulation(path: Path<'_>, payload: &[u8]) -> Outcome<ChargePoint> {
    Ok(match path.rest() {
        b"current" => ChargePoint::OfferedCurrent(number(payload)?),
        b"phases_to_use" => ChargePoint::PhasesToUse(phase_count(payload)?),
        b"manual_lock" => ChargePoint::Locked(boolean(payload)?),
        b"rfid" => ChargePoint::AuthorisedTag(tag(payload)?),
        b"autolock_state" => ChargePoint::AutolockState(small(payload, 4, "0 to 4")?),
        b"log" => ChargePoint::Log(log(payload)?.map(Box::new)),
        b"charge_template" => ChargePoint::ChargeTemplate(template::charge(payload)?.map(Box::new)),
        _ => return Err(Refusal::Ignored),
    })
}

/// Some EVSE firmwares signal in hundredths of an ampere (600–3200).
fn signalled(payload: &[u8]) -> Outcome<Option<f64>> {
    Ok(number(payload)?.map(|amperes| {
        if amperes > 100.0 {
            amperes / 100.0
        } else {
            amperes
        }
    }))
}

fn config(payload: &[u8]) -> Outcome<Option<ChargePointConfig>> {
    let Some(document) = json::object(payload)? else {
        return Ok(None);
    };
    let fields = Object::new(&document);
    Ok(Some(ChargePointConfig {
        name: fields.string("name"),
        hardware: fields.string("type"),
        // Where both are present, `_ev` is stale.
        vehicle: fields.id("ev").or_else(|| fields.id("_ev")),
        template: fields.id("template"),
        connected_phases: fields.small("connected_phases"),
        phase_1: fields.small("phase_1"),
        phase_switch: fields.boolean("auto_phase_switch_hw"),
        charging_type: fields.string("charging_type"),
        color: fields.string("color"),
        visible: fields.boolean("visibility"),
    }))
}

fn vehicle(payload: &[u8]) -> Outcome<Option<VehicleInfo>> {
    let Some(document) = json::object(payload)? else {
        return Ok(None);
    };
    let fields = Object::new(&document);
    Ok(Some(VehicleInfo {
        id: fields.id("id"),
        name: fields.string("name"),
    }))
}

fn connected_config(payload: &[u8]) -> Outcome<Option<ConnectedConfig>> {
    let Some(document) = json::object(payload)? else {
        return Ok(None);
    };
    let fields = Object::new(&document);
    Ok(Some(ConnectedConfig {
        charge_template: fields.id("charge_template"),
        vehicle_template: fields.id("ev_template"),
        charge_mode: fields.str("chargemode").map(ChargeMode::from),
        priority: fields.boolean("priority"),
        time_charging_in_use: fields.boolean("time_charging_in_use"),
        current_plan: fields.label("current_plan"),
        average_consumption: fields.number("average_consumption"),
    }))
}

fn connected_soc(payload: &[u8]) -> Outcome<Option<ConnectedSoc>> {
    let Some(document) = json::object(payload)? else {
        return Ok(None);
    };
    let fields = Object::new(&document);
    let at = fields.number("timestamp");
    Ok(Some(ConnectedSoc {
        // A car without a SoC module is reported with 0 % and no time: unknown, not empty.
        soc: fields
            .number("soc")
            .filter(|soc| at.is_some() || *soc != 0.0),
        at,
        range: fields
            .number("range")
            .filter(|range| at.is_some() || *range != 0.0),
        range_charged: fields.number("range_charged"),
        range_unit: fields.string("range_unit"),
        fault: fields.fault("fault_state"),
        fault_text: fields.text("fault_str"),
    }))
}

fn log(payload: &[u8]) -> Outcome<Option<SessionLog>> {
    let Some(document) = json::object(payload)? else {
        return Ok(None);
    };
    let fields = Object::new(&document);
    let source = fields.object("charged_energy_by_source");
    let part = |key| source.number(key).unwrap_or(0.0);
    Ok(Some(SessionLog {
        imported_at_plug_in: fields.number("imported_at_plugtime"),
        imported_since_plug_in: fields.number("imported_since_plugged"),
        imported_at_mode_switch: fields.number("imported_at_mode_switch"),
        imported_since_mode_switch: fields.number("imported_since_mode_switch"),
        exported_since_plug_in: fields.number("exported_since_plugged"),
        // "_" until charging started.
        charge_mode: fields
            .str("chargemode_log_entry")
            .filter(|m| *m != "_")
            .map(ChargeMode::from),
        mode_switch_at: fields.number("timestamp_mode_switch"),
        charging_since: fields.number("timestamp_start_charging"),
        ended_at: fields.number("end"),
        time_charged: fields.number("time_charged"),
        energy_by_source: source.exists().then(|| EnergyBySource {
            grid: part("grid"),
            pv: part("pv"),
            battery: part("bat"),
            charge_points: part("cp"),
        }),
        costs: fields.number("costs"),
        // −1 is none yet, and no id.
        vehicle: fields.id("ev"),
        priority: fields.boolean("prio"),
        tag: fields.tag("rfid"),
        soc_at_start: fields.number("soc_at_start"),
        range_at_start: fields.number("range_at_start"),
        range_charged: fields.number("range_charged"),
        odometer: fields.number("odometer"),
        serial_number: fields.string("serial_number"),
    }))
}
