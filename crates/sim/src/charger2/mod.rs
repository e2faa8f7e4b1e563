//! An Elli Charger 2 as it appears on the local network: Modbus TCP with functions 3, 4 and 6, on the
//! cable of one of the household's charge points.
//!
//! Follows Elli's register list v1.0 of 15 October 2025. Where that is silent: the limit starts at what
//! the hardware allows and the fail-safe current at 6 A, any unit id is answered, and a limit that the
//! watchdog took does not come back before it is written again.

mod fault;
mod pdu;
mod registers;
mod station;
mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Notify};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use fault::Charger2Fault;

use crate::fault::Switches;
use crate::household::{CHARGE_POINTS, PlugError};
use crate::{ControlError, Premises, StartError};
use pdu::Request;
use registers::Holding;
use station::{Sight, Station};

/// Shortest time between two looks of the watchdog.
const BLINK: Duration = Duration::from_millis(5);

/// What to simulate.
#[derive(Debug, Clone)]
pub struct Charger2Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the box hangs.
    pub premises: Premises,
    /// The charge point that it is.
    pub charge_point: u32,
    /// Highest current of the hardware, A per phase: 16 today, 32 was announced.
    pub rated_a: u16,
    /// How many connections it takes at a time. Nothing public says; clients should do with one.
    pub connections: usize,
    /// Faults that are on from the start.
    pub faults: Vec<Charger2Fault>,
}

impl Charger2Config {
    /// The box in the garage with 16 A and room for two, on a free loopback port.
    #[must_use]
    pub fn new(premises: Premises) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            premises,
            charge_point: CHARGE_POINTS[0],
            rated_a: 16,
            connections: 2,
            faults: Vec::new(),
        }
    }
}

/// What register 5 says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No vehicle, charging not allowed.
    A1,
    /// No vehicle, charging allowed.
    A2,
    /// Plugged in, charging not allowed.
    B1,
    /// Plugged in, charging allowed.
    B2,
    /// The vehicle asks, charging not allowed.
    C1,
    /// The vehicle asks and may.
    C2,
    /// Less than asked for, because of heat.
    Derating,
    /// E of IEC 61851: the pilot is short-circuited.
    Failed,
    /// F of IEC 61851: the box is not available.
    NotAvailable,
    /// ERR.
    Error,
}

impl State {
    /// The register's value.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16 + 2
    }
}

/// Why a request is refused (Modbus exception codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exception {
    IllegalFunction = 1,
    IllegalDataAddress = 2,
    IllegalDataValue = 3,
    DeviceFailure = 4,
    DeviceBusy = 6,
}

/// Starts Charger 2s.
#[derive(Debug, Clone, Copy)]
pub struct Charger2;

impl Charger2 {
    /// Takes the port and the charge point's contactor.
    ///
    /// # Errors
    /// When the port is taken, the household has no such charge point, or its openWB is gone.
    pub async fn start(config: Charger2Config) -> Result<Charger2Handle, StartError> {
        let (premises, charge_point) = (config.premises, config.charge_point);
        let sight = premises
            .look(|moment, household| Sight::of(charge_point, moment, household))
            .await?
            .ok_or(ControlError::Plug(PlugError::NoChargePoint(charge_point)))?;
        let unavailable = |source| StartError::Listen {
            listen: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(unavailable)?;
        let addr = listener.local_addr().map_err(unavailable)?;
        let control = Control {
            inner: Arc::new(Inner {
                premises,
                charge_point,
                station: Mutex::new(Station::new(config.rated_a, &sight)),
                watchdog: Notify::new(),
                faults: Switches::new(&config.faults),
            }),
        };
        let handle = Charger2Handle {
            addr,
            control: control.clone(),
            over: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        handle.tasks.spawn(wire::accept(
            listener,
            control.clone(),
            config.connections,
            handle.over.clone(),
            handle.tasks.clone(),
        ));
        handle.tasks.spawn(watch(control, handle.over.clone()));
        Ok(handle)
    }
}

/// A running Charger 2. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Charger2Handle {
    addr: SocketAddr,
    control: Control,
    over: CancellationToken,
    tasks: TaskTracker,
}

impl Charger2Handle {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Cars, time, heat and faults. Cheap to clone.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Hangs up on everybody and waits until the port is free.
    pub async fn stop(self) {
        self.over.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Charger2Handle {
    fn drop(&mut self) {
        self.over.cancel();
    }
}

#[derive(Debug)]
struct Inner {
    premises: Premises,
    charge_point: u32,
    station: Mutex<Station>,
    /// The watchdog woke up, or has less patience than before.
    watchdog: Notify,
    faults: Switches<Charger2Fault>,
}

/// What a person at the box can do, and what can happen to it.
#[derive(Debug, Clone)]
pub struct Control {
    inner: Arc<Inner>,
}

impl Control {
    /// Plugs a vehicle in.
    ///
    /// # Errors
    /// [`ControlError::Plug`] when that cannot be, [`ControlError::Stopped`].
    pub async fn plug(&self, vehicle: u32) -> Result<(), ControlError> {
        let inner = &self.inner;
        inner.premises.plug(inner.charge_point, vehicle).await
    }

    /// Pulls the cable.
    ///
    /// # Errors
    /// [`ControlError::Plug`] when nothing is plugged, [`ControlError::Stopped`].
    pub async fn unplug(&self) -> Result<(), ControlError> {
        self.inner.premises.unplug(self.inner.charge_point).await
    }

    /// Lets time pass at once; the watchdog strikes on the way if it has to.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn advance(&self, by: TimeDelta) -> Result<(), ControlError> {
        let premises = &self.inner.premises;
        let felt = premises.moment_now().await?.felt;
        let patience = self.inner.station.lock().await.patience(felt);
        let first = patience.map_or(by, |left| left.clamp(TimeDelta::zero(), by));
        premises.advance(first).await?;
        self.look_after().await?;
        premises.advance(by - first).await
    }

    /// What load management or heat leave, in A per phase; `None` lifts it.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_internal_limit(&self, limit_a: Option<f64>) -> Result<(), ControlError> {
        self.change(|station, felt| station.set_internal_limit(limit_a, felt))
            .await
    }

    /// Puts the box into a state, or lets it go on by itself. In E, F and ERR nothing is charged.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn force_state(&self, state: Option<State>) -> Result<(), ControlError> {
        self.change(|station, felt| station.force(state, felt))
            .await
    }

    /// Fixes the temperature inside, °C, or lets it follow the load.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn set_temperature(&self, celsius: Option<f64>) -> Result<(), ControlError> {
        self.change(|station, _| station.set_temperature(celsius))
            .await
    }

    /// Switches a fault on or off.
    pub fn set_fault(&self, fault: Charger2Fault, on: bool) {
        self.inner.faults.set(fault, on);
    }

    /// Lets a fault happen to the next answer only.
    pub fn fail_once(&self, fault: Charger2Fault) {
        self.inner.faults.once(fault);
    }

    /// All is well again.
    pub fn clear_faults(&self) {
        self.inner.faults.clear();
    }

    fn faults(&self) -> &Switches<Charger2Fault> {
        &self.inner.faults
    }

    async fn change(
        &self,
        change: impl FnOnce(&mut Station, TimeDelta),
    ) -> Result<(), ControlError> {
        let felt = self.inner.premises.moment_now().await?.felt;
        let mut station = self.inner.station.lock().await;
        change(&mut station, felt);
        self.apply(&station).await
    }

    /// Tells the contactor what the box has come to allow.
    async fn apply(&self, station: &Station) -> Result<(), ControlError> {
        let limit_a = f64::from(station.in_force_da()) / 10.0;
        let inner = &self.inner;
        inner.premises.set_limit(inner.charge_point, limit_a).await
    }

    /// Lets the watchdog do what is due; returns how long it can wait now.
    async fn look_after(&self) -> Result<Option<TimeDelta>, ControlError> {
        let felt = self.inner.premises.moment_now().await?.felt;
        let mut station = self.inner.station.lock().await;
        let before = station.in_force_da();
        station.watch(felt);
        if station.in_force_da() != before {
            self.apply(&station).await?;
        }
        Ok(station.patience(felt))
    }

    /// Answers a request; `None` when the household is gone and the box with it.
    async fn answer(&self, pdu: &[u8]) -> Option<Vec<u8>> {
        let function = pdu.first().copied().unwrap_or_default();
        match self.obey(pdu).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(exception)) => Some(vec![function | 0x80, exception as u8]),
            Err(error) => {
                tracing::debug!(%error, "a box without a household");
                None
            }
        }
    }

    async fn obey(&self, pdu: &[u8]) -> Result<Result<Vec<u8>, Exception>, ControlError> {
        let inner = &self.inner;
        let mut station = inner.station.lock().await;
        let seen = inner
            .premises
            .look(|moment, household| Sight::of(inner.charge_point, moment, household))
            .await?;
        let Some(sight) = seen else {
            return Ok(Err(Exception::DeviceFailure));
        };
        let before = station.in_force_da();
        station.watch(sight.felt);
        let asleep = station.patience(sight.felt).is_none();
        let timeout = station.holding(Holding::Watchdog);
        station.hear(sight.felt);
        let answer = self.carry_out(&mut station, &sight, pdu);
        if asleep || station.holding(Holding::Watchdog) != timeout {
            inner.watchdog.notify_one();
        }
        if station.in_force_da() != before {
            self.apply(&station).await?;
        }
        Ok(answer)
    }

    fn carry_out(
        &self,
        station: &mut Station,
        sight: &Sight,
        pdu: &[u8],
    ) -> Result<Vec<u8>, Exception> {
        let faults = &self.inner.faults;
        if faults.strikes(Charger2Fault::Busy) {
            return Err(Exception::DeviceBusy);
        }
        if faults.strikes(Charger2Fault::DeviceFailure) {
            return Err(Exception::DeviceFailure);
        }
        match Request::parse(pdu)? {
            Request::ReadHolding { address, count } => {
                pdu::registers(3, address, count, |address| {
                    Holding::at(address).map(|register| station.holding(register))
                })
            }
            Request::ReadInput { address, count } => {
                let readings = station.readings(sight);
                pdu::registers(4, address, count, |address| readings.input(address))
            }
            Request::Write { register, value } => {
                let zero_failsafe = !faults.is_on(Charger2Fault::NoZeroFailsafe);
                station.write(register, value, sight.felt, zero_failsafe)?;
                let mut echo = pdu.to_vec();
                if faults.strikes(Charger2Fault::WrongEcho)
                    && let Some(last) = echo.last_mut()
                {
                    *last = last.wrapping_add(1);
                }
                Ok(echo)
            }
        }
    }
}

/// Lets the watchdog strike while nobody speaks.
async fn watch(control: Control, over: CancellationToken) {
    loop {
        let Ok(patience) = control.look_after().await else {
            return;
        };
        let patience = async {
            match patience {
                // A client that speaks meanwhile only makes the next look vain.
                Some(left) => sleep(left.to_std().unwrap_or_default().max(BLINK)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = over.cancelled() => return,
            () = patience => {}
            () = control.inner.watchdog.notified() => {}
        }
    }
}
