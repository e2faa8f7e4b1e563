//! Commands for 2.x that need no charge template.

use openwb::command::v2::{Command, Inbox};
use openwb::command::{Refusal, Write};

use crate::{out_of_range, sent};

#[test]
fn each_command_goes_to_its_topic() {
    for (command, topic, payload) in [
        (
            Command::Lock {
                charge_point: 3,
                locked: true,
            },
            "openWB/set/chargepoint/3/set/manual_lock",
            "true",
        ),
        (
            Command::Lock {
                charge_point: 3,
                locked: false,
            },
            "openWB/set/chargepoint/3/set/manual_lock",
            "false",
        ),
        (
            Command::AssignVehicle {
                charge_point: 3,
                vehicle: 2,
            },
            "openWB/set/chargepoint/3/config/ev",
            "2",
        ),
        (
            Command::ManualSoc {
                vehicle: 1,
                percent: 80.0,
            },
            "openWB/set/vehicle/1/soc_module/calculated_soc_state/manual_soc",
            "80",
        ),
        (
            Command::ManualSoc {
                vehicle: 1,
                percent: 42.5,
            },
            "openWB/set/vehicle/1/soc_module/calculated_soc_state/manual_soc",
            "42.5",
        ),
        (
            Command::QuerySoc { vehicle: 1 },
            "openWB/set/vehicle/1/get/force_soc_update",
            "true",
        ),
        (
            log_of(2026, 8, Inbox::ByCommand),
            "openWB/set/command/ladebuch-1f/todo/getChargeLog",
            r#"{"command": "getChargeLog", "data": {"year": 2026, "month": "08", "filter": {"chargepoint": {}, "vehicle": {}}}}"#,
        ),
        (
            log_of(2026, 11, Inbox::Shared),
            "openWB/set/command/ladebuch-1f/todo",
            r#"{"command": "getChargeLog", "data": {"year": 2026, "month": "11", "filter": {"chargepoint": {}, "vehicle": {}}}}"#,
        ),
    ] {
        assert_eq!(sent(&command.write(None)), (topic, payload));
    }
}

fn log_of(year: u16, month: u8, inbox: Inbox) -> Command {
    Command::RequestChargeLog {
        connection: "ladebuch-1f".into(),
        year,
        month,
        inbox,
    }
}

#[test]
fn a_notice_is_removed_by_an_empty_retained_message() {
    let delete = |connection: &str| {
        Command::DeleteMessage {
            connection: connection.into(),
            message: 1_795_331_746_123,
        }
        .write(None)
    };
    let write = delete("ladebuch-1f").unwrap();
    assert_eq!(
        write,
        Write::delete("openWB/command/ladebuch-1f/messages/1795331746123")
    );
    assert!(write.deletes() && write.payload().is_empty());
    for connection in ["", "a/b", "+", "#"] {
        assert_eq!(
            delete(connection),
            Err(out_of_range(
                "the connection id",
                "a text without “/”, “+” and “#”"
            ))
        );
    }
}

#[test]
fn a_state_of_charge_of_zero_is_refused_because_the_box_ignores_it() {
    let command = Command::ManualSoc {
        vehicle: 1,
        percent: 0.0,
    };
    assert_eq!(command.write(None), Err(Refusal::ZeroSoc));
}

#[test]
fn what_is_out_of_range_is_not_sent() {
    for percent in [-1.0, 100.1, f64::NAN, f64::INFINITY] {
        let command = Command::ManualSoc {
            vehicle: 1,
            percent,
        };
        assert_eq!(
            command.write(None),
            Err(out_of_range("the state of charge", "above 0, up to 100 %")),
            "{percent}"
        );
    }
    for month in [0, 13] {
        assert_eq!(
            log_of(2026, month, Inbox::ByCommand).write(None),
            Err(out_of_range("the month", "1 to 12"))
        );
    }
    assert_eq!(
        log_of(26, 1, Inbox::ByCommand).write(None),
        Err(out_of_range("the year", "2000 to 9999"))
    );
}
