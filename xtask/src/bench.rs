//! `cargo xtask bench`: measure what the project promises.

use anyhow::Result;

use crate::needs::{self, Need};
use crate::program::cargo;

/// What to measure.
#[derive(clap::Args)]
pub struct Args {
    /// Passed on to the bench program; `-- -- --help` shows what it understands
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// Runs the bench program with optimisations.
pub fn bench(args: &Args) -> Result<()> {
    needs::satisfy(&[Need::Compiler, Need::Mosquitto, Need::UiBuild])?;
    // The bench measures the shipped program from outside, so that one is built too.
    cargo()
        .args(["build", "--release", "--package", "ladebuch-server"])
        .run()?;
    cargo()
        .args([
            "run",
            "--release",
            "--package",
            "ladebuch-tests",
            "--bin",
            "bench",
            "--",
        ])
        .args(&args.rest)
        .run()
}
