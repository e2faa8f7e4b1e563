//! The headless program: the engine and its web server, without a window.

mod charger;
mod client;
mod command;
mod serve;

use std::process::ExitCode;

use clap::Parser;

use crate::command::{Command, Options};

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match &options.command {
        None => serve::run(&options),
        Some(Command::SignInLink) => client::sign_in_link(&options),
        Some(Command::Openapi) => command::print_openapi(),
        Some(Command::Charger(command)) => charger::run(command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
