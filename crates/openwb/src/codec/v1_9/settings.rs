//! `config/#`: what the box is set to.

use super::super::topic::Path;
use super::super::{Outcome, Refusal};
use super::charge_point_number;
use super::plain::{boolean, choice, kilo, number};
use crate::reading::Reading;
use crate::reading::v1_9::{self, ChargePoint, Global, Limit};

pub(in super::super) fn config(mut path: Path<'_>, payload: &[u8]) -> Outcome {
    match path.next() {
        b"get" => {}
        // Writes of other clients on their way to the box; what became of them shows below `get`.
        b"set" => return Err(Refusal::Ignored),
        _ => return Err(Refusal::Unknown),
    }
    match path.next() {
        b"sofort" => of_charge_point(path, |name| instant(name, payload)),
        b"pv" if path.rest().starts_with(b"lp/") => {
            of_charge_point(path, |name| surplus(name, payload))
        }
        b"pv" => of_all(surplus_of_all(path.rest(), payload)?),
        b"lp" => of_number(path, |name| match name {
            b"stopchargeafterdisc" => Ok(ChargePoint::LockAfterUnplug(boolean(payload)?)),
            _ => Err(Refusal::Unknown),
        }),
        b"global" => of_all(global(path.rest(), payload)?),
        // The box's own user interface, its smart home with credentials, phase switching.
        b"SmartHome" | b"display" | b"slave" | b"u1p3p" => Err(Refusal::Ignored),
        _ => Err(Refusal::Unknown),
    }
}

/// `lp/N/<name>`.
fn of_charge_point(
    mut path: Path<'_>,
    setting: impl FnOnce(&[u8]) -> Outcome<ChargePoint>,
) -> Outcome {
    match path.next() {
        b"lp" => of_number(path, setting),
        _ => Err(Refusal::Unknown),
    }
}

/// `N/<name>`.
fn of_number(mut path: Path<'_>, setting: impl FnOnce(&[u8]) -> Outcome<ChargePoint>) -> Outcome {
    let number = charge_point_number(path.next())?;
    let value = setting(path.rest())?;
    Ok(Reading::V1_9(v1_9::Reading::ChargePoint { number, value }))
}

fn of_all(value: Global) -> Outcome {
    Ok(Reading::V1_9(v1_9::Reading::Global(value)))
}

fn instant(name: &[u8], payload: &[u8]) -> Outcome<ChargePoint> {
    Ok(match name {
        b"current" => ChargePoint::InstantCurrent(number(payload)?),
        b"chargeLimitation" => ChargePoint::InstantLimit(choice(payload, limit)?),
        b"energyToCharge" => ChargePoint::InstantEnergy(kilo(payload)?),
        b"socToChargeTo" => ChargePoint::InstantSoc(number(payload)?),
        b"etBasedCharging" => ChargePoint::InstantByPrice(boolean(payload)?),
        _ => return Err(Refusal::Unknown),
    })
}

fn surplus(name: &[u8], payload: &[u8]) -> Outcome<ChargePoint> {
    Ok(match name {
        b"minCurrent" => ChargePoint::PvMinCurrent(number(payload)?),
        b"maxSoc" => ChargePoint::PvMaxSoc(number(payload)?),
        b"socLimitation" => ChargePoint::PvSocLimited(boolean(payload)?),
        b"minSocAlwaysToChargeTo" => ChargePoint::PvMinSoc(number(payload)?),
        b"minSocAlwaysToChargeToCurrent" => ChargePoint::PvMinSocCurrent(number(payload)?),
        b"maxSocToChargeTo" => ChargePoint::PvTargetSoc(number(payload)?),
        _ => return Err(Refusal::Unknown),
    })
}

fn surplus_of_all(name: &[u8], payload: &[u8]) -> Outcome<Global> {
    Ok(match name {
        b"minCurrentMinPv" => Global::MinPvCurrent(number(payload)?),
        b"priorityModeEVBattery" => Global::VehiclesFirst(boolean(payload)?),
        // Thresholds and delays of the regulation.
        b"adaptiveChargingFactor"
        | b"batteryDischargePowerAtBattPriority"
        | b"boolAdaptiveCharging"
        | b"boolShowPriorityIconInTheme"
        | b"chargeSubmode"
        | b"maxPowerConsumptionBeforeStop"
        | b"minBatteryChargePowerAtEvPriority"
        | b"minBatteryDischargeSocAtBattPriority"
        | b"minFeedinPowerBeforeStart"
        | b"nurpv70dynact"
        | b"nurpv70dynw"
        | b"regulationPoint"
        | b"socStartChargeAtMinPv"
        | b"socStopChargeAtMinPv"
        | b"startDelay"
        | b"stopDelay" => return Err(Refusal::Ignored),
        _ => return Err(Refusal::Unknown),
    })
}

fn global(name: &[u8], payload: &[u8]) -> Outcome<Global> {
    Ok(match name {
        b"minEVSECurrentAllowed" => Global::MinEvseCurrent(number(payload)?),
        b"maxEVSECurrentAllowed" => Global::MaxEvseCurrent(number(payload)?),
        b"slaveMode" => Global::Secondary(boolean(payload)?),
        b"dataProtectionAcknoledged" => return Err(Refusal::Ignored),
        name if name.starts_with(b"lp/") => return Err(Refusal::Ignored),
        _ => return Err(Refusal::Unknown),
    })
}

fn limit(number: u32) -> Limit {
    match number {
        0 => Limit::None,
        1 => Limit::Energy,
        2 => Limit::Soc,
        other => Limit::Other(other),
    }
}
