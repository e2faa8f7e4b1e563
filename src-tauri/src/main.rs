//! Starts the app.
// Without this a console window opens beside the app on Windows.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    match ladebuch_app::start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "Ladebuch could not start");
            ExitCode::FAILURE
        }
    }
}
