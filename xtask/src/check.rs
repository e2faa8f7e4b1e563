//! `cargo xtask check`: what is quick enough to run before every commit.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use crate::needs::{self, Need};
use crate::node::npm;
use crate::program::{cargo, program};
use crate::steps::Outcome;

/// What to check.
#[derive(clap::Args)]
pub struct Args {
    /// Check everything, not only the packages with changes since the last commit
    #[arg(long)]
    all: bool,
}

/// Checks formatting, lints and import rules of what has changed.
pub fn check(args: &Args) -> Result<()> {
    let changed = changed_files()?;
    format()?;
    cargo()
        .args([
            "test",
            "--quiet",
            "--package",
            "xtask",
            "--test",
            "import_rules",
        ])
        .run()?;

    let packages = if args.all {
        BTreeSet::from(["--workspace".to_owned()])
    } else {
        packages_of(&changed)?
    };
    if !packages.is_empty() {
        needs::satisfy(&[Need::UiBuild])?;
        clippy_for(packages.iter().map(String::as_str))?;
    }
    let scripts = ["ui/", "tests/e2e/", "tests/desktop/"];
    let script = |file: &String| scripts.iter().any(|folder| file.starts_with(folder));
    if args.all || changed.iter().any(script) {
        needs::satisfy(&[Need::UiPackages, Need::BrowserTestPackages])?;
        ui_lint()?;
    }
    Ok(())
}

/// A step: formatting of the Rust code.
pub fn format() -> Result<Outcome> {
    cargo().args(["fmt", "--all", "--check"]).run()?;
    Ok(Outcome::Passed)
}

/// A step: lints of the whole Rust code.
pub fn clippy() -> Result<Outcome> {
    clippy_for(["--workspace"])?;
    Ok(Outcome::Passed)
}

/// A step: lints and formatting of the UI and the browser tests.
pub fn ui_lint() -> Result<Outcome> {
    npm("ui").args(["run", "lint"]).run()?;
    npm("tests/e2e").args(["run", "lint"]).run()?;
    Ok(Outcome::Passed)
}

fn clippy_for<'a>(packages: impl IntoIterator<Item = &'a str>) -> Result<()> {
    cargo()
        .args(["clippy", "--all-targets"])
        .args(packages)
        .args(["--", "--deny", "warnings"])
        .run()
}

/// Files that differ from the last commit, and new ones.
fn changed_files() -> Result<Vec<String>> {
    let changed = program("git")
        .args(["diff", "--name-only", "HEAD"])
        .text()?;
    let new = program("git")
        .args(["ls-files", "--others", "--exclude-standard"])
        .text()?;
    Ok(changed
        .lines()
        .chain(new.lines())
        .map(str::to_owned)
        .collect())
}

/// `--package=…` for every package with changed Rust code.
fn packages_of(files: &[String]) -> Result<BTreeSet<String>> {
    let mut packages = BTreeSet::new();
    for file in files
        .iter()
        .filter(|file| file.ends_with(".rs") || file.ends_with("Cargo.toml"))
    {
        if let Some(name) = package_of(Path::new(file))? {
            packages.insert(format!("--package={name}"));
        }
    }
    Ok(packages)
}

fn package_of(file: &Path) -> Result<Option<String>> {
    for dir in file.ancestors().skip(1) {
        let manifest = dir.join("Cargo.toml");
        if !manifest.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(manifest)?;
        let name = text
            .lines()
            .find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        return Ok(name.map(str::to_owned));
    }
    Ok(None)
}
