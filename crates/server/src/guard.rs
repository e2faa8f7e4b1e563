//! Two checks that keep pages of other sites out of an API on a loopback address.
//!
//! - The `Host` must be a name of this computer with the port that is listened at: a page whose
//!   name was pointed at 127.0.0.1 (DNS rebinding) is refused.
//! - Where a browser says which page a request comes from (`Origin`), requests that change
//!   something and WebSocket handshakes must come from this server's own pages. Reading is
//!   safe: without CORS headers no browser shows an answer to another site's page.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, Method, header};

use crate::listen::ListenAddress;
use crate::problem::{ApiError, Code};

/// Checks a request on the network and notes the address it came to.
pub async fn check(
    State(listening): State<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let host = host(&request)
        .filter(|host| is_own(host, listening))
        .ok_or_else(|| {
            ApiError::new(
                Code::HostNotAllowed,
                format!("Open Ladebuch at http://{listening}; it does not answer to other names."),
            )
        })?;
    if needs_origin_check(&request) && !is_same_origin(request.headers(), host) {
        return Err(ApiError::new(
            Code::OriginNotAllowed,
            "This request comes from a page of another site. Use Ladebuch's own pages.",
        ));
    }
    request
        .extensions_mut()
        .insert(ListenAddress(Some(listening)));
    Ok(next.run(request).await)
}

/// The name that the request is addressed to; none if it says two different ones.
fn host(request: &Request) -> Option<&str> {
    let mut named = request.headers().get_all(header::HOST).into_iter();
    let header = named.next().and_then(|host| host.to_str().ok());
    if named.next().is_some() {
        return None;
    }
    match (request.uri().authority(), header) {
        (Some(authority), Some(header)) => (authority.as_str() == header).then_some(header),
        (Some(authority), None) => Some(authority.as_str()),
        (None, header) => header,
    }
}

fn is_own(host: &str, listening: SocketAddr) -> bool {
    // Without a port a browser means 80.
    let (name, said) = match host.rsplit_once(':') {
        Some((name, said)) if !said.ends_with(']') => (name, said.parse().ok()),
        _ => (host, Some(80)),
    };
    let address = match listening.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    said == Some(listening.port())
        && ["localhost", "127.0.0.1", "[::1]", &address]
            .iter()
            .any(|own| name.eq_ignore_ascii_case(own))
}

fn needs_origin_check(request: &Request) -> bool {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    !safe || request.headers().contains_key(header::UPGRADE)
}

/// Programs that are not browsers send no `Origin`; browsers send it with everything checked here.
fn is_same_origin(headers: &HeaderMap, host: &str) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).into_iter();
    let Some(origin) = origins.next() else {
        return headers
            .get("sec-fetch-site")
            .is_none_or(|site| site == "same-origin");
    };
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.strip_prefix("http://"));
    origins.next().is_none() && origin.is_some_and(|origin| origin.eq_ignore_ascii_case(host))
}
