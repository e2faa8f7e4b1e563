//! Signing in with Elli, signing out, and moving a session to another instance.

use axum::Json;
use axum::extract::Path;
use http::StatusCode;
use ladebuch_domain::ids::SourceId;
use uuid::Uuid;

use crate::app::View;
use crate::dto::elli::{
    ElliCallback, ElliSignIn, ElliSignInInput, ElliSignedOut, ElliTicket, ElliTicketInput,
};
use crate::dto::sources::Source;
use crate::extract;
use crate::problem::{ApiError, Code, Problem};
use crate::routes::sources::{Id, described, unlocked};

/// Begin to sign in with Elli
///
/// Answers with Elli's own page. Open it in a browser, sign in there, and hand the address at which
/// the browser ends – it begins with `com.elli.ios.emsp://` – to the callback operation. The password
/// never reaches Ladebuch.
#[utoipa::path(
    post, path = "/api/v1/elli/sign-in", tag = "elli", request_body = ElliSignInInput,
    responses(
        (status = 201, body = ElliSignIn),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "The demo household is shown.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn begin_elli_sign_in(
    view: View,
    extract::Json(input): extract::Json<ElliSignInInput>,
) -> Result<(StatusCode, Json<ElliSignIn>), ApiError> {
    unlocked(&view)?;
    let source = input.source_id.map(SourceId);
    let begun = view.engine.elli().begin_sign_in(source).await?;
    Ok((StatusCode::CREATED, Json(begun.into())))
}

/// Finish signing in with Elli
#[utoipa::path(
    post, path = "/api/v1/elli/sign-in/{id}/callback", tag = "elli", request_body = ElliCallback,
    params(("id" = Uuid, Path, description = "The sign-in's id")),
    responses(
        (status = 200, description = "The source of the account.", body = Source),
        (status = 409, description = "Elli or the person said no, or it is another account.",
         body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The sign-in is unknown, used or too old. Begin again.",
         body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not the address of this sign-in. It goes on.",
         body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Elli asks to wait.", body = Problem,
         content_type = "application/problem+json"),
        (status = 502, description = "Elli cannot be reached.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn finish_elli_sign_in(
    view: View,
    id: Result<Path<Uuid>, axum::extract::rejection::PathRejection>,
    extract::Json(input): extract::Json<ElliCallback>,
) -> Result<Json<Source>, ApiError> {
    unlocked(&view)?;
    let Path(id) = id.map_err(|_| expired())?;
    let elli = view.engine.elli();
    let source = elli.finish_sign_in(id, &input.callback).await?;
    Ok(Json(described(&view, source).await?))
}

/// Give a sign-in up
#[utoipa::path(
    delete, path = "/api/v1/elli/sign-in/{id}", tag = "elli",
    params(("id" = Uuid, Path, description = "The sign-in's id")),
    responses((status = 204, description = "It is no longer under way."))
)]
pub async fn cancel_elli_sign_in(
    view: View,
    id: Result<Path<Uuid>, axum::extract::rejection::PathRejection>,
) -> StatusCode {
    if let Ok(Path(id)) = id {
        view.engine.elli().cancel_sign_in(id);
    }
    StatusCode::NO_CONTENT
}

/// Sign out from Elli
///
/// The session is forgotten here, and revoked at Elli as far as Elli lets it. Everything that was
/// recorded stays.
#[utoipa::path(
    post, path = "/api/v1/sources/{id}/elli/sign-out", tag = "elli",
    params(("id" = Uuid, Path, description = "The source's id")),
    responses(
        (status = 200, body = ElliSignedOut),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "It is no Elli account, or the demo household is shown.",
         body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn sign_out_of_elli(view: View, id: Id) -> Result<Json<ElliSignedOut>, ApiError> {
    unlocked(&view)?;
    let source = id.known(&view)?;
    let revoked = view.engine.elli().sign_out(source).await?;
    Ok(Json(ElliSignedOut { revoked }))
}

/// Take the session out of this instance, for another one
///
/// The session moves: this instance has forgotten it when the answer comes. Should the text be lost,
/// sign in again.
#[utoipa::path(
    post, path = "/api/v1/sources/{id}/elli/hand-over", tag = "elli",
    params(("id" = Uuid, Path, description = "The source's id")),
    responses(
        (status = 200, body = ElliTicket),
        (status = 404, description = "There is no such source.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "It is no Elli account, nobody is signed in, or the demo \
         household is shown.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn hand_over_elli(view: View, id: Id) -> Result<Json<ElliTicket>, ApiError> {
    unlocked(&view)?;
    let source = id.known(&view)?;
    let ticket = view.engine.elli().hand_over(source).await?;
    Ok(Json(ElliTicket { ticket }))
}

/// Take over a session from another instance
///
/// The text is worth nothing afterwards. If Elli cannot be reached, it is still good.
#[utoipa::path(
    post, path = "/api/v1/elli/hand-over", tag = "elli", request_body = ElliTicketInput,
    responses(
        (status = 201, description = "The source of the account.", body = Source),
        (status = 409, description = "Elli does not accept the session any more, or the demo \
         household is shown.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The text is no handed-over session.", body = Problem,
         content_type = "application/problem+json"),
        (status = 429, description = "Elli asks to wait.", body = Problem,
         content_type = "application/problem+json"),
        (status = 502, description = "Elli cannot be reached.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn take_over_elli(
    view: View,
    extract::Json(input): extract::Json<ElliTicketInput>,
) -> Result<(StatusCode, Json<Source>), ApiError> {
    unlocked(&view)?;
    let source = view.engine.elli().take_over(&input.ticket).await?;
    Ok((StatusCode::CREATED, Json(described(&view, source).await?)))
}

fn expired() -> ApiError {
    ApiError::new(
        Code::ElliSignInExpired,
        "This sign-in is no longer under way. Begin again.",
    )
}
