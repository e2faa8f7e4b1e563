//! The translator on what a real box said, and on what a box may say.

use std::collections::BTreeMap;

use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::reading::{ChargeLimit, ChargeMode, Fact, FaultLevel, Reading};
use ladebuch_domain::source::ProblemKind;
use ladebuch_domain::units::{Amperes, Percent, WattHours, Watts};
use openwb::codec::{Decoded, decode};

use super::Translator;
use crate::sources::openwb::{Message, Said};

/// Everything a real box retained in mid-charge: one `{"topic":…,"payload":…}` a line.
const RETAINED: &str = include_str!("../../../../../../tests/fixtures/openwb2/retained.jsonl");

const HIERARCHY: (&str, &str) = (
    "openWB/counter/get/hierarchy",
    r#"[{"id":7,"type":"counter","children":[{"id":1,"type":"inverter","children":[]},{"id":3,"type":"cp","children":[]}]}]"#,
);

/// Translates live messages; says what came out and what the box said of itself.
fn translate(translator: &mut Translator, messages: &[(&str, &str)]) -> (Vec<Reading>, Said) {
    let (mut said, mut out) = (Said::default(), Vec::new());
    for (topic, payload) in messages {
        match decode(topic, payload.as_bytes()) {
            Decoded::Reading(reading) => {
                translator.take(
                    Message {
                        reading,
                        retained: false,
                    },
                    &mut said,
                    &mut out,
                );
            }
            Decoded::Ignored | Decoded::Unknown => {}
            Decoded::Malformed(reason) => panic!("{topic}: {reason}"),
        }
    }
    (out, said)
}

/// Facts about one device, in order.
fn facts(messages: &[(&str, &str)], device: &str) -> Vec<Fact> {
    let mut translator = Translator::new();
    translate(&mut translator, &[HIERARCHY]);
    let (out, _) = translate(&mut translator, messages);
    let of_device = out
        .into_iter()
        .filter(|reading| reading.device.id.as_str() == device);
    of_device.map(|reading| reading.fact).collect()
}

#[test]
fn the_retained_tree_of_a_real_box_becomes_its_household() {
    let mut translator = Translator::new();
    let lines: Vec<(String, String)> = RETAINED
        .lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| line[key].as_str().unwrap().to_owned();
            (text("topic"), text("payload"))
        })
        .collect();
    let messages: Vec<(&str, &str)> = lines
        .iter()
        .map(|(topic, payload)| (topic.as_str(), payload.as_str()))
        .collect();
    let (readings, said) = translate(&mut translator, &messages);

    let mut kinds = BTreeMap::new();
    for reading in &readings {
        kinds.insert(reading.device.id.to_string(), reading.device.kind);
    }
    let expected = [
        ("bat/2", DeviceKind::Battery),
        ("chargepoint/3", DeviceKind::ChargePoint),
        ("chargepoint/4", DeviceKind::ChargePoint),
        ("counter/0", DeviceKind::Grid),
        ("home", DeviceKind::Home),
        ("pv/1", DeviceKind::Pv),
    ];
    assert_eq!(
        kinds,
        expected.map(|(id, kind)| (id.to_owned(), kind)).into()
    );

    let has = |device: &str, fact: Fact| {
        let found = readings
            .iter()
            .any(|r| r.device.id.as_str() == device && r.fact == fact);
        assert!(found, "{device} should say {fact:?}");
    };
    has("pv/1", Fact::Power(Some(Watts(4200.0))));
    has("pv/1", Fact::Produced(Some(WattHours(12_345_567.18))));
    has("bat/2", Fact::Power(Some(Watts(800.0))));
    has("bat/2", Fact::Soc(Some(Percent(61.0))));
    has("chargepoint/3", Fact::Name("Carport".into()));
    has("chargepoint/3", Fact::Power(Some(Watts(11_040.0))));
    has(
        "chargepoint/3",
        Fact::PhaseCurrents(Some([Amperes(16.0); 3])),
    );
    has("chargepoint/3", Fact::Charging(Some(true)));
    has("chargepoint/3", Fact::Mode(Some(ChargeMode::Instant)));
    has("chargepoint/3", Fact::Limit(Some(ChargeLimit::None)));
    has("chargepoint/3", Fact::Fault(None));
    has("counter/0", Fact::Name("MQTT-Zähler".into()));
    assert_eq!(said.version.unwrap(), "2.3.0-alpha.1");
    assert_eq!(said.booting, Some(false));
    assert!(translator.is_openwb());
    assert_eq!(translator.hidden_points(), []);
    assert!(translator.shows_points());
}

#[test]
fn the_grid_counter_is_the_first_root_whatever_its_id() {
    let readings = facts(&[("openWB/counter/7/get/power", "-2950.0")], "counter/7");
    assert_eq!(readings, [Fact::Power(Some(Watts(-2950.0)))]);
    let mut translator = Translator::new();
    let (out, _) = translate(
        &mut translator,
        &[("openWB/counter/7/get/power", "1"), HIERARCHY],
    );
    assert_eq!(
        out[0].device.kind,
        DeviceKind::Grid,
        "held back until the role is known"
    );
}

#[test]
fn what_the_hierarchy_does_not_list_is_not_there() {
    assert_eq!(
        facts(
            &[("openWB/chargepoint/9/get/power", "1.0")],
            "chargepoint/9"
        ),
        []
    );
    let mut translator = Translator::new();
    let (_, said) = translate(&mut translator, &[HIERARCHY]);
    let listed: Vec<String> = said
        .inventory
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(listed, ["chargepoint/3", "counter/7", "pv/1", "home"]);
}

#[test]
fn production_is_positive_and_counted_as_produced() {
    let messages = [
        ("openWB/pv/1/get/power", "-4200.0"),
        ("openWB/pv/1/get/currents", "[-6.1, -6.1, 0]"),
        ("openWB/pv/1/get/exported", "12345567.18"),
        ("openWB/pv/1/get/imported", "3"),
    ];
    let expected = [
        Fact::Power(Some(Watts(4200.0))),
        Fact::PhaseCurrents(Some([Amperes(6.1), Amperes(6.1), Amperes(0.0)])),
        Fact::Produced(Some(WattHours(12_345_567.18))),
    ];
    assert_eq!(facts(&messages, "pv/1"), expected);
}

#[test]
fn a_fault_is_told_with_its_words_and_its_end() {
    let messages = [
        (
            "openWB/chargepoint/3/get/fault_str",
            r#""Z\u00e4hler antwortet nicht""#,
        ),
        ("openWB/chargepoint/3/get/fault_state", "2"),
        ("openWB/chargepoint/3/get/fault_state", "0"),
    ];
    let facts = facts(&messages, "chargepoint/3");
    let Fact::Fault(Some(fault)) = &facts[1] else {
        panic!("{facts:?}")
    };
    assert_eq!(
        (fault.level, &*fault.text),
        (FaultLevel::Error, "Zähler antwortet nicht")
    );
    assert_eq!(facts[2], Fact::Fault(None));
}

#[test]
fn unplugging_ends_the_running_counter() {
    let messages = [
        (
            "openWB/chargepoint/3/set/log",
            r#"{"imported_at_plugtime": 1000.0, "imported_since_plugged": 631.23}"#,
        ),
        ("openWB/chargepoint/3/get/plug_state", "false"),
        (
            "openWB/chargepoint/3/set/log",
            r#"{"imported_at_plugtime": 0, "imported_since_plugged": 0}"#,
        ),
    ];
    let expected = [
        Fact::SincePlugIn(Some(WattHours(631.23))),
        Fact::Plugged(Some(false)),
        Fact::SincePlugIn(None),
        Fact::SincePlugIn(None),
    ];
    assert_eq!(facts(&messages, "chargepoint/3"), expected);
}

#[test]
fn sentences_never_carry_a_full_tag() {
    let text = r#""Der ID-Tag 0012345678 ist an diesem Ladepunkt nicht g\u00fcltig.""#;
    let facts = facts(
        &[("openWB/chargepoint/3/get/state_str", text)],
        "chargepoint/3",
    );
    let Fact::StateText(Some(text)) = &facts[0] else {
        panic!("{facts:?}")
    };
    assert_eq!(
        &**text,
        "Der ID-Tag …5678 ist an diesem Ladepunkt nicht gültig."
    );
}

#[test]
fn only_a_live_heartbeat_is_a_sign_of_life() {
    for (retained, alive) in [(true, false), (false, true)] {
        let Decoded::Reading(reading) = decode("openWB/system/time", b"1795331600.1") else {
            panic!("the heartbeat should decode");
        };
        let mut said = Said::default();
        let message = Message { reading, retained };
        Translator::new().take(message, &mut said, &mut Vec::new());
        assert_eq!(said.heartbeat, alive);
    }
}

#[test]
fn a_box_that_hides_its_charge_points_wants_a_user() {
    let mut translator = Translator::new();
    let managed = ("openWB/system/security/user_management_active", "true");
    translate(&mut translator, &[HIERARCHY, managed]);
    assert_eq!(translator.hidden_points(), ["chargepoint/3".into()]);
    assert!(!translator.shows_points());
    translate(
        &mut translator,
        &[(
            "openWB/chargepoint/3/config",
            r#"{"name":"Carport","id":3}"#,
        )],
    );
    assert_eq!(translator.hidden_points(), []);
    assert!(translator.shows_points());
}

#[test]
fn every_problem_of_the_link_has_its_own_kind() {
    for code in openwb::link::Problem::CODES {
        let named = ProblemKind::ALL.iter().any(|kind| kind.code() == *code);
        assert!(named, "{code} would be shown as another problem");
    }
}
