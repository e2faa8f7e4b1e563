//! The house as one picture: where power comes from, where it goes, what is unaccounted for.

use chrono::{DateTime, Utc};

use crate::device::DeviceKind;
use crate::ids::DeviceId;
use crate::snapshot::Snapshot;
use crate::units::Watts;

/// Below this the difference between inputs and outputs is measuring noise, not a remainder.
pub const REMAINDER_THRESHOLD: Watts = Watts(50.0);

/// One bar segment: power that comes from or goes to a device. Always positive.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// The device it belongs to.
    pub device: DeviceId,
    /// The part that device plays.
    pub kind: DeviceKind,
    /// How much, at least 0.
    pub power: Watts,
    /// Whether the value is old.
    pub stale: bool,
}

/// Both sides of the house.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct House {
    /// PV production, grid import, battery discharge.
    pub inputs: Vec<Flow>,
    /// Home, charge points, battery charging, grid export.
    pub outputs: Vec<Flow>,
    /// Σ inputs; `None` while nothing is known of the grid, PV or battery.
    pub input: Option<Watts>,
    /// Σ outputs; `None` while nothing is known of the home or a charge point.
    pub output: Option<Watts>,
    /// Inputs − outputs if both are known and differ by more than [`REMAINDER_THRESHOLD`].
    pub unknown: Option<Watts>,
}

/// Draws the picture from the snapshot. Devices without a power reading are left out, and so is the
/// second witness of a charge point whose own source tells its power.
#[must_use]
pub fn house(snapshot: &Snapshot, now: DateTime<Utc>) -> House {
    let mut house = House::default();
    let (mut supply_known, mut demand_known) = (false, false);
    for (&id, device) in &snapshot.devices {
        let Some(power) = device.meter.power else {
            continue;
        };
        if snapshot.is_second_witness(device, now) {
            continue;
        }
        let flow = |power: Watts| Flow {
            device: id,
            kind: device.kind,
            power: Watts(power.get().abs()),
            stale: device.fails() || snapshot.is_stale(device, now),
        };
        let power = power.value;
        match device.kind {
            DeviceKind::Grid | DeviceKind::Battery => {
                // Positive grid power feeds the house, positive battery power is drawn from it.
                let feeds = (device.kind == DeviceKind::Grid) == (power.get() >= 0.0);
                let side = if feeds {
                    &mut house.inputs
                } else {
                    &mut house.outputs
                };
                side.push(flow(power));
                supply_known = true;
            }
            DeviceKind::Pv => {
                // Below zero an inverter draws standby power, which the home's share contains.
                house.inputs.push(flow(Watts(power.get().max(0.0))));
                supply_known = true;
            }
            DeviceKind::Home => {
                house.outputs.push(flow(Watts(power.get().max(0.0))));
                demand_known = true;
            }
            DeviceKind::ChargePoint => {
                let side = if power.get() >= 0.0 {
                    &mut house.outputs
                } else {
                    &mut house.inputs
                };
                side.push(flow(power));
                demand_known = true;
            }
            DeviceKind::Meter => {}
        }
    }
    house.inputs.sort_by_key(|flow| input_order(flow.kind));
    house.outputs.sort_by_key(|flow| output_order(flow.kind));
    let sum = |flows: &[Flow]| flows.iter().map(|flow| flow.power).sum::<Watts>();
    house.input = supply_known.then(|| sum(&house.inputs));
    house.output = demand_known.then(|| sum(&house.outputs));
    house.unknown = match (house.input, house.output) {
        (Some(input), Some(output)) => Some(input - output)
            .filter(|difference| difference.get().abs() >= REMAINDER_THRESHOLD.get()),
        _ => None,
    };
    house
}

/// Own power first, the grid last.
fn input_order(kind: DeviceKind) -> u8 {
    match kind {
        DeviceKind::Pv => 0,
        DeviceKind::Battery => 1,
        DeviceKind::ChargePoint => 2,
        DeviceKind::Grid => 3,
        DeviceKind::Home | DeviceKind::Meter => 4,
    }
}

/// What the house needs first, what leaves it last.
fn output_order(kind: DeviceKind) -> u8 {
    match kind {
        DeviceKind::Home => 0,
        DeviceKind::ChargePoint => 1,
        DeviceKind::Battery => 2,
        DeviceKind::Grid => 3,
        DeviceKind::Pv | DeviceKind::Meter => 4,
    }
}
