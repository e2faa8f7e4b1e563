//! From rumqttc's errors to a [`Problem`].

use std::io;
use std::time::Duration;

use rumqttc::{TlsError, v5};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::{LinkConfig, Problem};

/// How long looking for the cause of a failure may take, per step.
const DIAGNOSIS: Duration = Duration::from_secs(1);

/// What went wrong, whichever protocol was spoken.
#[derive(Debug)]
pub(super) enum Failure {
    Io(io::Error),
    Tls(Box<str>),
    /// The broker refused the connection.
    Refused(Refused),
    /// The broker closed the connection without a word.
    Closed,
    /// The broker said goodbye.
    Dismissed(Box<str>),
    TakenOver,
    NotAuthorized,
    /// Nothing came for too long.
    Unresponsive,
    Protocol(Box<str>),
}

/// Why the broker refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Version,
    Credentials,
    Other(Box<str>),
}

impl Failure {
    /// Whether a broker that knows only an older MQTT would have behaved like this. Such a broker
    /// answers with a packet that is broken by the rules of MQTT 5, or just closes.
    pub(super) fn may_mean_older_protocol(&self) -> bool {
        match self {
            Self::Refused(reason) => *reason == Refused::Version,
            Self::Closed | Self::Protocol(_) => true,
            Self::Io(error) => is_abrupt_end(error),
            _ => false,
        }
    }

    /// Why no connection came about. Looks at the network where the failure alone does not tell.
    pub(super) async fn explain_attempt(self, config: &LinkConfig) -> Problem {
        match self {
            Self::Io(error) => match error.kind() {
                io::ErrorKind::ConnectionRefused => {
                    Problem::ConnectionRefused { port: config.port }
                }
                io::ErrorKind::TimedOut
                | io::ErrorKind::HostUnreachable
                | io::ErrorKind::NetworkUnreachable => Problem::Timeout,
                _ if is_abrupt_end(&error) => closed(),
                _ if !resolves(config).await => Problem::HostNotFound {
                    host: config.bare_host().into(),
                },
                // Not the operating system's: a stream that ends in the middle of a packet.
                _ if error.raw_os_error().is_none() => Problem::Protocol {
                    detail: error.to_string().into(),
                },
                _ => Problem::ConnectionLost {
                    detail: error.to_string().into(),
                },
            },
            Self::Unresponsive => silence(config).await,
            Self::Tls(detail) => Problem::TlsFailed { detail },
            Self::Refused(Refused::Credentials) => match config.credentials {
                Some(_) => Problem::BadCredentials,
                None => Problem::LoginNeeded,
            },
            Self::Refused(Refused::Version) => Problem::Protocol {
                detail: "it speaks neither MQTT 5 nor 3.1.1".into(),
            },
            Self::Refused(Refused::Other(detail)) => Problem::Protocol { detail },
            Self::Closed => closed(),
            Self::NotAuthorized => Problem::NotAuthorized,
            Self::TakenOver => Problem::TakenOver,
            Self::Dismissed(detail) | Self::Protocol(detail) => Problem::Protocol { detail },
        }
    }

    /// Why a connection that stood ended.
    pub(super) fn explain_end(self) -> Problem {
        let detail = match self {
            Self::NotAuthorized => return Problem::NotAuthorized,
            Self::TakenOver => return Problem::TakenOver,
            Self::Protocol(detail) => return Problem::Protocol { detail },
            Self::Refused(_) | Self::Closed => "the broker closed it".into(),
            Self::Unresponsive => "the broker does not answer any more".into(),
            Self::Io(error) => error.to_string().into(),
            Self::Tls(detail) | Self::Dismissed(detail) => detail,
        };
        Problem::ConnectionLost { detail }
    }
}

fn closed() -> Problem {
    Problem::Protocol {
        detail: "it closes the connection at once".into(),
    }
}

fn is_abrupt_end(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}

async fn resolves(config: &LinkConfig) -> bool {
    match timeout(DIAGNOSIS, lookup_host((config.bare_host(), config.port))).await {
        Ok(Ok(mut addresses)) => addresses.next().is_some(),
        _ => false,
    }
}

/// Tells a host that does not answer from one that accepts and says nothing.
async fn silence(config: &LinkConfig) -> Problem {
    if !resolves(config).await {
        return Problem::HostNotFound {
            host: config.bare_host().into(),
        };
    }
    match timeout(
        DIAGNOSIS,
        TcpStream::connect((config.bare_host(), config.port)),
    )
    .await
    {
        Ok(Ok(_)) => Problem::SilentBroker,
        _ => Problem::Timeout,
    }
}

impl From<TlsError> for Failure {
    fn from(error: TlsError) -> Self {
        match error {
            TlsError::Io(error) if is_abrupt_end(&error) => {
                Self::Tls("the other side closed the connection".into())
            }
            error => Self::Tls(error.to_string().into()),
        }
    }
}

impl From<v5::ConnectionError> for Failure {
    fn from(error: v5::ConnectionError) -> Self {
        use v5::ConnectionError as Error;
        use v5::mqttbytes::v5::ConnectReturnCode as Code;
        match error {
            Error::MqttState(error) => error.into(),
            Error::Timeout(_) => Self::Unresponsive,
            Error::Tls(error) => error.into(),
            Error::Io(error) => Self::Io(error),
            Error::ConnectionRefused(code) => Self::Refused(match code {
                Code::RefusedProtocolVersion | Code::UnsupportedProtocolVersion => Refused::Version,
                Code::BadUserNamePassword | Code::NotAuthorized => Refused::Credentials,
                code => Refused::Other(format!("{code:?}").into()),
            }),
            Error::NotConnAck(_) => Self::Protocol("another packet than a welcome".into()),
            Error::RequestsDone => Self::Closed,
        }
    }
}

impl From<v5::StateError> for Failure {
    fn from(error: v5::StateError) -> Self {
        use v5::StateError as Error;
        use v5::mqttbytes::v5::DisconnectReasonCode as Code;
        match error {
            Error::ServerDisconnect { reason_code, .. } => match reason_code {
                Code::SessionTakenOver => Self::TakenOver,
                Code::NotAuthorized => Self::NotAuthorized,
                code => Self::Dismissed(format!("{code:?}").into()),
            },
            Error::ConnectionAborted => Self::Closed,
            Error::Io(error) | Error::Deserialization(v5::mqttbytes::Error::Io(error)) => {
                Self::Io(error)
            }
            Error::AwaitPingResp | Error::CollisionTimeout => Self::Unresponsive,
            error => Self::Protocol(error.to_string().into()),
        }
    }
}

impl From<rumqttc::ConnectionError> for Failure {
    fn from(error: rumqttc::ConnectionError) -> Self {
        use rumqttc::ConnectReturnCode as Code;
        use rumqttc::ConnectionError as Error;
        match error {
            Error::MqttState(error) => error.into(),
            Error::NetworkTimeout | Error::FlushTimeout => Self::Unresponsive,
            Error::Tls(error) => error.into(),
            Error::Io(error) => Self::Io(error),
            Error::ConnectionRefused(code) => Self::Refused(match code {
                Code::RefusedProtocolVersion => Refused::Version,
                Code::BadUserNamePassword | Code::NotAuthorized => Refused::Credentials,
                code => Refused::Other(format!("{code:?}").into()),
            }),
            Error::NotConnAck(_) => Self::Protocol("another packet than a welcome".into()),
            Error::RequestsDone => Self::Closed,
        }
    }
}

impl From<rumqttc::StateError> for Failure {
    fn from(error: rumqttc::StateError) -> Self {
        use rumqttc::StateError as Error;
        match error {
            Error::ConnectionAborted => Self::Closed,
            Error::Io(error) | Error::Deserialization(rumqttc::mqttbytes::Error::Io(error)) => {
                Self::Io(error)
            }
            Error::AwaitPingResp | Error::CollisionTimeout => Self::Unresponsive,
            error => Self::Protocol(error.to_string().into()),
        }
    }
}
