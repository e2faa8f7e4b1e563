//! A simulated Elli, and a person who signs in there as in a browser.

use ladebuch_server::ElliCloud;
use ladebuch_sim::ElliHandle;
use reqwest::{Client, Response, redirect};
use serde_json::{Value, json};
use url::Url;

use crate::api::Api;

/// The account's name at the simulated Elli.
pub const USER: &str = "demo@example.com";
/// Its password.
pub const PASSWORD: &str = "correct horse";

/// Where Ladebuch finds the simulated Elli.
#[must_use]
pub fn cloud_at(elli: &ElliHandle) -> ElliCloud {
    ElliCloud::at(&elli.base_url())
}

/// Signs an account in through the API and Elli's pages; returns its source.
///
/// # Panics
/// If anybody refuses.
pub async fn sign_in(api: &Api) -> Value {
    let begun = api.post("/api/v1/elli/sign-in", &json!({})).await;
    let callback = callback_of(text(&begun, "url")).await;
    let path = format!("/api/v1/elli/sign-in/{}/callback", text(&begun, "id"));
    api.post(&path, &json!({ "callback": callback })).await
}

/// Walks through Elli's pages as a browser does, to the address at which it ends.
///
/// # Panics
/// If the pages are not as expected.
pub async fn callback_of(url: &str) -> String {
    let http = Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .expect("a client");
    let page = http.get(url).send().await.expect("the first page");
    let cookie = cookie(&page);
    let login = beside(url, &location(&page));
    let filled = http
        .post(login)
        .header("Cookie", &cookie)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form(&[
            ("username", USER),
            ("password", PASSWORD),
            ("action", "default"),
        ]))
        .send()
        .await
        .expect("an answer to the form");
    let resume = beside(url, &location(&filled));
    let last = http
        .get(resume)
        .header("Cookie", &cookie)
        .send()
        .await
        .expect("the last page");
    location(&last)
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).finish()
}

fn cookie(response: &Response) -> String {
    let set = response.headers()["Set-Cookie"].to_str().expect("a cookie");
    set.split(';').next().unwrap_or_default().to_owned()
}

fn location(response: &Response) -> String {
    let location = response.headers().get("Location");
    let location = location.unwrap_or_else(|| panic!("{} is no redirect", response.status()));
    location.to_str().expect("an address").to_owned()
}

fn beside(url: &str, path: &str) -> Url {
    let base = Url::parse(url).expect("an address");
    base.join(path).expect("an address")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} in {value:#}"))
}
