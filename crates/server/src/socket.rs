//! The live feed over a WebSocket. A client that does not keep up is dropped, not buffered.

use std::pin::pin;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use crate::app::Shared;
use crate::feed;

/// A client that does not take a message within this is dropped.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a silent client is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);
/// Clients have nothing to say; what they say is not kept.
const INCOMING_LIMIT: usize = 4096;

/// Turns the request into a live feed.
pub fn accept(shared: &Shared, upgrade: WebSocketUpgrade) -> Response {
    let shared = shared.clone();
    upgrade
        .max_message_size(INCOMING_LIMIT)
        .max_frame_size(INCOMING_LIMIT)
        // Messages are complete; holding them back until there are more only makes them late.
        .write_buffer_size(0)
        .on_upgrade(async move |socket| {
            let stopping = shared.stopping().clone();
            let serving = shared.spawn(serve(shared.clone(), socket));
            if serving.await.is_err() && !stopping.is_cancelled() {
                tracing::error!("a live feed ended unexpectedly");
            }
        })
}

/// Why a feed ends.
enum End {
    /// The client left, or its connection broke.
    Gone,
    /// It does not take its messages.
    Slow,
    /// The program stops.
    Stopping,
}

async fn serve(shared: Shared, mut socket: WebSocket) {
    let end = tokio::select! {
        end = feed(&shared, &mut socket) => end,
        () = shared.stopping().cancelled() => End::Stopping,
    };
    let (code, reason) = match end {
        End::Gone => return,
        End::Slow => {
            // Whatever is still in the way would be in the way of a farewell too.
            tracing::debug!("a live client did not take its messages and was dropped");
            return;
        }
        End::Stopping => (close_code::AWAY, "stopping"),
    };
    let frame = CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    };
    timeout(
        Duration::from_secs(1),
        socket.send(Message::Close(Some(frame))),
    )
    .await
    .ok();
}

async fn feed(shared: &Shared, socket: &mut WebSocket) -> End {
    let (mut sink, mut incoming) = socket.split();
    let mut messages = pin!(feed::messages(shared.clone()));
    let mut ping = interval_at(Instant::now() + PING, PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let message = tokio::select! {
            message = messages.next() => match message {
                Some(text) => Message::Text(text.into()),
                None => return End::Stopping,
            },
            _ = ping.tick() => Message::Ping(bytes::Bytes::new()),
            said = incoming.next() => match said {
                // Answers to pings and closing are the protocol's own business.
                Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Gone,
                Some(Ok(_)) => continue,
            },
        };
        match timeout(PATIENCE, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return End::Gone,
            Err(_) => return End::Slow,
        }
    }
}
