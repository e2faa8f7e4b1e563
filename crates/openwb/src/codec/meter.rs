//! `counter/#`, `pv/#`, `bat/#`, and the measurements of `chargepoint/#`.

use serde_json::Value;

use super::json::{self, Object};
use super::payload::{boolean, fault, number, phases, string, text, to_whole};
use super::topic::{self, Path};
use super::{Outcome, Reason, Refusal};
use crate::reading::{Meter, Metered, Node, NodeKind, Reading};

pub(super) fn counter(mut path: Path<'_>, payload: &[u8]) -> Outcome {
    let home = |value| {
        Ok(Reading::Meter {
            of: Metered::Home,
            value,
        })
    };
    match path.next() {
        b"get" if path.rest() == b"hierarchy" => hierarchy(payload),
        b"set" => match path.rest() {
            b"home_consumption" => home(Meter::Power(number(payload)?)),
            b"imported_home_consumption" => home(Meter::Imported(number(payload)?)),
            b"daily_yield_home_consumption" => home(Meter::DailyImported(number(payload)?)),
            _ => Err(Refusal::Ignored),
        },
        b"config" => Err(Refusal::Ignored),
        level => of_one(topic::id(level).map(Metered::Counter), path, payload),
    }
}

pub(super) fn inverter(path: Path<'_>, payload: &[u8]) -> Outcome {
    of_one_or_all(Metered::Inverter, Metered::AllInverters, path, payload)
}

pub(super) fn battery(path: Path<'_>, payload: &[u8]) -> Outcome {
    of_one_or_all(Metered::Battery, Metered::AllBatteries, path, payload)
}

fn of_one_or_all(
    one: fn(u32) -> Metered,
    all: Metered,
    mut path: Path<'_>,
    payload: &[u8],
) -> Outcome {
    match path.next() {
        b"get" => measured(all, path, payload),
        b"config" => match path.rest() {
            b"configured" => Ok(Reading::Meter {
                of: all,
                value: Meter::Configured(boolean(payload)?),
            }),
            _ => Err(Refusal::Ignored),
        },
        level => of_one(topic::id(level).map(one), path, payload),
    }
}

fn of_one(of: Option<Metered>, mut path: Path<'_>, payload: &[u8]) -> Outcome {
    let of = of.ok_or(Refusal::Unknown)?;
    match path.next() {
        b"get" => measured(of, path, payload),
        b"config" => {
            let value = match path.rest() {
                b"max_currents" => Meter::MaxCurrents(phases(payload)?),
                b"max_total_power" => Meter::MaxTotalPower(number(payload)?),
                b"max_power_errorcase" => Meter::MaxPowerOnError(number(payload)?),
                _ => return Err(Refusal::Ignored),
            };
            Ok(Reading::Meter { of, value })
        }
        b"set" | b"module" => Err(Refusal::Ignored),
        _ => Err(Refusal::Unknown),
    }
}

/// The part after `get/`, which is the same for everything that has a meter.
pub(super) fn measured(of: Metered, path: Path<'_>, payload: &[u8]) -> Outcome {
    let value = match path.rest() {
        b"power" => Meter::Power(number(payload)?),
        b"powers" => Meter::Powers(phases(payload)?),
        b"currents" => Meter::Currents(phases(payload)?),
        b"voltages" => Meter::Voltages(phases(payload)?),
        b"power_factors" => Meter::PowerFactors(phases(payload)?),
        b"frequency" => Meter::Frequency(number(payload)?),
        b"imported" => Meter::Imported(number(payload)?),
        b"exported" => Meter::Exported(number(payload)?),
        b"daily_imported" => Meter::DailyImported(number(payload)?),
        b"daily_exported" => Meter::DailyExported(number(payload)?),
        b"monthly_exported" => Meter::MonthlyExported(number(payload)?),
        b"yearly_exported" => Meter::YearlyExported(number(payload)?),
        b"soc" => Meter::Soc(number(payload)?),
        b"max_charge_power" => Meter::MaxChargePower(number(payload)?),
        b"max_discharge_power" => Meter::MaxDischargePower(number(payload)?),
        b"fault_state" => Meter::Fault(fault(payload)?),
        b"fault_str" => Meter::FaultText(text(payload)?),
        b"state_str" => Meter::StateText(text(payload)?),
        b"serial_number" => Meter::SerialNumber(string(payload)?),
        b"power_limit_controllable" => return Err(Refusal::Ignored),
        _ => return Err(Refusal::Unknown),
    };
    Ok(Reading::Meter { of, value })
}

fn hierarchy(payload: &[u8]) -> Outcome {
    const EXPECTED: Reason = Reason::WrongType {
        expected: "a list of nodes with id and type",
    };
    let Some(roots) = json::list(payload)? else {
        return Ok(Reading::Hierarchy(None));
    };
    Ok(Reading::Hierarchy(Some(nodes(&roots).ok_or(EXPECTED)?)))
}

/// Bounded in depth by the JSON parser's own limit.
fn nodes(items: &[Value]) -> Option<Box<[Node]>> {
    items
        .iter()
        .map(|item| {
            let item = Object::new(item);
            Some(Node {
                id: to_whole(item.number("id")?, u32::MAX)?,
                kind: match item.str("type")? {
                    "counter" => NodeKind::Counter,
                    "inverter" => NodeKind::Inverter,
                    "bat" => NodeKind::Battery,
                    "cp" => NodeKind::ChargePoint,
                    other => NodeKind::Other(other.into()),
                },
                children: nodes(item.list("children"))?,
            })
        })
        .collect()
}
