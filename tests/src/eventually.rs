//! Waiting for something that can be observed, and for no longer than it may take.

use std::time::{Duration, Instant};

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Waits for something to end.
///
/// # Panics
/// If it has not ended when `within` is over.
pub async fn in_time<T>(within: Duration, what: &str, wait: impl Future<Output = T>) -> T {
    match tokio::time::timeout(within, wait).await {
        Ok(outcome) => outcome,
        Err(_) => panic!("not within {within:?}: {what}"),
    }
}

/// Looks again and again until `look` finds something.
///
/// # Panics
/// If it has found nothing when `within` is over.
pub async fn eventually<T>(
    within: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < within, "not within {within:?}: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}
