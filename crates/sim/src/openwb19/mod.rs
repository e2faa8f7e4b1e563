//! The control program of an openWB 1.9, as a client of its broker sees it.
//!
//! A pure machine like that of 2.x: told what clients write and how far time has come, it moves the
//! household on and collects what to publish. Topics, formats and order follow the regulation loop and
//! `runs/mqttsub.py` of 1.9.304.0.
//!
//! One loop every ten seconds: values are published first and only where they changed, then decided;
//! what was decided shows in the next loop. A real one spreads a loop's messages over a second, here
//! they come at once.

mod boot;
mod charge_log;
mod cycle;
mod graph;
mod message;
mod point;
mod price;
mod regulation;
mod set;
mod totals;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use crate::household::{Event, Household};
use crate::program::{File, Outgoing, Program};
use charge_log::Row;
use graph::Graph;
use point::Point;
use regulation::Sun;
use totals::Totals;

/// How long `mqttsub.py` takes to answer a write.
const REACTION: TimeDelta = TimeDelta::milliseconds(10);
/// How long the reply to `RequestMonthLadelog` stays.
const REPLY_STAYS: TimeDelta = TimeDelta::seconds(3);
/// Length of a loop.
const LOOP: TimeDelta = TimeDelta::seconds(10);
/// When a loop publishes, after every full ten seconds.
const LOOP_OFFSET: TimeDelta = TimeDelta::milliseconds(6_400);

/// What the program is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Running,
    /// Silent until an instant; then it boots.
    Booting(DateTime<Utc>),
    Dead,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Reaction,
    ReplyOver,
    Loop,
    Boot,
}

/// A client's write on its way through `mqttsub.py`.
#[derive(Debug, Clone)]
struct Write {
    due: DateTime<Utc>,
    topic: String,
    payload: Vec<u8>,
}

/// The program and the household it controls.
#[derive(Debug)]
pub(crate) struct Core {
    household: Household,
    /// Whether there is a tariff with a price for every hour.
    prices: bool,
    life: Life,
    booted_at: DateTime<Utc>,
    next_loop: DateTime<Utc>,
    /// Loops since the start.
    loops: u64,
    has_booted: bool,
    reactions: VecDeque<Write>,
    outbox: Vec<Outgoing>,
    /// What was published last, by path below `openWB/`. Settings are kept nowhere else.
    tree: BTreeMap<String, String>,
    /// Settings somebody wrote since the last loop, which repeats them.
    unconfirmed: BTreeSet<String>,
    points: Vec<Point>,
    /// Where surplus charging stands; there is one mode for all charge points.
    sun: Sun,
    /// Tags held to the reader since the last loop.
    reader: VecDeque<String>,
    rows: Vec<Row>,
    reply_over: Option<DateTime<Utc>>,
    totals: Totals,
    graph: Graph,
}

impl Core {
    /// A program that has just booted on top of a household.
    pub(crate) fn new(household: Household, prices: bool) -> Self {
        let now = household.now();
        let mut core = Self {
            prices,
            life: Life::Running,
            booted_at: now,
            next_loop: now,
            loops: 0,
            has_booted: false,
            reactions: VecDeque::new(),
            outbox: Vec::new(),
            tree: boot::defaults(),
            unconfirmed: BTreeSet::new(),
            points: Point::all(&household),
            sun: Sun::Off,
            reader: VecDeque::new(),
            rows: charge_log::past_rows(&household),
            reply_over: None,
            totals: Totals::new(&household),
            graph: Graph::default(),
            household,
        };
        core.boot();
        core
    }

    fn now(&self) -> DateTime<Utc> {
        self.household.now()
    }

    fn due(&self) -> Option<(DateTime<Utc>, Due)> {
        match self.life {
            Life::Dead => None,
            Life::Booting(until) => Some((until, Due::Boot)),
            Life::Running => [
                Some((self.next_loop, Due::Loop)),
                self.reply_over.map(|at| (at, Due::ReplyOver)),
                self.reactions
                    .front()
                    .map(|write| (write.due, Due::Reaction)),
            ]
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| *at),
        }
    }

    fn live(&mut self, until: DateTime<Utc>) {
        let by = until - self.household.now();
        if by > TimeDelta::zero() {
            self.household.step(by);
            for event in self.household.take_events() {
                if let Event::TagScanned { charge_point, tag } = event {
                    self.hold_tag(charge_point, tag);
                }
            }
        }
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Reaction => {
                if let Some(write) = self.reactions.pop_front() {
                    self.apply(&write.topic, &write.payload);
                }
            }
            Due::ReplyOver => {
                self.reply_over = None;
                self.end_reply();
            }
            Due::Loop => {
                self.next_loop += LOOP;
                self.run_loop();
                self.loops += 1;
            }
            Due::Boot => {
                self.life = Life::Running;
                self.has_booted = true;
                self.booted_at = self.now();
                self.boot();
            }
        }
    }

    /// A setting or value by path below `openWB/`, as a number.
    fn number(&self, path: &str) -> f64 {
        self.tree
            .get(path)
            .and_then(|payload| payload.trim().parse().ok())
            .unwrap_or(0.0)
    }

    /// A setting or value that is 1 for yes.
    fn is_on(&self, path: &str) -> bool {
        self.number(path) == 1.0
    }
}

impl Program for Core {
    fn writes(&self) -> &'static [&'static str] {
        &["openWB/set/#", "openWB/config/set/#"]
    }

    fn household(&self) -> &Household {
        &self.household
    }

    fn household_mut(&mut self) -> &mut Household {
        &mut self.household
    }

    fn drain(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.outbox)
    }

    fn receive(&mut self, topic: &str, payload: &[u8]) {
        // An empty payload is somebody clearing up.
        if self.life == Life::Running && !payload.is_empty() {
            self.reactions.push_back(Write {
                due: self.now() + REACTION,
                topic: topic.to_owned(),
                payload: payload.to_vec(),
            });
        }
    }

    fn react_now(&mut self) {
        while let Some(write) = self.reactions.pop_front() {
            self.apply(&write.topic, &write.payload);
        }
    }

    fn hold_tag(&mut self, charge_point: u32, tag: &str) -> bool {
        let found = self.points.iter().any(|point| point.id == charge_point);
        if found {
            // All charge points share one reader; which of them a tag is for is a matter of settings.
            self.reader.push_back(tag.to_owned());
        }
        found
    }

    fn die(&mut self) {
        self.life = Life::Dead;
        self.reactions.clear();
    }

    fn revive(&mut self) {
        if self.life == Life::Dead {
            self.life = Life::Booting(self.now());
        }
    }

    fn reboot(&mut self, takes: TimeDelta) {
        self.reactions.clear();
        self.reply_over = None;
        self.life = Life::Booting(self.now() + takes.max(TimeDelta::zero()));
    }

    fn take_booted(&mut self) -> bool {
        std::mem::take(&mut self.has_booted)
    }

    fn next_due(&self) -> Option<DateTime<Utc>> {
        self.due().map(|(at, _)| at)
    }

    fn run_until(&mut self, until: DateTime<Utc>) {
        while let Some((at, due)) = self.due().filter(|(at, _)| *at <= until) {
            self.live(at);
            self.happen(due);
        }
        self.live(until);
    }

    fn run_cycle(&mut self) -> bool {
        let target = self.loops + 1;
        while self.loops < target {
            let Some((at, due)) = self.due() else {
                return false;
            };
            self.live(at);
            self.happen(due);
        }
        true
    }

    fn file(&self, path: &str) -> Option<File> {
        let month = path
            .strip_prefix("/openWB/web/logging/data/ladelog/")?
            .strip_suffix(".csv")?;
        Some(File {
            media_type: "text/csv",
            body: self.charge_log_file(month)?,
        })
    }
}

/// When the first loop after an instant publishes.
fn first_loop(now: DateTime<Utc>) -> DateTime<Utc> {
    let shifted = now - LOOP_OFFSET;
    // Cannot fail for steps of seconds in the years an i64 of nanoseconds reaches.
    shifted.duration_trunc(LOOP).unwrap_or(shifted) + LOOP + LOOP_OFFSET
}
