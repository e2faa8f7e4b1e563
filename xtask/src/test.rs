//! `cargo xtask test`: every check and test there is.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::needs::Need;
use crate::node::npm;
use crate::program::{cargo, program};
use crate::run::target_dir;
use crate::steps::{Outcome, Step, run_all};
use crate::{check, cross, generate};

/// All steps, in the order in which they run: quick ones first.
#[rustfmt::skip]
const STEPS: &[Step] = &[
    Step::new("fmt", "formatting of the Rust code", &[], check::format),
    Step::new("ui-lint", "eslint and prettier", LINT, check::ui_lint),
    Step::new("ui-check", "types of the UI", UI, ui_check),
    Step::new("ui-test", "vitest", UI, ui_test),
    Step::new("clippy", "lints of the Rust code", APP, check::clippy),
    Step::new("rust", "unit tests, journeys, import rules", RUST, rust),
    Step::new("doc", "examples in the documentation", APP, doc),
    Step::new("generated", "generated files are fresh", APP, generate::fresh),
    Step::new("browser", "Playwright on the headless server", BROWSER, browser),
    Step::new("desktop", "WebDriver on the desktop app", DESKTOP, desktop),
    Step::new("cross", "Android, iOS, macOS, Windows", cross::NEEDS, cross::cross),
];

const UI: &[Need] = &[Need::UiPackages];
const LINT: &[Need] = &[Need::UiPackages, Need::BrowserTestPackages];
const APP: &[Need] = &[Need::Compiler, Need::DesktopLibraries, Need::UiBuild];
const RUST: &[Need] = &[
    Need::Compiler,
    Need::DesktopLibraries,
    Need::UiBuild,
    Need::Mosquitto,
    Need::Nextest,
];
const BROWSER: &[Need] = &[
    Need::Compiler,
    Need::DesktopLibraries,
    Need::Mosquitto,
    Need::Chromium,
    Need::UiBuild,
    Need::BrowserTestPackages,
];
const DESKTOP: &[Need] = &[
    Need::Compiler,
    Need::DesktopLibraries,
    Need::DesktopTesting,
    Need::TauriDriver,
    Need::UiBuild,
];

/// What to run.
#[derive(clap::Args)]
pub struct Args {
    /// Only these steps, for example `--only rust,ui`; `ui` means every step that begins with it
    #[arg(long, value_delimiter = ',', value_name = "STEP")]
    only: Vec<String>,
    /// All but these steps
    #[arg(long, value_delimiter = ',', value_name = "STEP")]
    skip: Vec<String>,
    /// Name the steps and stop
    #[arg(long)]
    list: bool,
}

/// Runs the chosen steps.
pub fn test(args: &Args) -> Result<()> {
    if args.list {
        for step in STEPS {
            println!("{:<12} {}", step.name, step.what);
        }
        return Ok(());
    }
    let is = |name: &str, step: &Step| {
        step.name
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let unknown = |name: &&String| !STEPS.iter().any(|step| is(name, step));
    if let Some(name) = args.only.iter().chain(&args.skip).find(unknown) {
        bail!("there is no step {name}; `cargo xtask test --list` names them");
    }
    let chosen = |step: &&Step| {
        let named = |list: &[String]| list.iter().any(|name| is(name, step));
        (args.only.is_empty() || named(&args.only)) && !named(&args.skip)
    };
    run_all(&STEPS.iter().filter(chosen).collect::<Vec<_>>())
}

fn ui_check() -> Result<Outcome> {
    npm("ui").args(["run", "check"]).run()?;
    Ok(Outcome::Passed)
}

fn ui_test() -> Result<Outcome> {
    npm("ui").args(["test"]).run()?;
    Ok(Outcome::Passed)
}

/// Builds every program and test in one go, as most steps need them. Building single packages
/// would choose other features of shared dependencies, and compile those once more.
pub fn build() -> Result<()> {
    cargo()
        .args(["build", "--workspace", "--bins", "--tests"])
        .run()
}

/// A program that [`build`] has made.
pub fn built(name: &str) -> Result<PathBuf> {
    let path = target_dir()
        .join("debug")
        .join(format!("{name}{EXE_SUFFIX}"));
    path.canonicalize()
        .with_context(|| format!("{} was not built", path.display()))
}

fn rust() -> Result<Outcome> {
    build()?;
    cargo().args(["nextest", "run", "--workspace"]).run()?;
    Ok(Outcome::Passed)
}

fn doc() -> Result<Outcome> {
    cargo()
        .args(["test", "--doc", "--workspace", "--quiet"])
        .run()?;
    Ok(Outcome::Passed)
}

fn browser() -> Result<Outcome> {
    build()?;
    npm("tests/e2e").args(["test"]).run()?;
    Ok(Outcome::Passed)
}

fn desktop() -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(Outcome::NotHere(
            "the desktop app is driven under Linux only",
        ));
    }
    build()?;
    // A display and a session bus of its own: the test must not meet the person's desktop.
    program("xvfb-run")
        .args(["--auto-servernum", "dbus-run-session", "--"])
        .args(["node", "--test"])
        // One after the other: there is one instance of the app at a time.
        .args(["--test-concurrency=1", "--test-force-exit"])
        .args(["tests/desktop/app.test.mjs", "tests/desktop/elli.test.mjs"])
        .env("LADEBUCH_APP_BIN", built("ladebuch")?)
        .run()?;
    Ok(Outcome::Passed)
}
