//! From virtual to real time.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Duration, Instant};

use super::Pace;

/// Where both times were the same, and how fast one runs after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    virtual_start: DateTime<Utc>,
    real_start: Instant,
    pace: Pace,
}

impl Clock {
    pub(super) fn start(at: DateTime<Utc>, pace: Pace) -> Self {
        Self {
            virtual_start: at,
            real_start: Instant::now(),
            pace,
        }
    }

    /// Virtual now; `None` when time moves by hand.
    pub(super) fn now(&self) -> Option<DateTime<Utc>> {
        let Pace::Times(times) = self.pace else {
            return None;
        };
        let millis = self.real_start.elapsed().as_secs_f64() * times * 1000.0;
        Some(self.virtual_start + TimeDelta::milliseconds(millis as i64))
    }

    /// When a virtual instant will be; `None` when time moves by hand.
    pub(super) fn real(&self, at: DateTime<Utc>) -> Option<Instant> {
        let Pace::Times(times) = self.pace else {
            return None;
        };
        let millis = (at - self.virtual_start).num_milliseconds().max(0) as f64;
        // A virtual millisecond late, so that what is due is due.
        self.real_start
            .checked_add(Duration::from_secs_f64((millis + 1.0) / 1000.0 / times))
    }

    /// After somebody moved time on by hand while it also passes by itself.
    pub(super) fn jump(&mut self, to: DateTime<Utc>) {
        *self = Self::start(to, self.pace);
    }
}
