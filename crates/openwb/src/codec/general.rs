//! `general/#` and `optional/#`.

use serde_json::Value;

use super::payload::{boolean, number, string, whole};
use super::topic::Path;
use super::{Outcome, Refusal, json};
use crate::reading::{General, Optional, PriceSlot, Reading};

pub(super) fn general(path: Path<'_>, payload: &[u8]) -> Outcome {
    let value = match path.rest() {
        b"control_interval" => {
            General::ControlInterval(whole(payload, 3600, "seconds up to an hour")?)
        }
        b"temporary_charge_templates_active" => {
            General::TemporaryChargeTemplates(boolean(payload)?)
        }
        b"extern" => General::Extern(boolean(payload)?),
        b"prices/grid" => General::GridPrice(number(payload)?),
        b"prices/pv" => General::PvPrice(number(payload)?),
        b"prices/bat" => General::BatteryPrice(number(payload)?),
        b"range_unit" => General::RangeUnit(string(payload)?),
        b"allow_unencrypted_access" => General::UnencryptedAccess(boolean(payload)?),
        b"http_api" => General::HttpApi(boolean(payload)?),
        b"chargemode_config/pv_charging/bat_mode" => General::SurplusPriority(string(payload)?),
        // Settings of the regulation and of the box's own user interface.
        _ => return Err(Refusal::Ignored),
    };
    Ok(Reading::General(value))
}

pub(super) fn optional(path: Path<'_>, payload: &[u8]) -> Outcome {
    let value = match path.rest() {
        b"rfid/active" => Optional::RfidActive(boolean(payload)?),
        b"ep/configured" | b"et/configured" => Optional::TariffConfigured(boolean(payload)?),
        b"ep/get/prices" | b"et/get/prices" => Optional::TariffPrices(prices(payload)?),
        b"dc_charging" => Optional::DcCharging(boolean(payload)?),
        // Displays, monitoring, OCPP and the providers of tariffs with their credentials.
        _ => return Err(Refusal::Ignored),
    };
    Ok(Reading::Optional(value))
}

/// `{"<unix seconds>": <€/Wh>, …}`, in order of time.
fn prices(payload: &[u8]) -> Outcome<Option<Box<[PriceSlot]>>> {
    let Some(Value::Object(slots)) = json::object(payload)? else {
        return Ok(None);
    };
    let mut slots: Vec<PriceSlot> = slots
        .iter()
        .filter_map(|(start, price)| {
            Some(PriceSlot {
                // 32 bits reach to the year 2106.
                start: start.parse::<u32>().ok()?.into(),
                price: price.as_f64()?,
            })
        })
        .collect();
    slots.sort_unstable_by_key(|slot| slot.start);
    Ok(Some(slots.into()))
}
