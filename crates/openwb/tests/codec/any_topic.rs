//! What holds for every topic.

use crate::reading::{charge_point, meter, reading, system, vehicle};
use openwb::codec::{Decoded, MAX_PAYLOAD, Reason, decode};
use openwb::reading::*;

#[test]
fn a_deleted_topic_says_that_its_value_is_unknown_or_its_thing_is_gone() {
    assert_eq!(meter("openWB/pv/1/get/power", "").1, Meter::Power(None));
    assert_eq!(charge_point("config", ""), ChargePoint::Config(None));
    assert_eq!(
        charge_point("set/charge_template", ""),
        ChargePoint::ChargeTemplate(None)
    );
    assert_eq!(vehicle("name", ""), Vehicle::Name(None));
    assert_eq!(vehicle("tag_id", ""), Vehicle::Tags(None));
    assert_eq!(
        reading("openWB/counter/get/hierarchy", ""),
        Reading::Hierarchy(None)
    );
    assert_eq!(
        reading("openWB/system/device/0/component/1/config", ""),
        Reading::Component {
            id: 1,
            config: None
        }
    );
    assert_eq!(
        reading("openWB/system/device/0/config", ""),
        Reading::Device {
            id: 0,
            config: None
        }
    );
    assert_eq!(
        reading("openWB/vehicle/template/charge_template/2", ""),
        Reading::ChargeTemplate {
            id: 2,
            template: None
        }
    );
    assert_eq!(
        system("messages/1795331737000", ""),
        System::Message {
            id: 1_795_331_737_000,
            message: None
        }
    );
}

#[test]
fn topics_that_only_look_alike_are_unknown() {
    for topic in [
        "",
        "/",
        "openWB",
        "openWB/",
        "openwb/system/version",
        "prefix/openWB/system/version",
        "openWB/counter/x/get/power",
        "openWB/counter/-1/get/power",
        "openWB/counter/00/get/power",
        "openWB/counter/99999999999/get/power",
        "openWB/counter/0/get/power/more",
        "openWB/counter/0/get/",
        "openWB/counter/0",
        "openWB/chargepoint/3/get/new_thing",
        "openWB/chargepoint//get/power",
        "openWB/vehicle/1/get/new_thing",
        "openWB/system/messages/soon",
        "openWB/lp/0/W",
        "openWB/lp/9/W",
        "openWB/lp/1/w",
        "openWB/lp/1/W/more",
        "openWB/lp/1",
        "openWB/lp/1/%SoC",
        "openWB/pv/3/W",
        "openWB/pv/1/W/more",
        "openWB/evu/APhase4",
        "openWB/evu/",
        "openWB/config/get/sofort/1/current",
        "openWB/config/get/pv/lp/9/minCurrent",
        "openWB/system/timestamp",
        "openWB/system/MonthLadelogData",
        "openWB/system/MonthLadelogData0",
        "openWB/system/MonthLadelogData13",
        "openWB/system/MonthLadelogData01",
        "openWB//",
    ] {
        assert_eq!(decode(topic, b"1"), Decoded::Unknown, "{topic}");
    }
}

#[test]
fn writes_on_their_way_to_the_box_are_ignored() {
    assert_eq!(
        decode("openWB/set/chargepoint/3/set/manual_lock", b"1"),
        Decoded::Ignored
    );
    assert_eq!(
        decode("openWB/config/set/sofort/lp/1/current", b"16"),
        Decoded::Ignored
    );
}

#[test]
fn a_huge_payload_is_refused_without_looking_at_it() {
    let huge = vec![b' '; 1024 * 1024];
    assert!(huge.len() > MAX_PAYLOAD);
    for topic in [
        "openWB/counter/0/get/power",
        "openWB/counter/0/get/currents",
        "openWB/counter/get/hierarchy",
        "openWB/chargepoint/3/config",
        "openWB/chargepoint/3/get/plug_state",
        "openWB/chargepoint/3/get/state_str",
        "openWB/vehicle/1/soc_module/config",
        "openWB/system/Version",
        "openWB/system/datastore_version",
        "openWB/lp/1/W",
        "openWB/lp/1/boolPlugStat",
        "openWB/lp/1/strChargePointName",
        "openWB/lp/1/TimeRemaining",
        "openWB/lp/1/tagScanInfo",
        "openWB/system/lastRfId",
        "openWB/system/MonthLadelogData1",
        "openWB/global/awattar/pricelist",
    ] {
        assert_eq!(
            decode(topic, &huge),
            Decoded::Malformed(Reason::TooLarge),
            "{topic}"
        );
    }
}

#[test]
fn a_reason_never_repeats_the_payload() {
    let Decoded::Malformed(reason) = decode("openWB/vehicle/1/name", b"{hunter2}") else {
        panic!("not malformed")
    };
    assert_eq!(reason, Reason::NotJson);
    assert!(!reason.to_string().contains("hunter2"));
}

#[test]
fn readings_stay_small() {
    assert!(size_of::<Reading>() <= 56, "{}", size_of::<Reading>());
}
