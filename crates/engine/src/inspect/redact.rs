//! What of a box's messages nobody is shown: credentials, which openWB publishes in clear text, and
//! the numbers of RFID cards, which identify people.
//!
//! Rules look at parts of a topic wherever they stand, because a box repeats its topics below
//! `set/` and, level by level, below `simpleAPI/`.

use openwb::reading::{Tag, Text};
use serde_json::Value;

/// Stands for what is not shown.
const HIDDEN: &str = "(hidden)";

/// Values above this are not taken apart; no topic of interest has larger ones.
const LARGEST: usize = 256 * 1024;

/// Documents with user names, passwords and tokens of devices and cloud services: each is a topic
/// that has these parts in this order.
const SECRET_TOPICS: &[&[&str]] = &[
    &["soc_module", "config"],
    &["system", "device", "config"],
    &["mqtt", "bridge"],
    &["backup_cloud", "config"],
    &["int_display", "pin_code"],
    &["monitoring", "config"],
    &["ocpp", "config"],
    &["ep", "provider"],
    &["et", "provider"],
    // Commands to a box carry any of the above.
    &["command", "todo"],
    // openWB 1.9: the devices of its smart home, with the passwords to some.
    &["config", "smarthome"],
];

/// Words in a part of a topic, or in a key of a document, whose value is a secret.
const SECRET_WORDS: &[&str] = &[
    "passw",
    "secret",
    "token",
    "pin_code",
    "api_key",
    "apikey",
    "credential",
];

/// The same for what names an RFID card.
const TAG_WORDS: &[&str] = &[
    "rfid",
    "tag_id",
    "id_tag",
    "valid_tags",
    "last_tag",
    "tagscan",
];

/// Words that make a tag's topic one about tags in general.
const ABOUT_TAGS: &[&str] = &["timestamp", "active", "configured"];

/// Topics whose values look like tags and name software: what a report of a fault cannot do without.
const VERSIONS: &[&str] = &[
    "current_commit",
    "current_branch",
    "commithash",
    "commitbranches",
];

/// The payload as it may be shown.
pub(super) fn value(topic: &str, payload: &[u8]) -> String {
    let topic = topic.to_ascii_lowercase();
    if is_secret(&topic) {
        return HIDDEN.to_owned();
    }
    if payload.len() > LARGEST {
        return format!("({} bytes)", payload.len());
    }
    let text = String::from_utf8_lossy(payload);
    if has(&topic, VERSIONS) {
        return text.into_owned();
    }
    let names_tag = has(&topic, TAG_WORDS) && !has(&topic, ABOUT_TAGS);
    if let Ok(mut document) = serde_json::from_str::<Value>(&text) {
        // What holds nothing to hide is shown to the letter.
        return if clean(&mut document, names_tag) {
            document.to_string()
        } else {
            text.into_owned()
        };
    }
    if names_tag {
        // `0012345678,1795333367`: the tag and when it was seen.
        return text.split(',').map(masked).collect::<Vec<_>>().join(",");
    }
    Text::new(text).masked()
}

fn is_secret(topic: &str) -> bool {
    let in_order = |parts: &&[&str]| {
        let mut levels = topic.split('/');
        parts.iter().all(|part| levels.any(|level| level == *part))
    };
    has(topic, SECRET_WORDS) || SECRET_TOPICS.iter().any(in_order)
}

fn has(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| name.contains(word))
}

/// Takes out of a document what is not shown; says whether there was anything.
fn clean(document: &mut Value, names_tag: bool) -> bool {
    match document {
        Value::Object(members) => {
            let mut changed = false;
            for (key, member) in members {
                let key = key.to_ascii_lowercase();
                if has(&key, SECRET_WORDS) {
                    if !member.is_null() {
                        *member = HIDDEN.into();
                        changed = true;
                    }
                } else {
                    let names_tag = has(&key, TAG_WORDS) && !has(&key, ABOUT_TAGS);
                    changed |= clean(member, names_tag);
                }
            }
            changed
        }
        Value::Array(members) => members
            .iter_mut()
            .fold(false, |changed, member| clean(member, names_tag) | changed),
        Value::String(text) => {
            let shown = if names_tag {
                masked(text)
            } else if text.contains(' ') {
                Text::new(text.as_str()).masked()
            } else {
                return false;
            };
            let changed = shown != *text;
            *text = shown;
            changed
        }
        Value::Number(number) if names_tag => {
            *document = masked(&number.to_string()).into();
            true
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn masked(tag: &str) -> String {
    Tag::new(tag).masked()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(topic: &str, payload: &str) -> String {
        value(topic, payload.as_bytes())
    }

    #[test]
    fn credentials_are_hidden_wherever_a_box_publishes_them() {
        for topic in [
            "openWB/vehicle/1/soc_module/config",
            "home/garage/openWB/vehicle/1/soc_module/config",
            "openWB/set/vehicle/1/soc_module/config",
            "openWB/simpleAPI/vehicle/1/soc_module/config/configuration/user_id",
            "openWB/system/device/2/config",
            "openWB/system/device/2/component/3/config",
            "openWB/system/mqtt/bridge/1",
            "openWB/system/backup_cloud/config",
            "openWB/system/backup_password",
            "openWB/optional/int_display/pin_code",
            "openWB/optional/monitoring/config",
            "openWB/optional/ep/flexible_tariff/provider",
            "openWB/optional/ocpp/config",
            "openWB/set/command/anna-1/todo/addUser",
            "openWB/config/get/SmartHome/Devices/1/device_password",
            "openWB/config/get/SmartHome/Devices/1/mode",
        ] {
            assert_eq!(shown(topic, "\"geheim\""), HIDDEN, "{topic}");
        }
        let document =
            r#"{"name":"Wohnen","configuration":{"Password":"geheim","ip":"192.0.2.1"}}"#;
        let document = shown("openWB/internal_device/config", document);
        assert!(!document.contains("geheim") && document.contains("192.0.2.1"));
    }

    #[test]
    fn cards_are_masked_in_values_documents_and_sentences() {
        for (topic, payload, expected) in [
            (
                "openWB/chargepoint/3/get/rfid",
                "\"0012345678\"",
                "\"…5678\"",
            ),
            ("openWB/simpleAPI/chargepoint/3/rfid", "ABCDEFG", "…DEFG"),
            (
                "openWB/vehicle/1/tag_id",
                r#"["0012345678"]"#,
                r#"["…5678"]"#,
            ),
            (
                "openWB/system/lastRfId",
                "0012345678,1795333367",
                "…5678,…3367",
            ),
            ("openWB/chargepoint/3/set/rfid", "12345678", "\"…5678\""),
            (
                "openWB/chargepoint/3/get/state_str",
                "\"Der ID-Tag 0012345678 ist nicht gültig.\"",
                "\"Der ID-Tag …5678 ist nicht gültig.\"",
            ),
            (
                "openWB/log/anna/data",
                r#"{"entries":[{"vehicle":{"rfid":"0012345678"}}]}"#,
                r#"{"entries":[{"vehicle":{"rfid":"…5678"}}]}"#,
            ),
            (
                "openWB/system/MonthLadelogData1",
                "22.11.26-08:00,22.11.26-09:00,6.5,0012345678",
                "22.11.26-08:00,22.11.26-09:00,6.5,…5678",
            ),
        ] {
            assert_eq!(shown(topic, payload), expected, "{topic}");
        }
    }

    #[test]
    fn everything_else_is_shown_to_the_letter() {
        for (topic, payload) in [
            ("openWB/counter/0/get/power", "-2950.10"),
            ("openWB/optional/rfid/active", "true"),
            ("openWB/global/rfidConfigured", "1"),
            (
                "openWB/chargepoint/3/get/rfid_timestamp",
                "1795333372.207107",
            ),
            ("openWB/chargepoint/3/get/rfid", "null"),
            (
                "openWB/chargepoint/3/config",
                "{\"name\": \"Garage\",  \"ev\":1}",
            ),
            ("openWB/system/current_commit", "\"2026-11-20 [873031c]\""),
        ] {
            assert_eq!(shown(topic, payload), payload, "{topic}");
        }
        assert_eq!(
            value("openWB/x", &vec![b'1'; LARGEST + 1]),
            "(262145 bytes)"
        );
    }
}
