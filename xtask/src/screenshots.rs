//! `cargo xtask screenshots`: the README's pictures, taken from the running demo.

use anyhow::Result;

use crate::needs::{self, Need};
use crate::node::npm;
use crate::program::cargo;

/// Takes the pictures.
pub fn screenshots() -> Result<()> {
    needs::satisfy(&[
        Need::Compiler,
        Need::Chromium,
        Need::UiBuild,
        Need::BrowserTestPackages,
    ])?;
    cargo()
        .args([
            "build",
            "--package",
            "ladebuch-server",
            "--package",
            "ladebuch-sim",
        ])
        .run()?;
    npm("tests/e2e").args(["run", "screenshots"]).run()
}
