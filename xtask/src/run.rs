//! `cargo xtask run`: install what is missing, build, start.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::needs::{self, Need};
use crate::program::{cargo, program};

/// How to start Ladebuch.
#[derive(clap::Args)]
pub struct Args {
    /// Start with the demo household: simulated, marked as such, kept apart from real data
    #[arg(long)]
    demo: bool,
    /// Connect to this openWB, for example mqtt://192.168.1.20:1883
    #[arg(long, value_name = "URL")]
    openwb: Option<String>,
    /// Use a simulated Elli cloud at this address, for example http://127.0.0.1:8801
    #[arg(long, value_name = "URL")]
    elli_url: Option<String>,
    /// Start the server without a window, even where there is a display
    #[arg(long)]
    headless: bool,
    /// Build with optimisations, as it is shipped
    #[arg(long)]
    release: bool,
    /// Keep the data here instead of in the usual place
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// Starts the app where there is a display, else the server.
pub fn run(args: &Args) -> Result<()> {
    let window = !args.headless && has_display();
    let (package, name) = if window {
        ("ladebuch", "ladebuch")
    } else {
        ("ladebuch-server", "ladebuch-server")
    };

    needs::satisfy(&[Need::Compiler, Need::UiBuild])?;
    if window {
        needs::satisfy(&[Need::DesktopLibraries])?;
    }

    let profile = if args.release { "release" } else { "debug" };
    cargo()
        .args(["build", "--package", package])
        .args(args.release.then_some("--release"))
        .run()?;

    let built = target_dir()
        .join(profile)
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let mut start = program(built);
    if args.demo {
        start = start.args(["--demo"]);
    }
    if let Some(url) = &args.openwb {
        start = start.args(["--openwb"]).hidden_arg(url);
    }
    if let Some(url) = &args.elli_url {
        start = start.args(["--elli-url", url]);
    }
    if let Some(dir) = &args.data_dir {
        start = start.args([Path::new("--data-dir"), dir]);
    }
    start.become_it()
}

/// Where cargo puts what it builds.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
