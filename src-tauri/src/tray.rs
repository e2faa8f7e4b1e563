//! The icon in the tray: what is going on in a few words, a way back to the window, a way out.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{App, AppHandle, Manager as _, Wry};

use crate::desktop;
use crate::door::Door;
use crate::preferences::Language;

/// A tooltip is read, not watched.
const PACE: Duration = Duration::from_secs(2);

const OPEN: &str = "open";
const QUIT: &str = "quit";

/// The tray icon. Cheap to clone.
#[derive(Clone)]
pub struct Tray {
    icon: TrayIcon,
    /// The state once more, as a line of the menu: many Linux desktops show no tooltips.
    state: MenuItem<Wry>,
    open: MenuItem<Wry>,
    quit: MenuItem<Wry>,
    shown: std::sync::Arc<Mutex<Shown>>,
}

struct Shown {
    language: Language,
    activity: Activity,
}

/// What is going on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Activity {
    /// Nothing is known yet.
    Starting,
    /// The database cannot be opened; the window says why.
    Failed,
    /// No box is connected at all.
    Empty,
    /// A box cannot be reached or is silent.
    Unreachable,
    /// Cars charge with so many watts.
    Charging(f64),
    /// No car charges.
    Idle,
}

impl Tray {
    /// Puts the icon into the tray.
    pub fn new(app: &App, language: Language) -> tauri::Result<Self> {
        let activity = Activity::Starting;
        let state = MenuItem::new(app, activity.in_words(language), false, None::<&str>)?;
        let open = MenuItem::with_id(app, OPEN, open_word(language), true, None::<&str>)?;
        let quit = MenuItem::with_id(app, QUIT, quit_word(language), true, None::<&str>)?;
        let separator = PredefinedMenuItem::separator(app)?;
        let menu = Menu::with_items(app, &[&state, &separator, &open, &quit])?;
        let mut icon = TrayIconBuilder::with_id("ladebuch")
            .menu(&menu)
            .show_menu_on_left_click(false)
            .tooltip(tooltip(activity, language))
            .on_menu_event(on_menu_event)
            .on_tray_icon_event(|icon, event| {
                if let TrayIconEvent::Click {
                    button: MouseButton::Left,
                    ..
                } = event
                {
                    desktop::show(icon.app_handle());
                }
            });
        if let Some(picture) = app.default_window_icon() {
            icon = icon.icon(picture.clone());
        }
        let shown = Mutex::new(Shown { language, activity }).into();
        Ok(Self {
            icon: icon.build(app)?,
            state,
            open,
            quit,
            shown,
        })
    }

    /// Says what is going on, for as long as the app runs.
    pub async fn follow(self, app: AppHandle) {
        let mut tick = tokio::time::interval(PACE);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tick.tick().await;
            let activity = activity(&app.state::<Door>()).await;
            self.change(|shown| shown.activity = activity);
        }
    }

    /// Speaks that language from now on.
    pub fn speak(&self, language: Language) {
        self.change(|shown| shown.language = language);
    }

    fn change(&self, change: impl FnOnce(&mut Shown)) {
        let (activity, language) = {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            let before = (shown.activity, shown.language);
            change(&mut shown);
            if before == (shown.activity, shown.language) {
                return;
            }
            (shown.activity, shown.language)
        };
        let all = [
            self.icon.set_tooltip(Some(tooltip(activity, language))),
            self.state.set_text(activity.in_words(language)),
            self.open.set_text(open_word(language)),
            self.quit.set_text(quit_word(language)),
        ];
        if let Some(error) = all.into_iter().find_map(Result::err) {
            tracing::warn!(%error, "the tray did not do as it was told");
        }
    }
}

fn on_menu_event(app: &AppHandle, event: MenuEvent) {
    match event.id().as_ref() {
        OPEN => desktop::show(app),
        QUIT => app.exit(0),
        _ => {}
    }
}

/// The part of the live view that the tray tells.
#[derive(Deserialize)]
struct Live {
    house: House,
    sources: Vec<Source>,
}

#[derive(Deserialize)]
struct House {
    outputs: Vec<Flow>,
}

#[derive(Deserialize)]
struct Flow {
    role: String,
    power_w: f64,
    stale: bool,
}

#[derive(Deserialize)]
struct Source {
    state: String,
}

/// Why there is no live view.
#[derive(Deserialize)]
struct Problem {
    code: String,
}

/// Asks the API like everybody else.
async fn activity(door: &Door) -> Activity {
    let mut request = http::Request::new(Bytes::new());
    *request.uri_mut() = http::Uri::from_static("/api/v1/live");
    let answer = door.app().in_process(request).await;
    Activity::told_by(answer.body())
}

impl Activity {
    /// Until the database is open there is a problem instead of a live view.
    fn told_by(answer: &[u8]) -> Self {
        if let Ok(live) = serde_json::from_slice(answer) {
            return Self::of(&live);
        }
        match serde_json::from_slice::<Problem>(answer) {
            Ok(problem) if problem.code == "start_failed" => Self::Failed,
            _ => Self::Starting,
        }
    }

    fn of(live: &Live) -> Self {
        if live.sources.is_empty() {
            return Self::Empty;
        }
        let charge_points = live
            .house
            .outputs
            .iter()
            .filter(|flow| flow.role == "charge_point");
        let silent = |source: &Source| source.state == "offline" || source.state == "stale";
        if live.sources.iter().any(silent) || charge_points.clone().any(|flow| flow.stale) {
            return Self::Unreachable;
        }
        let watts: f64 = charge_points.map(|flow| flow.power_w).sum();
        // Below that a wallbox supplies itself, not a car.
        if watts >= 100.0 {
            Self::Charging((watts / 100.0).round() * 100.0)
        } else {
            Self::Idle
        }
    }

    fn in_words(self, language: Language) -> String {
        let german = language == Language::German;
        match self {
            Self::Starting if german => "Ladebuch startet".to_owned(),
            Self::Starting => "Ladebuch is starting".to_owned(),
            Self::Failed if german => "Ladebuch konnte nicht starten".to_owned(),
            Self::Failed => "Ladebuch could not start".to_owned(),
            Self::Empty if german => "Noch nichts verbunden".to_owned(),
            Self::Empty => "Nothing connected yet".to_owned(),
            Self::Unreachable if german => "Verbindung gestört".to_owned(),
            Self::Unreachable => "Connection lost".to_owned(),
            Self::Charging(watts) if german => {
                format!("Lädt mit {:.1} kW", watts / 1000.0).replace('.', ",")
            }
            Self::Charging(watts) => format!("Charging at {:.1} kW", watts / 1000.0),
            Self::Idle if german => "Kein Auto lädt".to_owned(),
            Self::Idle => "No car is charging".to_owned(),
        }
    }
}

fn tooltip(activity: Activity, language: Language) -> String {
    match activity {
        Activity::Starting | Activity::Failed => activity.in_words(language),
        _ => format!("Ladebuch · {}", activity.in_words(language)),
    }
}

fn open_word(language: Language) -> &'static str {
    match language {
        Language::German => "Öffnen",
        Language::English => "Open",
    }
}

fn quit_word(language: Language) -> &'static str {
    match language {
        Language::German => "Beenden",
        Language::English => "Quit",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(json: serde_json::Value) -> Live {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn charging_power_of_all_charge_points_is_told_in_the_persons_notation() {
        let live = live(serde_json::json!({
            "house": { "outputs": [
                { "role": "home", "power_w": 500.0, "stale": false },
                { "role": "charge_point", "power_w": 7_360.0, "stale": false },
                { "role": "charge_point", "power_w": 3_640.0, "stale": false },
            ] },
            "sources": [{ "state": "live" }],
        }));
        let activity = Activity::of(&live);
        assert_eq!(
            tooltip(activity, Language::German),
            "Ladebuch · Lädt mit 11,0 kW"
        );
        assert_eq!(
            tooltip(activity, Language::English),
            "Ladebuch · Charging at 11.0 kW"
        );
    }

    #[test]
    fn a_lost_box_is_told_instead_of_its_last_power() {
        let live = live(serde_json::json!({
            "house": { "outputs": [{ "role": "charge_point", "power_w": 7_360.0, "stale": false }] },
            "sources": [{ "state": "live" }, { "state": "stale" }],
        }));
        assert_eq!(Activity::of(&live), Activity::Unreachable);
    }

    #[test]
    fn a_wallbox_that_supplies_itself_does_not_charge() {
        let live = live(serde_json::json!({
            "house": { "outputs": [{ "role": "charge_point", "power_w": 12.0, "stale": false }] },
            "sources": [{ "state": "live" }],
        }));
        assert_eq!(Activity::of(&live), Activity::Idle);
    }

    #[test]
    fn a_charge_point_whose_values_are_old_is_not_said_to_charge() {
        let live = live(serde_json::json!({
            "house": { "outputs": [{ "role": "charge_point", "power_w": 7_360.0, "stale": true }] },
            "sources": [{ "state": "live" }],
        }));
        assert_eq!(Activity::of(&live), Activity::Unreachable);
    }

    #[test]
    fn a_failed_start_is_not_a_start_that_takes_long() {
        let problem = |code| serde_json::json!({ "title": "No", "code": code }).to_string();
        assert_eq!(
            Activity::told_by(problem("start_failed").as_bytes()),
            Activity::Failed
        );
        assert_eq!(
            Activity::told_by(problem("starting").as_bytes()),
            Activity::Starting
        );
        assert_eq!(Activity::told_by(b""), Activity::Starting);
    }
}
