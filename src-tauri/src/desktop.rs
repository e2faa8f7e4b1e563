//! A computer: arguments, a window that is remembered, a tray, one instance, a save dialog.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use ladebuch_server::elli_url::elli_at;
use ladebuch_server::source_url::SourceUrl;
use ladebuch_server::{AppConfig, ElliCloud, data_dir};
use tauri::webview::{Color, WebviewWindow};
use tauri::{AppHandle, Builder, Manager as _, RunEvent, Theme, Window, WindowEvent, Wry};
use tauri_plugin_dialog::DialogExt as _;
use tauri_plugin_window_state::{AppHandleExt as _, StateFlags};
use tokio::sync::Notify;
use tracing_subscriber::EnvFilter;

use crate::door::SaveError;
use crate::preferences::Preferences;
use crate::tray::Tray;
use crate::window::LABEL;

/// `--surface` of the user interface in light and dark: what is seen until the page is painted.
const LIGHT: Color = Color(247, 250, 248, 255);
const DARK: Color = Color(16, 23, 19, 255);

/// What is remembered of the window. It is always shown, but not before its page is there.
const REMEMBERED: StateFlags = StateFlags::all().difference(StateFlags::VISIBLE);
/// Moving a window is many small moves.
const SETTLED: Duration = Duration::from_millis(500);

/// The charging logbook.
#[derive(clap::Parser)]
#[command(name = "ladebuch", version)]
struct Args {
    /// Begin with the demo household: simulated, marked as such, kept apart from real data
    #[arg(long)]
    demo: bool,
    /// Connect to this openWB, for example mqtt://192.168.1.20:1883
    #[arg(long, value_name = "URL")]
    openwb: Option<SourceUrl>,
    /// Where the Elli cloud is, to try Ladebuch out with a simulator [default: Elli itself]
    #[arg(long, value_name = "URL", value_parser = elli_at)]
    elli_url: Option<ElliCloud>,
    /// Keep the data here instead of in the usual place
    #[arg(long, value_name = "DIR", env = "LADEBUCH_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

/// Adds what only a desktop has.
pub fn prepare(builder: Builder<Wry>) -> Builder<Wry> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let args = Args::parse();

    let changed = Arc::new(Notify::new());
    builder
        // First of all: a second start must not get as far as opening the database.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| show(app)))
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(REMEMBERED)
                .with_filter(|label| label == LABEL)
                .build(),
        )
        .plugin(tauri_plugin_dialog::init())
        .on_window_event({
            let changed = changed.clone();
            move |window, event| on_window_event(window, event, &changed)
        })
        .setup(move |app| {
            let data_dir = match args.data_dir.or_else(data_dir::usual) {
                Some(dir) => dir,
                None => app.path().app_data_dir()?,
            };
            let preferences = Preferences::open(app)?;
            app.manage(preferences.clone());
            let config = AppConfig {
                data_dir,
                demo: args.demo,
                openwb: args.openwb,
                elli: args.elli_url.unwrap_or_default(),
            };
            let window = crate::open(app, config)?;
            let tray = Tray::new(app, preferences.language())?;
            paint(&window, &preferences)?;

            tauri::async_runtime::spawn(tray.clone().follow(app.handle().clone()));
            Preferences::on_change(app.handle(), move || {
                tray.speak(preferences.language());
                or_log(paint(&window, &preferences));
            });
            tauri::async_runtime::spawn(remember(app.handle().clone(), changed));
            #[cfg(unix)]
            tauri::async_runtime::spawn(end_on_terminate(app.handle().clone()));
            Ok(())
        })
}

/// What happens to the app as a whole.
pub fn on_event(app: &AppHandle, event: &RunEvent) {
    #[cfg(target_os = "macos")]
    if let RunEvent::Reopen { .. } = event {
        show(app);
    }
    #[cfg(not(target_os = "macos"))]
    let _ = (app, event);
}

/// Shows the window, which was hidden so that nobody sees it empty.
pub fn page_is_there(window: &WebviewWindow) {
    or_log(window.show());
}

/// Brings the window to the front, wherever it was.
pub fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        or_log(
            window
                .show()
                .and_then(|()| window.unminimize())
                .and_then(|()| window.set_focus()),
        );
    }
}

/// Asks where a file should go; `None` if the person changed their mind.
pub async fn place_for(app: &AppHandle, name: &str) -> Result<Option<PathBuf>, SaveError> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    app.dialog()
        .file()
        .set_file_name(name)
        .save_file(move |path| {
            // Nobody waits any more when the app is ending.
            answer.send(path).ok();
        });
    let path = answered
        .await
        .ok()
        .flatten()
        .and_then(|path| path.into_path().ok());
    Ok(path)
}

/// Ends the way it ends otherwise when the system ends its session.
#[cfg(unix)]
async fn end_on_terminate(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};

    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
            app.exit(0);
        }
        Err(error) => tracing::warn!(%error, "a request to end will not be heard"),
    }
}

/// Writes down where the window is after each change, not only at the end: a power cut and the end
/// of a session do not ask.
async fn remember(app: AppHandle, changed: Arc<Notify>) {
    loop {
        changed.notified().await;
        tokio::time::sleep(SETTLED).await;
        // In the thread of the windows: saving holds a lock while it asks them, and a window that is
        // closed meanwhile waits there for that lock.
        let to_save = app.clone();
        or_log(app.run_on_main_thread(move || {
            if let Err(error) = to_save.save_window_state(REMEMBERED) {
                tracing::warn!(%error, "the window's place could not be remembered");
            }
        }));
    }
}

fn on_window_event(window: &Window, event: &WindowEvent, changed: &Notify) {
    if window.label() != LABEL {
        return;
    }
    match event {
        WindowEvent::Moved(_) | WindowEvent::Resized(_) => changed.notify_one(),
        WindowEvent::CloseRequested { api, .. }
            if window.state::<Preferences>().close_to_tray() =>
        {
            api.prevent_close();
            or_log(window.hide());
        }
        // The app ends with its last window.
        WindowEvent::Destroyed => crate::elli_sign_in::close(window.app_handle()),
        WindowEvent::ThemeChanged(_) => {
            if let Some(window) = window.get_webview_window(LABEL) {
                or_log(set_background(&window));
            }
        }
        _ => {}
    }
}

/// Gives the window the chosen theme, else the system's, and the background that belongs to it.
fn paint(window: &WebviewWindow, preferences: &Preferences) -> tauri::Result<()> {
    window.set_theme(preferences.theme())?;
    set_background(window)
}

fn set_background(window: &WebviewWindow) -> tauri::Result<()> {
    window.set_background_color(Some(match window.theme()? {
        Theme::Dark => DARK,
        _ => LIGHT,
    }))
}

/// A window that does not obey is no reason to stop recording.
fn or_log(result: tauri::Result<()>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the window did not do as it was told");
    }
}
