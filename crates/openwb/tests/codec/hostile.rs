//! Whatever a broker sends: an answer, never a panic, and no tag in the logs.

use std::hint::black_box;
use std::sync::LazyLock;

use crate::recorded;
use openwb::codec::{Decoded, Decoder, Reason, decode};
use proptest::prelude::*;

/// Every topic of the captures once.
static TOPICS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut topics: Vec<_> = recorded::retained().into_iter().map(|m| m.topic).collect();
    topics.extend([
        "openWB/system/Version".to_owned(),
        "openWB/optional/et/get/prices".to_owned(),
    ]);
    topics
});

fn topic() -> impl Strategy<Value = String> {
    (0..TOPICS.len()).prop_map(|i| TOPICS[i].clone())
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
    ];
    let key = prop_oneof![
        "id|type|name|ev|_ev|children|chargemode|selected|limit|plans|time|soc|timestamp|configuration",
        "[a-z]{1,4}",
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_on_any_known_topic_get_an_answer(topic in topic(), payload in prop::collection::vec(any::<u8>(), 0..64)) {
        black_box(format!("{:?}", decode(&topic, &payload)));
    }

    #[test]
    fn any_json_on_any_known_topic_gets_an_answer(topic in topic(), payload in json()) {
        black_box(format!("{:?}", decode(&topic, payload.to_string().as_bytes())));
    }

    #[test]
    fn any_bytes_as_topic_get_an_answer(topic in prop::collection::vec(any::<u8>(), 0..48), prefix in "[a-z/]{0,6}") {
        black_box(Decoder::new(&prefix).decode(&topic, b"1"));
        let mut below = b"openWB/".to_vec();
        below.extend(topic);
        black_box(Decoder::default().decode(&below, b"1"));
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
}

/// On every topic that is read, with every kind of nonsense.
#[test]
fn nonsense_is_malformed_on_every_topic_that_is_read() {
    for message in recorded::retained() {
        let readable = matches!(
            decode(&message.topic, &message.payload),
            Decoded::Reading(_)
        );
        for payload in [
            &b"\xff\xfe\xfd"[..],
            b"NaN",
            b"{broken",
            b"[1,2",
            b"-Infinity",
        ] {
            let decoded = decode(&message.topic, payload);
            assert_eq!(
                matches!(decoded, Decoded::Malformed(_)),
                readable,
                "{}",
                message.topic
            );
        }
        if readable {
            assert_eq!(
                decode(&message.topic, b"\xff"),
                Decoded::Malformed(Reason::NotUtf8),
                "{}",
                message.topic
            );
        }
    }
}
