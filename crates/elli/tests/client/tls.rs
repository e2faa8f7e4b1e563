//! Only certificates that somebody vouches for.

use std::sync::Arc;

use elli::{Client, Config, RefreshError, RefreshToken};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

#[tokio::test]
async fn a_stranger_gets_nothing() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![cert.der().clone()],
            signing_key.serialize_der().try_into().unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stranger = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        TlsAcceptor::from(Arc::new(server))
            .accept(stream)
            .await
            .is_ok()
    });

    let client = Client::new(Config::at(&format!("https://localhost:{port}"))).unwrap();
    let error = client
        .refresh(&RefreshToken::new("very-secret"))
        .await
        .unwrap_err();
    let RefreshError::TryAgain(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.code(), "untrusted", "{error:?}");
    assert!(
        !stranger.await.unwrap(),
        "no handshake, so nothing was sent"
    );
}
