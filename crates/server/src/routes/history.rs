//! What was recorded: series, power, energy, and both as CSV.

use axum::Json;
use axum::response::Response;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ladebuch_domain::ids::SeriesId;
use ladebuch_engine::history::{EnergyQuery, HistoryError, MAX_POINTS, PowerQuery};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::View;
use crate::csv::{self, Flavour};
use crate::dto::history::{EnergyHistory, Interval, PowerHistory, Series, SeriesList};
use crate::extract::Query;
use crate::problem::{ApiError, Code, Problem};
use crate::routes::moment::{given, span};

const DEFAULT_POINTS: u32 = 1_500;

/// A period and the series wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Period {
    /// Numbers of the series, separated by commas.
    #[param(value_type = String, required, example = "1,2", pattern = r"^\d+(,\d+)*$")]
    series: Option<String>,
    /// First moment: a local date (`2026-11-22`, its midnight in the household's zone) or an
    /// instant (RFC 3339).
    #[param(value_type = String, required, example = "2026-11-22")]
    from: Option<String>,
    /// First moment after the period: a local date or an instant.
    #[param(value_type = String, required, example = "2026-11-23")]
    to: Option<String>,
}

/// How finely power is drawn.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Points {
    /// Most points of a series, 1 to 20000.
    #[param(value_type = u32, required = false, default = 1500, minimum = 1, maximum = 20000)]
    max_points: Option<String>,
}

/// Length of the bars.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Bars {
    /// Length of a bar in local time.
    #[param(value_type = Interval, required = false)]
    interval: Option<String>,
}

/// For which program a CSV file is written.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Format {
    /// `rfc4180`: commas, decimal points, English. `excel_de`: what a German Excel opens with a
    /// double click: semicolons, decimal commas, German, UTF-8 with a byte order mark.
    #[param(value_type = Flavour, required = false)]
    flavour: Option<String>,
}

/// Every series that was ever recorded
#[utoipa::path(
    get, path = "/api/v1/series", tag = "history", responses((status = 200, body = SeriesList))
)]
pub async fn list_series(view: View) -> Result<Json<SeriesList>, ApiError> {
    let series = view.engine.history().series().await?;
    Ok(Json(SeriesList {
        zone: view.engine.settings().zone.name(),
        series: series.into_iter().map(Series::from).collect(),
    }))
}

/// Power and states of charge over time
///
/// Answers with the finest resolution that fits into `max_points`.
#[utoipa::path(
    get, path = "/api/v1/history/power", tag = "history", params(Period, Points),
    responses(
        (status = 200, body = PowerHistory),
        (status = 404, description = "There is no such series.", body = Problem,
         content_type = "application/problem+json"),
        (status = 422, description = "The period is empty or too long, or a series is a counter.",
         body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn power_history(
    view: View,
    Query(period): Query<Period>,
    Query(points): Query<Points>,
) -> Result<Json<PowerHistory>, ApiError> {
    Ok(Json(power(&view, &period, &points).await?))
}

/// Power and states of charge over time, as CSV
///
/// Local times carry their offset from UTC, so that the hour that happens twice in autumn is told
/// apart.
#[utoipa::path(
    get, path = "/api/v1/history/power.csv", tag = "history", params(Period, Points, Format),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 404, description = "There is no such series.", body = Problem,
         content_type = "application/problem+json"),
        (status = 422, description = "The period is empty or too long, or a series is a counter.",
         body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn power_history_csv(
    view: View,
    Query(period): Query<Period>,
    Query(points): Query<Points>,
    Query(format): Query<Format>,
) -> Result<Response, ApiError> {
    let flavour = format.flavour()?;
    let history = power(&view, &period, &points).await?;
    let series = view.engine.history().series().await?;
    csv::power(&history, &series, view.engine.settings().zone, flavour)
}

/// Energy per hour, day or month
///
/// Differences of meter readings, never integrated power.
#[utoipa::path(
    get, path = "/api/v1/history/energy", tag = "history", params(Period, Bars),
    responses(
        (status = 200, body = EnergyHistory),
        (status = 404, description = "There is no such series.", body = Problem,
         content_type = "application/problem+json"),
        (status = 422, description = "The period is empty or too long, or a series is no counter.",
         body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn energy_history(
    view: View,
    Query(period): Query<Period>,
    Query(bars): Query<Bars>,
) -> Result<Json<EnergyHistory>, ApiError> {
    Ok(Json(energy(&view, &period, &bars).await?))
}

/// Energy per hour, day or month, as CSV
#[utoipa::path(
    get, path = "/api/v1/history/energy.csv", tag = "history", params(Period, Bars, Format),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 404, description = "There is no such series.", body = Problem,
         content_type = "application/problem+json"),
        (status = 422, description = "The period is empty or too long, or a series is no counter.",
         body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn energy_history_csv(
    view: View,
    Query(period): Query<Period>,
    Query(bars): Query<Bars>,
    Query(format): Query<Format>,
) -> Result<Response, ApiError> {
    let flavour = format.flavour()?;
    let history = energy(&view, &period, &bars).await?;
    let series = view.engine.history().series().await?;
    csv::energy(&history, &series, view.engine.settings().zone, flavour)
}

async fn power(view: &View, period: &Period, points: &Points) -> Result<PowerHistory, ApiError> {
    let zone = view.engine.settings().zone;
    let (from, to) = period.bounds(zone)?;
    let query = PowerQuery {
        series: period.series()?,
        from,
        to,
        max_points: points.number()?,
    };
    let history = view.engine.history().power(&query).await?;
    Ok(PowerHistory::new(history, zone))
}

async fn energy(view: &View, period: &Period, bars: &Bars) -> Result<EnergyHistory, ApiError> {
    let zone = view.engine.settings().zone;
    let (from, to) = period.bounds(zone)?;
    let interval = bars.interval()?.into();
    let query = EnergyQuery {
        series: period.series()?,
        from,
        to,
        interval,
        zone,
    };
    let history = view
        .engine
        .history()
        .energy(&query, view.engine.now())
        .await?;
    Ok(EnergyHistory::new(history, zone))
}

impl Period {
    fn series(&self) -> Result<Vec<SeriesId>, ApiError> {
        let text = given(self.series.as_deref(), "series", "1,2")?;
        let series = text.split(',').map(|id| id.trim().parse().map(SeriesId));
        series.collect::<Result<_, _>>().map_err(|_| {
            ApiError::new(
                Code::BadParameter,
                "`series` must be numbers of series separated by commas, e.g. 1,2.",
            )
            .field("series")
        })
    }

    fn bounds(&self, zone: Tz) -> Result<(DateTime<Utc>, DateTime<Utc>), ApiError> {
        let from = given(self.from.as_deref(), "from", "2026-11-22")?;
        let to = given(self.to.as_deref(), "to", "2026-11-23")?;
        span(from, to, zone)
    }
}

impl Points {
    fn number(&self) -> Result<u32, ApiError> {
        let Some(text) = &self.max_points else {
            return Ok(DEFAULT_POINTS);
        };
        let number = text
            .parse()
            .ok()
            .filter(|number| (1..=MAX_POINTS).contains(number));
        number.ok_or_else(|| {
            ApiError::new(
                Code::BadParameter,
                format!("`max_points` must be a number from 1 to {MAX_POINTS}."),
            )
            .field("max_points")
        })
    }
}

impl Bars {
    fn interval(&self) -> Result<Interval, ApiError> {
        match self.interval.as_deref() {
            Some("hour") => Ok(Interval::Hour),
            None | Some("day") => Ok(Interval::Day),
            Some("month") => Ok(Interval::Month),
            Some(_) => Err(ApiError::new(
                Code::BadParameter,
                "`interval` must be hour, day or month.",
            )
            .field("interval")),
        }
    }
}

impl Format {
    fn flavour(&self) -> Result<Flavour, ApiError> {
        match self.flavour.as_deref() {
            None | Some("rfc4180") => Ok(Flavour::Rfc4180),
            Some("excel_de") => Ok(Flavour::ExcelDe),
            Some(_) => Err(ApiError::new(
                Code::BadParameter,
                "`flavour` must be rfc4180 or excel_de.",
            )
            .field("flavour")),
        }
    }
}

impl From<HistoryError> for ApiError {
    fn from(error: HistoryError) -> Self {
        let sentence = error.to_string();
        match error {
            HistoryError::NoSeries | HistoryError::TooManySeries => {
                Self::new(Code::BadParameter, sentence).field("series")
            }
            HistoryError::TooManyPoints => {
                Self::new(Code::BadParameter, sentence).field("max_points")
            }
            HistoryError::UnknownSeries(_) => {
                Self::new(Code::UnknownSeries, sentence).field("series")
            }
            HistoryError::NotACounter(_) | HistoryError::NotAGauge(_) => {
                Self::new(Code::WrongSeries, sentence).field("series")
            }
            HistoryError::EmptyPeriod => Self::new(Code::EmptyPeriod, sentence).field("to"),
            HistoryError::TooManyBars => Self::new(Code::PeriodTooLong, sentence).field("to"),
            HistoryError::Store(error) => error.into(),
        }
    }
}
