//! From the authorization URL to tokens.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use elli::{Client, Config, Error, ExchangeError, InvalidCallback, SignIn};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::fake::{self, Fake};

fn parameters(sign_in: &SignIn) -> HashMap<String, String> {
    sign_in.url().query_pairs().into_owned().collect()
}

fn callback(sign_in: &SignIn) -> String {
    let state = &parameters(sign_in)["state"];
    format!(
        "{}?code=the-code&state={state}",
        Config::default().redirect_uri
    )
}

#[test]
fn the_url_asks_elli_for_what_its_app_asks_for() {
    let client = Client::new(Config::default()).unwrap();
    let sign_in = client.sign_in().unwrap();
    assert!(sign_in.url().as_str().starts_with(
        "https://login.elli.eco/authorize?client_id=vFGCyS5GUbctkPk1FfcNH6TrDtyfUCwX&"
    ));
    let mut given = parameters(&sign_in);
    assert_eq!(given.remove("state").unwrap().len(), 43);
    assert_eq!(given.remove("code_challenge").unwrap().len(), 43);
    let expected = [
        ("client_id", "vFGCyS5GUbctkPk1FfcNH6TrDtyfUCwX"),
        ("code_challenge_method", "S256"),
        ("audience", "https://api.elli.eco/"),
        (
            "redirect_uri",
            "com.elli.ios.emsp://login.elli.eco/ios/com.elli.ios.emsp/callback",
        ),
        ("scope", "offline_access openid profile"),
        ("response_type", "code"),
        ("prompt", "login"),
        ("connection_scope", "openid profile"),
        ("ui_locales", "de"),
    ];
    assert_eq!(
        given,
        expected
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into_iter()
            .collect()
    );
}

#[test]
fn everything_can_be_configured() {
    let client = Client::new(Config {
        client_id: "own".to_owned(),
        redirect_uri: "own://cb".to_owned(),
        audience: "https://own/".to_owned(),
        scope: "openid".to_owned(),
        ui_locales: "en".to_owned(),
        ..Config::at("http://127.0.0.1:1/elli/")
    })
    .unwrap();
    let sign_in = client.sign_in().unwrap();
    let given = parameters(&sign_in);
    assert_eq!(sign_in.url().path(), "/elli/authorize");
    for (name, value) in [
        ("client_id", "own"),
        ("redirect_uri", "own://cb"),
        ("audience", "https://own/"),
        ("scope", "openid"),
        ("ui_locales", "en"),
    ] {
        assert_eq!(given[name], value);
    }
    let state = &given["state"];
    assert!(
        sign_in
            .accept(&format!("own://cb?code=c&state={state}"))
            .is_ok()
    );
}

#[tokio::test]
async fn a_code_becomes_tokens() {
    let fake = Fake::saying(
        200,
        &json!({
            "access_token": "a", "refresh_token": "r", "token_type": "Bearer",
            "id_token": format!("x.{}.y", URL_SAFE_NO_PAD.encode(r#"{"sub":"auth0|max"}"#)),
            "expires_in": 3600, "scope": "openid", "new": {},
        }),
    )
    .await;
    let client = fake.client();
    let sign_in = client.sign_in().unwrap();
    let code = sign_in.accept(&callback(&sign_in)).unwrap();
    let tokens = client.exchange(code).await.unwrap();
    assert_eq!(tokens.access_token.expose(), "a");
    assert_eq!(tokens.refresh_token.as_ref().unwrap().expose(), "r");
    assert_eq!(tokens.expires_in.unwrap().as_secs(), 3600);
    assert_eq!(tokens.subject().as_deref(), Some("auth0|max"));

    let asked = fake.last();
    assert_eq!((&*asked.method, &*asked.path), ("POST", "/oauth/token"));
    assert_eq!(asked.header("authorization"), None);
    let verifier = asked.body["code_verifier"].as_str().unwrap();
    assert_eq!(
        asked.body,
        json!({
            "grant_type": "authorization_code",
            "client_id": Config::default().client_id,
            "code": "the-code",
            "redirect_uri": Config::default().redirect_uri,
            "code_verifier": verifier,
        })
    );
    assert_eq!(
        parameters(&sign_in)["code_challenge"],
        URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
    );
}

#[test]
fn the_answer_to_another_sign_in_is_not_accepted_and_ends_nothing() {
    let client = Client::new(Config::default()).unwrap();
    let (one, other) = (client.sign_in().unwrap(), client.sign_in().unwrap());
    assert_eq!(
        one.accept(&callback(&other)).unwrap_err(),
        InvalidCallback::OtherSignIn
    );
    assert!(one.accept(&callback(&one)).is_ok());
}

#[tokio::test]
async fn a_code_that_is_used_up_is_told_from_a_failing_server() {
    for (reply, expected) in [
        (
            (
                403,
                json!({ "error": "invalid_grant", "error_description": "secret" }),
            ),
            Ok(()),
        ),
        (
            (401, json!({ "error": "invalid_client" })),
            Err((Some(401), "refused")),
        ),
        (
            (503, json!({ "error": "temporarily_unavailable" })),
            Err((Some(503), "unavailable")),
        ),
        (
            (200, json!({ "token_type": "Bearer" })),
            Err((None, "unexpected_shape")),
        ),
        (
            (200, json!({ "access_token": "" })),
            Err((None, "unexpected_shape")),
        ),
    ] {
        let fake = Fake::saying(reply.0, &reply.1).await;
        let client = fake.client();
        let sign_in = client.sign_in().unwrap();
        let code = sign_in.accept(&callback(&sign_in)).unwrap();
        let error = client.exchange(code).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
        let found = match error {
            ExchangeError::CodeRefused => Ok(()),
            ExchangeError::Failed(error) => Err((error.status(), error.code())),
        };
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_page_instead_of_tokens_is_an_error_without_its_text() {
    let fake = Fake::start(|_| fake::page(200)).await;
    let client = fake.client();
    let sign_in = client.sign_in().unwrap();
    let code = sign_in.accept(&callback(&sign_in)).unwrap();
    assert_eq!(
        client.exchange(code).await.unwrap_err(),
        ExchangeError::Failed(Error::UnexpectedContent {
            expected: "JSON",
            content_type: Some("text/html".into()),
        })
    );
}

#[test]
fn nothing_secret_is_shown() {
    let client = Client::new(Config::default()).unwrap();
    let sign_in = client.sign_in().unwrap();
    let state = &parameters(&sign_in)["state"];
    let code = sign_in.accept(&callback(&sign_in)).unwrap();
    let shown = format!("{client:?} {sign_in:?} {code:?}");
    assert!(
        !shown.contains(state) && !shown.contains("the-code"),
        "{shown}"
    );
    assert!(shown.contains("AuthorizationCode { code: Passing(…), verifier: Passing(…) }"));
}
