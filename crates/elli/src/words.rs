//! Words of which Elli may know more than this crate.

/// An enum of known words and one for all others. Capitals and separators do not matter when words
/// are compared: Elli's services spell the same word in different ways.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A word this crate does not know, as it came.
            Other(Box<str>),
        }

        impl $name {
            /// The word, in the spelling of the API.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $(_ if $crate::words::same(word, $word) => Self::$variant,)+
                    _ => Self::Other(word.into()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use words;

pub(crate) fn same(one: &str, other: &str) -> bool {
    let letters = |word: &str| {
        word.chars()
            .filter(|c| !matches!(c, '_' | '-' | ' '))
            .map(|c| c.to_ascii_lowercase())
            .collect::<String>()
    };
    letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    words! {
        /// Something.
        Word {
            /// One.
            SuspendedEv = "suspended_ev",
            /// Another.
            Active = "active",
        }
    }

    #[test]
    fn spelling_does_not_matter() {
        for text in [
            "suspended_ev",
            "SuspendedEV",
            "SUSPENDED_EV",
            "suspended-ev",
        ] {
            assert_eq!(Word::from(text), Word::SuspendedEv, "{text}");
        }
        assert_eq!(Word::from("ACTIVE"), Word::Active);
        assert_eq!(Word::from("Active").as_str(), "active");
    }

    #[test]
    fn unknown_words_are_kept() {
        assert_eq!(Word::from("Reactivated").to_string(), "Reactivated");
        assert_eq!(Word::from(""), Word::Other("".into()));
    }
}
