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
pub struct Keychain {
    file: SecretsFile,
    file_used: Arc<Notify>,
}

impl Keychain {
    /// The keychain, with the file of that data directory behind it.
    pub fn new(data_dir: &Path) -> Self {
        Self {
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

impl Host for Keychain {
    fn secret<'a>(&'a self, name: &'a str) -> Answer<'a, Option<String>> {
        Box::pin(async move {
            // What is in the file is newer than what the keychain may still hold: it refused this one.
            if let Some(secret) = self.file.secret(name).await? {
                self.file_used.notify_one();
                return Ok(Some(secret));
            }
            // A locked keychain may hold the secret all the same: it is not known to be missing.
            keychain::get(name.to_owned())
                .await
                .map_err(|reason| HostError(format!("the keychain cannot be read: {reason}")))
        })
    }

    fn set_secret<'a>(&'a self, name: &'a str, value: Option<&'a str>) -> Answer<'a, ()> {
        Box::pin(async move {
            match keychain::set(name.to_owned(), value.map(str::to_owned)).await {
                // An older one in the file would be found once the keychain is gone.
                Ok(()) => self.file.set_secret(name, None).await,
                Err(reason) => {
                    tracing::warn!(%reason, "the keychain cannot be used; using a file instead");
                    self.file.set_secret(name, value).await?;
                    if value.is_some() {
                        self.file_used.notify_one();
                    }
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

    /// Under what the person finds Ladebuch's secrets.
    const SERVICE: &str = "Ladebuch";

    /// The secret of that name.
    pub async fn get(name: String) -> std::result::Result<Option<String>, String> {
        call(move || match entry(&name)?.get_password() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    /// Keeps a secret; `None` forgets it.
    pub async fn set(name: String, value: Option<String>) -> std::result::Result<(), String> {
        call(move || match value {
            Some(value) => entry(&name)?.set_password(&value),
            None => match entry(&name)?.delete_credential() {
                Err(Error::NoEntry) => Ok(()),
                done => done,
            },
        })
        .await
    }

    async fn call<T: Send + 'static>(
        call: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, String> {
        match spawn_blocking(call).await {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        }
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
    const OUT_OF_REACH: &str = "it is out of reach on Android";

    /// Nothing was ever put there.
    pub async fn get(_name: String) -> Result<Option<String>, &'static str> {
        Ok(None)
    }

    /// Keeps a secret; `None` forgets it.
    pub async fn set(_name: String, _value: Option<String>) -> Result<(), &'static str> {
        Err(OUT_OF_REACH)
    }
}
