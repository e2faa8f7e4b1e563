//! The boxes' own charge logs: how an import goes, and what was imported.

use std::collections::HashMap;

use ladebuch_domain::ids::{DeviceId, ExternalId, SourceId};
use ladebuch_engine::ImportedRow;
use ladebuch_engine::import::{self, ImportState, ImportTrouble};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ImportTroubleCode, Instant};
use crate::dto::charge_settings::Mode;

/// How the import of a charge log goes, or went.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportStatus {
    /// Where it stands.
    pub state: ImportStateName,
    /// Months looked at, of this import.
    pub months_done: u32,
    /// The month being read, `YYYY-MM`.
    #[schema(required, example = "2026-11")]
    pub month: Option<String>,
    /// Rows that are kept, of all imports.
    pub rows: u64,
    /// Rows that this import added.
    pub new_rows: u64,
    /// Rows that are kept but cannot be read.
    pub unreadable: u64,
    /// When it began.
    #[schema(required)]
    pub started_at: Option<Instant>,
    /// When it ended.
    #[schema(required)]
    pub finished_at: Option<Instant>,
    /// Why it broke off.
    #[schema(required)]
    pub problem: Option<ImportProblem>,
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportState)]
pub enum ImportStateName {
    /// There was none.
    Never,
    /// It runs.
    Running,
    /// It is complete.
    Done,
    /// It broke off; the months before are kept.
    Failed,
}

/// Why an import broke off.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportProblem {
    /// Stable code.
    pub code: ImportTroubleCode,
    /// What happened and what to do, in English.
    pub detail: &'static str,
}

/// Imported rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChargeLog {
    /// The latest charge first; rows that cannot be read have no time and come last.
    pub rows: Vec<ChargeLogRow>,
}

/// A row of a box's charge log: a charge, or a part of one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChargeLogRow {
    /// Its number.
    pub id: i64,
    /// The source that logged it.
    pub source_id: Uuid,
    /// The charge point, if it is known here.
    #[schema(required)]
    pub charge_point_id: Option<Uuid>,
    /// The name the charge point had, else the one it has, else the box's own designation.
    #[schema(required)]
    pub charge_point_name: Option<String>,
    /// When it began.
    #[schema(required)]
    pub begin: Option<Instant>,
    /// When it ended.
    #[schema(required)]
    pub end: Option<Instant>,
    /// The clocks were changed at that time, so that it may be an hour off.
    pub ambiguous: bool,
    /// Energy of this row. The only one that may be summed.
    #[schema(required)]
    pub energy_wh: Option<f64>,
    /// Energy since plug-in, rows before it included.
    #[schema(required)]
    pub energy_since_plug_in_wh: Option<f64>,
    /// Meter reading at the begin.
    #[schema(required)]
    pub meter_start_wh: Option<f64>,
    /// Meter reading at the end.
    #[schema(required)]
    pub meter_end_wh: Option<f64>,
    /// Charge mode, as in the live view, or `night`.
    #[schema(required)]
    pub mode: Option<Mode>,
    /// Name of the vehicle.
    #[schema(required)]
    pub vehicle: Option<String>,
    /// The card, masked.
    #[schema(required, example = "…5678")]
    pub tag: Option<String>,
    /// Cost as the box reckons.
    #[schema(required)]
    pub cost_eur: Option<f64>,
    /// State of charge at the begin.
    #[schema(required)]
    pub soc_start_percent: Option<f64>,
    /// State of charge at the end.
    #[schema(required)]
    pub soc_end_percent: Option<f64>,
    /// When its source wrote it down, which may be long after the end; null where that is not told.
    #[schema(required)]
    pub created_at: Option<Instant>,
    /// Its source says that something went wrong: the energy may be wrong, or zero.
    pub faulted: bool,
    /// Since when its source, which shows its rows for good, no longer shows it; null: it still does,
    /// or never did so.
    #[schema(required)]
    pub gone_at: Option<Instant>,
    /// How many earlier versions of it are kept: its source has changed it so often.
    pub earlier_versions: u64,
    /// Why it cannot be read; the rest of what it says is null then.
    #[schema(required)]
    pub unreadable: Option<String>,
}

impl From<import::ImportStatus> for ImportStatus {
    fn from(status: import::ImportStatus) -> Self {
        let problem = match status.state {
            ImportState::Failed(trouble) => Some(trouble),
            _ => None,
        };
        Self {
            state: match status.state {
                ImportState::Never => ImportStateName::Never,
                ImportState::Running => ImportStateName::Running,
                ImportState::Done => ImportStateName::Done,
                ImportState::Failed(_) => ImportStateName::Failed,
            },
            months_done: status.months_done,
            month: status.month,
            rows: status.rows,
            new_rows: status.new_rows,
            unreadable: status.unreadable,
            started_at: status.started.map(Instant),
            finished_at: status.finished.map(Instant),
            problem: problem.map(|trouble: ImportTrouble| ImportProblem {
                code: ImportTroubleCode(trouble),
                detail: trouble.detail(),
            }),
        }
    }
}

/// Devices and their names, by what their sources call them.
pub type Known = HashMap<(SourceId, ExternalId), (DeviceId, Option<String>)>;

impl ChargeLogRow {
    /// A row, with the devices that are known here.
    #[must_use]
    pub fn new(imported: ImportedRow, known: &Known) -> Self {
        let source = imported.source;
        let (gone_at, earlier_versions) = (imported.gone.map(Instant), imported.earlier);
        let (said, unreadable) = match imported.row.said {
            Ok(said) => (Some(said), None),
            Err(reason) => (None, Some(reason)),
        };
        let Some(said) = said else {
            return Self {
                id: imported.id,
                source_id: source.0,
                charge_point_id: None,
                charge_point_name: None,
                begin: None,
                end: None,
                ambiguous: false,
                energy_wh: None,
                energy_since_plug_in_wh: None,
                meter_start_wh: None,
                meter_end_wh: None,
                mode: None,
                vehicle: None,
                tag: None,
                cost_eur: None,
                soc_start_percent: None,
                soc_end_percent: None,
                created_at: None,
                faulted: false,
                gone_at,
                earlier_versions,
                unreadable,
            };
        };
        let device = known.get(&(source, said.charge_point.clone()));
        Self {
            id: imported.id,
            source_id: source.0,
            charge_point_id: device.map(|(id, _)| id.0),
            charge_point_name: said
                .charge_point_name
                .or_else(|| device.and_then(|(_, name)| name.clone()))
                .or_else(|| Some(said.charge_point.to_string())),
            begin: Some(said.begin.into()),
            end: said.end.map(Instant),
            ambiguous: said.doubtful,
            energy_wh: Some(said.energy.get()),
            energy_since_plug_in_wh: said.since_plug_in.map(|energy| energy.get()),
            meter_start_wh: said.meter_start.map(|energy| energy.get()),
            meter_end_wh: said.meter_end.map(|energy| energy.get()),
            mode: said.mode.map(Mode),
            vehicle: said.vehicle.map(|vehicle| vehicle.name.to_string()),
            tag: said.tag.map(|tag| tag.masked()),
            cost_eur: said.cost,
            soc_start_percent: said.soc_start.map(|soc| soc.get()),
            soc_end_percent: said.soc_end.map(|soc| soc.get()),
            created_at: said.created.map(Instant),
            faulted: said.faulted,
            gone_at,
            earlier_versions,
            unreadable: None,
        }
    }
}
