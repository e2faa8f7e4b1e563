//! Which months of a charge log are to be fetched.

use ladebuch_domain::period::Month;

/// No openWB is older.
const FIRST: Month = Month {
    year: 2017,
    month: 1,
};
/// After so many months without a charge the box is taken to have had none before. Two years
/// outlast any repair and any long journey.
pub const QUIET: usize = 24;

/// A month and all before it that a box may have, newest first.
pub fn back_from(month: Month) -> impl Iterator<Item = Month> {
    std::iter::successors(Some(month), |month| Some(month.before()))
        .take_while(|month| *month >= FIRST)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn months_run_back_over_the_turn_of_the_year_and_end() {
        let now = Month::of(NaiveDate::from_ymd_opt(2026, 1, 31).unwrap());
        let back: Vec<String> = back_from(now)
            .take(3)
            .map(|month| month.to_string())
            .collect();
        assert_eq!(back, ["2026-01", "2025-12", "2025-11"]);
        assert_eq!(back_from(now).last(), Some(FIRST));
        assert_eq!(back_from(now).count(), 9 * 12 + 1);
    }

    #[test]
    fn a_clock_before_all_boxes_asks_for_nothing() {
        let long_ago = Month::of(NaiveDate::from_ymd_opt(1970, 1, 1).unwrap());
        assert_eq!(back_from(long_ago).next(), None);
    }
}
