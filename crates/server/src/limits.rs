//! Limits of time, and what becomes of a handler that panics.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tokio::time::timeout;

use crate::problem::{ApiError, Code};

/// Largest request body in bytes; the largest real one is a source's settings.
pub const BODY_LIMIT: usize = 64 * 1024;
/// Longest time that an answer takes. A test of a connection takes 8 s, seeding the demo more.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers in any case, and logs that it did. Parameters are not logged.
pub async fn contain(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = match timeout(PATIENCE, AssertUnwindSafe(next.run(request)).catch_unwind()).await
    {
        Ok(Ok(response)) => response,
        // The panic itself has been reported by the panic hook.
        Ok(Err(_)) => ApiError::internal("a handler panicked").into_response(),
        Err(_) => ApiError::new(
            Code::TimedOut,
            "This took too long and was given up. Try again, with a shorter period perhaps.",
        )
        .into_response(),
    };
    let took_ms = began.elapsed().as_millis();
    tracing::debug!(%method, path, status = response.status().as_u16(), took_ms, "answered");
    response
}
