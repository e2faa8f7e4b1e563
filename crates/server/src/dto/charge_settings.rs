//! What a charge point is set to, and what may be asked of it.

use std::borrow::Cow;

use ladebuch_domain::control;
use ladebuch_domain::reading::{ChargeMode, VehicleRef};
use ladebuch_domain::units::Amperes;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::charge_point::{Limit, Vehicle};

/// How a charge point decides when and how fast to charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode(pub ChargeMode);

/// Modes and their names on the wire.
const MODES: [(ChargeMode, &str); 8] = [
    (ChargeMode::Instant, "instant"),
    (ChargeMode::MinPv, "min_pv"),
    (ChargeMode::Pv, "pv"),
    (ChargeMode::Eco, "eco"),
    (ChargeMode::Scheduled, "scheduled"),
    (ChargeMode::Time, "time"),
    (ChargeMode::Stop, "stop"),
    (ChargeMode::Standby, "standby"),
];

impl Mode {
    fn name(&self) -> &str {
        if let ChargeMode::Other(word) = &self.0 {
            return word;
        }
        let known = MODES.iter().find(|(mode, _)| *mode == self.0);
        known.map_or("", |(_, name)| name)
    }
}

impl Serialize for Mode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A mode that somebody asks for is one of those with a name; a source's own word is not.
impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let known = MODES.into_iter().find(|(_, name)| *name == word);
        known.map(|(mode, _)| Self(mode)).ok_or_else(|| {
            let names = MODES.map(|(_, name)| name).join(", ");
            D::Error::custom(format!("unknown mode, expected one of {names}"))
        })
    }
}

impl PartialSchema for Mode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "`instant`, `min_pv`, `pv`, `eco`, `scheduled`, `time`, `stop`, `standby`, or the \
                 source's own word.",
            ))
            .examples(["pv"])
            .into()
    }
}

impl ToSchema for Mode {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ChargeMode")
    }
}

/// What a charge point is set to, as its box reports it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChargeSettings {
    /// The mode that is selected; the one in force, `charge_mode`, may be another.
    #[schema(required)]
    pub mode: Option<Mode>,
    /// Current of instant charging, as it was asked for; what the wallbox offers may be less.
    #[schema(required, example = 16.0)]
    pub current_a: Option<f64>,
    /// Limit of the selected mode.
    #[schema(required)]
    pub limit: Option<Limit>,
    /// Energy of the limit, whether or not it is the limit that counts.
    #[schema(required, example = 10_000.0)]
    pub energy_limit_wh: Option<f64>,
    /// State of charge of the limit, whether or not it is the limit that counts.
    #[schema(required, example = 80.0)]
    pub soc_limit_percent: Option<f64>,
    /// Least current of surplus charging; 0 charges with surplus alone.
    #[schema(required, example = 6.0)]
    pub min_current_a: Option<f64>,
    /// State of charge up to which a vehicle charges without surplus; 0 switches that off.
    #[schema(required, example = 0.0)]
    pub min_soc_percent: Option<f64>,
    /// Highest price at which eco charging draws from the grid.
    #[schema(required, example = 0.28)]
    pub max_price_eur_per_kwh: Option<f64>,
    /// Priority over other charge points.
    #[schema(required)]
    pub priority: Option<bool>,
    /// Whether charging at night is switched on (openWB 1.9).
    #[schema(required)]
    pub night_charging: Option<bool>,
    /// Highest current once the box has heard of nobody for too long (Elli Charger 2).
    #[schema(required, example = 6.0)]
    pub failsafe_current_a: Option<f64>,
    /// How long that is; 0 is never.
    #[schema(required, example = 15.0)]
    pub watchdog_s: Option<f64>,
}

/// What may be asked of a charge point with `POST /api/v1/charge-points/{id}/commands`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Abilities {
    /// Modes to choose from.
    pub modes: Vec<Mode>,
    /// Whether the mode is one for all charge points of the box (openWB 1.9).
    pub one_mode_for_all: bool,
    /// Bounds of the current of instant charging, in whole amperes.
    #[schema(required)]
    pub current_a: Option<CurrentBounds>,
    /// Bounds of a limit by energy.
    #[schema(required)]
    pub energy_limit_wh: Option<EnergyBounds>,
    /// Whether a limit by state of charge can be set.
    pub soc_limit: bool,
    /// Bounds of the least current of surplus charging, in whole amperes.
    #[schema(required)]
    pub min_current_a: Option<MinCurrentBounds>,
    /// Whether the state of charge to reach without surplus can be set.
    pub min_soc: bool,
    /// Whether the highest price of eco charging can be set.
    pub max_price: bool,
    /// Whether it can be locked.
    pub lock: bool,
    /// Whether priority can be set.
    pub priority: bool,
    /// Vehicles to choose from.
    pub vehicles: Vec<Vehicle>,
    /// How the box learns the vehicle's state of charge, in its own word; null: not at all.
    #[schema(required, example = "manual")]
    pub soc_source: Option<String>,
    /// Whether a person may tell the vehicle's state of charge.
    pub vehicle_soc: bool,
    /// Whether the vehicle can be asked for its state of charge.
    pub query_soc: bool,
    /// Whether the energy towards the limit can be reset.
    pub reset_energy: bool,
    /// Bounds of the fail-safe current, in whole amperes; 0 is possible too.
    #[schema(required)]
    pub failsafe_current_a: Option<CurrentBounds>,
    /// Whether the time-out of the watchdog can be set.
    pub watchdog: bool,
    /// For how long settings hold by themselves; null where the box does not tell, and none is put
    /// back.
    #[schema(required)]
    pub lasting: Option<Lasting>,
}

/// Bounds of a current.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurrentBounds {
    /// Least.
    #[schema(example = 6.0)]
    pub min: f64,
    /// Most.
    #[schema(example = 32.0)]
    pub max: f64,
}

/// Bounds of a least current.
#[derive(Debug, Serialize, ToSchema)]
pub struct MinCurrentBounds {
    /// Least.
    #[schema(example = 6.0)]
    pub min: f64,
    /// Most.
    #[schema(example = 16.0)]
    pub max: f64,
    /// Whether 0 is possible too.
    pub zero: bool,
}

/// Bounds of an energy.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnergyBounds {
    /// Least, and what every value is a multiple of.
    #[schema(example = 1_000.0)]
    pub step: f64,
    /// Most.
    #[schema(example = 50_000.0)]
    pub max: f64,
}

/// For how long a change of settings holds.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lasting {
    /// Until it is changed again; charge points with the same profile change with it. A command
    /// with `until_unplug` is undone when the vehicle is unplugged.
    ForGood,
    /// Until the vehicle is unplugged.
    UntilUnplug,
}

impl From<&control::ChargeSettings> for ChargeSettings {
    fn from(settings: &control::ChargeSettings) -> Self {
        Self {
            mode: settings.mode.clone().map(Mode),
            current_a: settings.current.map(Amperes::get),
            limit: settings.limit.map(Limit::from),
            energy_limit_wh: settings.energy_limit.map(|energy| energy.get()),
            soc_limit_percent: settings.soc_limit.map(|soc| soc.get()),
            min_current_a: settings.min_current.map(Amperes::get),
            min_soc_percent: settings.min_soc.map(|soc| soc.get()),
            max_price_eur_per_kwh: settings.max_price.map(|price| price.get()),
            priority: settings.priority,
            night_charging: settings.night_charging,
            failsafe_current_a: settings.failsafe_current.map(Amperes::get),
            watchdog_s: settings.watchdog.map(|timeout| timeout.as_secs_f64()),
        }
    }
}

impl From<&control::Abilities> for Abilities {
    fn from(can: &control::Abilities) -> Self {
        Self {
            modes: can.modes.iter().cloned().map(Mode).collect(),
            one_mode_for_all: can.one_mode_for_all,
            current_a: can.current.map(CurrentBounds::from),
            energy_limit_wh: can.energy_limit.map(|(step, max)| EnergyBounds {
                step: step.get(),
                max: max.get(),
            }),
            soc_limit: can.soc_limit,
            min_current_a: can.min_current.map(|(min, max)| MinCurrentBounds {
                min: min.get(),
                max: max.get(),
                zero: can.min_current_zero,
            }),
            min_soc: can.min_soc,
            max_price: can.max_price,
            lock: can.lock,
            priority: can.priority,
            vehicles: can.vehicles.iter().map(Vehicle::from).collect(),
            soc_source: can.soc_source.as_deref().map(str::to_owned),
            vehicle_soc: can.vehicle_soc,
            query_soc: can.query_soc,
            reset_energy: can.reset_energy,
            failsafe_current_a: can.failsafe_current.map(CurrentBounds::from),
            watchdog: can.watchdog,
            lasting: can.lasting.map(|lasting| match lasting {
                control::Lasting::ForGood => Lasting::ForGood,
                control::Lasting::UntilUnplug => Lasting::UntilUnplug,
            }),
        }
    }
}

impl From<(Amperes, Amperes)> for CurrentBounds {
    fn from((min, max): (Amperes, Amperes)) -> Self {
        Self {
            min: min.get(),
            max: max.get(),
        }
    }
}

impl From<&VehicleRef> for Vehicle {
    fn from(vehicle: &VehicleRef) -> Self {
        Self {
            name: vehicle.name.to_string(),
            external_id: vehicle.id.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mode_is_asked_for_by_its_name_and_shown_by_it() {
        for (mode, name) in MODES {
            let asked: Mode = serde_json::from_value(json!(name)).unwrap();
            assert_eq!(asked.0, mode);
            assert_eq!(serde_json::to_value(asked).unwrap(), name);
        }
        let other = Mode(ChargeMode::Other("turbo".into()));
        assert_eq!(serde_json::to_value(other).unwrap(), "turbo");
        assert!(serde_json::from_value::<Mode>(json!("turbo")).is_err());
    }
}
