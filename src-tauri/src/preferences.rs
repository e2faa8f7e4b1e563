//! What the user interface has written down for this device, as far as the desktop needs it.

use std::sync::Arc;

use tauri::{App, AppHandle, Listener as _, Theme, Wry};
use tauri_plugin_store::{Store, StoreExt as _};

/// The file, shared with the user interface.
const FILE: &str = "preferences.json";

/// The preferences, always as they are now.
#[derive(Clone)]
pub struct Preferences(Arc<Store<Wry>>);

/// A language of the user interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Deutsch.
    German,
    /// English.
    English,
}

impl Preferences {
    /// Opens them.
    pub fn open(app: &App) -> Result<Self, tauri_plugin_store::Error> {
        Ok(Self(app.store(FILE)?))
    }

    /// The chosen theme; `None` follows the system.
    pub fn theme(&self) -> Option<Theme> {
        match self.text("theme").as_deref() {
            Some("light") => Some(Theme::Light),
            Some("dark") => Some(Theme::Dark),
            _ => None,
        }
    }

    /// The chosen language, else the system's.
    pub fn language(&self) -> Language {
        let tag = self.text("language").filter(|choice| choice != "system");
        language_of(tag.or_else(sys_locale::get_locale).as_deref())
    }

    /// Whether closing the window leaves Ladebuch running in the tray.
    pub fn close_to_tray(&self) -> bool {
        self.text("close_to_tray").as_deref() == Some("on")
    }

    /// Calls `changed` whenever one of them may have changed.
    pub fn on_change(app: &AppHandle, changed: impl Fn() + Send + Sync + 'static) {
        let changed = Arc::new(changed);
        app.listen_any("store://change", move |_| {
            let changed = Arc::clone(&changed);
            // The store is locked while it tells of a change: who asks it there waits for ever.
            tauri::async_runtime::spawn(async move { changed() });
        });
    }

    fn text(&self, key: &str) -> Option<String> {
        self.0.get(key)?.as_str().map(str::to_owned)
    }
}

fn language_of(tag: Option<&str>) -> Language {
    match tag {
        Some(tag) if tag.to_ascii_lowercase().starts_with("de") => Language::German,
        _ => Language::English,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_is_understood_in_every_spelling_and_everything_else_is_english() {
        for tag in ["de", "de-AT", "de_DE.UTF-8", "DE"] {
            assert_eq!(language_of(Some(tag)), Language::German, "{tag}");
        }
        for tag in [Some("en-GB"), Some("fr"), None] {
            assert_eq!(language_of(tag), Language::English, "{tag:?}");
        }
    }
}
