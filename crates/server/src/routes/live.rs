//! What is happening now.

use axum::Json;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;

use crate::app::{Shared, View};
use crate::dto::live::{LiveMessage, LiveSnapshot};
use crate::problem::{ApiError, Code};
use crate::{feed, socket};

/// The latest of everything
#[utoipa::path(
    get, path = "/api/v1/live", tag = "live", responses((status = 200, body = LiveSnapshot))
)]
pub async fn live_snapshot(State(shared): State<Shared>, view: View) -> Json<LiveSnapshot> {
    Json(feed::snapshot(&view, shared.now()))
}

/// The latest of everything, then every change, over a WebSocket
///
/// Text frames hold one `LiveMessage` each. The first is a snapshot, the others are changes; a
/// snapshot comes again when the view switches to or from the demo household. A client that does
/// not take a message within 5 s is disconnected; it reconnects and begins with a snapshot.
#[utoipa::path(
    get, path = "/api/v1/live/ws", tag = "live",
    responses(
        (status = 101, description = "Each text frame is one of these.", body = LiveMessage),
        (status = 426, description = "The request is not a WebSocket handshake.",
         body = crate::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn live_feed(
    State(shared): State<Shared>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|rejection| {
        ApiError::new(
            Code::UpgradeRequired,
            "This address speaks WebSocket only. GET /api/v1/live gives one snapshot.",
        )
        .caused_by(rejection)
    })?;
    Ok(socket::accept(&shared, upgrade))
}
