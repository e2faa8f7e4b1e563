//! Logs of 2.x.

use std::hint::black_box;
use std::time::Duration;

use openwb::charge_log::v2::{month, reply};
use openwb::charge_log::{Entry, Mode, Reason, Row, Unreadable, Vehicle};
use openwb::reading::{ChargeMode, Tag};
use proptest::prelude::*;

use crate::{at, fixture};

const FILE: &str = "openwb2/chargelog-202611.json";

/// The least a row needs.
const LEAST: &str = r#"{"chargepoint": {"id": 3}, "time": {"begin": "11/22/2026, 07:43:12"}, "data": {"imported_since_mode_switch": 5}}"#;

fn rows(entries: Vec<Entry>) -> Vec<Row> {
    entries.into_iter().collect::<Result<_, _>>().unwrap()
}

fn minutes(n: u64) -> Option<Duration> {
    Some(Duration::from_secs(n * 60))
}

#[test]
fn every_row_of_a_real_file_is_read() {
    let file = fixture(FILE);
    let rows = rows(month(&file));
    assert_eq!(rows.len(), 7);
    let raw = rows[0].raw.clone();
    assert!(file.starts_with(&format!("[{raw}, {}", rows[1].raw)));
    assert_eq!(
        rows[0],
        Row {
            raw,
            charge_point: 3,
            charge_point_name: Some("Carport".into()),
            serial_number: Some("SIM0003".into()),
            begin: at(7, 43, 12),
            end: Some(at(7, 47, 12)),
            energy: 631.23,
            since_plugged: Some(631.23),
            meter_at_start: Some(1_234_567.0),
            meter_at_end: Some(1_235_198.23),
            duration: minutes(3),
            mean_power: Some(9876.71),
            cost: Some(0.09),
            mode: Some(Mode::V2(ChargeMode::Instant)),
            vehicle: Some(Vehicle {
                id: 1,
                name: Some("ID.4".into())
            }),
            tag: Some(Tag::new("0012345678")),
            soc_at_start: Some(42.0),
            soc_at_end: Some(42.74),
            range_charged: Some(3.0),
            sources: rows[0].sources,
        }
    );
    let sources = rows[3].sources.unwrap();
    assert!((sources.pv - 0.962_011_523_666_748_5).abs() < 1e-12);
    assert_eq!(
        (sources.grid, sources.battery, sources.charge_point),
        (0.0, 0.0, 0.0)
    );
    // Too little energy for the box to tell where it came from; no tag, no state of charge.
    assert_eq!(rows[2].sources, None);
    assert_eq!(rows[3].tag, None);
    assert_eq!(rows[3].soc_at_start, None);
    assert_eq!(rows[3].mode, Some(Mode::V2(ChargeMode::Pv)));
}

#[test]
fn a_reply_says_the_same_as_the_file() {
    let file = fixture(FILE);
    let answer = format!(r#"{{"entries": {file}, "totals": {{"time_charged": "0:06"}}}}"#);
    assert_eq!(reply(&answer), Ok(month(&file)));
}

#[test]
fn a_month_without_charges_is_empty() {
    assert_eq!(reply(r#"{"entries": [], "totals": {}}"#), Ok(vec![]));
    for text in ["", " \n", "[]", " [ ] "] {
        assert_eq!(month(text), vec![], "{text:?}");
    }
}

#[test]
fn what_is_no_reply_is_refused() {
    for text in ["", "null", "[]", "{}", "{", r#"{"entries": null}"#, "[[1]]"] {
        assert_eq!(
            reply(text).unwrap_err(),
            Unreadable {
                raw: text.into(),
                reason: Reason::Form
            }
        );
    }
}

#[test]
fn a_row_of_an_old_release_lacks_much_and_is_read() {
    let row = &rows(month(&format!("[{LEAST}]")))[0];
    assert_eq!(
        (row.charge_point, row.begin, row.energy),
        (3, at(7, 43, 12), 5.0)
    );
    assert_eq!(row.vehicle, None);
    assert_eq!(row.mode, None);
    assert_eq!(row.duration, None);
    assert_eq!(row.sources, None);
    assert_eq!(&*row.raw, LEAST);
}

#[test]
fn what_the_box_writes_for_nothing_is_nothing() {
    let row = LEAST.replace(
        r#""data""#,
        r#""vehicle": {"id": -1, "name": "x", "chargemode": "_", "rfid": ""}, "data""#,
    );
    let row = &rows(month(&format!("[{row}]")))[0];
    assert_eq!((&row.vehicle, &row.mode, &row.tag), (&None, &None, &None));
}

#[test]
fn a_charge_may_take_longer_than_a_day() {
    for (text, expected) in [
        ("0:00", minutes(0)),
        ("26:05", minutes(26 * 60 + 5)),
        ("1:60", None),
        ("5", None),
        ("-1:00", None),
    ] {
        let row = LEAST.replace(
            r#""begin""#,
            &format!(r#""time_charged": "{text}", "begin""#),
        );
        assert_eq!(
            rows(month(&format!("[{row}]")))[0].duration,
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_row_that_makes_no_sense_harms_no_other() {
    let missing = |field| Reason::Missing { field };
    for (bad, reason) in [
        (
            LEAST.replace("\"id\": 3", "\"id\": null"),
            missing("charge point"),
        ),
        (LEAST.replace("11/22", "22/11"), missing("begin")),
        (LEAST.replace(": 5}", ": \"5\"}"), missing("energy")),
        ("7".to_owned(), Reason::Form),
        ("null".to_owned(), Reason::Form),
    ] {
        let entries = month(&format!("[{LEAST}, {bad}, {LEAST}]"));
        let unreadable = Unreadable {
            raw: bad.as_str().into(),
            reason,
        };
        assert_eq!(entries.len(), 3);
        assert!(entries[0].is_ok() && entries[2].is_ok());
        assert_eq!(entries[1], Err(unreadable));
    }
}

#[test]
fn of_a_file_that_breaks_off_the_whole_rows_are_read() {
    let half = &LEAST[..40];
    for (rest, raw, reason) in [
        (format!(", {half}"), half, Reason::Truncated),
        (", ".to_owned(), "", Reason::Truncated),
        (String::new(), "", Reason::Truncated),
        (", {]".to_owned(), "{]", Reason::Form),
        (" x]".to_owned(), "x]", Reason::Form),
    ] {
        let entries = month(&format!("[{LEAST}{rest}"));
        let left = Unreadable {
            raw: raw.into(),
            reason,
        };
        assert_eq!(entries.len(), 2, "{rest}");
        assert!(entries[0].is_ok());
        assert_eq!(entries[1], Err(left), "{rest}");
    }
    assert_eq!(
        month("{}"),
        [Err(Unreadable {
            raw: "{}".into(),
            reason: Reason::Form
        })]
    );
}

#[test]
fn debug_output_shows_no_tag() {
    let file = fixture(FILE);
    let whole = format!("{:?}", month(&file));
    let broken = format!("{:?}", month(&file.replace("\"begin\"", "\"start\"")));
    for shown in [whole, broken] {
        assert!(!shown.contains("0012345678"), "{shown}");
    }
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in "[\\[\\]{}\",:a-z0-9 ]{0,40}") {
        black_box(month(&text));
        black_box(reply(&text)).ok();
    }

    #[test]
    fn a_file_cut_anywhere_keeps_its_whole_rows(cut in 1usize..5000) {
        let file = fixture(FILE);
        let entries = month(&file[..cut]);
        let whole = month(&file);
        let read = entries.len() - 1;
        prop_assert!(entries[read].is_err());
        prop_assert_eq!(&entries[..read], &whole[..read]);
    }
}
