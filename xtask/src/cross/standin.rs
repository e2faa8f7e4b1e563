//! Programs that stand in for a C compiler and an archiver of another system.
//!
//! Checking types needs no machine code, but build scripts compile their C parts all the same.
//! These write the files that are asked for, and leave them empty.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

const CC: &str = r#"#!/bin/sh
out=
while [ $# -gt 0 ]; do
    case "$1" in
    -o) out=$2; shift ;;
    -o*) out=${1#-o} ;;
    esac
    shift
done
[ -z "$out" ] || : >"$out"
"#;

const AR: &str = r#"#!/bin/sh
for arg; do
    case "$arg" in
    *.a) : >"$arg" ;;
    esac
done
"#;

/// Writes `cc` and `ar` into `dir`.
pub fn write(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    for (name, script) in [("cc", CC), ("ar", AR)] {
        let file = dir.join(name);
        // A file that is written anew looks like a new compiler: everything would be built again.
        if fs::read_to_string(&file).is_ok_and(|there| there == script) {
            continue;
        }
        fs::write(&file, script).with_context(|| format!("cannot write {}", file.display()))?;
        make_executable(&file)?;
    }
    Ok(())
}

#[cfg(unix)]
fn make_executable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make {} executable", file.display()))
}

#[cfg(not(unix))]
fn make_executable(_file: &Path) -> Result<()> {
    Ok(())
}
