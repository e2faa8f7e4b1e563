//! From an order to what an openWB 1.9 is sent.

use ladebuch_domain::control::{self, Command};
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::{ChargeLimit, ChargeMode};
use openwb::command::v1_9 as box_hears;
use openwb::command::{Refusal, Write};
use openwb::reading::v1_9::{ChargeMode as BoxMode, Limit};

use super::Settings;

/// Wh in a kWh: the box counts an energy limit in kWh.
const WH_PER_KWH: f64 = 1000.0;

/// What to publish, in order, so that a charge point does what it is asked.
///
/// # Errors
/// If this box cannot be asked for it.
pub fn messages(command: &Command, device: &ExternalId) -> Result<Vec<Write>, Refusal> {
    use box_hears::Command as C;
    let charge_point = device
        .as_str()
        .strip_prefix("lp/")
        .and_then(|number| number.parse().ok())
        .ok_or(not_offered("that"))?;
    let commands = match command {
        Command::Mode(mode) => vec![C::Mode(box_mode(mode)?)],
        Command::Current(current) => vec![C::InstantCurrent {
            charge_point,
            amperes: whole(current.get()),
        }],
        // The value goes ahead of the choice: the box must not stop at an older one.
        Command::Limit(limit) => {
            let select = |limit| C::InstantLimit {
                charge_point,
                limit,
            };
            match limit {
                ChargeLimit::None => vec![select(Limit::None)],
                ChargeLimit::Energy(energy) => vec![
                    C::InstantEnergy {
                        charge_point,
                        kilowatt_hours: whole(energy.get() / WH_PER_KWH),
                    },
                    select(Limit::Energy),
                ],
                ChargeLimit::Soc(soc) => vec![
                    C::InstantSoc {
                        charge_point,
                        percent: whole(soc.get()),
                    },
                    select(Limit::Soc),
                ],
            }
        }
        Command::MinCurrent(current) => vec![C::MinPvCurrent(whole(current.get()))],
        Command::Locked(locked) => vec![C::Lock {
            charge_point,
            locked: *locked,
        }],
        Command::VehicleSoc(soc) => vec![C::ManualSoc {
            charge_point,
            percent: whole(soc.get()),
        }],
        Command::QuerySoc => vec![C::QuerySoc { charge_point }],
        Command::ResetEnergy => vec![C::RestartEnergy { charge_point }],
        Command::MinSoc(_) | Command::MaxPrice(_) => return Err(not_offered("such a limit")),
        Command::Vehicle(_) => return Err(not_offered("which vehicle is plugged in")),
        Command::Priority(_) => return Err(not_offered("which charge point comes first")),
        Command::FailsafeCurrent(_) | Command::Watchdog(_) => {
            return Err(not_offered("what happens without a connection"));
        }
    };
    commands.iter().map(box_hears::Command::write).collect()
}

/// What to publish so that a setting is as it was before; `None` if it is no longer as it was set,
/// and so nothing is to be done.
///
/// # Errors
/// If the box cannot be asked for it, or does not show the setting at present.
pub fn put_back(
    scope: &str,
    back: &Command,
    set_to: &[Command],
    settings: &Settings,
) -> Result<Option<Vec<Write>>, Refusal> {
    // What holds for the whole box shows at every charge point.
    let device = match scope {
        "box" => ExternalId::from("lp/1"),
        device => ExternalId::from(device),
    };
    let number = device.as_str().strip_prefix("lp/");
    let number = number.and_then(|number| number.parse().ok());
    let shown = number.and_then(|number| settings.shown(number));
    let shown = shown.ok_or(not_offered("that"))?;
    if !control::is_to_put_back(back, set_to, &shown) {
        return Ok(None);
    }
    messages(back, &device).map(Some)
}

fn box_mode(mode: &ChargeMode) -> Result<BoxMode, Refusal> {
    Ok(match mode {
        ChargeMode::Instant => BoxMode::Instant,
        ChargeMode::MinPv => BoxMode::MinPv,
        ChargeMode::Pv => BoxMode::Pv,
        ChargeMode::Stop => BoxMode::Stop,
        ChargeMode::Standby => BoxMode::Standby,
        ChargeMode::Eco | ChargeMode::Scheduled | ChargeMode::Time | ChargeMode::Other(_) => {
            return Err(not_offered("to charge in this mode"));
        }
    })
}

const fn not_offered(what: &'static str) -> Refusal {
    Refusal::NotOffered { what }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float casts to the nearest u8; ranges are checked before anything is sent"
)]
fn whole(value: f64) -> u8 {
    value.round() as u8
}
