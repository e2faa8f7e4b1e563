//! Listening on an address: accepts connections, with limits, until told to stop.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::FromRequestParts;
use http::request::Parts;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Where the headless program listens unless told otherwise.
pub const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8440);

/// Most connections at a time; further ones wait to be accepted.
const CONNECTION_LIMIT: usize = 256;
/// Request line and headers together.
const HEADER_BYTES: usize = 16 * 1024;
const HEADER_COUNT: usize = 64;
/// A client that does not finish its headers within this is dropped, also while it is idle.
const HEADER_PATIENCE: Duration = Duration::from_secs(30);
/// Open requests are waited for this long when stopping.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// The address that a request came to; none in-process.
#[derive(Clone, Copy, Debug)]
pub struct ListenAddress(pub Option<SocketAddr>);

impl<S: Sync> FromRequestParts<S> for ListenAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(None)))
    }
}

/// It cannot be listened at that address.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Others could reach it.
    #[error(
        "{0} can be reached by others, and there are no accounts yet to keep them out. Listen at \
         127.0.0.1 or [::1]; to reach it from elsewhere, use an SSH tunnel."
    )]
    NotLoopback(SocketAddr),
    /// Somebody else listens there.
    #[error(
        "Port {} at {} is in use, perhaps by another Ladebuch. End that one, or choose another \
         port with --listen.",
        .0.port(), .0.ip()
    )]
    InUse(SocketAddr),
    /// Anything else the system says.
    #[error("It cannot be listened at {0}: {1}. Choose another address with --listen.")]
    System(SocketAddr, #[source] io::Error),
}

/// Begins to listen; the address of the result has the port that was really taken.
///
/// # Errors
/// If the address is not a loopback address, is in use or cannot be had.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    if !address.ip().is_loopback() {
        return Err(ListenError::NotLoopback(address));
    }
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse(address),
            _ => ListenError::System(address, error),
        })
}

/// Serves until cancelled, then lets open requests end for a moment.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let service = TowerToHyperService::new(router);
    let permits = Arc::new(Semaphore::new(CONNECTION_LIMIT));
    let connections = TaskTracker::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .max_headers(HEADER_COUNT)
        .max_buf_size(HEADER_BYTES);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                // Out of file descriptors, as a rule: trying at once only heats the room.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // A message of the live feed is one packet and must not wait for the next.
        stream.set_nodelay(true).ok();
        let connection = http.serve_connection(TokioIo::new(stream), service.clone());
        let stop = stop.clone();
        connections.spawn(async move {
            let mut connection = pin!(connection.with_upgrades());
            let ended = tokio::select! {
                ended = &mut connection => ended,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection broke off");
            }
            drop(permit);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(STOP_PATIENCE, connections.wait())
        .await
        .is_err()
    {
        tracing::debug!("open requests were cut off");
    }
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = permits
        .clone()
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, permit))
}
