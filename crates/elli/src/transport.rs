//! One request, and what becomes of its answer.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chrono::DateTime;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;

use crate::error::{Error, ErrorCode};

/// More than ten thousand records.
pub(crate) const JSON_LIMIT: usize = 16 << 20;
/// A year of charging on paper is some hundred kilobytes.
pub(crate) const PDF_LIMIT: usize = 64 << 20;
/// What is read of an error, to find its name.
const ERROR_LIMIT: usize = 64 << 10;

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: Option<Box<str>>,
    retry_after: Option<Duration>,
    pub(crate) body: Bytes,
}

/// Sends a request and reads at most `limit` bytes of its answer.
pub(crate) async fn send(request: RequestBuilder, limit: usize) -> Result<Answer, Error> {
    let response = request.send().await.map_err(failed)?;
    let status = response.status();
    let retry_after = retry_after(response.headers());
    let content_type = content_type(response.headers());
    let body = if status.is_success() {
        read(response, limit).await?
    } else {
        // The status says enough, whatever happens to the rest.
        read(response, ERROR_LIMIT).await.unwrap_or_default()
    };
    Ok(Answer {
        status,
        content_type,
        retry_after,
        body,
    })
}

impl Answer {
    /// The answer if it is a success.
    pub(crate) fn success(self) -> Result<Self, Error> {
        if self.status.is_success() {
            return Ok(self);
        }
        let status = self.status.as_u16();
        Err(match self.status {
            StatusCode::UNAUTHORIZED => Error::Unauthorized,
            StatusCode::TOO_MANY_REQUESTS => Error::TooManyRequests {
                retry_after: self.retry_after,
            },
            kind if kind.is_server_error() || kind == StatusCode::REQUEST_TIMEOUT => {
                Error::Unavailable {
                    status,
                    retry_after: self.retry_after,
                    code: self.code(),
                }
            }
            _ => Error::Refused {
                status,
                code: self.code(),
            },
        })
    }

    /// The text of a body that starts as JSON does. Elli's `Content-Type` is not relied upon.
    pub(crate) fn json(&self) -> Result<&str, Error> {
        std::str::from_utf8(&self.body)
            .ok()
            .map(|text| text.trim_start_matches('\u{feff}'))
            .filter(|text| text.trim_start().starts_with(['{', '[']))
            .ok_or_else(|| self.unexpected("JSON"))
    }

    pub(crate) fn unexpected(&self, expected: &'static str) -> Error {
        Error::UnexpectedContent {
            expected,
            content_type: self.content_type.clone(),
        }
    }

    /// The name of an error: that of OAuth, or the first in the list of the API.
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        let code = body
            .get("error")
            .or_else(|| body.pointer("/errors/0/code"))
            .or_else(|| body.get("code"))?;
        ErrorCode::new(code.as_str()?)
    }
}

async fn read(mut response: Response, limit: usize) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > limit {
            return Err(Error::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Takes of an error what cannot hold an address or a token.
fn failed(error: reqwest::Error) -> Error {
    let causes = || std::iter::successors(error.source(), |error| cause(*error));
    let tls = causes().find_map(|cause| cause.downcast_ref::<rustls::Error>());
    if let Some(refused @ rustls::Error::InvalidCertificate(_)) = tls {
        return Error::Untrusted {
            detail: refused.to_string().into(),
        };
    }
    if error.is_connect() {
        let detail = causes()
            .last()
            .map_or_else(|| "no connection".to_owned(), ToString::to_string);
        Error::Unreachable {
            detail: detail.into(),
        }
    } else if error.is_timeout() {
        Error::Timeout
    } else {
        Error::ConnectionLost
    }
}

/// An `io::Error` shows what it wraps, but does not name it as its source.
fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// Seconds, or a time; the latter is compared with the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let then = DateTime::parse_from_rfc2822(text).ok()?;
    let now = DateTime::parse_from_rfc2822(headers.get(DATE)?.to_str().ok()?).ok()?;
    Some((then - now).to_std().unwrap_or_default())
}

fn content_type(headers: &HeaderMap) -> Option<Box<str>> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let kind = text.split(';').next()?.trim().to_ascii_lowercase();
    let harmless = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+' | b'.' | b'-');
    ((1..=64).contains(&kind.len()) && kind.bytes().all(harmless)).then(|| kind.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn retry_after_comes_in_seconds_or_as_a_time() {
        let date = ("date", "Sun, 22 Nov 2026 12:00:00 GMT");
        for (given, seconds) in [
            (headers(&[("retry-after", "7")]), Some(7)),
            (headers(&[("retry-after", "-7")]), None),
            (headers(&[("retry-after", "1e99")]), None),
            (headers(&[("retry-after", "soon")]), None),
            (
                headers(&[("retry-after", "Sun, 22 Nov 2026 12:01:30 GMT"), date]),
                Some(90),
            ),
            (
                headers(&[("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT"), date]),
                Some(0),
            ),
            (
                headers(&[("retry-after", "Sun, 22 Nov 2026 12:01:30 GMT")]),
                None,
            ),
            (headers(&[]), None),
        ] {
            assert_eq!(
                retry_after(&given),
                seconds.map(Duration::from_secs),
                "{given:?}"
            );
        }
    }

    #[test]
    fn the_kind_of_content_is_quoted_only_if_it_is_one() {
        let kind = |value: &str| content_type(&headers(&[("content-type", value)]));
        assert_eq!(
            kind("Text/HTML; charset=utf-8").as_deref(),
            Some("text/html")
        );
        assert_eq!(kind("secret token"), None);
        assert_eq!(kind(""), None);
    }
}
