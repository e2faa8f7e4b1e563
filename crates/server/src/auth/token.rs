//! The owner token: made at first start, kept in the data directory for its owner's eyes only.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::session::Sessions;

/// Name of the file in the data directory.
const FILE: &str = "owner-token";
/// What every token begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "lb_";
const RANDOM_BYTES: usize = 32;

/// The owner token. It is compared in constant time and never printed.
#[derive(Clone)]
pub struct OwnerToken {
    secret: String,
    digest: [u8; 32],
    sessions: Sessions,
}

/// The owner token can be neither read nor made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file is there and is not a token.
    #[error(
        "{} does not hold an owner token. Remove the file; the next start makes a new one.",
        .0.display()
    )]
    Garbled(PathBuf),
    /// There is no token yet.
    #[error(
        "No Ladebuch has made an owner token in {}. Name the data directory of the running server \
         with --data-dir.",
        .0.display()
    )]
    Missing(PathBuf),
    /// The file can be neither read nor written.
    #[error(
        "The owner token at {} can be neither read nor made ({source}). Make the data directory \
         readable and writable for the user that runs Ladebuch, or choose another.",
        path.display()
    )]
    File {
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There are no random numbers.
    #[error("The system has no random numbers to make an owner token of: {0}")]
    Random(getrandom::Error),
}

impl OwnerToken {
    /// Reads the token of a data directory; makes one where there is none.
    ///
    /// # Errors
    /// If the file is unreadable, garbled or cannot be written.
    pub fn load(data_dir: &Path) -> Result<Self, TokenError> {
        match Self::read(data_dir) {
            Err(TokenError::Missing(_)) => Self::make(data_dir.join(FILE)),
            read => read,
        }
    }

    /// Reads the token that a server has made.
    ///
    /// # Errors
    /// If there is none, or the file is unreadable or garbled.
    pub fn read(data_dir: &Path) -> Result<Self, TokenError> {
        let path = data_dir.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(text.trim()).ok_or(TokenError::Garbled(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(TokenError::Missing(data_dir.to_owned()))
            }
            Err(source) => Err(TokenError::File { path, source }),
        }
    }

    fn make(path: PathBuf) -> Result<Self, TokenError> {
        let secret = format!("{PREFIX}{}", random_text::<RANDOM_BYTES>()?);
        let written = write_private(&path, &secret);
        written.map_err(|source| TokenError::File { path, source })?;
        Ok(Self::from_secret(secret))
    }

    fn parse(text: &str) -> Option<Self> {
        let random = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (random.len() == RANDOM_BYTES).then(|| Self::from_secret(text.to_owned()))
    }

    fn from_secret(secret: String) -> Self {
        Self {
            digest: Sha256::digest(&secret).into(),
            sessions: Sessions::new(secret.as_bytes()),
            secret,
        }
    }

    /// Whether that is the token. Takes as long for any answer.
    #[must_use]
    pub fn is(&self, shown: &str) -> bool {
        let shown: [u8; 32] = Sha256::digest(shown).into();
        self.digest.ct_eq(&shown).into()
    }

    /// The token itself, to show it to a server.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The sessions that are given for this token.
    #[must_use]
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }
}

impl std::fmt::Debug for OwnerToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnerToken(…)")
    }
}

/// That many random bytes as text that is safe in addresses and headers.
pub(super) fn random_text<const BYTES: usize>() -> Result<String, TokenError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(TokenError::Random)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Writes a new file that only its owner can read.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}
