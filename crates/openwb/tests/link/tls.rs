//! Encryption, with a certificate like the one of a box: nobody vouches for it.

use std::sync::Arc;

use openwb::link::{Fingerprint, LinkConfig, Problem, Tls};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rumqttc::tokio_rustls::TlsAcceptor;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};

use crate::broker::Broker;
use crate::{POWER, Watched, config, fake};

fn certificate() -> CertifiedKey<KeyPair> {
    // The name of a box is never the address it is reached under.
    generate_simple_self_signed(["openwb".to_owned()]).unwrap()
}

fn encrypted(certificate: &CertifiedKey<KeyPair>) -> Broker {
    Broker::with(|folder| {
        let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&cert, certificate.cert.pem()).unwrap();
        std::fs::write(&key, certificate.signing_key.serialize_pem()).unwrap();
        format!(
            "allow_anonymous true\ncertfile {}\nkeyfile {}",
            cert.display(),
            key.display()
        )
    })
}

fn trusting(port: u16, tls: Tls) -> LinkConfig {
    LinkConfig {
        tls,
        ..config(port)
    }
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_with_its_fingerprint_and_accepted_once_pinned() {
    let certificate = certificate();
    let fingerprint = Fingerprint::of(certificate.cert.der());
    let broker = encrypted(&certificate);

    let mut watched = Watched::new(trusting(broker.port, Tls::SystemRoots));
    let problem = watched.problem().await;
    assert_eq!(problem, Problem::TlsUntrusted { fingerprint });
    assert!(problem.to_string().contains(&fingerprint.to_string()));

    let mut watched = Watched::new(trusting(broker.port, Tls::Pinned(fingerprint)));
    watched.connected().await;
    watched.link.stop().await;
}

#[tokio::test]
async fn another_certificate_than_the_pinned_one_is_refused() {
    let certificate = certificate();
    let broker = encrypted(&certificate);
    let other = Fingerprint::of(b"another certificate");
    let mut watched = Watched::new(trusting(broker.port, Tls::Pinned(other)));
    let fingerprint = Fingerprint::of(certificate.cert.der());
    assert_eq!(
        watched.problem().await,
        Problem::TlsUntrusted { fingerprint }
    );
}

/// Whoever copies the certificate of a box still lacks its key.
#[tokio::test]
async fn the_pinned_certificate_without_its_key_is_refused() {
    #[derive(Debug)]
    struct Stolen(Arc<rustls::sign::CertifiedKey>);
    impl ResolvesServerCert for Stolen {
        fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<rustls::sign::CertifiedKey>> {
            Some(self.0.clone())
        }
    }
    let (real, thief) = (certificate(), certificate());
    let fingerprint = Fingerprint::of(real.cert.der());
    let key = PrivateKeyDer::try_from(thief.signing_key.serialize_der()).unwrap();
    let key = ring::sign::any_supported_type(&key).unwrap();
    let stolen = rustls::sign::CertifiedKey::new(vec![real.cert.der().clone()], key);
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Stolen(Arc::new(stolen))));
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let port = fake::serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            assert!(acceptor.accept(stream).await.is_err());
        }
    })
    .await;
    let mut watched = Watched::new(trusting(port, Tls::Pinned(fingerprint)));
    assert_eq!(watched.problem().await.code(), "tls_failed");
}

#[tokio::test]
async fn tls_to_a_port_without_it_is_reported() {
    let broker = Broker::open();
    let mut watched = Watched::new(trusting(broker.port, Tls::SystemRoots));
    assert_eq!(watched.problem().await.code(), "tls_failed");
}

#[tokio::test]
async fn no_tls_to_a_port_with_it_is_reported() {
    let broker = encrypted(&certificate());
    let mut watched = Watched::new(config(broker.port));
    assert_eq!(watched.problem().await.code(), "protocol_error");
}

#[tokio::test]
async fn messages_come_through_tls() {
    let certificate = certificate();
    let broker = encrypted(&certificate);
    let tls = Tls::Pinned(Fingerprint::of(certificate.cert.der()));
    let mut watched = Watched::new(trusting(broker.port, tls));
    watched.connected().await;
    let output = std::process::Command::new("mosquitto_pub")
        .args([
            "-h",
            "127.0.0.1",
            "--insecure",
            "-r",
            "-t",
            POWER,
            "-m",
            "9",
            "-q",
            "1",
        ])
        .args(["-p", &broker.port.to_string(), "--cafile"])
        .arg(broker.folder().join("cert.pem"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    watched.until_power(9.0).await;
}
