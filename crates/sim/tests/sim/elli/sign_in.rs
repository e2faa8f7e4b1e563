//! The pages of the sign-in.

use ladebuch_sim::elli::Fault;
use ladebuch_sim::{ElliCloud, ElliConfig};
use reqwest::StatusCode;
use serde_json::Value;

use super::{Browser, cloud, location, new_home, said, wishes, with, without};

#[tokio::test]
async fn a_right_password_leads_to_the_callback() {
    let elli = cloud(new_home()).await;
    let callback = Browser::at(&elli).sign_in().await;
    assert!(
        callback
            .as_str()
            .starts_with("com.elli.ios.emsp://login.elli.eco/ios/com.elli.ios.emsp/callback?")
    );
    assert_eq!(said(&callback, "state").unwrap(), "the-app's own=state");
    assert_eq!(said(&callback, "code").unwrap().len(), 43);
    elli.stop().await;
}

#[tokio::test]
async fn a_wrong_password_shows_the_page_again() {
    let elli = cloud(new_home()).await;
    let mut browser = Browser::at(&elli);
    let page = location(&browser.authorize(&wishes()).await);
    let first = browser.get(&page).await;
    assert_eq!(first.status(), StatusCode::OK);
    let first = first.text().await.unwrap();
    assert!(first.contains("<html lang=\"de\">") && first.contains("Passwort"));
    assert!(!first.contains("role=\"alert\"") && !first.contains("captcha"));
    let again = browser.log_in(&page, "wrong \"horse\"", &[]).await;
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
    let again = again.text().await.unwrap();
    assert!(again.contains("role=\"alert\"") && again.contains("value=\"demo@example.com\""));
    assert!(!again.contains("wrong"));
    // The page is still good.
    location(&browser.log_in(&page, "correct horse", &[]).await);
    elli.stop().await;
}

#[tokio::test]
async fn who_cannot_be_trusted_is_not_redirected() {
    let elli = cloud(new_home()).await;
    let mut browser = Browser::at(&elli);
    for (wishes, status) in [
        (without("client_id"), StatusCode::BAD_REQUEST),
        (with("client_id", "somebody"), StatusCode::FORBIDDEN),
        (without("redirect_uri"), StatusCode::FORBIDDEN),
        (
            with("redirect_uri", "http://127.0.0.1:8080/callback"),
            StatusCode::FORBIDDEN,
        ),
    ] {
        let response = browser.authorize(&wishes).await;
        assert_eq!(response.status(), status);
        assert!(response.headers().get("Location").is_none());
        assert!(response.text().await.unwrap().contains("lang=\"de\""));
    }
    elli.stop().await;
}

#[tokio::test]
async fn what_the_client_did_wrong_goes_back_to_it() {
    let elli = cloud(new_home()).await;
    let mut browser = Browser::at(&elli);
    for (wishes, error) in [
        (without("response_type"), "invalid_request"),
        (with("response_type", "token"), "unsupported_response_type"),
        (without("code_challenge"), "invalid_request"),
        (with("code_challenge_method", "plain"), "invalid_request"),
        (with("audience", "https://api.elli.eco"), "access_denied"),
        (with("prompt", "none"), "login_required"),
    ] {
        let callback = location(&browser.authorize(&wishes).await);
        let callback = callback.parse().unwrap();
        assert_eq!(said(&callback, "error").as_deref(), Some(error));
        assert!(said(&callback, "error_description").is_some());
        assert_eq!(said(&callback, "state").unwrap(), "the-app's own=state");
        assert_eq!(said(&callback, "code"), None);
    }
    elli.stop().await;
}

#[tokio::test]
async fn a_page_belongs_to_its_browser_and_works_once() {
    let elli = cloud(new_home()).await;
    let mut browser = Browser::at(&elli);
    let page = location(&browser.authorize(&wishes()).await);
    let mut other = Browser::at(&elli);
    let stolen = other.log_in(&page, "correct horse", &[]).await;
    assert_eq!(stolen.status(), StatusCode::BAD_REQUEST);
    // Resuming before the password is known leads nowhere.
    let early = page.replace("/u/login", "/authorize/resume");
    assert_eq!(browser.get(&early).await.status(), StatusCode::BAD_REQUEST);
    let resume = location(&browser.log_in(&page, "correct horse", &[]).await);
    location(&browser.get(&resume).await);
    assert_eq!(browser.get(&resume).await.status(), StatusCode::BAD_REQUEST);
    elli.stop().await;
}

#[tokio::test]
async fn who_is_signed_in_is_not_asked_again_unless_the_client_wants_it() {
    let elli = cloud(new_home()).await;
    let mut browser = Browser::at(&elli);
    browser.sign_in().await;
    let silent = location(&browser.authorize(&with("prompt", "none")).await);
    let callback = location(&browser.get(&silent).await).parse().unwrap();
    assert!(said(&callback, "code").is_some());
    let page = location(&browser.authorize(&wishes()).await);
    assert!(page.starts_with("/u/login"));
    elli.control().revoke_everything();
    let refused = location(&browser.authorize(&with("prompt", "none")).await);
    assert!(refused.contains("error=login_required"));
    elli.stop().await;
}

#[tokio::test]
async fn a_challenge_has_to_be_solved_in_the_page() {
    let elli = ElliCloud::start(ElliConfig {
        turnstile: true,
        ..ElliConfig::new(new_home())
    })
    .await
    .unwrap();
    let mut browser = Browser::at(&elli);
    let page = location(&browser.authorize(&wishes()).await);
    let shown = browser.get(&page).await.text().await.unwrap();
    assert!(shown.contains("name=\"captcha\""));
    for more in [&[][..], &[("captcha", "guessed")][..]] {
        let plain = browser.log_in(&page, "correct horse", more).await;
        assert_eq!(plain.status(), StatusCode::BAD_REQUEST);
    }
    let solved = browser
        .post(&page.replace("/u/login", "/u/challenge"), &[])
        .await;
    let solved: Value = solved.json().await.unwrap();
    let captcha = solved["token"].as_str().unwrap();
    // A wrong password uses the solution up, too.
    let wrong = browser
        .log_in(&page, "wrong", &[("captcha", captcha)])
        .await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    let spent = browser
        .log_in(&page, "correct horse", &[("captcha", captcha)])
        .await;
    assert_eq!(spent.status(), StatusCode::BAD_REQUEST);
    let solved = browser
        .post(&page.replace("/u/login", "/u/challenge"), &[])
        .await;
    let solved: Value = solved.json().await.unwrap();
    let captcha = solved["token"].as_str().unwrap();
    location(
        &browser
            .log_in(&page, "correct horse", &[("captcha", captcha)])
            .await,
    );
    elli.stop().await;
}

#[tokio::test]
async fn a_refusal_comes_back_with_the_state() {
    let elli = cloud(new_home()).await;
    elli.control().fail_once(Fault::AccessDenied);
    let callback = Browser::at(&elli).sign_in().await;
    assert_eq!(said(&callback, "error").unwrap(), "access_denied");
    assert_eq!(said(&callback, "state").unwrap(), "the-app's own=state");
    let callback = Browser::at(&elli).sign_in().await;
    assert!(said(&callback, "code").is_some());
    elli.stop().await;
}
