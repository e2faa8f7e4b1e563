//! Charge points, and the templates they charge by.

use crate::reading::{charge_point, meter, reading};
use openwb::codec::{Decoded, Reason, decode};
use openwb::reading::*;

#[test]
fn a_charge_point_reports_its_state() {
    for (topic, payload, value) in [
        ("get/plug_state", "true", ChargePoint::Plugged(Some(true))),
        (
            "get/charge_state",
            "false",
            ChargePoint::Charging(Some(false)),
        ),
        ("get/phases_in_use", "3", ChargePoint::PhasesInUse(Some(3))),
        (
            "get/evse_current",
            "16",
            ChargePoint::EvseCurrent(Some(16.0)),
        ),
        (
            "get/evse_current",
            "1000",
            ChargePoint::EvseCurrent(Some(10.0)),
        ),
        (
            "get/max_evse_current",
            "3200",
            ChargePoint::MaxEvseCurrent(Some(32.0)),
        ),
        ("get/rfid", "null", ChargePoint::ScannedTag(None)),
        (
            "get/rfid",
            r#""0012345678""#,
            ChargePoint::ScannedTag(Some(Tag::new("0012345678"))),
        ),
        (
            "get/rfid_timestamp",
            "1795333372.207107",
            ChargePoint::ScannedTagAt(Some(1_795_333_372.207_107)),
        ),
        (
            "get/vehicle_id",
            r#""AA:BB:CC:DD:EE:FF""#,
            ChargePoint::VehicleMac(Some(Tag::new("AA:BB:CC:DD:EE:FF"))),
        ),
        ("get/soc", "55", ChargePoint::CableSoc(Some(55.0))),
        (
            "get/version",
            r#""2.1""#,
            ChargePoint::FirmwareVersion(Some("2.1".into())),
        ),
        (
            "get/charging_voltage",
            "400",
            ChargePoint::ChargingVoltage(Some(400.0)),
        ),
        ("set/current", "16", ChargePoint::OfferedCurrent(Some(16.0))),
        ("set/phases_to_use", "1", ChargePoint::PhasesToUse(Some(1))),
        ("set/manual_lock", "true", ChargePoint::Locked(Some(true))),
        (
            "set/rfid",
            r#""0012345678""#,
            ChargePoint::AuthorisedTag(Some(Tag::new("0012345678"))),
        ),
        ("set/rfid", "null", ChargePoint::AuthorisedTag(None)),
        (
            "set/autolock_state",
            "4",
            ChargePoint::AutolockState(Some(4)),
        ),
    ] {
        assert_eq!(charge_point(topic, payload), value, "{topic}");
    }
    assert_eq!(
        meter(
            "openWB/chargepoint/3/get/state_str",
            r#""Fahrzeug l\u00e4dt.""#
        )
        .1,
        Meter::StateText(Some(Text::new("Fahrzeug lädt.")))
    );
}

#[test]
fn the_assigned_vehicle_is_ev_and_else_the_core_s_own_key() {
    let assigned = |payload| match charge_point("config", payload) {
        ChargePoint::Config(Some(config)) => config.vehicle,
        other => panic!("{other:?}"),
    };
    assert_eq!(assigned(r#"{"ev":1}"#), Some(1));
    assert_eq!(assigned(r#"{"_ev":2}"#), Some(2));
    assert_eq!(assigned(r#"{"_ev":2,"ev":1}"#), Some(1));
    assert_eq!(assigned("{}"), None);
}

#[test]
fn a_configuration_with_odd_fields_keeps_the_good_ones() {
    let ChargePoint::Config(Some(config)) = charge_point(
        "config",
        r#"{"name":"Carport","type":"openwb_pro","ev":"x","connected_phases":3.0,"phase_1":null,"visibility":1,"new":[]}"#,
    ) else {
        panic!("no config")
    };
    assert_eq!(config.name.as_deref(), Some("Carport"));
    assert_eq!(config.hardware.as_deref(), Some("openwb_pro"));
    assert_eq!(config.connected_phases, Some(3));
    assert_eq!(
        (config.vehicle, config.phase_1, config.visible),
        (None, None, None)
    );
}

#[test]
fn the_connected_vehicle_comes_with_a_suffix_only() {
    assert_eq!(
        decode("openWB/chargepoint/3/get/connected_vehicle", b"{}"),
        Decoded::Ignored
    );
    assert_eq!(
        charge_point("get/connected_vehicle/info", r#"{"id":1,"name":"ID.4"}"#),
        ChargePoint::ConnectedVehicle(Some(Box::new(VehicleInfo {
            id: Some(1),
            name: Some("ID.4".into())
        })))
    );
    let ChargePoint::ConnectedConfig(Some(config)) = charge_point(
        "get/connected_vehicle/config",
        r#"{"average_consumption":17000,"charge_template":1,"chargemode":"turbo","current_plan":4,"ev_template":1,"priority":false,"time_charging_in_use":true}"#,
    ) else {
        panic!("no config")
    };
    assert_eq!(config.charge_mode, Some(ChargeMode::Other("turbo".into())));
    assert_eq!(config.current_plan.as_deref(), Some("4"));
    assert_eq!(config.time_charging_in_use, Some(true));
}

#[test]
fn zero_percent_without_a_time_is_unknown() {
    let soc = |payload| match charge_point("get/connected_vehicle/soc", payload) {
        ChargePoint::ConnectedSoc(Some(soc)) => (soc.soc, soc.range),
        other => panic!("{other:?}"),
    };
    assert_eq!(soc(r#"{"soc":0,"range":0,"timestamp":null}"#), (None, None));
    assert_eq!(
        soc(r#"{"soc":0,"range":0,"timestamp":1795333671.9}"#),
        (Some(0.0), Some(0.0))
    );
    assert_eq!(
        soc(r#"{"soc":42.74,"range":193,"timestamp":1795333671.9}"#),
        (Some(42.74), Some(193.0))
    );
    assert_eq!(soc(r#"{"soc":null}"#), (None, None));
}

#[test]
fn the_session_log_is_read_and_its_placeholders_are_none() {
    let log = |payload| match charge_point("set/log", payload) {
        ChargePoint::Log(Some(log)) => *log,
        other => panic!("{other:?}"),
    };
    let idle = log(r#"{"chargemode_log_entry":"_","ev":-1,"rfid":null,"imported_at_plugtime":0}"#);
    assert_eq!(
        (idle.charge_mode, idle.vehicle, idle.tag),
        (None, None, None)
    );
    assert_eq!(idle.imported_at_plug_in, Some(0.0));
    assert_eq!(idle.energy_by_source, None);
    let busy = log(
        r#"{"chargemode_log_entry":"pv_charging","ev":2,"rfid":"0012345678","imported_since_plugged":631.23,"charged_energy_by_source":{"bat":1,"cp":0,"grid":2.5,"pv":3}}"#,
    );
    assert_eq!(busy.charge_mode, Some(ChargeMode::Pv));
    assert_eq!(busy.tag, Some(Tag::new("0012345678")));
    assert_eq!(
        busy.energy_by_source,
        Some(EnergyBySource {
            grid: 2.5,
            pv: 3.0,
            battery: 1.0,
            charge_points: 0.0
        })
    );
}

#[test]
fn a_charge_template_is_typed_and_kept_whole() {
    let document = r#"{"id":1,"name":"Sofort","prio":true,"future":{"a":[1]},"chargemode":{"selected":"instant_charging","instant_charging":{"current":16,"phases_to_use":3,"limit":{"selected":"amount","amount":5000,"soc":50}},"pv_charging":{"min_current":0,"limit":{"selected":"soc","soc":80}},"eco_charging":{"max_price":0.0002},"scheduled_charging":{"plans":[{"id":4,"name":"Morgen","active":true,"time":"07:00","current":14,"frequency":{"selected":"daily"},"limit":{"selected":"soc","soc_scheduled":80}}]}},"time_charging":{"active":true,"plans":[{"id":1,"time":["06:00","07:00"],"current":16}]}}"#;
    let ChargePoint::ChargeTemplate(Some(template)) = charge_point("set/charge_template", document)
    else {
        panic!("no template")
    };
    assert_eq!(&*template.raw, document);
    assert_eq!(template.selected, Some(ChargeMode::Instant));
    assert_eq!(
        template.instant.limit,
        Limit {
            selected: Some(LimitKind::Amount),
            amount: Some(5000.0),
            soc: Some(50.0)
        }
    );
    assert_eq!(template.pv.limit.soc, Some(80.0));
    assert_eq!(template.eco.max_price, Some(0.0002));
    assert_eq!(template.scheduled[0].limit.soc, Some(80.0));
    assert_eq!(template.time_charging_active, Some(true));
    assert_eq!(
        template.time_plans[0].time,
        Some(["06:00".into(), "07:00".into()])
    );
    assert_eq!(
        reading("openWB/vehicle/template/charge_template/1", document),
        Reading::ChargeTemplate {
            id: 1,
            template: Some(template)
        }
    );
}

#[test]
fn a_charge_template_that_a_client_broke_is_read_as_far_as_it_goes() {
    let ChargePoint::ChargeTemplate(Some(partial)) = charge_point(
        "set/charge_template",
        r#"{"id":2,"chargemode":{"selected":"stop","instant_charging":{"current":"abc","limit":7}}}"#,
    ) else {
        panic!("no template")
    };
    assert_eq!(partial.selected, Some(ChargeMode::Stop));
    assert_eq!(partial.instant, Instant::default());
    assert_eq!(
        decode("openWB/chargepoint/3/set/charge_template", br#""{broken""#),
        Decoded::Malformed(Reason::WrongType {
            expected: "an object"
        })
    );
}

#[test]
fn templates_of_vehicles_and_charge_points_are_read() {
    let Reading::VehicleTemplate {
        id: 1,
        template: Some(template),
    } = reading(
        "openWB/vehicle/template/ev_template/1",
        r#"{"id":1,"name":"ID.4","max_phases":3,"min_current":6,"battery_capacity":82000,"average_consump":17000,"bidi":false}"#,
    )
    else {
        panic!("no template")
    };
    assert_eq!(
        (template.battery_capacity, template.max_phases),
        (Some(82_000.0), Some(3))
    );
    let Reading::ChargePointTemplate {
        id: 0,
        template: Some(template),
    } = reading(
        "openWB/chargepoint/template/0",
        r#"{"id":0,"charging_type":"AC","valid_tags":["0012345678"],"autolock":{"active":true}}"#,
    )
    else {
        panic!("no template")
    };
    assert_eq!(template.valid_tags[0].as_str(), "0012345678");
    assert_eq!(template.autolock_active, Some(true));
}
