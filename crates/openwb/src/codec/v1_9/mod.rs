//! openWB 1.9: plain text on topics of its own.
//!
//! The areas `pv` and `system` exist in both generations, with other names below them, so the
//! topic alone tells which generation speaks.

mod charge_point;
mod plain;
mod settings;

pub(super) use plain::string;
pub(super) use settings::config;

use super::payload::present;
use super::topic::{self, Path};
use super::{Outcome, Refusal};
use crate::reading::Reading;
use crate::reading::v1_9::{
    self, ChargeMode, Global, LogLines, LogPart, Meter, Metered, Phase, RfidMode, System,
};

use plain::{
    boolean, cents_per_kwh, choice, euros_per_kwh, fault, kilo, number, prices, scan, small, text,
};

/// `evu/#`.
pub(super) fn grid(path: Path<'_>, payload: &[u8]) -> Outcome {
    let value = match path.rest() {
        b"W" => Meter::Power(number(payload)?),
        b"WAverage" => Meter::SmoothedPower(number(payload)?),
        b"ASchieflast" => Meter::Imbalance(number(payload)?),
        b"Hz" => Meter::Frequency(number(payload)?),
        b"WhImported" => Meter::Imported(number(payload)?),
        b"WhExported" => Meter::Exported(number(payload)?),
        b"DailyYieldImportKwh" => Meter::DailyImported(kilo(payload)?),
        b"DailyYieldExportKwh" => Meter::DailyExported(kilo(payload)?),
        b"WHImported_temp" | b"WHExport_temp" => return Err(Refusal::Ignored),
        name => match per_phase(name, payload)? {
            Some(value) => value,
            None => health(name, payload)?,
        },
    };
    Ok(metered(Metered::Grid, value))
}

/// `housebattery/#`.
pub(super) fn battery(path: Path<'_>, payload: &[u8]) -> Outcome {
    let value = match path.rest() {
        b"W" => Meter::Power(number(payload)?),
        b"%Soc" => Meter::Soc(number(payload)?),
        b"WhImported" => Meter::Imported(number(payload)?),
        b"WhExported" => Meter::Exported(number(payload)?),
        b"DailyYieldImportKwh" => Meter::DailyImported(kilo(payload)?),
        b"DailyYieldExportKwh" => Meter::DailyExported(kilo(payload)?),
        b"boolHouseBatteryConfigured" => Meter::Configured(boolean(payload)?),
        b"WHImported_temp" | b"WHExport_temp" => return Err(Refusal::Ignored),
        name => health(name, payload)?,
    };
    Ok(metered(Metered::Battery, value))
}

/// `pv/#`: the sum, `pv/1` and `pv/2`.
pub(super) fn inverter(mut path: Path<'_>, payload: &[u8]) -> Outcome {
    let of = match path.rest() {
        [number @ (b'1' | b'2'), b'/', ..] => {
            path.next();
            Metered::Inverter(number - b'0')
        }
        _ => Metered::AllInverters,
    };
    let value = match path.rest() {
        b"W" => Meter::Power(number(payload)?),
        b"WhCounter" => Meter::Exported(number(payload)?),
        b"DailyYieldKwh" => Meter::DailyExported(kilo(payload)?),
        b"MonthlyYieldKwh" => Meter::MonthlyExported(kilo(payload)?),
        b"YearlyYieldKwh" => Meter::YearlyExported(kilo(payload)?),
        b"boolPVConfigured" => Meter::Configured(boolean(payload)?),
        // The regulation's own, and the counters of meters it simulates.
        b"CounterTillStartPvCharging"
        | b"W70PVDyn"
        | b"WH2Export_temp"
        | b"WH2Imported_temp"
        | b"WHExport_temp"
        | b"WHImported_temp"
        | b"bool70PVDynActive"
        | b"bool70PVDynStatus" => return Err(Refusal::Ignored),
        name => health(name, payload)?,
    };
    Ok(metered(of, value))
}

/// `lp/N/#`.
pub(super) fn charge_point(mut path: Path<'_>, payload: &[u8]) -> Outcome {
    let number = charge_point_number(path.next())?;
    let name = path.rest();
    if let Some(value) = charge_point::state(name, payload)? {
        return Ok(Reading::V1_9(v1_9::Reading::ChargePoint { number, value }));
    }
    let value = match charge_point::measured(name, payload)? {
        Some(value) => value,
        None => match per_phase(name, payload)? {
            Some(value) => value,
            None => health(name, payload)?,
        },
    };
    Ok(metered(Metered::ChargePoint(number), value))
}

/// `global/#`.
pub(super) fn global(path: Path<'_>, payload: &[u8]) -> Outcome {
    let house = |value| Ok(metered(Metered::House, value));
    let all = |value| Ok(metered(Metered::AllChargePoints, value));
    let value = match path.rest() {
        b"WHouseConsumption" => return house(Meter::Power(number(payload)?)),
        b"DailyYieldHausverbrauchKwh" => return house(Meter::DailyImported(kilo(payload)?)),
        b"WAllChargePoints" => return all(Meter::Power(number(payload)?)),
        b"kWhCounterAllChargePoints" => return all(Meter::Imported(kilo(payload)?)),
        b"DailyYieldAllChargePointsKwh" => return all(Meter::DailyImported(kilo(payload)?)),
        b"ChargeMode" => Global::ChargeMode(choice(payload, charge_mode)?),
        b"rfidConfigured" => Global::Rfid(choice(payload, rfid_mode)?),
        b"strLastmanagementActive" => Global::LoadManagement(text(payload)?),
        b"boolRse" => Global::RippleControl(boolean(payload)?),
        b"awattar/boolAwattarEnabled" => Global::TariffEnabled(boolean(payload)?),
        b"awattar/ActualPriceForCharging" => Global::CurrentPrice(cents_per_kwh(payload)?),
        b"awattar/MaxPriceForCharging" => Global::MaxPrice(cents_per_kwh(payload)?),
        b"awattar/pricelist" => Global::Prices(prices(payload)?),
        // Which module fetches the prices, and how busy the box's computer is.
        b"ETProvider/modulePath"
        | b"ETProvider/providerName"
        | b"cpuFreq"
        | b"cpuModel"
        | b"cpuTemp"
        | b"cpuUse"
        | b"diskFree"
        | b"diskUse"
        | b"memFree"
        | b"memTotal"
        | b"memUse" => return Err(Refusal::Ignored),
        _ => return Err(Refusal::Unknown),
    };
    Ok(Reading::V1_9(v1_9::Reading::Global(value)))
}

/// What 1.9 has below `system/`, apart from its version.
pub(super) fn system(path: Path<'_>, payload: &[u8]) -> Outcome {
    let value = match path.rest() {
        b"Timestamp" => System::Time(number(payload)?),
        b"ConfiguredChargePoints" => System::ChargePoints(small(payload, 8, "up to 8")?),
        b"updateInProgress" => System::UpdateInProgress(boolean(payload)?),
        b"priceForKWh" => System::EnergyPrice(euros_per_kwh(payload)?),
        b"lastRfId" => System::LastTag(scan(payload)?),
        b"IpAddress" => System::IpAddress(string(payload)?),
        b"CommitHash" => System::Commit(string(payload)?),
        b"CommitBranches" => System::Branch(string(payload)?),
        // The clock in other words, and the box's own user interface.
        b"Date" | b"Uptime" | b"lastlivevalues" | b"randomSleep" | b"wizzardDone" => {
            return Err(Refusal::Ignored);
        }
        name => return log_part(name, payload),
    };
    Ok(Reading::V1_9(v1_9::Reading::System(value)))
}

/// `MonthLadelogData1` to `MonthLadelogData12`.
fn log_part(name: &[u8], payload: &[u8]) -> Outcome {
    let number = name
        .strip_prefix(b"MonthLadelogData")
        .and_then(topic::id)
        .and_then(|number| u8::try_from(number).ok())
        .filter(|number| (1..=12).contains(number))
        .ok_or(Refusal::Unknown)?;
    let part = match present(payload)? {
        None => LogPart::Nothing,
        Some(b"empty") => LogPart::TakenBack,
        Some(lines) => LogPart::Lines(LogLines::new(plain::utf8(lines)?)),
    };
    Ok(Reading::V1_9(v1_9::Reading::System(System::LogPart {
        number,
        part,
    })))
}

/// `graph/#`: the curves of the box's own chart, which repeat what the other topics say.
pub(super) fn graph(path: Path<'_>) -> Outcome {
    let name = path.rest();
    Err(
        if name == b"lastlivevalues" || name.ends_with(b"alllivevalues") {
            Refusal::Ignored
        } else {
            Refusal::Unknown
        },
    )
}

/// A value per phase: `APhase1`, `VPhase2`, `PfPhase3`.
fn per_phase(name: &[u8], payload: &[u8]) -> Outcome<Option<Meter>> {
    let (quantity, phase) = match name {
        [quantity @ .., b'1'] => (quantity, Phase::L1),
        [quantity @ .., b'2'] => (quantity, Phase::L2),
        [quantity @ .., b'3'] => (quantity, Phase::L3),
        _ => return Ok(None),
    };
    let meter = match quantity {
        b"APhase" => Meter::Current,
        b"VPhase" => Meter::Voltage,
        b"WPhase" => Meter::PhasePower,
        b"PfPhase" => Meter::PowerFactor,
        _ => return Ok(None),
    };
    Ok(Some(meter(phase, number(payload)?)))
}

fn health(name: &[u8], payload: &[u8]) -> Outcome<Meter> {
    match name {
        b"faultState" => Ok(Meter::Fault(fault(payload)?)),
        b"faultStr" => Ok(Meter::FaultText(text(payload)?)),
        _ => Err(Refusal::Unknown),
    }
}

fn metered(of: Metered, value: Meter) -> Reading {
    Reading::V1_9(v1_9::Reading::Meter { of, value })
}

/// The number of a charge point in a topic: 1–8.
fn charge_point_number(level: &[u8]) -> Outcome<u8> {
    match level {
        [number @ b'1'..=b'8'] => Ok(number - b'0'),
        _ => Err(Refusal::Unknown),
    }
}

fn charge_mode(number: u32) -> ChargeMode {
    match number {
        0 => ChargeMode::Instant,
        1 => ChargeMode::MinPv,
        2 => ChargeMode::Pv,
        3 => ChargeMode::Stop,
        4 => ChargeMode::Standby,
        other => ChargeMode::Other(other),
    }
}

fn rfid_mode(number: u32) -> RfidMode {
    match number {
        0 => RfidMode::Off,
        1 => RfidMode::Assign,
        2 => RfidMode::Unlock,
        other => RfidMode::Other(other),
    }
}
