//! The project's own commands, started with `cargo xtask`.
//!
//! One file per command; what a command needs of the machine is in [`needs`], how it calls other
//! programs in [`program`], how a list of steps is run and reported in [`steps`].
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to a person at a terminal is what this program does"
)]

mod bench;
mod check;
mod cross;
mod generate;
mod needs;
mod node;
mod program;
mod run;
mod screenshots;
mod steps;
mod test;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;

/// Ladebuch's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Command {
    /// Install what is missing, build, and start Ladebuch
    Run(run::Args),
    /// Install what is missing and run every check and test there is
    Test(test::Args),
    /// Measure and print the figures the project promises
    Bench(bench::Args),
    /// Type-check the app for Android, iOS, macOS and Windows; build the server for Windows
    Cross,
    /// Take the README's pictures
    Screenshots,
    /// Write the OpenAPI description and the types made from it
    Generate,
    /// Quick checks of what has changed: formatting, lints, import rules
    Check(check::Args),
}

fn main() -> ExitCode {
    match start(Command::parse_from(arguments())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The arguments without a `--` after the command's name: people used to `cargo run -- --demo`
/// write `cargo xtask run -- --demo`, and mean the same as without it.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(2).is_some_and(|argument| argument == "--") {
        arguments.remove(2);
    }
    arguments
}

fn start(command: Command) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("xtask lies in the repository")?;
    std::env::set_current_dir(root).with_context(|| format!("cannot enter {}", root.display()))?;
    match command {
        Command::Run(args) => run::run(&args),
        Command::Test(args) => test::test(&args),
        Command::Bench(args) => bench::bench(&args),
        Command::Cross => cross::command(),
        Command::Screenshots => screenshots::screenshots(),
        Command::Generate => generate::command(),
        Command::Check(args) => check::check(&args),
    }
}
