//! What was asked of a box, kept for when Ladebuch is started again. The store's side of it is in
//! `crate::wishes`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use ladebuch_domain::ids::SourceId;

use crate::charger2::Current;

/// What was asked of a box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The current that a charge is to have, never 0. Stands while it is paused, too.
    pub asked: Option<Current>,
    /// The limit that Ladebuch wrote last, unless somebody has allowed more since; 0 is a pause.
    pub written: Option<Current>,
}

/// A future of an operation of [`Wishes`].
pub type Keeping<'a, T> = Pin<Box<dyn Future<Output = Result<T, WishError>> + Send + 'a>>;

/// Keeps what was asked of boxes.
pub trait Wishes: Send + Sync + 'static {
    /// What was asked last of the box of a source.
    fn of(&self, source: SourceId) -> Keeping<'_, Wish>;

    /// Keeps that in the place of what was asked before.
    fn keep(&self, source: SourceId, wish: Wish) -> Keeping<'_, ()>;
}

/// What was asked cannot be kept or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WishError(pub String);

/// The memory of one box.
pub(in crate::sources) struct Memory {
    source: SourceId,
    wishes: Arc<dyn Wishes>,
    kept: Wish,
    /// The last attempt failed, and that was said.
    failing: bool,
}

impl Memory {
    /// That of the box of a source.
    pub(in crate::sources) fn new(source: SourceId, wishes: Arc<dyn Wishes>) -> Self {
        Self {
            source,
            wishes,
            kept: Wish::default(),
            failing: false,
        }
    }

    /// What was asked last.
    pub(super) async fn recall(&mut self) -> Wish {
        match self.wishes.of(self.source).await {
            Ok(wish) => self.kept = wish,
            // Nothing is known then, and a charge is taken up with the least that the box can.
            Err(error) => {
                tracing::error!(source = %self.source, %error, "what was asked of the Charger 2 cannot be read");
            }
        }
        self.kept
    }

    /// Keeps a wish unless it is kept already. What fails is tried again with the next look.
    pub(super) async fn keep(&mut self, wish: Wish) {
        if wish == self.kept {
            return;
        }
        match self.wishes.keep(self.source, wish).await {
            Ok(()) => {
                self.kept = wish;
                self.failing = false;
            }
            Err(error) if !self.failing => {
                self.failing = true;
                tracing::warn!(source = %self.source, %error, "what was asked of the Charger 2 cannot be kept");
            }
            Err(_) => {}
        }
    }
}
