//! What the Elli cloud says of an account.

use axum::Json;
use http::StatusCode;

use crate::app::View;
use crate::dto::elli::ElliAccount;
use crate::problem::{ApiError, Problem};
use crate::routes::sources::{Id, Part, unlocked};

/// Everything Elli says of an account
///
/// As it was read last; nothing is asked of Elli for it.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/elli", tag = "elli",
    params(("id" = Uuid, Path, description = "The source's id")),
    responses(
        (status = 200, body = ElliAccount),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "It is no Elli account.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn elli_account(view: View, id: Id) -> Result<Json<ElliAccount>, ApiError> {
    let source = id.known(&view)?;
    let account = view.engine.elli().account(source).await?;
    let snapshot = view.engine.live().borrow().clone();
    Ok(Json(ElliAccount::new(source, account, &snapshot)))
}

/// Read the account now, all its records included
#[utoipa::path(
    post, path = "/api/v1/sources/{id}/elli/sync", tag = "elli",
    params(("id" = Uuid, Path, description = "The source's id")),
    responses(
        (status = 202, description = "It begins; ask with `GET` how far it is."),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "It is no Elli account, or nobody is signed in.",
         body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn sync_elli(view: View, id: Id) -> Result<StatusCode, ApiError> {
    let source = id.known(&view)?;
    view.engine.elli().sync(source).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Restart a station (experimental)
///
/// Ends what it is doing. Known from one program only; that Elli takes the order does not mean that
/// the station does.
#[utoipa::path(
    post, path = "/api/v1/sources/{id}/elli/stations/{station}/reboot", tag = "elli",
    params(
        ("id" = Uuid, Path, description = "The source's id"),
        ("station" = String, Path, description = "Elli's id of the station"),
    ),
    responses(
        (status = 202, description = "Elli took the order."),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "It is no Elli account, or nobody is signed in.",
         body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Elli asks to wait.", body = Problem,
         content_type = "application/problem+json"),
        (status = 502, description = "Elli cannot be reached, or does not do it.",
         body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn reboot_elli_station(
    view: View,
    Part(id, station): Part,
) -> Result<StatusCode, ApiError> {
    unlocked(&view)?;
    let source = id.known(&view)?;
    view.engine.elli().reboot(source, &station).await?;
    Ok(StatusCode::ACCEPTED)
}
