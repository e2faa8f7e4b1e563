//! How the program itself is doing.

use axum::Json;

use crate::app::View;
use crate::dto::status::Status;

/// Database, recorder, background tasks and notices
#[utoipa::path(
    get, path = "/api/v1/status", tag = "program", responses((status = 200, body = Status))
)]
pub async fn status(view: View) -> Json<Status> {
    Json(Status::new(&view.engine, view.demo))
}
