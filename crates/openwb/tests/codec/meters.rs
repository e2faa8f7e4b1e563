//! Measurements, limits and the hierarchy.

use crate::reading::{meter, reading};
use openwb::codec::{Decoded, Reason, decode};
use openwb::reading::*;

#[test]
fn measurements_name_what_was_measured() {
    for (topic, of) in [
        ("openWB/counter/0/get/power", Metered::Counter(0)),
        ("openWB/counter/17/get/power", Metered::Counter(17)),
        ("openWB/pv/1/get/power", Metered::Inverter(1)),
        ("openWB/pv/get/power", Metered::AllInverters),
        ("openWB/bat/2/get/power", Metered::Battery(2)),
        ("openWB/bat/get/power", Metered::AllBatteries),
        ("openWB/chargepoint/3/get/power", Metered::ChargePoint(3)),
        ("openWB/chargepoint/get/power", Metered::AllChargePoints),
        ("openWB/counter/set/home_consumption", Metered::Home),
    ] {
        assert_eq!(
            meter(topic, "-1.5"),
            (of, Meter::Power(Some(-1.5))),
            "{topic}"
        );
    }
}

#[test]
fn every_measured_quantity_is_read() {
    let phases = Some([1.0, 2.0, 3.0]);
    let list = "[1, 2.0, 3]";
    for (topic, payload, value) in [
        ("power", "-2950.0", Meter::Power(Some(-2950.0))),
        ("powers", list, Meter::Powers(phases)),
        ("currents", list, Meter::Currents(phases)),
        ("voltages", list, Meter::Voltages(phases)),
        ("power_factors", list, Meter::PowerFactors(phases)),
        ("frequency", "50.01", Meter::Frequency(Some(50.01))),
        ("imported", "4711000.0", Meter::Imported(Some(4_711_000.0))),
        ("exported", "0", Meter::Exported(Some(0.0))),
        (
            "daily_imported",
            "181.09",
            Meter::DailyImported(Some(181.09)),
        ),
        ("daily_exported", "0.0", Meter::DailyExported(Some(0.0))),
        ("monthly_exported", "7", Meter::MonthlyExported(Some(7.0))),
        ("yearly_exported", "8", Meter::YearlyExported(Some(8.0))),
        ("soc", "61", Meter::Soc(Some(61.0))),
        ("max_charge_power", "0", Meter::MaxChargePower(Some(0.0))),
        (
            "max_discharge_power",
            "null",
            Meter::MaxDischargePower(None),
        ),
        ("fault_state", "0", Meter::Fault(Some(FaultState::Ok))),
        ("fault_state", "1", Meter::Fault(Some(FaultState::Warning))),
        ("fault_state", "2", Meter::Fault(Some(FaultState::Error))),
        (
            "fault_str",
            r#""Kein Fehler.""#,
            Meter::FaultText(Some(Text::new("Kein Fehler."))),
        ),
        (
            "state_str",
            r#""l\u00e4dt""#,
            Meter::StateText(Some(Text::new("lädt"))),
        ),
        ("serial_number", "null", Meter::SerialNumber(None)),
    ] {
        assert_eq!(
            meter(&format!("openWB/bat/2/get/{topic}"), payload).1,
            value,
            "{topic}"
        );
    }
}

#[test]
fn limits_sums_and_the_house_are_read() {
    for (topic, payload, expected) in [
        (
            "counter/0/config/max_currents",
            "[35,35,35]",
            (Metered::Counter(0), Meter::MaxCurrents(Some([35.0; 3]))),
        ),
        (
            "counter/0/config/max_total_power",
            "24000",
            (Metered::Counter(0), Meter::MaxTotalPower(Some(24_000.0))),
        ),
        (
            "counter/0/config/max_power_errorcase",
            "7000",
            (Metered::Counter(0), Meter::MaxPowerOnError(Some(7000.0))),
        ),
        (
            "counter/set/imported_home_consumption",
            "60.6",
            (Metered::Home, Meter::Imported(Some(60.6))),
        ),
        (
            "counter/set/daily_yield_home_consumption",
            "37.5",
            (Metered::Home, Meter::DailyImported(Some(37.5))),
        ),
        (
            "pv/config/configured",
            "true",
            (Metered::AllInverters, Meter::Configured(Some(true))),
        ),
        (
            "bat/config/configured",
            "false",
            (Metered::AllBatteries, Meter::Configured(Some(false))),
        ),
    ] {
        assert_eq!(
            meter(&format!("openWB/{topic}"), payload),
            expected,
            "{topic}"
        );
    }
}

#[test]
fn the_hierarchy_is_a_tree() {
    let tree = reading(
        "openWB/counter/get/hierarchy",
        r#"[{"id":7,"type":"counter","children":[{"id":3,"type":"cp","children":[]},{"id":9,"type":"counter","children":[{"id":4,"type":"cp"}]},{"id":5,"type":"io","children":[],"new_key":1}]}]"#,
    );
    let leaf = |id, kind| Node {
        id,
        kind,
        children: Box::default(),
    };
    assert_eq!(
        tree,
        Reading::Hierarchy(Some(Box::new([Node {
            id: 7,
            kind: NodeKind::Counter,
            children: Box::new([
                leaf(3, NodeKind::ChargePoint),
                Node {
                    id: 9,
                    kind: NodeKind::Counter,
                    children: Box::new([leaf(4, NodeKind::ChargePoint)])
                },
                leaf(5, NodeKind::Other("io".into())),
            ])
        }])))
    );
    assert_eq!(
        reading("openWB/counter/get/hierarchy", "[]"),
        Reading::Hierarchy(Some(Box::default()))
    );
    for payload in [
        "{}",
        "[1]",
        r#"[{"id":-1,"type":"cp"}]"#,
        r#"[{"id":1}]"#,
        r#""{broken""#,
    ] {
        assert!(
            matches!(
                decode("openWB/counter/get/hierarchy", payload.as_bytes()),
                Decoded::Malformed(Reason::WrongType { .. })
            ),
            "{payload}"
        );
    }
    let deep = "[{\"id\":1,\"type\":\"cp\",\"children\":".repeat(500) + "[]" + &"}]".repeat(500);
    assert!(matches!(
        decode("openWB/counter/get/hierarchy", deep.as_bytes()),
        Decoded::Malformed(_)
    ));
}
