//! A phone or tablet: one window, no arguments, and files go where the system shows them.

use std::path::PathBuf;

use ladebuch_server::{AppConfig, ElliCloud};
use tauri::webview::WebviewWindow;
use tauri::{AppHandle, Builder, Manager as _, RunEvent, Wry};

use crate::door::SaveError;

/// Adds what only a phone has.
pub fn prepare(builder: Builder<Wry>) -> Builder<Wry> {
    builder.setup(|app| {
        let data_dir = app.path().app_data_dir()?;
        crate::open(
            app,
            AppConfig {
                data_dir,
                demo: false,
                openwb: None,
                elli: ElliCloud::default(),
            },
        )?;
        Ok(())
    })
}

/// What happens to the app as a whole: the system takes care of all of it.
pub fn on_event(_app: &AppHandle, _event: &RunEvent) {}

/// The system shows its own picture until then.
pub fn page_is_there(_window: &WebviewWindow) {}

/// A place in the folder of documents that the system shows for this app.
pub async fn place_for(app: &AppHandle, name: &str) -> Result<Option<PathBuf>, SaveError> {
    let documents = app.path().document_dir()?;
    tokio::fs::create_dir_all(&documents)
        .await
        .map_err(|source| SaveError::Write {
            path: documents.clone(),
            source,
        })?;
    Ok(Some(documents.join(name)))
}
