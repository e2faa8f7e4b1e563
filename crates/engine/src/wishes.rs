//! What was asked of Charger 2s, kept in the store.

use ladebuch_domain::ids::SourceId;
use serde::{Deserialize, Serialize};

use crate::charger2::Current;
use crate::sources::charger2::memory::{Keeping, Wish, WishError, Wishes};
use crate::store::{Store, StoreError};

/// Keeps what was asked of boxes in the store.
pub(crate) struct StoreWishes(Store);

impl StoreWishes {
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

/// A [`Wish`] as it is stored, in tenths of an ampere.
#[derive(Serialize, Deserialize)]
struct Stored {
    asked: Option<u16>,
    written: Option<u16>,
}

impl Wishes for StoreWishes {
    fn of(&self, source: SourceId) -> Keeping<'_, Wish> {
        Box::pin(async move {
            let Some(json) = self.0.wish(source).await? else {
                return Ok(Wish::default());
            };
            let stored: Stored = serde_json::from_str(&json).map_err(StoreError::from)?;
            Ok(Wish {
                asked: stored.asked.map(Current::from_tenths),
                written: stored.written.map(Current::from_tenths),
            })
        })
    }

    fn keep(&self, source: SourceId, wish: Wish) -> Keeping<'_, ()> {
        Box::pin(async move {
            let stored = Stored {
                asked: wish.asked.map(Current::tenths),
                written: wish.written.map(Current::tenths),
            };
            let json = serde_json::to_string(&stored).map_err(StoreError::from)?;
            Ok(self.0.set_wish(source, &json).await?)
        })
    }
}

impl From<StoreError> for WishError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{SOURCE, at, fresh, restart, run};

    #[test]
    fn a_wish_is_kept_until_its_source_is_removed() {
        run(async {
            let now = at("2025-10-15T12:00:00Z");
            let (dir, store) = fresh(now).await;
            let wishes = StoreWishes::new(store.clone());
            assert_eq!(wishes.of(SOURCE).await, Ok(Wish::default()));
            let wish = Wish {
                asked: Some(Current::from_tenths(105)),
                written: Some(Current::ZERO),
            };
            for wish in [Wish::default(), wish] {
                wishes.keep(SOURCE, wish).await.unwrap();
            }
            drop(wishes);

            let store = restart(dir.path(), store, now).await;
            let wishes = StoreWishes::new(store.clone());
            assert_eq!(wishes.of(SOURCE).await, Ok(wish));
            store.remove_source(SOURCE, now).await.unwrap();
            assert_eq!(wishes.of(SOURCE).await, Ok(Wish::default()));
        });
    }
}
