//! Secrets and personal data that must not leak through `Debug` output.

use std::fmt;

use serde_json::Value;
use serde_json::value::RawValue;

macro_rules! secret {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $name(Box<str>);

        impl $name {
            /// Wraps the text as it was received or stored.
            #[must_use]
            pub fn new(text: impl Into<Box<str>>) -> Self {
                Self(text.into())
            }

            /// The text itself. For storing it away and for sending it to where it belongs.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        /// Shows nothing of it.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

secret! {
    /// Opens the API for as long as it is valid. Opaque.
    AccessToken
}
secret! {
    /// Buys the next [`AccessToken`], once: using it makes Elli hand out another one.
    RefreshToken
}
secret! {
    /// Says who signed in (a JWT).
    IdToken
}
secret! {
    /// The verifier of PKCE, or a code, on its way to the token endpoint.
    Passing
}

/// The number printed on an RFID card.
///
/// It identifies a person, so `Debug` shows the last four characters only.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CardNumber(Box<str>);

impl CardNumber {
    /// Wraps a number exactly as Elli reports it.
    #[must_use]
    pub fn new(number: impl Into<Box<str>>) -> Self {
        Self(number.into())
    }

    /// The full number. For comparing and storing, not for logging.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number for display and logs: `…12-1`, or just `…` when four characters would be all of it.
    #[must_use]
    pub fn masked(&self) -> String {
        let shown = 4;
        let hidden = self.0.chars().count().saturating_sub(shown);
        if hidden == 0 {
            return "…".to_owned();
        }
        std::iter::once('…')
            .chain(self.0.chars().skip(hidden))
            .collect()
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardNumber({})", self.masked())
    }
}

/// JSON, letter by letter as Elli sent it.
///
/// Holds addresses and card numbers, so `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Raw(Box<str>);

impl Raw {
    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON as a tree; `null` for nesting too deep to be meant seriously.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl From<Box<RawValue>> for Raw {
    fn from(json: Box<RawValue>) -> Self {
        Self(json.into())
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        assert_eq!(format!("{:?}", AccessToken::new("eyJ")), "AccessToken(…)");
        assert_eq!(format!("{:?}", RefreshToken::new("v1")), "RefreshToken(…)");
        assert_eq!(format!("{:?}", Passing::new("code")), "Passing(…)");
    }

    #[test]
    fn debug_of_a_card_number_shows_its_last_four_characters_only() {
        let number = CardNumber::new("ELLI-ABCD1234-XY12-1");
        assert_eq!(format!("{number:?}"), "CardNumber(…12-1)");
        assert_eq!(CardNumber::new("1234").masked(), "…");
    }

    #[test]
    fn raw_json_keeps_every_letter_and_hides_them() {
        let json = r#"{ "a":1.50, "b" : "x" }"#;
        let raw = Raw::from(RawValue::from_string(json.to_owned()).unwrap());
        assert_eq!(raw.as_str(), json);
        assert_eq!(format!("{raw:?}"), "Raw(23 bytes)");
        assert_eq!(raw.to_value()["a"], 1.5);
    }
}
