//! The questions.

use std::time::Duration;

use super::SESSIONS_AT_REST;

/// A quarter of a day: stations, and a look for new records.
pub(super) const QUARTERLY: Duration = Duration::from_secs(6 * 60 * 60);
/// What hardly ever changes.
pub(super) const DAILY: Duration = Duration::from_secs(24 * 60 * 60);
/// Elli's own sum of a session that runs; the sessions tell most of it.
const ACCUMULATED: Duration = Duration::from_secs(15 * 60);
/// The stations, while what they said last is doubtful.
pub(super) const DOUBTFUL: Duration = Duration::from_secs(15 * 60);

/// A question, in the order in which they are asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    /// The stations.
    Stations,
    /// What is plugged in.
    Sessions,
    /// The next page of a station's records.
    Records(Box<str>),
    /// Elli's sum of all records of a station. Asked once after they were read; a question of its
    /// own, so that records are read although it has no answer.
    Total(Box<str>),
    /// The cards.
    Cards,
    /// Elli's sum of the session that runs at a station.
    Accumulated(Box<str>),
    /// The stations' firmware.
    Firmware,
    /// The places of the stations.
    Locations,
    /// When a station is to charge.
    Scheduled(Box<str>),
}

impl Job {
    /// How often it is asked at rest.
    pub fn interval(&self) -> Duration {
        match self {
            Self::Sessions => SESSIONS_AT_REST,
            Self::Stations | Self::Records(_) | Self::Total(_) => QUARTERLY,
            Self::Accumulated(_) => ACCUMULATED,
            Self::Cards | Self::Firmware | Self::Locations | Self::Scheduled(_) => DAILY,
        }
    }

    /// Id of the station that it is about, if it is about one.
    pub fn station(&self) -> Option<&str> {
        match self {
            Self::Records(id) | Self::Total(id) | Self::Accumulated(id) | Self::Scheduled(id) => {
                Some(id)
            }
            _ => None,
        }
    }

    /// Whether it may be missing: nothing that is read for good or shown live depends on it.
    pub fn is_decoration(&self) -> bool {
        !matches!(self, Self::Stations | Self::Sessions | Self::Records(_))
    }
}
