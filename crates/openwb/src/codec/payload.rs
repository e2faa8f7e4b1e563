//! Payloads that hold one plain value, read without a JSON parser.
//!
//! Every function takes an empty payload (the retained topic was deleted) and `null` as
//! "unknown" and returns `None` for both.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::{MAX_PAYLOAD, Reason};
use crate::reading::{FaultState, Phases, Tag, Text};

/// A payload of a sane length, without surrounding JSON white space. `None` when it says "unknown".
pub(super) fn present(payload: &[u8]) -> Result<Option<&[u8]>, Reason> {
    if payload.len() > MAX_PAYLOAD {
        return Err(Reason::TooLarge);
    }
    let payload = trim(payload);
    Ok((!payload.is_empty() && payload != b"null").then_some(payload))
}

pub(super) fn number(payload: &[u8]) -> Result<Option<f64>, Reason> {
    let Some(payload) = present(payload)? else {
        return Ok(None);
    };
    match scan_number(payload) {
        Some((value, b"")) if value.is_finite() => Ok(Some(value)),
        Some((_, b"")) => Err(Reason::NotFinite),
        _ => Err(refuse(payload, "a number")),
    }
}

/// A whole number up to `max`.
pub(super) fn whole(
    payload: &[u8],
    max: u32,
    expected: &'static str,
) -> Result<Option<u32>, Reason> {
    number(payload)?
        .map(|n| to_whole(n, max).ok_or(Reason::OutOfRange { expected }))
        .transpose()
}

pub(super) fn id(payload: &[u8]) -> Result<Option<u32>, Reason> {
    whole(payload, u32::MAX, "an id")
}

/// A number of phases.
pub(super) fn phase_count(payload: &[u8]) -> Result<Option<u8>, Reason> {
    small(payload, 3, "0 to 3 phases")
}

/// A whole number up to `max`.
pub(super) fn small(payload: &[u8], max: u8, expected: &'static str) -> Result<Option<u8>, Reason> {
    Ok(whole(payload, u32::from(max), expected)?.and_then(|n| u8::try_from(n).ok()))
}

pub(super) fn boolean(payload: &[u8]) -> Result<Option<bool>, Reason> {
    match payload {
        b"true" => Ok(Some(true)),
        b"false" => Ok(Some(false)),
        _ => match present(payload)? {
            None => Ok(None),
            Some(b"true") => Ok(Some(true)),
            Some(b"false") => Ok(Some(false)),
            Some(other) => Err(refuse(other, "true or false")),
        },
    }
}

pub(super) fn phases(payload: &[u8]) -> Result<Option<Phases>, Reason> {
    const EXPECTED: &str = "three numbers";
    let Some(payload) = present(payload)? else {
        return Ok(None);
    };
    let Some((values, known)) = scan_phases(payload) else {
        return Err(refuse(payload, EXPECTED));
    };
    if values.iter().any(|v| !v.is_finite()) {
        return Err(Reason::NotFinite);
    }
    Ok(known.then_some(values))
}

pub(super) fn fault(payload: &[u8]) -> Result<Option<FaultState>, Reason> {
    let level = small(payload, 2, "0, 1 or 2")?;
    Ok(level.map(|level| match level {
        0 => FaultState::Ok,
        1 => FaultState::Warning,
        _ => FaultState::Error,
    }))
}

pub(super) fn text(payload: &[u8]) -> Result<Option<Text>, Reason> {
    Ok(string(payload)?.map(Text::new))
}

/// A tag; an empty one is none.
pub(super) fn tag(payload: &[u8]) -> Result<Option<Tag>, Reason> {
    Ok(string(payload)?.filter(|s| !s.is_empty()).map(Tag::new))
}

/// A string that is empty or `"unknown"` while the box has not determined it.
pub(super) fn determined(payload: &[u8]) -> Result<Option<Box<str>>, Reason> {
    Ok(string(payload)?.filter(|s| !s.is_empty() && **s != *"unknown"))
}

pub(super) fn string(payload: &[u8]) -> Result<Option<Box<str>>, Reason> {
    let Some(payload) = present(payload)? else {
        return Ok(None);
    };
    if let [b'"', inner @ .., b'"'] = payload {
        // Without escapes the JSON string is the text between the quotes.
        if !inner.iter().any(|&b| b == b'"' || b == b'\\' || b < 0x20) {
            return match std::str::from_utf8(inner) {
                Ok(text) => Ok(Some(text.into())),
                Err(_) => Err(Reason::NotUtf8),
            };
        }
    }
    serde_json::from_slice::<Cow<'_, str>>(payload)
        .map(|text| Some(text.into()))
        .map_err(|_| refuse(payload, "a string"))
}

/// Finds out what is wrong with a payload that was refused. Slow; only for the bad case.
#[cold]
pub(super) fn refuse(payload: &[u8], expected: &'static str) -> Reason {
    let Ok(text) = std::str::from_utf8(payload) else {
        return Reason::NotUtf8;
    };
    // Python writes these three for floats JSON has no form for.
    if matches!(
        text.trim(),
        "NaN" | "nan" | "Infinity" | "-Infinity" | "inf" | "-inf"
    ) {
        return Reason::NotFinite;
    }
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Reason::WrongType { expected },
        Err(_) => Reason::NotJson,
    }
}

/// A number without a fraction between 0 and `max`.
pub(super) fn to_whole(n: f64, max: u32) -> Option<u32> {
    // In range and without a fraction, so nothing is cut off.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (n >= 0.0 && n <= f64::from(max) && n.fract() == 0.0).then_some(n as u32)
}

fn trim(mut payload: &[u8]) -> &[u8] {
    const fn is_space(b: u8) -> bool {
        matches!(b, b' ' | b'\t' | b'\r' | b'\n')
    }
    while let [first, rest @ ..] = payload
        && is_space(*first)
    {
        payload = rest;
    }
    while let [rest @ .., last] = payload
        && is_space(*last)
    {
        payload = rest;
    }
    payload
}

/// `[a, b, c]`. A phase that is `null` makes the whole value unknown.
fn scan_phases(payload: &[u8]) -> Option<(Phases, bool)> {
    let mut rest = payload.strip_prefix(b"[")?;
    let mut values = [0.0; 3];
    let mut known = true;
    for (phase, value) in values.iter_mut().enumerate() {
        rest = trim_start(rest);
        if let Some(after) = rest.strip_prefix(b"null") {
            known = false;
            rest = after;
        } else {
            (*value, rest) = scan_number(rest)?;
        }
        rest = trim_start(rest);
        rest = rest.strip_prefix(if phase == 2 { b"]" } else { b"," })?;
    }
    rest.is_empty().then_some((values, known))
}

fn trim_start(mut payload: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = payload {
        payload = rest;
    }
    payload
}

/// Powers of ten that a double holds exactly.
const POW10: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Reads a number by JSON's grammar from the start of `input`; returns it and what follows.
///
/// Correctly rounded: a mantissa below 2^53 and a power of ten up to 22 are exact as doubles, so
/// one division or multiplication rounds once. Everything else goes to the standard library.
pub(super) fn scan_number(input: &[u8]) -> Option<(f64, &[u8])> {
    let (negative, unsigned) = match input {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, input),
    };
    let mut mantissa = 0u64;
    let mut digits = 0usize;
    let mut rest = unsigned;
    while let [b @ b'0'..=b'9', after @ ..] = rest {
        mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(b - b'0'));
        digits += 1;
        rest = after;
    }
    if digits == 0 || (digits > 1 && unsigned[0] == b'0') {
        return None;
    }
    let mut fraction = 0usize;
    if let [b'.', after @ ..] = rest {
        rest = after;
        while let [b @ b'0'..=b'9', after @ ..] = rest {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(b - b'0'));
            fraction += 1;
            rest = after;
        }
        if fraction == 0 {
            return None;
        }
    }
    let simple = !matches!(rest, [b'e' | b'E', ..]);
    if !simple {
        rest = skip_exponent(rest)?;
    }
    let value =
        if simple && digits + fraction <= 18 && mantissa < (1 << 53) && fraction < POW10.len() {
            #[allow(clippy::cast_precision_loss)] // below 2^53
            let value = mantissa as f64 / POW10[fraction];
            if negative { -value } else { value }
        } else {
            std::str::from_utf8(&input[..input.len() - rest.len()])
                .ok()?
                .parse()
                .ok()?
        };
    // `-0.0` is common (no production) and means nothing else than 0.
    Some((value + 0.0, rest))
}

fn skip_exponent(input: &[u8]) -> Option<&[u8]> {
    let mut rest = input.get(1..)?;
    if let [b'+' | b'-', after @ ..] = rest {
        rest = after;
    }
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    (digits > 0).then(|| &rest[digits..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_whether_written_as_integer_or_float() {
        for (text, value) in [
            ("0", 0.0),
            ("0.0", 0.0),
            ("800", 800.0),
            ("11040.0", 11040.0),
            ("-2950.0", -2950.0),
            ("3469542.7800000003", 3_469_542.780_000_000_3),
            ("1795333340.240595", 1_795_333_340.240_595),
            ("60.64619159698486", 60.646_191_596_984_86),
            ("1e3", 1000.0),
            ("1.5E-05", 0.000_015),
            (" 5\n", 5.0),
        ] {
            assert_eq!(number(text.as_bytes()), Ok(Some(value)), "{text}");
        }
    }

    #[test]
    fn minus_zero_is_zero() {
        let zero = number(b"-0.0").unwrap().unwrap();
        assert!(zero.is_sign_positive());
    }

    #[test]
    fn empty_and_null_are_unknown() {
        for payload in [&b""[..], b"null", b" ", b" null "] {
            assert_eq!(number(payload), Ok(None));
            assert_eq!(boolean(payload), Ok(None));
            assert_eq!(phases(payload), Ok(None));
            assert_eq!(string(payload), Ok(None));
            assert_eq!(fault(payload), Ok(None));
        }
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_reason() {
        let wrong = Reason::WrongType {
            expected: "a number",
        };
        for (payload, reason) in [
            (&b"NaN"[..], Reason::NotFinite),
            (b"Infinity", Reason::NotFinite),
            (b"-Infinity", Reason::NotFinite),
            (b"1e999", Reason::NotFinite),
            (b"-1e999", Reason::NotFinite),
            (b"\xff\xfe", Reason::NotUtf8),
            (b"12,5", Reason::NotJson),
            (b"012", Reason::NotJson),
            (b"1.", Reason::NotJson),
            (b".5", Reason::NotJson),
            (b"+1", Reason::NotJson),
            (b"1e", Reason::NotJson),
            (b"-", Reason::NotJson),
            (b"0x10", Reason::NotJson),
            (b"{broken", Reason::NotJson),
            (b"\"{broken\"", wrong),
            (b"true", wrong),
            (b"[1]", wrong),
            (b"{}", wrong),
            (b"\"12\"", wrong),
        ] {
            assert_eq!(
                number(payload),
                Err(reason),
                "{:?}",
                String::from_utf8_lossy(payload)
            );
        }
        assert_eq!(number(&vec![b'1'; MAX_PAYLOAD + 1]), Err(Reason::TooLarge));
    }

    #[test]
    fn phases_are_exactly_three_numbers() {
        assert_eq!(phases(b"[16.0, 16, -0.5]"), Ok(Some([16.0, 16.0, -0.5])));
        assert_eq!(phases(b"[ 1,2 ,3 ]"), Ok(Some([1.0, 2.0, 3.0])));
        assert_eq!(phases(b"[null, null, null]"), Ok(None));
        assert_eq!(phases(b"[1, null, 3]"), Ok(None));
        let wrong = Err(Reason::WrongType {
            expected: "three numbers",
        });
        for payload in ["[]", "[1,2]", "[1,2,3,4]", "16", "[\"1\",2,3]", "[[1],2,3]"] {
            assert_eq!(phases(payload.as_bytes()), wrong, "{payload}");
        }
        assert_eq!(phases(b"[1,2,3"), Err(Reason::NotJson));
        assert_eq!(phases(b"[1,2,1e400]"), Err(Reason::NotFinite));
    }

    #[test]
    fn a_state_topic_does_not_take_0_or_1_for_a_boolean() {
        assert_eq!(boolean(b"true"), Ok(Some(true)));
        assert_eq!(boolean(b" false"), Ok(Some(false)));
        let wrong = Err(Reason::WrongType {
            expected: "true or false",
        });
        assert_eq!(boolean(b"1"), wrong);
        assert_eq!(boolean(b"\"true\""), wrong);
        assert_eq!(boolean(b"True"), Err(Reason::NotJson));
    }

    #[test]
    fn strings_are_unescaped() {
        assert_eq!(string(br#""ID.4""#), Ok(Some("ID.4".into())));
        assert_eq!(
            string(br#""Fahrzeug l\u00e4dt.""#),
            Ok(Some("Fahrzeug lädt.".into()))
        );
        assert_eq!(string(r#""Zähler""#.as_bytes()), Ok(Some("Zähler".into())));
        assert_eq!(string(br#""say \"hi\"""#), Ok(Some("say \"hi\"".into())));
        assert_eq!(string(br#""{broken""#), Ok(Some("{broken".into())));
        assert_eq!(string(b"\"\xff\""), Err(Reason::NotUtf8));
        assert_eq!(string(b"\""), Err(Reason::NotJson));
        assert_eq!(string(b"plain"), Err(Reason::NotJson));
        assert_eq!(
            string(b"7"),
            Err(Reason::WrongType {
                expected: "a string"
            })
        );
    }

    #[test]
    fn counts_must_be_whole_and_in_range() {
        assert_eq!(phase_count(b"3"), Ok(Some(3)));
        assert_eq!(phase_count(b"3.0"), Ok(Some(3)));
        for payload in [&b"4"[..], b"-1", b"1.5"] {
            assert_eq!(
                phase_count(payload),
                Err(Reason::OutOfRange {
                    expected: "0 to 3 phases"
                })
            );
        }
    }

    proptest! {
        #[test]
        fn every_finite_number_is_read_exactly(value in prop::num::f64::NORMAL | prop::num::f64::ZERO) {
            let text = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(number(text.as_bytes()), Ok(Some(value + 0.0)));
            let plain = format!("{value}");
            prop_assert_eq!(number(plain.as_bytes()), Ok(Some(value + 0.0)));
        }

        #[test]
        fn decimal_numbers_agree_with_the_standard_library(text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?") {
            let expected: f64 = text.parse().unwrap();
            prop_assert_eq!(number(text.as_bytes()), Ok(Some(expected + 0.0)));
        }

        #[test]
        fn a_number_is_taken_exactly_when_json_takes_it(text in "[-+.0-9eE ]{0,8}") {
            let ours = number(text.as_bytes()).ok().flatten();
            prop_assert_eq!(ours.is_some(), serde_json::from_str::<f64>(&text).is_ok());
        }
    }
}
