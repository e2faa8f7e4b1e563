//! Where the data lies.

use std::path::PathBuf;

use directories::ProjectDirs;

/// The usual directory of all data, the same for the app and the headless program: a household's
/// log does not depend on how Ladebuch was started. `None` if this user has no home directory.
#[must_use]
pub fn usual() -> Option<PathBuf> {
    // Windows' other directory, the local one, has a folder of that name where programs are installed.
    ProjectDirs::from("", "", "ladebuch").map(|dirs| dirs.data_dir().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_directory_that_the_readme_names() {
        let readme = include_str!("../../../README.md");
        let system = match std::env::consts::OS {
            "macos" => "macOS",
            "windows" => "Windows",
            _ => "Linux",
        };
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| {system} ")))
            .unwrap();
        let named = row.split('`').nth(1).unwrap();
        // What comes first is the home directory, or what the system was told to take instead.
        let own = match system {
            "Windows" => r"ladebuch\data",
            "macOS" => "Library/Application Support/ladebuch",
            _ => "ladebuch",
        };
        assert!(named.ends_with(own), "{named}");
        assert!(usual().unwrap().ends_with(own), "{:?}", usual());
    }
}
