//! The task that keeps the connection up.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::session::{Connector, End};
use super::writer::{self, Inlet};
use super::{Event, LinkConfig, Problem};

/// Runs until `stop` or until nobody receives events any more.
pub(super) async fn run(
    config: LinkConfig,
    events: mpsc::Sender<Event>,
    inlet: watch::Sender<Inlet>,
    stop: CancellationToken,
) {
    let backoff = config.backoff;
    let mut random = SmallRng::from_rng(&mut rand::rng());
    let mut connector = None;
    let mut failures = 0;
    loop {
        let began = Instant::now();
        let attempt = attempt(&config, &mut connector, &events, &inlet, &stop);
        let end = attempt.await;
        inlet.send_replace(None);
        let problem = match end {
            End::Stopped => return,
            End::Lost(problem) => problem,
        };
        if began.elapsed() >= backoff.stable_after {
            failures = 0;
        }
        failures += 1;
        // If another client claimed our id, coming back under it would throw that one out, and so
        // on for ever. Whether it was so is not always known: rumqttc cannot read a DISCONNECT
        // that has a reason but no properties, which is what mosquitto sends.
        if let (Problem::TakenOver | Problem::ConnectionLost { .. }, Some(connector)) =
            (&problem, &mut connector)
        {
            connector.rename();
        }
        let retry_in = backoff.wait(failures, &mut random);
        tracing::debug!(problem = problem.code(), ?retry_in, "not connected");
        let news = async {
            events
                .send(Event::Disconnected { problem, retry_in })
                .await?;
            sleep(retry_in).await;
            Ok::<(), mpsc::error::SendError<Event>>(())
        };
        match stop.run_until_cancelled(news).await {
            Some(Ok(())) => {}
            _ => return,
        }
    }
}

/// Connects, and stays connected for as long as it lasts.
async fn attempt(
    config: &LinkConfig,
    connector: &mut Option<Connector>,
    events: &mpsc::Sender<Event>,
    inlet: &watch::Sender<Inlet>,
    stop: &CancellationToken,
) -> End {
    let connecting = async {
        let connector = match connector {
            Some(connector) => connector,
            None => connector.insert(Connector::new(config.clone()).await?),
        };
        connector.open().await
    };
    let session = tokio::select! {
        () = stop.cancelled() => return End::Stopped,
        () = events.closed() => return End::Stopped,
        opened = connecting => match opened {
            Ok(session) => session,
            Err(problem) => return End::Lost(problem),
        },
    };
    // Whoever hears of the connection can write at once.
    let (orders, queue) = mpsc::channel(writer::QUEUE);
    inlet.send_replace(Some(orders));
    let connected = Event::Connected {
        protocol: session.protocol(),
        client_id: session.client_id(),
    };
    match stop.run_until_cancelled(events.send(connected)).await {
        Some(Ok(())) => session.pump(events, queue, stop).await,
        _ => End::Stopped,
    }
}
