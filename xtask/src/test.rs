//! `cargo xtask test`: every check and test there is.

use anyhow::{Context as _, Result, bail};

use crate::needs::Need;
use crate::node::npm;
use crate::program::{cargo, program};
use crate::run::target_dir;
use crate::steps::{Outcome, Step, run_all};
use crate::{check, cross, generate};

/// All steps, in the order in which they run: quick ones first.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        what: "formatting of the Rust code",
        needs: &[],
        run: check::format,
    },
    Step {
        name: "ui-lint",
        what: "eslint and prettier",
        needs: &[Need::UiPackages],
        run: check::ui_lint,
    },
    Step {
        name: "ui-check",
        what: "types of the UI",
        needs: &[Need::UiPackages],
        run: ui_check,
    },
    Step {
        name: "ui-test",
        what: "vitest",
        needs: &[Need::UiPackages],
        run: ui_test,
    },
    Step {
        name: "clippy",
        what: "lints of the Rust code",
        needs: APP,
        run: check::clippy,
    },
    Step {
        name: "rust",
        what: "unit tests, journeys, import rules",
        needs: RUST_TESTS,
        run: rust,
    },
    Step {
        name: "doc",
        what: "examples in the documentation",
        needs: APP,
        run: doc,
    },
    Step {
        name: "generated",
        what: "generated files are fresh",
        needs: APP,
        run: generate::fresh,
    },
    Step {
        name: "browser",
        what: "Playwright on the headless server",
        needs: BROWSER_TESTS,
        run: browser,
    },
    Step {
        name: "desktop",
        what: "WebDriver on the desktop app",
        needs: DESKTOP_TESTS,
        run: desktop,
    },
    Step {
        name: "cross",
        what: "Android, iOS, macOS, Windows",
        needs: cross::NEEDS,
        run: cross::cross,
    },
];

const APP: &[Need] = &[Need::Compiler, Need::DesktopLibraries, Need::UiBuild];
const RUST_TESTS: &[Need] = &[
    Need::Compiler,
    Need::DesktopLibraries,
    Need::UiBuild,
    Need::Mosquitto,
    Need::Nextest,
];
const BROWSER_TESTS: &[Need] = &[
    Need::Compiler,
    Need::Mosquitto,
    Need::Chromium,
    Need::UiBuild,
    Need::BrowserTestPackages,
];
const DESKTOP_TESTS: &[Need] = &[
    Need::Compiler,
    Need::DesktopLibraries,
    Need::DesktopTesting,
    Need::TauriDriver,
    Need::UiBuild,
];

/// What to run.
#[derive(clap::Args)]
pub struct Args {
    /// Only these steps, for example `--only fmt,clippy`
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
    let known = |name: &String| STEPS.iter().any(|step| step.name == name);
    if let Some(name) = args.only.iter().chain(&args.skip).find(|name| !known(name)) {
        bail!("there is no step {name}; `cargo xtask test --list` names them");
    }
    let chosen = |step: &&Step| {
        let named = |list: &[String]| list.iter().any(|name| name == step.name);
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

fn rust() -> Result<Outcome> {
    // Journeys start the programs themselves.
    cargo()
        .args([
            "build",
            "--package",
            "ladebuch-server",
            "--package",
            "ladebuch-sim",
        ])
        .run()?;
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
    cargo()
        .args([
            "build",
            "--package",
            "ladebuch-server",
            "--package",
            "ladebuch-sim",
        ])
        .run()?;
    npm("tests/e2e").args(["test"]).run()?;
    Ok(Outcome::Passed)
}

fn desktop() -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(Outcome::NotHere(
            "the desktop app is driven under Linux only",
        ));
    }
    cargo()
        .args([
            "build",
            "--package",
            "ladebuch",
            "--package",
            "ladebuch-sim",
        ])
        .run()?;
    let app = target_dir()
        .join("debug/ladebuch")
        .canonicalize()
        .context("the app was not built")?;
    // A display and a session bus of its own: the test must not meet the person's desktop.
    program("xvfb-run")
        .args(["--auto-servernum", "dbus-run-session", "--"])
        .args([
            "cargo",
            "nextest",
            "run",
            "--package",
            "ladebuch-tests",
            "--test",
            "desktop",
        ])
        .env("LADEBUCH_APP", app)
        .run()?;
    Ok(Outcome::Passed)
}
