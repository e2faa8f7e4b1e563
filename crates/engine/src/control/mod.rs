//! Commanding charge points: an order goes to the source that has the charge point, and counts as
//! done when the live view shows it. Everything asked for is journalled.

mod put_back;
mod record;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use ladebuch_domain::control::{self, Command, Objection};
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::{DeviceId, ExternalId, SourceId};
use ladebuch_domain::snapshot::{Device, Snapshot};
use tokio::sync::{Mutex as Turn, Semaphore, oneshot, watch};
use uuid::Uuid;

pub use self::record::{Outcome, Reason, Record};
use crate::clock::Clock;
use crate::identity::new_id;
use crate::sources::{ChargeOrder, Lines, Order, Task, Undelivered};
use crate::store::{Store, StoreError};

pub(crate) use self::put_back::PutBack;

/// Commands under way at once; more are refused, because a person waits for each.
const MOST_AT_ONCE: usize = 16;
/// How long the source may take to hand an order to the broker.
const DELIVERY: Duration = Duration::from_secs(6);
/// After this the next command of the same box may go out although the one before is not
/// confirmed: it shows only after a control cycle.
const TURN: Duration = Duration::from_secs(3);

/// A command could not be carried out at all.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// There is no such charge point at present.
    #[error("There is no such charge point. It may have been removed from its box.")]
    UnknownChargePoint,
    /// The journal cannot be written; nothing was sent.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The program ends.
    #[error("Ladebuch is ending.")]
    Interrupted,
}

/// What is asked for, and by whom.
#[derive(Clone, Debug)]
pub struct Request {
    /// The charge point.
    pub device: DeviceId,
    /// What it is to do.
    pub command: Command,
    /// Put the settings back when the vehicle is unplugged, where they would hold for good.
    pub until_unplug: bool,
    /// Who asks, as the journal names them.
    pub author: String,
}

/// Commands charge points. Cheap to clone.
#[derive(Clone)]
pub struct Control(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    live: watch::Receiver<Arc<Snapshot>>,
    lines: Lines,
    places: Semaphore,
    /// Commands of one box go one after the other: each starts from the document that the one
    /// before has changed.
    turns: Mutex<HashMap<SourceId, Arc<Turn<()>>>>,
}

/// What came of handing an order over.
struct Handed {
    /// When.
    at: DateTime<Utc>,
    /// The document that the order changed for good, as it was.
    before: Option<Box<str>>,
}

impl Control {
    pub(crate) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        live: watch::Receiver<Arc<Snapshot>>,
        lines: Lines,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            clock,
            live,
            lines,
            places: Semaphore::new(MOST_AT_ONCE),
            turns: Mutex::default(),
        }))
    }

    /// Carries a command out and says what became of it, also when nobody waits for the answer
    /// any more.
    ///
    /// # Errors
    /// When there is no such charge point, or the journal cannot be written.
    pub async fn carry_out(&self, request: Request) -> Result<Record, ControlError> {
        let inner = self.0.clone();
        let done = tokio::spawn(async move { inner.carry_out(request).await });
        done.await.unwrap_or(Err(ControlError::Interrupted))
    }

    /// The newest commands first, those of one charge point or all, older than `before`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn journal(
        &self,
        device: Option<DeviceId>,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        self.0.store.commands(device, before, limit).await
    }
}

impl Inner {
    async fn carry_out(&self, request: Request) -> Result<Record, ControlError> {
        let now = self.clock.now();
        let device = self.device(request.device)?;
        let mut record = Record {
            id: new_id(now),
            device: request.device,
            command: request.command.clone(),
            author: request.author.clone(),
            sent: now,
            outcome: Outcome::Pending,
            said: None,
            finished: None,
        };
        let refusal = self.refusal(&device, &request.command, now);
        let place = self.places.try_acquire();
        if let Some(reason) = refusal.or(place.is_err().then_some(Reason::Busy)) {
            record.finish(Outcome::Refused(reason), said(&device), now);
            self.store.add_command(&record).await?;
            return Ok(record);
        }
        self.store.add_command(&record).await?;
        let outcome = self.send_and_watch(&device, &request).await;
        let said = self
            .device(request.device)
            .ok()
            .and_then(|device| said(&device));
        record.finish(outcome, said, self.clock.now());
        if let Err(error) = self.store.finish_command(&record).await {
            // The command is done all the same; the next start closes its entry.
            tracing::error!(%error, "the outcome of a command could not be noted");
        }
        Ok(record)
    }

    /// Why a command is not even sent.
    fn refusal(&self, device: &Device, command: &Command, now: DateTime<Utc>) -> Option<Reason> {
        let live = self.live.borrow();
        let reachable = live
            .sources
            .get(&device.source)
            .is_some_and(|source| source.is_live(now));
        if !reachable {
            return Some(Reason::Offline);
        }
        let objection = control::check(command, &device.charge_point).err()?;
        Some(match objection {
            Objection::NotPossible => Reason::NotPossible,
            Objection::OutOfRange => Reason::OutOfRange,
            Objection::CardDecides => Reason::CardDecides,
        })
    }

    async fn send_and_watch(&self, device: &Device, request: &Request) -> Outcome {
        let turn = self.turn(device.source);
        let turn = turn.lock().await;
        let mut live = self.live.clone();
        live.mark_unchanged();
        let task = Task::Command(request.command.clone());
        let handed = match self
            .hand_over(device.source, &device.external_id, task)
            .await
        {
            Ok(handed) => handed,
            Err(reason) => return Outcome::Refused(reason),
        };
        let plugged = device.charge_point.plugged.is_some_and(|dated| dated.value);
        // Without a vehicle there is no unplugging to wait for.
        let for_this_charge = request.until_unplug && plugged;
        if let Some(document) = handed.before.as_deref().filter(|_| for_this_charge) {
            let noted = self
                .store
                .put_back_later(request.device, document, handed.at);
            if let Err(error) = noted.await {
                tracing::error!(%error, "what is to be put back could not be noted");
            }
        }
        let cycle = live
            .borrow()
            .sources
            .get(&device.source)
            .and_then(|source| source.cycle);
        let patience = control::patience(&request.command, cycle);
        let confirmed = shows(&mut live, request.device, &request.command, handed.at);
        tokio::pin!(confirmed);
        let first = patience.min(TURN);
        if tokio::time::timeout(first, &mut confirmed).await.is_ok() {
            return Outcome::Confirmed;
        }
        drop(turn);
        match tokio::time::timeout(patience - first, confirmed).await {
            Ok(()) => Outcome::Confirmed,
            Err(_) => Outcome::NotConfirmed,
        }
    }

    /// Gives an order to the source and waits until the broker has it.
    async fn hand_over(
        &self,
        source: SourceId,
        device: &ExternalId,
        task: Task,
    ) -> Result<Handed, Reason> {
        let (answer, answered) = oneshot::channel();
        let order = Order::Charge(ChargeOrder {
            device: device.clone(),
            task,
            answer,
        });
        let at = self.clock.now();
        self.lines.order(source, order).map_err(reason)?;
        match tokio::time::timeout(DELIVERY, answered).await {
            Ok(Ok(Ok(sent))) => Ok(Handed {
                at,
                before: sent.before,
            }),
            Ok(Ok(Err(undelivered))) => Err(reason(undelivered)),
            Ok(Err(_)) => Err(Reason::Offline),
            Err(_) => Err(Reason::ConnectionLost),
        }
    }

    fn device(&self, id: DeviceId) -> Result<Device, ControlError> {
        let live = self.live.borrow();
        let device = live.devices.get(&id).cloned();
        device
            .filter(|device| device.kind == DeviceKind::ChargePoint)
            .ok_or(ControlError::UnknownChargePoint)
    }

    fn turn(&self, source: SourceId) -> Arc<Turn<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(source).or_default().clone()
    }
}

/// Waits until the live view shows that a command was followed.
async fn shows(
    live: &mut watch::Receiver<Arc<Snapshot>>,
    device: DeviceId,
    command: &Command,
    sent: DateTime<Utc>,
) {
    loop {
        let done = live
            .borrow_and_update()
            .devices
            .get(&device)
            .is_some_and(|device| control::is_confirmed(command, &device.charge_point, sent));
        if done {
            return;
        }
        if live.changed().await.is_err() {
            // The engine ends: there is nothing more to see.
            std::future::pending::<()>().await;
        }
    }
}

/// The box's own sentence about the charge point.
fn said(device: &Device) -> Option<String> {
    let text = device.charge_point.state_text.as_ref()?;
    Some(text.value.to_string())
}

const fn reason(undelivered: Undelivered) -> Reason {
    match undelivered {
        Undelivered::Offline => Reason::Offline,
        Undelivered::Busy => Reason::Busy,
        Undelivered::NotAllowed => Reason::NotAllowed,
        Undelivered::NotPossible => Reason::NotPossible,
        Undelivered::Lost | Undelivered::NoLogFile => Reason::ConnectionLost,
    }
}
