//! Whether the program can be asked at all.

use axum::Json;
use axum::extract::State;

use crate::app::Shared;
use crate::dto::status::{Health, HealthState};

/// Whether the program can be asked
///
/// Answers at once, also while the database is still being opened.
#[utoipa::path(get, path = "/health", tag = "program", responses((status = 200, body = Health)))]
pub async fn health(State(shared): State<Shared>) -> Json<Health> {
    let (status, detail) = match shared.opening() {
        None => (HealthState::Starting, None),
        Some(Ok(())) => (HealthState::Ok, None),
        Some(Err(sentence)) => (HealthState::Failed, Some(sentence)),
    };
    Json(Health {
        status,
        version: crate::VERSION,
        detail,
    })
}
