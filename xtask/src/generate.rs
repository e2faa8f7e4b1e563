//! `cargo xtask generate`: files that are made from other files and committed.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::needs::{self, Need};
use crate::node::npm;
use crate::program::{Program, cargo, program};
use crate::steps::Outcome;
use crate::test;

/// The API as the server describes it.
const OPENAPI: &str = "crates/server/openapi.json";
/// The UI's types, made from that description.
const TYPES: &str = "ui/src/lib/api/schema.d.ts";

/// Provides what is needed and writes the files.
pub fn command() -> Result<()> {
    needs::satisfy(&[Need::Compiler, Need::UiBuild])?;
    generate(cargo().args(["run", "--quiet", "--package", "ladebuch-server", "--"]))
}

/// A step: fails when a committed file was not what it would be made as now.
pub fn fresh() -> Result<Outcome> {
    let read = || [OPENAPI, TYPES].map(|path| fs::read(path).unwrap_or_default());
    let before = read();
    test::build()?;
    generate(program(test::built("ladebuch-server")?))?;
    if before != read() {
        bail!("{OPENAPI} or {TYPES} was stale; both are fresh now, please commit them");
    }
    Ok(Outcome::Passed)
}

fn generate(server: Program) -> Result<()> {
    let openapi = server.args(["openapi"]).output()?;
    fs::write(OPENAPI, openapi).with_context(|| format!("cannot write {OPENAPI}"))?;
    npm("ui").args(["run", "generate"]).run()
}
