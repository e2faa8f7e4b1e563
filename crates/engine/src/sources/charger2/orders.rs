//! Orders to a Charger 2.

use ladebuch_domain::control::Command;
use ladebuch_domain::reading::ChargeMode;
use ladebuch_domain::units::Amperes;

use super::problems::{is_refusal, undelivered};
use super::{Attendant, readings};
use crate::charger2::{Current, Error, Watchdog};
use crate::sources::{ChargeOrder, Order, Undelivered};

/// Answers an order that is not followed. Whoever gave it may have stopped waiting.
pub(super) fn turn_away(order: Order, why: Undelivered) {
    match order {
        Order::Charge(order) => drop(order.answer.send(Err(why))),
        Order::PutBack(order) => drop(order.answer.send(Err(why))),
        Order::ReadLog(order) => drop(order.answer.send(Err(why))),
    }
}

impl Attendant {
    /// Does what an order asks and says what came of it.
    pub(super) async fn follow(&mut self, order: Order) {
        match order {
            Order::Charge(order) if order.device == readings::device().id => {
                self.carry_out(order).await;
            }
            // It has no other charge point, no profile to put something back into, and no log.
            order => turn_away(order, Undelivered::NotPossible),
        }
    }

    async fn carry_out(&mut self, order: ChargeOrder) {
        if order.answer.is_closed() {
            // It waited behind an answer that did not come, and was reported as lost.
            tracing::info!("an order that nobody waits for any more was not carried out");
            return;
        }
        let done = self.tell(&order.command).await;
        order.answer.send(done).ok();
    }

    async fn tell(&mut self, command: &Command) -> Result<(), Undelivered> {
        let told = match command {
            Command::Mode(ChargeMode::Stop) => self.limit(Current::ZERO).await,
            Command::Mode(ChargeMode::Instant) => self.allow().await,
            Command::Current(amperes) => self.limit_or_remember(current(*amperes)?).await,
            Command::FailsafeCurrent(amperes) => self.client.set_failsafe(current(*amperes)?).await,
            Command::Watchdog(timeout) => {
                let timeout = Watchdog::from_timeout(*timeout).ok_or(Undelivered::NotPossible)?;
                self.client.set_watchdog(timeout).await
            }
            _ => return Err(Undelivered::NotPossible),
        };
        told.map_err(|error| {
            tracing::info!(%error, "the Charger 2 does not follow an order");
            undelivered(&error)
        })
    }

    /// Allows a charge with the current that it had or was to have, or else with the least: how much
    /// the house's wires bear, nobody has said.
    async fn allow(&mut self) -> Result<(), Error> {
        self.refresh().await?;
        let (least, most) = self.client.info().await?.range();
        let wanted = self.limits.current().unwrap_or(least);
        self.limit(wanted.min(most)).await
    }

    /// Sets the current of a charge. A pause stays one: the current is kept for when it ends.
    async fn limit_or_remember(&mut self, asked: Current) -> Result<(), Error> {
        self.refresh().await?;
        if self.limits.mode() == ChargeMode::Stop {
            self.limits.remember(asked);
            self.memory.keep(self.limits.wish()).await;
            return Ok(());
        }
        self.limit(asked).await
    }

    /// Looks whether somebody else has paused it, or allowed it, since the last look.
    async fn refresh(&mut self) -> Result<(), Error> {
        let settings = self.client.settings().await?;
        self.settle(&settings).await?;
        Ok(())
    }

    async fn limit(&mut self, asked: Current) -> Result<(), Error> {
        match self.client.set_limit(asked).await {
            Ok(limit) => {
                self.note_answer();
                // Whatever it may have lost, this is newer.
                self.forgetful = false;
                self.limits.wrote(limit);
                self.memory.keep(self.limits.wish()).await;
                Ok(())
            }
            Err(error) => {
                if !is_refusal(&error) {
                    self.limits.doubt(asked);
                }
                Err(error)
            }
        }
    }
}

fn current(amperes: Amperes) -> Result<Current, Undelivered> {
    Current::from_amperes(amperes).ok_or(Undelivered::NotPossible)
}
