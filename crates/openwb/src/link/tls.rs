//! TLS: one crypto provider, and a verifier that trusts the system's authorities or one
//! certificate.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::{Fingerprint, Tls};

/// A TLS configuration, and what it refused.
#[derive(Debug, Clone)]
pub(super) struct Encryption {
    pub(super) client: Arc<ClientConfig>,
    verifier: Arc<Verifier>,
}

impl Encryption {
    /// `None` without TLS. Reads the system's certificates: blocks.
    pub(super) fn new(tls: Tls) -> Result<Option<Self>, Error> {
        let provider = Arc::new(ring::default_provider());
        let trust = match tls {
            Tls::Off => return Ok(None),
            Tls::SystemRoots => system_trust(&provider),
            Tls::Pinned(fingerprint) => Trust::Pinned(fingerprint),
        };
        let verifier = Arc::new(Verifier {
            trust,
            provider: provider.clone(),
            refused: Mutex::default(),
        });
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier.clone())
            .with_no_client_auth();
        Ok(Some(Self {
            client: Arc::new(client),
            verifier,
        }))
    }

    /// The certificate that was refused since the last call.
    pub(super) fn take_refused(&self) -> Option<Fingerprint> {
        self.verifier
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

/// A certificate the system lacks or cannot read is no reason to fail: others may fit, and if
/// none does the answer is "untrusted".
fn system_trust(provider: &Arc<CryptoProvider>) -> Trust {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a certificate of the system could not be loaded");
    }
    roots.add_parsable_certificates(found.certs);
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_or(Trust::Nobody, Trust::Authorities)
}

#[derive(Debug)]
enum Trust {
    /// The certificate must be signed by one of these and fit the host name.
    Authorities(Arc<WebPkiServerVerifier>),
    /// The certificate must be this one; name and dates do not matter.
    Pinned(Fingerprint),
    /// The system has no authorities.
    Nobody,
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    /// The last certificate that was refused, to be shown to the owner.
    refused: Mutex<Option<Fingerprint>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let fingerprint = Fingerprint::of(certificate);
        let verdict = match &self.trust {
            Trust::Authorities(authorities) => {
                authorities.verify_server_cert(certificate, intermediates, name, ocsp, now)
            }
            Trust::Pinned(pinned) if *pinned == fingerprint => Ok(ServerCertVerified::assertion()),
            Trust::Pinned(_) => Err(CertificateError::ApplicationVerificationFailure.into()),
            Trust::Nobody => Err(CertificateError::UnknownIssuer.into()),
        };
        if verdict.is_err() {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(fingerprint);
        }
        verdict
    }

    // The signature proves that the other side holds the key of the certificate, so it is
    // checked even when the certificate itself is pinned.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
