//! Which months of a charge log are to be fetched.

use chrono::{Datelike as _, NaiveDate};

/// A calendar month of the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Year, e.g. 2026.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
}

/// No openWB is older.
const FIRST: Month = Month {
    year: 2017,
    month: 1,
};
/// After so many months without a charge the box is taken to have had none before. Two years
/// outlast any repair and any long journey.
pub const QUIET: usize = 24;

impl Month {
    /// The month of a day.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        Self {
            year: u16::try_from(day.year()).unwrap_or(FIRST.year),
            month: u8::try_from(day.month()).unwrap_or(1),
        }
    }

    /// The month before.
    #[must_use]
    pub const fn before(self) -> Self {
        if self.month == 1 {
            Self {
                year: self.year - 1,
                month: 12,
            }
        } else {
            Self {
                year: self.year,
                month: self.month - 1,
            }
        }
    }

    /// This month and all before it that a box may have, newest first.
    pub fn back(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |month| Some(month.before()))
            .take_while(|month| *month >= FIRST)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_run_back_over_the_turn_of_the_year_and_end() {
        let now = Month::of(NaiveDate::from_ymd_opt(2026, 1, 31).unwrap());
        assert_eq!(now.to_string(), "2026-01");
        let back: Vec<String> = now.back().take(3).map(|month| month.to_string()).collect();
        assert_eq!(back, ["2026-01", "2025-12", "2025-11"]);
        assert_eq!(now.back().last(), Some(FIRST));
        assert_eq!(now.back().count(), 9 * 12 + 1);
    }
}
