//! New identities.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use uuid::{ContextV7, Uuid};

/// Keeps identities of one millisecond in the order in which they were given out.
static CONTEXT: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A new identity, ordered by time (UUIDv7).
pub(crate) fn new_id(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let timestamp = uuid::Timestamp::from_unix(&CONTEXT, seconds, now.timestamp_subsec_nanos());
    Uuid::new_v7(timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_keep_the_order_in_which_they_were_given_out() {
        let now = DateTime::from_timestamp(1_800_000_000, 123_456_789).unwrap();
        let given: Vec<Uuid> = (0..100).map(|_| new_id(now)).collect();
        assert!(given.is_sorted(), "{given:?}");
    }
}
