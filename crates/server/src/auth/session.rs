//! Sessions without memory: a cookie carries its own expiry, signed with a key that is derived
//! from the owner token. A new token ends all sessions.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderValue, header};
use sha2::Sha256;

/// Name of the cookie.
pub const COOKIE: &str = "ladebuch_session";
/// How long a session lasts.
const SESSION: TimeDelta = TimeDelta::days(30);

const VERSION: &str = "v1";
const KEY_PURPOSE: &[u8] = b"ladebuch session cookie v1";

/// Signs and checks session cookies.
#[derive(Clone)]
pub struct Sessions(Hmac<Sha256>);

impl Sessions {
    pub(super) fn new(secret: &[u8]) -> Self {
        let mut derive = keyed(secret);
        derive.update(KEY_PURPOSE);
        Self(keyed(&derive.finalize().into_bytes()))
    }

    /// The `Set-Cookie` header of a session that begins now.
    #[must_use]
    pub fn begin(&self, now: DateTime<Utc>) -> HeaderValue {
        let expiry = (now + SESSION).timestamp();
        let signature = URL_SAFE_NO_PAD.encode(self.sign(expiry).finalize().into_bytes());
        cookie(&format!("{VERSION}.{expiry}.{signature}"), SESSION)
    }

    /// The `Set-Cookie` header that ends a session in the browser.
    #[must_use]
    pub fn end() -> HeaderValue {
        cookie("", TimeDelta::zero())
    }

    /// Whether the value is one that was given out here and has not expired.
    #[must_use]
    pub fn holds(&self, value: &str, now: DateTime<Utc>) -> bool {
        let mut parts = value.splitn(3, '.');
        let (Some(VERSION), Some(expiry), Some(signature)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let (Ok(expiry), Ok(signature)) =
            (expiry.parse::<i64>(), URL_SAFE_NO_PAD.decode(signature))
        else {
            return false;
        };
        self.sign(expiry).verify_slice(&signature).is_ok() && now.timestamp() < expiry
    }

    fn sign(&self, expiry: i64) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(VERSION.as_bytes());
        mac.update(&expiry.to_be_bytes());
        mac
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[expect(clippy::expect_used, reason = "all parts are ASCII")]
fn cookie(value: &str, lifetime: TimeDelta) -> HeaderValue {
    let seconds = lifetime.num_seconds();
    HeaderValue::try_from(format!(
        "{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict"
    ))
    .expect("all parts are ASCII")
}

/// Every session cookie that a request carries.
pub(super) fn from_headers(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(cookie: &HeaderValue) -> &str {
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        pair.split_once('=').unwrap().1
    }

    #[test]
    fn a_session_lasts_thirty_days() {
        let sessions = Sessions::new(b"secret");
        let begin = DateTime::UNIX_EPOCH;
        let cookie = sessions.begin(begin);
        assert!(sessions.holds(value(&cookie), begin));
        assert!(sessions.holds(
            value(&cookie),
            begin + TimeDelta::days(30) - TimeDelta::seconds(1)
        ));
        assert!(!sessions.holds(value(&cookie), begin + TimeDelta::days(30)));
    }

    #[test]
    fn nobody_can_make_or_prolong_a_session() {
        let now = DateTime::UNIX_EPOCH;
        let cookie = Sessions::new(b"secret").begin(now);
        let genuine = value(&cookie);
        let (_, signature) = genuine.rsplit_once('.').unwrap();
        let sessions = Sessions::new(b"secret");
        for forged in [
            "",
            "v1",
            "v1..",
            "v1.99999999999.",
            &format!("v1.99999999999.{signature}"),
            &format!("v2{}", genuine.trim_start_matches("v1")),
            &genuine[..genuine.len() - 1],
            &format!("{genuine}.x"),
        ] {
            assert!(!sessions.holds(forged, now), "{forged}");
        }
        assert!(!Sessions::new(b"another").holds(genuine, now));
    }
}
