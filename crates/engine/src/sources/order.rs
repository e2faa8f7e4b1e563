//! Orders to sources: what a charge point is to do, which month of the charge log is wanted, and
//! the lines on which sources take them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono_tz::Tz;
use compact_str::CompactString;
use ladebuch_domain::charge_log::LogRow;
use ladebuch_domain::control::Command;
use ladebuch_domain::ids::{ExternalId, SourceId};
use ladebuch_domain::period::Month;
use tokio::sync::{mpsc, oneshot};

/// Orders that wait for a source. A person waits for each, so that a long queue helps nobody.
const WAITING: usize = 8;

/// What a source is to do.
#[derive(Debug)]
pub(crate) enum Order {
    /// Tell a charge point something.
    Charge(ChargeOrder),
    /// Put a setting back as it was.
    PutBack(PutBackOrder),
    /// Fetch a month of the charge log.
    ReadLog(LogOrder),
}

/// Which month of its charge log a source is to fetch.
#[derive(Debug)]
pub(crate) struct LogOrder {
    /// The month, in the box's zone.
    pub month: Month,
    /// Zone of the box's local times.
    pub zone: Tz,
    /// Where the rows go.
    pub answer: oneshot::Sender<Result<Vec<LogRow>, Undelivered>>,
}

/// What a charge point is to do.
#[derive(Debug)]
pub(crate) struct ChargeOrder {
    /// The source's own name of the charge point.
    pub device: ExternalId,
    /// What it is to do.
    pub command: Command,
    /// Where to say whether the box's broker has it.
    pub answer: oneshot::Sender<Result<(), Undelivered>>,
}

/// A setting to put back.
#[derive(Debug)]
pub(crate) struct PutBackOrder {
    /// The profile, the box, or the charge point that has the setting.
    pub scope: CompactString,
    /// What puts it back.
    pub back: Command,
    /// What it may have been set to. What is otherwise by now was changed by somebody else and stays.
    pub set_to: Vec<Command>,
    /// Where to say what came of it.
    pub answer: oneshot::Sender<Result<PuttingBack, Undelivered>>,
}

/// What came of putting a setting back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PuttingBack {
    /// The box reports that it is no longer as it was set: there is nothing left to do.
    Done,
    /// The broker has the message; whether it helped shows later.
    Sent,
}

/// The box does not have the order, or does not follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undelivered {
    /// There is no connection.
    Offline,
    /// Too many orders wait.
    Busy,
    /// The broker does not let this user do that.
    NotAllowed,
    /// The box cannot be asked for that.
    NotPossible,
    /// The connection broke, or the broker did not answer.
    Lost,
    /// The box's web server does not give out its log.
    NoLogFile,
    /// The box has it and does not follow, for this reason.
    Refused(Box<str>),
}

/// The lines to all sources that are listened to. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines(Arc<Mutex<HashMap<SourceId, mpsc::Sender<Order>>>>);

impl Lines {
    /// Opens the line to a source; an older one is closed.
    pub fn open(&self, source: SourceId) -> mpsc::Receiver<Order> {
        let (line, orders) = mpsc::channel(WAITING);
        self.with(|lines| lines.insert(source, line));
        orders
    }

    /// Closes the line to a source.
    pub fn close(&self, source: SourceId) {
        self.with(|lines| lines.remove(&source));
    }

    /// Passes an order on without waiting.
    pub fn order(&self, source: SourceId, order: Order) -> Result<(), Undelivered> {
        let line = self.with(|lines| lines.get(&source).cloned());
        let line = line.ok_or(Undelivered::Offline)?;
        line.try_send(order).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Undelivered::Busy,
            mpsc::error::TrySendError::Closed(_) => Undelivered::Offline,
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<SourceId, mpsc::Sender<Order>>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
