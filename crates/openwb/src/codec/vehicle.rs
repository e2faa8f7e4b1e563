//! `vehicle/#`.

use serde::Deserialize;

use super::json::{self, Object};
use super::payload::{boolean, fault, id, number, string, text};
use super::system::without_secrets;
use super::topic::{self, Path};
use super::{Outcome, Refusal, template};
use crate::reading::{Reading, SocPolling, Vehicle};

pub(super) fn decode(mut path: Path<'_>, payload: &[u8]) -> Outcome {
    let vehicle = match path.next() {
        b"template" => return templates(path, payload),
        b"set" => return Err(Refusal::Ignored),
        level => topic::id(level).ok_or(Refusal::Unknown)?,
    };
    let value = match path.rest() {
        b"name" => Vehicle::Name(string(payload)?),
        b"tag_id" => Vehicle::Tags(json::list(payload)?.map(|tags| json::tags(&tags))),
        b"charge_template" => Vehicle::ChargeTemplate(id(payload)?),
        b"ev_template" => Vehicle::VehicleTemplate(id(payload)?),
        b"color" => Vehicle::Color(string(payload)?),
        b"info" => {
            let document = json::object(payload)?.unwrap_or_default();
            let fields = Object::new(&document);
            Vehicle::Model {
                manufacturer: fields.string("manufacturer"),
                model: fields.string("model"),
            }
        }
        b"get/soc" => Vehicle::Soc(number(payload)?),
        b"get/soc_timestamp" => Vehicle::SocAt(number(payload)?),
        b"get/soc_request_timestamp" => Vehicle::SocRequestedAt(number(payload)?),
        b"get/range" => Vehicle::Range(number(payload)?),
        b"get/odometer" => Vehicle::Odometer(number(payload)?),
        b"get/fault_state" => Vehicle::Fault(fault(payload)?),
        b"get/fault_str" => Vehicle::FaultText(text(payload)?),
        b"get/force_soc_update" => Vehicle::SocUpdateRequested(boolean(payload)?),
        b"soc_module/config" => {
            Vehicle::SocModule(without_secrets(payload)?.and_then(|module: SocModule| module.kind))
        }
        b"soc_module/general_config" => Vehicle::SocPolling(polling(payload)?.map(Box::new)),
        b"soc_module/calculated_soc_state" => {
            let document = json::object(payload)?.unwrap_or_default();
            Vehicle::ManualSoc(Object::new(&document).number("manual_soc"))
        }
        rest if rest.starts_with(b"set/") || rest.starts_with(b"soc_module/") => {
            return Err(Refusal::Ignored);
        }
        _ => return Err(Refusal::Unknown),
    };
    Ok(Reading::Vehicle { id: vehicle, value })
}

/// The one field of a SoC module that is no secret.
#[derive(Deserialize)]
struct SocModule {
    #[serde(rename = "type")]
    kind: Option<Box<str>>,
}

fn polling(payload: &[u8]) -> Outcome<Option<SocPolling>> {
    let Some(document) = json::object(payload)? else {
        return Ok(None);
    };
    let fields = Object::new(&document);
    Ok(Some(SocPolling {
        use_soc_from_charge_point: fields.boolean("use_soc_from_cp"),
        interval_charging: fields.id("request_interval_charging"),
        interval_idle: fields.id("request_interval_not_charging"),
        only_plugged: fields.boolean("request_only_plugged"),
    }))
}

fn templates(mut path: Path<'_>, payload: &[u8]) -> Outcome {
    let kind = path.next();
    let id = topic::id(path.next()).ok_or(Refusal::Unknown)?;
    // Before 2.1.8 every key of a template had a topic of its own.
    if !path.rest().is_empty() {
        return Err(Refusal::Ignored);
    }
    match kind {
        b"charge_template" => Ok(Reading::ChargeTemplate {
            id,
            template: template::charge(payload)?.map(Box::new),
        }),
        b"ev_template" => Ok(Reading::VehicleTemplate {
            id,
            template: template::vehicle(payload)?.map(Box::new),
        }),
        _ => Err(Refusal::Unknown),
    }
}
