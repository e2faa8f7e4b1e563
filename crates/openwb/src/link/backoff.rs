//! How long to wait before the next attempt.

use std::time::Duration;

use rand::Rng;

/// Exponential waiting times with jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Waiting time after the first failure. Doubles with every further one.
    pub first: Duration,
    /// Waiting times do not grow beyond this.
    pub max: Duration,
    /// A connection that held this long counts as good: the next failure is a first one again.
    pub stable_after: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            max: Duration::from_secs(60),
            stable_after: Duration::from_secs(30),
        }
    }
}

impl Backoff {
    /// The waiting time after the given number of failures in a row, between half of the
    /// nominal time and all of it: clients that lost one broker must not come back in step.
    pub(super) fn wait(&self, failures: u32, random: &mut impl Rng) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        let nominal = self.first.saturating_mul(1 << doublings).min(self.max);
        nominal.mul_f64(random.random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    #[test]
    fn waiting_times_double_up_to_the_limit_and_vary() {
        let backoff = Backoff::default();
        let mut random = SmallRng::seed_from_u64(1);
        for (failures, nominal) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (4_000_000, 60)] {
            let nominal = Duration::from_secs(nominal);
            for _ in 0..100 {
                let wait = backoff.wait(failures, &mut random);
                assert!(
                    wait <= nominal && wait >= nominal / 2,
                    "{failures}: {wait:?}"
                );
            }
        }
        let distinct: std::collections::HashSet<_> =
            (0..100).map(|_| backoff.wait(5, &mut random)).collect();
        assert!(distinct.len() > 50);
    }
}
