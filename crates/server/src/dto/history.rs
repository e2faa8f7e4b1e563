//! Recorded series: power over time, energy per interval, and where the record has holes.

use chrono_tz::Tz;
use ladebuch_domain::energy::EnergyMark;
use ladebuch_domain::period;
use ladebuch_engine::history;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Instant, Kind, QuantityName};

/// All recorded series.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesList {
    /// IANA zone of the household, in which local dates are meant.
    #[schema(example = "Europe/Berlin")]
    pub zone: &'static str,
    /// Every series that was ever recorded.
    pub series: Vec<Series>,
}

/// A recorded quantity of a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct Series {
    /// Its number.
    pub id: i64,
    /// The device.
    pub device_id: Uuid,
    /// The device's name.
    pub device_name: String,
    /// The part it plays.
    pub device_kind: Kind,
    /// What was recorded.
    pub quantity: QuantityName,
    /// `W`, `Wh` or `%`.
    #[schema(example = "W")]
    pub unit: &'static str,
    /// Place in the palette of the device's kind.
    pub color_slot: u8,
    /// Start of the record.
    #[schema(required)]
    pub first_at: Option<Instant>,
    /// End of the record.
    #[schema(required)]
    pub last_at: Option<Instant>,
}

/// Gauges (power, state of charge) over time. Point `i` covers
/// `[start + i * step_ms, start + (i + 1) * step_ms)`.
#[derive(Debug, Serialize, ToSchema)]
pub struct PowerHistory {
    /// Start of the period asked for.
    pub from: Instant,
    /// Its end, exclusive.
    pub to: Instant,
    /// Start of the first point.
    pub start: Instant,
    /// Length of a point in ms.
    pub step_ms: i64,
    /// IANA zone of the household.
    pub zone: &'static str,
    /// In the order asked for.
    pub series: Vec<PowerSeries>,
    /// Where and why nothing was recorded.
    pub gaps: Vec<Gap>,
}

/// The points of one series.
#[derive(Debug, Serialize, ToSchema)]
pub struct PowerSeries {
    /// Number of the series.
    pub id: i64,
    /// Mean of each point; null where nothing was recorded.
    pub mean: Vec<Option<f64>>,
    /// Smallest sample of each point.
    pub min: Vec<Option<f64>>,
    /// Largest sample of each point.
    pub max: Vec<Option<f64>>,
    /// Ranges of points `[first, last]` whose moment is not exactly known.
    pub recovered: Vec<[u32; 2]>,
}

/// Energy per interval, from meter counters.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnergyHistory {
    /// Start of the period asked for.
    pub from: Instant,
    /// Its end, exclusive.
    pub to: Instant,
    /// IANA zone of the household.
    pub zone: &'static str,
    /// Length of a bar in local time.
    pub interval: Interval,
    /// n + 1 bounds of n bars.
    pub bounds: Vec<Instant>,
    /// In the order asked for.
    pub series: Vec<EnergySeries>,
    /// Where and why nothing was recorded, and what the counters did.
    pub gaps: Vec<Gap>,
}

/// The bars of one series.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnergySeries {
    /// Number of the series.
    pub id: i64,
    /// Energy of each bar; null where nothing was recorded.
    pub wh: Vec<Option<f64>>,
    /// How sure each bar is.
    pub marks: Vec<Mark>,
}

/// How sure a bar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Recorded throughout.
    Measured,
    /// The amount is true, but part of it may belong to a neighbouring bar.
    Recovered,
    /// Part of the interval was not recorded or lies ahead.
    Partial,
    /// Nothing was recorded.
    None,
}

/// A hole in the record, or something a counter did (then `from` equals `to`).
#[derive(Debug, Serialize, ToSchema)]
pub struct Gap {
    /// Where it begins.
    pub from: Instant,
    /// Where it ends.
    pub to: Instant,
    /// The source concerned; null: all.
    #[schema(required)]
    pub source_id: Option<Uuid>,
    /// The device concerned; null: all of the source.
    #[schema(required)]
    pub device_id: Option<Uuid>,
    /// Why.
    pub cause: GapCause,
}

/// Why nothing was recorded, or what a counter did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapCause {
    /// Ladebuch was not running.
    RecorderOff,
    /// The source was not connected or silent.
    SourceOffline,
    /// The device failed or fell silent.
    ValueUnknown,
    /// The computer's clock was set back.
    ClockSetBack,
    /// The disk did not take it.
    WriteFailed,
    /// The meter began anew.
    CounterReset,
    /// The meter rose by more than any house can use.
    CounterJump,
}

/// Length of a bar in the household's local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// A clock hour.
    Hour,
    /// From midnight to midnight: 23, 24 or 25 hours.
    Day,
    /// A calendar month.
    Month,
}

impl From<period::Interval> for Interval {
    fn from(interval: period::Interval) -> Self {
        match interval {
            period::Interval::Hour => Self::Hour,
            period::Interval::Day => Self::Day,
            period::Interval::Month => Self::Month,
        }
    }
}

impl From<Interval> for period::Interval {
    fn from(interval: Interval) -> Self {
        match interval {
            Interval::Hour => Self::Hour,
            Interval::Day => Self::Day,
            Interval::Month => Self::Month,
        }
    }
}

impl From<history::GapCause> for GapCause {
    fn from(cause: history::GapCause) -> Self {
        match cause {
            history::GapCause::RecorderOff => Self::RecorderOff,
            history::GapCause::SourceOffline => Self::SourceOffline,
            history::GapCause::ValueUnknown => Self::ValueUnknown,
            history::GapCause::ClockSetBack => Self::ClockSetBack,
            history::GapCause::WriteFailed => Self::WriteFailed,
            history::GapCause::CounterReset => Self::CounterReset,
            history::GapCause::CounterJump => Self::CounterJump,
        }
    }
}

impl From<history::SeriesInfo> for Series {
    fn from(series: history::SeriesInfo) -> Self {
        Self {
            id: series.id.0,
            device_id: series.device.0,
            device_name: series
                .device_name
                .unwrap_or_else(|| series.device_kind.name().to_owned()),
            device_kind: Kind(series.device_kind),
            quantity: QuantityName(series.quantity),
            unit: series.quantity.unit(),
            color_slot: series.color_slot,
            first_at: series.first_at.map(Instant),
            last_at: series.last_at.map(Instant),
        }
    }
}

impl PowerHistory {
    /// The engine's answer with the zone that local dates of the question were meant in.
    #[must_use]
    pub fn new(history: history::PowerHistory, zone: Tz) -> Self {
        Self {
            from: history.from.into(),
            to: history.to.into(),
            start: history.start.into(),
            step_ms: history.step.num_milliseconds(),
            zone: zone.name(),
            series: history.series.into_iter().map(PowerSeries::from).collect(),
            gaps: history.gaps.into_iter().map(Gap::from).collect(),
        }
    }
}

impl From<history::PowerSeries> for PowerSeries {
    fn from(series: history::PowerSeries) -> Self {
        Self {
            id: series.id.0,
            mean: rounded(series.mean),
            min: rounded(series.min),
            max: rounded(series.max),
            recovered: series
                .recovered
                .into_iter()
                .map(|(first, last)| [first, last])
                .collect(),
        }
    }
}

impl EnergyHistory {
    /// The engine's answer.
    #[must_use]
    pub fn new(history: history::EnergyHistory, zone: Tz) -> Self {
        Self {
            from: history.from.into(),
            to: history.to.into(),
            zone: zone.name(),
            interval: history.interval.into(),
            bounds: history.bounds.into_iter().map(Instant).collect(),
            series: history.series.into_iter().map(EnergySeries::from).collect(),
            gaps: history.gaps.into_iter().map(Gap::from).collect(),
        }
    }
}

impl From<history::EnergySeries> for EnergySeries {
    fn from(series: history::EnergySeries) -> Self {
        Self {
            id: series.id.0,
            wh: rounded(
                series
                    .energy
                    .into_iter()
                    .map(|bar| bar.map(|wh| wh.get()))
                    .collect(),
            ),
            marks: series.marks.into_iter().map(Mark::from).collect(),
        }
    }
}

impl From<EnergyMark> for Mark {
    fn from(mark: EnergyMark) -> Self {
        match mark {
            EnergyMark::Measured => Self::Measured,
            EnergyMark::Recovered => Self::Recovered,
            EnergyMark::Partial => Self::Partial,
            EnergyMark::None => Self::None,
        }
    }
}

impl From<history::Gap> for Gap {
    fn from(gap: history::Gap) -> Self {
        Self {
            from: gap.from.into(),
            to: gap.to.into(),
            source_id: gap.source.map(|source| source.0),
            device_id: gap.device.map(|device| device.0),
            cause: gap.cause.into(),
        }
    }
}

/// Digits beyond the milliwatt-hour are noise of binary fractions, and most of a long answer.
fn rounded(mut values: Vec<Option<f64>>) -> Vec<Option<f64>> {
    for value in values.iter_mut().flatten() {
        *value = (*value * 1000.0).round() / 1000.0;
    }
    values
}
