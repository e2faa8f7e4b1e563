//! Extractors whose refusals are problems like any other.

use axum::RequestExt;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::app::{Shared, View};
use crate::auth::Caller;
use crate::problem::{ApiError, Code};

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Shared) -> Result<Self, ApiError> {
        // A page of another site can send a form or plain text without being asked, but no JSON.
        if !is_json(request.headers()) {
            return Err(ApiError::new(
                Code::NotJson,
                "Send the body as JSON, with `Content-Type: application/json`.",
            ));
        }
        let body: Bytes = request.extract().await.map_err(
            |rejection: axum::extract::rejection::BytesRejection| {
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    ApiError::new(Code::BodyTooLarge, "The body is larger than 64 KiB.")
                } else {
                    ApiError::new(Code::BadBody, "The body did not arrive completely.")
                        .caused_by(rejection)
                }
            },
        )?;
        let mut json = serde_json::Deserializer::from_slice(&body);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            // The parser's words name keys and types, never values of other fields.
            let problem = ApiError::new(
                Code::BadBody,
                format!("The body is not what is expected here: {}.", error.inner()),
            );
            // `?` stands for a place that was not reached.
            if path.contains('?') || path == "." {
                problem
            } else {
                problem.field(path)
            }
        })?;
        json.end().map_err(|error| {
            ApiError::new(Code::BadBody, "Something follows the JSON value.").caused_by(error)
        })?;
        Ok(Self(value))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

/// Parameters of the address.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Shared> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(ApiError::new(
                Code::BadParameter,
                format!(
                    "The parameters are not what is expected here. {}.",
                    rejection.body_text()
                ),
            )),
        }
    }
}

impl FromRequestParts<Shared> for View {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        shared.current()
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        parts
            .extensions
            .get()
            .copied()
            .ok_or_else(|| ApiError::internal("an operation without a scope asked for its caller"))
    }
}
