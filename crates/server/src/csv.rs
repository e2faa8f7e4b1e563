//! History as CSV, for programs and for a German Excel.
//!
//! Times are local with their offset from UTC, so that the hour that happens twice in autumn is
//! told apart. Energy is in kWh, because that is what people add up.

use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use csv::{Terminator, Writer, WriterBuilder};
use http::header;
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::ids::SeriesId;
use ladebuch_engine::history::SeriesInfo;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::history::{EnergyHistory, Mark, PowerHistory, Series};
use crate::problem::ApiError;

/// For which program the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flavour {
    /// Commas, decimal points, English.
    Rfc4180,
    /// Semicolons, decimal commas, German, with a byte order mark.
    ExcelDe,
}

/// Power and states of charge: mean, smallest and largest value of each point.
pub fn power(
    history: &PowerHistory,
    known: &[SeriesInfo],
    zone: Tz,
    flavour: Flavour,
) -> Result<Response, ApiError> {
    let mut table = Table::new(flavour);
    let words = flavour.words();
    let mut header = vec![words.from.to_owned(), words.to.to_owned()];
    for series in &history.series {
        let title = title(series.id, known, flavour);
        let unit = unit(series.id, known);
        for statistic in [words.mean, words.min, words.max] {
            header.push(format!("{title} {statistic} [{unit}]"));
        }
    }
    table.row(&header)?;
    let points = history
        .series
        .iter()
        .map(|series| series.mean.len())
        .max()
        .unwrap_or(0);
    let step = TimeDelta::milliseconds(history.step_ms);
    let mut at = history.start.0;
    for point in 0..points {
        let mut row = vec![local(at, zone), local(at + step, zone)];
        for series in &history.series {
            for values in [&series.mean, &series.min, &series.max] {
                row.push(flavour.number(values.get(point).copied().flatten(), 1));
            }
        }
        table.row(&row)?;
        at += step;
    }
    table.respond("power", history.from.0, history.to.0, zone)
}

/// Energy per interval and how sure it is.
pub fn energy(
    history: &EnergyHistory,
    known: &[SeriesInfo],
    zone: Tz,
    flavour: Flavour,
) -> Result<Response, ApiError> {
    let mut table = Table::new(flavour);
    let words = flavour.words();
    let mut header = vec![words.from.to_owned(), words.to.to_owned()];
    for series in &history.series {
        let title = title(series.id, known, flavour);
        header.push(format!("{title} [kWh]"));
        header.push(format!("{title} {}", words.mark));
    }
    table.row(&header)?;
    for (bar, bounds) in history.bounds.windows(2).enumerate() {
        let mut row: Vec<String> = bounds.iter().map(|bound| local(bound.0, zone)).collect();
        for series in &history.series {
            let wh = series.wh.get(bar).copied().flatten();
            row.push(flavour.number(wh.map(|wh| wh / 1000.0), 3));
            row.push(
                flavour
                    .mark(series.marks.get(bar).copied().unwrap_or(Mark::None))
                    .to_owned(),
            );
        }
        table.row(&row)?;
    }
    table.respond("energy", history.from.0, history.to.0, zone)
}

struct Table {
    writer: Writer<Vec<u8>>,
}

impl Table {
    fn new(flavour: Flavour) -> Self {
        let (start, delimiter) = match flavour {
            Flavour::Rfc4180 => (Vec::new(), b','),
            Flavour::ExcelDe => ("\u{feff}".as_bytes().to_vec(), b';'),
        };
        let writer = WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::CRLF)
            .from_writer(start);
        Self { writer }
    }

    fn row(&mut self, cells: &[String]) -> Result<(), ApiError> {
        self.writer.write_record(cells).map_err(ApiError::internal)
    }

    fn respond(
        self,
        what: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        zone: Tz,
    ) -> Result<Response, ApiError> {
        let bytes = self.writer.into_inner().map_err(ApiError::internal)?;
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).format("%Y-%m-%d");
        // The end is exclusive; people name the last day that is in it.
        let last = (to - TimeDelta::milliseconds(1)).max(from);
        let name = format!("ladebuch-{what}-{}--{}.csv", day(from), day(last));
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            ),
        ];
        Ok((headers, bytes).into_response())
    }
}

struct Words {
    from: &'static str,
    to: &'static str,
    mean: &'static str,
    min: &'static str,
    max: &'static str,
    mark: &'static str,
}

impl Flavour {
    const fn words(self) -> Words {
        match self {
            Self::Rfc4180 => Words {
                from: "From",
                to: "To",
                mean: "mean",
                min: "min",
                max: "max",
                mark: "quality",
            },
            Self::ExcelDe => Words {
                from: "Von",
                to: "Bis",
                mean: "Mittel",
                min: "Min",
                max: "Max",
                mark: "Güte",
            },
        }
    }

    fn number(self, value: Option<f64>, digits: usize) -> String {
        let Some(value) = value else {
            return String::new();
        };
        let text = format!("{value:.digits$}");
        match self {
            Self::Rfc4180 => text,
            Self::ExcelDe => text.replace('.', ","),
        }
    }

    const fn mark(self, mark: Mark) -> &'static str {
        match (self, mark) {
            (Self::Rfc4180, Mark::Measured) => "measured",
            (Self::Rfc4180, Mark::Recovered) => "recovered",
            (Self::Rfc4180, Mark::Partial) => "partial",
            (Self::Rfc4180, Mark::None) => "none",
            (Self::ExcelDe, Mark::Measured) => "gemessen",
            (Self::ExcelDe, Mark::Recovered) => "nachgeholt",
            (Self::ExcelDe, Mark::Partial) => "unvollständig",
            (Self::ExcelDe, Mark::None) => "keine Daten",
        }
    }

    /// What a quantity means at that kind of device.
    const fn quantity(self, kind: DeviceKind, quantity: Quantity) -> &'static str {
        use DeviceKind::{Battery, ChargePoint, Grid};
        use Quantity::{Exported, Imported, Power, Produced, Soc};
        match (self, kind, quantity) {
            (Self::Rfc4180, _, Power) => "power",
            (Self::Rfc4180, _, Soc) => "state of charge",
            (Self::Rfc4180, _, Produced) => "produced",
            (Self::Rfc4180, Grid, Imported) => "imported",
            (Self::Rfc4180, Battery | ChargePoint, Imported) => "charged",
            (Self::Rfc4180, _, Imported) => "consumed",
            (Self::Rfc4180, Battery | ChargePoint, Exported) => "discharged",
            (Self::Rfc4180, _, Exported) => "exported",
            (Self::ExcelDe, _, Power) => "Leistung",
            (Self::ExcelDe, _, Soc) => "Ladestand",
            (Self::ExcelDe, _, Produced) => "erzeugt",
            (Self::ExcelDe, Grid, Imported) => "bezogen",
            (Self::ExcelDe, Battery | ChargePoint, Imported) => "geladen",
            (Self::ExcelDe, _, Imported) => "verbraucht",
            (Self::ExcelDe, Battery | ChargePoint, Exported) => "entladen",
            (Self::ExcelDe, _, Exported) => "eingespeist",
        }
    }
}

fn info(id: i64, known: &[SeriesInfo]) -> Option<&SeriesInfo> {
    known.iter().find(|series| series.id == SeriesId(id))
}

fn title(id: i64, known: &[SeriesInfo], flavour: Flavour) -> String {
    let Some(series) = info(id, known) else {
        return id.to_string();
    };
    let quantity = flavour.quantity(series.device_kind, series.quantity);
    let name = match (series.device_kind, flavour) {
        // openWB has no name for what remains of the house.
        (DeviceKind::Home, Flavour::ExcelDe) => "Haus".to_owned(),
        (DeviceKind::Home, Flavour::Rfc4180) => "House".to_owned(),
        _ => Series::from(series.clone()).device_name,
    };
    // A spreadsheet takes these for the beginning of a formula.
    let guard = if name.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    format!("{guard}{name} {quantity}")
}

fn unit(id: i64, known: &[SeriesInfo]) -> &'static str {
    info(id, known).map_or("", |series| series.quantity.unit())
}

fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone)
        .format("%Y-%m-%d %H:%M:%S %:z")
        .to_string()
}
