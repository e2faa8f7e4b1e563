//! The headless program: the engine and its web server, without a window.

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
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
