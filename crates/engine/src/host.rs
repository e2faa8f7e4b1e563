//! The few questions that only the program around the engine can answer.

use std::future::Future;
use std::pin::Pin;

/// A future of a [`Host`] operation.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, HostError>> + Send + 'a>>;

/// What the engine needs of its surroundings: a place for secrets.
pub trait Host: Send + Sync + 'static {
    /// The secret of that name, if there is one.
    fn secret<'a>(&'a self, name: &'a str) -> Answer<'a, Option<String>>;

    /// Keeps a secret; `None` forgets it.
    fn set_secret<'a>(&'a self, name: &'a str, value: Option<&'a str>) -> Answer<'a, ()>;
}

/// The host could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HostError(pub String);
