//! Power and state of charge over time.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::ids::SeriesId;
use ladebuch_domain::period::{Resolution, resolution};
use ladebuch_domain::sample::{Quality, Slot, SlotValue, Tier, merge, slot_start};

use super::{Gap, History, HistoryError, halves};
use crate::store::{RawGrid, Store, StoreError};

/// Most points that one answer holds for each series.
pub const MAX_POINTS: u32 = 20_000;

/// Which gauges, when, and how finely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PowerQuery {
    /// Series of power or state of charge.
    pub series: Vec<SeriesId>,
    /// Beginning of the period.
    pub from: DateTime<Utc>,
    /// End of the period, not part of it.
    pub to: DateTime<Utc>,
    /// Most points that the chart can show; there may be one more, because points lie on a grid.
    pub max_points: u32,
}

/// Gauges over time. Point `i` covers `start + i * step` up to the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerHistory {
    /// Beginning of the period.
    pub from: DateTime<Utc>,
    /// End of the period.
    pub to: DateTime<Utc>,
    /// Beginning of the first point.
    pub start: DateTime<Utc>,
    /// Length of a point.
    pub step: TimeDelta,
    /// In the order in which they were asked for.
    pub series: Vec<PowerSeries>,
    /// What is not known, and why.
    pub gaps: Vec<Gap>,
}

/// One gauge over time.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerSeries {
    /// Which one.
    pub id: SeriesId,
    /// Mean of each point; `None` where nothing was recorded.
    pub mean: Vec<Option<f64>>,
    /// Smallest value of each point.
    pub min: Vec<Option<f64>>,
    /// Largest value of each point.
    pub max: Vec<Option<f64>>,
    /// First and last point of stretches that are less sure.
    pub recovered: Vec<(u32, u32)>,
}

impl History {
    /// Gauges over a period, at the finest resolution that fits.
    ///
    /// # Errors
    /// The question cannot be answered, or the database cannot be read.
    pub async fn power(&self, query: &PowerQuery) -> Result<PowerHistory, HistoryError> {
        let &PowerQuery {
            ref series,
            from,
            to,
            max_points,
        } = query;
        if from >= to {
            return Err(HistoryError::EmptyPeriod);
        }
        if max_points > MAX_POINTS {
            return Err(HistoryError::TooManyPoints);
        }
        let series = self.check(series, false).await?;
        let raw = self.store.raw_grid(from, to).await?;
        let Resolution { tier, step } = match raw {
            Some(RawGrid { step, from: since }) => resolution(from, to, max_points, step, since),
            None => resolution(
                from,
                to,
                max_points,
                Duration::ZERO,
                DateTime::<Utc>::MAX_UTC,
            ),
        };
        let canvas = Canvas::new(from, to, step);
        let draw = |series| draw(&self.store, series, canvas, tier);
        let (first, second) = halves(&series);
        let (mut first, second, gaps) = tokio::try_join!(
            draw(first),
            draw(second),
            self.store.gaps(&series, from, to)
        )?;
        first.extend(second);
        Ok(PowerHistory {
            from,
            to,
            start: canvas.start,
            step,
            series: first,
            gaps: gaps.into_iter().map(Gap::from).collect(),
        })
    }
}

/// Where the points of a chart lie.
#[derive(Clone, Copy, Debug)]
struct Canvas {
    start: DateTime<Utc>,
    to: DateTime<Utc>,
    step: TimeDelta,
    points: usize,
}

impl Canvas {
    fn new(from: DateTime<Utc>, to: DateTime<Utc>, step: TimeDelta) -> Self {
        let start = slot_start(from, step.to_std().unwrap_or_default());
        let millis = step.num_milliseconds().max(1);
        let points = (to - start)
            .num_milliseconds()
            .unsigned_abs()
            .div_ceil(millis.unsigned_abs());
        Self {
            start,
            to,
            step,
            points: usize::try_from(points).unwrap_or(0),
        }
    }

    /// The point that a slot belongs to.
    fn point(&self, slot: DateTime<Utc>) -> Option<usize> {
        let offset = (slot - self.start).num_milliseconds() / self.step.num_milliseconds().max(1);
        usize::try_from(offset)
            .ok()
            .filter(|point| *point < self.points)
    }
}

async fn draw(
    store: &Store,
    series: &[SeriesId],
    canvas: Canvas,
    tier: Option<Tier>,
) -> Result<Vec<PowerSeries>, StoreError> {
    if series.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines: Vec<Line> = series.iter().map(|id| Line::new(*id, canvas)).collect();
    let places: HashMap<SeriesId, usize> = series
        .iter()
        .enumerate()
        .map(|(place, id)| (*id, place))
        .collect();
    store
        .gauges(series, tier, canvas.start..canvas.to, |id, slot| {
            if let Some(line) = places.get(&id).and_then(|place| lines.get_mut(*place)) {
                line.add(&canvas, slot);
            }
        })
        .await?;
    Ok(lines.into_iter().map(Line::finish).collect())
}

/// A series while its points are drawn.
struct Line {
    series: PowerSeries,
    /// Slots of the point that is being drawn.
    group: Vec<Slot>,
    point: usize,
}

impl Line {
    fn new(id: SeriesId, canvas: Canvas) -> Self {
        let unknown = vec![None; canvas.points];
        let series = PowerSeries {
            id,
            mean: unknown.clone(),
            min: unknown.clone(),
            max: unknown,
            recovered: Vec::new(),
        };
        Self {
            series,
            group: Vec::new(),
            point: 0,
        }
    }

    fn add(&mut self, canvas: &Canvas, slot: Slot) {
        let Some(point) = canvas.point(slot.start) else {
            return;
        };
        if point != self.point {
            self.draw_point();
            self.point = point;
        }
        self.group.push(slot);
    }

    fn draw_point(&mut self) {
        let merged = self
            .group
            .first()
            .and_then(|first| merge(first.start, &self.group));
        self.group.clear();
        let Some(Slot {
            value: SlotValue::Gauge { mean, min, max, .. },
            quality,
            ..
        }) = merged
        else {
            return;
        };
        let series = &mut self.series;
        for (values, value) in [
            (&mut series.mean, mean),
            (&mut series.min, min),
            (&mut series.max, max),
        ] {
            if let Some(place) = values.get_mut(self.point) {
                *place = Some(value);
            }
        }
        if quality == Quality::Recovered {
            let point = u32::try_from(self.point).unwrap_or(u32::MAX);
            match series.recovered.last_mut() {
                Some((_, last)) if *last + 1 == point => *last = point,
                _ => series.recovered.push((point, point)),
            }
        }
    }

    fn finish(mut self) -> PowerSeries {
        self.draw_point();
        self.series
    }
}
