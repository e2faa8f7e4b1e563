//! Switching the view to and from the demo household.

use axum::Json;
use axum::extract::State;

use crate::app::Shared;
use crate::dto::settings::Demo;
use crate::extract;
use crate::problem::{ApiError, Problem};

/// Show the demo household, or the real one again
///
/// The demo has a data directory of its own. The real engine goes on recording meanwhile.
#[utoipa::path(
    post, path = "/api/v1/demo", tag = "settings", request_body = Demo,
    responses(
        (status = 200, body = Demo),
        (status = 500, description = "The demo household could not be started.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn switch_demo(
    State(shared): State<Shared>,
    extract::Json(demo): extract::Json<Demo>,
) -> Result<Json<Demo>, ApiError> {
    // A browser that goes away meanwhile must not leave the switch half done.
    let switch = shared.spawn({
        let shared = shared.clone();
        async move { shared.switch_demo(demo.enabled).await }
    });
    switch.await.map_err(ApiError::internal)??;
    Ok(Json(demo))
}
