//! What a Charger 2 reports, in Ladebuch's terms.
//!
//! Its power and energy are apparent (VA, VAh). They are told as such and never as power or as a meter
//! reading, so that no picture of the house, no history and no report counts them.

use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use ladebuch_domain::control::{Abilities, ChargeSettings};
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::{ChargeMode, ExternalDevice, Fact, Fault, FaultLevel, Reading};

use super::limits::Limits;
use crate::charger2::{Info, State, Status};

/// What the one charge point of a box is called.
pub(super) const NAME: &str = "Elli Charger 2";

/// The one charge point of a box.
pub(super) fn device() -> ExternalDevice {
    ExternalDevice {
        kind: DeviceKind::ChargePoint,
        id: ExternalId::from("1"),
    }
}

/// Everything there is to say after a look at the box.
pub(super) fn readings(info: &Info, status: &Status, limits: &Limits) -> Vec<Reading> {
    let Socket {
        plugged,
        charging,
        fault,
    } = socket(status.state);
    let facts = [
        Fact::Name(CompactString::const_new(NAME)),
        Fact::Fault(fault),
        Fact::Plugged(plugged),
        Fact::Charging(charging),
        Fact::BoxState(status.state.name().map(CompactString::const_new)),
        Fact::PhaseCurrents(Some(status.currents)),
        Fact::PhaseVoltages(Some(status.voltages)),
        Fact::ApparentPower(Some(status.power)),
        Fact::ApparentEnergy(Some(status.energy_total)),
        Fact::ApparentSincePowerOn(Some(status.energy_since_power_on)),
        Fact::Temperature(Some(status.pcb_temperature)),
        Fact::OfferedCurrent(Some(status.settings.current_limit.amperes())),
        Fact::Mode(Some(limits.mode())),
        Fact::Settings(Some(Arc::new(settings(status, limits)))),
        Fact::Abilities(Some(Arc::new(abilities(info)))),
    ];
    let reading = |fact| Reading {
        device: device(),
        fact,
    };
    facts.into_iter().map(reading).collect()
}

fn settings(status: &Status, limits: &Limits) -> ChargeSettings {
    ChargeSettings {
        mode: Some(limits.mode()),
        current: limits.current().map(|current| current.amperes()),
        failsafe_current: Some(status.settings.failsafe_current.amperes()),
        watchdog: Some(status.settings.watchdog.timeout()),
        ..ChargeSettings::default()
    }
}

fn abilities(info: &Info) -> Abilities {
    let (min, max) = info.range();
    let range = (min.amperes(), max.amperes());
    Abilities {
        modes: vec![ChargeMode::Instant, ChargeMode::Stop],
        current: Some(range),
        failsafe_current: Some(range),
        watchdog: true,
        ..Abilities::default()
    }
}

/// What the state of the socket means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Socket {
    /// A vehicle is connected.
    pub(super) plugged: Option<bool>,
    charging: Option<bool>,
    fault: Option<Fault>,
}

/// What a state says; `None` where it does not.
pub(super) fn socket(state: State) -> Socket {
    let well = |plugged, charging| Socket {
        plugged: Some(plugged),
        charging: Some(charging),
        fault: None,
    };
    // In a fault the box does not say whether a vehicle is plugged in.
    let failed = |text: &str| Socket {
        plugged: None,
        charging: Some(false),
        fault: fault(FaultLevel::Error, text),
    };
    match state {
        State::A1 | State::A2 => well(false, false),
        State::B1 | State::B2 | State::C1 => well(true, false),
        State::C2 => well(true, true),
        State::Derating => Socket {
            fault: fault(
                FaultLevel::Warning,
                "The box is too warm and charges with less than it is allowed.",
            ),
            ..well(true, true)
        },
        State::E => failed(
            "The box has found a fault of the cable or the vehicle (state E). Unplug the vehicle and plug it in again.",
        ),
        State::F => failed(
            "The box says that it is not available (state F). If it stays so, switch it off and on again.",
        ),
        State::Error => failed(
            "The box reports an error. What it is shows in the Elli app; if it stays so, switch the box off and on again.",
        ),
        State::Unlisted(number) => Socket {
            plugged: None,
            charging: None,
            fault: fault(
                FaultLevel::Warning,
                &format_compact!(
                    "The box reports the state {number}, which Ladebuch does not know."
                ),
            ),
        },
    }
}

fn fault(level: FaultLevel, text: &str) -> Option<Fault> {
    Some(Fault {
        level,
        text: text.into(),
    })
}

#[cfg(test)]
mod tests {
    use ladebuch_domain::ids::{DeviceId, SourceId};
    use ladebuch_domain::snapshot::{Device, Iec61851, Snapshot};
    use ladebuch_domain::units::{Amperes, Celsius, VoltAmpereHours, VoltAmperes, Volts};
    use uuid::Uuid;

    use super::*;
    use crate::charger2::{Current, LayoutVersion, Limit, Settings, Watchdog};

    fn shown(state: State) -> Device {
        let info = Info {
            layout_version: LayoutVersion {
                major: 1,
                minor: 0,
                patch: 0,
            },
            max_current: Current::from_tenths(160),
            min_current: Current::from_tenths(60),
        };
        let status = Status {
            state,
            currents: [Amperes(7.9); 3],
            pcb_temperature: Celsius(-2.5),
            voltages: [Volts(231.0); 3],
            power: VoltAmperes(5_475.0),
            energy_since_power_on: VoltAmpereHours(4_321.0),
            energy_total: VoltAmpereHours(1_234_567.0),
            settings: Settings {
                current_limit: Current::from_tenths(80),
                failsafe_current: Current::from_tenths(60),
                watchdog: Watchdog::from_millis(15_000),
            },
        };
        let mut limits = Limits::default();
        limits.wrote(Limit {
            asked: Current::from_tenths(160),
            in_force: Current::from_tenths(80),
        });
        let (id, now) = (DeviceId(Uuid::nil()), chrono::DateTime::UNIX_EPOCH);
        let mut snapshot = Snapshot::default();
        let new = Device::new(SourceId(Uuid::nil()), device().id, device().kind, 0, now);
        snapshot.insert(id, new);
        for reading in readings(&info, &status, &limits) {
            assert_eq!(reading.device, device());
            snapshot.apply(id, reading.fact, now);
        }
        snapshot.devices.remove(&id).unwrap()
    }

    #[test]
    fn every_state_of_the_list_is_one_of_iec_61851() {
        for (state, expected, level) in [
            (State::A1, Some(Iec61851::A), None),
            (State::A2, Some(Iec61851::A), None),
            (State::B1, Some(Iec61851::B), None),
            (State::B2, Some(Iec61851::B), None),
            (State::C1, Some(Iec61851::B), None),
            (State::C2, Some(Iec61851::C), None),
            (
                State::Derating,
                Some(Iec61851::C),
                Some(FaultLevel::Warning),
            ),
            (State::E, Some(Iec61851::F), Some(FaultLevel::Error)),
            (State::F, Some(Iec61851::F), Some(FaultLevel::Error)),
            (State::Error, Some(Iec61851::F), Some(FaultLevel::Error)),
            (State::Unlisted(12), None, Some(FaultLevel::Warning)),
        ] {
            let device = shown(state);
            assert_eq!(device.iec61851(), expected, "{state:?}");
            let fault = device.fault;
            assert_eq!(fault.as_ref().map(|fault| fault.level), level, "{state:?}");
            assert!(fault.is_none_or(|fault| fault.text.ends_with('.')));
            let named = device.charge_point.box_state.map(|state| state.value);
            assert_eq!(named.as_deref(), state.name());
        }
    }

    #[test]
    fn apparent_values_are_told_as_such_alone() {
        let device = shown(State::C2);
        let meter = &device.meter;
        let power = meter.apparent_power.map(|power| power.value);
        assert_eq!(power, Some(VoltAmperes(5_475.0)));
        let energy = meter.apparent_energy.map(|energy| energy.value);
        assert_eq!(energy, Some(VoltAmpereHours(1_234_567.0)));
        assert_eq!((meter.power, meter.imported), (None, None));
        assert_eq!(meter.phase_powers, None);
        assert_eq!(device.charge_point.since_plug_in, None);
        assert_eq!((device.name.as_deref(), device.serial), (Some(NAME), None));
    }

    #[test]
    fn what_is_in_force_and_what_was_asked_are_told_apart() {
        let point = shown(State::C2).charge_point;
        let offered = point.offered_current.map(|offered| offered.value);
        assert_eq!(offered, Some(Amperes(8.0)));
        let settings = point.settings.unwrap().value;
        assert_eq!(settings.current, Some(Amperes(16.0)));
        assert_eq!(settings.mode, Some(ChargeMode::Instant));
        let can = point.abilities.unwrap().value;
        assert_eq!(can.failsafe_current, Some((Amperes(6.0), Amperes(16.0))));
        assert_eq!(can.lasting, None);
    }
}
