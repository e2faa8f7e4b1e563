//! The translator on what a real 1.9 box said.

use std::collections::BTreeMap;

use ladebuch_domain::control::Lasting;
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::reading::{ChargeLimit, ChargeMode, Fact, Reading};
use ladebuch_domain::units::{Amperes, WattHours, Watts};
use openwb::codec::{Decoded, decode};

use crate::sources::openwb::{Dialect, Message, Said};

/// Everything a real box retained in mid-charge: `topic payload` a line.
const RETAINED: &str = include_str!("../../../../../../tests/fixtures/openwb19/retained.txt");

fn take(dialect: &mut Dialect, messages: &[(&str, &str)], retained: bool) -> (Vec<Reading>, Said) {
    let (mut said, mut out) = (Said::default(), Vec::new());
    for (topic, payload) in messages {
        if let Decoded::Reading(reading) = decode(topic, payload.as_bytes()) {
            dialect.take(Message { reading, retained }, &mut said, &mut out);
        }
    }
    (out, said)
}

fn settled(messages: &[(&str, &str)]) -> (Dialect, Vec<Reading>, Said) {
    let mut dialect = Dialect::default();
    let (before, mut said) = take(&mut dialect, messages, true);
    assert_eq!(before, [], "nothing is told before it is known what exists");
    let mut out = Vec::new();
    dialect.settle(&mut said, &mut out);
    (dialect, out, said)
}

fn captured() -> Vec<(&'static str, &'static str)> {
    RETAINED
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(topic, _)| topic.starts_with("openWB/"))
        .collect()
}

/// The last fact of each sort about a device.
fn facts(readings: &[Reading], device: &str) -> Vec<Fact> {
    let mut last: BTreeMap<String, Fact> = BTreeMap::new();
    for reading in readings
        .iter()
        .filter(|reading| reading.device.id.as_str() == device)
    {
        let name = format!("{:?}", reading.fact);
        let kind = name.split('(').next().unwrap().to_owned();
        last.insert(kind, reading.fact.clone());
    }
    last.into_values().collect()
}

#[test]
fn the_retained_tree_of_a_real_box_becomes_its_household() {
    let (dialect, readings, said) = settled(&captured());
    assert_eq!(dialect.generation(), Some(openwb::Generation::V1_9));
    assert_eq!(said.version.as_deref(), Some("1.9.304.0"));
    let kinds: BTreeMap<String, DeviceKind> = readings
        .iter()
        .map(|reading| (reading.device.id.to_string(), reading.device.kind))
        .collect();
    assert_eq!(kinds.get("evu"), Some(&DeviceKind::Grid));
    assert_eq!(kinds.get("home"), Some(&DeviceKind::Home));
    assert_eq!(kinds.get("lp/1"), Some(&DeviceKind::ChargePoint));
    assert!(!kinds.contains_key("lp/8"), "its topics exist, it does not");
    let inventory = said.inventory.unwrap();
    for id in kinds.keys() {
        assert!(inventory.iter().any(|listed| listed.as_str() == id), "{id}");
    }
    assert!(!said.heartbeat, "a retained heartbeat may be days old");
}

const BOX: [(&str, &str); 12] = [
    ("openWB/system/Version", "1.9.304.0"),
    ("openWB/global/ChargeMode", "2"),
    ("openWB/lp/1/boolChargePointConfigured", "1"),
    ("openWB/lp/2/boolChargePointConfigured", "0"),
    ("openWB/lp/1/strChargePointName", "Carport"),
    ("openWB/lp/1/W", "6900"),
    ("openWB/lp/2/W", "0"),
    ("openWB/lp/1/kWhCounter", "1234.782"),
    ("openWB/config/get/sofort/lp/1/current", "16"),
    ("openWB/config/get/sofort/lp/1/chargeLimitation", "1"),
    ("openWB/config/get/sofort/lp/1/energyToCharge", "20"),
    ("openWB/lp/1/ChargePointEnabled", "0"),
];

#[test]
fn signs_units_and_settings_become_ladebuchs() {
    let (_, readings, _) = settled(&BOX);
    let facts = facts(&readings, "lp/1");
    for expected in [
        Fact::Name("Carport".into()),
        Fact::Power(Some(Watts(6_900.0))),
        Fact::Imported(Some(WattHours(1_234_782.0))),
        Fact::Mode(Some(ChargeMode::Pv)),
        Fact::Locked(Some(true)),
    ] {
        assert!(facts.contains(&expected), "{expected:?} in {facts:?}");
    }
    let settings = facts.iter().find_map(|fact| match fact {
        Fact::Settings(settings) => settings.clone(),
        _ => None,
    });
    let settings = settings.unwrap();
    assert_eq!(settings.mode, Some(ChargeMode::Pv));
    assert_eq!(settings.current, Some(Amperes(16.0)));
    assert_eq!(
        settings.limit,
        Some(ChargeLimit::Energy(WattHours(20_000.0)))
    );
    let abilities = facts.iter().find_map(|fact| match fact {
        Fact::Abilities(abilities) => abilities.clone(),
        _ => None,
    });
    let abilities = abilities.unwrap();
    assert!(abilities.one_mode_for_all);
    assert!(abilities.modes.contains(&ChargeMode::MinPv));
    assert_eq!(abilities.lasting, Some(Lasting::ForGood));
    assert!(
        !readings
            .iter()
            .any(|reading| reading.device.id.as_str() == "lp/2")
    );
}

#[test]
fn production_is_positive_and_the_roof_is_one_device() {
    let (_, readings, _) = settled(&[
        ("openWB/system/Version", "1.9.304.0"),
        ("openWB/pv/1/boolPVConfigured", "1"),
        ("openWB/pv/W", "-4200"),
        ("openWB/pv/1/W", "-4200"),
        ("openWB/pv/WhCounter", "12345000.0"),
    ]);
    let facts = facts(&readings, "pv");
    assert!(
        facts.contains(&Fact::Power(Some(Watts(4_200.0)))),
        "{facts:?}"
    );
    assert!(
        facts.contains(&Fact::Produced(Some(WattHours(12_345_000.0)))),
        "{facts:?}"
    );
    assert!(
        readings
            .iter()
            .all(|reading| reading.device.id.as_str() != "pv/1")
    );
}

#[test]
fn what_a_box_kept_of_its_1_9_days_does_not_count_on_2_x() {
    let mut messages = BOX.to_vec();
    messages.push(("openWB/system/version", "\"2.2.0\""));
    let (dialect, readings, said) = settled(&messages);
    assert_eq!(dialect.generation(), Some(openwb::Generation::V2));
    assert_eq!(readings, []);
    assert_eq!(said.version.as_deref(), Some("2.2.0"));
}

#[test]
fn a_charge_point_that_is_switched_off_is_gone() {
    let (mut dialect, _, _) = settled(&BOX);
    let (out, _) = take(
        &mut dialect,
        &[("openWB/lp/1/boolChargePointConfigured", "0")],
        false,
    );
    assert!(
        matches!(
            out.as_slice(),
            [Reading {
                fact: Fact::Removed,
                ..
            }]
        ),
        "{out:?}"
    );
}

#[test]
fn the_card_of_a_charge_is_the_one_scanned_for_it() {
    let (mut dialect, readings, _) = settled(
        &[
            &BOX[..],
            &[("openWB/lp/1/lastRfId", "0012345678,1795333367")],
        ]
        .concat(),
    );
    let tagged = |readings: &[Reading]| {
        facts(readings, "lp/1")
            .into_iter()
            .find(|fact| matches!(fact, Fact::Tag(_)))
    };
    assert_eq!(tagged(&readings), None, "the topic keeps it for ever");
    let scan = ("openWB/lp/1/lastRfId", "0012345678,1795333999");
    let (out, _) = take(&mut dialect, &[scan], false);
    assert!(matches!(tagged(&out), Some(Fact::Tag(Some(_)))));
    let unplug = ("openWB/lp/1/boolPlugStat", "0");
    let (out, _) = take(&mut dialect, &[unplug], false);
    assert_eq!(tagged(&out), Some(Fact::Tag(None)));
}
