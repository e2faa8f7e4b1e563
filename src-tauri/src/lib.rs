//! Ladebuch as an app with a window: the desktop and mobile host.
//!
//! The only code that knows Tauri, and it has no behaviour of its own. The user interface in the
//! window talks to the same API as a browser does, through the in-process `door`; `host` keeps
//! secrets where the operating system keeps them. What differs between a computer and a phone is
//! in `desktop` and `mobile`.
#![cfg_attr(
    mobile,
    allow(
        missing_docs,
        reason = "the function that Tauri's macro exports has none"
    )
)]

mod door;
mod elli_sign_in;
mod host;
mod window;

#[cfg(desktop)]
mod desktop;
#[cfg(desktop)]
mod preferences;
#[cfg(desktop)]
mod tray;
#[cfg(desktop)]
use desktop as platform;

#[cfg(mobile)]
mod mobile;
#[cfg(mobile)]
use mobile as platform;

use std::sync::Arc;

use ladebuch_engine::clock::SystemClock;
use ladebuch_engine::status::NoticeCode;
use ladebuch_server::{App, AppConfig};
use tauri::webview::WebviewWindow;
use tauri::{Manager as _, RunEvent};

use crate::door::Door;
use crate::host::Keychain;

/// Starts the app; it ends when its window is closed for good.
///
/// # Errors
/// When the system does not let it open a window.
pub fn start() -> tauri::Result<()> {
    let app = platform::prepare(tauri::Builder::default())
        .plugin(tauri_plugin_store::Builder::default().build())
        .plugin(
            tauri_plugin_opener::Builder::new()
                // A desktop says natively that a link wants a window, see `window`.
                .open_js_links_on_click(cfg!(mobile))
                .build(),
        )
        .manage(elli_sign_in::SignIns::default())
        .invoke_handler(tauri::generate_handler![
            door::api,
            door::live,
            door::stop_live,
            door::save_file,
            elli_sign_in::elli_sign_in
        ])
        .build(tauri::generate_context!())?;
    app.run(|app, event| match event {
        RunEvent::Exit => {
            if let Some(door) = app.try_state::<Door>() {
                tauri::async_runtime::block_on(door.app().stop());
            }
        }
        other => platform::on_event(app, &other),
    });
    Ok(())
}

/// Where a phone starts the app.
#[cfg(mobile)]
#[tauri::mobile_entry_point]
fn run() {
    if let Err(error) = start() {
        tracing::error!(%error, "Ladebuch could not start");
    }
}

/// Starts the program behind the window, then opens the window.
fn open(app: &tauri::App, config: AppConfig) -> tauri::Result<WebviewWindow> {
    let host = Arc::new(Keychain::new(&config.data_dir));
    let program = {
        let runtime = tauri::async_runtime::handle();
        let _within = runtime.inner().enter();
        App::open(config, host.clone(), Arc::new(SystemClock::default()))
    };
    let to_tell = program.clone();
    tauri::async_runtime::spawn(async move {
        // There is nobody to tell before that; if it failed, something worse is said instead.
        if to_tell.ready().await.is_ok() {
            let detail = host.used_file().await;
            to_tell.notify(NoticeCode::SecretsInFile, detail);
        }
    });
    app.manage(Door::new(program));
    window::open(app)
}
