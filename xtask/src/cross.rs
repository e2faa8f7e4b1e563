//! `cargo xtask cross`: the other systems Ladebuch runs on, seen from a Debian machine.
//!
//! The whole app is type-checked for each of them. That needs a standard library, which cargo
//! builds from Debian's sources; C code is only ever linked, not looked at, so a stand-in for the
//! compiler is enough ([`standin`]). The headless programs are built for Windows in earnest, and
//! the server is started there as far as Wine is Windows ([`windows`]).

mod standin;
mod windows;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::needs::{self, Need, has_apt};
use crate::program::{Program, program};
use crate::run::target_dir;
use crate::steps::Outcome;

/// What the step needs.
pub const NEEDS: &[Need] = &[Need::Compiler, Need::CrossCompilers, Need::UiBuild];

/// Debian's compiler, whose version fits Debian's sources of the standard library.
const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";

const NOT_HERE: &str = "it is made of Debian's rustc-web, rust-web-src, mingw-w64 and wine";

/// Systems whose C compiler a Debian machine does not have.
const WITHOUT_C: &[&str] = &[
    "aarch64-linux-android",
    "aarch64-apple-ios",
    "aarch64-apple-darwin",
];
const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// Provides what is needed and checks.
pub fn command() -> Result<()> {
    needs::satisfy(NEEDS)?;
    match cross()? {
        Outcome::Passed => Ok(()),
        Outcome::NotHere(why) => bail!("this cannot be done here: {why}"),
    }
}

/// A step: everything this file is about.
pub fn cross() -> Result<Outcome> {
    if !has_apt() {
        return Ok(Outcome::NotHere(NOT_HERE));
    }
    let target = target_dir().join("cross");
    std::fs::create_dir_all(&target)?;
    let cross = Cross {
        target: target
            .canonicalize()
            .context("the target directory was just made")?,
    };
    standin::write(&cross.standins())?;

    // One call for all systems: build scripts and macros run here and are compiled once.
    cross
        .cargo(&["check", "--package", "ladebuch", "--lib", "--bins"])?
        .args(
            WITHOUT_C
                .iter()
                .chain([&WINDOWS])
                .flat_map(|target| ["--target", target]),
        )
        .run()?;
    cross
        .cargo(&[
            "build",
            "--package",
            "ladebuch-server",
            "--package",
            "ladebuch-sim",
            "--bins",
        ])?
        .args(["--target", WINDOWS])
        .run()?;
    windows::answers(
        &cross.target.join(WINDOWS).join("debug"),
        &cross.target.join("wine"),
    )?;
    Ok(Outcome::Passed)
}

struct Cross {
    /// A target directory of its own: two compilers in one directory undo each other's work.
    target: PathBuf,
}

impl Cross {
    fn standins(&self) -> PathBuf {
        self.target.join("standins")
    }

    /// Debian's cargo, building its own standard library.
    fn cargo(&self, args: &[&str]) -> Result<Program> {
        let standins = self.standins();
        let mut cargo = program(CARGO)
            .args(args)
            .args(["--locked", "-Zbuild-std=std,panic_unwind"])
            // Without the backtraces of the standard library, which bring a dozen crates along.
            .args(["-Zbuild-std-features=panic-unwind"])
            // Elsewhere SQLite is optimised so that tests are quick; here it is only started.
            .args(["--config", "profile.dev.package.libsqlite3-sys.opt-level=0"])
            // Debian's compiler is a stable one; building its library is an unstable feature.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", RUSTC)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            // Whatever the calling cargo and rustup have set is about another compiler.
            .without_env("CARGO")
            .without_env("RUSTUP_TOOLCHAIN")
            .without_env("RUSTFLAGS")
            .env("PATH", path_without_rustup()?)
            // Only has to be set, so that nobody asks Xcode for it.
            .env("SDKROOT", &standins);
        for target in WITHOUT_C {
            let name = target.replace('-', "_");
            cargo = cargo
                .env(&format!("CC_{name}"), standins.join("cc"))
                .env(&format!("CXX_{name}"), standins.join("cc"))
                .env(&format!("AR_{name}"), standins.join("ar"));
        }
        Ok(cargo)
    }
}

/// `PATH` with the system's own programs first, before rustup's `rustc`.
fn path_without_rustup() -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = ["/usr/bin".into(), "/bin".into()]
        .into_iter()
        .chain(std::env::split_paths(&path));
    std::env::join_paths(dirs).context("PATH has a folder with a colon in its name")
}
