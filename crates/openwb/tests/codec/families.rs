//! Every family of topics, with the traps each of them holds.

use openwb::codec::{Decoded, MAX_PAYLOAD, Reason, decode};
use openwb::reading::*;

fn reading(topic: &str, payload: &str) -> Reading {
    match decode(topic, payload.as_bytes()) {
        Decoded::Reading(reading) => reading,
        other => panic!("{topic} {payload}: {other:?}"),
    }
}

fn meter(topic: &str, payload: &str) -> (Metered, Meter) {
    match reading(topic, payload) {
        Reading::Meter { of, value } => (of, value),
        other => panic!("{topic}: {other:?}"),
    }
}

fn charge_point(topic: &str, payload: &str) -> ChargePoint {
    match reading(&format!("openWB/chargepoint/3/{topic}"), payload) {
        Reading::ChargePoint { id: 3, value } => value,
        other => panic!("{topic}: {other:?}"),
    }
}

fn vehicle(topic: &str, payload: &str) -> Vehicle {
    match reading(&format!("openWB/vehicle/1/{topic}"), payload) {
        Reading::Vehicle { id: 1, value } => value,
        other => panic!("{topic}: {other:?}"),
    }
}

fn system(topic: &str, payload: &str) -> System {
    match reading(&format!("openWB/system/{topic}"), payload) {
        Reading::System(value) => value,
        other => panic!("{topic}: {other:?}"),
    }
}

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
fn a_deleted_topic_says_that_its_value_is_unknown_or_its_thing_is_gone() {
    assert_eq!(meter("openWB/pv/1/get/power", "").1, Meter::Power(None));
    assert_eq!(charge_point("config", ""), ChargePoint::Config(None));
    assert_eq!(
        charge_point("set/charge_template", ""),
        ChargePoint::ChargeTemplate(None)
    );
    assert_eq!(vehicle("name", ""), Vehicle::Name(None));
    assert_eq!(vehicle("tag_id", ""), Vehicle::Tags(None));
    assert_eq!(
        reading("openWB/counter/get/hierarchy", ""),
        Reading::Hierarchy(None)
    );
    assert_eq!(
        reading("openWB/system/device/0/component/1/config", ""),
        Reading::Component {
            id: 1,
            config: None
        }
    );
    assert_eq!(
        reading("openWB/system/device/0/config", ""),
        Reading::Device {
            id: 0,
            config: None
        }
    );
    assert_eq!(
        reading("openWB/vehicle/template/charge_template/2", ""),
        Reading::ChargeTemplate {
            id: 2,
            template: None
        }
    );
    assert_eq!(
        system("messages/1795331737000", ""),
        System::Message {
            id: 1_795_331_737_000,
            message: None
        }
    );
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

#[test]
fn topics_that_only_look_alike_are_unknown() {
    for topic in [
        "",
        "/",
        "openWB",
        "openWB/",
        "openwb/system/version",
        "prefix/openWB/system/version",
        "openWB/counter/x/get/power",
        "openWB/counter/-1/get/power",
        "openWB/counter/00/get/power",
        "openWB/counter/99999999999/get/power",
        "openWB/counter/0/get/power/more",
        "openWB/counter/0/get/",
        "openWB/counter/0",
        "openWB/chargepoint/3/get/new_thing",
        "openWB/chargepoint//get/power",
        "openWB/vehicle/1/get/new_thing",
        "openWB/system/messages/soon",
        "openWB/lp/1/W",
        "openWB//",
    ] {
        assert_eq!(decode(topic, b"1"), Decoded::Unknown, "{topic}");
    }
}

#[test]
fn writes_on_their_way_to_the_box_are_ignored() {
    assert_eq!(
        decode("openWB/set/chargepoint/3/set/manual_lock", b"1"),
        Decoded::Ignored
    );
}

#[test]
fn a_huge_payload_is_refused_without_looking_at_it() {
    let huge = vec![b' '; 1024 * 1024];
    assert!(huge.len() > MAX_PAYLOAD);
    for topic in [
        "openWB/counter/0/get/power",
        "openWB/counter/0/get/currents",
        "openWB/counter/get/hierarchy",
        "openWB/chargepoint/3/config",
        "openWB/chargepoint/3/get/plug_state",
        "openWB/chargepoint/3/get/state_str",
        "openWB/vehicle/1/soc_module/config",
        "openWB/system/Version",
        "openWB/system/datastore_version",
    ] {
        assert_eq!(
            decode(topic, &huge),
            Decoded::Malformed(Reason::TooLarge),
            "{topic}"
        );
    }
}

#[test]
fn a_reason_never_repeats_the_payload() {
    let Decoded::Malformed(reason) = decode("openWB/vehicle/1/name", b"{hunter2}") else {
        panic!("not malformed")
    };
    assert_eq!(reason, Reason::NotJson);
    assert!(!reason.to_string().contains("hunter2"));
}

#[test]
fn readings_stay_small() {
    assert!(size_of::<Reading>() <= 56, "{}", size_of::<Reading>());
}
