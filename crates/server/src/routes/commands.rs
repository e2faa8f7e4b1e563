//! Commands to charge points, the journal of them, and the mode alone for plain scripts.

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use ladebuch_domain::control::{self, Abilities};
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::DeviceId;
use ladebuch_domain::reading::ChargeLimit;
use ladebuch_domain::snapshot::ChargePoint;
use ladebuch_domain::units::Amperes;
use ladebuch_engine::control::{ControlError, Outcome, Reason, Record, Request};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::app::{Shared, View};
use crate::auth::Caller;
use crate::dto::charge_settings::Mode;
use crate::dto::command::{
    ChargePointMode, ChargePointModeInput, Command, CommandInput, CommandList, CommandRecord,
};
use crate::extract::{self, Query};
use crate::problem::{ApiError, Code, Problem};

const DEFAULT_ENTRIES: u32 = 50;
const MAX_ENTRIES: u32 = 500;
/// No vehicle's designation is longer; what is longer shall not fill the journal.
const MAX_VEHICLE_ID: usize = 64;

/// Which part of the journal is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Entries {
    /// The charge point; all if left out.
    #[param(value_type = Uuid, required = false)]
    charge_point: Option<String>,
    /// Only entries older than this one; the newest if left out.
    #[param(value_type = Uuid, required = false)]
    before: Option<String>,
    /// Most entries, 1 to 500.
    #[param(value_type = u32, required = false, default = 50, minimum = 1, maximum = 500)]
    limit: Option<String>,
}

/// Command a charge point
///
/// Answers when the box reports what was asked for, which openWB does within 50 ms, or when it has
/// not done so in time: after 3 s, or after one and a half of its control cycles for what shows only
/// then (`vehicle`, `vehicle_soc`, `query_soc`, `reset_energy`). Every command is in the journal,
/// whatever became of it, also when nobody waits for the answer.
#[utoipa::path(
    post, path = "/api/v1/charge-points/{id}/commands", tag = "control",
    request_body(content = CommandInput, examples(
        ("current" = (summary = "Charge with 16 A, for this charge only", value = json!(
            {"command": {"kind": "current", "current_a": 16}, "until_unplug": true}))),
        ("mode" = (summary = "Charge on surplus", value = json!(
            {"command": {"kind": "mode", "mode": "pv"}}))),
        ("limit" = (summary = "Stop after 10 kWh", value = json!(
            {"command": {"kind": "limit", "limit": {"kind": "energy", "energy_wh": 10000}}}))),
        ("locked" = (summary = "Lock", value = json!(
            {"command": {"kind": "locked", "locked": true}}))),
    )),
    params(("id" = Uuid, Path, description = "The charge point's id")),
    responses(
        (status = 200, description = "The box reports what was asked for.", body = CommandRecord),
        (status = 404, description = "There is no such charge point.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "Nothing was sent: the box is offline, the charge point \
         cannot do that, the card that was scanned decides; or the box refused.", body = Problem,
         content_type = "application/problem+json"),
        (status = 422, description = "A value is out of bounds; `field` names it.", body = Problem,
         content_type = "application/problem+json"),
        (status = 429, description = "Too many commands are under way.", body = Problem,
         content_type = "application/problem+json"),
        (status = 502, description = "The connection to the box broke.", body = Problem,
         content_type = "application/problem+json"),
        (status = 504, description = "The box did not report in time what was asked for.",
         body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn command_charge_point(
    view: View,
    caller: Caller,
    Id(device): Id,
    extract::Json(input): extract::Json<CommandInput>,
) -> Result<Json<CommandRecord>, ApiError> {
    if let Command::Vehicle { vehicle_id } = &input.command
        && vehicle_id.len() > MAX_VEHICLE_ID
    {
        let sentence = "There is no such vehicle. Name one of `abilities.vehicles`.";
        return Err(ApiError::new(Code::InvalidValue, sentence).field("command.vehicle_id"));
    }
    let request = Request {
        device,
        command: input.command.into(),
        until_unplug: input.until_unplug,
        author: caller.name().to_owned(),
    };
    let record = carry_out(&view, request).await?;
    Ok(Json(record.into()))
}

/// Commands and what became of them, newest first
#[utoipa::path(
    get, path = "/api/v1/commands", tag = "control", params(Entries),
    responses((status = 200, body = CommandList))
)]
pub async fn list_commands(
    view: View,
    Query(entries): Query<Entries>,
) -> Result<Json<CommandList>, ApiError> {
    let device = id(entries.charge_point.as_deref(), "charge_point")?.map(DeviceId);
    let before = id(entries.before.as_deref(), "before")?;
    let journal = view.engine.control();
    let records = journal.journal(device, before, entries.limit()?).await?;
    let commands = records.into_iter().map(CommandRecord::from).collect();
    Ok(Json(CommandList { commands }))
}

/// The mode of a charge point
#[utoipa::path(
    get, path = "/api/v1/charge-points/{id}/mode", tag = "control",
    params(("id" = Uuid, Path, description = "The charge point's id")),
    responses(
        (status = 200, body = ChargePointMode),
        (status = 404, description = "There is no such charge point.", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub async fn charge_point_mode(
    view: View,
    Id(device): Id,
) -> Result<Json<ChargePointMode>, ApiError> {
    let point = charge_point(&view, device).ok_or_else(unknown)?;
    let selected = point
        .settings
        .and_then(|settings| settings.value.mode.clone());
    let mode = selected.or_else(|| point.mode.map(|mode| mode.value));
    Ok(Json(ChargePointMode {
        mode: mode.map(Mode),
    }))
}

/// Set the mode of a charge point
///
/// The same as the command `mode`, for scripts that want nothing else.
#[utoipa::path(
    put, path = "/api/v1/charge-points/{id}/mode", tag = "control",
    request_body = ChargePointModeInput,
    params(("id" = Uuid, Path, description = "The charge point's id")),
    responses(
        (status = 200, description = "The box reports this mode.", body = ChargePointMode),
        (status = 404, description = "There is no such charge point.", body = Problem,
         content_type = "application/problem+json"),
        (status = 409, description = "Nothing was sent: the box is offline, or the charge point \
         has no such mode.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many commands are under way.", body = Problem,
         content_type = "application/problem+json"),
        (status = 502, description = "The connection to the box broke.", body = Problem,
         content_type = "application/problem+json"),
        (status = 504, description = "The box did not report in time what was asked for.",
         body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn set_charge_point_mode(
    view: View,
    caller: Caller,
    Id(device): Id,
    extract::Json(input): extract::Json<ChargePointModeInput>,
) -> Result<Json<ChargePointMode>, ApiError> {
    let request = Request {
        device,
        command: control::Command::Mode(input.mode.0.clone()),
        until_unplug: false,
        author: caller.name().to_owned(),
    };
    carry_out(&view, request).await?;
    Ok(Json(ChargePointMode {
        mode: Some(input.mode),
    }))
}

/// Carries a command out; what the box did not follow is a problem.
async fn carry_out(view: &View, request: Request) -> Result<Record, ApiError> {
    let record = view.engine.control().carry_out(request).await?;
    match record.outcome {
        Outcome::Confirmed => Ok(record),
        Outcome::Refused(reason) => Err(refused(view, &record, reason)),
        Outcome::NotConfirmed | Outcome::Pending => Err(not_confirmed(&record)),
        Outcome::Interrupted => Err(ControlError::Interrupted.into()),
    }
}

fn refused(view: &View, record: &Record, reason: Reason) -> ApiError {
    match reason {
        Reason::Offline => ApiError::new(
            Code::ChargePointOffline,
            "The box cannot be reached, so nothing was sent. Wait until it is live again, or check \
             its connection, and try again.",
        ),
        Reason::NotPossible => ApiError::new(
            Code::CommandNotPossible,
            "The charge point cannot do that as it is set up now, so nothing was sent. What it can \
             do is in its `abilities` in the live view.",
        ),
        Reason::OutOfRange => {
            let point = charge_point(view, record.device).unwrap_or_default();
            let can = point.abilities.map(|abilities| abilities.value);
            let (field, sentence) = bounds(&record.command, can.as_deref());
            ApiError::new(Code::InvalidValue, sentence).field(field)
        }
        Reason::CardDecides => ApiError::new(
            Code::CardDecides,
            "A card was scanned at this charge point, and it decides which vehicle this is. \
             Unplug the vehicle first, or assign the card to the other vehicle on the openWB.",
        ),
        Reason::NotAllowed => ApiError::new(
            Code::CommandNotAllowed,
            "The openWB does not let its user do that. Give the user the rights to this charge \
             point in the openWB's user management, or connect with another user.",
        ),
        Reason::NotNoted => ApiError::new(
            Code::ReadOnly,
            "The database cannot be written, so the setting could not be put back after the charge; \
             nothing was sent. Free some space on the disk and try again.",
        ),
        Reason::Busy => ApiError::new(
            Code::TooManyCommands,
            "Too many commands are under way, so this one was not sent. Try again in a moment.",
        ),
        Reason::BoxRefused => ApiError::new(
            Code::BoxRefused,
            record.said.as_deref().map_or_else(
                || {
                    "The box does not take this value. What it is set to is in the live view."
                        .to_owned()
                },
                ToOwned::to_owned,
            ),
        ),
        Reason::ConnectionLost => ApiError::new(
            Code::ConnectionLost,
            "The connection to the box broke while the command was on its way, so it may have \
             arrived or not. Look at what the charge point shows and try again if need be.",
        ),
    }
}

fn not_confirmed(record: &Record) -> ApiError {
    let mut sentence =
        "The box has taken the command and does not report what was asked for. Look \
                        at what the charge point shows and try again if need be."
            .to_owned();
    if let Some(said) = &record.said {
        sentence.push_str(&format!(" The box says: “{}”.", said.trim()));
    }
    ApiError::new(Code::NotConfirmed, sentence)
}

/// The field that is out of bounds, and the bounds.
fn bounds(command: &control::Command, can: Option<&Abilities>) -> (&'static str, String) {
    use control::Command as Asked;
    match command {
        Asked::Current(_) => (
            "command.current_a",
            amperes(can.and_then(|can| can.current), false),
        ),
        Asked::MinCurrent(_) => (
            "command.current_a",
            amperes(
                can.and_then(|can| can.min_current),
                can.is_some_and(|can| can.min_current_zero),
            ),
        ),
        Asked::Limit(ChargeLimit::Energy(_)) => {
            let sentence = match can.and_then(|can| can.energy_limit) {
                Some((step, most)) => format!(
                    "The energy must be a multiple of {} Wh up to {} Wh.",
                    step.get(),
                    most.get()
                ),
                None => "The energy is out of bounds.".to_owned(),
            };
            ("command.limit.energy_wh", sentence)
        }
        Asked::Limit(_) => (
            "command.limit.soc_percent",
            "The state of charge must be whole percent from 0 to 100.".to_owned(),
        ),
        Asked::VehicleSoc(_) => (
            "command.soc_percent",
            "The state of charge must be whole percent from 1 to 100.".to_owned(),
        ),
        Asked::MinSoc(_) => (
            "command.soc_percent",
            "The state of charge must be whole percent from 0 to 100.".to_owned(),
        ),
        Asked::FailsafeCurrent(_) => (
            "command.current_a",
            amperes(can.and_then(|can| can.failsafe_current), true),
        ),
        Asked::Watchdog(_) => (
            "command.seconds",
            "The time-out must be from 0 to 65.535 s, in steps of 0.001 s; 0 switches it off."
                .to_owned(),
        ),
        Asked::MaxPrice(_) => (
            "command.eur_per_kwh",
            "The price must be from −1 to 2 € per kWh.".to_owned(),
        ),
        Asked::Mode(_)
        | Asked::Locked(_)
        | Asked::Vehicle(_)
        | Asked::Priority(_)
        | Asked::QuerySoc
        | Asked::ResetEnergy => ("command", "The value is out of bounds.".to_owned()),
    }
}

fn amperes(bounds: Option<(Amperes, Amperes)>, zero: bool) -> String {
    let Some((least, most)) = bounds else {
        return "The current is out of bounds.".to_owned();
    };
    let or_zero = if zero { "0 or " } else { "" };
    format!(
        "The current must be {or_zero}whole amperes from {} to {}.",
        least.get(),
        most.get()
    )
}

fn charge_point(view: &View, id: DeviceId) -> Option<ChargePoint> {
    let live = view.engine.live();
    let snapshot = live.borrow();
    let device = snapshot.devices.get(&id)?;
    (device.kind == DeviceKind::ChargePoint).then(|| device.charge_point.clone())
}

/// Id of a charge point in the address.
pub struct Id(pub DeviceId);

impl FromRequestParts<Shared> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        let id = Path::<Uuid>::from_request_parts(parts, shared).await;
        id.map(|Path(id)| Self(DeviceId(id))).map_err(|_| unknown())
    }
}

fn unknown() -> ApiError {
    ControlError::UnknownChargePoint.into()
}

impl Entries {
    fn limit(&self) -> Result<u32, ApiError> {
        let Some(text) = &self.limit else {
            return Ok(DEFAULT_ENTRIES);
        };
        let number = text.parse().ok();
        let number = number.filter(|number| (1..=MAX_ENTRIES).contains(number));
        number.ok_or_else(|| {
            ApiError::new(
                Code::BadParameter,
                format!("`limit` must be a number from 1 to {MAX_ENTRIES}."),
            )
            .field("limit")
        })
    }
}

fn id(text: Option<&str>, field: &'static str) -> Result<Option<Uuid>, ApiError> {
    text.map(Uuid::parse_str).transpose().map_err(|_| {
        ApiError::new(
            Code::BadParameter,
            format!("`{field}` must be an id (UUID)."),
        )
        .field(field)
    })
}

impl From<ControlError> for ApiError {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::UnknownChargePoint => {
                Self::new(Code::UnknownChargePoint, error.to_string())
            }
            ControlError::Store(error) => error.into(),
            ControlError::Interrupted => Self::new(Code::Stopping, error.to_string()),
        }
    }
}
