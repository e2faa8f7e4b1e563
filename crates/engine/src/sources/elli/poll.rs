//! What to ask Elli next, and when. Pure: time, chance and outcomes come in as arguments.
//!
//! Elli publishes no limits; those who use the same service ask every five minutes, and take a
//! minute for the least. So does this: at rest at most [`MOST_AT_REST`] requests in any
//! [`WINDOW`], and never two questions for the sessions within [`SESSIONS_CHARGING`]. What a
//! person waits for, and the pages of a walk through the records, are asked at once.

mod failure;
mod job;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

pub(super) use self::failure::Failure;
pub(super) use self::job::Job;
use self::job::{DAILY, DOUBTFUL, QUARTERLY};

/// Between two questions for the sessions while nothing charges.
pub(super) const SESSIONS_AT_REST: Duration = Duration::from_secs(5 * 60);
/// The same while something charges; never less.
pub(super) const SESSIONS_CHARGING: Duration = Duration::from_secs(60);
/// After a charge has ended: its record is written within seconds, or when the station is online
/// again.
const AWAITED: [Duration; 3] = [
    Duration::from_secs(60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(60 * 60),
];
/// In any stretch of this length …
const WINDOW: Duration = Duration::from_secs(5 * 60);
/// … there are at rest at most so many requests, …
const MOST_AT_REST: usize = 3;
/// … of which one is left to the sessions.
const MOST_OTHERS: usize = 2;
/// Between two wishes of a person that are followed.
const BETWEEN_WISHES: Duration = Duration::from_secs(10);
/// Share of an interval by which chance makes it longer.
const JITTER: f64 = 0.1;

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask this.
    Ask(Job),
    /// Nothing before that time.
    Wait(DateTime<Utc>),
    /// Nothing until somebody signs in.
    Rest,
}

#[derive(Clone, Debug)]
struct Slot {
    due: DateTime<Utc>,
    /// Somebody waits for it, so that it need not fit into the rest's few requests.
    urgent: bool,
    /// In a row.
    failures: u32,
    /// The first page of a walk is there, and others follow.
    walking: bool,
    /// How often a record that must come has been looked for.
    awaited: Option<usize>,
}

impl Slot {
    fn urgent(due: DateTime<Utc>) -> Self {
        Self {
            urgent: true,
            ..Self::routine(due)
        }
    }

    const fn routine(due: DateTime<Utc>) -> Self {
        Self {
            due,
            urgent: false,
            failures: 0,
            walking: false,
            awaited: None,
        }
    }
}

/// What has been noted of the question that is being asked.
#[derive(Clone, Copy, Debug, Default)]
struct Asking {
    /// It counts among those of the rest.
    counts: bool,
    /// When the sessions had been asked before.
    sessions_asked: Option<DateTime<Utc>>,
}

/// When which question of one account is due.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    signed_in: bool,
    slots: BTreeMap<Job, Slot>,
    /// Something charges.
    charging: bool,
    /// What the stations said last may have changed since.
    doubtful: bool,
    /// Failures in a row, of whatever.
    failures: u32,
    /// Our own pause after failures.
    paused: Option<DateTime<Utc>>,
    /// The pause that Elli asked for.
    told: Option<DateTime<Utc>>,
    /// Requests of the rest within the window; `true`: for the sessions.
    recent: VecDeque<(DateTime<Utc>, bool)>,
    sessions_asked: Option<DateTime<Utc>>,
    /// What the last question has changed of these two, should it turn out not to have been sent.
    asking: Asking,
    /// When somebody wished to know everything anew, and when that is done.
    wished: Option<DateTime<Utc>>,
    wish: Option<DateTime<Utc>>,
    /// The time by the last look.
    seen: DateTime<Utc>,
}

impl Schedule {
    /// Of an account of which it is not known whether somebody is signed in.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            signed_in: false,
            slots: BTreeMap::new(),
            charging: false,
            doubtful: false,
            failures: 0,
            paused: None,
            told: None,
            recent: VecDeque::new(),
            sessions_asked: None,
            asking: Asking::default(),
            wished: None,
            wish: None,
            seen: now,
        }
    }

    /// Somebody is signed in: everything is due that was not asked lately.
    pub fn begin(&mut self, now: DateTime<Utc>) {
        self.look(now);
        if self.signed_in {
            return;
        }
        self.signed_in = true;
        self.failures = 0;
        self.paused = None;
        self.charging = false;
        for job in [
            Job::Stations,
            Job::Sessions,
            Job::Cards,
            Job::Firmware,
            Job::Locations,
        ] {
            self.slots.entry(job).or_insert(Slot::urgent(now));
        }
        self.make_due(now, |job| job.interval() < DAILY);
    }

    /// Nobody is signed in any more.
    pub fn rest(&mut self) {
        self.signed_in = false;
    }

    /// A question was answered before this program started.
    pub fn was_answered(&mut self, job: Job, at: DateTime<Utc>) {
        let due = at.min(self.seen) + span(job.interval());
        self.slots.insert(job, Slot::routine(due));
    }

    /// Somebody wishes to know everything anew. Wishes that come in quick succession are one.
    pub fn wish(&mut self, now: DateTime<Utc>) {
        self.look(now);
        let earliest = self.wished.map(|wished| wished + span(BETWEEN_WISHES));
        self.wish = Some(earliest.map_or(now, |earliest| earliest.max(now)));
    }

    /// The account's stations, as Elli says.
    pub fn set_stations<'a>(
        &mut self,
        stations: impl Iterator<Item = &'a str> + Clone,
        now: DateTime<Utc>,
    ) {
        self.slots.retain(|job, _| {
            job.station()
                .is_none_or(|of| stations.clone().any(|id| id == of))
        });
        for id in stations {
            for job in [Job::Records(id.into()), Job::Scheduled(id.into())] {
                self.slots.entry(job).or_insert(Slot::urgent(now));
            }
        }
    }

    /// Whether what the stations said last is doubtful: one was away, or a session runs at one that
    /// is not known. `news`: it has become so just now.
    pub fn set_doubtful(&mut self, doubtful: bool, news: bool, now: DateTime<Utc>) {
        self.doubtful = doubtful;
        let latest = match (doubtful, news) {
            (_, true) => now,
            (true, false) => now + span(DOUBTFUL),
            (false, false) => return,
        };
        if let Some(slot) = self.slots.get_mut(&Job::Stations)
            && slot.failures == 0
        {
            slot.due = slot.due.min(latest);
        }
    }

    /// Elli's sum of a station's records is worth asking for; `at_once`: somebody waits for it.
    pub fn want_total(&mut self, station: &str, at_once: bool, now: DateTime<Utc>) {
        let job = Job::Total(station.into());
        let slot = self.slots.entry(job).or_insert(Slot::routine(now));
        slot.urgent |= at_once;
    }

    /// Where a session runs, and whether something charges.
    pub fn set_running<'a>(
        &mut self,
        stations: impl Iterator<Item = &'a str> + Clone,
        charging: bool,
        now: DateTime<Utc>,
    ) {
        self.charging = charging;
        self.slots.retain(|job, _| match job {
            Job::Accumulated(of) => stations.clone().any(|id| id == &**of),
            _ => true,
        });
        for id in stations {
            self.slots
                .entry(Job::Accumulated(id.into()))
                .or_insert(Slot::routine(now));
        }
    }

    /// A session of a station has ended, so that a record will be written.
    pub fn session_ended(&mut self, station: &str, now: DateTime<Utc>) {
        if let Some(slot) = self.slots.get_mut(&Job::Records(station.into())) {
            slot.awaited = Some(1);
            slot.due = slot.due.min(now + span(AWAITED[0]));
        }
    }

    /// What to do now.
    pub fn next(&mut self, now: DateTime<Utc>) -> Step {
        self.look(now);
        if !self.signed_in {
            return Step::Rest;
        }
        if self.wish.is_some_and(|wish| wish <= now) {
            self.wish = None;
            self.wished = Some(now);
            self.paused = None;
            self.make_due(now, |_| true);
        }
        if let Some(until) = self.paused.max(self.told).filter(|until| *until > now) {
            return Step::Wait(self.wish.map_or(until, |wish| wish.min(until)).max(now));
        }
        let mut soonest = self.wish.unwrap_or(now + span(QUARTERLY));
        let mut chosen: Option<(u32, &Job)> = None;
        for (job, slot) in &self.slots {
            let free_at = if slot.due > now {
                slot.due
            } else {
                self.free_at(job, slot, now)
            };
            if free_at > now {
                soonest = soonest.min(free_at);
            } else if chosen.is_none_or(|(failures, _)| slot.failures < failures) {
                // A question that is never answered must not keep all others waiting.
                chosen = Some((slot.failures, job));
            }
        }
        match chosen {
            Some((_, job)) => Step::Ask(job.clone()),
            None => Step::Wait(soonest),
        }
    }

    /// A question is being asked.
    pub fn asked(&mut self, job: &Job, now: DateTime<Utc>) {
        self.look(now);
        let slot = self.slots.get(job);
        self.asking = Asking {
            counts: slot.is_some_and(|slot| !self.is_free(job, slot)),
            sessions_asked: self.sessions_asked,
        };
        if *job == Job::Sessions {
            self.sessions_asked = Some(now);
        }
        if self.asking.counts {
            self.recent.push_back((now, *job == Job::Sessions));
        }
    }

    /// A question is answered. `chance` in `[0, 1)`.
    pub fn answered(&mut self, job: &Job, now: DateTime<Utc>, chance: f64) {
        self.look(now);
        self.failures = 0;
        let interval = match job {
            Job::Total(_) => {
                self.slots.remove(job);
                return;
            }
            Job::Sessions if self.charging => SESSIONS_CHARGING,
            Job::Stations if self.doubtful => DOUBTFUL,
            job => job.interval(),
        };
        if let Some(slot) = self.slots.get_mut(job) {
            *slot = Slot::routine(now + stretched(interval, chance));
        }
    }

    /// A page of records is there, and the walk goes on.
    pub fn turned_page(&mut self, job: &Job, now: DateTime<Utc>) {
        self.look(now);
        self.failures = 0;
        if let Some(slot) = self.slots.get_mut(job) {
            slot.failures = 0;
            slot.walking = true;
            slot.due = now;
        }
    }

    /// A walk through records has come to its end; `news`: it has brought something.
    pub fn walked(&mut self, job: &Job, news: bool, now: DateTime<Utc>, chance: f64) {
        let awaited = self.slots.get(job).and_then(|slot| slot.awaited);
        self.answered(job, now, chance);
        let Some(slot) = self.slots.get_mut(job) else {
            return;
        };
        if let Some(times) = awaited.filter(|_| !news)
            && let Some(pause) = AWAITED.get(times)
        {
            slot.due = now + stretched(*pause, chance);
            slot.awaited = Some(times + 1);
        }
    }

    fn make_due(&mut self, now: DateTime<Utc>, which: impl Fn(&Job) -> bool) {
        let floor = self
            .sessions_asked
            .map(|asked| asked + span(SESSIONS_CHARGING));
        for (job, slot) in self.slots.iter_mut().filter(|(job, _)| which(job)) {
            let due = match (job, floor) {
                (Job::Sessions, Some(floor)) => floor.max(now),
                _ => now,
            };
            slot.due = slot.due.min(due);
            slot.failures = 0;
            slot.urgent = true;
        }
    }

    /// Whether a question does not count among those of the rest.
    fn is_free(&self, job: &Job, slot: &Slot) -> bool {
        slot.urgent || slot.walking || (self.charging && *job == Job::Sessions)
    }

    /// When a question that is due may be asked.
    fn free_at(&self, job: &Job, slot: &Slot, now: DateTime<Utc>) -> DateTime<Utc> {
        let sessions = *job == Job::Sessions;
        let floor = self
            .sessions_asked
            .filter(|_| sessions)
            .map_or(now, |asked| asked + span(SESSIONS_CHARGING));
        if self.is_free(job, slot) {
            return floor;
        }
        let window = span(WINDOW);
        let after = |most: usize, of: &dyn Fn(bool) -> bool| {
            let times = self.recent.iter().filter(|(_, kind)| of(*kind));
            times.rev().nth(most - 1).map(|(at, _)| *at + window)
        };
        let all = after(MOST_AT_REST, &|_| true);
        let others = after(MOST_OTHERS, &|sessions| !sessions).filter(|_| !sessions);
        floor.max(all.max(others).unwrap_or(floor))
    }

    /// Takes notice of the time. A clock that was set back takes everything planned along, or the
    /// way back would be waited for too.
    fn look(&mut self, now: DateTime<Utc>) {
        let back = (self.seen - now).max(TimeDelta::zero());
        if back > TimeDelta::zero() {
            let all = self
                .slots
                .values_mut()
                .map(|slot| &mut slot.due)
                .chain(self.recent.iter_mut().map(|(at, _)| at))
                .chain(&mut self.paused)
                .chain(&mut self.told)
                .chain(&mut self.sessions_asked)
                .chain(&mut self.asking.sessions_asked)
                .chain(&mut self.wished)
                .chain(&mut self.wish);
            for time in all {
                *time -= back;
            }
        }
        self.seen = now;
        while self
            .recent
            .front()
            .is_some_and(|(at, _)| now - *at >= span(WINDOW))
        {
            self.recent.pop_front();
        }
    }
}

fn stretched(interval: Duration, chance: f64) -> TimeDelta {
    span(interval.mul_f64(1.0 + JITTER * chance.clamp(0.0, 1.0)))
}

fn span(duration: Duration) -> TimeDelta {
    // All durations here are hours at most.
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests;
