//! The task that owns the box: takes in writes and orders, lets time pass, publishes.

use chrono::TimeDelta;
use tokio::sync::mpsc;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use super::Pace;
use super::clock::Clock;
use super::control::{ControlError, Observation, Order, What};
use crate::broker::{Broker, Message};
use crate::household::PlugError;
use crate::http::Request;
use crate::program::Program;

/// Writes that may wait for the core before publishers are slowed down.
const WAITING_WRITES: usize = 1024;

pub(super) struct Task {
    core: Box<dyn Program>,
    broker: Broker,
    clock: Clock,
    pace: Pace,
    orders: mpsc::Receiver<Order>,
    writes: mpsc::Receiver<Message>,
    requests: mpsc::Receiver<Request>,
    cancelled: CancellationToken,
    duplicates: bool,
}

impl Task {
    pub(super) fn new(
        core: Box<dyn Program>,
        broker: Broker,
        pace: Pace,
        orders: mpsc::Receiver<Order>,
        requests: mpsc::Receiver<Request>,
        cancelled: CancellationToken,
    ) -> Self {
        let mut task = Self {
            clock: Clock::start(core.now(), pace),
            writes: broker.tap(core.writes(), WAITING_WRITES),
            core,
            broker,
            pace,
            orders,
            requests,
            cancelled,
            duplicates: false,
        };
        // The tree is there before anybody learns the address.
        task.publish();
        task
    }

    pub(super) async fn run(mut self) {
        loop {
            let next = self.core.next_due().and_then(|due| self.clock.real(due));
            let due = async {
                match next {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.cancelled.cancelled() => return,
                Some(write) = self.writes.recv() => self.take_in(&write),
                Some(order) = self.orders.recv() => {
                    let answer = self.carry_out(order.what).await;
                    self.publish();
                    // Whoever asked may have given up waiting.
                    order.done.send(answer).ok();
                }
                Some(request) = self.requests.recv() => {
                    self.catch_up();
                    // Whoever asked may have hung up.
                    request.answer.send(self.core.file(&request.path)).ok();
                }
                () = due => self.catch_up(),
            }
            if self.pace == Pace::ByHand {
                self.core.react_now();
            }
            self.publish();
        }
    }

    /// Brings the core to the virtual present.
    fn catch_up(&mut self) {
        if let Some(now) = self.clock.now() {
            self.core.run_until(now);
        }
    }

    fn take_in(&mut self, write: &Message) {
        self.catch_up();
        self.core.receive(&write.topic, &write.payload);
    }

    /// Everything acknowledged so far is taken in before an order is carried out.
    fn take_in_all(&mut self) {
        while let Ok(write) = self.writes.try_recv() {
            self.take_in(&write);
        }
        if self.pace == Pace::ByHand {
            self.core.react_now();
        }
    }

    fn publish(&mut self) {
        if self.core.take_booted() {
            for filter in self.core.writes() {
                for write in self.broker.retained(filter) {
                    self.take_in(&write);
                }
            }
        }
        for message in self.core.drain() {
            for _ in 0..if self.duplicates { 2 } else { 1 } {
                let sent = self.broker.publish(
                    &message.topic,
                    message.payload.clone().into_bytes(),
                    message.retain,
                );
                if let Err(error) = sent {
                    tracing::debug!(%error, "a client's path makes no topic");
                }
            }
        }
    }

    async fn carry_out(&mut self, what: What) -> Result<Observation, ControlError> {
        self.catch_up();
        self.take_in_all();
        match what {
            What::Observe => {}
            What::AdvanceCycle => {
                if !self.core.run_cycle() {
                    // A dead core has no cycles; time passes all the same.
                    self.advance(TimeDelta::seconds(10));
                }
                self.clock.jump(self.core.now());
            }
            What::Advance(by) => {
                self.advance(by);
                self.clock.jump(self.core.now());
            }
            What::Plug {
                charge_point,
                vehicle,
            } => {
                self.core.household_mut().plug(charge_point, vehicle)?;
            }
            What::Unplug(charge_point) => self.core.household_mut().unplug(charge_point)?,
            What::Scan { charge_point, tag } => {
                if !self.core.hold_tag(charge_point, &tag) {
                    return Err(PlugError::NoChargePoint(charge_point).into());
                }
                self.core.household_mut().hold_tag(charge_point, &tag);
            }
            What::Pv(power_w) => self.core.household_mut().set_pv_w(power_w),
            What::Home(power_w) => self.core.household_mut().set_home_w(power_w),
            What::BatterySoc(percent) => self.core.household_mut().set_battery_soc_percent(percent),
            What::VehicleSoc(vehicle, percent) => {
                self.core
                    .household_mut()
                    .set_vehicle_soc_percent(vehicle, percent);
            }
            What::Limit(charge_point, limit_a) => {
                self.core.household_mut().set_limit(charge_point, limit_a);
            }
            What::ResetCounter(device) => self.core.household_mut().reset_meter(device),
            What::BrokerDown => self.broker.down().await,
            What::BrokerUp => self.broker.up().await.map_err(listen)?,
            What::BrokerSilent => self.broker.silent().await.map_err(listen)?,
            What::CoreStops => self.core.die(),
            What::CoreStarts => self.core.revive(),
            What::Reboot(takes) => self.core.reboot(takes),
            What::Duplicates(on) => self.duplicates = on,
            What::Publish {
                topic,
                payload,
                retain,
            } => self
                .broker
                .publish(&topic, payload, retain)
                .map_err(|error| ControlError::Topic(error.0))?,
        }
        Ok(Observation {
            now: self.core.now(),
            household: self.core.household().clone(),
        })
    }

    /// Moves on with the pauses a boot needs.
    fn advance(&mut self, by: TimeDelta) {
        let until = self.core.now() + by.max(TimeDelta::zero());
        while self.core.now() < until {
            let next = self
                .core
                .next_due()
                .unwrap_or(until)
                .min(until)
                .max(self.core.now());
            self.core.run_until(next);
            self.publish();
        }
        self.core.run_until(until);
    }
}

fn listen(error: std::io::Error) -> ControlError {
    ControlError::Listen(error.to_string())
}
