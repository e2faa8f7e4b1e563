//! What a person can type while the simulation runs.

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_sim::household::{Device, Household};
use ladebuch_sim::{Control, ControlError};

use crate::stage::{AnyFault, Stage};

/// What `help` prints.
pub(crate) const HELP: &str = "\
scan <charge point> <tag>            hold a tag to the reader
plug <charge point> [vehicle]        plug a vehicle in (default: 1 at 3, 2 at 4)
unplug <charge point>                pull the cable
pv <W>|auto                          fix the roof's production
home <W>|auto                        fix the house's load
soc <vehicle>|battery <percent>      set a content
reset-counter grid|pv|battery|<cp>   a meter is replaced and counts from zero
broker down [seconds]|up|silent      the broker is gone, back, or mute
core stop|start                      openWB's program dies and comes back
reboot [seconds]                     the box reboots
duplicates on|off                    every message goes out twice
publish <topic> <payload>            anything, retained, in the box's name
fault <name> on|off|once             something goes wrong with Elli's cloud or the Charger 2
faults                               the names of what can
limit <A>|auto                       what load management leaves the Charger 2
sign-out                             Elli signs everybody out everywhere
status                               what is really going on
quit                                 stop";

/// One line a person typed, understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Line {
    Nothing,
    Help,
    Quit,
    Status,
    Scan(u32, String),
    Plug(u32, u32),
    Unplug(u32),
    Pv(Option<f64>),
    Home(Option<f64>),
    BatterySoc(f64),
    VehicleSoc(u32, f64),
    ResetCounter(Device),
    /// Down for so long, if given.
    BrokerDown(Option<u64>),
    BrokerUp,
    BrokerSilent,
    CoreStop,
    CoreStart,
    Reboot(i64),
    Duplicates(bool),
    Publish(String, String),
    Fault(AnyFault, Switch),
    Faults,
    Limit(Option<f64>),
    SignOut,
}

/// What becomes of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    On,
    Off,
    Once,
}

/// Why a line was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error("there is no {0} here")]
    Missing(&'static str),
}

impl Line {
    /// Understands a line; `None` if it makes no sense.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |word: &str| match word {
            "auto" => Some(None),
            figure => figure.parse().ok().map(Some),
        };
        Some(match words.as_slice() {
            [] => Self::Nothing,
            ["help" | "?"] => Self::Help,
            ["quit" | "exit"] => Self::Quit,
            ["status"] => Self::Status,
            ["scan", point, tag] => Self::Scan(point.parse().ok()?, (*tag).to_owned()),
            ["plug", point] => {
                let point = point.parse().ok()?;
                Self::Plug(point, if point == 3 { 1 } else { 2 })
            }
            ["plug", point, vehicle] => Self::Plug(point.parse().ok()?, vehicle.parse().ok()?),
            ["unplug", point] => Self::Unplug(point.parse().ok()?),
            ["pv", watts] => Self::Pv(number(watts)?),
            ["home", watts] => Self::Home(number(watts)?),
            ["soc", "battery", percent] => Self::BatterySoc(percent.parse().ok()?),
            ["soc", vehicle, percent] => {
                Self::VehicleSoc(vehicle.parse().ok()?, percent.parse().ok()?)
            }
            ["reset-counter", device] => Self::ResetCounter(match *device {
                "grid" | "0" => Device::Grid,
                "pv" | "1" => Device::Pv,
                "battery" | "2" => Device::Battery,
                point => Device::ChargePoint(point.parse().ok()?),
            }),
            ["broker", "down"] => Self::BrokerDown(None),
            ["broker", "down", seconds] => Self::BrokerDown(Some(seconds.parse().ok()?)),
            ["broker", "up"] => Self::BrokerUp,
            ["broker", "silent"] => Self::BrokerSilent,
            ["core", "stop"] => Self::CoreStop,
            ["core", "start"] => Self::CoreStart,
            ["reboot"] => Self::Reboot(40),
            ["reboot", seconds] => Self::Reboot(seconds.parse().ok()?),
            ["duplicates", "on"] => Self::Duplicates(true),
            ["duplicates", "off"] => Self::Duplicates(false),
            ["publish", topic, payload @ ..] if !payload.is_empty() => {
                Self::Publish((*topic).to_owned(), payload.join(" "))
            }
            ["fault", name, switch] => {
                let switch = match *switch {
                    "on" => Switch::On,
                    "off" => Switch::Off,
                    "once" => Switch::Once,
                    _ => return None,
                };
                Self::Fault(name.parse().ok()?, switch)
            }
            ["faults"] => Self::Faults,
            ["limit", amperes] => Self::Limit(number(amperes)?),
            ["sign-out"] => Self::SignOut,
            _ => return None,
        })
    }

    /// Carries a line out and says what happened.
    pub(crate) async fn carry_out(self, stage: &Stage) -> Result<String, Refusal> {
        let premises = &stage.premises;
        match self {
            Self::Nothing | Self::Quit => return Ok(String::new()),
            Self::Help => return Ok(HELP.to_owned()),
            Self::Status => return Ok(status(stage).await?),
            Self::Scan(point, tag) => premises.scan(point, &tag).await?,
            Self::Plug(point, vehicle) => premises.plug(point, vehicle).await?,
            Self::Unplug(point) => premises.unplug(point).await?,
            Self::Pv(watts) => premises.set_pv(watts).await?,
            Self::Home(watts) => premises.set_home_load(watts).await?,
            Self::BatterySoc(percent) => premises.set_battery_soc(percent).await?,
            Self::VehicleSoc(vehicle, percent) => {
                premises.set_vehicle_soc(vehicle, percent).await?;
            }
            Self::ResetCounter(device) => openwb(stage)?.reset_counter(device).await?,
            Self::BrokerDown(seconds) => {
                let control = openwb(stage)?;
                control.broker_down().await?;
                if let Some(seconds) = seconds {
                    tokio::spawn(async move {
                        tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
                        if let Err(error) = control.broker_up().await {
                            tracing::error!(%error, "the broker stays down");
                        }
                    });
                }
            }
            Self::BrokerUp => openwb(stage)?.broker_up().await?,
            Self::BrokerSilent => openwb(stage)?.broker_silent().await?,
            Self::CoreStop => openwb(stage)?.stop_core().await?,
            Self::CoreStart => openwb(stage)?.start_core().await?,
            Self::Reboot(seconds) => {
                openwb(stage)?
                    .reboot(TimeDelta::seconds(seconds.clamp(0, 86_400)))
                    .await?;
            }
            Self::Duplicates(on) => openwb(stage)?.duplicate_messages(on).await?,
            Self::Publish(topic, payload) => {
                openwb(stage)?
                    .publish(&topic, payload.as_bytes(), true)
                    .await?;
            }
            Self::Fault(fault, switch) => switch_fault(stage, fault, switch)?,
            Self::Faults => {
                let names: Vec<&str> = AnyFault::all().map(AnyFault::name).collect();
                return Ok(names.join("\n"));
            }
            Self::Limit(limit_a) => {
                let charger = stage
                    .charger
                    .as_ref()
                    .ok_or(Refusal::Missing("Charger 2"))?;
                charger.control().set_internal_limit(limit_a).await?;
            }
            Self::SignOut => elli(stage)?.revoke_everything(),
        }
        Ok("done".to_owned())
    }
}

fn openwb(stage: &Stage) -> Result<Control, Refusal> {
    let sim = stage.openwb.as_ref().ok_or(Refusal::Missing("openWB"))?;
    Ok(sim.control())
}

fn elli(stage: &Stage) -> Result<ladebuch_sim::elli::Control, Refusal> {
    let elli = stage.elli.as_ref().ok_or(Refusal::Missing("Elli cloud"))?;
    Ok(elli.control())
}

fn switch_fault(stage: &Stage, fault: AnyFault, switch: Switch) -> Result<(), Refusal> {
    match fault {
        AnyFault::Elli(fault) => {
            let control = elli(stage)?;
            match switch {
                Switch::Once => control.fail_once(fault),
                _ => control.set_fault(fault, switch == Switch::On),
            }
        }
        AnyFault::Charger2(fault) => {
            let charger = stage
                .charger
                .as_ref()
                .ok_or(Refusal::Missing("Charger 2"))?;
            let control = charger.control();
            match switch {
                Switch::Once => control.fail_once(fault),
                _ => control.set_fault(fault, switch == Switch::On),
            }
        }
    }
    Ok(())
}

async fn status(stage: &Stage) -> Result<String, ControlError> {
    stage
        .premises
        .look(|moment, house| describe(moment.now, house))
        .await
}

fn describe(now: DateTime<Utc>, house: &Household) -> String {
    use std::fmt::Write as _;
    let watts = |device| {
        house
            .meter(device)
            .map_or(0.0, |meter| meter.power_w.round() + 0.0)
    };
    let mut text = format!(
        "{}  grid {:.0} W  pv {:.0} W  battery {:.0} W ({:.0} %)  home {:.0} W",
        now.with_timezone(&house.zone())
            .format("%Y-%m-%d %H:%M:%S %Z"),
        watts(Device::Grid),
        watts(Device::Pv),
        watts(Device::Battery),
        house.battery_soc_percent(),
        watts(Device::Home),
    );
    for point in house.points() {
        let vehicle = point
            .vehicle
            .and_then(|id| house.vehicles().iter().find(|vehicle| vehicle.id == id))
            .map_or("nobody".to_owned(), |car| {
                format!("{} ({:.0} %)", car.name, car.soc_percent())
            });
        // Writing to a string does not fail.
        write!(
            text,
            "\n{} {}: {vehicle}, {:.0} W",
            point.id, point.name, point.meter.power_w
        )
        .ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_mean_what_help_says() {
        assert_eq!(
            Line::parse("scan 3 0012345678"),
            Some(Line::Scan(3, "0012345678".to_owned()))
        );
        assert_eq!(Line::parse("plug 4"), Some(Line::Plug(4, 2)));
        assert_eq!(
            Line::parse("broker down 10"),
            Some(Line::BrokerDown(Some(10)))
        );
        assert_eq!(Line::parse("pv auto"), Some(Line::Pv(None)));
        assert_eq!(
            Line::parse("reset-counter 3"),
            Some(Line::ResetCounter(Device::ChargePoint(3)))
        );
        assert_eq!(
            Line::parse("publish openWB/x {broken json"),
            Some(Line::Publish(
                "openWB/x".to_owned(),
                "{broken json".to_owned()
            ))
        );
        assert_eq!(
            Line::parse("fault modbus-busy once"),
            Some(Line::Fault(
                AnyFault::Charger2(ladebuch_sim::Charger2Fault::Busy),
                Switch::Once
            ))
        );
        assert_eq!(Line::parse("fault nonsense on"), None);
        assert_eq!(Line::parse(""), Some(Line::Nothing));
        assert_eq!(Line::parse("make coffee"), None);
    }
}
