//! Node.js: the UI and the browser tests.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};

use crate::program::{Program, find, program};

/// The oldest Node.js that the UI's tools run on.
const OLDEST_NODE: u32 = 20;

/// Everything that the built UI is made of.
const UI_SOURCES: &[&str] = &[
    "ui/messages",
    "ui/package-lock.json",
    "ui/project.inlang",
    "ui/src",
    "ui/static",
    "ui/svelte.config.js",
    "ui/tsconfig.json",
    "ui/vite.config.ts",
];

/// `npm`, in a folder of the repository.
pub fn npm(dir: &str) -> Program {
    program(if cfg!(windows) { "npm.cmd" } else { "npm" }).dir(dir)
}

/// Makes sure that Node.js is there and new enough.
pub fn check_version() -> Result<()> {
    let wanted = format!("Node.js {OLDEST_NODE} or newer is needed (https://nodejs.org)");
    let Some(node) = find("node") else {
        bail!("{wanted}, but there is no `node` here");
    };
    let version = program(node).args(["--version"]).text()?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => bail!("{wanted}, but `node` here is {version}"),
    }
}

/// Installs the packages of `dir` unless exactly these are installed already.
pub fn packages(dir: &str) -> Result<()> {
    let lock = Path::new(dir).join("package-lock.json");
    let installed = Path::new(dir).join("node_modules/.installed-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if !install(dir, &["ci"]).succeeds() {
        // Newer versions of npm refuse a lock file without the packages of other systems, which a
        // registry's mirror may not have had. This takes the locked versions too and saves nothing.
        install(dir, &["install", "--no-save"]).run()?;
    }
    fs::write(&installed, wanted).with_context(|| format!("cannot write {}", installed.display()))
}

fn install(dir: &str, how: &[&str]) -> Program {
    npm(dir)
        .args(how)
        .args(["--no-audit", "--no-fund", "--loglevel=error"])
        // The browser tests use the system's Chromium.
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
}

/// Builds the UI if anything it is made of is newer than the last build.
pub fn build_ui() -> Result<()> {
    let built = modified(Path::new("ui/build/index.html"));
    let mut newest = SystemTime::UNIX_EPOCH;
    for source in UI_SOURCES {
        newest = newest.max(newest_below(Path::new(source))?);
    }
    if built.is_some_and(|built| built >= newest) {
        return Ok(());
    }
    npm("ui").args(["run", "build"]).run()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
}

fn newest_below(path: &Path) -> Result<SystemTime> {
    let mut newest = modified(path).unwrap_or(SystemTime::UNIX_EPOCH);
    // The message compiler writes here on every build.
    if path.is_dir() && !path.ends_with("src/lib/paraglide") {
        for entry in
            fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?
        {
            newest = newest.max(newest_below(&entry?.path())?);
        }
    }
    Ok(newest)
}
