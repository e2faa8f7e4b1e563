//! Names of things in the cloud: stable where they have to be, unguessable where they must be.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

/// The same UUID for the same thing, as long as the household's seed is the same.
pub(super) fn uuid(seed: u64, kind: &str, of: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(format!("{seed}/{kind}/{of}"));
    let mut uuid = String::with_capacity(36);
    for (n, byte) in digest.iter().take(16).enumerate() {
        let byte = match n {
            6 => byte & 0x0F | 0x40,
            8 => byte & 0x3F | 0x80,
            _ => *byte,
        };
        if matches!(n, 4 | 6 | 8 | 10) {
            uuid.push('-');
        }
        // Writing to a string does not fail.
        write!(uuid, "{byte:02x}").ok();
    }
    uuid
}

/// A number below `sides` that depends on the thing alone.
pub(super) fn dice(seed: u64, kind: &str, of: &str, sides: u64) -> u64 {
    let digest = Sha256::digest(format!("{seed}/{kind}/{of}"));
    let first = digest.iter().take(8);
    first.fold(0, |number, byte| number << 8 | u64::from(*byte)) % sides
}

/// 32 random bytes in base64url: codes, tokens, states, cookies.
pub(super) fn secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// An instant as the API writes it: UTC with milliseconds and `Z`.
pub(super) fn iso(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_look_like_uuids_and_stay() {
        let id = uuid(1, "station", "3");
        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "4");
        assert_eq!(id, uuid(1, "station", "3"));
        assert_ne!(id, uuid(2, "station", "3"));
        assert_ne!(secret(), secret());
    }
}
