//! Whose limit is in force: what was asked for through Ladebuch, and what the box makes of it. No IO.
//!
//! The box has one register for it. It reads back what is in force, which heat, load management or
//! another program may have made less than what was written; who it was it does not say.

use ladebuch_domain::reading::ChargeMode;

use crate::charger2::{Current, Limit};

/// What is known of the limit, in this run.
#[derive(Debug, Default)]
pub(super) struct Limits {
    /// What was asked for through Ladebuch and still stands, never 0. Kept while it is paused.
    asked: Option<Current>,
    /// What Ladebuch wrote last, unless somebody has allowed more since; 0 is a pause.
    written: Option<Current>,
    /// Written, but whether it arrived nobody knows.
    doubtful: Option<Current>,
    /// What the box read last.
    in_force: Current,
    /// A charge was allowed and the box allows none: that is its own limit and no pause.
    held: bool,
}

impl Limits {
    /// Takes over what the box reads.
    pub(super) fn observe(&mut self, in_force: Current) {
        self.in_force = in_force;
        if in_force > Current::ZERO {
            self.held = false;
        }
        // Somebody else allows more than was asked for here: theirs counts now.
        self.written = self.written.filter(|written| *written >= in_force);
        self.asked = self.asked.filter(|asked| *asked >= in_force);
    }

    /// A limit was written and read back.
    pub(super) fn wrote(&mut self, limit: Limit) {
        self.doubtful = None;
        self.written = Some(limit.asked);
        if limit.asked > Current::ZERO {
            self.asked = Some(limit.asked);
        }
        self.in_force = limit.in_force;
        self.held = limit.asked > Current::ZERO && limit.in_force == Current::ZERO;
    }

    /// A limit was written, and the answer was lost.
    pub(super) fn doubt(&mut self, asked: Current) {
        self.doubtful = Some(asked);
    }

    /// Whether what was in doubt has arrived shows in what the box reads next.
    pub(super) fn resolve(&mut self, in_force: Current) {
        if self.doubtful.take() == Some(in_force) {
            self.wrote(Limit {
                asked: in_force,
                in_force,
            });
        }
    }

    /// Keeps a current for when charging is allowed again.
    pub(super) fn remember(&mut self, asked: Current) {
        self.asked = Some(asked);
        // The pause is somebody else's, and what was allowed before is no longer wanted.
        self.written = self.written.filter(|written| *written == Current::ZERO);
    }

    /// What to say to a box again that may have lost it. A pause that somebody else made stays.
    pub(super) fn to_write_again(&self) -> Option<Current> {
        let paused_by_others =
            |written: Current| written > Current::ZERO && self.mode() == ChargeMode::Stop;
        self.written.filter(|written| !paused_by_others(*written))
    }

    /// The box does not take it again.
    pub(super) fn give_up(&mut self) {
        self.written = None;
    }

    /// The current that a charge has, or would have if it was allowed; `None` if nobody said.
    pub(super) fn current(&self) -> Option<Current> {
        let in_force = (self.in_force > Current::ZERO).then_some(self.in_force);
        self.asked.or(in_force)
    }

    /// Whether a charge is allowed.
    pub(super) fn mode(&self) -> ChargeMode {
        if self.in_force > Current::ZERO || self.held {
            ChargeMode::Instant
        } else {
            ChargeMode::Stop
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amperes(amperes: u16) -> Current {
        Current::from_tenths(amperes * 10)
    }

    fn limit(asked: u16, in_force: u16) -> Limit {
        Limit {
            asked: amperes(asked),
            in_force: amperes(in_force),
        }
    }

    fn shows(limits: &Limits, mode: ChargeMode, current: Option<u16>) {
        assert_eq!(
            (limits.mode(), limits.current()),
            (mode, current.map(amperes)),
            "{limits:?}"
        );
    }

    #[test]
    fn what_was_never_asked_for_here_is_as_the_box_says() {
        let mut limits = Limits::default();
        limits.observe(amperes(10));
        shows(&limits, ChargeMode::Instant, Some(10));
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Stop, None);
        assert_eq!(limits.to_write_again(), None);
    }

    #[test]
    fn what_was_asked_for_is_kept_over_a_pause_and_over_a_narrower_limit() {
        let mut limits = Limits::default();
        limits.wrote(limit(12, 8));
        shows(&limits, ChargeMode::Instant, Some(12));
        limits.observe(amperes(12));
        limits.wrote(limit(0, 0));
        shows(&limits, ChargeMode::Stop, Some(12));
        assert_eq!(limits.to_write_again(), Some(amperes(0)));
        limits.remember(amperes(9));
        shows(&limits, ChargeMode::Stop, Some(9));
        assert_eq!(limits.to_write_again(), Some(amperes(0)), "still paused");
    }

    #[test]
    fn a_box_that_allows_nothing_of_what_was_asked_is_not_paused() {
        let mut limits = Limits::default();
        limits.wrote(limit(16, 0));
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Instant, Some(16));
        assert_eq!(limits.to_write_again(), Some(amperes(16)));
        limits.observe(amperes(16));
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Stop, Some(16));
    }

    #[test]
    fn who_allows_more_than_was_asked_for_is_taken_at_their_word() {
        let mut limits = Limits::default();
        limits.wrote(limit(8, 8));
        limits.observe(amperes(16));
        shows(&limits, ChargeMode::Instant, Some(16));
        assert_eq!(limits.to_write_again(), None);

        limits.wrote(limit(8, 8));
        limits.wrote(limit(0, 0));
        limits.observe(amperes(6));
        shows(&limits, ChargeMode::Instant, Some(8));
        assert_eq!(limits.to_write_again(), None, "the pause is over");
    }

    #[test]
    fn a_pause_of_somebody_else_is_not_ended_by_what_was_asked_before() {
        let mut limits = Limits::default();
        limits.wrote(limit(16, 16));
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Stop, Some(16));
        assert_eq!(limits.to_write_again(), None);
        limits.remember(amperes(10));
        limits.observe(amperes(8));
        shows(&limits, ChargeMode::Instant, Some(10));
        assert_eq!(
            limits.to_write_again(),
            None,
            "16 A are not wanted any more"
        );
    }

    #[test]
    fn a_write_whose_answer_was_lost_shows_in_the_next_reading() {
        let mut limits = Limits::default();
        limits.wrote(limit(16, 16));
        limits.doubt(amperes(0));
        limits.resolve(amperes(0));
        shows(&limits, ChargeMode::Stop, Some(16));
        assert_eq!(limits.to_write_again(), Some(amperes(0)));

        limits.doubt(amperes(10));
        limits.resolve(amperes(0));
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Stop, Some(16));
        limits.resolve(amperes(10));
        assert_eq!(limits.to_write_again(), Some(amperes(0)), "it is answered");
    }
}
