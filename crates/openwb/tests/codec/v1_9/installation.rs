//! The box, its tags and its log, the mode and the tariff.

use super::{charge_point, global, meter, refused, system};
use openwb::codec::{Decoded, Reason, decode};
use openwb::reading::v1_9::*;
use openwb::reading::{Generation, PriceSlot, Tag, Text};

#[test]
fn the_box_is_read() {
    for (topic, payload, value) in [
        (
            "Timestamp",
            "1795333486",
            System::Time(Some(1_795_333_486.0)),
        ),
        ("ConfiguredChargePoints", "2", System::ChargePoints(Some(2))),
        (
            "updateInProgress",
            "0",
            System::UpdateInProgress(Some(false)),
        ),
        ("priceForKWh", "0.30", System::EnergyPrice(Some(0.000_3))),
        (
            "IpAddress",
            "192.168.1.50",
            System::IpAddress(Some("192.168.1.50".into())),
        ),
        (
            "CommitHash",
            "8d253af",
            System::Commit(Some("8d253af".into())),
        ),
        ("CommitBranches", "", System::Branch(None)),
    ] {
        assert_eq!(system(topic, payload), value, "{topic}");
    }
    assert_eq!(
        crate::reading::system("Version", "1.9.304.0\n"),
        openwb::reading::System::Version {
            generation: Generation::V1_9,
            version: Some("1.9.304.0".into())
        }
    );
}

#[test]
fn scanned_tags_come_with_their_time() {
    let scan = |at| Scan {
        tag: Tag::new("0012345678"),
        at,
    };
    let noon = Some(1_795_333_367.0);
    for (payload, scan) in [
        ("0012345678,1795333367", Some(scan(noon))),
        ("0012345678", Some(scan(None))),
        ("0", None),
        ("0,1795333367", None),
        ("", None),
    ] {
        let scan = scan.map(Box::new);
        assert_eq!(system("lastRfId", payload), System::LastTag(scan.clone()));
        assert_eq!(
            charge_point("lp/2/lastRfId", payload),
            ChargePoint::LastTag(scan)
        );
    }
    for (payload, outcome) in [
        ("1795333367,0012345678,1", Some(ScanOutcome::Unlocked)),
        ("1795333367,0012345678,0", Some(ScanOutcome::Refused)),
        ("1795333367,0012345678,2", Some(ScanOutcome::Socket)),
        ("1795333367,0012345678,9", Some(ScanOutcome::Other(9))),
        ("0", None),
        ("", None),
    ] {
        assert_eq!(
            charge_point("lp/2/tagScanInfo", payload),
            ChargePoint::TagScan(outcome.map(|outcome| Box::new(TagScan {
                scan: scan(noon),
                outcome
            }))),
            "{payload}"
        );
    }
    for payload in ["0012345678,soon", "0012345678,", "0012345678,NaN"] {
        refused("openWB/system/lastRfId", payload.as_bytes());
    }
    for payload in [
        "0012345678,1795333367",
        "now,0012345678,1",
        "1,0012345678,yes",
        "x",
    ] {
        refused("openWB/lp/2/tagScanInfo", payload.as_bytes());
    }
}

#[test]
fn the_charge_log_comes_in_parts() {
    let lines = "22.11.26-07:43,22.11.26-07:46,1,0.22,4.35,3 Min,1,0,4711,.06\n\
                 21.11.26-07:43,21.11.26-07:46,1,0.22,4.35,3 Min,1,0,0,.06";
    for (number, payload, part) in [
        (1, lines, LogPart::Lines(LogLines::new(lines))),
        (2, "", LogPart::Nothing),
        (12, " ", LogPart::Nothing),
        (12, "empty", LogPart::TakenBack),
    ] {
        let said = system(&format!("MonthLadelogData{number}"), payload);
        assert_eq!(said, System::LogPart { number, part });
        assert!(!format!("{said:?}").contains("4711"), "{said:?}");
    }
    assert_eq!(format!("{:?}", LogLines::new(lines)), "LogLines(2 lines)");
}

#[test]
fn modes_of_the_installation_are_read() {
    for (payload, mode) in [
        ("0", ChargeMode::Instant),
        ("1", ChargeMode::MinPv),
        ("2", ChargeMode::Pv),
        ("3", ChargeMode::Stop),
        ("4", ChargeMode::Standby),
        ("7", ChargeMode::Other(7)),
    ] {
        assert_eq!(
            global("global/ChargeMode", payload),
            Global::ChargeMode(Some(mode))
        );
    }
    for (payload, mode) in [
        ("0", RfidMode::Off),
        ("1", RfidMode::Assign),
        ("2", RfidMode::Unlock),
        ("3", RfidMode::Other(3)),
    ] {
        assert_eq!(
            global("global/rfidConfigured", payload),
            Global::Rfid(Some(mode))
        );
    }
    assert_eq!(
        global("global/strLastmanagementActive", " "),
        Global::LoadManagement(None)
    );
    assert_eq!(
        global("global/strLastmanagementActive", "Lastmanagement aktiv\n"),
        Global::LoadManagement(Some(Text::new("Lastmanagement aktiv")))
    );
    assert_eq!(
        global("global/boolRse", "1"),
        Global::RippleControl(Some(true))
    );
    assert!(matches!(
        refused("openWB/global/ChargeMode", b"-1"),
        Reason::OutOfRange { .. }
    ));
}

#[test]
fn prices_are_read_in_euros_per_watt_hour() {
    for (topic, payload, value) in [
        ("boolAwattarEnabled", "1", Global::TariffEnabled(Some(true))),
        (
            "ActualPriceForCharging",
            "28.5",
            Global::CurrentPrice(Some(0.000_285)),
        ),
        (
            "ActualPriceForCharging",
            "-1.5",
            Global::CurrentPrice(Some(-0.000_015)),
        ),
        (
            "ActualPriceForCharging",
            "1000.0",
            Global::CurrentPrice(None),
        ),
        ("MaxPriceForCharging", "20", Global::MaxPrice(Some(0.000_2))),
        ("pricelist", "", Global::Prices(None)),
        (
            "pricelist",
            "et_awattar",
            Global::Prices(Some(Box::default())),
        ),
        (
            "pricelist",
            "et_awattar\n1795334400, 30\n1795330800,28.5\r\n\n1795338000, 1000.000000\n",
            Global::Prices(Some(Box::new([
                PriceSlot {
                    start: 1_795_330_800,
                    price: 0.000_285,
                },
                PriceSlot {
                    start: 1_795_334_400,
                    price: 0.000_3,
                },
            ]))),
        ),
    ] {
        assert_eq!(
            global(&format!("global/awattar/{topic}"), payload),
            value,
            "{payload}"
        );
    }
    for payload in [
        "x\n1795330800",
        "x\nsoon,1",
        "x\n1,dear",
        "x\n-5,1",
        "x\n1e300,1",
    ] {
        refused("openWB/global/awattar/pricelist", payload.as_bytes());
    }
}

#[test]
fn areas_of_both_generations_are_told_apart_by_the_topic_alone() {
    use openwb::reading::Meter as Meter2;
    assert_eq!(meter("openWB/pv/1/W", "1").1, Meter::Power(Some(1.0)));
    assert_eq!(
        crate::reading::meter("openWB/pv/1/get/power", "1").1,
        Meter2::Power(Some(1.0))
    );
    assert_eq!(
        system("updateInProgress", "1"),
        System::UpdateInProgress(Some(true))
    );
    assert_eq!(
        crate::reading::system("update_in_progress", "true"),
        openwb::reading::System::UpdateInProgress(Some(true))
    );
    // Each in its own encoding.
    assert!(matches!(
        decode("openWB/system/updateInProgress", b"true"),
        Decoded::Malformed(_)
    ));
    assert!(matches!(
        decode("openWB/system/update_in_progress", b"1"),
        Decoded::Malformed(_)
    ));
}
