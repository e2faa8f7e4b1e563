//! The box, its settings, its devices and its vehicles.

use crate::reading::{reading, system, vehicle};
use openwb::codec::{Decoded, decode};
use openwb::reading::*;

#[test]
fn a_vehicle_is_read() {
    for (topic, payload, value) in [
        ("name", r#""ID.4""#, Vehicle::Name(Some("ID.4".into()))),
        (
            "tag_id",
            r#"["0012345678",""]"#,
            Vehicle::Tags(Some(Box::new([Tag::new("0012345678")]))),
        ),
        ("charge_template", "1", Vehicle::ChargeTemplate(Some(1))),
        ("ev_template", "2", Vehicle::VehicleTemplate(Some(2))),
        (
            "color",
            r##""#17a2b8""##,
            Vehicle::Color(Some("#17a2b8".into())),
        ),
        ("get/soc", "null", Vehicle::Soc(None)),
        ("get/soc", "42.74", Vehicle::Soc(Some(42.74))),
        ("get/range", "193", Vehicle::Range(Some(193.0))),
        ("get/odometer", "null", Vehicle::Odometer(None)),
        (
            "get/fault_state",
            "2",
            Vehicle::Fault(Some(FaultState::Error)),
        ),
        (
            "get/force_soc_update",
            "true",
            Vehicle::SocUpdateRequested(Some(true)),
        ),
        (
            "soc_module/calculated_soc_state",
            r#"{"manual_soc":80}"#,
            Vehicle::ManualSoc(Some(80.0)),
        ),
        (
            "soc_module/config",
            r#"{"type":null,"configuration":{}}"#,
            Vehicle::SocModule(None),
        ),
    ] {
        assert_eq!(vehicle(topic, payload), value, "{topic}");
    }
}

#[test]
fn credentials_of_cloud_modules_and_devices_are_never_kept() {
    let secret =
        r#""configuration":{"user_id":"max@example.org","password":"hunter2","token":"t0ken"}"#;
    let soc = reading(
        "openWB/vehicle/1/soc_module/config",
        &format!(r#"{{"type":"vwid",{secret}}}"#),
    );
    assert_eq!(
        soc,
        Reading::Vehicle {
            id: 1,
            value: Vehicle::SocModule(Some("vwid".into()))
        }
    );
    let device = reading(
        "openWB/system/device/5/config",
        &format!(r#"{{"name":"Powerwall","type":"powerwall","vendor":"tesla","id":5,{secret}}}"#),
    );
    assert_eq!(
        device,
        Reading::Device {
            id: 5,
            config: Some(Box::new(Device {
                name: Some("Powerwall".into()),
                driver: Some("powerwall".into()),
                vendor: Some("tesla".into())
            }))
        }
    );
    for topic in [
        "system/backup_cloud/config",
        "system/mqtt/bridge/1",
        "optional/ocpp/config",
        "optional/ep/flexible_tariff/provider",
    ] {
        let decoded = decode(
            &format!("openWB/{topic}"),
            format!("{{{secret}}}").as_bytes(),
        );
        assert_eq!(decoded, Decoded::Ignored, "{topic}");
    }
}

#[test]
fn a_component_gives_the_names_of_counters_inverters_and_batteries() {
    let kind = |name: &str| {
        let payload = format!(r#"{{"name":"X","type":"{name}","id":1}}"#);
        match reading("openWB/system/device/0/component/1/config", &payload) {
            Reading::Component {
                id: 1,
                config: Some(config),
            } => config.kind.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(kind("counter"), ComponentKind::Counter);
    assert_eq!(kind("counter_evu"), ComponentKind::Counter);
    assert_eq!(kind("inverter"), ComponentKind::Inverter);
    assert_eq!(kind("bat"), ComponentKind::Battery);
    assert_eq!(kind("io"), ComponentKind::Other("io".into()));
}

#[test]
fn the_system_says_who_it_is_and_that_it_lives() {
    let text = |s: &str| Some(Box::<str>::from(s));
    for (topic, payload, value) in [
        (
            "version",
            r#""2.3.0-alpha.1""#,
            System::Version {
                generation: Generation::V2,
                version: text("2.3.0-alpha.1"),
            },
        ),
        (
            "Version",
            "1.9.304.0",
            System::Version {
                generation: Generation::V1_9,
                version: text("1.9.304.0"),
            },
        ),
        (
            "time",
            "1795331600.169814",
            System::Time(Some(1_795_331_600.169_814)),
        ),
        ("boot_done", "false", System::BootDone(Some(false))),
        (
            "update_in_progress",
            "true",
            System::UpdateInProgress(Some(true)),
        ),
        (
            "ip_address",
            r#""192.0.2.2""#,
            System::IpAddress(text("192.0.2.2")),
        ),
        ("mac_address", r#""unknown""#, System::MacAddress(None)),
        ("hostname", r#""unknown""#, System::Hostname(None)),
        (
            "serial_number",
            r#""sn0000""#,
            System::SerialNumber(text("sn0000")),
        ),
        (
            "datastore_version",
            "[0,1,139]",
            System::DatastoreVersion(Some(139)),
        ),
        ("current_branch", "null", System::Branch(None)),
        (
            "security/user_management_active",
            "true",
            System::UserManagementActive(Some(true)),
        ),
    ] {
        assert_eq!(system(topic, payload), value, "{topic}");
    }
    let System::Message {
        id,
        message: Some(message),
    } = system(
        "messages/1795331737123",
        r#"{"source":"command","type":"danger","message":"Kaputt","timestamp":1795331737}"#,
    )
    else {
        panic!("no message")
    };
    assert_eq!((id, message.text.as_str()), (1_795_331_737_123, "Kaputt"));
}

#[test]
fn general_and_optional_settings_are_read() {
    for (topic, payload, value) in [
        ("control_interval", "10", General::ControlInterval(Some(10))),
        (
            "temporary_charge_templates_active",
            "false",
            General::TemporaryChargeTemplates(Some(false)),
        ),
        ("extern", "true", General::Extern(Some(true))),
        ("prices/grid", "0.0003", General::GridPrice(Some(0.0003))),
        (
            "range_unit",
            r#""km""#,
            General::RangeUnit(Some("km".into())),
        ),
        (
            "chargemode_config/pv_charging/bat_mode",
            r#""ev_mode""#,
            General::SurplusPriority(Some("ev_mode".into())),
        ),
    ] {
        assert_eq!(
            reading(&format!("openWB/general/{topic}"), payload),
            Reading::General(value),
            "{topic}"
        );
    }
    for (topic, payload, value) in [
        ("rfid/active", "false", Optional::RfidActive(Some(false))),
        ("dc_charging", "false", Optional::DcCharging(Some(false))),
        (
            "ep/configured",
            "true",
            Optional::TariffConfigured(Some(true)),
        ),
        (
            "et/configured",
            "false",
            Optional::TariffConfigured(Some(false)),
        ),
        (
            "ep/get/prices",
            "{}",
            Optional::TariffPrices(Some(Box::default())),
        ),
        (
            "et/get/prices",
            r#"{"1795334400": 0.0003, "1795330800": 0.000285, "x": 1, "1795338000": null}"#,
            Optional::TariffPrices(Some(Box::new([
                PriceSlot {
                    start: 1_795_330_800,
                    price: 0.000_285,
                },
                PriceSlot {
                    start: 1_795_334_400,
                    price: 0.0003,
                },
            ]))),
        ),
    ] {
        assert_eq!(
            reading(&format!("openWB/optional/{topic}"), payload),
            Reading::Optional(value),
            "{topic}"
        );
    }
}
