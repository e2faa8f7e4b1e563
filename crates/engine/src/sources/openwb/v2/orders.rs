//! From an order to what an openWB 2.x is sent.

use ladebuch_domain::control::{self, Command};
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::{ChargeLimit, ChargeMode};
use ladebuch_domain::units::{Amperes, Percent};
use openwb::command::v2::{self, Change, Limit, Section};
use openwb::command::{Refusal, Write};
use openwb::reading as box_says;
use openwb::reading::ChargeTemplate;

use super::settings::in_words;
use super::{Document, Settings};

/// kWh in a Wh: openWB's prices are in €/Wh.
const KWH_PER_WH: f64 = 0.001;

/// What to publish, in order, so that a charge point does what it is asked.
///
/// # Errors
/// If this box cannot be asked for it.
pub fn messages(
    command: &Command,
    device: &ExternalId,
    settings: &Settings,
) -> Result<Vec<Write>, Refusal> {
    let point = charge_point(device).ok_or(Refusal::TemplateUnknown)?;
    let one = |command: v2::Command| Ok(vec![command.write(None)?]);
    let vehicle = settings.vehicle(point).ok_or(Refusal::TemplateUnknown);
    match command {
        Command::Locked(locked) => one(v2::Command::Lock {
            charge_point: point,
            locked: *locked,
        }),
        Command::Vehicle(vehicle) => one(v2::Command::AssignVehicle {
            charge_point: point,
            vehicle: number_after("vehicle/", vehicle).ok_or(Refusal::TemplateUnknown)?,
        }),
        Command::VehicleSoc(Percent(percent)) => one(v2::Command::ManualSoc {
            vehicle: vehicle?,
            percent: *percent,
        }),
        Command::QuerySoc => one(v2::Command::QuerySoc { vehicle: vehicle? }),
        _ => match settings.document(point).ok_or(Refusal::TemplateUnknown)? {
            Document::WorkingCopy(template) => charge(point, template, command),
            Document::Profile(id, template) => v2::by_key(id, &changes(command, template)?),
        },
    }
}

/// What to publish so that a profile has a setting as it was before; `None` if the setting is no
/// longer as it was set, and so nothing is to be done.
///
/// # Errors
/// If the box cannot be asked for it, or does not show the profile at present.
pub fn put_back(
    scope: &str,
    back: &Command,
    set_to: &[Command],
    settings: &Settings,
) -> Result<Option<Vec<Write>>, Refusal> {
    let id = scope.strip_prefix("charge_template/");
    let id: u32 = id
        .and_then(|id| id.parse().ok())
        .ok_or(Refusal::TemplateUnknown)?;
    let (point, template) = settings.find_profile(id).ok_or(Refusal::TemplateUnknown)?;
    let shown = in_words(template);
    if !control::is_to_put_back(back, set_to, &shown) {
        return Ok(None);
    }
    let writes = match point {
        Some(point) => charge(point, template, back)?,
        // No charge point has it in use at the moment.
        None if settings.works_by_key() => v2::by_key(id, &changes(back, template)?)?,
        None => vec![v2::change_profile(template, &changes(back, template)?)?],
    };
    Ok(Some(writes))
}

/// Changes a charge point's working copy.
fn charge(point: u32, template: &ChargeTemplate, command: &Command) -> Result<Vec<Write>, Refusal> {
    let charge = v2::Command::Charge {
        charge_point: point,
        changes: changes(command, template)?,
    };
    Ok(vec![charge.write(Some(template))?])
}

fn changes(command: &Command, template: &ChargeTemplate) -> Result<Vec<Change>, Refusal> {
    Ok(vec![match command {
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
            return Ok(limits(of, limit));
        }
        Command::ResetEnergy => {
            return Err(Refusal::NotOffered {
                what: "to count energy anew",
            });
        }
        Command::FailsafeCurrent(_) | Command::Watchdog(_) => {
            return Err(Refusal::NotOffered {
                what: "to say what happens without a connection",
            });
        }
        Command::Locked(_) | Command::Vehicle(_) | Command::VehicleSoc(_) | Command::QuerySoc => {
            return Err(Refusal::NotOffered {
                what: "that in a charge template",
            });
        }
    }])
}

/// A limit of a mode. The box compares eco charging with the energy of instant charging, so that one
/// is set too; whether instant charging heeds it stays as it is.
fn limits(of: Section, limit: Limit) -> Vec<Change> {
    let mut changes = vec![Change::Limit { of, limit }];
    if let (Section::Eco, Limit::Energy(energy)) = (of, limit) {
        changes.push(Change::InstantLimitEnergy(energy));
    }
    changes
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
