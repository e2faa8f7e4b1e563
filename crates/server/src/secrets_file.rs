//! Passwords in a file of the data directory, for hosts without a keychain.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ladebuch_engine::host::{Answer, Host, HostError};
use tokio::sync::Mutex;

const FILE: &str = "secrets.json";

/// Keeps secrets in `secrets.json`, readable by its owner alone and replaced as a whole.
#[derive(Clone, Debug)]
pub struct SecretsFile {
    path: Arc<Path>,
    /// Held while the file is read and replaced.
    access: Arc<Mutex<()>>,
}

impl SecretsFile {
    /// The file in that data directory; it is made when there is a secret to keep.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self {
            path: data_dir.join(FILE).into(),
            access: Arc::default(),
        }
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, HostError> {
        let _access = self.access.lock().await;
        let path = self.path.clone();
        let outcome = tokio::task::spawn_blocking(move || work(&path)).await;
        outcome
            .map_err(io::Error::other)
            .flatten()
            .map_err(|error| {
                HostError(format!(
                    "The passwords in {} can be neither read nor written: {error}",
                    self.path.display()
                ))
            })
    }
}

impl Host for SecretsFile {
    fn secret<'a>(&'a self, name: &'a str) -> Answer<'a, Option<String>> {
        let name = name.to_owned();
        Box::pin(self.with(move |path| Ok(read(path)?.remove(&name))))
    }

    fn set_secret<'a>(&'a self, name: &'a str, value: Option<&'a str>) -> Answer<'a, ()> {
        let (name, value) = (name.to_owned(), value.map(str::to_owned));
        Box::pin(self.with(move |path| {
            let mut secrets = read(path)?;
            let before = match value {
                Some(value) => secrets.insert(name, value),
                None if !secrets.contains_key(&name) => return Ok(()),
                None => secrets.remove(&name),
            };
            drop(before);
            replace(path, &secrets)
        }))
    }
}

fn read(path: &Path) -> io::Result<BTreeMap<String, String>> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

/// A power cut leaves either the old file or the new one.
fn replace(path: &Path, secrets: &BTreeMap<String, String>) -> io::Result<()> {
    let beside: PathBuf = path.with_extension("json.new");
    // What a power cut left behind may have been made with other permissions.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(&serde_json::to_vec_pretty(secrets)?)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&beside, path)?;
    // That the new file is the one of that name is kept by the directory.
    #[cfg(unix)]
    if let Some(dir) = path.parent() {
        std::fs::File::open(dir)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn secrets_are_kept_replaced_and_forgotten() {
        let dir = tempfile::TempDir::new().unwrap();
        let secrets = SecretsFile::new(dir.path());
        assert_eq!(secrets.secret("a").await.unwrap(), None);
        secrets.set_secret("a", None).await.unwrap();
        assert!(
            !dir.path().join(FILE).exists(),
            "nothing to keep, nothing written"
        );
        secrets.set_secret("a", Some("one")).await.unwrap();
        secrets.set_secret("b", Some("two")).await.unwrap();
        secrets.set_secret("a", Some("three")).await.unwrap();
        let again = SecretsFile::new(dir.path());
        assert_eq!(again.secret("a").await.unwrap().as_deref(), Some("three"));
        again.set_secret("a", None).await.unwrap();
        assert_eq!(again.secret("a").await.unwrap(), None);
        assert_eq!(again.secret("b").await.unwrap().as_deref(), Some("two"));
    }

    #[tokio::test]
    async fn a_garbled_file_is_an_error_and_stays_as_it_is() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join(FILE);
        std::fs::write(&path, "{\"a\": ").unwrap();
        let secrets = SecretsFile::new(dir.path());
        assert!(secrets.secret("a").await.is_err());
        assert!(secrets.set_secret("a", Some("one")).await.is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"a\": ");
    }
}
