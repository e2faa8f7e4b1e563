//! The messages of a real box.

use std::collections::BTreeSet;

use super::recorded;
use openwb::codec::{Decoded, decode};
use openwb::reading::Tag;
use openwb::reading::v1_9::*;

/// Messages by what became of them.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    readings: usize,
    ignored: usize,
    unknown: usize,
}

fn count(messages: &[recorded::Captured]) -> Counts {
    let mut counts = Counts::default();
    for message in messages {
        match decode(&message.topic, &message.payload) {
            Decoded::Reading(_) => counts.readings += 1,
            Decoded::Ignored => counts.ignored += 1,
            Decoded::Unknown => counts.unknown += 1,
            Decoded::Malformed(reason) => panic!(
                "{} {}: {reason}",
                message.topic,
                String::from_utf8_lossy(&message.payload)
            ),
        }
    }
    counts
}

#[test]
fn every_captured_message_decodes() {
    let retained = recorded::retained();
    assert_eq!(retained.len(), 443);
    let expected = Counts {
        readings: 332,
        ignored: 82,
        unknown: 29,
    };
    assert_eq!(count(&retained), expected);
    // Most of the stream is what simulated hardware wrote to `openWB/set/`.
    let expected = Counts {
        readings: 912,
        ignored: 2623,
        unknown: 31,
    };
    assert_eq!(count(&recorded::stream()), expected);
}

/// Everything else of a box is read, or known to say nothing.
#[test]
fn only_whole_areas_of_no_interest_are_unknown() {
    let unknown: BTreeSet<String> = recorded::all()
        .into_iter()
        .filter(|message| decode(&message.topic, &message.payload) == Decoded::Unknown)
        .filter_map(|message| message.topic.split('/').nth(1).map(ToOwned::to_owned))
        .collect();
    assert_eq!(
        unknown.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "ChargeStatus",
            "Verbraucher",
            "boolChargeAtNight_direct",
            "boolChargeAtNight_minpv",
            "boolChargeAtNight_nurpv",
            "boolChargeAtNight_standby",
            "boolDisplayDailyCharged",
            "boolDisplayHouseConsumption",
            "boolEvuSmoothedActive",
            "graph",
            "hook",
        ],
    );
}

#[test]
fn what_is_ignored_is_a_short_list() {
    let ignored: BTreeSet<String> = recorded::all()
        .into_iter()
        .filter(|message| decode(&message.topic, &message.payload) == Decoded::Ignored)
        .map(|message| pattern(&message.topic))
        .filter(|topic| !topic.starts_with("set/") && !topic.starts_with("config/set/"))
        .collect();
    let expected: BTreeSet<String> = include_str!("ignored_topics.txt")
        .lines()
        .map(ToOwned::to_owned)
        .collect();
    assert_eq!(ignored, expected);
}

/// A topic below `openWB/` with its numbers replaced.
fn pattern(topic: &str) -> String {
    let level = |level: &str| {
        let name = level.trim_start_matches(|c: char| c.is_ascii_digit());
        if name.len() == level.len() {
            level.to_owned()
        } else {
            format!("N{name}")
        }
    };
    topic
        .split('/')
        .skip(1)
        .map(level)
        .collect::<Vec<_>>()
        .join("/")
}

#[test]
fn the_retained_tree_tells_the_whole_story_of_the_box() {
    let readings: Vec<Reading> = readings(recorded::retained());
    let metered = |of, value| Reading::Meter { of, value };
    let point = |number, value| Reading::ChargePoint { number, value };
    let watts = |of, watts| metered(of, Meter::Power(Some(watts)));
    let scan = Box::new(Scan {
        tag: Tag::new("0012345678"),
        at: Some(1_795_333_367.0),
    });
    for expected in [
        watts(Metered::Grid, 3950.0),
        watts(Metered::AllInverters, -4200.0),
        watts(Metered::Inverter(1), -4200.0),
        watts(Metered::Inverter(2), 0.0),
        watts(Metered::Battery, 800.0),
        watts(Metered::ChargePoint(1), 6900.0),
        watts(Metered::ChargePoint(2), 0.0),
        watts(Metered::AllChargePoints, 6900.0),
        watts(Metered::House, 450.0),
        metered(Metered::Grid, Meter::Voltage(Phase::L1, Some(230.1))),
        metered(Metered::Grid, Meter::Current(Phase::L1, Some(5.72))),
        metered(Metered::Grid, Meter::Imported(Some(4_711_000.0))),
        metered(Metered::Grid, Meter::Exported(Some(8_123_000.0))),
        metered(Metered::AllInverters, Meter::Exported(Some(12_345_000.0))),
        metered(Metered::Inverter(2), Meter::Configured(Some(false))),
        metered(Metered::Battery, Meter::Soc(Some(61.0))),
        metered(Metered::ChargePoint(1), Meter::Imported(Some(1_234_782.0))),
        point(1, ChargePoint::Configured(Some(true))),
        point(2, ChargePoint::Configured(Some(true))),
        point(3, ChargePoint::Configured(Some(false))),
        point(8, ChargePoint::Configured(Some(false))),
        point(1, ChargePoint::Name(Some("Carport".into()))),
        point(2, ChargePoint::Name(Some("Garage".into()))),
        point(1, ChargePoint::Plugged(Some(true))),
        point(1, ChargePoint::Charging(Some(true))),
        point(1, ChargePoint::Enabled(Some(true))),
        point(1, ChargePoint::OfferedCurrent(Some(6.0))),
        point(1, ChargePoint::Soc(Some(42.0))),
        point(1, ChargePoint::EnergySincePlugIn(Some(210.0))),
        point(1, ChargePoint::TimeRemaining(Some(10_320))),
        point(2, ChargePoint::TimeRemaining(None)),
        point(1, ChargePoint::LastTag(Some(scan.clone()))),
        point(2, ChargePoint::LastTag(None)),
        point(1, ChargePoint::EnergyLimitActive(Some(true))),
        point(1, ChargePoint::InstantCurrent(Some(10.0))),
        point(1, ChargePoint::InstantLimit(Some(Limit::Energy))),
        point(1, ChargePoint::InstantEnergy(Some(20_000.0))),
        point(1, ChargePoint::PvMinSoc(Some(25.0))),
        Reading::Global(Global::ChargeMode(Some(ChargeMode::Instant))),
        Reading::Global(Global::Rfid(Some(RfidMode::Assign))),
        Reading::Global(Global::LoadManagement(None)),
        Reading::Global(Global::MinPvCurrent(Some(10.0))),
        Reading::Global(Global::MaxEvseCurrent(Some(32.0))),
        Reading::System(System::Time(Some(1_795_333_486.0))),
        Reading::System(System::ChargePoints(Some(2))),
        Reading::System(System::EnergyPrice(Some(0.000_3))),
        Reading::System(System::LastTag(Some(scan.clone()))),
    ] {
        assert!(readings.contains(&expected), "{expected:?}");
    }
}

#[test]
fn the_stream_shows_the_modes_and_the_log_as_they_came() {
    let readings = readings(recorded::stream());
    let modes: Vec<_> = readings
        .iter()
        .filter_map(|reading| match reading {
            Reading::Global(Global::ChargeMode(mode)) => *mode,
            _ => None,
        })
        .collect();
    assert_eq!(modes.len(), 7);
    let beats = readings
        .iter()
        .filter(|r| matches!(r, Reading::System(System::Time(Some(_)))))
        .count();
    assert_eq!(beats, 30);
    let parts: Vec<_> = readings
        .iter()
        .filter_map(|reading| match reading {
            Reading::System(System::LogPart { number, part }) => Some((*number, part)),
            _ => None,
        })
        .collect();
    assert_eq!(parts.len(), 24);
    let lines = "22.11.26-07:43,22.11.26-07:46,1,0.22,4.35,3 Min,1,0,0012345678,.06";
    assert!(parts.contains(&(1, &LogPart::Lines(LogLines::new(lines)))));
    assert!(parts.contains(&(12, &LogPart::Nothing)));
    assert!(parts.contains(&(12, &LogPart::TakenBack)));
}

#[test]
fn no_tag_of_the_captures_shows_in_debug_output() {
    for message in recorded::all() {
        let shown = format!("{:?}", decode(&message.topic, &message.payload));
        assert!(!shown.contains("0012345678"), "{}: {shown}", message.topic);
    }
}

#[test]
fn readings_stay_small() {
    assert!(size_of::<Reading>() <= 40, "{}", size_of::<Reading>());
}

fn readings(messages: Vec<recorded::Captured>) -> Vec<Reading> {
    messages
        .into_iter()
        .filter_map(|message| match decode(&message.topic, &message.payload) {
            Decoded::Reading(openwb::Reading::V1_9(reading)) => Some(reading),
            _ => None,
        })
        .collect()
}
