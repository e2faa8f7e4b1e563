//! Where the data lies.

use std::path::PathBuf;

use directories::ProjectDirs;

/// The usual directory of all data, the same for the app and the headless program: a household's
/// log does not depend on how Ladebuch was started. `None` if this user has no home directory.
#[must_use]
pub fn usual() -> Option<PathBuf> {
    ProjectDirs::from("de", "ladebuch", "ladebuch").map(|dirs| dirs.data_dir().to_owned())
}
