//! All records, although some come and go while they are read.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use chrono::DateTime;
use elli::reading::Record;
use elli::{Error, RecordPage, RecordPages, RecordQuery};
use serde_json::{Value, json};

use crate::fake::{Asked, Fake, Reply, json as reply, token};

/// Elli's records of one station. The last one is the newest.
#[derive(Default)]
struct Archive {
    ids: Vec<usize>,
    newest_first: bool,
    /// At most so many at once, whatever is asked for.
    at_most: Option<usize>,
    requests: usize,
}

impl Archive {
    fn of(count: usize, newest_first: bool) -> Self {
        Self {
            ids: (0..count).collect(),
            newest_first,
            ..Self::default()
        }
    }

    fn page(&self, asked: &Asked) -> Value {
        let mut ids = self.ids.clone();
        if self.newest_first {
            ids.reverse();
        }
        let limit = asked
            .number("limit")
            .min(self.at_most.unwrap_or(usize::MAX));
        let records: Vec<_> = ids
            .iter()
            .skip(asked.number("offset"))
            .take(limit)
            .map(|id| json!({ "id": format!("r{id}"), "total_energy_wh": id }))
            .collect();
        json!({
            "limit": limit, "offset": asked.number("offset"),
            "total_count": ids.len(), "charging_records": records,
        })
    }
}

/// Serves an archive that changes after each request.
async fn serving(
    archive: Archive,
    change: impl Fn(&mut Archive) + Send + Sync + 'static,
) -> (Fake, Arc<Mutex<Archive>>) {
    let archive = Arc::new(Mutex::new(archive));
    let shared = archive.clone();
    let fake = Fake::start(move |asked| {
        let mut archive = shared.lock().unwrap();
        let page = archive.page(asked);
        archive.requests += 1;
        change(&mut archive);
        reply(200, &page.to_string())
    })
    .await;
    (fake, archive)
}

fn pages(page_size: u32) -> RecordPages {
    RecordPages::new(RecordQuery {
        page_size,
        ..RecordQuery::new("1111")
    })
}

async fn all(fake: &Fake, pages: &mut RecordPages) -> Vec<Record> {
    let client = fake.client();
    let mut records = Vec::new();
    while let Some(page) = pages.next(&client, &token()).await.unwrap() {
        records.extend(page.records);
        assert_eq!(page.received, records.len() as u64);
        assert!(fake.asked().len() < 200, "it never ends");
    }
    let ids: HashSet<_> = records.iter().map(|record| &record.id).collect();
    assert_eq!(ids.len(), records.len(), "each once");
    records
}

fn has_all(records: &[Record], archive: &Mutex<Archive>) -> bool {
    let seen: HashSet<_> = records.iter().map(|record| record.id.clone()).collect();
    let archive = archive.lock().unwrap();
    archive
        .ids
        .iter()
        .all(|id| seen.contains(&format!("r{id}")))
}

#[tokio::test]
async fn a_page_is_asked_for_as_elli_knows_it() {
    let (fake, _archive) = serving(Archive::of(3, true), |_| {}).await;
    let time = |seconds| DateTime::from_timestamp(seconds, 0);
    let mut pages = RecordPages::new(RecordQuery {
        created_after: time(1_761_951_600),
        created_before: time(1_764_543_600),
        ..RecordQuery::new("1111")
    });
    assert_eq!(all(&fake, &mut pages).await.len(), 3);
    let asked = fake.last();
    assert_eq!(asked.path, "/chargeathome/v1/chargingrecords");
    let expected = [
        ("station_id", "1111"),
        ("limit", "100"),
        ("offset", "0"),
        ("sort", "created_at"),
        ("created_after", "2025-10-31T23:00:00Z"),
        ("created_before", "2025-11-30T23:00:00Z"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(asked.query, expected);
    assert_eq!(fake.asked().len(), 1, "nothing new costs one request");
    assert!(pages.is_complete());
}

#[tokio::test]
async fn a_record_keeps_what_it_was_made_of() {
    let body = r#"{"limit":"100","total_count":"2","charging_records":[
        {"id":"a1","created_at":"2026-11-18T05:40:02.120Z","total_energy_wh":"31875",
         "start_date_time":"2026-11-17T18:11:09.000Z","stop_date_time":"2026-11-18T05:39:58.000Z",
         "session_faulted":false,"charging_session_id":"5b","connector_id":1,"station_id":"1111",
         "rfid_card_serial_number":"ELLI-ABCD1234-XY12-1", "price_of_2030" : 1.50,
         "authentication_method":"by_smile","location":{"id":"0f"},"fault_cause":null},
        {"id":"a2","session_faulted":"true","fault_cause":"missing_meter_value","total_energy_wh":0,
         "start_date_time":"yesterday"}]}"#;
    let fake = Fake::start(move |_| reply(200, body)).await;
    let mut pages = pages(100);
    let records = all(&fake, &mut pages).await;
    assert!(pages.is_complete());
    let (first, second) = (&records[0], &records[1]);
    assert_eq!(first.energy, Some(31875.0));
    assert_eq!(first.start.unwrap().timestamp(), 1_794_939_069);
    assert_eq!(first.created_at.unwrap().timestamp_subsec_millis(), 120);
    assert_eq!(first.faulted, Some(false));
    assert_eq!(first.connector_id.as_deref(), Some("1"));
    assert_eq!(
        first.authentication_method.as_ref().unwrap().as_str(),
        "by_smile"
    );
    assert!(first.raw.as_str().contains(r#""price_of_2030" : 1.50"#));
    assert!(!format!("{first:?}").contains("ABCD"));
    assert_eq!(second.energy, Some(0.0));
    assert_eq!((second.start, second.faulted), (None, Some(true)));
    assert_eq!(
        second.fault_cause.as_ref().unwrap().as_str(),
        "missing_meter_value"
    );
}

#[tokio::test]
async fn no_records_are_complete_too() {
    let (fake, _archive) = serving(Archive::default(), |_| {}).await;
    let mut pages = pages(100);
    assert!(all(&fake, &mut pages).await.is_empty());
    assert!(pages.is_complete());
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test]
async fn a_long_history_takes_hardly_more_pages_than_it_has() {
    let (fake, archive) = serving(Archive::of(2000, true), |_| {}).await;
    let mut pages = pages(100);
    let records = all(&fake, &mut pages).await;
    assert!(has_all(&records, &archive) && pages.is_complete());
    assert!(fake.asked().len() <= 22, "{}", fake.asked().len());
}

#[tokio::test]
async fn a_server_may_give_less_at_once() {
    for at_most in [1, 2, 7, 50] {
        let archive = Archive {
            at_most: Some(at_most),
            ..Archive::of(60, true)
        };
        let (fake, archive) = serving(archive, |_| {}).await;
        let mut pages = pages(100);
        let records = all(&fake, &mut pages).await;
        assert!(
            has_all(&records, &archive) && pages.is_complete(),
            "{at_most}"
        );
    }
}

#[tokio::test]
async fn records_that_come_meanwhile_are_there_in_the_end() {
    for newest_first in [true, false] {
        for at in 1..=2 {
            for more in [1, 4, 12] {
                let (fake, archive) = serving(Archive::of(50, newest_first), move |archive| {
                    if archive.requests == at {
                        let end = archive.ids.len();
                        archive.ids.extend(end..end + more);
                    }
                })
                .await;
                let mut pages = pages(20);
                let records = all(&fake, &mut pages).await;
                assert!(has_all(&records, &archive), "{newest_first} {at} {more}");
                assert!(pages.is_complete());
                assert!(fake.asked().len() <= 8, "{}", fake.asked().len());
            }
        }
    }
}

#[tokio::test]
async fn records_that_go_meanwhile_take_no_others_with_them() {
    for newest_first in [true, false] {
        for (from, count) in [(0, 1), (0, 3), (0, 9), (30, 9), (45, 5), (10, 30)] {
            let (fake, archive) = serving(Archive::of(60, newest_first), move |archive| {
                if archive.requests == 2 {
                    archive.ids.drain(from..from + count);
                }
            })
            .await;
            let mut pages = pages(20);
            let records = all(&fake, &mut pages).await;
            assert!(has_all(&records, &archive), "{newest_first} {from} {count}");
            assert!(pages.is_complete(), "{newest_first} {from} {count}");
        }
    }
}

#[tokio::test]
async fn an_exchange_that_leaves_the_total_as_it_was_is_seen() {
    let (fake, archive) = serving(Archive::of(60, false), |archive| {
        if archive.requests == 1 {
            archive.ids.drain(0..10);
            archive.ids.extend(100..110);
        }
    })
    .await;
    let mut pages = pages(20);
    let records = all(&fake, &mut pages).await;
    assert!(has_all(&records, &archive) && pages.is_complete());
}

#[tokio::test]
async fn an_archive_that_never_rests_ends_the_walk_as_incomplete() {
    let (fake, _archive) = serving(Archive::of(60, true), |archive| {
        archive.ids.remove(0);
        let next = 1000 + archive.requests;
        archive.ids.extend([next, next + 10_000]);
    })
    .await;
    let mut pages = pages(20);
    all(&fake, &mut pages).await;
    assert!(fake.asked().len() < 30);
}

#[tokio::test]
async fn a_total_that_is_wrong_ends_too() {
    for total in [
        json!(1_000_000_000_u64),
        json!(31),
        json!(-5),
        json!("many"),
        Value::Null,
    ] {
        let told = total.clone();
        let fake = Fake::start(move |asked| {
            let mut page = Archive::of(30, true).page(asked);
            page["total_count"] = told.clone();
            reply(200, &page.to_string())
        })
        .await;
        let mut pages = pages(20);
        assert_eq!(all(&fake, &mut pages).await.len(), 30, "{total}");
        assert!(fake.asked().len() <= 8, "{}", fake.asked().len());
        assert_eq!(pages.is_complete(), !total.is_u64(), "{total}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_page_is_found_out() {
    let fake = Fake::start(|_| {
        let records: Vec<_> = (0..20).map(|id| json!({ "id": id })).collect();
        let page = json!({ "total_count": 1000, "charging_records": records });
        reply(200, &page.to_string())
    })
    .await;
    let mut pages = pages(20);
    assert_eq!(all(&fake, &mut pages).await.len(), 20);
    assert!(!pages.is_complete());
    assert!(fake.asked().len() <= 5);
}

#[tokio::test]
async fn entries_without_an_id_are_handed_over_once() {
    let fake = Fake::start(|_| {
        reply(
            200,
            r#"{"total_count":4,"charging_records":[{"id":"a"},{"total_energy_wh":5},null,7]}"#,
        )
    })
    .await;
    let mut pages = pages(20);
    let client = fake.client();
    let RecordPage {
        records,
        unreadable,
        ..
    } = pages.next(&client, &token()).await.unwrap().unwrap();
    assert_eq!(records.len(), 1);
    let texts: Vec<_> = unreadable.iter().map(elli::Raw::as_str).collect();
    assert_eq!(texts, [r#"{"total_energy_wh":5}"#, "null", "7"]);
    assert_eq!(pages.next(&client, &token()).await, Ok(None));
    assert!(pages.is_complete());
}

#[tokio::test]
async fn a_walk_goes_on_where_it_failed() {
    let archive = Archive::of(50, true);
    let failures: Mutex<Vec<Reply>> = Mutex::new(vec![
        reply(401, "{}"),
        ([("retry-after", "1")], "").into(),
        reply(500, "{}"),
    ]);
    let fake = Fake::start(move |asked| {
        if asked.number("offset") > 0
            && let Some(failure) = failures.lock().unwrap().pop()
        {
            return failure;
        }
        reply(200, &archive.page(asked).to_string())
    })
    .await;
    let client = fake.client();
    let mut pages = pages(20);
    let mut received = 0;
    let mut problems = Vec::new();
    loop {
        match pages.next(&client, &token()).await {
            Ok(Some(page)) => received += page.records.len(),
            Ok(None) => break,
            Err(error) => problems.push(error),
        }
    }
    assert_eq!(received, 50);
    assert!(pages.is_complete());
    assert_eq!(problems.len(), 3);
    assert_eq!(problems[2], Error::Unauthorized);
}
