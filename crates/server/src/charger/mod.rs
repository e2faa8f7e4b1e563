//! `ladebuch-server charger …`: an Elli Charger 2 on the local network, for people and scripts.
//!
//! Talks to the box itself; no server has to run. Ends with 0 only when the box reads back what was
//! asked for, or when it allows less and that is said.

mod status;
mod words;

use std::fmt;

use clap::{Args, Subcommand};
use ladebuch_engine::charger2::{Client, Current, Error, PORT, Watchdog};

use crate::command::{Failure, print, warn};

/// Read and control an Elli Charger 2 on the local network (Modbus TCP)
#[derive(Debug, Subcommand)]
pub enum ChargerCommand {
    /// Print what the box reports
    Status {
        #[command(flatten)]
        at: At,
        /// As one JSON document: power in VA, energy in kVAh, current in A, time in s
        #[arg(long)]
        json: bool,
    },
    /// Set the highest current per phase; 0 is a pause
    SetCurrent {
        #[command(flatten)]
        at: At,
        /// 0, or what the box is made for (usually 6 to 16) in steps of 0.1
        #[arg(value_name = "AMPS", allow_negative_numbers = true)]
        current: Current,
    },
    /// Pause charging; the same as `set-current HOST 0`
    Stop {
        #[command(flatten)]
        at: At,
    },
    /// Set the current that applies once the watchdog has struck
    Failsafe {
        #[command(flatten)]
        at: At,
        /// What the box is made for (usually 6 to 16) in steps of 0.1; not every box takes 0
        #[arg(value_name = "AMPS", allow_negative_numbers = true)]
        current: Current,
    },
    /// Set how long nobody may talk to the box before the fail-safe current applies
    Watchdog {
        #[command(flatten)]
        at: At,
        /// 0 (off) to 65.535
        #[arg(value_name = "SECONDS", allow_negative_numbers = true)]
        timeout: Watchdog,
    },
}

/// Where the box is.
#[derive(Debug, Args)]
pub struct At {
    /// Name or address of the box, without a port
    #[arg(value_parser = host)]
    host: String,
    /// Port of its Modbus server
    #[arg(long, value_name = "N", default_value_t = PORT)]
    port: u16,
}

/// A name or address that is no address with a port.
fn host(text: &str) -> Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.parse::<u16>().is_ok() => {
            Err(format!("write the port apart: {host} --port {port}"))
        }
        _ => Ok(text.to_owned()),
    }
}

/// As it is written on the command line.
impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        if self.port == PORT {
            return Ok(());
        }
        write!(f, " --port {}", self.port)
    }
}

/// Carries a command out.
pub fn run(command: &ChargerCommand) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::other(error.to_string()))?;
    let outcome = runtime.block_on(carry_out(command));
    // A look-up of a name cannot be interrupted, and is not worth waiting for.
    runtime.shutdown_background();
    outcome
}

async fn carry_out(command: &ChargerCommand) -> Result<(), Failure> {
    match command {
        ChargerCommand::Status { at, json } => status(at, *json).await,
        ChargerCommand::SetCurrent { at, current } => set_limit(at, *current).await,
        ChargerCommand::Stop { at } => set_limit(at, Current::ZERO).await,
        ChargerCommand::Failsafe { at, current } => set_failsafe(at, *current).await,
        ChargerCommand::Watchdog { at, timeout } => set_watchdog(at, *timeout).await,
    }
}

async fn status(at: &At, json: bool) -> Result<(), Failure> {
    let (info, status) = at.client().read().await?;
    if json {
        let document = status::Document::new(&info, &status).to_json();
        return print(&document.map_err(|error| Failure::other(error.to_string()))?);
    }
    print(&words::status(&at.host, &info, &status))
}

async fn set_limit(at: &At, current: Current) -> Result<(), Failure> {
    let mut client = at.client();
    // Asked for before the write: once that has succeeded, nothing may fail any more.
    let settings = client.settings().await?;
    let limit = client.set_limit(current).await?;
    print(&words::limit(&limit))?;
    print(&words::silence(
        settings.watchdog,
        settings.failsafe_current,
    ))?;
    words::passing(at, &limit, &settings).map_or(Ok(()), |advice| print(&advice))
}

async fn set_failsafe(at: &At, current: Current) -> Result<(), Failure> {
    let mut client = at.client();
    let settings = client.settings().await?;
    client.set_failsafe(current).await?;
    print(&format!("The fail-safe current is {current} now."))?;
    print(&words::silence(settings.watchdog, current))?;
    if current == Current::ZERO {
        warn(words::ZERO_FAILSAFE);
    }
    Ok(())
}

async fn set_watchdog(at: &At, timeout: Watchdog) -> Result<(), Failure> {
    let mut client = at.client();
    let settings = client.settings().await?;
    client.set_watchdog(timeout).await?;
    print(&words::silence(timeout, settings.failsafe_current))
}

impl At {
    fn client(&self) -> Client {
        Client::new(&self.host, self.port)
    }
}

/// 2: a value that this box does not take; 7: no Charger 2 answers; 8: it does not do what it is told.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::OutOfRange(_) => 2,
            Error::HostNotFound { .. }
            | Error::ConnectionRefused { .. }
            | Error::Unreachable { .. }
            | Error::NoAnswer
            | Error::ConnectionLost { .. }
            | Error::NotModbus { .. }
            | Error::NotACharger2(_) => 7,
            Error::Unable { .. }
            | Error::Nonsense { .. }
            | Error::Refused { .. }
            | Error::NoZeroFailsafe
            | Error::NotTaken { .. } => 8,
        };
        Self::new(code, error.to_string())
    }
}
