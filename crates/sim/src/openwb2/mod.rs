//! The control program of an openWB 2.x ("core"), as a client of its broker sees it.
//!
//! A pure machine: it is told what clients write and how far time has come, moves the household on and
//! collects what to publish. Topics, formats, order and rates follow a core of 2.3.0-alpha.1 behind
//! its public broker.
//!
//! One control cycle every 10, 20 or 60 s, in phases as a real one: faults (+1.3 s), components
//! (+2.07 s), meter values (+2.11 s), decisions (+2.22 s), and what follows from them (+2.3 s).

mod boot;
mod car;
mod charge_template;
mod command;
mod control;
mod cycle;
mod energy;
mod graph;
mod json;
mod log;
mod message;
mod past;
mod point;
mod rfid;
mod roles;
mod set;
mod surplus;

use std::collections::{BTreeMap, HashMap, VecDeque};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

pub use roles::{Role, UnknownRole};
pub(crate) use roles::{guests, rights};

use crate::household::{Event, Household};
use crate::program::{File, Outgoing, Program};
use car::Car;
use energy::{Energy, Readings};
use graph::Graph;
use json::Json;
use log::Entry;
use point::Point;

/// How long the core takes to answer a write.
const REACTION: TimeDelta = TimeDelta::milliseconds(20);
/// When the heartbeat comes, after every full ten seconds.
const HEARTBEAT: TimeDelta = TimeDelta::milliseconds(240);
/// When the five-minute values come, after every full five minutes.
const DAILY: TimeDelta = TimeDelta::milliseconds(1_290);

/// A control cycle's parts in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Faults,
    Components,
    Values,
    Decisions,
    Aftermath,
}

impl Phase {
    /// Its time after the cycle's full ten seconds.
    fn offset(self) -> TimeDelta {
        TimeDelta::milliseconds(match self {
            Self::Faults => 1_300,
            Self::Components => 2_067,
            Self::Values => 2_110,
            Self::Decisions => 2_223,
            Self::Aftermath => 2_305,
        })
    }

    fn next(self) -> Option<Self> {
        match self {
            Self::Faults => Some(Self::Components),
            Self::Components => Some(Self::Values),
            Self::Values => Some(Self::Decisions),
            Self::Decisions => Some(Self::Aftermath),
            Self::Aftermath => None,
        }
    }
}

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
    Heartbeat,
    Daily,
    Phase(Phase),
    Boot,
}

/// A client's write on its way through the core.
#[derive(Debug, Clone)]
struct Write {
    due: DateTime<Utc>,
    /// Below `openWB/set/`.
    path: String,
    payload: Vec<u8>,
}

/// What not every box has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Options {
    /// A tariff with a price for every hour.
    pub(crate) prices: bool,
    /// Users with roles; the broker enforces them.
    pub(crate) user_management: bool,
}

/// The core and the household it controls.
#[derive(Debug)]
pub(crate) struct Core {
    household: Household,
    options: Options,
    life: Life,
    heartbeat: DateTime<Utc>,
    daily: DateTime<Utc>,
    cycle: DateTime<Utc>,
    phase: Phase,
    /// Full control cycles since the start.
    cycles: u64,
    has_booted: bool,
    reactions: VecDeque<Write>,
    outbox: Vec<Outgoing>,
    /// What was published last, by path below `openWB/`.
    published: HashMap<String, String>,
    /// Settings by path, as published.
    settings: BTreeMap<String, Json>,
    /// Charge templates by id.
    profiles: BTreeMap<u32, Json>,
    /// `temporary_charge_templates_active` as the last cycle saw it.
    temporary: bool,
    cars: Vec<Car>,
    points: Vec<Point>,
    /// The meters as the running cycle read them.
    measured: Readings,
    energy: Energy,
    entries: Vec<Entry>,
    graph: Graph,
}

impl Core {
    /// A core that has just booted on top of a household.
    pub(crate) fn new(household: Household, options: Options) -> Self {
        let now = household.now();
        let mut core = Self {
            life: Life::Running,
            heartbeat: now,
            daily: now,
            cycle: now,
            phase: Phase::Faults,
            cycles: 0,
            has_booted: false,
            reactions: VecDeque::new(),
            outbox: Vec::new(),
            published: HashMap::new(),
            settings: boot::settings(options),
            profiles: boot::profiles(),
            temporary: false,
            cars: Car::all(&household),
            points: Point::all(&household),
            measured: Readings::of(&household),
            energy: Energy::new(&household),
            entries: past::past_entries(&household),
            graph: Graph::default(),
            household,
            options,
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
            Life::Running => {
                let mut due = vec![
                    (self.heartbeat, Due::Heartbeat),
                    (self.daily, Due::Daily),
                    (self.cycle + self.phase.offset(), Due::Phase(self.phase)),
                ];
                due.extend(
                    self.reactions
                        .front()
                        .map(|write| (write.due, Due::Reaction)),
                );
                due.into_iter().min_by_key(|(at, _)| *at)
            }
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
                    self.apply(&write.path, &write.payload);
                }
            }
            Due::Heartbeat => {
                self.heartbeat += TimeDelta::seconds(10);
                self.state("system/time", message::unix(self.now()));
            }
            Due::Daily => {
                self.daily += TimeDelta::minutes(5);
                self.publish_daily();
            }
            Due::Phase(phase) => {
                self.run_phase(phase);
                match phase.next() {
                    Some(next) => self.phase = next,
                    None => {
                        self.phase = Phase::Faults;
                        self.cycle = after(self.now(), self.interval());
                        self.cycles += 1;
                    }
                }
            }
            Due::Boot => {
                self.life = Life::Running;
                self.has_booted = true;
                self.boot();
            }
        }
    }

    /// The control interval that is set.
    fn interval(&self) -> TimeDelta {
        let seconds = self
            .settings
            .get("general/control_interval")
            .and_then(Json::as_i64);
        TimeDelta::seconds(seconds.unwrap_or(10).max(10))
    }

    /// A switch among the settings.
    fn switch(&self, path: &str) -> bool {
        self.settings
            .get(path)
            .and_then(Json::as_switch)
            .unwrap_or(false)
    }

    /// A number among the settings.
    fn number(&self, path: &str) -> f64 {
        self.settings
            .get(path)
            .and_then(Json::as_f64)
            .unwrap_or(0.0)
    }
}

impl Program for Core {
    fn writes(&self) -> &'static [&'static str] {
        &["openWB/set/#"]
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
        let Some(path) = topic.strip_prefix("openWB/set/") else {
            return;
        };
        // An empty payload is a client clearing up.
        if self.life == Life::Running && !payload.is_empty() {
            self.reactions.push_back(Write {
                due: self.now() + REACTION,
                path: path.to_owned(),
                payload: payload.to_vec(),
            });
        }
    }

    fn react_now(&mut self) {
        while let Some(write) = self.reactions.pop_front() {
            self.apply(&write.path, &write.payload);
        }
    }

    fn hold_tag(&mut self, charge_point: u32, tag: &str) -> bool {
        let point = self
            .points
            .iter_mut()
            .find(|point| point.id == charge_point);
        let found = point.is_some();
        if let Some(point) = point {
            point.reader.push_back(tag.to_owned());
        }
        found
    }

    fn die(&mut self) {
        self.life = Life::Dead;
        self.reactions.clear();
    }

    fn revive(&mut self) {
        if self.life == Life::Dead {
            self.raw(
                "openWB/system/boot_done".to_owned(),
                "false".to_owned(),
                true,
            );
            self.life = Life::Booting(self.now());
        }
    }

    fn reboot(&mut self, takes: TimeDelta) {
        self.reactions.clear();
        self.raw(
            "openWB/system/boot_done".to_owned(),
            "false".to_owned(),
            true,
        );
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
        let target = self.cycles + 1;
        while self.cycles < target {
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
            .strip_prefix("/openWB/data/charge_log/")?
            .strip_suffix(".json")?;
        Some(File {
            media_type: "application/json",
            body: self.charge_log_file(month)?,
        })
    }
}

/// The next full multiple of `step` after an instant.
fn after(now: DateTime<Utc>, step: TimeDelta) -> DateTime<Utc> {
    // Cannot fail for steps of seconds in the years an i64 of nanoseconds reaches.
    now.duration_trunc(step).unwrap_or(now) + step
}
