//! Commands for 1.9.

use openwb::command::Refusal;
use openwb::command::v1_9::Command;
use openwb::reading::v1_9::{ChargeMode, Limit};

use crate::{out_of_range, sent};

#[test]
fn each_command_goes_to_its_topic_as_plain_text() {
    use Command as C;
    for (command, topic, payload) in [
        (C::Mode(ChargeMode::Instant), "openWB/set/ChargeMode", "0"),
        (C::Mode(ChargeMode::MinPv), "openWB/set/ChargeMode", "1"),
        (C::Mode(ChargeMode::Pv), "openWB/set/ChargeMode", "2"),
        (C::Mode(ChargeMode::Stop), "openWB/set/ChargeMode", "3"),
        (C::Mode(ChargeMode::Standby), "openWB/set/ChargeMode", "4"),
        (
            C::InstantCurrent {
                charge_point: 8,
                amperes: 32,
            },
            "openWB/config/set/sofort/lp/8/current",
            "32",
        ),
        (
            C::InstantLimit {
                charge_point: 8,
                limit: Limit::None,
            },
            "openWB/config/set/sofort/lp/8/chargeLimitation",
            "0",
        ),
        (
            C::InstantLimit {
                charge_point: 3,
                limit: Limit::Energy,
            },
            "openWB/config/set/sofort/lp/3/chargeLimitation",
            "1",
        ),
        (
            C::InstantLimit {
                charge_point: 2,
                limit: Limit::Soc,
            },
            "openWB/config/set/sofort/lp/2/chargeLimitation",
            "2",
        ),
        (
            C::InstantEnergy {
                charge_point: 1,
                kilowatt_hours: 100,
            },
            "openWB/config/set/sofort/lp/1/energyToCharge",
            "100",
        ),
        (
            C::InstantSoc {
                charge_point: 2,
                percent: 80,
            },
            "openWB/config/set/sofort/lp/2/socToChargeTo",
            "80",
        ),
        (
            C::RestartEnergy { charge_point: 1 },
            "openWB/config/set/sofort/lp/1/resetEnergyToCharge",
            "1",
        ),
        (
            C::Lock {
                charge_point: 1,
                locked: true,
            },
            "openWB/set/lp/1/ChargePointEnabled",
            "0",
        ),
        (
            C::Lock {
                charge_point: 1,
                locked: false,
            },
            "openWB/set/lp/1/ChargePointEnabled",
            "1",
        ),
        (
            C::MinPvCurrent(6),
            "openWB/config/set/pv/minCurrentMinPv",
            "6",
        ),
        (
            C::PvMinCurrent {
                charge_point: 1,
                amperes: 16,
            },
            "openWB/config/set/pv/lp/1/minCurrent",
            "16",
        ),
        (
            C::PvMaxSoc {
                charge_point: 2,
                percent: 90,
            },
            "openWB/config/set/pv/lp/2/maxSoc",
            "90",
        ),
        (
            C::PvSocLimited {
                charge_point: 2,
                on: true,
            },
            "openWB/config/set/pv/lp/2/socLimitation",
            "1",
        ),
        (
            C::ManualSoc {
                charge_point: 1,
                percent: 0,
            },
            "openWB/set/lp/1/manualSoc",
            "0",
        ),
        (
            C::QuerySoc { charge_point: 1 },
            "openWB/set/lp/1/ForceSoCUpdate",
            "1",
        ),
        (
            C::VehiclesFirst(true),
            "openWB/config/set/pv/priorityModeEVBattery",
            "1",
        ),
        (
            C::RequestChargeLog {
                year: 2026,
                month: 8,
            },
            "openWB/set/graph/RequestMonthLadelog",
            "202608",
        ),
    ] {
        assert_eq!(sent(&command.write()), (topic, payload));
    }
}

#[test]
fn what_is_out_of_range_is_not_sent() {
    use Command as C;
    let eight = || out_of_range("the charge point", "1 to 8");
    let two = || out_of_range("the charge point", "1 or 2 for this");
    let soc = || out_of_range("the state of charge", "0 to 100 %");
    let least = || out_of_range("the minimum current", "6 to 16 A");
    let current = |charge_point, amperes| C::InstantCurrent {
        charge_point,
        amperes,
    };
    for (command, refusal) in [
        (current(0, 16), eight()),
        (current(9, 16), eight()),
        (current(1, 5), out_of_range("the current", "6 to 32 A")),
        (current(1, 33), out_of_range("the current", "6 to 32 A")),
        (C::RestartEnergy { charge_point: 9 }, eight()),
        (
            C::InstantLimit {
                charge_point: 3,
                limit: Limit::Soc,
            },
            two(),
        ),
        (
            C::InstantEnergy {
                charge_point: 1,
                kilowatt_hours: 101,
            },
            out_of_range("the energy limit", "0 to 100 kWh"),
        ),
        (
            C::InstantSoc {
                charge_point: 1,
                percent: 101,
            },
            soc(),
        ),
        (
            C::ManualSoc {
                charge_point: 3,
                percent: 50,
            },
            two(),
        ),
        (C::QuerySoc { charge_point: 3 }, two()),
        (
            C::PvMaxSoc {
                charge_point: 1,
                percent: 101,
            },
            soc(),
        ),
        (C::MinPvCurrent(17), least()),
        (
            C::PvMinCurrent {
                charge_point: 1,
                amperes: 5,
            },
            least(),
        ),
        (
            C::RequestChargeLog {
                year: 2026,
                month: 0,
            },
            out_of_range("the month", "1 to 12"),
        ),
    ] {
        assert_eq!(command.write(), Err(refusal));
    }
}

#[test]
fn what_the_box_does_not_know_is_refused() {
    assert_eq!(
        Command::Mode(ChargeMode::Other(7)).write(),
        Err(Refusal::UnknownMode { mode: "7".into() })
    );
    let limit = Command::InstantLimit {
        charge_point: 1,
        limit: Limit::Other(3),
    };
    assert_eq!(
        limit.write(),
        Err(Refusal::NotOffered {
            what: "to stop at such a limit"
        })
    );
}
