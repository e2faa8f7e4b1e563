//! Why questions have no answers, and when they are asked again.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::job::{DAILY, Job};
use super::{Schedule, span, stretched};
use crate::sources::ASK_AGAIN;

/// Pause after a failure; doubled by each that follows.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// Longest pause, unless Elli asks for a longer one.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);
/// Longest pause that Elli is believed to mean.
const LONGEST_TOLD: Duration = Duration::from_secs(60 * 60);

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Failure {
    /// Elli does not answer this question: asking again soon changes nothing.
    Refused,
    /// It wants a token for this question that nobody has. Each try would cost a refresh.
    Barred,
    /// It may be answered later, and not before the time that Elli names, if it does.
    Later(Option<Duration>),
    /// Elli has answered, but nothing can be done with the answer now: other questions go on.
    Unkept,
    /// Nothing was sent, because the host does not give or take a token.
    Unsent,
}

impl Schedule {
    /// A question has no answer. `chance` in `[0, 1)`.
    pub fn failed(&mut self, job: &Job, failure: Failure, now: DateTime<Utc>, chance: f64) {
        self.look(now);
        let told = match failure {
            Failure::Later(told) => told,
            // As good as an answer.
            Failure::Refused => return self.answered(job, now, chance),
            Failure::Barred => return self.put_aside(job, now, chance),
            Failure::Unkept => return self.put_off(job, now, chance),
            Failure::Unsent => return self.take_back(job, now),
        };
        self.failures += 1;
        let own = match told {
            Some(told) => {
                let wait = told.clamp(Duration::from_secs(1), LONGEST_TOLD);
                self.told = Some(now + stretched(wait, chance));
                // Twice may be bad luck; then Elli's word alone does not help.
                self.failures.saturating_sub(2)
            }
            None => self.failures,
        };
        if let Some(pause) = pause(own) {
            self.paused = Some(now + stretched(pause, chance));
        }
        if told.is_none() {
            self.put_off(job, now, chance);
        } else if let Some(slot) = self.slots.get_mut(job) {
            slot.failures += 1;
            slot.due = now;
        }
    }

    /// The longer, the more often it has failed.
    fn put_off(&mut self, job: &Job, now: DateTime<Utc>, chance: f64) {
        if let Some(slot) = self.slots.get_mut(job) {
            slot.failures += 1;
            let pause = pause(slot.failures).unwrap_or(FIRST_PAUSE);
            slot.due = now + stretched(pause, chance);
        }
    }

    /// Until tomorrow, or until somebody wishes to know.
    fn put_aside(&mut self, job: &Job, now: DateTime<Utc>, chance: f64) {
        self.answered(job, now, chance);
        if let Some(slot) = self.slots.get_mut(job) {
            slot.due = now + stretched(DAILY, chance);
        }
    }

    /// Elli has not noticed anything, so nothing is held against it.
    fn take_back(&mut self, job: &Job, now: DateTime<Utc>) {
        let asking = std::mem::take(&mut self.asking);
        if asking.counts {
            self.recent.pop_back();
        }
        if *job == Job::Sessions {
            self.sessions_asked = asking.sessions_asked;
        }
        self.paused = Some(now + span(ASK_AGAIN));
    }
}

/// The pause after so many failures in a row.
fn pause(failures: u32) -> Option<Duration> {
    let doubled = failures.checked_sub(1)?.min(16);
    Some((FIRST_PAUSE * 2_u32.pow(doubled)).min(LONGEST_PAUSE))
}
