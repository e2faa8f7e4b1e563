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
pub(super) struct Object<'a>(Option<&'a Map<String, Value>>);

/// Parses a payload that must hold an object.
pub(super) fn object(payload: &[u8]) -> Result<Option<Value>, Reason> {
    of_type(payload, Value::is_object, "an object")
}

/// Parses a payload that must hold a list.
pub(super) fn list(payload: &[u8]) -> Result<Option<Vec<Value>>, Reason> {
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
    pub(super) fn new(value: &'a Value) -> Self {
        Self(value.as_object())
    }

    fn get(self, key: &str) -> Option<&'a Value> {
        self.0?.get(key)
    }

    pub(super) fn object(self, key: &str) -> Self {
        Self(self.get(key).and_then(Value::as_object))
    }

    pub(super) fn exists(self) -> bool {
        self.0.is_some()
    }

    pub(super) fn list(self, key: &str) -> &'a [Value] {
        self.get(key)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(super) fn number(self, key: &str) -> Option<f64> {
        self.get(key)
            .and_then(Value::as_f64)
            .filter(|n| n.is_finite())
    }

    pub(super) fn boolean(self, key: &str) -> Option<bool> {
        self.get(key).and_then(Value::as_bool)
    }

    pub(super) fn id(self, key: &str) -> Option<u32> {
        self.number(key).and_then(|n| to_whole(n, u32::MAX))
    }

    pub(super) fn small(self, key: &str) -> Option<u8> {
        self.number(key)
            .and_then(|n| to_whole(n, u32::from(u8::MAX)))
            .and_then(|n| u8::try_from(n).ok())
    }

    pub(super) fn str(self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Value::as_str)
    }

    pub(super) fn string(self, key: &str) -> Option<Box<str>> {
        self.str(key).map(Into::into)
    }

    pub(super) fn text(self, key: &str) -> Option<Text> {
        self.str(key).map(Text::new)
    }

    pub(super) fn tag(self, key: &str) -> Option<Tag> {
        self.str(key).filter(|s| !s.is_empty()).map(Tag::new)
    }

    pub(super) fn tags(self, key: &str) -> Box<[Tag]> {
        tags(self.list(key))
    }

    pub(super) fn fault(self, key: &str) -> Option<FaultState> {
        match self.id(key)? {
            0 => Some(FaultState::Ok),
            1 => Some(FaultState::Warning),
            2 => Some(FaultState::Error),
            _ => None,
        }
    }

    /// A string or a number as text: plan ids were one and became the other.
    pub(super) fn label(self, key: &str) -> Option<Box<str>> {
        match self.get(key)? {
            Value::String(s) => Some(s.as_str().into()),
            Value::Number(n) => Some(n.to_string().into()),
            _ => None,
        }
    }
}

/// The strings of a list as tags.
pub(super) fn tags(items: &[Value]) -> Box<[Tag]> {
    items
        .iter()
        .filter_map(Value::as_str)
        .filter(|s| !s.is_empty())
        .map(Tag::new)
        .collect()
}
