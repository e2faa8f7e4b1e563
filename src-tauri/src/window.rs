//! The one window.

use tauri::webview::{PageLoadEvent, WebviewWindow, WebviewWindowBuilder};
use tauri::{App, Manager as _};

use crate::door::Door;

/// Its label in `tauri.conf.json` and in the capabilities.
pub const LABEL: &str = "main";

/// Opens it; on a desktop it stays hidden until its page is there.
pub fn open(app: &App) -> tauri::Result<WebviewWindow> {
    let config = app
        .config()
        .app
        .windows
        .iter()
        .find(|window| window.label == LABEL);
    WebviewWindowBuilder::from_config(app, config.ok_or(tauri::Error::WindowNotFound)?)?
        .on_page_load(|window, page| match page.event() {
            // Whoever followed the live view is gone with the page before.
            PageLoadEvent::Started => window.state::<Door>().stop_all(),
            PageLoadEvent::Finished => crate::platform::page_is_there(&window),
        })
        .build()
}
