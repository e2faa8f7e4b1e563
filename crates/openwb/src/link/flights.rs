//! Writes under way, and which acknowledgement belongs to which.
//!
//! rumqttc gives a publish its packet id only when it puts it on the wire, and says so in an event
//! of its own, in the order in which they were queued. It counts the ids in a circle: one that is
//! still unanswered when its turn comes again collides, and everything behind it stands still. So
//! no more are handed over than the circle is long, counted from the oldest unanswered one.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::writer::Outcome;

type Answer = oneshot::Sender<Outcome>;

/// The writes of one connection that were handed to rumqttc.
#[derive(Debug)]
pub(super) struct Flights {
    /// In rumqttc's queue.
    queued: VecDeque<Answer>,
    /// On the wire, in order, from the oldest unanswered one.
    flying: VecDeque<Flight>,
    /// How many packet ids there are.
    circle: usize,
}

#[derive(Debug)]
struct Flight {
    packet: u16,
    /// `None` once it was answered.
    answer: Option<Answer>,
}

impl Flights {
    pub(super) fn new(circle: u16) -> Self {
        Self {
            queued: VecDeque::new(),
            flying: VecDeque::new(),
            circle: usize::from(circle.max(1)),
        }
    }

    /// Whether another write may be handed to rumqttc.
    pub(super) fn has_room(&self) -> bool {
        self.queued.len() + self.flying.len() < self.circle
    }

    /// A write was handed to rumqttc.
    pub(super) fn queue(&mut self, answer: Answer) {
        self.queued.push_back(answer);
    }

    /// The next of those is on the wire, under this packet id.
    pub(super) fn take_off(&mut self, packet: u16) {
        if let Some(answer) = self.queued.pop_front() {
            let answer = Some(answer);
            self.flying.push_back(Flight { packet, answer });
        }
    }

    /// The broker has answered. Brokers need not do so in order.
    pub(super) fn land(&mut self, packet: u16, outcome: Outcome) {
        let flight = self
            .flying
            .iter_mut()
            .find(|flight| flight.packet == packet && flight.answer.is_some());
        if let Some(answer) = flight.and_then(|flight| flight.answer.take()) {
            // Whoever asked may not wait any more.
            answer.send(outcome).ok();
        }
        while self.flying.front().is_some_and(|f| f.answer.is_none()) {
            self.flying.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::writer::{Delivery, WriteError};
    use super::*;

    /// A write that was put on the wire under this packet id.
    fn under_way(flights: &mut Flights, packet: u16) -> oneshot::Receiver<Outcome> {
        let (answer, outcome) = oneshot::channel();
        flights.queue(answer);
        flights.take_off(packet);
        outcome
    }

    #[test]
    fn answers_find_their_writes_in_any_order() {
        let mut flights = Flights::new(16);
        let mut outcomes: Vec<_> = (2..5).map(|id| under_way(&mut flights, id)).collect();
        flights.land(4, Ok(Delivery::Accepted));
        flights.land(2, Err(WriteError::NotAuthorized));
        assert_eq!(outcomes[2].try_recv(), Ok(Ok(Delivery::Accepted)));
        assert_eq!(outcomes[0].try_recv(), Ok(Err(WriteError::NotAuthorized)));
        assert!(outcomes[1].try_recv().is_err());
        // Twice the same, or one nobody asked for.
        flights.land(4, Ok(Delivery::Accepted));
        flights.land(9, Ok(Delivery::Accepted));
        flights.land(3, Ok(Delivery::Unheard));
        assert_eq!(outcomes[1].try_recv(), Ok(Ok(Delivery::Unheard)));
        assert!(flights.flying.is_empty());
    }

    #[test]
    fn a_packet_id_is_never_used_while_it_is_unanswered() {
        let mut flights = Flights::new(3);
        let outcomes: Vec<_> = (1..4).map(|id| under_way(&mut flights, id)).collect();
        assert!(!flights.has_room());
        // The next id would be 1, which is still open.
        flights.land(2, Ok(Delivery::Accepted));
        flights.land(3, Ok(Delivery::Accepted));
        assert!(!flights.has_room());
        flights.land(1, Ok(Delivery::Accepted));
        assert!(flights.has_room());
        drop(outcomes);
    }

    #[test]
    fn what_is_queued_counts_too() {
        let mut flights = Flights::new(1);
        let (answer, _outcome) = oneshot::channel();
        assert!(flights.has_room());
        flights.queue(answer);
        assert!(!flights.has_room());
    }
}
