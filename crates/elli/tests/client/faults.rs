//! What a network, a proxy and a service under load do.

use std::time::Duration;

use axum::http::StatusCode;
use elli::{AccessToken, Client, Config, Error};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fake::{Fake, Reply, page, token};

/// Answers the first connection with these bytes and closes it.
async fn blunt(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let read = stream.read(&mut request).await.unwrap();
        assert!(read > 0);
        stream.write_all(answer).await.unwrap();
    });
    url
}

#[tokio::test]
async fn a_token_that_is_over_says_so() {
    for reply in [json!({ "errors": [{ "code": "UNAUTHORIZED" }] }), json!({})] {
        let fake = Fake::saying(401, &reply).await;
        assert_eq!(
            fake.client().stations(&token()).await,
            Err(Error::Unauthorized)
        );
    }
    let fake = Fake::start(|_| page(401)).await;
    assert_eq!(
        fake.client().cards(&token()).await,
        Err(Error::Unauthorized)
    );
}

#[tokio::test]
async fn a_token_that_cannot_be_one_is_not_sent() {
    let fake = Fake::saying(200, &json!([])).await;
    let token = AccessToken::new("a\nb");
    assert_eq!(
        fake.client().stations(&token).await,
        Err(Error::Unauthorized)
    );
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn too_many_requests_say_how_long_to_wait() {
    for (header, pause) in [("90", Some(90)), ("soon", None)] {
        let fake = Fake::start(move |_| {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", header)], "").into()
        })
        .await;
        let error = fake.client().stations(&token()).await.unwrap_err();
        assert_eq!(error.code(), "too_many_requests");
        assert_eq!(error.retry_after(), pause.map(Duration::from_secs));
        assert!(error.is_temporary());
        assert_eq!(fake.asked().len(), 1, "nothing is repeated");
    }
}

#[tokio::test]
async fn a_hang_ends() {
    let fake = Fake::start(|_| Reply::Hang).await;
    let error = fake.impatient().stations(&token()).await;
    assert_eq!(error, Err(Error::Timeout));
    assert_eq!(fake.asked().len(), 1, "nothing is repeated");
}

#[tokio::test]
async fn the_page_of_a_proxy_is_no_answer() {
    let fake = Fake::start(|_| page(200)).await;
    let error = fake.client().stations(&token()).await.unwrap_err();
    assert_eq!(error.code(), "unexpected_content");
    assert!(!format!("{error} {error:?}").contains("secret-in-a-page"));
    let fake = Fake::start(|_| page(502)).await;
    assert_eq!(
        fake.client().stations(&token()).await,
        Err(Error::Unavailable {
            status: 502,
            retry_after: None,
            code: None
        })
    );
}

#[tokio::test]
async fn json_that_is_none_is_no_answer() {
    for body in ["", "null", "nonsense", "\u{feff}", "\"text\""] {
        let fake = Fake::start(move |_| body.into()).await;
        let error = fake.client().stations(&token()).await.unwrap_err();
        assert_eq!(error.code(), "unexpected_content", "{body:?}");
    }
    let fake = Fake::start(|_| "{\"stations\":[".into()).await;
    let error = fake.client().stations(&token()).await.unwrap_err();
    assert_eq!(error.code(), "unexpected_shape");
    let fake = Fake::start(|_| "\u{feff}{\"stations\":[]}".into()).await;
    assert_eq!(fake.client().stations(&token()).await, Ok(vec![]));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let fake = Fake::start(|asked| {
        assert_ne!(asked.path, "/elsewhere");
        (StatusCode::FOUND, [("location", "/elsewhere?x=secret")]).into()
    })
    .await;
    let error = fake.client().stations(&token()).await.unwrap_err();
    assert_eq!(error.status(), Some(302));
    assert!(!format!("{error} {error:?}").contains("elsewhere"));
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_from_none() {
    for answer in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"stations\":",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ] {
        let client = Client::new(Config::at(&blunt(answer).await)).unwrap();
        assert_eq!(client.stations(&token()).await, Err(Error::ConnectionLost));
    }
    let client = Client::new(Config::at("http://127.0.0.1:1")).unwrap();
    let error = client.stations(&token()).await.unwrap_err();
    assert_eq!(error.code(), "unreachable");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_flood_is_cut_off() {
    let fake = Fake::start(|_| " ".repeat(17 << 20).into()).await;
    assert_eq!(
        fake.client().stations(&token()).await,
        Err(Error::TooLarge { limit: 16 << 20 })
    );
}

#[tokio::test]
async fn errors_hold_no_address_and_no_token() {
    let client = Client::new(Config::at("http://127.0.0.1:1")).unwrap();
    let token = AccessToken::new("very-secret");
    let error = client
        .total_charged(&token, "my-station")
        .await
        .unwrap_err();
    let shown = format!("{error} {error:?}");
    for hidden in ["very-secret", "my-station", "chargingrecords", "127.0.0.1"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}
