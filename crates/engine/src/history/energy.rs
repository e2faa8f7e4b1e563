//! Energy of hours, days and months.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ladebuch_domain::energy::{EnergyMark, Standing, energies};
use ladebuch_domain::ids::SeriesId;
use ladebuch_domain::period::{Interval, bounds};
use ladebuch_domain::units::WattHours;

use super::{Gap, History, HistoryError, halves};
use crate::store::{Store, StoreError};

/// Most bars that one answer holds for each series: a year of hours.
pub const MAX_BARS: usize = 9000;

/// Which counters, when, and in which bars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnergyQuery {
    /// Series of meter counters.
    pub series: Vec<SeriesId>,
    /// Beginning of the period; the bar that contains it is the first one.
    pub from: DateTime<Utc>,
    /// End of the period, not part of it; the bar in which it falls is the last one.
    pub to: DateTime<Utc>,
    /// Length of a bar.
    pub interval: Interval,
    /// Zone whose hours, days and months are meant.
    pub zone: Tz,
}

/// Energy over time: bar `i` lies between `bounds[i]` and `bounds[i + 1]`.
#[derive(Clone, Debug, PartialEq)]
pub struct EnergyHistory {
    /// Beginning of the period.
    pub from: DateTime<Utc>,
    /// End of the period.
    pub to: DateTime<Utc>,
    /// Length of a bar.
    pub interval: Interval,
    /// One more than there are bars.
    pub bounds: Vec<DateTime<Utc>>,
    /// In the order in which they were asked for.
    pub series: Vec<EnergySeries>,
    /// What is not known or was odd, and why.
    pub gaps: Vec<Gap>,
}

/// One counter's energy over time.
#[derive(Clone, Debug, PartialEq)]
pub struct EnergySeries {
    /// Which one.
    pub id: SeriesId,
    /// Energy of each bar; `None` where nothing was recorded.
    pub energy: Vec<Option<WattHours>>,
    /// How sure each bar is.
    pub marks: Vec<EnergyMark>,
}

impl History {
    /// Energy of every bar that touches the period. The bars add up: each is the difference of a
    /// meter counter between its bounds.
    ///
    /// # Errors
    /// The question cannot be answered, or the database cannot be read.
    pub async fn energy(
        &self,
        query: &EnergyQuery,
        now: DateTime<Utc>,
    ) -> Result<EnergyHistory, HistoryError> {
        let &EnergyQuery {
            ref series,
            from,
            to,
            interval,
            zone,
        } = query;
        if from >= to {
            return Err(HistoryError::EmptyPeriod);
        }
        let bounds = bounds(zone, from, to, interval, MAX_BARS);
        let (Some(&first), Some(&last)) = (bounds.first(), bounds.last()) else {
            return Err(HistoryError::EmptyPeriod);
        };
        if last < to {
            return Err(HistoryError::TooManyBars);
        }
        let series = self.check(series, true).await?;
        let (some, others) = halves(&series);
        let standings = |series| standings(&self.store, series, &bounds);
        let (mut all, others, gaps, events) = tokio::try_join!(
            standings(some),
            standings(others),
            self.store.gaps(&series, first, last),
            self.store.counter_events(&series, first, last),
        )?;
        all.extend(others);
        let series = series
            .iter()
            .zip(all)
            .map(|(&id, standings)| {
                let upsets: Vec<DateTime<Utc>> = events
                    .iter()
                    .filter(|(series, _)| *series == id)
                    .map(|(_, event)| event.at)
                    .collect();
                let bars = energies(&bounds, &standings, &upsets, now);
                EnergySeries {
                    id,
                    energy: bars.iter().map(|bar| bar.energy).collect(),
                    marks: bars.iter().map(|bar| bar.mark).collect(),
                }
            })
            .collect();
        let mut gaps: Vec<Gap> = gaps.into_iter().map(Gap::from).collect();
        gaps.extend(events.iter().map(|(_, event)| Gap::from(event)));
        gaps.sort_by_key(|gap| gap.from);
        Ok(EnergyHistory {
            from,
            to,
            interval,
            bounds,
            series,
            gaps,
        })
    }
}

async fn standings(
    store: &Store,
    series: &[SeriesId],
    moments: &[DateTime<Utc>],
) -> Result<Vec<Vec<Option<Standing>>>, StoreError> {
    let mut all = Vec::with_capacity(series.len());
    for id in series {
        all.push(store.standings(*id, moments).await?);
    }
    Ok(all)
}
