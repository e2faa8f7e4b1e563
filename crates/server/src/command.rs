//! The command line, and how the program ends when it cannot go on.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ladebuch_engine::{OpenError as EngineError, StoreError};
use ladebuch_server::elli_url::elli_at;
use ladebuch_server::listen::{DEFAULT_ADDRESS, ListenError};
use ladebuch_server::source_url::SourceUrl;
use ladebuch_server::{OpenError, data_dir};

use crate::charger::ChargerCommand;

/// Ladebuch, the charging logbook, without a window: records what an openWB measures and serves
/// the web interface.
#[derive(Debug, Parser)]
#[command(name = "ladebuch-server", version)]
pub struct Options {
    /// Directory of all data [default: the user's data directory]
    #[arg(long, env = "LADEBUCH_DATA_DIR", global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Address to listen at; only this computer can reach it. Port 0 takes a free one
    #[arg(
        long, env = "LADEBUCH_LISTEN", global = true, value_name = "ADDRESS:PORT",
        default_value_t = DEFAULT_ADDRESS, value_parser = address
    )]
    pub listen: SocketAddr,
    /// An openWB to listen to, e.g. mqtt://openwb.local; added unless it is there already
    #[arg(
        long,
        env = "LADEBUCH_OPENWB",
        value_name = "URL",
        hide_env_values = true
    )]
    pub openwb: Option<SourceUrl>,
    /// Where the Elli cloud is, to try Ladebuch out with a simulator, e.g. http://127.0.0.1:8801
    /// [default: Elli itself]
    #[arg(long, env = "LADEBUCH_ELLI_URL", value_name = "URL", value_parser = elli_at)]
    pub elli_url: Option<elli::Config>,
    /// Show the demo household
    #[arg(long, env = "LADEBUCH_DEMO")]
    pub demo: bool,
    /// What to do instead of serving
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do instead of serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print a one-time link that signs a browser in to the running server
    SignInLink,
    /// Print the API document
    Openapi,
    /// Read and control an Elli Charger 2 on the local network (Modbus TCP)
    #[command(subcommand)]
    Charger(ChargerCommand),
}

impl Options {
    /// Directory of all data.
    pub fn data_dir(&self) -> Result<PathBuf, Failure> {
        self.data_dir
            .clone()
            .or_else(data_dir::usual)
            .ok_or_else(|| Failure {
                code: 2,
                sentence: "This user has no home directory. Choose one with --data-dir.".to_owned(),
            })
    }
}

/// An address and port; `localhost` is 127.0.0.1.
fn address(text: &str) -> Result<SocketAddr, String> {
    let text = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    text.parse()
        .map_err(|_| "write an address with a port, e.g. 127.0.0.1:8440".to_owned())
}

/// Prints the API document.
pub fn print_openapi() -> Result<(), Failure> {
    let document = ladebuch_server::openapi().to_pretty_json();
    let document = document.map_err(|error| Failure::other(error.to_string()))?;
    print(&document)
}

/// Writes a line to the standard output.
pub fn print(line: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = writeln!(out, "{line}").and_then(|()| out.flush());
    written.map_err(|error| Failure::other(format!("The output cannot be written: {error}")))
}

/// Says something that a person should know, where scripts do not read it as the output.
pub fn warn(sentence: &str) {
    // Where there is no standard error, nobody reads it.
    writeln!(io::stderr(), "ladebuch-server: {sentence}").ok();
}

/// Why the program ends: a sentence for people and a code for scripts.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    sentence: String,
}

impl Failure {
    /// With an exit code that scripts can tell from others.
    pub fn new(code: u8, sentence: String) -> Self {
        Self { code, sentence }
    }

    /// Anything without a code of its own.
    pub fn other(sentence: String) -> Self {
        Self::new(1, sentence)
    }

    /// Says why and gives the exit code.
    pub fn report(self) -> ExitCode {
        // Where there is no standard error, the code has to do.
        warn(&self.sentence);
        ExitCode::from(self.code)
    }
}

/// 2: a wrong argument; 3: the data directory cannot be used; 4: it is in use; 5: its database is of a newer version.
impl From<&OpenError> for Failure {
    fn from(error: &OpenError) -> Self {
        let code = match error {
            OpenError::Engine(EngineError::Store(store)) => match store {
                StoreError::DirectoryNotWritable { .. } | StoreError::ReadOnly => 3,
                StoreError::InUse { .. } => 4,
                StoreError::NewerVersion { .. } | StoreError::NotOurs { .. } => 5,
                _ => 1,
            },
            OpenError::Token(_) => 3,
            OpenError::Openwb(_) => 1,
            OpenError::OpenwbUrl(_) => 2,
        };
        Self {
            code,
            sentence: error.to_string(),
        }
    }
}

/// 6: the address cannot be listened at.
impl From<ListenError> for Failure {
    fn from(error: ListenError) -> Self {
        Self {
            code: 6,
            sentence: error.to_string(),
        }
    }
}
