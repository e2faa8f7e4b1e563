//! Changing the charge template of a charge point, since 2.1.8.

use openwb::codec::{Decoded, decode};
use openwb::command::Refusal;
use openwb::command::v2::{Change, Command, Limit, Section, change_profile};
use openwb::reading::{ChargeMode, ChargePoint, ChargeTemplate, Reading};

use crate::{out_of_range, sent};

/// As a box writes it, with a key no release has yet.
const TEMPLATE: &str = r#"{"id": 2, "name": "L\u00e4nger", "prio": false, "load_default": false, "time_charging": {"active": false, "plans": []}, "future": {"z": 1, "a": [1.50, null]}, "chargemode": {"selected": "instant_charging", "eco_charging": {"current": 6, "dc_current": 145, "limit": {"selected": "none", "amount": 50000, "soc": 50}, "max_price": 0.0002, "phases_to_use": 3}, "pv_charging": {"dc_min_current": 145, "dc_min_soc_current": 145, "feed_in_limit": false, "limit": {"selected": "none", "amount": 50000, "soc": 50}, "min_current": 0, "min_soc_current": 10, "min_soc": 0, "phases_to_use": 0, "phases_to_use_min_soc": 3}, "scheduled_charging": {"plans": []}, "instant_charging": {"current": 16, "dc_current": 145, "limit": {"selected": "none", "amount": 50000, "soc": 50}, "phases_to_use": 3}}}"#;

fn template(document: &str) -> ChargeTemplate {
    match decode(
        "openWB/chargepoint/3/set/charge_template",
        document.as_bytes(),
    ) {
        Decoded::Reading(Reading::ChargePoint {
            value: ChargePoint::ChargeTemplate(Some(template)),
            ..
        }) => *template,
        other => panic!("{other:?}"),
    }
}

fn charge(changes: impl Into<Vec<Change>>) -> Command {
    Command::Charge {
        charge_point: 3,
        changes: changes.into(),
    }
}

/// What a command does to the template, as the places that differ.
fn becomes(command: &Command, old: &str, new: &str) {
    assert_eq!(TEMPLATE.matches(old).count(), 1, "{old}");
    assert_eq!(
        sent(&command.write(Some(&template(TEMPLATE)))),
        (
            "openWB/set/chargepoint/3/set/charge_template",
            &*TEMPLATE.replace(old, new)
        )
    );
}

#[test]
fn one_value_changes_and_everything_else_stays_to_the_byte() {
    for (change, old, new) in [
        (
            Change::Mode(ChargeMode::Stop),
            r#""selected": "instant_charging""#,
            r#""selected": "stop""#,
        ),
        (
            Change::Mode(ChargeMode::Eco),
            r#""selected": "instant_charging""#,
            r#""selected": "eco_charging""#,
        ),
        (
            Change::InstantCurrent(32),
            r#""instant_charging": {"current": 16"#,
            r#""instant_charging": {"current": 32"#,
        ),
        (
            Change::Limit {
                of: Section::Instant,
                limit: Limit::Energy(10_000),
            },
            r#""current": 16, "dc_current": 145, "limit": {"selected": "none", "amount": 50000"#,
            r#""current": 16, "dc_current": 145, "limit": {"selected": "amount", "amount": 10000"#,
        ),
        (
            Change::Limit {
                of: Section::Pv,
                limit: Limit::Soc(80),
            },
            r#""feed_in_limit": false, "limit": {"selected": "none", "amount": 50000, "soc": 50}"#,
            r#""feed_in_limit": false, "limit": {"selected": "soc", "amount": 50000, "soc": 80}"#,
        ),
        (
            Change::Limit {
                of: Section::Eco,
                limit: Limit::Energy(1),
            },
            r#""limit": {"selected": "none", "amount": 50000, "soc": 50}, "max_price""#,
            r#""limit": {"selected": "amount", "amount": 1, "soc": 50}, "max_price""#,
        ),
        (
            Change::PvMinCurrent(6),
            r#""min_current": 0"#,
            r#""min_current": 6"#,
        ),
        (Change::PvMinSoc(20), r#""min_soc": 0"#, r#""min_soc": 20"#),
        (
            Change::PvMinSocCurrent(16),
            r#""min_soc_current": 10"#,
            r#""min_soc_current": 16"#,
        ),
        (
            Change::EcoCurrent(8),
            r#""eco_charging": {"current": 6"#,
            r#""eco_charging": {"current": 8"#,
        ),
        (
            Change::EcoMaxPrice(0.00025),
            r#""max_price": 0.0002"#,
            r#""max_price": 0.00025"#,
        ),
        (
            Change::Priority(true),
            r#""prio": false"#,
            r#""prio": true"#,
        ),
    ] {
        becomes(&charge([change]), old, new);
    }
}

#[test]
fn a_limit_is_lifted_without_forgetting_its_values() {
    let limited = TEMPLATE.replace(
        r#""limit": {"selected": "none", "amount": 50000, "soc": 50}, "phases_to_use": 3}}}"#,
        r#""limit": {"selected": "soc", "amount": 7, "soc": 8}, "phases_to_use": 3}}}"#,
    );
    let lift = charge([Change::Limit {
        of: Section::Instant,
        limit: Limit::None,
    }]);
    let expected = limited.replace(r#""selected": "soc""#, r#""selected": "none""#);
    assert_eq!(sent(&lift.write(Some(&template(&limited)))).1, &*expected);
}

#[test]
fn several_changes_are_one_message() {
    becomes(
        &charge([
            Change::InstantCurrent(10),
            Change::Limit {
                of: Section::Instant,
                limit: Limit::Soc(90),
            },
        ]),
        r#""instant_charging": {"current": 16, "dc_current": 145, "limit": {"selected": "none", "amount": 50000, "soc": 50}"#,
        r#""instant_charging": {"current": 10, "dc_current": 145, "limit": {"selected": "soc", "amount": 50000, "soc": 90}"#,
    );
}

#[test]
fn the_energy_of_instant_charging_is_set_without_choosing_it() {
    becomes(
        &charge([Change::InstantLimitEnergy(9_000)]),
        r#""instant_charging": {"current": 16, "dc_current": 145, "limit": {"selected": "none", "amount": 50000"#,
        r#""instant_charging": {"current": 16, "dc_current": 145, "limit": {"selected": "none", "amount": 9000"#,
    );
}

#[test]
fn a_profile_is_changed_whichever_charge_point_uses_it() {
    let write = change_profile(&template(TEMPLATE), &[Change::InstantCurrent(10)]);
    let expected = TEMPLATE.replace(
        r#""instant_charging": {"current": 16"#,
        r#""instant_charging": {"current": 10"#,
    );
    let topic = "openWB/set/vehicle/template/charge_template/2";
    assert_eq!(sent(&write), (topic, expected.as_str()));
    let partial = template(r#"{"id": 2, "chargemode": {"selected": "stop"}}"#);
    let missing = "time_charging";
    assert_eq!(
        change_profile(&partial, &[]),
        Err(Refusal::Incomplete { missing })
    );
}

#[test]
fn nothing_is_changed_in_a_template_that_was_not_received() {
    let command = charge([Change::Priority(true)]);
    assert_eq!(command.write(None), Err(Refusal::TemplateUnknown));
}

#[test]
fn a_partial_document_is_not_changed() {
    for (document, missing) in [
        (r#"{"chargemode": {"selected": "stop"}}"#, "id"),
        (
            r#"{"id": "2", "chargemode": {}, "time_charging": {}}"#,
            "selected",
        ),
        (
            r#"{"id": 2, "chargemode": {"selected": "stop"}}"#,
            "time_charging",
        ),
        (
            r#"{"id": 2, "chargemode": {"selected": "stop"}, "time_charging": {}}"#,
            "instant_charging",
        ),
        (
            r#"{"id": 2, "chargemode": "stop", "time_charging": {}}"#,
            "chargemode",
        ),
        (&TEMPLATE.replace(r#""id": 2"#, r#""id": null"#), "id"),
    ] {
        let change = charge([Change::Priority(true)]);
        let partial = template(document);
        let refusal = Err(Refusal::Incomplete { missing });
        assert_eq!(change.write(Some(&partial)), refusal, "{document}");
    }
}

#[test]
fn a_section_that_is_no_object_is_refused() {
    let broken = TEMPLATE.replace(
        r#""instant_charging": {"#,
        r#""instant_charging": 0, "x": {"#,
    );
    let change = charge([Change::InstantCurrent(10)]);
    assert_eq!(
        change.write(Some(&template(&broken))),
        Err(Refusal::Incomplete {
            missing: "instant_charging"
        })
    );
}

#[test]
fn modes_a_box_would_choke_on_are_refused() {
    for mode in [
        ChargeMode::Time,
        ChargeMode::Standby,
        ChargeMode::Other("turbo".into()),
    ] {
        let name = mode.as_str().into();
        let command = charge([Change::Mode(mode)]);
        assert_eq!(
            command.write(Some(&template(TEMPLATE))),
            Err(Refusal::UnknownMode { mode: name })
        );
    }
}

#[test]
fn what_is_out_of_range_is_not_sent() {
    let limit = |of, limit| Change::Limit { of, limit };
    let current = || out_of_range("the current", "6 to 32 A");
    let soc = || out_of_range("the state of charge", "0 to 100 %");
    let price = || out_of_range("the price limit", "between −0.01 and 0.01 € per Wh");
    let least = || out_of_range("the minimum current", "0 or 6 to 16 A");
    for (change, refusal) in [
        (Change::InstantCurrent(5), current()),
        (Change::InstantCurrent(33), current()),
        (Change::EcoCurrent(0), current()),
        (Change::PvMinSocCurrent(33), current()),
        (Change::PvMinCurrent(5), least()),
        (Change::PvMinCurrent(17), least()),
        (Change::PvMinSoc(101), soc()),
        (limit(Section::Pv, Limit::Soc(101)), soc()),
        (
            limit(Section::Pv, Limit::Energy(0)),
            out_of_range("the energy limit", "at least 1 Wh"),
        ),
        (Change::EcoMaxPrice(0.25), price()),
        (Change::EcoMaxPrice(f64::NAN), price()),
        (Change::EcoMaxPrice(f64::NEG_INFINITY), price()),
    ] {
        // One bad value keeps the good ones back too.
        let command = charge([Change::Priority(true), change]);
        assert_eq!(command.write(Some(&template(TEMPLATE))), Err(refusal));
    }
}

#[test]
fn the_template_of_a_real_box_is_sent_back_to_the_byte() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/openwb2/retained.jsonl"
    );
    let mut seen = 0;
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let document = line["payload"].as_str().unwrap();
        if line["topic"]
            .as_str()
            .unwrap()
            .ends_with("/set/charge_template")
        {
            let current = template(document);
            let again = charge([Change::Mode(current.selected.clone().unwrap())]);
            assert_eq!(sent(&again.write(Some(&current))).1, document);
            seen += 1;
        }
    }
    assert_eq!(seen, 2);
}
