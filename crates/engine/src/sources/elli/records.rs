//! Elli's records as rows of the charge log. Pure.

use ::elli::reading::Record;
use ladebuch_domain::charge_log::{CloudRow, LogRow, LoggedCharge, Raw};
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::tag::Tag;
use ladebuch_domain::units::WattHours;
use sha2::{Digest as _, Sha256};

/// What is kept of a page of a station's records. Nothing of it is left out.
pub(super) fn rows(page: ::elli::RecordPage, station: &ExternalId) -> Vec<CloudRow> {
    let named = page.records.into_iter().map(|record| row(record, station));
    let nameless = page
        .unreadable
        .into_iter()
        .map(|raw| without_id(raw.as_str(), station));
    named.chain(nameless).collect()
}

/// A record. It is filed under the station that was asked for, whatever it says itself: by that
/// Elli's sum is compared.
fn row(record: Record, station: &ExternalId) -> CloudRow {
    let energy = record.energy.map(WattHours);
    let said = match (record.start, energy) {
        (Some(begin), Some(energy)) => Ok(LoggedCharge {
            charge_point: station.clone(),
            charge_point_name: record.station_name,
            serial: record.station_serial_number,
            begin,
            end: record.stop,
            doubtful: false,
            energy,
            since_plug_in: None,
            meter_start: None,
            meter_end: None,
            charged: None,
            mean_power: None,
            cost: None,
            mode: None,
            vehicle: None,
            tag: record.card_number.map(|card| Tag::new(card.as_str())),
            soc_start: None,
            soc_end: None,
            range: None,
            parts: None,
            created: record.created_at,
            faulted: record.faulted.unwrap_or(record.fault_cause.is_some()),
        }),
        (None, Some(_)) => Err("Elli does not say when it began"),
        (Some(_), None) => Err("Elli does not say how much was charged"),
        (None, None) => Err("Elli says neither when it began nor how much was charged"),
    };
    CloudRow {
        row: LogRow {
            identity: record.id,
            raw: Raw(record.raw.as_str().into()),
            said: said.map_err(str::to_owned),
        },
        charge_point: station.clone(),
        created: record.created_at,
        energy,
    }
}

/// An entry without an id. Its text may name a card, and identities are printed.
fn without_id(text: &str, station: &ExternalId) -> CloudRow {
    CloudRow {
        row: LogRow {
            identity: format!("unreadable {:x}", Sha256::digest(text.as_bytes())),
            raw: Raw(text.into()),
            said: Err("Elli does not name it".to_owned()),
        },
        charge_point: station.clone(),
        created: None,
        energy: None,
    }
}

/// Elli's id of the card that a record names, from the record's text.
pub(crate) fn card_id(raw: &str) -> Option<String> {
    let record: serde_json::Value = serde_json::from_str(raw).ok()?;
    Some(record.get("rfid_card_id")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records as the client hands them over, whatever they are made of.
    fn page(entries: &str) -> ::elli::RecordPage {
        let mut page = ::elli::RecordPage {
            records: Vec::new(),
            unreadable: Vec::new(),
            received: 0,
            total: None,
        };
        let entries: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(entries).unwrap();
        for entry in entries {
            match Record::read(::elli::Raw::from(entry)) {
                Ok(record) => page.records.push(record),
                Err(raw) => page.unreadable.push(raw),
            }
        }
        page
    }

    fn read(entry: &str) -> CloudRow {
        let rows = rows(page(&format!("[{entry}]")), &ExternalId::from("garage"));
        let [row] = <[CloudRow; 1]>::try_from(rows).unwrap();
        assert_eq!(&*row.row.raw.0, entry, "letter by letter");
        row
    }

    #[test]
    fn a_record_becomes_a_row_with_its_own_text() {
        let row = read(
            r#"{"id":"a1","created_at":"2026-11-18T05:40:02.120Z","total_energy_wh":31875,
            "start_date_time":"2026-11-17T18:11:09.000Z","stop_date_time":"2026-11-18T05:39:58.000Z",
            "session_faulted":false,"station_id":"garage","station_serial_number":"E2P00012345",
            "station_name":"Garage","rfid_card_id":"9c1","rfid_card_serial_number":"ELLI-ABCD1234-XY12-1",
            "x_new":{"deep":[1,null]}}"#,
        );
        assert_eq!(row.row.identity, "a1");
        let said = row.row.said.unwrap();
        assert_eq!(said.energy, WattHours(31_875.0));
        assert_eq!(
            said.begin,
            "2026-11-17T18:11:09Z"
                .parse::<chrono::DateTime<chrono::Utc>>()
                .unwrap()
        );
        assert_eq!(said.created, row.created);
        assert_eq!(said.serial.as_deref(), Some("E2P00012345"));
        assert_eq!(format!("{:?}", said.tag), "Some(Tag(…12-1))");
        assert!(!said.faulted && !said.doubtful);
        assert_eq!(card_id(&row.row.raw.0).as_deref(), Some("9c1"));
    }

    #[test]
    fn energies_may_be_texts_and_fractions() {
        for (energy, expected) in [
            (r#""17230""#, 17_230.0),
            ("17230.25", 17_230.25),
            ("0", 0.0),
            (r#""0""#, 0.0),
        ] {
            let row = read(&format!(
                r#"{{"id":"a","start_date_time":"2026-11-17T18:11:09Z","total_energy_wh":{energy}}}"#
            ));
            assert_eq!(row.row.said.unwrap().energy, WattHours(expected));
            assert_eq!(row.energy, Some(WattHours(expected)));
        }
    }

    #[test]
    fn what_went_wrong_is_said_and_counts() {
        for (entry, faulted) in [
            (r#""session_faulted":true"#, true),
            (r#""session_faulted":"true""#, true),
            (r#""fault_cause":"negative_energy_consumption""#, true),
            (
                r#""session_faulted":false,"fault_cause":"missing_meter_value""#,
                false,
            ),
            (r#""session_faulted":null"#, false),
        ] {
            let row = read(&format!(
                r#"{{"id":"a","start_date_time":"2026-11-17T18:11:09Z","total_energy_wh":0,{entry}}}"#
            ));
            let said = row.row.said.unwrap();
            assert_eq!(
                (said.faulted, said.energy),
                (faulted, WattHours::ZERO),
                "{entry}"
            );
        }
    }

    #[test]
    fn a_record_that_says_too_little_is_kept_with_the_reason() {
        let created = r#""created_at":"2026-11-18T05:40:02Z""#;
        for (entry, reason) in [
            (
                format!(r#"{{"id":"a",{created},"total_energy_wh":5}}"#),
                "when it began",
            ),
            (
                format!(r#"{{"id":"a",{created},"start_date_time":"2026-11-17T18:11:09Z"}}"#),
                "how much",
            ),
            (
                format!(
                    r#"{{"id":"a",{created},"start_date_time":"soon","total_energy_wh":"much"}}"#
                ),
                "neither",
            ),
        ] {
            let row = read(&entry);
            assert_eq!(row.row.identity, "a");
            assert!(row.created.is_some());
            let why = row.row.said.unwrap_err();
            assert!(why.contains(reason), "{why}");
        }
    }

    #[test]
    fn an_entry_without_an_id_is_kept_too_and_told_from_others() {
        let one = read(r#"{"total_energy_wh":5,"rfid_card_serial_number":"ELLI-ABCD1234-XY12-1"}"#);
        let other = read(r#"{"total_energy_wh":6}"#);
        assert!(one.row.said.is_err());
        assert_ne!(one.row.identity, other.row.identity);
        assert!(
            !one.row.identity.contains("ELLI"),
            "a card is never printed"
        );
        assert_eq!(read("7").row.said, Err("Elli does not name it".to_owned()));
    }

    #[test]
    fn the_card_of_a_record_may_be_gone_or_unknown() {
        let row = read(
            r#"{"id":"a","start_date_time":"2026-11-17T18:11:09Z","total_energy_wh":1,"rfid_card_id":null}"#,
        );
        assert_eq!(row.row.said.unwrap().tag, None);
        assert_eq!(card_id(&row.row.raw.0), None);
        assert_eq!(card_id("no json"), None);
    }
}
