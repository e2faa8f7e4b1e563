//! Whatever a broker sends: an answer, never a panic, and no tag in the logs.

use std::hint::black_box;
use std::sync::LazyLock;

use super::{recorded, refused};
use openwb::codec::{Decoded, MAX_PAYLOAD, Reason, decode};
use openwb::reading::Reading;
use openwb::reading::v1_9::{self, System};
use proptest::prelude::*;

/// Every topic of the captures once, and those no capture has.
static TOPICS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut topics: Vec<_> = recorded::retained().into_iter().map(|m| m.topic).collect();
    topics.extend(
        [
            "global/awattar/pricelist",
            "lp/1/tagScanInfo",
            "lp/1/MeterSerialNumber",
            "lp/1/boolSocManual",
            "system/MonthLadelogData1",
            "system/CommitHash",
            "evu/DailyYieldImportKwh",
        ]
        .map(|topic| format!("openWB/{topic}")),
    );
    topics
});

fn topic() -> impl Strategy<Value = String> {
    (0..TOPICS.len()).prop_map(|i| TOPICS[i].clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_on_any_known_topic_get_an_answer(topic in topic(), payload in prop::collection::vec(any::<u8>(), 0..64)) {
        black_box(format!("{:?}", decode(&topic, &payload)));
    }

    #[test]
    fn anything_like_a_list_gets_an_answer(topic in topic(), payload in "[-+.,0-9eEHMinaN \n]{0,40}") {
        black_box(decode(&topic, payload.as_bytes()));
    }

    #[test]
    fn a_damaged_capture_gets_an_answer(at in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), byte in any::<u8>()) {
        static MESSAGES: LazyLock<Vec<recorded::Captured>> = LazyLock::new(recorded::retained);
        let message = &MESSAGES[at.index(MESSAGES.len())];
        let mut payload = message.payload.clone();
        if !payload.is_empty() {
            let cut = cut.index(payload.len());
            black_box(decode(&message.topic, &payload[..cut]));
            payload[cut] = byte;
            black_box(decode(&message.topic, &payload));
        }
    }

    #[test]
    fn every_finite_number_is_read_exactly(value in prop::num::f64::NORMAL | prop::num::f64::ZERO) {
        let text = format!("{value}");
        prop_assert_eq!(
            decode("openWB/evu/W", text.as_bytes()),
            decode("openWB/evu/W", format!(" +{text}\n").replace("+-", "-").as_bytes()),
        );
        prop_assert_eq!(super::meter("openWB/evu/W", &text).1, v1_9::Meter::Power(Some(value + 0.0)));
    }

    #[test]
    fn no_tag_shows_in_debug_output(tag in "[0-9a-zA-Z]{1,14}") {
        for (topic, payload) in [
            ("openWB/system/lastRfId", format!("§{tag}§,1795333367")),
            ("openWB/lp/1/lastRfId", format!("§{tag}§")),
            ("openWB/lp/1/tagScanInfo", format!("1795333367,§{tag}§,1")),
            ("openWB/system/MonthLadelogData3", format!("a,b,1,0.22,4.35,3 Min,1,0,§{tag}§,.06")),
        ] {
            let shown = format!("{:?}", decode(topic, payload.as_bytes()));
            let masked = !shown.contains(&format!("§{tag}§"));
            prop_assert!(masked, "{}", topic);
        }
    }
}

/// On every topic that is read, with every kind of nonsense.
#[test]
fn nonsense_is_malformed_wherever_text_is_not_free() {
    for topic in TOPICS.iter() {
        let decoded = decode(topic, b"1");
        if !matches!(decoded, Decoded::Reading(_) | Decoded::Malformed(_)) {
            assert_eq!(decode(topic, b"\xff"), decoded, "{topic}");
            continue;
        }
        assert_eq!(refused(topic, b"\xff\xfe\xfd"), Reason::NotUtf8, "{topic}");
        assert_eq!(
            refused(topic, &vec![b' '; MAX_PAYLOAD + 1]),
            Reason::TooLarge,
            "{topic}"
        );
        let free = [
            "Str",
            "Name",
            "strLast",
            "Version",
            "IpAddress",
            "RfId",
            "pricelist",
        ]
        .iter()
        .chain(&["SerialNumber", "Ladelog", "Commit"])
        .any(|part| topic.contains(part));
        for payload in [&b"{broken"[..], b"1,2", b"true", b"0x10", b"1 2", b"\"1\""] {
            let malformed = matches!(decode(topic, payload), Decoded::Malformed(_));
            assert_eq!(malformed, !free, "{topic} {payload:?}");
        }
    }
    for payload in [&b"NaN"[..], b"nan", b"inf", b"-Infinity", b"1e999"] {
        assert_eq!(refused("openWB/evu/W", payload), Reason::NotFinite);
        assert_eq!(
            refused("openWB/lp/1/kWhCounter", payload),
            Reason::NotFinite
        );
    }
    // Finite as it is written, but not in Wh.
    assert_eq!(
        refused("openWB/lp/1/kWhCounter", b"1e308"),
        Reason::NotFinite
    );
    for payload in [&b"2"[..], b"-1", b"0.5"] {
        assert_eq!(
            refused("openWB/lp/1/boolPlugStat", payload),
            Reason::OutOfRange { expected: "0 or 1" }
        );
    }
}

/// Empty and blank are unknown; a log part is then known to hold nothing.
#[test]
fn an_empty_or_blank_payload_is_unknown_on_every_topic() {
    for topic in TOPICS.iter() {
        for payload in ["", " ", "\n"] {
            match decode(topic, payload.as_bytes()) {
                Decoded::Reading(Reading::V1_9(v1_9::Reading::System(System::LogPart {
                    part,
                    ..
                }))) => assert_eq!(part, v1_9::LogPart::Nothing),
                Decoded::Reading(reading) => {
                    let shown = format!("{reading:?}");
                    assert!(shown.contains("None"), "{topic}: {shown}");
                }
                other => assert!(
                    matches!(other, Decoded::Ignored | Decoded::Unknown),
                    "{topic}: {other:?}"
                ),
            }
        }
    }
}
