//! Charging records: what became of the household's plug-ins in Elli's database.

use chrono::{DateTime, TimeDelta, Utc};

use super::identity::{dice, uuid};
use super::{Card, Station};
use crate::household::{Household, PlugSession};

/// How long a card has been gone that old records still name.
const OLD_CARD: TimeDelta = TimeDelta::days(45);

/// A charging record to put into the archive by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// Charge point of the station.
    pub charge_point: u32,
    /// Begin of the session.
    pub start: DateTime<Utc>,
    /// End of the session.
    pub stop: DateTime<Utc>,
    /// When the record is created; before that nobody sees it.
    pub created_at: DateTime<Utc>,
    /// Wh.
    pub energy_wh: u64,
    /// Whether the session ended in a fault.
    pub faulted: bool,
    /// Tag of the card, as the household knows it; `None` was started from afar.
    pub tag: Option<String>,
}

/// One line of history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) created_at: DateTime<Utc>,
    /// Charge point of its station.
    pub(super) charge_point: u32,
    pub(super) start: DateTime<Utc>,
    pub(super) stop: DateTime<Utc>,
    pub(super) energy_wh: u64,
    pub(super) faulted: bool,
    pub(super) card: Option<Card>,
    pub(super) session_id: String,
}

/// All records, in the order of their creation.
#[derive(Debug)]
pub(super) struct Archive {
    seed: u64,
    /// Before this the Zoe's driver had another card.
    card_changed: DateTime<Utc>,
    /// How many of the household's plug-ins have been taken in.
    taken: usize,
    by_hand: u64,
    records: Vec<Record>,
}

impl Archive {
    pub(super) fn new(seed: u64, now: DateTime<Utc>) -> Self {
        Self {
            seed,
            card_changed: now - OLD_CARD,
            taken: 0,
            by_hand: 0,
            records: Vec::new(),
        }
    }

    /// Takes in what has ended since the last time.
    pub(super) fn take_in(&mut self, household: &Household, stations: &[Station], cards: &[Card]) {
        let ended = household.past_sessions();
        for session in ended.iter().skip(self.taken) {
            let ours = stations
                .iter()
                .any(|station| station.charge_point == session.charge_point);
            if let Some(stop) = session.unplugged_at.filter(|_| ours) {
                let record = self.of_session(session, stop, cards);
                self.file(record);
            }
        }
        self.taken = ended.len();
    }

    fn of_session(&self, session: &PlugSession, stop: DateTime<Utc>, cards: &[Card]) -> Record {
        let name = session_name(session);
        // One session in 64 ends in a fault, and its energy is lost.
        let faulted = dice(self.seed, "fault", &name, 64) == 0;
        let energy = (session.imported_at_end_wh - session.imported_at_start_wh).max(0.0);
        let old_card = session.vehicle == 2 && session.plugged_at < self.card_changed;
        let card = session
            .tag
            .and_then(|tag| cards.iter().find(|card| card.tag == tag))
            .map(|card| {
                if old_card {
                    card.predecessor(self.seed)
                } else {
                    card.clone()
                }
            });
        Record {
            id: uuid(self.seed, "record", &name),
            created_at: stop + self.delay(&name),
            charge_point: session.charge_point,
            start: session.plugged_at,
            stop,
            energy_wh: if faulted { 0 } else { energy.round() as u64 },
            faulted,
            card,
            session_id: session_id(self.seed, session),
        }
    }

    /// Records are created seconds after the end, but one in 40 only when the station is online again.
    fn delay(&self, name: &str) -> TimeDelta {
        let millis = 2_000 + dice(self.seed, "delay", name, 3_000) as i64;
        let hours = if dice(self.seed, "offline", name, 40) == 0 {
            3 + dice(self.seed, "hours", name, 40) as i64
        } else {
            0
        };
        TimeDelta::milliseconds(millis) + TimeDelta::hours(hours)
    }

    /// Files a record by hand and returns its id.
    pub(super) fn insert(&mut self, new: NewRecord, cards: &[Card]) -> String {
        self.by_hand += 1;
        let name = format!("by hand/{}", self.by_hand);
        let id = uuid(self.seed, "record", &name);
        self.file(Record {
            id: id.clone(),
            created_at: new.created_at,
            charge_point: new.charge_point,
            start: new.start,
            stop: new.stop,
            energy_wh: new.energy_wh,
            faulted: new.faulted,
            card: new
                .tag
                .and_then(|tag| cards.iter().find(|card| card.tag == tag).cloned()),
            session_id: uuid(self.seed, "session", &name),
        });
        id
    }

    fn file(&mut self, record: Record) {
        let key = |record: &Record| (record.created_at, record.id.clone());
        let place = self
            .records
            .partition_point(|other| key(other) < key(&record));
        self.records.insert(place, record);
    }

    /// A station's records that exist by now, oldest creation first.
    pub(super) fn of_station(
        &self,
        charge_point: u32,
        now: DateTime<Utc>,
    ) -> impl DoubleEndedIterator<Item = &Record> {
        self.records
            .iter()
            .filter(move |record| record.charge_point == charge_point && record.created_at <= now)
    }
}

fn session_name(session: &PlugSession) -> String {
    format!(
        "{}/{}",
        session.charge_point,
        session.plugged_at.timestamp_millis()
    )
}

/// The id a plug-in has while it lasts and ever after.
pub(super) fn session_id(seed: u64, session: &PlugSession) -> String {
    uuid(seed, "session", &session_name(session))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::household::history;

    #[test]
    fn a_year_of_plug_ins_becomes_records_once() {
        let from: DateTime<Utc> = "2025-11-01T00:00:00Z".parse().unwrap();
        let now = from + TimeDelta::days(365);
        let mut past = history(1, from, now, TimeDelta::hours(6));
        past.by_ref().for_each(drop);
        let household = past.into_household();
        let stations = Station::both();
        let cards = Card::of(&household);
        let mut archive = Archive::new(1, now);
        archive.take_in(&household, &stations, &cards);
        archive.take_in(&household, &stations, &cards);
        assert_eq!(archive.records.len(), household.past_sessions().len());
        assert!(archive.records.is_sorted_by_key(|record| record.created_at));
        let count = |wanted: fn(&Record) -> bool| {
            archive
                .records
                .iter()
                .filter(|record| wanted(record))
                .count()
        };
        assert!(count(|record| record.faulted) > 0);
        assert!(count(|record| record.card.is_none()) > 0);
        assert!(count(|record| record.created_at - record.stop > TimeDelta::hours(2)) > 0);
        let gone = |record: &&Record| {
            record
                .card
                .as_ref()
                .is_some_and(|card| !cards.iter().any(|known| known.id == card.id))
        };
        assert!(archive.records.iter().any(|record| gone(&record)));
        let seen = archive.of_station(3, from + TimeDelta::days(30)).count();
        assert!(seen > 5 && seen < archive.of_station(3, now).count());
    }
}
