//! Splitting topics without allocating.

/// The levels of a topic that were not looked at yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'a> {
    rest: &'a [u8],
}

impl<'a> Path<'a> {
    pub(super) fn new(topic: &'a [u8]) -> Self {
        Self { rest: topic }
    }

    /// Takes the next level; empty when there is none.
    pub(super) fn next(&mut self) -> &'a [u8] {
        // Levels are a few bytes long: a plain loop beats a vectorised search.
        let end = self
            .rest
            .iter()
            .position(|&b| b == b'/')
            .unwrap_or(self.rest.len());
        let (level, rest) = self.rest.split_at(end);
        self.rest = rest.get(1..).unwrap_or_default();
        level
    }

    /// Everything that was not taken yet.
    pub(super) fn rest(self) -> &'a [u8] {
        self.rest
    }
}

/// An id as openWB writes it: decimal digits without leading zeros.
pub(super) fn id(level: &[u8]) -> Option<u32> {
    digits(level).and_then(|n| u32::try_from(n).ok())
}

/// A decimal number without leading zeros.
pub(super) fn digits(level: &[u8]) -> Option<u64> {
    if level.is_empty() || level.len() > 18 || (level[0] == b'0' && level.len() > 1) {
        return None;
    }
    level.iter().try_fold(0u64, |n, b| match b {
        b'0'..=b'9' => Some(n * 10 + u64::from(b - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_gives_its_levels_one_by_one_and_then_nothing() {
        let mut path = Path::new(b"chargepoint/3/get/power");
        assert_eq!(path.next(), b"chargepoint");
        assert_eq!(path.next(), b"3");
        assert_eq!(path.rest(), b"get/power");
        assert_eq!(path.next(), b"get");
        assert_eq!(path.next(), b"power");
        assert_eq!(path.next(), b"");
        assert_eq!(path.next(), b"");
    }

    #[test]
    fn ids_are_plain_decimal_numbers() {
        assert_eq!(id(b"0"), Some(0));
        assert_eq!(id(b"42"), Some(42));
        assert_eq!(id(b"4294967295"), Some(u32::MAX));
        for wrong in [
            "",
            "007",
            "-1",
            "+1",
            "1a",
            "4294967296",
            "99999999999999999999",
        ] {
            assert_eq!(id(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
