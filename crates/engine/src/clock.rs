//! Time, injected: the only place that asks the operating system for it.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// Tells the time and waits for it.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;

    /// Time that has truly passed since some fixed moment, whatever the clock was set to.
    fn uptime(&self) -> Duration;

    /// Waits until the clock shows `at` or later, or until it is set back: who waits for a time
    /// must then look again, or it would wait for the way back too.
    fn sleep_until(&self, at: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The computer's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

/// Longest wait without looking at the clock again: it may be set, and a computer may sleep.
const LONGEST_NAP: Duration = Duration::from_secs(1);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the injected clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep_until(&self, at: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let mut before = self.now();
            while let Ok(rest) = (at - before).to_std() {
                if rest.is_zero() {
                    break;
                }
                tokio::time::sleep(rest.min(LONGEST_NAP)).await;
                let now = self.now();
                if now < before {
                    break;
                }
                before = now;
            }
        })
    }
}
