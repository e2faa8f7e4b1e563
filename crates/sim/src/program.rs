//! What the simulation needs of a box's control program, whichever generation of openWB it is.

use std::fmt::Debug;

use chrono::{DateTime, TimeDelta, Utc};

use crate::household::Household;

/// A message for the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) topic: String,
    pub(crate) payload: String,
    pub(crate) retain: bool,
}

/// A pure machine on top of a household: told what clients write and how far time has come, it moves
/// the household on and collects what to publish.
pub(crate) trait Program: Debug + Send {
    /// Filters of the topics on which it takes writes.
    fn writes(&self) -> &'static [&'static str];

    /// Virtual time.
    fn now(&self) -> DateTime<Utc> {
        self.household().now()
    }

    fn household(&self) -> &Household;

    fn household_mut(&mut self) -> &mut Household;

    /// What is to be published, in order.
    fn drain(&mut self) -> Vec<Outgoing>;

    /// A client wrote on one of [`Program::writes`]. A program that is not running does not hear it.
    fn receive(&mut self, topic: &str, payload: &[u8]);

    /// Answers what was written without waiting for the time that takes.
    fn react_now(&mut self);

    /// Holds a tag to a charge point's reader; false if there is no such charge point.
    fn hold_tag(&mut self, charge_point: u32, tag: &str) -> bool;

    /// The program dies and leaves its broker alone.
    fn die(&mut self);

    /// A dead program starts again.
    fn revive(&mut self);

    /// The box goes down and comes up again after `takes`.
    fn reboot(&mut self, takes: TimeDelta);

    /// Whether the program has come up since the last call. It then looks for writes that were left
    /// for it with the retain flag.
    fn take_booted(&mut self) -> bool;

    /// When something happens next; `None` while the program is dead.
    fn next_due(&self) -> Option<DateTime<Utc>>;

    /// Does everything that is due up to an instant, and moves the household there.
    fn run_until(&mut self, until: DateTime<Utc>);

    /// Runs to the end of the next control cycle; returns false if there is none to come.
    fn run_cycle(&mut self) -> bool;

    /// What the box's web server hands out under a path, if anything: its charge log, by month.
    fn file(&self, path: &str) -> Option<File>;
}

/// A file as the box's web server sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) media_type: &'static str,
    pub(crate) body: String,
}
