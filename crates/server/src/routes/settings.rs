//! Settings of the household.

use axum::Json;
use axum::extract::State;
use chrono_tz::Tz;
use ladebuch_engine::SetError;
use ladebuch_engine::settings::SettingsError;

use crate::app::{Shared, View};
use crate::dto::settings::{Settings, SettingsPatch};
use crate::extract;
use crate::problem::{ApiError, Code, Problem};

/// Settings of the household
#[utoipa::path(
    get, path = "/api/v1/settings", tag = "settings", responses((status = 200, body = Settings))
)]
pub async fn settings(view: View) -> Json<Settings> {
    Json(view.engine.settings().into())
}

/// Change settings; what is left out stays
#[utoipa::path(
    patch, path = "/api/v1/settings", tag = "settings", request_body = SettingsPatch,
    responses(
        (status = 200, body = Settings),
        (status = 422, description = "A value is out of range; `field` names it.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn change_settings(
    State(shared): State<Shared>,
    view: View,
    extract::Json(patch): extract::Json<SettingsPatch>,
) -> Result<Json<Settings>, ApiError> {
    let mut settings = view.engine.settings();
    let zone = settings.zone;
    if let Some(zone) = patch.zone {
        settings.zone = zone.parse::<Tz>().map_err(|_| {
            ApiError::new(
                Code::InvalidValue,
                "There is no such time zone. Name one of the IANA list, e.g. Europe/Berlin.",
            )
            .field("zone")
        })?;
    }
    let recording = patch.recording.unwrap_or_default();
    settings.interval_s = recording.interval_s.unwrap_or(settings.interval_s);
    settings.raw_retention_days = recording
        .raw_retention_days
        .unwrap_or(settings.raw_retention_days);
    let settings = view.engine.set_settings(settings).await?;
    if settings.zone != zone {
        shared.show_anew();
    }
    Ok(Json(settings.into()))
}

impl From<SetError> for ApiError {
    fn from(error: SetError) -> Self {
        match error {
            SetError::Invalid(error) => {
                let field = match error {
                    SettingsError::Interval => "recording.interval_s",
                    SettingsError::RawRetention => "recording.raw_retention_days",
                };
                Self::new(Code::InvalidValue, error.to_string()).field(field)
            }
            SetError::Store(error) => error.into(),
        }
    }
}
