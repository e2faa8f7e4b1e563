//! Recorded prices of dynamic tariffs.

use axum::Json;
use chrono::TimeDelta;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::View;
use crate::dto::prices::PriceList;
use crate::extract::Query;
use crate::problem::{ApiError, Code, Problem};
use crate::routes::moment::{given, span};

/// Longest period of one answer: a year of quarter hours has 35,136 prices.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// A period.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Span {
    /// First moment: a local date (`2026-11-22`, its midnight in the household's zone) or an
    /// instant (RFC 3339).
    #[param(value_type = String, required, example = "2026-11-22")]
    from: Option<String>,
    /// First moment after the period: a local date or an instant.
    #[param(value_type = String, required, example = "2026-11-23")]
    to: Option<String>,
}

/// Prices of dynamic tariffs, as the boxes told them
#[utoipa::path(
    get, path = "/api/v1/prices", tag = "history", params(Span),
    responses(
        (status = 200, body = PriceList),
        (status = 400, description = "A parameter is missing or wrong.", body = Problem,
         content_type = "application/problem+json"),
        (status = 422, description = "The period is empty, or longer than a year.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn list_prices(
    view: View,
    Query(period): Query<Span>,
) -> Result<Json<PriceList>, ApiError> {
    let zone = view.engine.settings().zone;
    let from = given(period.from.as_deref(), "from", "2026-11-22")?;
    let to = given(period.to.as_deref(), "to", "2026-11-23")?;
    let (from, to) = span(from, to, zone)?;
    if to - from > LONGEST {
        return Err(ApiError::new(
            Code::PeriodTooLong,
            "One answer holds the prices of a year at most. Ask for a shorter period.",
        )
        .field("to"));
    }
    Ok(Json(view.engine.prices(from, to).await?.into()))
}
