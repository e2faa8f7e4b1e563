//! RFID tags. A tag number is personal data: it is shown masked and never logged.

use compact_str::CompactString;

/// The number of an RFID card or fob, exactly as the wallbox reports it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(CompactString);

impl Tag {
    /// A tag from its number.
    #[must_use]
    pub fn new(number: &str) -> Self {
        Self(CompactString::from(number))
    }

    /// The full number. For matching and storing only; show [`masked`](Self::masked).
    #[must_use]
    pub fn number(&self) -> &str {
        &self.0
    }

    /// The last four characters behind an ellipsis; short numbers stay hidden altogether.
    #[must_use]
    pub fn masked(&self) -> String {
        let length = self.0.chars().count();
        if length < 6 {
            return "…".to_owned();
        }
        let tail: String = self.0.chars().skip(length - 4).collect();
        format!("…{tail}")
    }
}

impl std::fmt::Debug for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tag({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tail_of_a_number_is_ever_shown() {
        assert_eq!(Tag::new("0012345678").masked(), "…5678");
        assert_eq!(
            Tag::new("12345").masked(),
            "…",
            "four of five digits would be the number"
        );
        assert_eq!(Tag::new("äöüß€x").masked(), "…üß€x");
        assert_eq!(format!("{:?}", Tag::new("0012345678")), "Tag(…5678)");
    }
}
