//! Elli's own reports.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::View;
use crate::dto::elli::ElliPdfList;
use crate::extract::Query;
use crate::problem::{ApiError, Code, Problem};
use crate::routes::moment::{given, span};
use crate::routes::sources::{Id, Part};

/// Which report is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Elli's id of the station.
    #[param(value_type = String)]
    station: Option<String>,
    /// Number of the card, or Elli's id of it; all sessions if left out.
    #[param(value_type = String, required = false)]
    card: Option<String>,
    /// Records that Elli wrote down at or after: a local date or an instant.
    #[param(value_type = String, example = "2026-11-01")]
    from: Option<String>,
    /// Records that Elli wrote down before: a local date or an instant.
    #[param(value_type = String, example = "2026-12-01")]
    to: Option<String>,
}

/// Fetch Elli's own report as a PDF
///
/// For one station, one card or all, and a period. What was fetched is kept, unless the disk is full.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/elli/records.pdf", tag = "elli",
    params(("id" = Uuid, Path, description = "The source's id"), Wanted),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf"),
        (status = 400, description = "A parameter is wrong.", body = Problem,
         content_type = "application/problem+json"),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "It is no Elli account, or nobody is signed in.",
         body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A value cannot be; `field` names it.", body = Problem,
         content_type = "application/problem+json"),
        (status = 429, description = "Elli asks to wait.", body = Problem,
         content_type = "application/problem+json"),
        (status = 502, description = "Elli cannot be reached, or refuses.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn elli_records_pdf(
    view: View,
    id: Id,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let source = id.known(&view)?;
    let zone = view.engine.settings().zone;
    let station = given(wanted.station.as_deref(), "station", "1111…")?;
    let from = given(wanted.from.as_deref(), "from", "2026-11-01")?;
    let to = given(wanted.to.as_deref(), "to", "2026-12-01")?;
    let (from, to) = span(from, to, zone)?;
    let card = wanted.card.as_deref().filter(|card| !card.is_empty());
    let elli = view.engine.elli();
    let pdf = elli.pdf(source, station, card, (from, to), zone).await?;
    Ok(document(pdf))
}

/// Elli's reports that are kept
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/elli/pdfs", tag = "elli",
    params(("id" = Uuid, Path, description = "The source's id")),
    responses(
        (status = 200, body = ElliPdfList),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "It is no Elli account.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn list_elli_pdfs(view: View, id: Id) -> Result<Json<ElliPdfList>, ApiError> {
    let source = id.known(&view)?;
    Ok(Json(view.engine.elli().pdfs(source).await?.into()))
}

/// A report of Elli's that is kept
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/elli/pdfs/{pdf}", tag = "elli",
    params(
        ("id" = Uuid, Path, description = "The source's id"),
        ("pdf" = i64, Path, description = "The report's number"),
    ),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf"),
        (status = 404, description = "There is no such source or report.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "It is no Elli account.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn elli_pdf(view: View, Part(id, pdf): Part) -> Result<Response, ApiError> {
    let source = id.known(&view)?;
    let none = || ApiError::new(Code::NotFound, "There is no such report.");
    let number = pdf.parse().map_err(|_| none())?;
    let pdf = view.engine.elli().kept_pdf(source, number).await?;
    Ok(document(pdf.ok_or_else(none)?))
}

fn document(bytes: Vec<u8>) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/pdf"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"elli.pdf\""),
        ),
    ];
    (headers, bytes).into_response()
}
