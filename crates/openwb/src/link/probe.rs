//! Trying a connection once, to tell its owner what is there.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::session::{Connector, Session};
use super::{Batch, LinkConfig, Malformed, Problem, Protocol, Received};
use crate::reading::{ChargePoint, Generation, Node, NodeKind, Reading, System};

/// How long to wait for a sign of an openWB. A broker sends what it kept at once.
const FOR_A_VERSION: Duration = Duration::from_secs(3);

/// The kept state has arrived when nothing came for this long.
const QUIET: Duration = Duration::from_millis(700);

/// Readings kept at most; the state of a large installation is some hundred.
const ENOUGH: usize = 20_000;

/// What a connection showed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Probe {
    /// The MQTT version, if a connection came about.
    pub protocol: Option<Protocol>,
    /// Which family of openWB software reports to the broker.
    pub generation: Option<Generation>,
    /// Its version.
    pub version: Option<Box<str>>,
    /// Everything it said.
    pub readings: Vec<Received>,
    /// Messages that made no sense.
    pub malformed: Vec<Malformed>,
    /// Messages on unknown topics.
    pub unknown: u32,
    /// What is wrong, if anything. With [`Problem::LoginNeeded`] the box was found, but shows
    /// next to nothing without signing in.
    pub problem: Option<Problem>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Connects once, collects the state of the box, and takes leave.
///
/// Ends after `deadline`, usually much earlier: when the kept state has arrived, or when it is
/// clear that there is none.
pub async fn probe(config: &LinkConfig, deadline: Duration) -> Probe {
    let began = Instant::now();
    let until = began + deadline;
    let mut probe = Probe::default();
    match timeout_at(until, connect(config)).await {
        Ok(Ok(session)) => {
            probe.protocol = Some(session.protocol());
            probe.collect(session, until).await;
        }
        Ok(Err(problem)) => probe.problem = Some(problem),
        Err(_) => probe.problem = Some(Problem::Timeout),
    }
    probe.elapsed = began.elapsed();
    probe
}

async fn connect(config: &LinkConfig) -> Result<Session, Problem> {
    Connector::new(config.clone()).await?.open().await
}

impl Probe {
    async fn collect(&mut self, mut session: Session, until: Instant) {
        let give_up = until.min(Instant::now() + FOR_A_VERSION);
        while self.readings.len() < ENOUGH {
            let quiet = match self.generation {
                Some(_) => until.min(Instant::now() + QUIET),
                None => give_up,
            };
            match timeout_at(quiet, session.read()).await {
                Ok(Ok(())) => self.take_in(session.take_batch()),
                Ok(Err(failure)) => {
                    self.problem = Some(failure.explain_end());
                    return;
                }
                Err(_) => break,
            }
            // A box that never falls silent is no reason to wait for longer than the deadline,
            // and one that says anything but who it is none to wait for longer than that.
            if Instant::now()
                >= if self.generation.is_some() {
                    until
                } else {
                    give_up
                }
            {
                break;
            }
        }
        session.take_leave().await;
        self.problem = self.verdict();
    }

    fn take_in(&mut self, batch: Batch) {
        for received in &batch.readings {
            if let Reading::System(System::Version { generation, version: Some(version) }) =
                &received.reading
                // A box that was upgraded in place may still hold topics of 1.9.
                && self.generation != Some(Generation::V2)
            {
                self.generation = Some(*generation);
                self.version = Some(version.clone());
            }
        }
        self.readings.extend(batch.readings);
        self.malformed.extend(batch.malformed);
        self.unknown += batch.unknown;
    }

    fn verdict(&self) -> Option<Problem> {
        if self.generation.is_none() {
            return Some(Problem::NotOpenwb);
        }
        // With user management on, anybody sees the tree of devices but none of their values.
        let mut managed = false;
        let mut charge_points = false;
        let mut configured = false;
        for received in &self.readings {
            match &received.reading {
                Reading::System(System::UserManagementActive(Some(true))) => managed = true,
                Reading::Hierarchy(Some(roots)) => charge_points = has_charge_point(roots),
                Reading::ChargePoint {
                    value: ChargePoint::Config(Some(_)),
                    ..
                } => {
                    configured = true;
                }
                _ => {}
            }
        }
        (managed && charge_points && !configured).then_some(Problem::LoginNeeded)
    }
}

fn has_charge_point(nodes: &[Node]) -> bool {
    nodes
        .iter()
        .any(|node| node.kind == NodeKind::ChargePoint || has_charge_point(&node.children))
}
