//! The pages people see.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// Why a page is shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Complaint {
    Password,
    Challenge,
}

/// A login page.
#[derive(Debug)]
pub(super) struct Form<'a> {
    pub(super) state: &'a str,
    pub(super) german: bool,
    pub(super) turnstile: bool,
    /// What was typed before.
    pub(super) username: &'a str,
    pub(super) complaint: Option<Complaint>,
}

const STYLE: &str = "\
body{margin:0;min-height:100vh;display:grid;place-items:center;font:16px/1.5 system-ui,sans-serif;\
background:#eef1f4;color:#14202b}\
main{box-sizing:border-box;width:min(24rem,100vw);padding:2rem;background:#fff;border-radius:.75rem}\
h1{margin:0 0 .25rem;font-size:1.4rem}p{margin:0 0 1rem}label{display:block;margin:.75rem 0 .25rem}\
input[type=text],input[type=password]{box-sizing:border-box;width:100%;padding:.6rem;font:inherit;\
border:1px solid #7a8794;border-radius:.4rem}\
button{width:100%;margin-top:1.25rem;padding:.7rem;font:inherit;border:0;border-radius:.4rem;\
background:#0b5c4b;color:#fff;cursor:pointer}\
[role=alert]{padding:.6rem;border-radius:.4rem;background:#fde8e6;color:#8a1c12}";

/// What a person does to show that they are one. Like the real widget it needs a script.
const CHALLENGE: &str = "\
<script>document.getElementById('human').addEventListener('change',async(event)=>{\
const box=event.target;if(!box.checked)return;\
const answer=await fetch('/u/challenge?state='+encodeURIComponent(box.form.elements.state.value),\
{method:'POST'});\
if(answer.ok){box.form.elements.captcha.value=(await answer.json()).token;box.disabled=true}\
else{box.checked=false}});</script>";

/// The login page; 400 when there is something to complain about.
pub(super) fn login(form: &Form<'_>) -> Response {
    let say = |german, english| if form.german { german } else { english };
    let complaint = match form.complaint {
        None => String::new(),
        Some(complaint) => {
            let text = match complaint {
                Complaint::Password => say(
                    "E-Mail-Adresse oder Passwort ist falsch.",
                    "Wrong email address or password.",
                ),
                Complaint::Challenge => say(
                    "Bitte bestätige, dass du ein Mensch bist.",
                    "Please confirm that you are human.",
                ),
            };
            format!("<p role=\"alert\" id=\"error\">{text}</p>")
        }
    };
    let challenge = if form.turnstile {
        format!(
            "<input type=\"hidden\" name=\"captcha\" value=\"\">\
             <label><input type=\"checkbox\" id=\"human\"> {}</label>{CHALLENGE}",
            say("Ich bin ein Mensch", "I am human")
        )
    } else {
        String::new()
    };
    let body = format!(
        "<h1>{}</h1><p>{}</p>{complaint}\
         <form method=\"post\" action=\"/u/login?state={state}\">\
         <input type=\"hidden\" name=\"state\" value=\"{state}\">\
         <label for=\"username\">{}</label>\
         <input type=\"text\" id=\"username\" name=\"username\" inputmode=\"email\" \
         autocomplete=\"username\" autocapitalize=\"none\" value=\"{}\" required autofocus>\
         <label for=\"password\">{}</label>\
         <input type=\"password\" id=\"password\" name=\"password\" \
         autocomplete=\"current-password\" required>{challenge}\
         <button type=\"submit\" name=\"action\" value=\"default\">{}</button></form>",
        say("Anmelden", "Log in"),
        say("Elli-Konto (simuliert)", "Elli account (simulated)"),
        say("E-Mail-Adresse", "Email address"),
        escape(form.username),
        say("Passwort", "Password"),
        say("Weiter", "Continue"),
        state = escape(form.state),
    );
    let status = match form.complaint {
        None => StatusCode::OK,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    html(status, form.german, &body)
}

/// Something the client did wrong, told to the person in front.
pub(super) fn error(status: StatusCode, text: &str, german: bool) -> Response {
    let title = if german {
        "Etwas ist schiefgelaufen"
    } else {
        "Something went wrong"
    };
    let body = format!("<h1>{title}</h1><p>{}</p>", escape(text));
    html(status, german, &body)
}

fn html(status: StatusCode, german: bool, body: &str) -> Response {
    let language = if german { "de" } else { "en" };
    let page = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>Elli</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    );
    (
        status,
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::X_FRAME_OPTIONS, "deny"),
        ],
        page,
    )
        .into_response()
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
