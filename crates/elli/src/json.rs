//! JSON as Elli sends it: nearly everything may be missing, `null`, or of another type than before.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::Error;

/// The fields of an object. What is missing, `null` or nonsense is `None`.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    /// A text that says something, or a number as text (ids of connectors come as both).
    pub(crate) fn text(self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => Some(text.trim())
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A finite number, also when it comes as a text.
    pub(crate) fn number(self, name: &str) -> Option<f64> {
        match self.get(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|number| number.is_finite())
    }

    /// A count, also when it comes as a text or with a fraction of zero.
    pub(crate) fn count(self, name: &str) -> Option<u64> {
        let number = self.number(name)?;
        // Above 2⁵³ an f64 no longer names one number, and nothing here is counted so far.
        let exact = number.fract() == 0.0 && (0.0..9e15).contains(&number);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        exact.then_some(number as u64)
    }

    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => match text.trim() {
                text if text.eq_ignore_ascii_case("true") => Some(true),
                text if text.eq_ignore_ascii_case("false") => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// ISO 8601. Without an offset it is UTC, as everything of Elli's.
    pub(crate) fn time(self, name: &str) -> Option<DateTime<Utc>> {
        let text = self.get(name)?.as_str()?.trim();
        DateTime::parse_from_rfc3339(text).map_or_else(
            |_| {
                text.parse::<NaiveDateTime>()
                    .ok()
                    .map(|time| time.and_utc())
            },
            |time| Some(time.to_utc()),
        )
    }

    pub(crate) fn word<T: for<'t> From<&'t str>>(self, name: &str) -> Option<T> {
        self.text(name).map(|text| T::from(&text))
    }

    pub(crate) fn within(self, name: &str) -> Option<Self> {
        self.get(name).and_then(Self::of)
    }

    pub(crate) fn entries(self, name: &str) -> impl Iterator<Item = Self> + use<'a> {
        self.get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Self::of)
    }
}

/// The entries of a list that is the whole answer, or stands in it under `name`. Nothing is no
/// entries; an object without the list is something else.
pub(crate) fn list(body: &str, name: &'static str) -> Result<Vec<Box<RawValue>>, Error> {
    let missing = |_| Error::UnexpectedShape { expected: name };
    let list = if body.trim_start().starts_with('[') {
        body
    } else {
        let mut fields: HashMap<String, &RawValue> = serde_json::from_str(body).map_err(missing)?;
        fields
            .remove(name)
            .ok_or(Error::UnexpectedShape { expected: name })?
            .get()
    };
    let entries: Option<Vec<Box<RawValue>>> = serde_json::from_str(list).map_err(missing)?;
    Ok(entries.unwrap_or_default())
}

/// A count that stands beside a list.
pub(crate) fn count(body: &str, name: &str) -> Option<u64> {
    let fields: HashMap<String, &RawValue> = serde_json::from_str(body).ok()?;
    let value: Value = serde_json::from_str(fields.get(name)?.get()).ok()?;
    let alone = Map::from_iter([(name.to_owned(), value)]);
    Fields(&alone).count(name)
}

/// Reads the entries of a list one by one: one that makes no sense harms no other.
pub(crate) fn read<T>(
    body: &str,
    name: &'static str,
    read: impl Fn(Fields<'_>) -> Option<T>,
) -> Result<Vec<T>, Error> {
    let entries = list(body, name)?;
    let told = entries.len();
    let items: Vec<T> = entries
        .iter()
        .filter_map(|entry| {
            let value: Value = serde_json::from_str(entry.get()).ok()?;
            read(Fields::of(&value)?)
        })
        .collect();
    if items.len() < told {
        tracing::warn!(
            list = name,
            unreadable = told - items.len(),
            "entries without an id"
        );
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with<T>(value: &Value, read: impl Fn(Fields<'_>) -> T) -> T {
        read(Fields::of(value).unwrap())
    }

    #[test]
    fn numbers_come_in_every_dress() {
        for (value, number) in [
            (json!(17230), Some(17230.0)),
            (json!("17230"), Some(17230.0)),
            (json!(10874.31), Some(10874.31)),
            (json!(" 10874.31 "), Some(10874.31)),
            (json!(-3), Some(-3.0)),
            (json!(null), None),
            (json!("NaN"), None),
            (json!("inf"), None),
            (json!("much"), None),
            (json!([1]), None),
        ] {
            assert_eq!(
                with(&json!({ "n": value }), |f| f.number("n")),
                number,
                "{value}"
            );
        }
        assert_eq!(with(&json!({}), |f| f.number("n")), None);
    }

    #[test]
    fn counts_are_whole() {
        for (value, count) in [
            (json!(137), Some(137)),
            (json!("137"), Some(137)),
            (json!(137.0), Some(137)),
            (json!(1.5), None),
            (json!(-1), None),
            (json!(1e300), None),
        ] {
            assert_eq!(
                with(&json!({ "n": value }), |f| f.count("n")),
                count,
                "{value}"
            );
        }
    }

    #[test]
    fn times_are_utc() {
        for (text, unix) in [
            ("2021-02-10T11:21:56.000Z", Some(1_612_956_116)),
            ("2021-02-10T12:21:56+01:00", Some(1_612_956_116)),
            ("2021-02-10T11:21:56", Some(1_612_956_116)),
            ("10.02.2021", None),
            ("", None),
        ] {
            let time = with(&json!({ "t": text }), |f| f.time("t"));
            assert_eq!(time.map(|t| t.timestamp()), unix, "{text}");
        }
        assert_eq!(with(&json!({ "t": 5 }), |f| f.time("t")), None);
    }

    #[test]
    fn texts_and_flags() {
        let value = json!({ "a": " x ", "b": "", "c": 1, "d": "True", "e": false, "f": "maybe" });
        with(&value, |f| {
            assert_eq!(f.text("a").as_deref(), Some("x"));
            assert_eq!(f.text("b"), None);
            assert_eq!(f.text("c").as_deref(), Some("1"));
            assert_eq!(
                [f.flag("d"), f.flag("e"), f.flag("f")],
                [Some(true), Some(false), None]
            );
        });
    }

    #[test]
    fn lists_stand_bare_or_under_their_name() {
        for (body, length) in [
            ("[]", Some(0)),
            (" [1,2]", Some(2)),
            (r#"{"x":[1],"y":{}}"#, Some(1)),
            (r#"{"x":null}"#, Some(0)),
            ("{}", None),
            (r#"{"errors":[]}"#, None),
            (r#"{"x":{"a":1}}"#, None),
            ("null", None),
            ("5", None),
        ] {
            assert_eq!(list(body, "x").ok().map(|l| l.len()), length, "{body}");
        }
    }

    #[test]
    fn an_entry_without_an_id_harms_no_other() {
        let body = r#"[{"id":"a"},{},null,7,{"id":null},{"id":"b","new":[]}]"#;
        let ids = read(body, "x", |f| f.text("id")).unwrap();
        assert_eq!(ids, ["a", "b"]);
    }
}
