//! Commands to charge points, and the journal of them.

use std::time::Duration;

use ladebuch_domain::control;
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::ChargeLimit;
use ladebuch_domain::units::{Amperes, EurosPerKilowattHour, Percent, WattHours};
use ladebuch_engine::control::{Outcome, Reason, Record};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::charge_settings::Mode;
use super::{Instant, Refusal};

/// A command and for how long it holds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"command": {"kind": "current", "current_a": 16}, "until_unplug": true}))]
pub struct CommandInput {
    /// What the charge point is to do.
    pub command: Command,
    /// Put the settings back when the vehicle is unplugged, where they would hold for good. Without
    /// a vehicle there is nothing to wait for, and they hold.
    #[serde(default)]
    pub until_unplug: bool,
}

/// What a charge point is to do. Its `abilities` in the live view say what it can.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// How to decide when and how fast to charge.
    Mode {
        /// One of `abilities.modes`.
        mode: Mode,
    },
    /// Current of instant charging. While a Charger 2 is paused it is kept for when it goes on.
    Current {
        /// Whole amperes within `abilities.current_a`.
        #[schema(example = 16.0)]
        current_a: f64,
    },
    /// What ends a charge in the mode that is set.
    Limit {
        /// The limit.
        limit: CommandLimit,
    },
    /// Least current of surplus charging.
    MinCurrent {
        /// Whole amperes within `abilities.min_current_a`; 0 charges with surplus alone.
        #[schema(example = 6.0)]
        current_a: f64,
    },
    /// State of charge up to which a vehicle charges without surplus.
    MinSoc {
        /// Whole percent; 0 switches that off.
        #[schema(example = 30.0)]
        soc_percent: f64,
    },
    /// Highest price at which eco charging draws from the grid.
    MaxPrice {
        /// From −1 to 2.
        #[schema(example = 0.28)]
        eur_per_kwh: f64,
    },
    /// Lock or unlock.
    Locked {
        /// Whether it is to be locked.
        locked: bool,
    },
    /// Which vehicle is plugged in.
    Vehicle {
        /// `external_id` of one of `abilities.vehicles`.
        #[schema(example = "vehicle/1")]
        vehicle_id: String,
    },
    /// Priority over other charge points.
    Priority {
        /// Whether it is to have it.
        priority: bool,
    },
    /// State of charge that a person reads off the vehicle.
    VehicleSoc {
        /// Whole percent from 1.
        #[schema(example = 55.0)]
        soc_percent: f64,
    },
    /// Ask the vehicle for its state of charge now.
    QuerySoc,
    /// Count the energy towards the limit from zero.
    ResetEnergy,
    /// Highest current once the box has heard of nobody for too long.
    FailsafeCurrent {
        /// Whole amperes within `abilities.failsafe_current_a`, or 0. Not every box takes 0, and even
        /// one that does may go on charging.
        #[schema(example = 6.0)]
        current_a: f64,
    },
    /// For how long the box may hear of nobody until the fail-safe current applies.
    Watchdog {
        /// 0 to 65.535 in steps of 0.001; 0 switches it off.
        #[schema(example = 15.0)]
        seconds: f64,
    },
}

/// What ends a charge before the vehicle is full.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CommandLimit {
    /// Nothing.
    None,
    /// Energy since plug-in.
    Energy {
        /// A multiple of `abilities.energy_limit_wh.step`.
        #[schema(example = 10_000.0)]
        energy_wh: f64,
    },
    /// State of charge of the vehicle.
    Soc {
        /// Whole percent.
        #[schema(example = 80.0)]
        soc_percent: f64,
    },
}

/// Entries of the journal, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommandList {
    /// The entries. For older ones, ask `before` the last one's id.
    pub commands: Vec<CommandRecord>,
}

/// A command, who gave it, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "019a0d2e-7b5c-7d3e-9a51-0c4f3f1a2b3c",
    "charge_point_id": "019a0d2e-1111-7d3e-9a51-0c4f3f1a2b3c",
    "command": {"kind": "current", "current_a": 16}, "author": "owner",
    "until_unplug": true, "sent_at": "2026-11-22T12:30:00.000Z", "finished_at": "2026-11-22T12:30:00.048Z",
    "outcome": "confirmed", "reason": null, "said": "Sofortladen aktiv."
}))]
pub struct CommandRecord {
    /// Its id; ids rise with time.
    pub id: Uuid,
    /// The charge point.
    pub charge_point_id: Uuid,
    /// What it was to do.
    pub command: Command,
    /// Who gave it.
    #[schema(example = "owner")]
    pub author: String,
    /// It holds for this charge only: the box takes it back when the vehicle is unplugged, or
    /// Ladebuch puts the setting back as it was.
    pub until_unplug: bool,
    /// When.
    pub sent_at: Instant,
    /// When the outcome was known.
    #[schema(required)]
    pub finished_at: Option<Instant>,
    /// What became of it.
    pub outcome: CommandOutcome,
    /// Why it was refused.
    #[schema(required)]
    pub reason: Option<Refusal>,
    /// The box's own sentence about the charge point at the end, or why it did not follow.
    #[schema(required)]
    pub said: Option<String>,
}

/// What became of a command.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandOutcome {
    /// On its way.
    Pending,
    /// The box reports what was asked for.
    Confirmed,
    /// The box did not report it in time. openWB does not say why it ignores a command.
    NotConfirmed,
    /// It did not reach the box, or the box refused it.
    Refused,
    /// Ladebuch ended before the outcome was known.
    Interrupted,
}

/// The mode of a charge point.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"mode": "pv"}))]
pub struct ChargePointMode {
    /// The mode that is selected.
    #[schema(required)]
    pub mode: Option<Mode>,
}

/// The mode that a charge point is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"mode": "pv"}))]
pub struct ChargePointModeInput {
    /// One of `abilities.modes`.
    pub mode: Mode,
}

impl From<Command> for control::Command {
    fn from(command: Command) -> Self {
        match command {
            Command::Mode { mode } => Self::Mode(mode.0),
            Command::Current { current_a } => Self::Current(Amperes(current_a)),
            Command::Limit { limit } => Self::Limit(limit.into()),
            Command::MinCurrent { current_a } => Self::MinCurrent(Amperes(current_a)),
            Command::MinSoc { soc_percent } => Self::MinSoc(Percent(soc_percent)),
            Command::MaxPrice { eur_per_kwh } => Self::MaxPrice(EurosPerKilowattHour(eur_per_kwh)),
            Command::Locked { locked } => Self::Locked(locked),
            Command::Vehicle { vehicle_id } => Self::Vehicle(ExternalId::from(&*vehicle_id)),
            Command::Priority { priority } => Self::Priority(priority),
            Command::VehicleSoc { soc_percent } => Self::VehicleSoc(Percent(soc_percent)),
            Command::QuerySoc => Self::QuerySoc,
            Command::ResetEnergy => Self::ResetEnergy,
            Command::FailsafeCurrent { current_a } => Self::FailsafeCurrent(Amperes(current_a)),
            // What is no time at all is out of bounds like one that is too long.
            Command::Watchdog { seconds } => {
                Self::Watchdog(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
            }
        }
    }
}

impl From<control::Command> for Command {
    fn from(command: control::Command) -> Self {
        use control::Command as Asked;
        match command {
            Asked::Mode(mode) => Self::Mode { mode: Mode(mode) },
            Asked::Current(current) => Self::Current {
                current_a: current.get(),
            },
            Asked::Limit(limit) => Self::Limit {
                limit: limit.into(),
            },
            Asked::MinCurrent(current) => Self::MinCurrent {
                current_a: current.get(),
            },
            Asked::MinSoc(soc) => Self::MinSoc {
                soc_percent: soc.get(),
            },
            Asked::MaxPrice(price) => Self::MaxPrice {
                eur_per_kwh: price.get(),
            },
            Asked::Locked(locked) => Self::Locked { locked },
            Asked::Vehicle(vehicle) => Self::Vehicle {
                vehicle_id: vehicle.to_string(),
            },
            Asked::Priority(priority) => Self::Priority { priority },
            Asked::VehicleSoc(soc) => Self::VehicleSoc {
                soc_percent: soc.get(),
            },
            Asked::QuerySoc => Self::QuerySoc,
            Asked::ResetEnergy => Self::ResetEnergy,
            Asked::FailsafeCurrent(current) => Self::FailsafeCurrent {
                current_a: current.get(),
            },
            Asked::Watchdog(timeout) => Self::Watchdog {
                seconds: timeout.as_secs_f64(),
            },
        }
    }
}

impl From<CommandLimit> for ChargeLimit {
    fn from(limit: CommandLimit) -> Self {
        match limit {
            CommandLimit::None => Self::None,
            CommandLimit::Energy { energy_wh } => Self::Energy(WattHours(energy_wh)),
            CommandLimit::Soc { soc_percent } => Self::Soc(Percent(soc_percent)),
        }
    }
}

impl From<ChargeLimit> for CommandLimit {
    fn from(limit: ChargeLimit) -> Self {
        match limit {
            ChargeLimit::None => Self::None,
            ChargeLimit::Energy(energy) => Self::Energy {
                energy_wh: energy.get(),
            },
            ChargeLimit::Soc(soc) => Self::Soc {
                soc_percent: soc.get(),
            },
        }
    }
}

impl From<Record> for CommandRecord {
    fn from(record: Record) -> Self {
        let (outcome, reason): (_, Option<Reason>) = match record.outcome {
            Outcome::Pending => (CommandOutcome::Pending, None),
            Outcome::Confirmed => (CommandOutcome::Confirmed, None),
            Outcome::NotConfirmed => (CommandOutcome::NotConfirmed, None),
            Outcome::Refused(reason) => (CommandOutcome::Refused, Some(reason)),
            Outcome::Interrupted => (CommandOutcome::Interrupted, None),
        };
        Self {
            id: record.id,
            charge_point_id: record.device.0,
            command: record.command.into(),
            author: record.author,
            until_unplug: record.until_unplug,
            sent_at: record.sent.into(),
            finished_at: record.finished.map(Instant),
            outcome,
            reason: reason.map(Refusal),
            said: record.said,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn every_command_is_written_as_it_is_read() {
        for written in [
            json!({"kind": "mode", "mode": "min_pv"}),
            json!({"kind": "current", "current_a": 16.0}),
            json!({"kind": "limit", "limit": {"kind": "none"}}),
            json!({"kind": "limit", "limit": {"kind": "energy", "energy_wh": 5000.0}}),
            json!({"kind": "limit", "limit": {"kind": "soc", "soc_percent": 80.0}}),
            json!({"kind": "min_current", "current_a": 0.0}),
            json!({"kind": "min_soc", "soc_percent": 30.0}),
            json!({"kind": "max_price", "eur_per_kwh": 0.25}),
            json!({"kind": "locked", "locked": true}),
            json!({"kind": "vehicle", "vehicle_id": "vehicle/1"}),
            json!({"kind": "priority", "priority": false}),
            json!({"kind": "vehicle_soc", "soc_percent": 55.0}),
            json!({"kind": "query_soc"}),
            json!({"kind": "reset_energy"}),
            json!({"kind": "failsafe_current", "current_a": 6.0}),
            json!({"kind": "watchdog", "seconds": 2.3}),
            json!({"kind": "watchdog", "seconds": 65.535}),
        ] {
            let read: Command = serde_json::from_value(written.clone()).unwrap();
            let asked = control::Command::from(read);
            assert_eq!(written["kind"], asked.name());
            let shown = serde_json::to_value(Command::from(asked)).unwrap();
            assert_eq!(shown, written);
        }
    }

    #[test]
    fn no_time_at_all_is_a_time_out_of_bounds() {
        for seconds in [-1.0, f64::NAN, f64::INFINITY, 1e30] {
            let asked = control::Command::from(Command::Watchdog { seconds });
            assert_eq!(asked, control::Command::Watchdog(Duration::MAX));
        }
    }

    #[test]
    fn a_limit_may_carry_what_does_not_count() {
        let limit = json!({"kind": "energy", "energy_wh": 5000, "soc_percent": Value::Null});
        let command = json!({"command": {"kind": "limit", "limit": limit}});
        let input: CommandInput = serde_json::from_value(command).unwrap();
        let limit = CommandLimit::Energy { energy_wh: 5000.0 };
        assert_eq!(input.command, Command::Limit { limit });
        assert!(!input.until_unplug);
    }
}
