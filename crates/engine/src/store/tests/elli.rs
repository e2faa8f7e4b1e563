use std::collections::HashSet;

use chrono_tz::Europe::Berlin;
use ladebuch_domain::charge_log::{CloudRow, KeptRows, LogRow, LoggedCharge, Raw, RowSums};
use ladebuch_domain::tag::Tag;

use super::super::{KeptPdf, LogFilter, StoredDocument};
use super::*;

const NOW: &str = "2026-11-22T12:00:00Z";
const GARAGE: &str = "11111111-1111-4111-8111-111111111111";

fn charge(begin: &str, energy: f64) -> LoggedCharge {
    LoggedCharge {
        charge_point: ExternalId::from(GARAGE),
        charge_point_name: None,
        serial: None,
        begin: at(begin),
        end: None,
        doubtful: false,
        energy: WattHours(energy),
        since_plug_in: None,
        meter_start: None,
        meter_end: None,
        charged: None,
        mean_power: None,
        cost: None,
        mode: None,
        vehicle: None,
        tag: Some(Tag::new("ELLI-ABCD1234-XY12-1")),
        soc_start: None,
        soc_end: None,
        range: None,
        parts: None,
        created: Some(at(begin) + TimeDelta::hours(9)),
        faulted: false,
    }
}

fn record(id: &str, begin: &str, energy: f64) -> CloudRow {
    CloudRow {
        row: LogRow {
            identity: id.to_owned(),
            raw: Raw(format!("{{\"id\":\"{id}\",\"total_energy_wh\":{energy}}}").into()),
            said: Ok(charge(begin, energy)),
        },
        charge_point: ExternalId::from(GARAGE),
        created: Some(at(begin) + TimeDelta::hours(9)),
        energy: Some(WattHours(energy)),
    }
}

async fn keep(store: &Store, rows: &[CloudRow]) -> KeptRows {
    store
        .keep_cloud_rows(SOURCE, rows, Berlin, at(NOW))
        .await
        .unwrap()
}

async fn sums(store: &Store) -> RowSums {
    let sums = store.row_sums(SOURCE).await.unwrap();
    assert_eq!(sums.len(), 1);
    assert_eq!(sums[0].0.as_str(), GARAGE);
    sums[0].1
}

async fn rows_of(store: &Store) -> Vec<(i64, LogRow)> {
    let filter = LogFilter {
        limit: 10,
        ..LogFilter::default()
    };
    let rows = store.log_rows(filter).await.unwrap();
    rows.into_iter().map(|row| (row.id, row.row)).collect()
}

#[test]
fn a_record_is_kept_once_and_its_earlier_texts_when_it_changes() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        let first = record("a", "2026-11-20T08:00:00Z", 5000.0);
        let both = [first.clone(), record("b", "2026-11-21T08:00:00Z", 7000.0)];
        assert_eq!(keep(&store, &both).await, KeptRows { new: 2, changed: 0 });
        assert_eq!(keep(&store, &both).await, KeptRows::default());
        let (id, kept) = rows_of(&store).await.pop().unwrap();
        assert_eq!(kept, first.row);
        assert_eq!(store.earlier_texts(id).await.unwrap(), []);

        for energy in [5001.0, 5002.0] {
            let changed = [record("a", "2026-11-20T08:00:00Z", energy)];
            assert_eq!(
                keep(&store, &changed).await,
                KeptRows { new: 0, changed: 1 }
            );
        }
        let (again, kept) = rows_of(&store).await.pop().unwrap();
        assert_eq!(again, id, "it is the same row");
        assert_eq!(kept.said.unwrap().energy, WattHours(5002.0));
        let earlier = store.earlier_texts(id).await.unwrap();
        let texts: Vec<&str> = earlier.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(
            texts,
            [
                r#"{"id":"a","total_energy_wh":5000}"#,
                r#"{"id":"a","total_energy_wh":5001}"#
            ]
        );
    });
}

#[test]
fn what_cannot_be_read_counts_where_it_belongs() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        let mut broken = record("broken", "2026-11-20T08:00:00Z", 300.0);
        broken.row.said = Err("Elli does not say when it began".to_owned());
        let readable = record("a", "2026-11-20T08:00:00Z", 5000.0);
        keep(&store, &[broken.clone(), readable]).await;
        let kept = sums(&store).await;
        assert_eq!((kept.rows, kept.unreadable), (2, 1));
        assert_eq!(kept.energy, WattHours(5300.0));
        assert_eq!(kept.newest, Some(at("2026-11-20T17:00:00Z")));
        assert_eq!(rows_of(&store).await.pop().unwrap().1, broken.row);

        // Elli says it later.
        let mut repaired = record("broken", "2026-11-19T08:00:00Z", 300.0);
        repaired.row.raw = Raw("repaired".into());
        assert_eq!(
            keep(&store, &[repaired]).await,
            KeptRows { new: 0, changed: 1 }
        );
        assert_eq!(sums(&store).await.unreadable, 0);
    });
}

#[test]
fn what_elli_has_deleted_stays_and_is_marked() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        let all = [
            record("a", "2026-11-20T08:00:00Z", 5000.0),
            record("b", "2026-11-21T08:00:00Z", 7000.0),
        ];
        keep(&store, &all).await;
        let garage = ExternalId::from(GARAGE);
        let mark = async |shown: &[&str]| {
            let shown: HashSet<String> = shown.iter().map(|id| (*id).to_owned()).collect();
            store
                .mark_gone(SOURCE, &garage, &shown, at(NOW))
                .await
                .unwrap();
            let sums = sums(&store).await;
            (sums.rows, sums.gone, sums.gone_energy.get())
        };
        assert_eq!(mark(&["b"]).await, (2, 1, 5000.0));
        assert_eq!(mark(&["b"]).await, (2, 1, 5000.0));
        assert_eq!(mark(&["a", "b"]).await, (2, 0, 0.0), "it was there again");
        assert_eq!(mark(&[]).await, (2, 0, 0.0), "nothing at all is no answer");
        assert_eq!(mark(&["b"]).await, (2, 1, 5000.0));
        let back = keep(&store, &all).await;
        assert_eq!(back, KeptRows { new: 0, changed: 1 });
        let sums = sums(&store).await;
        assert_eq!((sums.gone, sums.gone_energy), (0, WattHours(0.0)));
        assert_eq!(store.earlier_texts(1).await.unwrap(), []);
    });
}

#[test]
fn a_page_that_cannot_be_kept_whole_is_not_kept_at_all() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        let pages = rows(&store, "pragma page_count").await[0][0].unwrap();
        let limit = format!("pragma max_page_count = {}", pages + 3.0);
        sqlx::query(sqlx::AssertSqlSafe(limit))
            .execute(&store.0.writer)
            .await
            .unwrap();
        let page: Vec<CloudRow> = (0..500)
            .map(|n| record(&n.to_string(), "2026-11-20T08:00:00Z", 5000.0))
            .collect();
        let error = store
            .keep_cloud_rows(SOURCE, &page, Berlin, at(NOW))
            .await
            .unwrap_err();
        assert!(matches!(error, StoreError::DiskFull), "{error}");
        assert_eq!(store.row_sums(SOURCE).await.unwrap(), []);
    });
}

#[test]
fn the_latest_document_of_its_kind_is_kept() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        let document = |key: &str, raw: &str| StoredDocument {
            kind: "total_charged".to_owned(),
            key: key.to_owned(),
            raw: raw.to_owned(),
            fetched: at(NOW),
        };
        for (key, raw) in [("a", "{}"), ("b", "{}"), ("a", "[1]")] {
            let document = document(key, raw);
            store.keep_document(SOURCE, &document).await.unwrap();
        }
        let kept = store.documents(SOURCE).await.unwrap();
        assert!(kept == [document("a", "[1]"), document("b", "{}")]);
        let other = SourceId(Uuid::from_u128(9));
        assert!(store.documents(other).await.unwrap().is_empty());
    });
}

#[test]
fn the_same_report_is_kept_once_and_its_bytes_too() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        let pdf = |card: Option<&str>, sha256: &str| KeptPdf {
            id: 0,
            station: ExternalId::from(GARAGE),
            card_id: card.map(str::to_owned),
            card: card.map(Tag::new),
            from: at("2026-10-31T23:00:00Z"),
            to: at("2026-11-30T23:00:00Z"),
            fetched: at(NOW),
            sha256: sha256.to_owned(),
            bytes: 9,
        };
        let keep =
            async |pdf: KeptPdf, bytes: &[u8]| store.keep_pdf(SOURCE, pdf, bytes).await.unwrap().id;
        let first = keep(pdf(None, "aa"), b"%PDF-1.4a").await;
        assert_eq!(keep(pdf(None, "aa"), b"%PDF-1.4a").await, first);
        let of_card = keep(pdf(Some("c1"), "aa"), b"%PDF-1.4a").await;
        let changed = keep(pdf(None, "bb"), b"%PDF-1.4b").await;
        let kept = store.pdfs(SOURCE).await.unwrap();
        let ids: Vec<i64> = kept.iter().map(|pdf| pdf.id).collect();
        assert_eq!(ids, [changed, of_card, first]);
        assert_eq!(
            kept[1],
            KeptPdf {
                id: of_card,
                ..pdf(Some("c1"), "aa")
            }
        );
        assert_eq!(
            store.pdf(SOURCE, of_card).await.unwrap().as_deref(),
            Some(&b"%PDF-1.4a"[..])
        );
        let files = rows(&store, "select count(*) from elli_pdf_file").await;
        assert_eq!(files, [[Some(2.0)]]);
        let other = SourceId(Uuid::from_u128(9));
        assert_eq!(store.pdf(other, first).await.unwrap(), None);
    });
}

#[test]
fn a_row_says_since_when_it_is_gone_and_how_often_it_was_changed() {
    run(async {
        let (_dir, store) = fresh(at(NOW)).await;
        let begin = "2026-11-20T08:00:00Z";
        for energy in [5000.0, 5001.0, 5002.0] {
            keep(&store, &[record("a", begin, energy)]).await;
        }
        keep(&store, &[record("b", "2026-11-21T08:00:00Z", 7000.0)]).await;
        let shown = HashSet::from(["b".to_owned()]);
        let garage = ExternalId::from(GARAGE);
        let marked = store.mark_gone(SOURCE, &garage, &shown, at(NOW)).await;
        marked.unwrap();
        let filter = LogFilter {
            limit: 10,
            ..LogFilter::default()
        };
        let rows = store.log_rows(filter).await.unwrap();
        let said: Vec<_> = rows.iter().map(|row| (row.gone, row.earlier)).collect();
        assert_eq!(said, [(None, 0), (Some(at(NOW)), 2)]);
    });
}
