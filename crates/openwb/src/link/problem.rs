//! Why there is no connection, in words a person can act on.

use thiserror::Error;

use super::Fingerprint;

/// Why there is no connection to a box. The text says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The name does not resolve.
    #[error("No host named “{host}” was found. Check the spelling, or use the IP address.")]
    HostNotFound {
        /// The name.
        host: Box<str>,
    },
    /// The host refuses connections on the port.
    #[error(
        "The host refuses connections on port {port}. Check the port (1883, or 8883 with TLS) and that the box is running."
    )]
    ConnectionRefused {
        /// The port.
        port: u16,
    },
    /// The host does not answer.
    #[error(
        "The host does not answer. Check the address, that the box is switched on, and that both are in the same network."
    )]
    Timeout,
    /// The certificate is not trusted.
    #[error(
        "The certificate of the broker is not trusted. An openWB has one of its own: compare the fingerprint {fingerprint} and confirm it to trust it."
    )]
    TlsUntrusted {
        /// The fingerprint of the certificate the broker showed.
        fingerprint: Fingerprint,
    },
    /// The TLS handshake failed.
    #[error(
        "No encrypted connection came about ({detail}). Check that the port is the one for TLS (8883)."
    )]
    TlsFailed {
        /// What the TLS library says.
        detail: Box<str>,
    },
    /// User name or password are wrong.
    #[error("The broker does not accept this user name and password.")]
    BadCredentials,
    /// Signed in, but without the right to read.
    #[error("The broker does not allow this user to read openWB's topics.")]
    NotAuthorized,
    /// The broker or the box wants a user name and password.
    #[error("This openWB manages its users: enter a user name and a password.")]
    LoginNeeded,
    /// TCP connects, but MQTT gets no answer.
    #[error(
        "Something answers on this port, but it does not speak MQTT. Check the port and whether TLS is needed."
    )]
    SilentBroker,
    /// An MQTT broker without an openWB.
    #[error(
        "This is an MQTT broker, but no openWB reports to it. Check the address and the topic prefix."
    )]
    NotOpenwb,
    /// Another client took over the session.
    #[error("Another program took over this connection. It is made anew under another id.")]
    TakenOver,
    /// The other side broke the protocol.
    #[error(
        "The broker does not answer as expected ({detail}). Check the port and whether TLS is needed."
    )]
    Protocol {
        /// What was wrong.
        detail: Box<str>,
    },
    /// A connection that stood broke off.
    #[error("The connection to the box was lost ({detail}).")]
    ConnectionLost {
        /// How.
        detail: Box<str>,
    },
}

macro_rules! codes {
    ($($pattern:pat => $code:literal,)*) => {
        impl Problem {
            /// Every [`code`](Self::code) there is.
            pub const CODES: &[&str] = &[$($code),*];

            /// A stable name for programs: `snake_case`.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self {
                    $($pattern => $code,)*
                }
            }
        }
    };
}

codes! {
    Self::HostNotFound { .. } => "host_not_found",
    Self::ConnectionRefused { .. } => "connection_refused",
    Self::Timeout => "timeout",
    Self::TlsUntrusted { .. } => "tls_untrusted",
    Self::TlsFailed { .. } => "tls_failed",
    Self::BadCredentials => "bad_credentials",
    Self::NotAuthorized => "not_authorized",
    Self::LoginNeeded => "login_needed",
    Self::SilentBroker => "silent_broker",
    Self::NotOpenwb => "not_openwb",
    Self::TakenOver => "taken_over",
    Self::Protocol { .. } => "protocol_error",
    Self::ConnectionLost { .. } => "connection_lost",
}
