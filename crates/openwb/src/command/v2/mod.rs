//! Commands for openWB 2.x.
//!
//! How a charge point charges is one JSON document, its charge template. A box takes whatever is
//! sent instead of it, unchecked, so a write starts from the document received last, changes the
//! values it is about, and sends the whole of it back. Boxes before 2.1.8 have a topic for each
//! value instead, see [`by_key`].
//!
//! What such a write means depends on
//! [`General::TemporaryChargeTemplates`](crate::reading::General::TemporaryChargeTemplates):
//! if it is off, the change is permanent and reaches every charge point whose vehicle uses the
//! same template.

mod change;

use crate::reading::ChargeTemplate;

pub use change::{Change, Limit, Section};

use super::document::Document;
use super::{Refusal, Write, within};
use change::Era;

/// Parts of a charge template without which it is none. Nothing may be left to the defaults of
/// the box.
const PARTS: &[&str] = &["id", "chargemode", "time_charging"];

/// Parts of its `chargemode`.
const MODES: &[&str] = &[
    "selected",
    "instant_charging",
    "pv_charging",
    "eco_charging",
    "scheduled_charging",
];

/// Something an openWB 2.x can be told.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Charge otherwise. All changes go out in one message.
    ///
    /// Takes effect within a control cycle; shows in
    /// [`ChargePoint::ChargeTemplate`](crate::reading::ChargePoint::ChargeTemplate) at once.
    Charge {
        /// Charge point id.
        charge_point: u32,
        /// What to change.
        changes: Vec<Change>,
    },
    /// Lock or unlock a charge point.
    Lock {
        /// Charge point id.
        charge_point: u32,
        /// Whether it is locked.
        locked: bool,
    },
    /// Assign a vehicle to a charge point. One that does not exist means the standard vehicle.
    AssignVehicle {
        /// Charge point id.
        charge_point: u32,
        /// Vehicle id.
        vehicle: u32,
    },
    /// Enter the state of charge of a vehicle that has the module `manual`.
    ManualSoc {
        /// Vehicle id.
        vehicle: u32,
        /// State of charge in %: above 0, up to 100.
        percent: f64,
    },
    /// Query the state of charge of a vehicle now.
    QuerySoc {
        /// Vehicle id.
        vehicle: u32,
    },
    /// Ask for a month of the charge log. The answer comes as
    /// [`Reading::ChargeLogReply`](crate::reading::Reading::ChargeLogReply), and is empty when
    /// there is nothing or when the box does not understand.
    RequestChargeLog {
        /// The client id of the connection that waits for the answer.
        connection: Box<str>,
        /// Year, four digits.
        year: u16,
        /// Month, 1 to 12.
        month: u8,
        /// Where the box expects commands.
        inbox: Inbox,
    },
    /// Remove the notice in which the box said what became of a command. They pile up otherwise.
    DeleteMessage {
        /// The client id under which it was given; a box allows no other.
        connection: Box<str>,
        /// The notice's key.
        message: u64,
    },
}

/// Where a box expects commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Inbox {
    /// A topic for each command: since 2.2.0, with and without user management.
    #[default]
    ByCommand,
    /// One topic for all of them: before.
    Shared,
}

impl Command {
    /// What to publish. `template` is the last one received of the charge point; only
    /// [`Command::Charge`] needs it.
    ///
    /// # Errors
    ///
    /// If the command must not be sent.
    pub fn write(&self, template: Option<&ChargeTemplate>) -> Result<Write, Refusal> {
        Ok(match self {
            Self::Charge {
                charge_point,
                changes,
            } => {
                let current = template.ok_or(Refusal::TemplateUnknown)?;
                let (document, _) = changed(current, changes)?;
                Write::new(
                    format!("openWB/set/chargepoint/{charge_point}/set/charge_template"),
                    document,
                )
            }
            Self::Lock {
                charge_point,
                locked,
            } => Write::new(
                format!("openWB/set/chargepoint/{charge_point}/set/manual_lock"),
                locked.to_string(),
            ),
            Self::AssignVehicle {
                charge_point,
                vehicle,
            } => Write::new(
                format!("openWB/set/chargepoint/{charge_point}/config/ev"),
                vehicle.to_string(),
            ),
            Self::ManualSoc { vehicle, percent } => {
                if *percent == 0.0 {
                    return Err(Refusal::ZeroSoc);
                }
                let what = "the state of charge";
                let percent = within(*percent, 0.0..=100.0, what, "above 0, up to 100 %")?;
                Write::new(
                    format!(
                        "openWB/set/vehicle/{vehicle}/soc_module/calculated_soc_state/manual_soc"
                    ),
                    percent.to_string(),
                )
            }
            Self::QuerySoc { vehicle } => Write::new(
                format!("openWB/set/vehicle/{vehicle}/get/force_soc_update"),
                "true",
            ),
            Self::RequestChargeLog {
                connection,
                year,
                month,
                inbox,
            } => {
                let inbox = match inbox {
                    Inbox::ByCommand => "todo/getChargeLog",
                    Inbox::Shared => "todo",
                };
                let year = within(*year, 2000..=9999, "the year", "2000 to 9999")?;
                let month = within(*month, 1..=12, "the month", "1 to 12")?;
                // Without both objects in the filter the answer is empty.
                Write::new(
                    format!("openWB/set/command/{}/{inbox}", level(connection)?),
                    format!(
                        r#"{{"command": "getChargeLog", "data": {{"year": {year}, "month": "{month:02}", "filter": {{"chargepoint": {{}}, "vehicle": {{}}}}}}}}"#
                    ),
                )
            }
            Self::DeleteMessage {
                connection,
                message,
            } => Write::delete(format!(
                "openWB/command/{}/messages/{message}",
                level(connection)?
            )),
        })
    }
}

/// The same changes to a persistent charge template that no charge point has in use. The box copies
/// it to every charge point whose vehicle has that template.
///
/// # Errors
///
/// If one of the changes must not be sent, or the template is no whole one.
pub fn change_profile(template: &ChargeTemplate, changes: &[Change]) -> Result<Write, Refusal> {
    let (document, id) = changed(template, changes)?;
    Ok(Write::new(
        format!("openWB/set/vehicle/template/charge_template/{id}"),
        document,
    ))
}

/// The same changes for boxes before 2.1.8, which have no
/// `openWB/chargepoint/N/set/charge_template`: one write per value, in the order to send them.
///
/// They change the charge template with this id for good, and with it every charge point whose
/// vehicle uses it.
///
/// # Errors
///
/// If one of the changes must not be sent, or if such a box does not know it.
pub fn by_key(template: u32, changes: &[Change]) -> Result<Vec<Write>, Refusal> {
    let mut writes = Vec::new();
    for change in changes {
        for (path, value) in change.edits(Era::ByKey)? {
            writes.push(Write::new(
                format!(
                    "openWB/set/vehicle/template/charge_template/{template}/{}",
                    path.join("/")
                ),
                value.to_string(),
            ));
        }
    }
    Ok(writes)
}

/// The whole template with the changes made, and its id.
fn changed(template: &ChargeTemplate, changes: &[Change]) -> Result<(String, u32), Refusal> {
    let (mut document, id) = whole(&template.raw)?;
    for change in changes {
        for (path, value) in change.edits(Era::Whole)? {
            document.set(&path, &value)?;
        }
    }
    Ok((document.to_string(), id))
}

/// Reads a charge template that must be a whole one; returns its id too.
fn whole(text: &str) -> Result<(Document, u32), Refusal> {
    let lacks = |missing| Refusal::Incomplete { missing };
    let document = Document::parse(text).ok_or(lacks("id"))?;
    for part in PARTS {
        document.get(part).ok_or(lacks(part))?;
    }
    let id = document.get("id").and_then(|id| id.parse().ok());
    let modes = document.object("chargemode").ok_or(lacks("chargemode"))?;
    for part in MODES {
        modes.get(part).ok_or(lacks(part))?;
    }
    Ok((document, id.ok_or(lacks("id"))?))
}

/// Text that may stand as one level of a topic.
fn level(text: &str) -> Result<&str, Refusal> {
    if text.is_empty() || text.contains(['/', '+', '#']) {
        return Err(Refusal::OutOfRange {
            what: "the connection id",
            allowed: "a text without “/”, “+” and “#”",
        });
    }
    Ok(text)
}
