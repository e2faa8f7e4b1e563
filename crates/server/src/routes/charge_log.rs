//! The boxes' own charge logs: importing them, and what was imported.

use axum::Json;
use http::StatusCode;
use ladebuch_domain::ids::SourceId;
use ladebuch_domain::source::SourceKind;
use ladebuch_engine::LogFilter;
use ladebuch_engine::import::ImportError;
use serde::Deserialize;
use utoipa::IntoParams;

use super::sources::Id;
use crate::app::View;
use crate::dto::charge_log::{ChargeLog, ChargeLogRow, ImportStatus, Known};
use crate::extract::Query;
use crate::problem::{ApiError, Code, Problem};
use crate::routes::moment::moment;

const DEFAULT_ROWS: u32 = 100;
const MAX_ROWS: u32 = 5_000;

/// Which rows are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Logged by that source; by all if left out.
    #[param(value_type = Uuid, required = false)]
    source: Option<String>,
    /// Begun at or after: a local date or an instant.
    #[param(value_type = String, required = false, example = "2026-11-01")]
    from: Option<String>,
    /// Begun before: a local date or an instant.
    #[param(value_type = String, required = false, example = "2026-12-01")]
    to: Option<String>,
    /// Most rows, 1 to 5000.
    #[param(value_type = u32, required = false, default = 100, minimum = 1, maximum = 5000)]
    limit: Option<String>,
}

/// Import a box's own charge log, back to its first month
///
/// Goes on by itself; ask with `GET` how far it is. Importing again adds what is new and changes
/// nothing else, and rows that the box has lost meanwhile stay.
#[utoipa::path(
    post, path = "/api/v1/sources/{id}/charge-log/import", tag = "sources",
    params(("id" = Uuid, Path, description = "The source's id")),
    responses(
        (status = 202, body = ImportStatus),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "It is being imported already, or is no openWB.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn import_charge_log(
    view: View,
    id: Id,
) -> Result<(StatusCode, Json<ImportStatus>), ApiError> {
    let source = of_openwb(id, &view)?;
    let status = view.engine.import().begin(source).await?;
    Ok((StatusCode::ACCEPTED, Json(status.into())))
}

/// How the import of a box's charge log goes, or went
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/charge-log/import", tag = "sources",
    params(("id" = Uuid, Path, description = "The source's id")),
    responses(
        (status = 200, body = ImportStatus),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn charge_log_import(view: View, id: Id) -> Result<Json<ImportStatus>, ApiError> {
    let source = of_openwb(id, &view)?;
    Ok(Json(view.engine.import().status(source).await?.into()))
}

/// Rows of the boxes' own charge logs
#[utoipa::path(
    get, path = "/api/v1/charge-log", tag = "history", params(Wanted),
    responses(
        (status = 200, body = ChargeLog),
        (status = 400, description = "A parameter is wrong.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn charge_log(
    view: View,
    Query(wanted): Query<Wanted>,
) -> Result<Json<ChargeLog>, ApiError> {
    let zone = view.engine.settings().zone;
    let at = |text: Option<&str>, field| text.map(|text| moment(text, field, zone)).transpose();
    let filter = LogFilter {
        source: wanted.source()?,
        from: at(wanted.from.as_deref(), "from")?,
        to: at(wanted.to.as_deref(), "to")?,
        limit: wanted.number()?,
    };
    let rows = view.engine.import().rows(filter).await?;
    let snapshot = view.engine.live().borrow().clone();
    let devices = snapshot.devices.iter();
    let known: Known = devices
        .map(|(id, device)| {
            let name = device.name.as_ref().map(ToString::to_string);
            ((device.source, device.external_id.clone()), (*id, name))
        })
        .collect();
    let rows = rows.into_iter().map(|row| ChargeLogRow::new(row, &known));
    Ok(Json(ChargeLog {
        rows: rows.collect(),
    }))
}

/// The source, if it is a box that keeps a charge log month by month.
fn of_openwb(id: Id, view: &View) -> Result<SourceId, ApiError> {
    let source = id.known(view)?;
    let live = view.engine.live().borrow().clone();
    let kind = live.sources.get(&source).map(|source| source.kind);
    if kind == Some(SourceKind::Openwb) {
        return Ok(source);
    }
    Err(ApiError::new(
        Code::WrongSource,
        "Only an openWB has a charge log to import. Records of Elli are read by themselves.",
    ))
}

impl Wanted {
    fn source(&self) -> Result<Option<SourceId>, ApiError> {
        let id = self.source.as_deref().map(str::parse).transpose();
        let id = id.map_err(|_| {
            ApiError::new(Code::BadParameter, "`source` must be the id of a source.")
                .field("source")
        })?;
        Ok(id.map(SourceId))
    }

    fn number(&self) -> Result<u32, ApiError> {
        let Some(text) = &self.limit else {
            return Ok(DEFAULT_ROWS);
        };
        let number = text.parse().ok();
        number
            .filter(|number| (1..=MAX_ROWS).contains(number))
            .ok_or_else(|| {
                let detail = format!("`limit` must be a number from 1 to {MAX_ROWS}.");
                ApiError::new(Code::BadParameter, detail).field("limit")
            })
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Running => Self::new(
                Code::ImportRunning,
                "The charge log of this source is being imported already. Wait until it is done.",
            ),
            ImportError::Store(error) => error.into(),
        }
    }
}
