//! The window of the app. The only other one is the one of [`elli_sign_in`](crate::elli_sign_in).

use tauri::webview::{NewWindowResponse, PageLoadEvent, WebviewWindow, WebviewWindowBuilder};
use tauri::{App, AppHandle, Manager as _, Url};
use tauri_plugin_opener::OpenerExt as _;

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
            // Whoever followed the live view or signed in is gone with the page before.
            PageLoadEvent::Started => {
                window.state::<Door>().stop_all();
                crate::elli_sign_in::close(window.app_handle());
            }
            PageLoadEvent::Finished => crate::platform::page_is_there(&window),
        })
        .on_new_window({
            let app = app.handle().clone();
            move |to, _| {
                if matches!(to.scheme(), "http" | "https") {
                    open_outside(&app, &to);
                }
                NewWindowResponse::Deny
            }
        })
        .build()
}

/// Shows a page in the system's browser.
pub fn open_outside(app: &AppHandle, page: &Url) {
    // The error says the whole address, which may hold what only its reader should know.
    if app.opener().open_url(page.as_str(), None::<&str>).is_err() {
        let host = page.host_str().unwrap_or_default();
        tracing::warn!(host, "a page could not be opened in the browser");
    }
}
