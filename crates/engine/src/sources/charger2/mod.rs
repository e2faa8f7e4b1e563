//! An Elli Charger 2 on the local network as a source: asked every second, and told what it is to do,
//! one thing at a time over one connection.

mod limits;
pub(crate) mod memory;
mod orders;
mod probe;
mod problems;
mod readings;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::source::Connection;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{Charger2Config, Order, Undelivered};
use crate::charger2::{Client, Current, Error, Settings, Watchdog};
use crate::clock::Clock;
use crate::live::{Heard, Mouth, SourceEvent};

use self::limits::Limits;
use self::memory::Memory;
pub(super) use self::probe::probe;
use self::problems::{is_passing, is_refusal, to_domain};

/// From one look to the next.
const PACE: Duration = Duration::from_secs(1);
/// Looks are never closer than this, however impatient the box's watchdog is.
const CLOSEST: Duration = Duration::from_millis(100);
/// First and longest wait before a box that cannot be read is tried again. The wait doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Keeps the live view informed about one box, and the box about what is wanted, until cancelled.
pub(super) async fn run(
    config: Charger2Config,
    mouth: Mouth,
    orders: mpsc::Receiver<Order>,
    mut memory: Memory,
    clock: Arc<dyn Clock>,
    cancel: CancellationToken,
) {
    let Some(wish) = cancel.run_until_cancelled(memory.recall()).await else {
        return;
    };
    let attendant = Attendant {
        client: Client::new(&config.host, config.port),
        limits: Limits::recalled(wish),
        memory,
        mouth,
        connections: 0,
        answered: Instant::now(),
        answered_at: clock.now(),
        clock,
        watchdog: Watchdog::OFF,
        forgetful: false,
        up: false,
        failures: 0,
    };
    cancel.run_until_cancelled(attendant.attend(orders)).await;
}

/// Whoever talks to the box.
struct Attendant {
    client: Client,
    limits: Limits,
    memory: Memory,
    mouth: Mouth,
    clock: Arc<dyn Clock>,
    /// The client's connections when it was answered last.
    connections: u32,
    /// When that was.
    answered: Instant,
    /// The same by the clock, which also goes on while the computer sleeps.
    answered_at: DateTime<Utc>,
    /// The box's watchdog, as it was read last.
    watchdog: Watchdog,
    /// The box may have lost the limit: it was not heard of for so long that its watchdog may have
    /// struck, or the connection broke and the box may have restarted.
    forgetful: bool,
    /// Whether the live view was told that the connection stands.
    up: bool,
    /// Looks in a row that failed.
    failures: u32,
}

impl Attendant {
    async fn attend(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            let begun = Instant::now();
            let next = match self.look().await {
                Ok(heard) => {
                    if !self.report(heard).await {
                        return;
                    }
                    begun + self.pace()
                }
                Err(error) => {
                    let Some(wait) = self.fail(&error).await else {
                        return;
                    };
                    Instant::now() + wait
                }
            };
            loop {
                tokio::select! {
                    () = sleep_until(next) => break,
                    Some(order) = orders.recv() => {
                        if self.up {
                            self.follow(order).await;
                            break;
                        }
                        orders::turn_away(order, Undelivered::Offline);
                    }
                }
            }
        }
    }

    /// Often enough for the watchdog.
    fn pace(&self) -> Duration {
        if self.watchdog.is_off() {
            return PACE;
        }
        PACE.min(self.watchdog.timeout() / 2).max(CLOSEST)
    }

    /// Reads everything.
    async fn look(&mut self) -> Result<Heard, Error> {
        let (info, mut status) = self.client.read().await?;
        status.settings.current_limit = self.settle(&status.settings).await?;
        Ok(Heard {
            heartbeat: true,
            readings: readings::readings(&info, &status, &self.limits),
            ..Heard::default()
        })
    }

    /// Takes over the limit that the box reads, after saying again what it may have lost. Returns what
    /// is in force then.
    async fn settle(&mut self, settings: &Settings) -> Result<Current, Error> {
        self.note_answer();
        self.watchdog = settings.watchdog;
        let mut in_force = settings.current_limit;
        self.limits.resolve(in_force);
        if self.forgetful {
            let failsafe = (!self.watchdog.is_off()).then_some(settings.failsafe_current);
            self.limits.distrust(in_force, failsafe);
        }
        if let Some(ours) = self.limits.to_write_again(in_force) {
            match self.client.set_limit(ours).await {
                Ok(limit) => {
                    tracing::info!(limit = %ours, "told the Charger 2 its limit again");
                    in_force = limit.in_force;
                    self.limits.wrote(limit);
                }
                Err(error) if is_refusal(&error) => {
                    tracing::warn!(%error, limit = %ours, "the Charger 2 does not take its limit again");
                    self.limits.give_up();
                }
                Err(error) => return Err(error),
            }
            self.note_answer();
        }
        self.forgetful = false;
        self.limits.observe(in_force);
        self.memory.keep(self.limits.wish()).await;
        Ok(in_force)
    }

    /// Notes that the box has answered, and whether it may have lost something before.
    fn note_answer(&mut self) {
        let now = Instant::now();
        let at = self.clock.now();
        let slept = (at - self.answered_at).to_std().unwrap_or_default();
        let silence = slept.max(now - self.answered);
        let struck = !self.watchdog.is_off() && silence >= self.watchdog.timeout();
        self.forgetful |= struck || self.connections != self.client.connections();
        self.connections = self.client.connections();
        self.answered = now;
        self.answered_at = at;
    }

    /// Tells the live view; `false` when nobody listens any more.
    async fn report(&mut self, heard: Heard) -> bool {
        self.failures = 0;
        if !self.up {
            tracing::info!("a Charger 2 answers");
            self.up = true;
            let connection = Connection::Up {
                since: self.clock.now(),
                heard: None,
            };
            let event = SourceEvent::Connection {
                connection,
                problem: None,
                retry_at: None,
            };
            if !self.mouth.say(event).await {
                return false;
            }
        }
        self.mouth.say(SourceEvent::Heard(heard)).await
    }

    /// Says what is wrong and returns how long to wait; `None` when nobody listens any more.
    async fn fail(&mut self, error: &Error) -> Option<Duration> {
        self.failures = self.failures.saturating_add(1);
        if self.up && self.failures == 1 && is_passing(error) {
            tracing::debug!(%error, "a look at the Charger 2 failed");
            return Some(PACE);
        }
        if self.up || self.failures == 1 {
            tracing::warn!(%error, "the Charger 2 cannot be read");
        }
        self.up = false;
        let doublings = (self.failures - 1).min(5);
        let wait = (FIRST_WAIT * (1 << doublings)).min(LONGEST_WAIT);
        let event = SourceEvent::Connection {
            connection: Connection::Down,
            problem: Some(to_domain(error)),
            retry_at: Some(self.clock.now() + TimeDelta::from_std(wait).unwrap_or_default()),
        };
        self.mouth.say(event).await.then_some(wait)
    }
}
