//! What the box is set to.

use super::{charge_point, global};
use openwb::codec::{Decoded, decode};
use openwb::reading::v1_9::*;

#[test]
fn settings_of_a_charge_point_are_read() {
    for (topic, payload, value) in [
        (
            "sofort/lp/2/current",
            "16",
            ChargePoint::InstantCurrent(Some(16.0)),
        ),
        (
            "sofort/lp/2/energyToCharge",
            "20",
            ChargePoint::InstantEnergy(Some(20_000.0)),
        ),
        (
            "sofort/lp/2/socToChargeTo",
            "80",
            ChargePoint::InstantSoc(Some(80.0)),
        ),
        (
            "sofort/lp/2/etBasedCharging",
            "1",
            ChargePoint::InstantByPrice(Some(true)),
        ),
        (
            "sofort/lp/2/chargeLimitation",
            "0",
            ChargePoint::InstantLimit(Some(Limit::None)),
        ),
        (
            "sofort/lp/2/chargeLimitation",
            "1",
            ChargePoint::InstantLimit(Some(Limit::Energy)),
        ),
        (
            "sofort/lp/2/chargeLimitation",
            "2",
            ChargePoint::InstantLimit(Some(Limit::Soc)),
        ),
        (
            "sofort/lp/2/chargeLimitation",
            "5",
            ChargePoint::InstantLimit(Some(Limit::Other(5))),
        ),
        (
            "sofort/lp/2/chargeLimitation",
            "",
            ChargePoint::InstantLimit(None),
        ),
        (
            "pv/lp/2/minCurrent",
            "6",
            ChargePoint::PvMinCurrent(Some(6.0)),
        ),
        ("pv/lp/2/maxSoc", "90", ChargePoint::PvMaxSoc(Some(90.0))),
        (
            "pv/lp/2/socLimitation",
            "0",
            ChargePoint::PvSocLimited(Some(false)),
        ),
        (
            "pv/lp/2/minSocAlwaysToChargeTo",
            "25",
            ChargePoint::PvMinSoc(Some(25.0)),
        ),
        (
            "pv/lp/2/minSocAlwaysToChargeToCurrent",
            "30",
            ChargePoint::PvMinSocCurrent(Some(30.0)),
        ),
        (
            "pv/lp/2/maxSocToChargeTo",
            "95",
            ChargePoint::PvTargetSoc(Some(95.0)),
        ),
        (
            "lp/2/stopchargeafterdisc",
            "1",
            ChargePoint::LockAfterUnplug(Some(true)),
        ),
    ] {
        assert_eq!(
            charge_point(&format!("config/get/{topic}"), payload),
            value,
            "{topic}"
        );
    }
}

#[test]
fn settings_of_the_installation_are_read() {
    for (topic, payload, value) in [
        ("pv/minCurrentMinPv", "10", Global::MinPvCurrent(Some(10.0))),
        (
            "pv/priorityModeEVBattery",
            "1",
            Global::VehiclesFirst(Some(true)),
        ),
        (
            "global/minEVSECurrentAllowed",
            "6",
            Global::MinEvseCurrent(Some(6.0)),
        ),
        (
            "global/maxEVSECurrentAllowed",
            "32",
            Global::MaxEvseCurrent(Some(32.0)),
        ),
        ("global/slaveMode", "0", Global::Secondary(Some(false))),
    ] {
        assert_eq!(
            global(&format!("config/get/{topic}"), payload),
            value,
            "{topic}"
        );
    }
}

#[test]
fn the_smart_home_with_its_passwords_is_never_read() {
    let topic = "openWB/config/get/SmartHome/Devices/1/device_measureshpassword";
    assert_eq!(decode(topic, b"hunter2"), Decoded::Ignored);
}
