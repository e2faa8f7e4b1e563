//! The live view of a charge point.

use ladebuch_domain::reading::ChargeLimit;
use ladebuch_domain::snapshot::{ChargePoint, Dated, Iec61851};
use serde::Serialize;
use utoipa::ToSchema;

use super::Instant;
use super::charge_settings::{Abilities, ChargeSettings, Mode};

/// What only charge points have.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveChargePoint {
    /// State by IEC 61851-1.
    #[schema(required)]
    pub state: Option<Iec61851State>,
    /// A vehicle is connected.
    #[schema(required)]
    pub plugged: Option<bool>,
    /// Energy flows.
    #[schema(required)]
    pub charging: Option<bool>,
    /// Locked by hand.
    #[schema(required)]
    pub locked: Option<bool>,
    /// Number of phases that the vehicle uses; null unless it charges.
    #[schema(required)]
    pub phases_in_use: Option<u8>,
    /// Current that the wallbox lets the vehicle draw.
    #[schema(required)]
    pub offered_current_a: Option<f64>,
    /// The wallbox's own sentence about what it does and why.
    #[schema(required)]
    pub state_text: Option<String>,
    /// Tag that authorised the present plug-in, masked.
    #[schema(required, example = "…5678")]
    pub tag: Option<String>,
    /// The vehicle assigned.
    #[schema(required)]
    pub vehicle: Option<Vehicle>,
    /// State of charge of the vehicle.
    #[schema(required)]
    pub vehicle_soc_percent: Option<f64>,
    /// When the vehicle said so.
    #[schema(required)]
    pub vehicle_soc_at: Option<Instant>,
    /// Its range.
    #[schema(required)]
    pub vehicle_range_km: Option<f64>,
    /// The mode in force.
    #[schema(required)]
    pub charge_mode: Option<Mode>,
    /// Priority over other charge points.
    #[schema(required)]
    pub priority: Option<bool>,
    /// Energy charged since the vehicle was plugged in.
    #[schema(required)]
    pub energy_since_plug_in_wh: Option<f64>,
    /// Energy that counts towards the limit, where that is not the energy since plug-in.
    #[schema(required)]
    pub energy_towards_limit_wh: Option<f64>,
    /// State of the socket in the box's own letters (Elli Charger 2): A no vehicle, B plugged in, C it
    /// asks for charge; 1 is not allowed, 2 allowed.
    #[schema(required, example = "C2")]
    pub box_state: Option<String>,
    /// Temperature inside the box.
    #[schema(required, example = 32.5)]
    pub temperature_c: Option<f64>,
    /// Apparent energy since the box was last switched on. Not what a calibrated meter counts.
    #[schema(required)]
    pub apparent_since_power_on_vah: Option<f64>,
    /// When the vehicle was seen being plugged in.
    #[schema(required)]
    pub plugged_since: Option<Instant>,
    /// What ends this charge.
    #[schema(required)]
    pub limit: Option<Limit>,
    /// What it is set to; null until the box has told.
    #[schema(required)]
    pub settings: Option<ChargeSettings>,
    /// What may be asked of it; null until the box has told.
    #[schema(required)]
    pub abilities: Option<Abilities>,
}

/// Charge point states of IEC 61851-1.
#[derive(Debug, Serialize, ToSchema)]
pub enum Iec61851State {
    /// No vehicle.
    A,
    /// Connected.
    B,
    /// Charging.
    C,
    /// Fault.
    F,
}

/// A vehicle.
#[derive(Debug, Serialize, ToSchema)]
pub struct Vehicle {
    /// Its name.
    pub name: String,
    /// The source's own designation.
    pub external_id: String,
}

/// What ends a charge before the vehicle is full.
#[derive(Debug, Serialize, ToSchema)]
pub struct Limit {
    /// Which of the two below counts, if any.
    pub kind: LimitKind,
    /// Energy since plug-in.
    #[schema(required)]
    pub energy_wh: Option<f64>,
    /// State of charge of the vehicle.
    #[schema(required)]
    pub soc_percent: Option<f64>,
}

/// Kinds of limits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Nothing.
    None,
    /// Energy.
    Energy,
    /// State of charge.
    Soc,
}

impl LiveChargePoint {
    /// The charge point part of a device in that state.
    #[must_use]
    pub fn new(state: Option<Iec61851>, point: &ChargePoint) -> Self {
        let battery = point.vehicle_battery.map(|battery| battery.value);
        Self {
            state: state.map(|state| match state {
                Iec61851::A => Iec61851State::A,
                Iec61851::B => Iec61851State::B,
                Iec61851::C => Iec61851State::C,
                Iec61851::F => Iec61851State::F,
            }),
            plugged: value(point.plugged),
            charging: value(point.charging),
            locked: value(point.locked),
            // openWB keeps the number of the last charge.
            phases_in_use: value(point.phases_in_use)
                .filter(|_| value(point.charging) == Some(true)),
            offered_current_a: value(point.offered_current).map(|current| current.get()),
            state_text: point.state_text.as_ref().map(|text| text.value.to_string()),
            tag: point.tag.as_ref().map(|tag| tag.value.masked()),
            vehicle: point
                .vehicle
                .as_ref()
                .map(|vehicle| Vehicle::from(&vehicle.value)),
            vehicle_soc_percent: battery.map(|battery| battery.soc.get()),
            vehicle_soc_at: battery.map(|battery| battery.at.into()),
            vehicle_range_km: battery
                .and_then(|battery| battery.range)
                .map(|range| range.get()),
            charge_mode: point.mode.as_ref().map(|mode| Mode(mode.value.clone())),
            priority: value(point.priority),
            energy_since_plug_in_wh: value(point.since_plug_in).map(|energy| energy.get()),
            energy_towards_limit_wh: value(point.towards_limit).map(|energy| energy.get()),
            box_state: point
                .box_state
                .as_ref()
                .map(|state| state.value.to_string()),
            temperature_c: value(point.temperature).map(|celsius| celsius.get()),
            apparent_since_power_on_vah: value(point.apparent_since_power_on)
                .map(|energy| energy.get()),
            plugged_since: point.plugged_since.map(Instant),
            limit: value(point.limit).map(Limit::from),
            settings: point
                .settings
                .as_ref()
                .map(|settings| ChargeSettings::from(&*settings.value)),
            abilities: point
                .abilities
                .as_ref()
                .map(|abilities| Abilities::from(&*abilities.value)),
        }
    }
}

fn value<T: Copy>(dated: Option<Dated<T>>) -> Option<T> {
    dated.map(|dated| dated.value)
}

impl From<ChargeLimit> for Limit {
    fn from(limit: ChargeLimit) -> Self {
        let (kind, energy_wh, soc_percent) = match limit {
            ChargeLimit::None => (LimitKind::None, None, None),
            ChargeLimit::Energy(energy) => (LimitKind::Energy, Some(energy.get()), None),
            ChargeLimit::Soc(soc) => (LimitKind::Soc, None, Some(soc.get())),
        };
        Self {
            kind,
            energy_wh,
            soc_percent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_in_use_only_while_it_charges() {
        let at = chrono::DateTime::UNIX_EPOCH;
        let phases = |charging: Option<bool>| {
            let point = ChargePoint {
                charging: charging.map(|value| Dated { value, at }),
                phases_in_use: Some(Dated { value: 3, at }),
                ..ChargePoint::default()
            };
            LiveChargePoint::new(None, &point).phases_in_use
        };
        assert_eq!(phases(Some(true)), Some(3));
        assert_eq!(phases(Some(false)), None);
        assert_eq!(phases(None), None);
    }
}
