//! Commanding charge points: an order goes to the source that has the charge point, and counts as
//! done when the live view shows it. Everything asked for is journalled.

mod put_back;
mod record;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use ladebuch_domain::control::{self, Command, Lasting, Objection};
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::{DeviceId, SourceId};
use ladebuch_domain::snapshot::{Device, Snapshot};
use tokio::sync::{Mutex as Turn, Semaphore, oneshot, watch};
use uuid::Uuid;

pub use self::record::{Outcome, Reason, Record};
use crate::clock::Clock;
use crate::identity::new_id;
use crate::sources::{ChargeOrder, Lines, Order, Undelivered};
use crate::status::StatusBoard;
use crate::store::{PutBackLater, Store, StoreError};

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
    status: StatusBoard,
    places: Semaphore,
    /// Commands of one box go one after the other: each starts from the document that the one
    /// before has changed.
    turns: Mutex<HashMap<SourceId, Arc<Turn<()>>>>,
}

impl Control {
    pub(crate) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        live: watch::Receiver<Arc<Snapshot>>,
        lines: Lines,
        status: StatusBoard,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            clock,
            live,
            lines,
            status,
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
        let put_back = self.to_put_back(&device, &request);
        let mut record = Record {
            id: new_id(now),
            device: request.device,
            command: request.command.clone(),
            author: request.author.clone(),
            until_unplug: put_back.is_some() || lasting(&device) == Some(Lasting::UntilUnplug),
            sent: now,
            outcome: Outcome::Pending,
            said: None,
            finished: None,
        };
        let refusal = self.refusal(&device, &request.command);
        let place = self.places.try_acquire();
        if let Some(reason) = refusal.or(place.is_err().then_some(Reason::Busy)) {
            record.finish(Outcome::Refused(reason), said(&device), now);
            self.store.add_command(&record).await?;
            return Ok(record);
        }
        self.store.add_command(&record).await?;
        let (outcome, why) = self.send_and_watch(&request).await;
        let device = self.device(request.device).ok();
        let said = why.or_else(|| device.as_ref().and_then(said));
        record.finish(outcome, said, self.clock.now());
        if let Err(error) = self.store.finish_command(&record).await {
            // The command is done all the same; the next start closes its entry.
            tracing::error!(%error, "the outcome of a command could not be noted");
        }
        Ok(record)
    }

    /// Why a command is not even sent.
    fn refusal(&self, device: &Device, command: &Command) -> Option<Reason> {
        let live = self.live.borrow();
        let source = live.sources.get(&device.source);
        if !source.is_some_and(|source| source.is_live(self.clock.now())) {
            return Some(Reason::Offline);
        }
        let objection = control::check(command, &device.charge_point).err()?;
        Some(match objection {
            Objection::NotPossible => Reason::NotPossible,
            Objection::OutOfRange => Reason::OutOfRange,
            Objection::CardDecides => Reason::CardDecides,
        })
    }

    /// What is to be noted so that a change which would hold for good is put back after this
    /// charge. Without a vehicle there is no unplugging to wait for.
    fn to_put_back(&self, device: &Device, request: &Request) -> Option<PutBackLater> {
        let point = &device.charge_point;
        let plugged = point.plugged.is_some_and(|plugged| plugged.value);
        if !(request.until_unplug && plugged) || lasting(device) != Some(Lasting::ForGood) {
            return None;
        }
        let settings = point.settings.as_ref()?;
        Some(PutBackLater {
            source: device.source,
            scope: control::scope(&request.command, device).to_string(),
            back: control::inverse(&request.command, &settings.value)?,
            set_to: vec![request.command.clone()],
        })
    }

    /// What became of a command, and why the box did not follow it if it says so.
    async fn send_and_watch(&self, request: &Request) -> (Outcome, Option<String>) {
        let refused = |reason| (Outcome::Refused(reason), None);
        // Waiting for the turn may take a while, in which a card may be scanned.
        let Ok(Device { source, .. }) = self.device(request.device) else {
            return refused(Reason::NotPossible);
        };
        let turn = self.turn(source);
        let turn = turn.lock().await;
        let Ok(device) = self.device(request.device) else {
            return refused(Reason::NotPossible);
        };
        if let Some(reason) = self.refusal(&device, &request.command) {
            return refused(reason);
        }
        // Noted ahead: whatever cuts this off, the setting is put back if it was changed.
        if let Err(error) = self.note_put_back(&device, request).await {
            tracing::error!(%error, "what is to be put back could not be noted");
            return refused(Reason::NotNoted);
        }
        let mut live = self.live.clone();
        let sent = self.clock.now();
        let handed = self.hand_over(&device, request.command.clone()).await;
        let unless_shown = match handed.map_err(reason) {
            Ok(()) => Outcome::NotConfirmed,
            // It may have arrived all the same.
            Err((Reason::ConnectionLost, _)) => Outcome::Refused(Reason::ConnectionLost),
            Err((reason, why)) => return (Outcome::Refused(reason), why),
        };
        let cycle = live
            .borrow()
            .sources
            .get(&device.source)
            .and_then(|source| source.cycle);
        let patience = control::patience(&request.command, cycle);
        let confirmed = shows(&mut live, &device, request, sent);
        tokio::pin!(confirmed);
        let first = patience.min(TURN);
        if tokio::time::timeout(first, &mut confirmed).await.is_ok() {
            return (Outcome::Confirmed, None);
        }
        drop(turn);
        let in_time = tokio::time::timeout(patience - first, confirmed).await;
        let outcome = in_time.map_or(unless_shown, |()| Outcome::Confirmed);
        (outcome, None)
    }

    async fn note_put_back(&self, device: &Device, request: &Request) -> Result<(), StoreError> {
        if let Some(change) = self.to_put_back(device, request) {
            let now = self.clock.now();
            return self
                .store
                .put_back_later(&change, request.device, now)
                .await;
        }
        let scope = control::scope(&request.command, device);
        let kind = request.command.name();
        self.store.keep_setting(device.source, &scope, kind).await
    }

    /// Gives a command to the source and waits until the box or its broker has it.
    async fn hand_over(&self, device: &Device, command: Command) -> Result<(), Undelivered> {
        let (answer, answered) = oneshot::channel();
        let order = Order::Charge(ChargeOrder {
            device: device.external_id.clone(),
            command,
            answer,
        });
        self.lines.order(device.source, order)?;
        match tokio::time::timeout(DELIVERY, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Undelivered::Offline),
            Err(_) => Err(Undelivered::Lost),
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
    before: &Device,
    request: &Request,
    sent: DateTime<Utc>,
) {
    let (command, before) = (&request.command, &before.charge_point);
    loop {
        let done = live
            .borrow_and_update()
            .devices
            .get(&request.device)
            .is_some_and(|device| {
                control::is_confirmed(command, &device.charge_point, before, sent)
            });
        if done {
            return;
        }
        if live.changed().await.is_err() {
            // The engine ends: there is nothing more to see.
            std::future::pending::<()>().await;
        }
    }
}

/// For how long the box keeps changes.
fn lasting(device: &Device) -> Option<Lasting> {
    device.charge_point.abilities.as_ref()?.value.lasting
}

/// The box's own sentence about the charge point.
fn said(device: &Device) -> Option<String> {
    let text = device.charge_point.state_text.as_ref()?;
    Some(text.value.to_string())
}

fn reason(undelivered: Undelivered) -> (Reason, Option<String>) {
    let reason = match undelivered {
        Undelivered::Offline => Reason::Offline,
        Undelivered::Busy => Reason::Busy,
        Undelivered::NotAllowed => Reason::NotAllowed,
        Undelivered::NotPossible => Reason::NotPossible,
        Undelivered::Lost | Undelivered::NoLogFile => Reason::ConnectionLost,
        Undelivered::Refused(why) => return (Reason::BoxRefused, Some(why.into())),
    };
    (reason, None)
}
