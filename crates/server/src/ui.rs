//! The web user interface, embedded in the program.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::problem::{ApiError, Code};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../ui/build"]
#[allow_missing = true]
struct Files;

/// The page that stands for every address of the user interface.
const PAGE: &str = "index.html";
/// Files below carry a hash of their content in their name.
const IMMUTABLE: &str = "_app/immutable/";
/// Addresses that belong to the API: a page here would hide a typing error.
const API: [&str; 2] = ["/api/", "/docs/"];

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <title>Ladebuch</title><h1>The user interface is not built</h1>\
    <p>Run <code>cargo xtask run</code>: it builds the interface and starts Ladebuch. \
    The API works all the same; <a href=\"/docs\">its document</a> is here.</p>";

/// Serves a file, or the page for any address that has none.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if API.iter().any(|prefix| path.starts_with(prefix)) {
        return ApiError::not_found().into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        let problem = "This address belongs to the user interface and can only be read.";
        return ApiError::new(Code::MethodNotAllowed, problem).into_response();
    }
    let name = path.trim_start_matches('/');
    match Files::get(name) {
        Some(file) if name != PAGE => asset(name, &file, &headers),
        // A file that a page of an earlier version asks for is gone, not a page.
        None if name.starts_with("_app/") => ApiError::not_found().into_response(),
        _ => page(&headers),
    }
}

fn asset(name: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let caching = if name.starts_with(IMMUTABLE) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let media = mime_guess::from_path(name).first_or_octet_stream();
    let media = match media.type_() {
        mime_guess::mime::TEXT => format!("{media}; charset=utf-8"),
        _ => media.to_string(),
    };
    respond(file, headers, &media, caching, None)
}

fn page(headers: &HeaderMap) -> Response {
    let Some(file) = Files::get(PAGE) else {
        let media = (header::CONTENT_TYPE, "text/html; charset=utf-8");
        return (StatusCode::SERVICE_UNAVAILABLE, [media], NOT_BUILT).into_response();
    };
    let policy = policy(&String::from_utf8_lossy(&file.data));
    respond(
        &file,
        headers,
        "text/html; charset=utf-8",
        "no-cache",
        Some(&policy),
    )
}

fn respond(
    file: &EmbeddedFile,
    headers: &HeaderMap,
    media: &str,
    caching: &'static str,
    policy: Option<&str>,
) -> Response {
    let mut tag = String::with_capacity(34);
    tag.push('"');
    for byte in &file.metadata.sha256_hash()[..16] {
        // Writing to a string cannot fail.
        write!(tag, "{byte:02x}").ok();
    }
    tag.push('"');
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == tag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = match file.data.clone() {
            Cow::Borrowed(bytes) => axum::body::Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        body.into_response()
    };
    let set = response.headers_mut();
    let values = [
        (header::CONTENT_TYPE, Some(media)),
        (header::ETAG, Some(tag.as_str())),
        (header::CACHE_CONTROL, Some(caching)),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    for (name, value) in values {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            set.insert(name, value);
        }
    }
    response
}

/// What the page may load: what comes from here, and the inline scripts that it has now.
fn policy(page: &str) -> String {
    let mut scripts = String::from("'self'");
    for script in inline_scripts(page) {
        write!(
            scripts,
            " 'sha256-{}'",
            STANDARD.encode(Sha256::digest(script))
        )
        .ok();
    }
    format!(
        "default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=") && !script.is_empty()).then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_lets_the_pages_own_inline_scripts_run_and_no_others() {
        let page = "<script src=\"/a.js\"></script><script>alert(1)</script><script></script>";
        let policy = policy(page);
        // Known answer: echo -n 'alert(1)' | openssl dgst -sha256 -binary | base64
        let hash = "bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=";
        assert!(
            policy.contains(&format!("script-src 'self' 'sha256-{hash}';")),
            "one hash for the one inline script: {policy}"
        );
    }
}
