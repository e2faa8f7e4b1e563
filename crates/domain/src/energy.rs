//! The energy of periods, from where a meter counter stood at their bounds.
//!
//! A period's energy is the difference of two totals and nothing else, so the periods of any chart
//! add up to the whole. What can be unsure is only in which of them energy was used; that is what
//! an [`EnergyMark`] tells.

use chrono::{DateTime, Utc};

use crate::sample::Tier;
use crate::units::WattHours;

/// Where a counter stood at a moment, as far as it was recorded until then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Sum of all rises since recording began.
    pub total: WattHours,
    /// End of the slot that says so; at most the moment itself.
    pub at: DateTime<Utc>,
    /// If the moment lies in a [hole](Self::in_hole) that has ended since: the total with which
    /// recording went on. The rise in between was used at a time that nobody knows.
    pub resumed: Option<WattHours>,
}

impl Standing {
    /// Whether nothing was recorded just before `moment`.
    #[must_use]
    pub fn in_hole(&self, moment: DateTime<Utc>) -> bool {
        // Stored slots are no finer than this once they are rolled up.
        moment - self.at >= Tier::FiveMinutes.step()
    }

    /// Whether energy was used in the hole around `moment`.
    fn hides_energy(&self, moment: DateTime<Utc>) -> bool {
        self.in_hole(moment) && self.resumed.is_some_and(|resumed| resumed > self.total)
    }
}

/// How far a period's energy can be trusted to belong to just that period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnergyMark {
    /// Recorded from the first to the last moment, or at least at both ends.
    Measured,
    /// Contains energy from before its beginning: nothing was recorded then.
    Recovered,
    /// Lacks energy: it reaches beyond what is recorded, or the counter was reset in it.
    Partial,
    /// Nothing was recorded.
    None,
}

/// The energy of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Energy {
    /// How much; `None` if nothing was recorded in the period.
    pub energy: Option<WattHours>,
    /// How sure it is.
    pub mark: EnergyMark,
}

/// Energy between neighbouring `bounds`, with the counter's standing at each of them (`None`
/// before the first sample), the moments at which the counter was reset or jumped, in order of
/// time, and the present moment.
#[must_use]
pub fn energies(
    bounds: &[DateTime<Utc>],
    standings: &[Option<Standing>],
    upsets: &[DateTime<Utc>],
    now: DateTime<Utc>,
) -> Vec<Energy> {
    bounds
        .windows(2)
        .zip(standings.windows(2))
        .map(|(bounds, standings)| match (bounds, standings) {
            (&[from, until], &[before, Some(after)]) if after.at > from => {
                let upset = upsets.partition_point(|at| *at <= from)
                    < upsets.partition_point(|at| *at <= until);
                let begun = before.map_or(WattHours::ZERO, |standing| standing.total);
                let mark = if before.is_none() || upset || until > now || cut_off(&after, until) {
                    EnergyMark::Partial
                } else if before.is_some_and(|standing| standing.hides_energy(from)) {
                    EnergyMark::Recovered
                } else {
                    EnergyMark::Measured
                };
                Energy {
                    energy: Some(after.total - begun),
                    mark,
                }
            }
            _ => Energy {
                energy: None,
                mark: EnergyMark::None,
            },
        })
        .collect()
}

/// Whether recording ends before `until` with something left to be told: energy that showed up
/// afterwards, or nothing yet.
fn cut_off(standing: &Standing, until: DateTime<Utc>) -> bool {
    standing.in_hole(until)
        && standing
            .resumed
            .is_none_or(|resumed| resumed > standing.total)
}
