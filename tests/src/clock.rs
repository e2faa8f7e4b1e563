//! A clock that stands still until it is moved.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_engine::clock::Clock;
use tokio::sync::watch;

/// Time by hand. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct ManualClock(watch::Sender<Moment>);

#[derive(Clone, Copy, Debug)]
struct Moment {
    now: DateTime<Utc>,
    uptime: Duration,
}

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn new(start: DateTime<Utc>) -> Self {
        Self(watch::Sender::new(Moment {
            now: start,
            uptime: Duration::ZERO,
        }))
    }

    /// Lets time pass.
    ///
    /// # Panics
    /// If `by` is negative: see [`set`](Self::set).
    pub fn advance(&self, by: TimeDelta) {
        let passed = by.to_std().expect("time passes forwards");
        self.0.send_modify(|moment| {
            moment.now += by;
            moment.uptime += passed;
        });
    }

    /// Sets the clock to another time, as a person or a time server does; no time passes.
    pub fn set(&self, to: DateTime<Utc>) {
        self.0.send_modify(|moment| moment.now = to);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.borrow().now
    }

    fn uptime(&self) -> Duration {
        self.0.borrow().uptime
    }

    fn sleep_until(&self, at: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut moments = self.0.subscribe();
        let begun = self.now();
        Box::pin(async move {
            // The sender lives as long as `self`, so waiting cannot fail.
            let over = |moment: &Moment| moment.now >= at || moment.now < begun;
            drop(moments.wait_for(over).await);
        })
    }
}
