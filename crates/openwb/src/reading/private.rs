//! Personal data that must not leak through `Debug` output.

use std::fmt;

/// The number of an RFID card or fob, or the MAC a car identifies itself with.
///
/// It identifies a person, so `Debug` shows the last four characters only.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(Box<str>);

impl Tag {
    /// Wraps a number exactly as openWB reports it.
    #[must_use]
    pub fn new(number: impl Into<Box<str>>) -> Self {
        Self(number.into())
    }

    /// The full number. For comparing and storing, not for logging.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number for display and logs: `…5678`, or just `…` when four characters would be all of it.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(&self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({})", mask(&self.0))
    }
}

/// A sentence written by openWB for people, in German.
///
/// Such sentences quote RFID numbers ("Der ID-Tag … ist nicht gültig"), so `Debug` masks
/// everything that could be one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Text(Box<str>);

impl Text {
    /// Wraps a sentence.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The sentence in full. For showing to the owner, not for logging.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The sentence with every number or word that looks like a tag masked.
    #[must_use]
    pub fn masked(&self) -> String {
        let mut out = String::with_capacity(self.0.len());
        let mut rest = &*self.0;
        while !rest.is_empty() {
            let word = rest
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len());
            let (head, tail) = rest.split_at(word);
            if looks_like_a_tag(head) {
                out.push_str(&mask(head));
            } else {
                out.push_str(head);
            }
            let gap = tail.find(char::is_alphanumeric).unwrap_or(tail.len());
            out.push_str(&tail[..gap]);
            rest = &tail[gap..];
        }
        out
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.masked())
    }
}

/// Tags are decimal or hexadecimal numbers. A word of six letters with a digit in it, or one
/// written with the capitals A to F alone, is hardly ever anything else.
fn looks_like_a_tag(word: &str) -> bool {
    let hexadecimal = |b: u8| matches!(b, b'0'..=b'9' | b'A'..=b'F');
    word.len() >= 6 && (word.bytes().any(|b| b.is_ascii_digit()) || word.bytes().all(hexadecimal))
}

fn mask(number: &str) -> String {
    let shown = 4;
    let hidden = number.chars().count().saturating_sub(shown);
    if hidden == 0 {
        return "…".to_owned();
    }
    std::iter::once('…')
        .chain(number.chars().skip(hidden))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_tag_shows_its_last_four_characters_only() {
        assert_eq!(format!("{:?}", Tag::new("0012345678")), "Tag(…5678)");
        assert_eq!(format!("{:?}", Tag::new("1234")), "Tag(…)");
        assert_eq!(format!("{:?}", Tag::new("")), "Tag(…)");
    }

    #[test]
    fn debug_of_a_sentence_masks_the_tag_it_quotes() {
        for (tag, shown) in [
            ("DEADBEEF00", "…EF00"),
            ("CAFEBABE", "…BABE"),
            ("0012345678", "…5678"),
        ] {
            let text = Text::new(format!(
                "Der ID-Tag {tag} ist an diesem Ladepunkt nicht gültig."
            ));
            assert_eq!(
                format!("{text:?}"),
                format!("\"Der ID-Tag {shown} ist an diesem Ladepunkt nicht gültig.\"")
            );
        }
    }

    #[test]
    fn debug_of_a_sentence_keeps_ordinary_words_and_numbers() {
        let text = Text::new("Laden mit 16 A, Überschuss 1500 W.");
        assert_eq!(
            format!("{text:?}"),
            "\"Laden mit 16 A, Überschuss 1500 W.\""
        );
    }
}
