//! Sources: list, add, change, remove, test, look at what they publish.

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::response::IntoResponse;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use ladebuch_domain::ids::SourceId;
use ladebuch_engine::connections::{self, SourcesError};
use ladebuch_engine::control::ControlError;
use uuid::Uuid;

use crate::app::{Shared, View};
use crate::dto::live::LiveSource;
use crate::dto::raw::{Diagnostics, TopicList};
use crate::dto::source_input::SourceInput;
use crate::dto::sources::{Source, SourceList, SourceTest};
use crate::dto::status::Status;
use crate::extract;
use crate::problem::{ApiError, Code, Problem};

/// Every configured source
#[utoipa::path(
    get, path = "/api/v1/sources", tag = "sources", responses((status = 200, body = SourceList))
)]
pub async fn list_sources(view: View) -> Result<Json<SourceList>, ApiError> {
    let sources = view.engine.sources().list().await?;
    let sources = sources
        .into_iter()
        .map(|source| with_live(&view, source))
        .collect();
    Ok(Json(SourceList { sources }))
}

/// Add a source and connect to it
#[utoipa::path(
    post, path = "/api/v1/sources", tag = "sources", request_body = SourceInput,
    responses(
        (status = 201, body = Source),
        (status = 409, description = "The demo household is shown.", body = Problem,
         content_type = "application/problem+json"),
        (status = 422, description = "A value cannot be; `field` names it.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn add_source(
    view: View,
    extract::Json(input): extract::Json<SourceInput>,
) -> Result<(StatusCode, Json<Source>), ApiError> {
    unlocked(&view)?;
    let source = view.engine.sources().add(input.into()).await?;
    Ok((StatusCode::CREATED, Json(with_live(&view, source))))
}

/// Change a source
///
/// It is connected to anew, unless no more than its name is another.
/// A password that is null or left out stays as it is; `""` removes it.
#[utoipa::path(
    put, path = "/api/v1/sources/{id}", tag = "sources", request_body = SourceInput,
    params(("id" = Uuid, Path, description = "The source's id")),
    responses(
        (status = 200, body = Source),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "The demo household is shown.", body = Problem,
         content_type = "application/problem+json"),
        (status = 422, description = "A value cannot be; `field` names it.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn change_source(
    view: View,
    Id(id): Id,
    extract::Json(input): extract::Json<SourceInput>,
) -> Result<Json<Source>, ApiError> {
    unlocked(&view)?;
    let source = view.engine.sources().update(id, input.into()).await?;
    Ok(Json(with_live(&view, source)))
}

/// Remove a source; its history stays
#[utoipa::path(
    delete, path = "/api/v1/sources/{id}", tag = "sources",
    params(("id" = Uuid, Path, description = "The source's id")),
    responses(
        (status = 204, description = "Removed."),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "The demo household is shown.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn remove_source(view: View, Id(id): Id) -> Result<StatusCode, ApiError> {
    unlocked(&view)?;
    view.engine.sources().remove(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try a connection without keeping it
///
/// Takes up to 8 s. What is wrong with the other side is in `problem`, not in the status.
#[utoipa::path(
    post, path = "/api/v1/sources/test", tag = "sources", request_body = SourceInput,
    responses(
        (status = 200, body = SourceTest),
        (status = 422, description = "A value cannot be; `field` names it.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn test_source(
    view: View,
    extract::Json(input): extract::Json<SourceInput>,
) -> Result<Json<SourceTest>, ApiError> {
    let stored = input.like().map(SourceId);
    Ok(Json(
        view.engine
            .sources()
            .test(input.into(), stored)
            .await?
            .into(),
    ))
}

/// Everything a source publishes at present
///
/// The first call opens a connection for looking and waits up to 2 s for what the broker has kept;
/// it is closed 60 s after the last call. Credentials are hidden, RFID numbers masked.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/topics", tag = "sources",
    params(("id" = Uuid, Path, description = "The source's id")),
    responses(
        (status = 200, body = TopicList),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn source_topics(view: View, Id(id): Id) -> Result<Json<TopicList>, ApiError> {
    let topics = view.engine.inspector().topics(id).await?;
    Ok(Json(topics.into()))
}

/// What helps to find a fault, as a file
///
/// Everything the source publishes, how it and the program are doing, and the settings. It holds no
/// credentials; RFID numbers are masked.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/diagnostics", tag = "sources",
    params(("id" = Uuid, Path, description = "The source's id")),
    responses(
        (status = 200, description = "To be kept as a file.", body = Diagnostics),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn source_diagnostics(view: View, Id(id): Id) -> Result<impl IntoResponse, ApiError> {
    let topics = view.engine.inspector().topics(id).await?;
    let source = described(&view, id).await?.without_user();
    let file = HeaderValue::from_static("attachment; filename=\"ladebuch-diagnostics.json\"");
    let diagnostics = Diagnostics {
        made_at: view.engine.now().into(),
        program: Status::new(&view.engine, view.demo),
        settings: view.engine.settings().into(),
        source,
        raw: topics.into(),
    };
    Ok(([(header::CONTENT_DISPOSITION, file)], Json(diagnostics)))
}

/// Id of a source in the address.
pub struct Id(SourceId);

impl Id {
    /// The source, if the household that is shown has it.
    pub fn known(self, view: &View) -> Result<SourceId, ApiError> {
        let live = view.engine.live();
        let known = live.borrow().sources.contains_key(&self.0);
        if known { Ok(self.0) } else { Err(unknown()) }
    }
}

impl FromRequestParts<Shared> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        let id = Path::<Uuid>::from_request_parts(parts, shared).await;
        id.map(|Path(id)| Self(SourceId(id))).map_err(|_| unknown())
    }
}

/// Id of a source in the address, and behind it what of the source is meant.
pub struct Part(pub Id, pub String);

impl FromRequestParts<Shared> for Part {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        let path = Path::<(Uuid, String)>::from_request_parts(parts, shared).await;
        path.map(|Path((id, part))| Self(Id(SourceId(id)), part))
            .map_err(|_| unknown())
    }
}

fn unknown() -> ApiError {
    ApiError::new(
        Code::UnknownSource,
        "There is no such source. It may have been removed.",
    )
}

/// Connections are changed in the real household only.
pub fn unlocked(view: &View) -> Result<(), ApiError> {
    if view.demo {
        return Err(ApiError::new(
            Code::DemoLocked,
            "The demo household has its own source. Leave the demo to change your connections.",
        ));
    }
    Ok(())
}

/// A source that has just been added or changed.
pub async fn described(view: &View, id: SourceId) -> Result<Source, ApiError> {
    let sources = view.engine.sources().list().await?;
    let source = sources.into_iter().find(|source| source.id == id);
    Ok(with_live(view, source.ok_or_else(unknown)?))
}

fn with_live(view: &View, source: connections::Source) -> Source {
    let snapshot = view.engine.live().borrow().clone();
    let live = snapshot
        .sources
        .get(&source.id)
        .map(|live| LiveSource::new(source.id, live));
    Source::new(source, live)
}

impl From<SourcesError> for ApiError {
    fn from(error: SourcesError) -> Self {
        match error {
            SourcesError::NotFound => unknown(),
            SourcesError::Invalid { field, reason } => {
                Self::new(Code::InvalidValue, reason).field(field)
            }
            SourcesError::NoChargePoint => ControlError::UnknownChargePoint.into(),
            error @ (SourcesError::NotOpenwb | SourcesError::NotElli) => {
                Self::new(Code::WrongSource, error.to_string())
            }
            error @ (SourcesError::NotLinkable | SourcesError::TooNew) => {
                Self::new(Code::NotLinkable, error.to_string())
            }
            SourcesError::Store(error) => error.into(),
            error @ SourcesError::Interrupted => Self::internal(error),
            SourcesError::Secret(error) => Self::new(
                Code::SecretsUnavailable,
                "The password could not be kept: the place for passwords does not answer. Unlock \
                 the keychain and try again.",
            )
            .caused_by(error),
        }
    }
}
