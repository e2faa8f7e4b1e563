//! Whose limit is in force: what was asked for through Ladebuch, and what the box makes of it. No IO.
//!
//! The box has one register for it. It reads back what is in force, which heat, load management or
//! another program may have made less than what was written; who it was it does not say.

use ladebuch_domain::reading::ChargeMode;

use super::memory::Wish;
use crate::charger2::{Current, Limit};

/// What is known of the limit.
#[derive(Debug, Default)]
pub(super) struct Limits {
    /// What was asked for through Ladebuch and still stands, never 0. Kept while it is paused.
    asked: Option<Current>,
    /// What Ladebuch wrote last, unless somebody has allowed more since; 0 is a pause.
    written: Option<Current>,
    /// Written, but whether it arrived nobody knows.
    doubtful: Option<Current>,
    /// Whether the box still has what was written.
    trust: Trust,
    /// What the box read last.
    in_force: Current,
    /// What it read last that was no pause, whoever had set it.
    allowed: Option<Current>,
    /// A charge was allowed and the box allows none: that is its own limit and no pause.
    held: bool,
}

/// How far the box is believed to have what was written last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Trust {
    /// It has it, so that whoever allows more is somebody else.
    #[default]
    Full,
    /// It may have lost it, and somebody may have allowed less on purpose: it is told again, but not
    /// if that would allow more than it does.
    OnlyLess,
    /// It may have lost it, and is told again.
    None,
}

impl Limits {
    /// Goes on from what an earlier run has left. What was said to the box since then nobody knows.
    pub(super) fn recalled(wish: Wish) -> Self {
        Self {
            asked: wish.asked,
            written: wish.written,
            trust: Trust::OnlyLess,
            ..Self::default()
        }
    }

    /// What a later run has to know.
    pub(super) fn wish(&self) -> Wish {
        Wish {
            asked: self.asked,
            written: self.written,
        }
    }

    /// Takes over what the box reads.
    pub(super) fn observe(&mut self, in_force: Current) {
        self.in_force = in_force;
        if in_force > Current::ZERO {
            self.allowed = Some(in_force);
            self.held = false;
        }
        // Somebody else allows more than was asked for here: theirs counts now.
        self.written = self.written.filter(|written| *written >= in_force);
        self.asked = self.asked.filter(|asked| *asked >= in_force);
    }

    /// A limit was written and read back.
    pub(super) fn wrote(&mut self, limit: Limit) {
        self.doubtful = None;
        self.trust = Trust::Full;
        self.written = Some(limit.asked);
        if limit.asked > Current::ZERO {
            self.asked = Some(limit.asked);
        } else {
            // What somebody else had allowed is what the pause ends with.
            self.asked = self.asked.or(self.allowed);
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

    /// The box may have lost what was written. It reads `found`; `failsafe` is what its watchdog, if it
    /// is on, would have made of it.
    pub(super) fn distrust(&mut self, found: Current, failsafe: Option<Current>) {
        let known_pause = self.in_force == Current::ZERO;
        let struck = failsafe == Some(found);
        let paused_by_others = self.written.is_some_and(|written| written > Current::ZERO)
            && found == Current::ZERO
            && !self.held
            && (known_pause || !struck);
        if paused_by_others || self.trust == Trust::OnlyLess {
            self.trust = Trust::OnlyLess;
        } else {
            self.trust = Trust::None;
        }
    }

    /// What to say again to the box, which reads `found`.
    pub(super) fn to_write_again(&self, found: Current) -> Option<Current> {
        self.written.filter(|written| match self.trust {
            Trust::Full => false,
            // Even if it reads just that: something else may hide that it allows more.
            Trust::OnlyLess => *written <= found,
            Trust::None => true,
        })
    }

    /// The box does not take it again.
    pub(super) fn give_up(&mut self) {
        self.written = None;
    }

    /// The current that a charge has, or would have if it was allowed; `None` if nobody said.
    pub(super) fn current(&self) -> Option<Current> {
        self.asked.or(self.allowed)
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

    /// What to say to a box that may have lost the limit and reads `found`. Its fail-safe current is 6 A.
    fn again(limits: &mut Limits, found: u16) -> Option<Current> {
        limits.distrust(amperes(found), Some(amperes(6)));
        limits.to_write_again(amperes(found))
    }

    fn recalled(asked: u16, written: u16) -> Limits {
        Limits::recalled(Wish {
            asked: Some(amperes(asked)),
            written: Some(amperes(written)),
        })
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
        shows(&limits, ChargeMode::Stop, Some(10));
        assert_eq!(again(&mut limits, 16), None);
        assert_eq!(limits.wish(), Wish::default());

        let mut limits = Limits::default();
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Stop, None);
    }

    #[test]
    fn what_was_asked_for_is_kept_over_a_pause_and_over_a_narrower_limit() {
        let mut limits = Limits::default();
        limits.wrote(limit(12, 8));
        shows(&limits, ChargeMode::Instant, Some(12));
        limits.observe(amperes(12));
        limits.wrote(limit(0, 0));
        shows(&limits, ChargeMode::Stop, Some(12));
        assert_eq!(limits.to_write_again(amperes(6)), None, "it is not lost");
        assert_eq!(again(&mut limits, 6), Some(amperes(0)));
        limits.remember(amperes(9));
        shows(&limits, ChargeMode::Stop, Some(9));
        assert_eq!(again(&mut limits, 6), Some(amperes(0)), "still paused");
    }

    #[test]
    fn a_pause_ends_with_no_more_than_what_was_allowed_before() {
        let mut limits = Limits::default();
        limits.observe(amperes(10));
        limits.wrote(limit(0, 0));
        shows(&limits, ChargeMode::Stop, Some(10));
        assert_eq!(limits.wish(), recalled(10, 0).wish());
        limits.observe(amperes(0));
        limits.remember(amperes(8));
        assert_eq!(limits.wish(), recalled(8, 0).wish());
    }

    #[test]
    fn after_a_restart_nothing_is_told_that_would_allow_more() {
        let mut limits = recalled(10, 10);
        assert_eq!(again(&mut limits, 8), None, "who narrowed it nobody knows");
        limits.observe(amperes(8));
        shows(&limits, ChargeMode::Instant, Some(10));
        assert_eq!(again(&mut limits, 0), None);
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Stop, Some(10));
        for found in [10, 16] {
            assert_eq!(limits.to_write_again(amperes(found)), Some(amperes(10)));
        }
        limits.wrote(limit(10, 10));
        limits.observe(amperes(12));
        shows(&limits, ChargeMode::Instant, Some(12));

        for found in [0, 6, 16] {
            assert_eq!(again(&mut recalled(10, 0), found), Some(amperes(0)));
        }
    }

    #[test]
    fn a_box_that_allows_nothing_of_what_was_asked_is_not_paused() {
        let mut limits = Limits::default();
        limits.wrote(limit(16, 0));
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Instant, Some(16));
        assert_eq!(again(&mut limits, 0), Some(amperes(16)));
        limits.wrote(limit(16, 16));
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Stop, Some(16));
    }

    #[test]
    fn who_allows_more_than_was_asked_for_is_taken_at_their_word() {
        let mut limits = Limits::default();
        limits.wrote(limit(8, 8));
        limits.observe(amperes(16));
        shows(&limits, ChargeMode::Instant, Some(16));
        assert_eq!(again(&mut limits, 16), None);

        limits.wrote(limit(8, 8));
        limits.wrote(limit(0, 0));
        limits.observe(amperes(6));
        shows(&limits, ChargeMode::Instant, Some(8));
        assert_eq!(again(&mut limits, 6), None, "the pause is over");
    }

    #[test]
    fn a_pause_of_somebody_else_is_not_ended_by_what_was_asked_before() {
        let mut limits = Limits::default();
        limits.wrote(limit(16, 16));
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Stop, Some(16));
        assert_eq!(again(&mut limits, 0), None);
        limits.remember(amperes(10));
        limits.observe(amperes(8));
        shows(&limits, ChargeMode::Instant, Some(10));
        assert_eq!(again(&mut limits, 8), None, "16 A are not wanted any more");
    }

    #[test]
    fn a_pause_made_while_nothing_was_heard_of_the_box_stays() {
        let mut limits = Limits::default();
        limits.wrote(limit(14, 14));
        assert_eq!(again(&mut limits, 6), Some(amperes(14)), "the watchdog");
        assert_eq!(again(&mut limits, 0), None);
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Stop, Some(14));
        assert_eq!(limits.to_write_again(amperes(16)), Some(amperes(14)));

        limits.wrote(limit(14, 14));
        limits.distrust(amperes(0), Some(amperes(0)));
        let told = limits.to_write_again(amperes(0));
        assert_eq!(told, Some(amperes(14)), "its fail-safe current is 0");
    }

    #[test]
    fn a_write_whose_answer_was_lost_shows_in_the_next_reading() {
        let mut limits = Limits::default();
        limits.wrote(limit(16, 16));
        limits.doubt(amperes(0));
        limits.resolve(amperes(0));
        shows(&limits, ChargeMode::Stop, Some(16));
        assert_eq!(again(&mut limits, 6), Some(amperes(0)));

        limits.doubt(amperes(10));
        limits.resolve(amperes(0));
        limits.observe(amperes(0));
        shows(&limits, ChargeMode::Stop, Some(16));
        limits.resolve(amperes(10));
        assert_eq!(again(&mut limits, 6), Some(amperes(0)), "it is answered");
    }
}
