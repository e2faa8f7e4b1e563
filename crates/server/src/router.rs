//! How requests reach the operations: over the network, or from within the process.

use std::net::SocketAddr;

use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::{Extension, Router};
use http::{HeaderName, HeaderValue, header};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::Shared;
use crate::operations::operations;
use crate::problem::{ApiError, Code};
use crate::{guard, limits, ui};

const DOCUMENT: &str = "/openapi.json";
const DOCS: &str = "/docs";
/// The document page brings its scripts along and styles itself inline.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What is not a page loads nothing.
const BARE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The operations alone, for callers whose identity the request carries.
pub fn in_process(shared: &Shared) -> Router {
    let (api, document) = operations().split_for_parts();
    api.route(DOCUMENT, get(async || axum::Json(document)))
        .method_not_allowed_fallback(wrong_method)
        .fallback(async || ApiError::not_found())
        .layer(DefaultBodyLimit::max(limits::BODY_LIMIT))
        .layer(Extension(shared.clone()))
        .layer(from_fn(limits::contain))
        .with_state(shared.clone())
}

/// Everything, for a network.
pub fn network(shared: &Shared, listening: SocketAddr) -> Router {
    let (api, document) = operations().split_for_parts();
    let config = Config::new([DOCUMENT])
        .validator_url("none")
        .try_it_out_enabled(true);
    let docs: Router<Shared> = SwaggerUi::new(DOCS).config(config).into();
    let docs = docs.layer(header(header::CONTENT_SECURITY_POLICY, DOCS_POLICY));
    api.route(DOCUMENT, get(async || axum::Json(document)))
        .merge(docs)
        .method_not_allowed_fallback(wrong_method)
        .fallback(ui::serve)
        .layer(DefaultBodyLimit::max(limits::BODY_LIMIT))
        .layer(Extension(shared.clone()))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn(limits::contain))
        .layer(from_fn_with_state(listening, guard::check))
        .layer(header(header::CONTENT_SECURITY_POLICY, BARE_POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(header(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ))
        .layer(header(
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ))
        .layer(header(header::CACHE_CONTROL, "no-store"))
        .with_state(shared.clone())
}

/// Sets a header of responses that do not set it themselves.
fn header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

async fn wrong_method() -> ApiError {
    ApiError::new(
        Code::MethodNotAllowed,
        "This address does not know that method. GET /docs lists what there is.",
    )
}
