//! From an order to what an openWB 2.x is sent.

use ladebuch_domain::control::{Command, Lasting};
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::{ChargeLimit, ChargeMode};
use ladebuch_domain::units::{Amperes, Percent};
use openwb::command::v2::{self, Change, Limit, Section};
use openwb::command::{Refusal, Write};
use openwb::reading as box_says;

use super::{Document, Settings};
use crate::sources::Task;

/// kWh in a Wh: openWB's prices are in €/Wh.
const KWH_PER_WH: f64 = 0.001;

/// What to publish, in order, and the document that it changes for good.
#[derive(Debug, PartialEq)]
pub struct Messages {
    /// To be published one after the other.
    pub writes: Vec<Write>,
    /// The document as it is now, if the change holds for good.
    pub before: Option<Box<str>>,
}

/// What to send so that a charge point does what it is asked.
///
/// # Errors
/// If this box cannot be asked for it.
pub fn messages(
    task: &Task,
    device: &ExternalId,
    settings: &Settings,
) -> Result<Messages, Refusal> {
    let point = charge_point(device).ok_or(Refusal::TemplateUnknown)?;
    let plain = |command: v2::Command| {
        Ok(Messages {
            writes: vec![command.write(None)?],
            before: None,
        })
    };
    let command = match task {
        Task::PutBack(document) => {
            return plain(v2::Command::RestoreProfile {
                document: document.clone(),
            });
        }
        Task::Command(command) => command,
    };
    let vehicle = settings.vehicle(point).ok_or(Refusal::TemplateUnknown);
    match command {
        Command::Locked(locked) => plain(v2::Command::Lock {
            charge_point: point,
            locked: *locked,
        }),
        Command::Vehicle(vehicle) => plain(v2::Command::AssignVehicle {
            charge_point: point,
            vehicle: number_after("vehicle/", vehicle).ok_or(Refusal::TemplateUnknown)?,
        }),
        Command::VehicleSoc(Percent(percent)) => plain(v2::Command::ManualSoc {
            vehicle: vehicle?,
            percent: *percent,
        }),
        Command::QuerySoc => plain(v2::Command::QuerySoc { vehicle: vehicle? }),
        _ => {
            let document = settings.document(point).ok_or(Refusal::TemplateUnknown)?;
            let changes = vec![change(command, document)?];
            let lasts = settings.lasting(document) == Lasting::ForGood;
            let (writes, template) = match document {
                Document::WorkingCopy(template) => {
                    let charge = v2::Command::Charge {
                        charge_point: point,
                        changes,
                    };
                    (vec![charge.write(Some(template))?], template)
                }
                Document::Profile(template) => {
                    let id = template.id.ok_or(Refusal::TemplateUnknown)?;
                    (v2::by_key(id, &changes)?, template)
                }
            };
            Ok(Messages {
                writes,
                // Only a whole document can be put back.
                before: (lasts && matches!(document, Document::WorkingCopy(_)))
                    .then(|| template.raw.clone()),
            })
        }
    }
}

fn change(command: &Command, document: Document<'_>) -> Result<Change, Refusal> {
    let (Document::WorkingCopy(template) | Document::Profile(template)) = document;
    Ok(match command {
        Command::Mode(mode) => Change::Mode(box_mode(mode)),
        Command::Current(current) => Change::InstantCurrent(amperes(*current)),
        Command::MinCurrent(current) => Change::PvMinCurrent(amperes(*current)),
        Command::MinSoc(soc) => Change::PvMinSoc(percent(*soc)),
        Command::MaxPrice(price) => Change::EcoMaxPrice(price.get() * KWH_PER_WH),
        Command::Priority(on) => Change::Priority(*on),
        Command::Limit(limit) => {
            let of =
                template
                    .selected
                    .as_ref()
                    .and_then(Section::of)
                    .ok_or(Refusal::NotOffered {
                        what: "to stop at a limit in this mode",
                    })?;
            let limit = match limit {
                ChargeLimit::None => Limit::None,
                ChargeLimit::Energy(energy) => Limit::Energy(whole(energy.get())),
                ChargeLimit::Soc(soc) => Limit::Soc(percent(*soc)),
            };
            Change::Limit { of, limit }
        }
        Command::ResetEnergy => {
            return Err(Refusal::NotOffered {
                what: "to count energy anew",
            });
        }
        Command::Locked(_) | Command::Vehicle(_) | Command::VehicleSoc(_) | Command::QuerySoc => {
            return Err(Refusal::NotOffered {
                what: "that in a charge template",
            });
        }
    })
}

fn box_mode(mode: &ChargeMode) -> box_says::ChargeMode {
    match mode {
        ChargeMode::Instant => box_says::ChargeMode::Instant,
        ChargeMode::Pv => box_says::ChargeMode::Pv,
        ChargeMode::Eco => box_says::ChargeMode::Eco,
        ChargeMode::Scheduled => box_says::ChargeMode::Scheduled,
        ChargeMode::Time => box_says::ChargeMode::Time,
        ChargeMode::Stop => box_says::ChargeMode::Stop,
        ChargeMode::Standby => box_says::ChargeMode::Standby,
        ChargeMode::MinPv => box_says::ChargeMode::Other("min_pv".into()),
        ChargeMode::Other(word) => box_says::ChargeMode::Other(word.as_str().into()),
    }
}

/// The id of a charge point in its topics.
pub fn charge_point(device: &ExternalId) -> Option<u32> {
    number_after("chargepoint/", device)
}

fn number_after(prefix: &str, id: &ExternalId) -> Option<u32> {
    id.as_str().strip_prefix(prefix)?.parse().ok()
}

fn amperes(current: Amperes) -> u8 {
    whole(current.get()).try_into().unwrap_or(u8::MAX)
}

fn percent(percent: Percent) -> u8 {
    whole(percent.get()).try_into().unwrap_or(u8::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float casts to the nearest u32; ranges are checked before anything is sent"
)]
fn whole(value: f64) -> u32 {
    value.round() as u32
}

#[cfg(test)]
mod tests;
