//! What the commands need of the machine, and how they get it.
//!
//! On Debian and its relatives missing packages are installed; elsewhere they are named.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};

use crate::node;
use crate::program::{cargo, find, program};

/// Something that a step needs before it can run. In the order in which it is provided.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Need {
    /// A C compiler, for SQLite and the cryptography.
    Compiler,
    /// The libraries of the desktop app.
    DesktopLibraries,
    /// A real MQTT broker to test against.
    Mosquitto,
    /// The browser of the browser tests.
    Chromium,
    /// A display, a session bus and WebDriver for the desktop app.
    DesktopTesting,
    /// Compilers for other systems.
    CrossCompilers,
    /// The test runner.
    Nextest,
    /// WebDriver's way into a Tauri app.
    TauriDriver,
    /// The packages of the UI.
    UiPackages,
    /// The packages of the browser tests.
    BrowserTestPackages,
    /// The built UI, which the programs embed.
    UiBuild,
}

/// A package of the system.
struct Package {
    /// Its name on Debian and Ubuntu.
    apt: &'static str,
    /// By what it is recognised elsewhere.
    sign: Sign,
    /// What to install elsewhere, and where to get it.
    elsewhere: &'static str,
}

enum Sign {
    Program(&'static str),
    /// A pkg-config name. Only Linux takes its libraries from there.
    Library(&'static str),
    /// Nothing to look for outside Debian.
    DebianOnly,
}

const TAURI_LIST: &str = "see https://tauri.app/start/prerequisites/#linux";

const COMPILER: &[Package] = &[
    Package {
        apt: "build-essential",
        sign: Sign::DebianOnly,
        elsewhere: "",
    },
    Package {
        apt: "pkg-config",
        sign: Sign::DebianOnly,
        elsewhere: "",
    },
];

const DESKTOP_LIBRARIES: &[Package] = &[
    Package {
        apt: "libwebkit2gtk-4.1-dev",
        sign: Sign::Library("webkit2gtk-4.1"),
        elsewhere: TAURI_LIST,
    },
    Package {
        apt: "libayatana-appindicator3-dev",
        sign: Sign::Library("ayatana-appindicator3-0.1"),
        elsewhere: TAURI_LIST,
    },
    Package {
        apt: "librsvg2-dev",
        sign: Sign::Library("librsvg-2.0"),
        elsewhere: TAURI_LIST,
    },
];

const MOSQUITTO: &[Package] = &[
    Package {
        apt: "mosquitto",
        sign: Sign::Program("mosquitto"),
        elsewhere: "https://mosquitto.org/download/",
    },
    Package {
        apt: "mosquitto-clients",
        sign: Sign::Program("mosquitto_pub"),
        elsewhere: "https://mosquitto.org/download/",
    },
];

const CHROMIUM: &[Package] = &[Package {
    apt: "chromium",
    sign: Sign::Program("chromium"),
    elsewhere: "https://www.chromium.org/getting-involved/download-chromium/",
}];

const DESKTOP_TESTING: &[Package] = &[
    Package {
        apt: "webkit2gtk-driver",
        sign: Sign::Program("WebKitWebDriver"),
        elsewhere: "WebKitGTK's WebDriver",
    },
    Package {
        apt: "xvfb",
        sign: Sign::Program("xvfb-run"),
        elsewhere: "X.Org's virtual frame buffer",
    },
    Package {
        apt: "xauth",
        sign: Sign::Program("xauth"),
        elsewhere: "X.Org's xauth",
    },
    Package {
        apt: "dbus",
        sign: Sign::Program("dbus-run-session"),
        elsewhere: "https://dbus.freedesktop.org",
    },
    Package {
        apt: "openbox",
        sign: Sign::Program("openbox"),
        elsewhere: "the window manager Openbox",
    },
    Package {
        apt: "xdotool",
        sign: Sign::Program("xdotool"),
        elsewhere: "xdotool, which types and looks for windows",
    },
];

const CROSS_COMPILERS: &[Package] = &[
    Package {
        apt: "rustc-web",
        sign: Sign::DebianOnly,
        elsewhere: "",
    },
    Package {
        apt: "cargo-web",
        sign: Sign::DebianOnly,
        elsewhere: "",
    },
    Package {
        apt: "rust-web-src",
        sign: Sign::DebianOnly,
        elsewhere: "",
    },
    Package {
        apt: "gcc-mingw-w64-x86-64-win32",
        sign: Sign::DebianOnly,
        elsewhere: "",
    },
    Package {
        apt: "wine64",
        sign: Sign::DebianOnly,
        elsewhere: "",
    },
];

impl Need {
    /// The packages of the system that belong to it.
    fn packages(self) -> &'static [Package] {
        match self {
            Self::Compiler => COMPILER,
            // Every other system brings its web view and tray along.
            Self::DesktopLibraries if cfg!(target_os = "linux") => DESKTOP_LIBRARIES,
            Self::Mosquitto => MOSQUITTO,
            Self::Chromium => CHROMIUM,
            Self::DesktopTesting if cfg!(target_os = "linux") => DESKTOP_TESTING,
            Self::CrossCompilers if has_apt() => CROSS_COMPILERS,
            _ => &[],
        }
    }

    /// Provides what is not a package of the system.
    fn provide(self) -> Result<()> {
        match self {
            Self::Nextest => cargo_program("cargo-nextest", &["cargo-nextest"]),
            Self::TauriDriver if cfg!(target_os = "linux") => {
                cargo_program("tauri-driver", &["tauri-driver", "--version", "^2"])
            }
            Self::UiPackages => {
                node::check_version()?;
                node::packages("ui")
            }
            Self::BrowserTestPackages => {
                node::check_version()?;
                node::packages("tests/e2e")
            }
            Self::UiBuild => {
                Self::UiPackages.provide()?;
                node::build_ui()
            }
            _ => Ok(()),
        }
    }
}

/// Provides everything in `needs`, the system's packages first and in one go.
pub fn satisfy(needs: &[Need]) -> Result<()> {
    let needs: BTreeSet<Need> = needs.iter().copied().collect();
    let packages: Vec<&Package> = needs.iter().flat_map(|need| need.packages()).collect();
    if has_apt() {
        install(&packages)?;
    } else {
        name_missing(&packages)?;
    }
    for need in needs {
        need.provide()?;
    }
    Ok(())
}

/// Whether packages can be installed the Debian way.
pub fn has_apt() -> bool {
    find("apt-get").is_some() && find("dpkg").is_some()
}

fn install(packages: &[&Package]) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .map(|package| package.apt)
        .filter(|name| !program("dpkg").args(["-s", name]).succeeds())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing here: {}", missing.join(" "));
    // Lists of packages age; an old list names files that are gone.
    apt_get(&["update"])?;
    // Never at the price of another package, such as a compiler of the person's own choice.
    apt_get(
        &[
            &["install", "--yes", "--no-install-recommends", "--no-remove"],
            missing.as_slice(),
        ]
        .concat(),
    )
}

fn apt_get(args: &[&str]) -> Result<()> {
    let root = program("id").args(["-u"]).text()? == "0";
    let call = if root {
        program("apt-get").env("DEBIAN_FRONTEND", "noninteractive")
    } else {
        program("sudo").args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
    };
    call.args(["--quiet"]).args(args).run()
}

fn name_missing(packages: &[&Package]) -> Result<()> {
    let missing: Vec<String> = packages
        .iter()
        .filter(|package| match package.sign {
            Sign::Program(name) => find(name).is_none(),
            Sign::Library(name) => !program("pkg-config").args(["--exists", name]).succeeds(),
            Sign::DebianOnly => false,
        })
        .map(|package| match package.sign {
            Sign::Program(name) | Sign::Library(name) => format!("  {name}: {}", package.elsewhere),
            Sign::DebianOnly => String::new(),
        })
        .collect();
    if !missing.is_empty() {
        bail!(
            "Please install what is missing here, then try again:\n{}",
            missing.join("\n")
        );
    }
    Ok(())
}

fn cargo_program(name: &str, install: &[&str]) -> Result<()> {
    if find(name).is_some() {
        return Ok(());
    }
    cargo().args(["install", "--locked"]).args(install).run()?;
    find(name).map(|_| ()).with_context(|| {
        format!(
            "{name} is installed now, but not found; put ~/.cargo/bin (or $CARGO_HOME/bin) on PATH"
        )
    })
}
