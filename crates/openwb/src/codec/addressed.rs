//! What a box says to one connection: the outcome of its commands.

use super::payload::refuse;
use super::topic::{self, Path};
use super::{Outcome, Reason, Refusal, system};
use crate::charge_log;
use crate::reading::Reading;

/// A month of the charge log has no limit and takes some 750 bytes per row.
const MAX_LOG: usize = 4 * 1024 * 1024;

/// Decodes `log/<connection>/data` and `command/<connection>/messages/<unix ms>`.
pub(super) fn decode(mut path: Path<'_>, connection: &[u8], payload: &[u8]) -> Outcome {
    let area = path.next();
    if path.next() != connection {
        return Err(Refusal::Unknown);
    }
    match (area, path.next()) {
        (b"log", b"data") if path.rest().is_empty() => charge_log(payload),
        (b"command", b"messages") => Ok(Reading::CommandMessage {
            id: topic::digits(path.rest()).ok_or(Refusal::Unknown)?,
            message: system::message(payload)?,
        }),
        _ => Err(Refusal::Unknown),
    }
}

fn charge_log(payload: &[u8]) -> Outcome {
    if payload.len() > MAX_LOG {
        return Err(Reason::TooLarge.into());
    }
    let text = std::str::from_utf8(payload).map_err(|_| Reason::NotUtf8)?;
    match charge_log::v2::reply(text) {
        Ok(entries) => Ok(Reading::ChargeLogReply(entries.into())),
        Err(_) => Err(refuse(payload, "an object with a list of entries").into()),
    }
}

#[cfg(test)]
mod tests {
    use crate::codec::{Decoded, Decoder, Reason, decode};
    use crate::reading::{Message, Reading, Text};

    fn decoded(topic: &str, payload: &str) -> Decoded {
        Decoder::new("")
            .for_connection("lb-1f")
            .decode(topic.as_bytes(), payload.as_bytes())
    }

    #[test]
    fn what_others_are_told_is_unknown() {
        for topic in ["openWB/log/other/data", "openWB/command/other/messages/1"] {
            assert_eq!(decoded(topic, "{}"), Decoded::Unknown);
        }
        let empty = b"{\"entries\": []}";
        assert_eq!(decode("openWB/log/lb-1f/data", empty), Decoded::Unknown);
        for topic in [
            "openWB/log/lb-1f",
            "openWB/log/lb-1f/data/x",
            "openWB/command/lb-1f/messages",
            "openWB/command/lb-1f/messages/x",
            "openWB/command/lb-1f/error",
        ] {
            assert_eq!(
                decoded(topic, "{\"entries\": []}"),
                Decoded::Unknown,
                "{topic}"
            );
        }
    }

    #[test]
    fn a_reply_is_read_row_by_row() {
        let topic = "openWB/log/lb-1f/data";
        let Decoded::Reading(Reading::ChargeLogReply(entries)) =
            decoded(topic, "{\"entries\": [{}], \"totals\": {}}")
        else {
            panic!("no reply")
        };
        assert!(matches!(*entries, [Err(_)]));
        let wrong = Reason::WrongType {
            expected: "an object with a list of entries",
        };
        for (payload, reason) in [
            ("", Reason::NotJson),
            ("{", Reason::NotJson),
            ("[]", wrong),
            ("{\"entries\": {}}", wrong),
        ] {
            assert_eq!(decoded(topic, payload), Decoded::Malformed(reason));
        }
    }

    #[test]
    fn a_month_may_be_larger_than_any_other_document() {
        let rows = vec!["{\"data\": {}}"; 40_000].join(",");
        let payload = format!("{{\"entries\": [{rows}]}}");
        assert!(payload.len() > crate::codec::MAX_PAYLOAD);
        assert!(matches!(
            decoded("openWB/log/lb-1f/data", &payload),
            Decoded::Reading(_)
        ));
        let payload = "x".repeat(super::MAX_LOG + 1);
        assert_eq!(
            decoded("openWB/log/lb-1f/data", &payload),
            Decoded::Malformed(Reason::TooLarge)
        );
    }

    #[test]
    fn a_notice_says_what_became_of_a_command() {
        let topic = "openWB/command/lb-1f/messages/1795331746123";
        let notice = |message| {
            Decoded::Reading(Reading::CommandMessage {
                id: 1_795_331_746_123,
                message,
            })
        };
        assert_eq!(decoded(topic, ""), notice(None));
        assert_eq!(
            decoded(
                topic,
                r#"{"source": "command", "type": "danger", "message": "Unbekannter Befehl", "timestamp": 1795331746}"#
            ),
            notice(Some(Box::new(Message {
                source: Some("command".into()),
                kind: Some("danger".into()),
                text: Text::new("Unbekannter Befehl"),
                at: Some(1_795_331_746.0),
            })))
        );
    }
}
