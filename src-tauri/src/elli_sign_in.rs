//! The window in which a person signs in with Elli.
//!
//! The page is Elli's own, so its window is given nothing: no capability names it, which refuses
//! whatever its page asks of this app; it has a profile of its own that is gone with it; and it goes
//! nowhere but to encrypted pages. The title begins with the host of the page that is shown, because
//! there is no address bar. The sign-in ends with a navigation to an address that only apps know.
//! That one is caught and handed to whoever asked; it holds a code, so nobody logs it.
#![allow(
    clippy::let_underscore_must_use,
    reason = "Tauri's command macro expands to it for commands that can fail"
)]

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Serialize, Serializer};
use tauri::webview::{NewWindowResponse, WebviewWindow, WebviewWindowBuilder};
use tauri::{AppHandle, Manager as _, State, Url, WebviewUrl, WindowEvent};
use tokio::sync::{Mutex, watch};

/// Its label; no capability may name it.
const LABEL: &str = "elli-sign-in";

/// Whose turn it is: there is one window at a time, and it belongs to who asked last.
#[derive(Default)]
pub struct SignIns {
    asked: AtomicU64,
    turn: Mutex<()>,
}

/// Shows the sign-in page at `url` in a window of its own. `title` says what the window is for.
///
/// Resolves to the address at which the sign-in ends, with all of its parameters and unchecked, or
/// to `None` when the window was closed before, by the person or because another sign-in began.
#[tauri::command]
pub async fn elli_sign_in(
    app: AppHandle,
    sign_ins: State<'_, SignIns>,
    url: String,
    title: String,
) -> Result<Option<String>, SignInError> {
    let way = Way::of(&url)?;
    let own = sign_ins.asked.fetch_add(1, Ordering::SeqCst) + 1;
    let overtaken = || sign_ins.asked.load(Ordering::SeqCst) != own;
    close(&app);
    let _turn = sign_ins.turn.lock().await;
    if overtaken() {
        return Ok(None);
    }
    let (tell, mut told) = watch::channel(Seen::default());
    let window = open(&app, way, title, tell)?;
    // Whoever asked while the window was not there yet could not close it.
    if !overtaken() {
        // An error means that the window took its side of the channel along.
        told.wait_for(|seen| seen.gone || seen.end.is_some())
            .await
            .ok();
    }
    or_log(window.destroy());
    told.wait_for(|seen| seen.gone).await.ok();
    Ok(told.borrow().end.clone())
}

/// Closes the window if it is open; whoever waits for it is told so.
pub fn close(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        or_log(window.destroy());
    }
}

/// What became of the window.
#[derive(Default)]
struct Seen {
    end: Option<String>,
    gone: bool,
}

fn open(
    app: &AppHandle,
    way: Way,
    title: String,
    tell: watch::Sender<Seen>,
) -> tauri::Result<WebviewWindow> {
    let begin = way.begin.clone();
    let builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::External(begin.clone()))
        .title(titled(&begin, &title))
        .inner_size(480.0, 760.0)
        .incognito(true)
        .devtools(false)
        .on_navigation({
            let tell = tell.clone();
            move |to| match way.step(to) {
                Step::On => true,
                Step::End => {
                    tell.send_if_modified(|seen| {
                        let first = seen.end.is_none();
                        seen.end.get_or_insert_with(|| to.to_string());
                        first
                    });
                    false
                }
                Step::Astray => {
                    // Neither path nor parameters: who knows what they hold.
                    let host = to.host_str().unwrap_or_default();
                    tracing::warn!(
                        scheme = to.scheme(),
                        host,
                        "the sign-in page wanted to go where it may not"
                    );
                    false
                }
            }
        })
        .on_page_load(move |window, page| {
            or_log(window.set_title(&titled(page.url(), &title)));
        })
        .on_new_window({
            let app = app.clone();
            move |to, _| {
                if to.scheme() == "https" {
                    crate::window::open_outside(&app, &to);
                }
                NewWindowResponse::Deny
            }
        })
        .on_download(|_, _| false);
    #[cfg(desktop)]
    let builder = match app.get_webview_window(crate::window::LABEL) {
        Some(main) => builder
            .center()
            .min_inner_size(360.0, 480.0)
            .parent(&main)?,
        None => builder,
    };
    let window = builder.build()?;
    window.on_window_event(move |event| {
        if matches!(event, WindowEvent::Destroyed) {
            tell.send_modify(|seen| seen.gone = true);
        }
    });
    Ok(window)
}

/// The host first: it must not be pushed out of sight.
fn titled(page: &Url, title: &str) -> String {
    match (page.host_str(), page.port()) {
        (None, _) => title.to_owned(),
        (Some(host), None) => format!("{host} – {title}"),
        (Some(host), Some(port)) => format!("{host}:{port} – {title}"),
    }
}

/// Where a sign-in begins and where it ends.
struct Way {
    begin: Url,
    end: Url,
}

/// What a navigation means.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    On,
    End,
    Astray,
}

impl Way {
    /// Reads the address of a sign-in page; where it ends is its OAuth parameter `redirect_uri`.
    fn of(url: &str) -> Result<Self, SignInError> {
        let begin: Url = url.parse().map_err(|_| SignInError::Page)?;
        if !is_safe(&begin) {
            return Err(SignInError::Page);
        }
        let end = begin
            .query_pairs()
            .find_map(|(name, value)| (name == "redirect_uri").then(|| value.parse().ok())?)
            .filter(|end: &Url| end.has_host() && !matches!(end.scheme(), "http" | "https"))
            .ok_or(SignInError::End)?;
        Ok(Self { begin, end })
    }

    fn step(&self, to: &Url) -> Step {
        if is_same_place(to, &self.end) {
            Step::End
        } else if is_safe(to) || is_blank(to) {
            Step::On
        } else {
            Step::Astray
        }
    }
}

/// Whether two addresses differ in their parameters and fragments at most.
fn is_same_place(one: &Url, other: &Url) -> bool {
    let place = |url: &Url| {
        // Only of schemes it knows does `Url` make the host small.
        let host = url.host_str().map(str::to_ascii_lowercase);
        (host, url.port(), url.path().to_owned())
    };
    one.scheme() == other.scheme()
        && one.username().is_empty()
        && one.password().is_none()
        && place(one) == place(other)
}

/// Whether nobody on the way can read along: encrypted, or on this very machine.
fn is_safe(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => true,
        ("http", Some("localhost")) => true,
        ("http", Some(host)) => host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback()),
        _ => false,
    }
}

/// A frame that a page fills by itself; proofs of being a person are made of them.
fn is_blank(url: &Url) -> bool {
    url.scheme() == "about" && matches!(url.path(), "blank" | "srcdoc")
}

/// A window that does not obey is no reason to fail.
fn or_log(result: tauri::Result<()>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the sign-in window did not do as it was told");
    }
}

/// The sign-in page could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The address is neither encrypted nor on this machine.
    #[error("a sign-in page has an address with https")]
    Page,
    /// The address does not say where the sign-in ends, or it ends at a page.
    #[error("the address does not say to which app the sign-in leads")]
    End,
    /// There is no such window here.
    #[error("the window for the sign-in cannot be opened: {0}")]
    Window(#[from] tauri::Error),
}

impl Serialize for SignInError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://login.elli.eco/authorize?client_id=x&redirect_uri=\
                        com.elli.ios.emsp%3A%2F%2Flogin.elli.eco%2Fios%2Fcallback&state=s";

    fn step(to: &str) -> Step {
        Way::of(PAGE).unwrap().step(&to.parse().unwrap())
    }

    #[test]
    fn it_ends_at_the_address_for_the_app_whatever_its_parameters_say() {
        for end in [
            "com.elli.ios.emsp://login.elli.eco/ios/callback?code=c&state=s",
            "com.elli.ios.emsp://login.elli.eco/ios/callback?error=access_denied#x",
            "COM.elli.ios.emsp://Login.Elli.eco/ios/callback",
        ] {
            assert_eq!(step(end), Step::End, "{end}");
        }
    }

    #[test]
    fn it_goes_on_over_encrypted_pages_and_this_machine() {
        for page in [
            PAGE,
            "https://challenges.example/frame",
            "http://127.0.0.1:8801/u/login",
            "http://[::1]:8801/",
            "http://localhost/",
            "about:blank",
            "about:srcdoc",
        ] {
            assert_eq!(step(page), Step::On, "{page}");
        }
    }

    #[test]
    fn it_goes_nowhere_else() {
        for page in [
            "com.elli.ios.emsp://login.elli.eco/ios/other?code=c",
            "com.elli.ios.emsp://evil.example/ios/callback?code=c",
            "com.elli.ios.emsp://login.elli.eco:1/ios/callback",
            "com.elli.ios.emsp://u@login.elli.eco/ios/callback",
            "com.elli.ios.emsp.x://login.elli.eco/ios/callback",
            "http://login.elli.eco/",
            "http://localhost.example/",
            "http://tauri.localhost/",
            "http://192.0.2.7/",
            "tauri://localhost/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:config",
            "mailto:x@example.com",
        ] {
            assert_eq!(step(page), Step::Astray, "{page}");
        }
    }

    #[test]
    fn only_an_encrypted_page_that_leads_to_an_app_is_shown() {
        for page in [
            "",
            "elli",
            "http://login.elli.eco/",
            "file:///x",
            "about:blank",
        ] {
            assert!(matches!(Way::of(page), Err(SignInError::Page)), "{page}");
        }
        for page in [
            "https://login.elli.eco/authorize",
            "https://login.elli.eco/authorize?redirect_uri=nonsense",
            "https://login.elli.eco/authorize?redirect_uri=https%3A%2F%2Fevil.example%2F",
        ] {
            assert!(matches!(Way::of(page), Err(SignInError::End)), "{page}");
        }
    }

    #[test]
    fn the_title_begins_with_the_host() {
        let title = |page: &str| titled(&page.parse().unwrap(), "Sign in");
        assert_eq!(title(PAGE), "login.elli.eco – Sign in");
        assert_eq!(
            title("http://127.0.0.1:8801/u/login"),
            "127.0.0.1:8801 – Sign in"
        );
        assert_eq!(title("about:blank"), "Sign in");
    }
}
