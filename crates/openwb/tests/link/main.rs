//! The link, against a real mosquitto and against brokers that misbehave.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod broker;
mod connection;
mod delivery;
mod fake;
mod probing;
mod tapping;
mod tls;
mod writing;

use std::time::Duration;

use openwb::link::{Backoff, Batch, Event, Link, LinkConfig, Problem, Protocol, Received};
use openwb::reading::{Meter, Metered, Reading};
use tokio::sync::mpsc::Receiver;

/// Longer than anything here takes; a test that waits for this has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A link that tries again soon.
fn config(port: u16) -> LinkConfig {
    LinkConfig {
        connect_timeout: Duration::from_secs(3),
        backoff: Backoff {
            first: Duration::from_millis(20),
            max: Duration::from_millis(100),
            stable_after: Duration::from_secs(30),
        },
        ..LinkConfig::new("127.0.0.1", port)
    }
}

/// A link and what it tells.
struct Watched {
    link: Link,
    events: Receiver<Event>,
}

impl Watched {
    fn new(config: LinkConfig) -> Self {
        let (link, events) = Link::spawn(config);
        Self { link, events }
    }

    async fn next(&mut self) -> Event {
        tokio::time::timeout(PATIENCE, self.events.recv())
            .await
            .expect("the link says nothing")
            .expect("the link ended")
    }

    /// The protocol of the next connection; fails on a problem.
    async fn connected(&mut self) -> Protocol {
        match self.next().await {
            Event::Connected { protocol, .. } => protocol,
            other => panic!("{other:?}"),
        }
    }

    /// The client id of the next connection; fails on a problem.
    async fn connected_as(&mut self) -> Box<str> {
        match self.next().await {
            Event::Connected { client_id, .. } => client_id,
            other => panic!("{other:?}"),
        }
    }

    /// The next problem, whatever comes before.
    async fn problem(&mut self) -> Problem {
        loop {
            if let Event::Disconnected { problem, .. } = self.next().await {
                return problem;
            }
        }
    }

    /// The next batch; fails on a problem.
    async fn batch(&mut self) -> Batch {
        match self.next().await {
            Event::Batch(batch) => batch,
            other => panic!("{other:?}"),
        }
    }

    /// Batches until the grid power of the given value arrives, and whether that was retained.
    async fn until_power(&mut self, watts: f64) -> bool {
        self.until(|received| (received.reading == power(watts)).then_some(received.retained))
            .await
    }

    /// Batches until something wanted arrives.
    async fn until<T>(&mut self, wanted: impl Fn(&Received) -> Option<T>) -> T {
        loop {
            if let Some(found) = self.batch().await.readings.iter().find_map(&wanted) {
                return found;
            }
        }
    }
}

const POWER: &str = "openWB/counter/0/get/power";

fn power(watts: f64) -> Reading {
    Reading::Meter {
        of: Metered::Counter(0),
        value: Meter::Power(Some(watts)),
    }
}
