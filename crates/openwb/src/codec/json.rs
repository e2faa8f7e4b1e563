//! Documents: JSON objects and lists.
//!
//! They grow with releases and some are republished unchecked, so a missing key, an unknown key
//! or a field of the wrong type is no reason to lose the rest: such a field is `None`.

use serde_json::{Map, Value};

use super::Reason;
use super::payload::{present, refuse, to_whole};
use crate::reading::{FaultState, Tag, Text};

/// A JSON object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object<'a>(Option<&'a Map<String, Value>>);

/// Parses a payload that must hold an object.
pub(crate) fn object(payload: &[u8]) -> Result<Option<Value>, Reason> {
    of_type(payload, Value::is_object, "an object")
}

/// Parses a payload that must hold a list.
pub(crate) fn list(payload: &[u8]) -> Result<Option<Vec<Value>>, Reason> {
    Ok(match of_type(payload, Value::is_array, "a list")? {
        Some(Value::Array(items)) => Some(items),
        _ => None,
    })
}

fn of_type(
    payload: &[u8],
    right: fn(&Value) -> bool,
    expected: &'static str,
) -> Result<Option<Value>, Reason> {
    let Some(payload) = present(payload)? else {
        return Ok(None);
    };
    match serde_json::from_slice::<Value>(payload) {
        Ok(value) if right(&value) => Ok(Some(value)),
        Ok(_) => Err(Reason::WrongType { expected }),
        Err(_) => Err(refuse(payload, expected)),
    }
}

impl<'a> Object<'a> {
    /// The object in `value`; one without fields when it is something else.
    pub(crate) fn new(value: &'a Value) -> Self {
        Self(value.as_object())
    }

    fn get(self, key: &str) -> Option<&'a Value> {
        self.0?.get(key)
    }

    pub(crate) fn object(self, key: &str) -> Self {
        Self(self.get(key).and_then(Value::as_object))
    }

    pub(crate) fn exists(self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn list(self, key: &str) -> &'a [Value] {
        self.get(key)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(crate) fn number(self, key: &str) -> Option<f64> {
        self.get(key)
            .and_then(Value::as_f64)
            .filter(|n| n.is_finite())
    }

    pub(crate) fn boolean(self, key: &str) -> Option<bool> {
        self.get(key).and_then(Value::as_bool)
    }

    pub(crate) fn id(self, key: &str) -> Option<u32> {
        self.number(key).and_then(|n| to_whole(n, u32::MAX))
    }

    pub(crate) fn small(self, key: &str) -> Option<u8> {
        self.number(key)
            .and_then(|n| to_whole(n, u32::from(u8::MAX)))
            .and_then(|n| u8::try_from(n).ok())
    }

    pub(crate) fn str(self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Value::as_str)
    }

    pub(crate) fn string(self, key: &str) -> Option<Box<str>> {
        self.str(key).map(Into::into)
    }

    pub(crate) fn text(self, key: &str) -> Option<Text> {
        self.str(key).map(Text::new)
    }

    pub(crate) fn tag(self, key: &str) -> Option<Tag> {
        self.str(key).filter(|s| !s.is_empty()).map(Tag::new)
    }

    pub(crate) fn tags(self, key: &str) -> Box<[Tag]> {
        tags(self.list(key))
    }

    pub(crate) fn fault(self, key: &str) -> Option<FaultState> {
        match self.id(key)? {
            0 => Some(FaultState::Ok),
            1 => Some(FaultState::Warning),
            2 => Some(FaultState::Error),
            _ => None,
        }
    }

    /// A string or a number as text: plan ids were one and became the other.
    pub(crate) fn label(self, key: &str) -> Option<Box<str>> {
        match self.get(key)? {
            Value::String(s) => Some(s.as_str().into()),
            Value::Number(n) => Some(n.to_string().into()),
            _ => None,
        }
    }
}

/// The strings of a list as tags.
pub(crate) fn tags(items: &[Value]) -> Box<[Tag]> {
    items
        .iter()
        .filter_map(Value::as_str)
        .filter(|s| !s.is_empty())
        .map(Tag::new)
        .collect()
}
