//! The messages of a real box.

use std::collections::{BTreeMap, BTreeSet};

use crate::recorded;
use openwb::codec::{Decoded, Decoder, decode};
use openwb::reading::{
    ChargeMode, ChargePoint, LimitKind, Meter, Metered, NodeKind, Reading, System, Vehicle,
};

#[test]
fn every_captured_message_decodes() {
    let messages = recorded::all();
    assert!(messages.len() > 5000);
    for message in messages {
        let decoded = decode(&message.topic, &message.payload);
        assert!(
            !matches!(decoded, Decoded::Malformed(_)),
            "{} {}: {decoded:?}",
            message.topic,
            String::from_utf8_lossy(&message.payload),
        );
    }
}

#[test]
fn a_prefix_changes_nothing_but_the_topic() {
    let decoder = Decoder::new("/home/garage/");
    for message in recorded::retained() {
        let topic = format!("home/garage/{}", message.topic);
        assert_eq!(
            decoder.decode(topic.as_bytes(), &message.payload),
            decode(&message.topic, &message.payload),
        );
        assert_eq!(
            decoder.decode(message.topic.as_bytes(), &message.payload),
            Decoded::Unknown
        );
    }
}

/// Everything else of a box is read, or known to say nothing.
#[test]
fn only_whole_areas_of_no_interest_are_unknown() {
    let unknown: BTreeSet<String> = recorded::all()
        .into_iter()
        .filter(|message| decode(&message.topic, &message.payload) == Decoded::Unknown)
        .map(|message| {
            message
                .topic
                .splitn(3, '/')
                .take(2)
                .collect::<Vec<_>>()
                .join("/")
        })
        .collect();
    assert_eq!(
        unknown.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "openWB-remote/valid_partner_ids",
            "openWB/LegacySmartHome",
            "openWB/command",
            "openWB/graph",
            "openWB/internal_chargepoint",
            "openWB/log",
            "openWB/mqtt",
            "openWB/simpleAPI",
        ],
    );
}

#[test]
fn what_is_ignored_is_a_short_list() {
    let ignored: BTreeSet<String> = recorded::all()
        .into_iter()
        .filter(|message| decode(&message.topic, &message.payload) == Decoded::Ignored)
        .map(|message| pattern(&message.topic))
        .filter(|topic| !topic.starts_with("openWB/set/"))
        .collect();
    let expected: BTreeSet<String> = include_str!("ignored_topics.txt")
        .lines()
        .map(ToOwned::to_owned)
        .collect();
    assert_eq!(ignored, expected);
}

/// A topic with its ids and keys replaced.
fn pattern(topic: &str) -> String {
    let level = |level: &str| match level {
        "" => String::new(),
        level if level.bytes().all(|b| b.is_ascii_digit()) => "N".to_owned(),
        level => level.to_owned(),
    };
    let topic = topic.split('/').map(level).collect::<Vec<_>>().join("/");
    for (area, short) in [
        (
            "openWB/system/configurable/",
            "openWB/system/configurable/#",
        ),
        (
            "openWB/system/security/access/",
            "openWB/system/security/access/#",
        ),
    ] {
        if topic.starts_with(area) {
            return short.to_owned();
        }
    }
    topic
}

#[test]
fn the_retained_tree_tells_the_whole_story_of_the_box() {
    let readings: Vec<Reading> = recorded::retained()
        .into_iter()
        .filter_map(|message| match decode(&message.topic, &message.payload) {
            Decoded::Reading(reading) => Some(reading),
            _ => None,
        })
        .collect();

    let roots = find(&readings, |r| match r {
        Reading::Hierarchy(Some(roots)) => Some(roots.clone()),
        _ => None,
    });
    assert_eq!(roots[0].kind, NodeKind::Counter);
    let children: Vec<_> = roots[0]
        .children
        .iter()
        .map(|n| (n.id, n.kind.clone()))
        .collect();
    assert_eq!(
        children,
        [
            (1, NodeKind::Inverter),
            (2, NodeKind::Battery),
            (3, NodeKind::ChargePoint),
            (4, NodeKind::ChargePoint)
        ]
    );

    let mut power = BTreeMap::new();
    for reading in &readings {
        if let Reading::Meter {
            of,
            value: Meter::Power(Some(watts)),
        } = reading
        {
            power.insert(format!("{of:?}"), *watts);
        }
    }
    let power: Vec<_> = power
        .iter()
        .map(|(of, watts)| (of.as_str(), *watts))
        .collect();
    assert_eq!(
        power,
        [
            ("AllBatteries", 800.0),
            ("AllChargePoints", 11040.0),
            ("AllInverters", -4200.0),
            ("Battery(2)", 800.0),
            ("ChargePoint(3)", 11040.0),
            ("ChargePoint(4)", 0.0),
            ("Counter(0)", 8090.0),
            ("Home", 450.0),
            ("Inverter(1)", -4200.0),
        ]
    );

    let carport = |wanted: fn(&ChargePoint) -> bool| {
        find(&readings, |r| match r {
            Reading::ChargePoint { id: 3, value } if wanted(value) => Some(value.clone()),
            _ => None,
        })
    };
    let ChargePoint::ChargeTemplate(Some(template)) =
        carport(|v| matches!(v, ChargePoint::ChargeTemplate(_)))
    else {
        panic!("no template")
    };
    assert_eq!(template.selected, Some(ChargeMode::Instant));
    assert_eq!(template.instant.current, Some(16.0));
    assert_eq!(template.instant.limit.selected, Some(LimitKind::None));
    let ChargePoint::AuthorisedTag(Some(tag)) =
        carport(|v| matches!(v, ChargePoint::AuthorisedTag(_)))
    else {
        panic!("no tag")
    };
    assert_eq!(tag.as_str(), "0012345678");

    let version = find(&readings, |r| match r {
        Reading::System(System::Version { version, .. }) => version.clone(),
        _ => None,
    });
    assert_eq!(&*version, "2.3.0-alpha.1");
    assert!(readings.contains(&Reading::Meter {
        of: Metered::AllInverters,
        value: Meter::Configured(Some(true))
    }));
    assert!(readings.contains(&Reading::Vehicle {
        id: 1,
        value: Vehicle::SocModule(Some("manual".into()))
    }));
}

#[test]
fn no_tag_of_the_captures_shows_in_debug_output() {
    for message in recorded::all() {
        let shown = format!("{:?}", decode(&message.topic, &message.payload));
        for tag in ["0012345678", "04A1B2C3D4E5F6", "0087654321", "DEADBEEF00"] {
            assert!(!shown.contains(tag), "{}: {shown}", message.topic);
        }
    }
}

fn find<T>(readings: &[Reading], wanted: impl Fn(&Reading) -> Option<T>) -> T {
    readings.iter().find_map(wanted).unwrap()
}
