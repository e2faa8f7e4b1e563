//! Which Elli station and which charge point are one wallbox.

use http::StatusCode;
use ladebuch_domain::ids::DeviceId;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::View;
use crate::extract;
use crate::problem::{ApiError, Problem};
use crate::routes::commands::Id;

/// The Elli station that is the same wallbox.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkInput {
    /// Id of the station's charge point in the live view; null: none is.
    pub station: Option<Uuid>,
}

/// Say which Elli station is the same wallbox as a charge point
///
/// Then live comes from near and the record from the cloud, and the wallbox is counted once. Both keep
/// their own history. That they are no longer one can be said although they are gone.
#[utoipa::path(
    put, path = "/api/v1/charge-points/{id}/link", tag = "sources", request_body = LinkInput,
    params(("id" = Uuid, Path, description = "The charge point that is seen from near")),
    responses(
        (status = 204, description = "Noted."),
        (status = 404, description = "There is no such charge point.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "The two cannot be one wallbox, or one of them was seen only \
         a moment ago.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn link_charge_point(
    view: View,
    Id(id): Id,
    extract::Json(input): extract::Json<LinkInput>,
) -> Result<StatusCode, ApiError> {
    let station = input.station.map(DeviceId);
    view.engine.links().set(id, station).await?;
    Ok(StatusCode::NO_CONTENT)
}
