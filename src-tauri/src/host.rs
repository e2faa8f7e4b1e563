//! Secrets: in the operating system's keychain, else in a file that only its owner can read.

use std::path::Path;
use std::sync::Arc;

use ladebuch_engine::host::{Answer, Host, HostError};
use ladebuch_server::secrets_file::SecretsFile;
use tokio::sync::Notify;

/// Keeps secrets where the operating system keeps them.
///
/// A Linux without a secret service has no such place, and Android's cannot be reached from here;
/// then they go into the same file as those of the headless program, and [`Keychain::used_file`]
/// tells so. A file that is there already is still read: its data directory may have belonged to
/// the headless program before.
pub struct Keychain<P = keychain::System> {
    place: P,
    file: SecretsFile,
    file_used: Arc<Notify>,
}

/// A place for secrets that may be closed.
pub trait Place: Send + Sync + 'static {
    /// The secret of that name.
    fn get(&self, name: String) -> impl Future<Output = Result<Option<String>, Closed>> + Send;

    /// Keeps a secret; `None` forgets it.
    fn set(
        &self,
        name: String,
        value: Option<String>,
    ) -> impl Future<Output = Result<(), Closed>> + Send;
}

/// Why a place for secrets does not answer.
#[derive(Debug, thiserror::Error)]
pub enum Closed {
    /// There is none, so that nothing can be in it.
    #[error("there is none: {0}")]
    Missing(String),
    /// It may be locked, and hold what it was given before.
    #[error("{0}")]
    Refuses(String),
}

impl Keychain {
    /// The keychain, with the file of that data directory behind it.
    pub fn new(data_dir: &Path) -> Self {
        Self::of(keychain::System, data_dir)
    }
}

impl<P: Place> Keychain<P> {
    fn of(place: P, data_dir: &Path) -> Self {
        Self {
            place,
            file: SecretsFile::new(data_dir),
            file_used: Arc::default(),
        }
    }

    /// Waits until a secret was in the file, and says in a sentence what that means.
    pub async fn used_file(&self) -> String {
        self.file_used.notified().await;
        "This device has no keychain that Ladebuch can use, so passwords are kept in a file of the \
         data directory that only you can read."
            .to_owned()
    }
}

impl<P: Place> Host for Keychain<P> {
    fn secret<'a>(&'a self, name: &'a str) -> Answer<'a, Option<String>> {
        Box::pin(async move {
            let in_file = self.file.secret(name).await;
            // What is in the file is newer than what the keychain may still hold: it refused this one.
            if let Ok(Some(secret)) = in_file {
                self.file_used.notify_one();
                return Ok(Some(secret));
            }
            match (self.place.get(name.to_owned()).await, in_file) {
                (Ok(Some(secret)), Err(error)) => {
                    tracing::warn!(%error, "using what the keychain holds");
                    Ok(Some(secret))
                }
                (_, Err(error)) => Err(error),
                (Ok(secret), Ok(_)) => Ok(secret),
                // A locked keychain may hold the secret all the same: it is not known to be missing.
                (Err(closed), Ok(_)) => {
                    Err(HostError(format!("the keychain cannot be read: {closed}")))
                }
            }
        })
    }

    fn set_secret<'a>(&'a self, name: &'a str, value: Option<&'a str>) -> Answer<'a, ()> {
        Box::pin(async move {
            match (
                self.place
                    .set(name.to_owned(), value.map(str::to_owned))
                    .await,
                value,
            ) {
                // An older one in the file would be found once the keychain is gone.
                (Ok(()), _) | (Err(Closed::Missing(_)), None) => {
                    self.file.set_secret(name, None).await
                }
                // What it may still hold would outlive its being forgotten.
                (Err(closed), None) => Err(HostError(format!(
                    "the keychain cannot be made to forget: {closed}"
                ))),
                (Err(closed), Some(_)) => {
                    tracing::warn!(%closed, "the keychain cannot be used; using a file instead");
                    self.file.set_secret(name, value).await?;
                    self.file_used.notify_one();
                    Ok(())
                }
            }
        })
    }
}

/// The operating system's keychain. Its calls may ask the person and take their time.
#[cfg(not(target_os = "android"))]
mod keychain {
    use std::sync::Arc;

    use keyring_core::{CredentialStore, Entry, Error, Result};
    use tauri::async_runtime::spawn_blocking;

    use super::{Closed, Place};

    /// Under what the person finds Ladebuch's secrets.
    const SERVICE: &str = "Ladebuch";

    /// What D-Bus answers for a service that neither runs nor can be started (D-Bus Specification,
    /// standard errors).
    #[cfg(target_os = "linux")]
    const NO_SERVICE: &str = "org.freedesktop.DBus.Error.ServiceUnknown";

    /// That of this computer.
    pub struct System;

    impl Place for System {
        async fn get(&self, name: String) -> std::result::Result<Option<String>, Closed> {
            call(move || match entry(&name)?.get_password() {
                Ok(secret) => Ok(Some(secret)),
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(error),
            })
            .await
        }

        async fn set(
            &self,
            name: String,
            value: Option<String>,
        ) -> std::result::Result<(), Closed> {
            call(move || match value {
                Some(value) => entry(&name)?.set_password(&value),
                None => match entry(&name)?.delete_credential() {
                    Err(Error::NoEntry) => Ok(()),
                    done => done,
                },
            })
            .await
        }
    }

    async fn call<T: Send + 'static>(
        call: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Closed> {
        match spawn_blocking(call).await {
            Ok(done) => done.map_err(|error| closed(&error)),
            Err(error) => Err(Closed::Refuses(error.to_string())),
        }
    }

    fn closed(error: &Error) -> Closed {
        if is_missing(error) {
            Closed::Missing(error.to_string())
        } else {
            Closed::Refuses(error.to_string())
        }
    }

    /// A Linux may have no secret service, or no session of a person in which one could run.
    #[cfg(target_os = "linux")]
    fn is_missing(error: &Error) -> bool {
        let Error::PlatformFailure(failure) = error else {
            return false;
        };
        let first: &(dyn std::error::Error + 'static) = &**failure;
        std::iter::successors(Some(first), |cause| cause.source()).any(|cause| {
            let no_bus = cause
                .downcast_ref::<Arc<std::io::Error>>()
                .is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound);
            let unavailable = matches!(
                cause.downcast_ref(),
                Some(secret_service::Error::Unavailable)
            );
            no_bus || unavailable || cause.to_string().contains(NO_SERVICE)
        })
    }

    /// The other systems have a keychain.
    #[cfg(not(target_os = "linux"))]
    const fn is_missing(_: &Error) -> bool {
        false
    }

    fn entry(name: &str) -> Result<Entry> {
        store()?.build(SERVICE, name, None)
    }

    #[cfg(target_os = "linux")]
    fn store() -> Result<Arc<CredentialStore>> {
        Ok(zbus_secret_service_keyring_store::Store::new()?)
    }

    #[cfg(target_os = "macos")]
    fn store() -> Result<Arc<CredentialStore>> {
        Ok(apple_native_keyring_store::keychain::Store::new()?)
    }

    #[cfg(target_os = "ios")]
    fn store() -> Result<Arc<CredentialStore>> {
        Ok(apple_native_keyring_store::protected::Store::new()?)
    }

    #[cfg(target_os = "windows")]
    fn store() -> Result<Arc<CredentialStore>> {
        Ok(windows_native_keyring_store::Store::new()?)
    }
}

/// Android's keychain is out of reach; its files belong to one app alone.
#[cfg(target_os = "android")]
mod keychain {
    use super::{Closed, Place};

    /// That of Android.
    pub struct System;

    impl Place for System {
        /// Nothing was ever put there.
        async fn get(&self, _name: String) -> Result<Option<String>, Closed> {
            Ok(None)
        }

        async fn set(&self, _name: String, _value: Option<String>) -> Result<(), Closed> {
            Err(Closed::Missing("it is out of reach on Android".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tempfile::TempDir;

    use super::*;

    type Why = fn(String) -> Closed;

    /// A keychain with one secret in it that can be closed.
    #[derive(Default)]
    struct Chain {
        secret: Mutex<Option<String>>,
        closed: Mutex<Option<Why>>,
    }

    impl Chain {
        fn open(&self) -> Result<(), Closed> {
            let closed = *self.closed.lock().unwrap();
            closed.map_or(Ok(()), |why| Err(why("closed".to_owned())))
        }
    }

    impl Place for Chain {
        async fn get(&self, _: String) -> Result<Option<String>, Closed> {
            self.open()?;
            Ok(self.secret.lock().unwrap().clone())
        }

        async fn set(&self, _: String, value: Option<String>) -> Result<(), Closed> {
            self.open()?;
            *self.secret.lock().unwrap() = value;
            Ok(())
        }
    }

    fn keychain() -> (TempDir, Keychain<Chain>) {
        let dir = TempDir::new().unwrap();
        let keychain = Keychain::of(Chain::default(), dir.path());
        (dir, keychain)
    }

    impl Keychain<Chain> {
        fn close(&self, why: Option<Why>) {
            *self.place.closed.lock().unwrap() = why;
        }
    }

    #[tokio::test]
    async fn a_locked_keychain_is_not_said_to_have_forgotten() {
        let (_dir, keychain) = keychain();
        keychain.set_secret("a", Some("old")).await.unwrap();
        keychain.close(Some(Closed::Refuses));
        keychain.set_secret("a", None).await.unwrap_err();
        keychain.secret("a").await.unwrap_err();
        // A new one goes into the file, and stays if it cannot be forgotten everywhere.
        keychain.set_secret("a", Some("new")).await.unwrap();
        keychain.set_secret("a", None).await.unwrap_err();
        assert_eq!(keychain.secret("a").await.unwrap().as_deref(), Some("new"));
        keychain.close(None);
        keychain.set_secret("a", None).await.unwrap();
        assert_eq!(keychain.secret("a").await.unwrap(), None);
    }

    #[tokio::test]
    async fn without_a_keychain_the_file_alone_forgets() {
        let (_dir, keychain) = keychain();
        keychain.close(Some(Closed::Missing));
        keychain.set_secret("a", Some("one")).await.unwrap();
        assert_eq!(keychain.secret("a").await.unwrap().as_deref(), Some("one"));
        keychain.set_secret("a", None).await.unwrap();
        keychain.close(None);
        assert_eq!(keychain.secret("a").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_garbled_file_does_not_hide_what_the_keychain_holds() {
        let (dir, keychain) = keychain();
        keychain.set_secret("a", Some("one")).await.unwrap();
        std::fs::write(dir.path().join("secrets.json"), "{\"a\": ").unwrap();
        assert_eq!(keychain.secret("a").await.unwrap().as_deref(), Some("one"));
        *keychain.place.secret.lock().unwrap() = None;
        let error = keychain.secret("a").await.unwrap_err();
        assert!(error.0.contains("secrets.json"), "{error}");
    }
}
