//! Refreshing and revoking.

use std::time::Duration;

use axum::http::StatusCode;
use elli::{Client, Config, Error, RefreshError, RefreshToken, Tokens};
use serde_json::json;
use tokio::net::TcpListener;

use crate::fake::{self, Fake, Reply};

async fn refresh(client: &Client) -> Result<Tokens, RefreshError> {
    client.refresh(&RefreshToken::new("refresh-1")).await
}

#[tokio::test]
async fn a_rotated_token_replaces_the_old_one() {
    let fake = Fake::saying(
        200,
        &json!({ "access_token": "a2", "refresh_token": "refresh-2", "expires_in": "86400" }),
    )
    .await;
    let tokens = refresh(&fake.client()).await.unwrap();
    assert_eq!(tokens.refresh_token.unwrap().expose(), "refresh-2");
    assert_eq!(tokens.expires_in, Some(Duration::from_secs(86400)));
    assert_eq!(
        fake.last().body,
        json!({
            "grant_type": "refresh_token",
            "client_id": Config::default().client_id,
            "refresh_token": "refresh-1",
        })
    );
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test]
async fn a_token_that_is_not_rotated_stays() {
    for answer in [
        json!({ "access_token": "a2" }),
        json!({ "access_token": "a2", "refresh_token": null, "expires_in": -1, "id_token": 5 }),
    ] {
        let fake = Fake::saying(200, &answer).await;
        let tokens = refresh(&fake.client()).await.unwrap();
        assert_eq!(tokens.refresh_token.as_ref().unwrap().expose(), "refresh-1");
        assert_eq!(tokens.expires_in, None);
        assert_eq!(tokens.subject(), None);
    }
}

#[tokio::test]
async fn invalid_grant_asks_for_a_new_sign_in_whatever_the_status_is() {
    for status in [400, 401, 403, 500] {
        let fake = Fake::saying(
            status,
            &json!({
                "error": "invalid_grant",
                "error_description": "Unknown or invalid refresh token.",
            }),
        )
        .await;
        assert_eq!(
            refresh(&fake.client()).await.unwrap_err(),
            RefreshError::ReauthenticationRequired
        );
    }
}

#[tokio::test]
async fn everything_else_that_is_answered_is_a_reason_to_try_again() {
    for (status, error) in [
        (400, "invalid_request"),
        (401, "invalid_client"),
        (403, "access_denied"),
        (404, "not_found"),
        (500, "server_error"),
        (503, "temporarily_unavailable"),
    ] {
        let fake = Fake::saying(status, &json!({ "error": error })).await;
        let Err(RefreshError::TryAgain(problem)) = refresh(&fake.client()).await else {
            panic!("{status}");
        };
        assert_eq!(problem.status(), Some(status));
        assert_ne!(problem, Error::Unauthorized);
        assert!(problem.to_string().contains(error), "{problem}");
    }
}

#[tokio::test]
async fn the_pause_elli_asks_for_is_told() {
    for status in [429, 503] {
        let fake = Fake::start(move |_| {
            let headers = [("retry-after", "120")];
            (StatusCode::from_u16(status).unwrap(), headers, "slow down").into()
        })
        .await;
        let error = refresh(&fake.client()).await.unwrap_err();
        assert!(matches!(error, RefreshError::TryAgain(_)));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(120)));
    }
}

#[tokio::test]
async fn a_lost_answer_is_told_from_a_request_that_was_never_sent() {
    let hanging = Fake::start(|_| Reply::Hang).await;
    assert_eq!(
        refresh(&hanging.impatient()).await.unwrap_err(),
        RefreshError::AnswerLost(Error::Timeout)
    );
    let page = Fake::start(|_| fake::page(200)).await;
    assert!(matches!(
        refresh(&page.client()).await.unwrap_err(),
        RefreshError::AnswerLost(Error::UnexpectedContent { .. })
    ));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::new(Config::at(&nobody)).unwrap();
    assert!(matches!(
        refresh(&client).await.unwrap_err(),
        RefreshError::TryAgain(Error::Unreachable { .. })
    ));
}

#[tokio::test]
async fn a_page_with_an_error_status_costs_no_token() {
    let fake = Fake::start(|_| fake::page(502)).await;
    assert!(matches!(
        refresh(&fake.client()).await.unwrap_err(),
        RefreshError::TryAgain(Error::Unavailable { status: 502, .. })
    ));
}

#[tokio::test]
async fn no_token_is_shown() {
    let secret = "very-secret";
    let fake = Fake::saying(
        200,
        &json!({ "access_token": secret, "refresh_token": secret, "id_token": secret }),
    )
    .await;
    let tokens = refresh(&fake.client()).await.unwrap();
    assert!(!format!("{tokens:?}").contains(secret));
    let fake = Fake::saying(
        400,
        &json!({ "error": "very-secret really", "error_description": secret }),
    )
    .await;
    let error = refresh(&fake.client()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(secret));
}

#[tokio::test]
async fn a_token_is_revoked_where_that_is_offered() {
    let fake = Fake::start(|_| StatusCode::OK.into()).await;
    let token = RefreshToken::new("refresh-1");
    fake.client().revoke(&token).await.unwrap();
    let asked = fake.last();
    assert_eq!(asked.path, "/oauth/revoke");
    assert_eq!(
        asked.body,
        json!({ "client_id": Config::default().client_id, "token": "refresh-1" })
    );
    let fake = Fake::saying(404, &json!({})).await;
    assert_eq!(
        fake.client().revoke(&token).await.unwrap_err().status(),
        Some(404)
    );
}
