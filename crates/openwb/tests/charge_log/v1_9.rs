//! Logs of 1.9.

use std::hint::black_box;
use std::time::Duration;

use openwb::charge_log::v1_9::lines;
use openwb::charge_log::{Mode, Reason, Row, Unreadable};
use openwb::reading::Tag;
use openwb::reading::v1_9::ChargeMode;
use proptest::prelude::*;

use crate::{at, fixture};

fn row(line: &str) -> Row {
    let mut rows = lines(line);
    assert_eq!(rows.len(), 1);
    rows.remove(0).unwrap()
}

#[test]
fn the_line_of_a_real_box_is_read() {
    let file = fixture("openwb19/ladelog.csv");
    assert_eq!(
        row(&file),
        Row {
            raw: file.trim().into(),
            charge_point: 1,
            charge_point_name: None,
            serial_number: None,
            begin: at(7, 43, 0),
            end: Some(at(7, 46, 0)),
            energy: 220.0,
            since_plugged: None,
            meter_at_start: None,
            meter_at_end: None,
            duration: Some(Duration::from_secs(180)),
            mean_power: Some(4350.0),
            cost: Some(0.06),
            mode: Some(Mode::V1_9(ChargeMode::Instant)),
            vehicle: None,
            tag: Some(Tag::new("0012345678")),
            soc_at_start: None,
            soc_at_end: None,
            range_charged: Some(1.0),
            sources: None,
        }
    );
}

#[test]
fn older_releases_wrote_fewer_columns() {
    let seven = "22.11.26-07:43,22.11.26-07:46,1,0.22,4.35,3 Min,2";
    let read = row(seven);
    assert_eq!((read.charge_point, read.energy), (2, 220.0));
    assert_eq!((&read.mode, &read.tag, read.cost), (&None, &None, None));
    let read = row(&format!("{seven},7"));
    assert_eq!((&read.mode, &read.tag), (&Some(Mode::Night), &None));
    let read = row(&format!("{seven},4,0"));
    assert_eq!(
        (&read.mode, &read.tag),
        (&Some(Mode::V1_9(ChargeMode::Standby)), &None)
    );
}

#[test]
fn energy_is_what_is_written_and_no_digit_more() {
    for (kwh, wh) in [
        ("0.29", 290.0),
        ("4.35", 4350.0),
        ("1.005", 1005.0),
        (".5", 500.0),
    ] {
        let line = format!("22.11.26-07:43,22.11.26-07:46,1,{kwh},4,3 Min,1");
        assert!((row(&line).energy - wh).abs() < f64::EPSILON, "{kwh}");
    }
}

#[test]
fn durations_have_hours_only_when_needed() {
    for (text, minutes) in [
        ("3 Min", Some(3)),
        ("0 Min", Some(0)),
        ("1 H 5 Min", Some(65)),
        ("26 H 0 Min", Some(1560)),
        ("", None),
        ("5", None),
        ("5 Tage", None),
        ("-5 Min", None),
    ] {
        let line = format!("22.11.26-07:43,22.11.26-07:46,1,1,4,{text},1");
        let expected = minutes.map(|minutes| Duration::from_secs(minutes * 60));
        assert_eq!(row(&line).duration, expected, "{text}");
    }
}

#[test]
fn the_order_of_lines_is_kept_and_empty_ones_are_none() {
    let text = "22.11.26-09:00,22.11.26-09:10,1,2,4,3 Min,1\r\n\n22.11.26-07:43,,1,1,4,3 Min,1\n";
    let begins: Vec<_> = lines(text)
        .into_iter()
        .map(|row| row.unwrap().begin)
        .collect();
    assert_eq!(begins, [at(9, 0, 0), at(7, 43, 0)]);
    for nothing in ["", "\n", "empty", "empty\n"] {
        assert_eq!(lines(nothing), vec![]);
    }
}

#[test]
fn a_line_that_makes_no_sense_harms_no_other() {
    let good = "22.11.26-07:43,22.11.26-07:46,1,0.22,4.35,3 Min,1,0,0,.06";
    let missing = |field| Reason::Missing { field };
    for (bad, reason) in [
        ("22.11.26-07:43,1".to_owned(), Reason::Columns { found: 2 }),
        (format!("{good},11"), Reason::Columns { found: 11 }),
        (good.replace("Min,1", "Min,9"), missing("charge point")),
        (good.replacen("22.11.26", "32.11.26", 1), missing("begin")),
        (good.replace("0.22", "NaN"), missing("energy")),
        (good.replace("0.22", ""), missing("energy")),
    ] {
        let entries = lines(&format!("{good}\n{bad}\n{good}"));
        assert!(entries[0].is_ok() && entries[2].is_ok());
        let unreadable = Unreadable {
            raw: bad.as_str().into(),
            reason,
        };
        assert_eq!(entries[1], Err(unreadable), "{bad}");
    }
}

#[test]
fn debug_output_shows_no_tag() {
    let file = fixture("openwb19/ladelog.csv");
    for text in [&file, &file.replace("22.11.26", "x")] {
        let shown = format!("{:?}", lines(text));
        assert!(!shown.contains("0012345678"), "{shown}");
    }
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in "[0-9.,: A-Za-z\n-]{0,80}") {
        black_box(lines(&text));
    }
}
