//! `lp/N/#`.

use super::super::{Outcome, Refusal};
use super::plain::{
    boolean, fault, kilo, number, scan, small, string, tag_scan, text, time_remaining,
};
use crate::reading::v1_9::{ChargePoint, Meter};

/// What is no measurement; `None` leaves the topic to the measurements.
pub(super) fn state(name: &[u8], payload: &[u8]) -> Outcome<Option<ChargePoint>> {
    Ok(Some(match name {
        b"boolChargePointConfigured" => ChargePoint::Configured(boolean(payload)?),
        b"strChargePointName" => ChargePoint::Name(string(payload)?),
        b"boolPlugStat" => ChargePoint::Plugged(boolean(payload)?),
        b"boolChargeStat" => ChargePoint::Charging(boolean(payload)?),
        b"ChargeStatus" => ChargePoint::Released(boolean(payload)?),
        b"ChargePointEnabled" => ChargePoint::Enabled(boolean(payload)?),
        b"AConfigured" => ChargePoint::OfferedCurrent(number(payload)?),
        b"countPhasesInUse" => ChargePoint::PhasesInUse(small(payload, 3, "0 to 3 phases")?),
        b"TimeRemaining" => ChargePoint::TimeRemaining(time_remaining(payload)?),
        b"AutolockStatus" => ChargePoint::AutolockState(small(payload, 4, "0 to 4")?),
        b"AutolockConfigured" => ChargePoint::AutolockConfigured(boolean(payload)?),
        b"kWhActualCharged" => ChargePoint::EnergyCharged(kilo(payload)?),
        b"kWhChargedSincePlugged" => ChargePoint::EnergySincePlugIn(kilo(payload)?),
        b"plugStartkWh" => ChargePoint::MeterAtPlugIn(kilo(payload)?),
        b"kmCharged" => ChargePoint::RangeCharged(number(payload)?),
        b"energyConsumptionPer100km" => ChargePoint::Consumption(kilo(payload)?),
        b"%Soc" => ChargePoint::Soc(number(payload)?),
        b"boolSocConfigured" => ChargePoint::SocConfigured(boolean(payload)?),
        b"boolSocManual" => ChargePoint::SocManual(boolean(payload)?),
        b"socFaultState" => ChargePoint::SocFault(fault(payload)?),
        b"socFaultStr" => ChargePoint::SocFaultText(text(payload)?),
        b"lastRfId" => ChargePoint::LastTag(scan(payload)?),
        b"tagScanInfo" => ChargePoint::TagScan(tag_scan(payload)?),
        b"boolDirectModeChargekWh" => ChargePoint::EnergyLimitActive(boolean(payload)?),
        b"boolDirectChargeModeSoc" => ChargePoint::SocLimitActive(boolean(payload)?),
        b"boolChargeAtNight" => ChargePoint::NightCharging(boolean(payload)?),
        b"boolFinishAtTimeChargeActive" => ChargePoint::FinishAtTime(boolean(payload)?),
        // The regulation's own, and what the settings below `config/get` say better.
        b"ADirectModeAmps"
        | b"Accounting"
        | b"boolDirectChargeMode_none_kwh_soc"
        | b"lmStatus"
        | b"pluggedladungakt" => return Err(Refusal::Ignored),
        _ => return Ok(None),
    }))
}

/// The charge point's meter, as far as its topics are named like no other's.
pub(super) fn measured(name: &[u8], payload: &[u8]) -> Outcome<Option<Meter>> {
    Ok(Some(match name {
        b"W" => Meter::Power(number(payload)?),
        // In kWh, unlike every other counter of the box.
        b"kWhCounter" => Meter::Imported(kilo(payload)?),
        b"kWhDailyCharged" => Meter::DailyImported(kilo(payload)?),
        b"MeterSerialNumber" => Meter::SerialNumber(string(payload)?),
        _ => return Ok(None),
    }))
}
