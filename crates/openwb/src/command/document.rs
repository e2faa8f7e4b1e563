//! Changing one value of a JSON document and nothing else.
//!
//! What a box wrote goes back to it as it came: keys in their order, also the ones of releases
//! to come, numbers with their digits. A map of parsed values would keep neither.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Refusal;

/// A JSON object: its keys, and the text of each value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document(Vec<(String, Box<str>)>);

impl Document {
    /// `None` when the text is not an object.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The text of a value. Of a key that occurs twice the last one counts, as in the box.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, text)| &**text)
    }

    pub(super) fn object(&self, key: &str) -> Option<Self> {
        self.get(key).and_then(Self::parse)
    }

    /// Sets the value at a path. The objects on the way must exist, the last key need not.
    ///
    /// # Errors
    ///
    /// If an object on the way is missing.
    pub(super) fn set(&mut self, path: &[&'static str], value: &Value) -> Result<(), Refusal> {
        match path {
            [] => {}
            [key] => self.put(key, value.to_string()),
            [key, rest @ ..] => {
                let mut inner = self
                    .object(key)
                    .ok_or(Refusal::Incomplete { missing: key })?;
                inner.set(rest, value)?;
                self.put(key, inner.to_string());
            }
        }
        Ok(())
    }

    fn put(&mut self, key: &str, text: String) {
        let text = text.into();
        match self.0.iter_mut().rev().find(|(name, _)| name == key) {
            Some((_, old)) => *old = text,
            None => self.0.push((key.to_owned(), text)),
        }
    }
}

/// The document as JSON, spaced like the box's own.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (n, (key, text)) in self.0.iter().enumerate() {
            let separator = if n == 0 { "" } else { ", " };
            write!(f, "{separator}{}: {text}", Value::from(key.as_str()))?;
        }
        f.write_str("}")
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Document;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
                let mut fields = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    fields.push((key, value.get().into()));
                }
                Ok(Document(fields))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_the_value_stays_as_it_was() {
        let text = r#"{"z": 1.50, "a": {"y": [1,2], "b": {"x": null, "c": 16}, "\u00e4": "\u00e4"}, "new": {"k": 1e3}}"#;
        let mut document = Document::parse(text).unwrap();
        document.set(&["a", "b", "c"], &Value::from(10)).unwrap();
        let expected = text.replace("16", "10").replacen(r"\u00e4", "ä", 1);
        assert_eq!(document.to_string(), expected);
    }

    #[test]
    fn a_missing_key_is_added_and_a_missing_object_refused() {
        let mut document = Document::parse(r#"{"a": {}, "b": 3}"#).unwrap();
        document.set(&["a", "x"], &Value::from("y")).unwrap();
        assert_eq!(document.to_string(), r#"{"a": {"x": "y"}, "b": 3}"#);
        for missing in ["b", "c"] {
            assert_eq!(
                document.set(&[missing, "x"], &Value::Null),
                Err(Refusal::Incomplete { missing })
            );
        }
    }

    #[test]
    fn of_a_key_that_occurs_twice_the_last_one_is_changed() {
        let mut document = Document::parse(r#"{"a": 1, "a": 2}"#).unwrap();
        assert_eq!(document.get("a"), Some("2"));
        document.set(&["a"], &Value::from(3)).unwrap();
        assert_eq!(document.to_string(), r#"{"a": 1, "a": 3}"#);
    }

    #[test]
    fn only_objects_are_documents() {
        for text in ["", "[]", "1", "null", "{", r#"{"a": }"#] {
            assert_eq!(Document::parse(text), None, "{text}");
        }
    }
}
