//! The token endpoint.

use chrono::TimeDelta;
use ladebuch_sim::elli::{CLIENT_ID, Fault};
use ladebuch_sim::{ElliCloud, ElliConfig};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    App, Browser, by_code, by_refresh, cloud, form, http, new_home, said, token, tokens, with,
};

async fn code(elli: &ladebuch_sim::ElliHandle) -> String {
    let callback = Browser::at(elli).sign_in().await;
    said(&callback, "code").unwrap()
}

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

#[tokio::test]
async fn a_code_buys_tokens_once() {
    let elli = cloud(new_home()).await;
    let code = code(&elli).await;
    let (status, tokens) = token(&elli, &by_code(&code)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], "offline_access openid profile");
    for jwt in ["access_token", "id_token"] {
        assert_eq!(tokens[jwt].as_str().unwrap().split('.').count(), 3);
    }
    let (status, again) = token(&elli, &by_code(&code)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(again["error"], "invalid_grant");
    elli.stop().await;
}

#[tokio::test]
async fn codes_age_and_belong_to_their_verifier_and_callback() {
    let elli = cloud(new_home()).await;
    for (name, value, error) in [
        ("code_verifier", "another", "invalid_grant"),
        (
            "redirect_uri",
            "com.elli.ios.emsp://x/",
            "unauthorized_client",
        ),
        ("code", "guessed", "invalid_grant"),
    ] {
        let mut body = by_code(&code(&elli).await);
        body[name] = value.into();
        let (status, answer) = token(&elli, &body).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(answer["error"], error);
        assert!(answer["error_description"].is_string());
    }
    let old = code(&elli).await;
    elli.control().advance(TimeDelta::minutes(5)).await.unwrap();
    let (status, answer) = token(&elli, &by_code(&old)).await;
    assert_eq!(
        (status, &answer["error"]),
        (StatusCode::FORBIDDEN, &json!("invalid_grant"))
    );
    elli.stop().await;
}

#[tokio::test]
async fn requests_that_make_no_sense_are_told_so() {
    let elli = cloud(new_home()).await;
    let mut stranger = by_refresh("x");
    stranger["client_id"] = "somebody".into();
    for (body, status, error) in [
        (stranger, 401, "access_denied"),
        (json!({"client_id": CLIENT_ID}), 400, "invalid_request"),
        (
            json!({"grant_type": "refresh_token"}),
            400,
            "invalid_request",
        ),
        (
            json!({"grant_type": "refresh_token", "client_id": CLIENT_ID}),
            400,
            "invalid_request",
        ),
        (
            json!({"grant_type": "authorization_code", "client_id": CLIENT_ID, "code": "x"}),
            400,
            "invalid_request",
        ),
        (
            json!({"grant_type": "password", "client_id": CLIENT_ID}),
            400,
            "unsupported_grant_type",
        ),
        (json!([]), 400, "invalid_request"),
        (by_refresh("unknown"), 403, "invalid_grant"),
    ] {
        let (answered, answer) = token(&elli, &body).await;
        assert_eq!(
            (answered.as_u16(), &answer["error"]),
            (status, &json!(error)),
            "{body}"
        );
    }
    elli.stop().await;
}

#[tokio::test]
async fn forms_are_as_good_as_json() {
    let elli = cloud(new_home()).await;
    let first = tokens(&elli).await;
    let body = form(&[
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("refresh_token", refresh_token(&first)),
    ]);
    let response = http()
        .post(format!("{}/oauth/token", elli.base_url()))
        .header(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    elli.stop().await;
}

#[tokio::test]
async fn rotation_and_the_end_of_a_family() {
    let elli = cloud(new_home()).await;
    let (mine, other) = (tokens(&elli).await, tokens(&elli).await);
    let (_, second) = token(&elli, &by_refresh(refresh_token(&mine))).await;
    assert_ne!(refresh_token(&mine), refresh_token(&second));
    assert_ne!(mine["access_token"], second["access_token"]);
    let (status, reused) = token(&elli, &by_refresh(refresh_token(&mine))).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(
        reused,
        json!({"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."})
    );
    let (status, _) = token(&elli, &by_refresh(refresh_token(&second))).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = token(&elli, &by_refresh(refresh_token(&other))).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(elli.control().signed_in(), 1);
    elli.stop().await;
}

#[tokio::test]
async fn leeway_forgives_a_lost_answer() {
    let elli = ElliCloud::start(ElliConfig {
        rotation_leeway: TimeDelta::seconds(30),
        ..ElliConfig::new(new_home())
    })
    .await
    .unwrap();
    let first = tokens(&elli).await;
    elli.control().fail_once(Fault::LostRefreshAnswer);
    let lost = http()
        .post(format!("{}/oauth/token", elli.base_url()))
        .json(&by_refresh(refresh_token(&first)))
        .send()
        .await;
    let lost = match lost {
        Ok(response) => response.bytes().await.map(drop),
        Err(error) => Err(error),
    };
    assert!(lost.is_err());
    let (status, _) = token(&elli, &by_refresh(refresh_token(&first))).await;
    assert_eq!(status, StatusCode::OK);
    elli.control()
        .advance(TimeDelta::seconds(30))
        .await
        .unwrap();
    let (status, _) = token(&elli, &by_refresh(refresh_token(&first))).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    elli.stop().await;
}

#[tokio::test]
async fn access_tokens_end_by_the_simulations_clock() {
    let elli = cloud(new_home()).await;
    let mut app = App::of(&elli).await;
    let path = "/customer/v1/rfidcards";
    let control = elli.control();
    control.advance(TimeDelta::minutes(59)).await.unwrap();
    assert_eq!(app.ask(path).await.0, StatusCode::OK);
    control.advance(TimeDelta::minutes(1)).await.unwrap();
    let response = app.response(path).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()["WWW-Authenticate"], "Bearer");
    app.renew(&elli).await;
    app.get(path).await;
    control.expire_access_tokens();
    assert_eq!(app.ask(path).await.0, StatusCode::UNAUTHORIZED);
    elli.stop().await;
}

#[tokio::test]
async fn what_was_not_asked_for_is_not_given() {
    let elli = cloud(new_home()).await;
    let mut browser = Browser::at(&elli);
    let page = super::location(&browser.authorize(&with("scope", "profile")).await);
    let resume = super::location(&browser.log_in(&page, "correct horse", &[]).await);
    let callback = super::location(&browser.get(&resume).await)
        .parse()
        .unwrap();
    let (_, tokens) = token(&elli, &by_code(&said(&callback, "code").unwrap())).await;
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    elli.stop().await;
}

#[tokio::test]
async fn signing_out_ends_the_family_and_never_complains() {
    let elli = cloud(new_home()).await;
    let first = tokens(&elli).await;
    for token in [refresh_token(&first), "unknown"] {
        let response = http()
            .post(format!("{}/oauth/revoke", elli.base_url()))
            .json(&json!({"client_id": CLIENT_ID, "token": token}))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
    let (status, _) = token(&elli, &by_refresh(refresh_token(&first))).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    elli.stop().await;
}

#[tokio::test]
async fn the_endpoint_can_be_out_of_order() {
    let elli = cloud(new_home()).await;
    let control = elli.control();
    let first = tokens(&elli).await;
    let body = by_refresh(refresh_token(&first));
    control.fail_once(Fault::TokenUnavailable);
    let response = http()
        .post(format!("{}/oauth/token", elli.base_url()))
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.text().await.unwrap().starts_with("<html>"));
    control.fail_once(Fault::TokenRateLimit);
    assert_eq!(token(&elli, &body).await.0, StatusCode::TOO_MANY_REQUESTS);
    control.set_fault(Fault::NoRotation, true);
    for _ in 0..2 {
        let (status, tokens) = token(&elli, &body).await;
        assert_eq!(status, StatusCode::OK);
        assert!(tokens.get("refresh_token").is_none());
    }
    control.clear_faults();
    control.set_fault(Fault::RevokedRefreshToken, true);
    assert_eq!(token(&elli, &body).await.0, StatusCode::FORBIDDEN);
    assert_eq!(control.signed_in(), 0);
    assert_eq!(control.asked().token, 6);
    elli.stop().await;
}
