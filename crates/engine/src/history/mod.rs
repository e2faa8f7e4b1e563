//! What was recorded, as charts and tables want it.

mod energy;
mod power;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use ladebuch_domain::device::Quantity;
use ladebuch_domain::ids::{DeviceId, SeriesId, SourceId};

pub use self::energy::{EnergyHistory, EnergyQuery, EnergySeries, MAX_BARS};
pub use self::power::{MAX_POINTS, PowerHistory, PowerQuery, PowerSeries};
pub use crate::store::StoredSeries as SeriesInfo;
pub use ladebuch_domain::energy::EnergyMark;

use crate::store::{self, CounterEvent, CounterEventKind, GapSpan, Store, StoreError};

/// Most series of one query.
pub const MAX_SERIES: usize = 200;

/// Answers questions about what was recorded. Cheap to clone.
#[derive(Clone, Debug)]
pub struct History {
    store: Store,
}

/// A question that has no answer.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The period ends before it begins.
    #[error("The period is empty: its end must lie after its beginning.")]
    EmptyPeriod,
    /// No series was named.
    #[error("Name at least one series.")]
    NoSeries,
    /// More series than one answer can hold.
    #[error("At most {MAX_SERIES} series can be asked for at once.")]
    TooManySeries,
    /// More points than one answer can hold.
    #[error("At most {MAX_POINTS} points can be asked for.")]
    TooManyPoints,
    /// More bars than one answer can hold.
    #[error("The period has more than {MAX_BARS} bars. Choose a shorter one or a longer interval.")]
    TooManyBars,
    /// There is no such series.
    #[error("There is no series {}.", .0.0)]
    UnknownSeries(SeriesId),
    /// The series is a gauge, which has no energy.
    #[error("Series {} is no meter counter and has no energy.", .0.0)]
    NotACounter(SeriesId),
    /// The series is a counter, which has no momentary value.
    #[error("Series {} is a meter counter and has no momentary value.", .0.0)]
    NotAGauge(SeriesId),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A span, or a moment, in which a chart is not to be trusted blindly.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// When it begins.
    pub from: DateTime<Utc>,
    /// When it ends; for counter events the same moment.
    pub to: DateTime<Utc>,
    /// The source it is about; with no device either, it is about everything.
    pub source: Option<SourceId>,
    /// The device it is about.
    pub device: Option<DeviceId>,
    /// Why.
    pub cause: GapCause,
}

/// Why a chart has a hole or a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapCause {
    /// Ladebuch did not run.
    RecorderOff,
    /// The source was offline, or its box silent.
    SourceOffline,
    /// The source lives but does not tell this value.
    ValueUnknown,
    /// The computer's clock showed a time that was recorded already.
    ClockSetBack,
    /// The database could not be written.
    WriteFailed,
    /// A meter counter fell; its energy since the last reading is not known.
    CounterReset,
    /// A meter counter rose by more than any house can use; the rise is not counted.
    CounterJump,
}

impl GapCause {
    /// Stable name of the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RecorderOff => store::GapCause::RecorderOff.name(),
            Self::SourceOffline => store::GapCause::SourceOffline.name(),
            Self::ValueUnknown => store::GapCause::ValueUnknown.name(),
            Self::ClockSetBack => store::GapCause::ClockSetBack.name(),
            Self::WriteFailed => store::GapCause::WriteFailed.name(),
            Self::CounterReset => "counter_reset",
            Self::CounterJump => "counter_jump",
        }
    }
}

impl From<store::GapCause> for GapCause {
    fn from(cause: store::GapCause) -> Self {
        match cause {
            store::GapCause::RecorderOff => Self::RecorderOff,
            store::GapCause::SourceOffline => Self::SourceOffline,
            store::GapCause::ValueUnknown => Self::ValueUnknown,
            store::GapCause::ClockSetBack => Self::ClockSetBack,
            store::GapCause::WriteFailed => Self::WriteFailed,
        }
    }
}

impl From<GapSpan> for Gap {
    fn from(gap: GapSpan) -> Self {
        Self {
            from: gap.from,
            to: gap.until,
            source: gap.source,
            device: gap.device,
            cause: gap.cause.into(),
        }
    }
}

impl From<&CounterEvent> for Gap {
    fn from(event: &CounterEvent) -> Self {
        Self {
            from: event.at,
            to: event.at,
            source: None,
            device: Some(event.device),
            cause: match event.kind {
                CounterEventKind::Reset => GapCause::CounterReset,
                CounterEventKind::Jump => GapCause::CounterJump,
            },
        }
    }
}

impl History {
    /// The history of a store.
    pub(crate) const fn new(store: Store) -> Self {
        Self { store }
    }

    /// All series, with the time that they span.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn series(&self) -> Result<Vec<SeriesInfo>, HistoryError> {
        Ok(self.store.series().await?)
    }

    /// Checks that all series exist and are of the kind that is asked for; each is kept once.
    async fn check(
        &self,
        series: &[SeriesId],
        counters: bool,
    ) -> Result<Vec<SeriesId>, HistoryError> {
        if series.is_empty() {
            return Err(HistoryError::NoSeries);
        }
        if series.len() > MAX_SERIES {
            return Err(HistoryError::TooManySeries);
        }
        let known = self.store.quantities(series).await?;
        let mut seen = HashSet::new();
        let mut checked = Vec::with_capacity(series.len());
        for &id in series {
            match known.iter().find(|(known, _)| *known == id) {
                None => return Err(HistoryError::UnknownSeries(id)),
                Some((_, quantity)) => of_kind(id, *quantity, counters)?,
            }
            if seen.insert(id) {
                checked.push(id);
            }
        }
        Ok(checked)
    }
}

fn of_kind(id: SeriesId, quantity: Quantity, counter: bool) -> Result<(), HistoryError> {
    match (quantity.is_counter(), counter) {
        (true, false) => Err(HistoryError::NotAGauge(id)),
        (false, true) => Err(HistoryError::NotACounter(id)),
        _ => Ok(()),
    }
}

/// Divides the series among the store's readers.
fn halves(series: &[SeriesId]) -> (&[SeriesId], &[SeriesId]) {
    series.split_at(series.len().div_ceil(2))
}
