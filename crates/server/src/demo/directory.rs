//! The demo's own directory, and how it is told from one that is not the demo's.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Says whose directory it is. A database does not: it could be a real household's.
const MARKER: &str = "only-a-demo.txt";
const MARKER_TEXT: &str = "Ladebuch keeps its demo household here, and makes it anew each time. \
    You may delete this directory at any time.\n";

/// The directory cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// It was made by somebody else.
    #[error(
        "the directory {} holds something else than the demo and was left alone. Move it away \
         and try again.", .0.display()
    )]
    NotOurs(PathBuf),
    /// It cannot be emptied or made.
    #[error("the directory {} cannot be emptied or made: {source}.", dir.display())]
    System {
        /// Where it is.
        dir: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Makes the directory anew, with nothing but the marker in it.
pub fn renew(dir: &Path) -> Result<(), DirectoryError> {
    remove(dir)?;
    let made = fs::create_dir_all(dir).and_then(|()| fs::write(dir.join(MARKER), MARKER_TEXT));
    made.map_err(system(dir))
}

/// Removes the directory, if it is there and the demo's.
pub fn remove(dir: &Path) -> Result<(), DirectoryError> {
    let entries: Vec<fs::DirEntry> = match fs::read_dir(dir).and_then(Iterator::collect) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(system(dir))?,
    };
    let (markers, rest): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .partition(|entry| entry.file_name() == MARKER);
    if markers.is_empty() && !rest.is_empty() {
        return Err(DirectoryError::NotOurs(dir.to_owned()));
    }
    // The marker goes last: what is cut off halfway is still the demo's.
    let removed = rest
        .iter()
        .chain(&markers)
        .try_for_each(remove_entry)
        .and_then(|()| fs::remove_dir(dir));
    removed.map_err(system(dir))
}

fn remove_entry(entry: &fs::DirEntry) -> io::Result<()> {
    if entry.file_type()?.is_dir() {
        fs::remove_dir_all(entry.path())
    } else {
        fs::remove_file(entry.path())
    }
}

fn system(dir: &Path) -> impl FnOnce(io::Error) -> DirectoryError {
    let dir = dir.to_owned();
    |source| DirectoryError::System { dir, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_directory_is_made_anew_and_removed() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("demo");
        remove(&dir).unwrap();
        renew(&dir).unwrap();
        fs::create_dir(dir.join("inner")).unwrap();
        fs::write(dir.join("inner/file"), "old").unwrap();
        renew(&dir).unwrap();
        assert!(!dir.join("inner").exists());
        remove(&dir).unwrap();
        assert!(!dir.exists());
    }

    #[test]
    fn an_empty_directory_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        renew(dir.path()).unwrap();
        assert!(dir.path().join(MARKER).is_file());
    }

    #[test]
    fn somebody_elses_directory_is_left_alone_even_with_a_database_of_ours() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ladebuch.db");
        fs::write(&file, "a real household").unwrap();
        for outcome in [renew(dir.path()), remove(dir.path())] {
            assert!(matches!(outcome, Err(DirectoryError::NotOurs(_))));
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "a real household");
    }
}
