//! Measurements and charge points.

use super::{charge_point, meter, refused};
use openwb::codec::Reason;
use openwb::reading::v1_9::*;
use openwb::reading::{FaultState, Text};

#[test]
fn measurements_name_what_was_measured() {
    for (topic, of) in [
        ("openWB/evu/W", Metered::Grid),
        ("openWB/pv/W", Metered::AllInverters),
        ("openWB/pv/1/W", Metered::Inverter(1)),
        ("openWB/pv/2/W", Metered::Inverter(2)),
        ("openWB/housebattery/W", Metered::Battery),
        ("openWB/lp/1/W", Metered::ChargePoint(1)),
        ("openWB/lp/8/W", Metered::ChargePoint(8)),
        ("openWB/global/WAllChargePoints", Metered::AllChargePoints),
        ("openWB/global/WHouseConsumption", Metered::House),
    ] {
        assert_eq!(
            meter(topic, "-1.5"),
            (of, Meter::Power(Some(-1.5))),
            "{topic}"
        );
    }
}

#[test]
fn every_measured_quantity_is_read_in_base_units() {
    use Phase::{L1, L2, L3};
    for (topic, payload, value) in [
        ("evu/WAverage", "12", Meter::SmoothedPower(Some(12.0))),
        ("evu/WPhase1", "-800", Meter::PhasePower(L1, Some(-800.0))),
        ("evu/APhase1", "5.72", Meter::Current(L1, Some(5.72))),
        ("evu/VPhase2", "230.1", Meter::Voltage(L2, Some(230.1))),
        ("evu/PfPhase3", "0.98", Meter::PowerFactor(L3, Some(0.98))),
        ("evu/Hz", "49.98", Meter::Frequency(Some(49.98))),
        ("evu/ASchieflast", "5", Meter::Imbalance(Some(5.0))),
        (
            "evu/WhImported",
            "4711000",
            Meter::Imported(Some(4_711_000.0)),
        ),
        (
            "evu/WhExported",
            "8123000",
            Meter::Exported(Some(8_123_000.0)),
        ),
        (
            "evu/DailyYieldImportKwh",
            "1.5",
            Meter::DailyImported(Some(1500.0)),
        ),
        (
            "evu/DailyYieldExportKwh",
            ".25",
            Meter::DailyExported(Some(250.0)),
        ),
        (
            "pv/WhCounter",
            "12345000.0",
            Meter::Exported(Some(12_345_000.0)),
        ),
        ("pv/DailyYieldKwh", "3", Meter::DailyExported(Some(3000.0))),
        (
            "pv/MonthlyYieldKwh",
            "30",
            Meter::MonthlyExported(Some(30_000.0)),
        ),
        (
            "pv/2/YearlyYieldKwh",
            "300",
            Meter::YearlyExported(Some(300_000.0)),
        ),
        ("pv/1/boolPVConfigured", "1", Meter::Configured(Some(true))),
        ("housebattery/%Soc", "61", Meter::Soc(Some(61.0))),
        (
            "housebattery/WhImported",
            "2100000",
            Meter::Imported(Some(2_100_000.0)),
        ),
        (
            "housebattery/boolHouseBatteryConfigured",
            "0",
            Meter::Configured(Some(false)),
        ),
        (
            "housebattery/faultState",
            "2",
            Meter::Fault(Some(FaultState::Error)),
        ),
        (
            "lp/2/kWhCounter",
            "1234.782",
            Meter::Imported(Some(1_234_782.0)),
        ),
        (
            "lp/2/kWhDailyCharged",
            "0.00",
            Meter::DailyImported(Some(0.0)),
        ),
        ("lp/2/APhase3", "15.9", Meter::Current(L3, Some(15.9))),
        (
            "lp/2/MeterSerialNumber",
            "0815",
            Meter::SerialNumber(Some("0815".into())),
        ),
        (
            "lp/2/faultState",
            "1",
            Meter::Fault(Some(FaultState::Warning)),
        ),
        (
            "lp/2/faultStr",
            "Kein Fehler",
            Meter::FaultText(Some(Text::new("Kein Fehler"))),
        ),
        (
            "global/kWhCounterAllChargePoints",
            "2.5",
            Meter::Imported(Some(2500.0)),
        ),
        (
            "global/DailyYieldAllChargePointsKwh",
            "2.5",
            Meter::DailyImported(Some(2500.0)),
        ),
        (
            "global/DailyYieldHausverbrauchKwh",
            "4",
            Meter::DailyImported(Some(4000.0)),
        ),
    ] {
        assert_eq!(
            meter(&format!("openWB/{topic}"), payload).1,
            value,
            "{topic}"
        );
    }
}

#[test]
fn a_charge_point_is_read() {
    for (topic, payload, value) in [
        (
            "boolChargePointConfigured",
            "1",
            ChargePoint::Configured(Some(true)),
        ),
        (
            "strChargePointName",
            "Garage ",
            ChargePoint::Name(Some("Garage".into())),
        ),
        (
            "strChargePointName",
            "Süd, 2",
            ChargePoint::Name(Some("Süd, 2".into())),
        ),
        ("boolPlugStat", "0", ChargePoint::Plugged(Some(false))),
        ("boolChargeStat", "1", ChargePoint::Charging(Some(true))),
        ("ChargeStatus", "1", ChargePoint::Released(Some(true))),
        ("ChargePointEnabled", "0", ChargePoint::Enabled(Some(false))),
        ("AConfigured", "6", ChargePoint::OfferedCurrent(Some(6.0))),
        ("countPhasesInUse", "3", ChargePoint::PhasesInUse(Some(3))),
        ("AutolockStatus", "2", ChargePoint::AutolockState(Some(2))),
        (
            "AutolockConfigured",
            "1",
            ChargePoint::AutolockConfigured(Some(true)),
        ),
        (
            "kWhActualCharged",
            "0.18",
            ChargePoint::EnergyCharged(Some(180.0)),
        ),
        (
            "kWhChargedSincePlugged",
            "0.21",
            ChargePoint::EnergySincePlugIn(Some(210.0)),
        ),
        (
            "plugStartkWh",
            "1234.567",
            ChargePoint::MeterAtPlugIn(Some(1_234_567.0)),
        ),
        ("kmCharged", "1", ChargePoint::RangeCharged(Some(1.0))),
        (
            "energyConsumptionPer100km",
            "17",
            ChargePoint::Consumption(Some(17_000.0)),
        ),
        ("%Soc", "42", ChargePoint::Soc(Some(42.0))),
        (
            "boolSocConfigured",
            "1",
            ChargePoint::SocConfigured(Some(true)),
        ),
        ("boolSocManual", "0", ChargePoint::SocManual(Some(false))),
        (
            "socFaultState",
            "0",
            ChargePoint::SocFault(Some(FaultState::Ok)),
        ),
        ("socFaultStr", " ", ChargePoint::SocFaultText(None)),
        (
            "boolDirectModeChargekWh",
            "01",
            ChargePoint::EnergyLimitActive(Some(true)),
        ),
        (
            "boolDirectChargeModeSoc",
            "0",
            ChargePoint::SocLimitActive(Some(false)),
        ),
        (
            "boolChargeAtNight",
            "1",
            ChargePoint::NightCharging(Some(true)),
        ),
        (
            "boolFinishAtTimeChargeActive",
            "0",
            ChargePoint::FinishAtTime(Some(false)),
        ),
    ] {
        assert_eq!(
            charge_point(&format!("lp/2/{topic}"), payload),
            value,
            "{topic}"
        );
    }
}

#[test]
fn remaining_time_is_read_in_seconds() {
    for (payload, seconds) in [
        ("2 H 52 Min", Some(2 * 3600 + 52 * 60)),
        ("21 Min", Some(21 * 60)),
        ("0 Min", Some(0)),
        ("1 H", Some(3600)),
        ("--", None),
        ("0", None),
        ("", None),
    ] {
        assert_eq!(
            charge_point("lp/2/TimeRemaining", payload),
            ChargePoint::TimeRemaining(seconds),
            "{payload}"
        );
    }
    for payload in [
        "soon",
        "5",
        "5 Tage",
        "Min 5",
        "-3 Min",
        "4294967295 H",
        "2 H 52",
    ] {
        assert_eq!(
            refused("openWB/lp/2/TimeRemaining", payload.as_bytes()),
            Reason::WrongType {
                expected: "hours and minutes"
            },
            "{payload}"
        );
    }
}
