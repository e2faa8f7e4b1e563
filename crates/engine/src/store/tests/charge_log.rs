use ladebuch_domain::charge_log::{LogRow, LoggedCharge, Parts, Raw};
use ladebuch_domain::reading::{ChargeMode, VehicleRef};
use ladebuch_domain::tag::Tag;
use ladebuch_domain::units::{Percent, Watts};

use super::super::{LogFilter, StoredImport};
use super::*;

fn charge(begin: &str) -> LoggedCharge {
    LoggedCharge {
        charge_point: ExternalId::from("chargepoint/3"),
        charge_point_name: Some("Carport".to_owned()),
        serial: Some("SIM0003".to_owned()),
        begin: at(begin),
        end: Some(at(begin) + TimeDelta::minutes(4)),
        doubtful: true,
        energy: WattHours(631.23),
        since_plug_in: Some(WattHours(631.23)),
        meter_start: Some(WattHours(1_234_567.0)),
        meter_end: Some(WattHours(1_235_198.23)),
        charged: Some(Duration::from_secs(180)),
        mean_power: Some(Watts(9_876.71)),
        cost: Some(0.09),
        mode: Some(ChargeMode::Other("night".into())),
        vehicle: Some(VehicleRef {
            id: "vehicle/1".into(),
            name: "ID.4".into(),
        }),
        tag: Some(Tag::new("0012345678")),
        soc_start: Some(Percent(42.0)),
        soc_end: None,
        range: Some(3.0),
        parts: Some(Parts {
            grid: 0.0,
            pv: 1.0,
            battery: 0.0,
            charge_point: 0.0,
        }),
        created: Some(at(begin) + TimeDelta::minutes(5)),
        faulted: true,
    }
}

fn row(identity: &str, said: Result<LoggedCharge, String>) -> LogRow {
    LogRow {
        identity: identity.to_owned(),
        raw: Raw(format!("raw of {identity}").into()),
        said,
    }
}

#[test]
fn a_month_is_kept_once_however_often_it_is_imported() {
    run(async {
        let now = at("2026-11-22T12:00:00Z");
        let (_dir, store) = fresh(now).await;
        let first = row("a", Ok(charge("2026-11-20T08:00:00Z")));
        let broken = row("b", Err("the log breaks off here".to_owned()));
        let month = [first.clone(), broken.clone()];
        let add = |rows: Vec<LogRow>, closed| {
            let store = store.clone();
            async move {
                store
                    .add_log_month(SOURCE, "2026-11", &rows, closed, now)
                    .await
            }
        };
        assert_eq!(add(month.to_vec(), false).await.unwrap(), 2);
        assert_eq!(add(month.to_vec(), false).await.unwrap(), 0);
        assert!(store.closed_log_months(SOURCE).await.unwrap().is_empty());

        let second = row("c", Ok(charge("2026-11-21T08:00:00Z")));
        // The box has lost the first one meanwhile.
        assert_eq!(add(vec![second.clone()], true).await.unwrap(), 1);
        let closed = store.closed_log_months(SOURCE).await.unwrap();
        assert!(closed.contains("2026-11") && closed.len() == 1);
        store.reopen_log_months(SOURCE).await.unwrap();
        assert!(store.closed_log_months(SOURCE).await.unwrap().is_empty());

        let filter = LogFilter {
            limit: 10,
            ..LogFilter::default()
        };
        let kept = store.log_rows(filter).await.unwrap();
        let rows: Vec<LogRow> = kept.into_iter().map(|kept| kept.row).collect();
        assert_eq!(
            rows,
            [second, first, broken],
            "the latest first, nothing lost"
        );
        let count = store.count_log(SOURCE).await.unwrap();
        assert_eq!((count.rows, count.unreadable), (3, 1));
    });
}

#[test]
fn rows_are_found_by_when_they_began() {
    run(async {
        let now = at("2026-11-22T12:00:00Z");
        let (_dir, store) = fresh(now).await;
        let rows: Vec<LogRow> = (1..=3)
            .map(|day| {
                row(
                    &day.to_string(),
                    Ok(charge(&format!("2026-11-0{day}T08:00:00Z"))),
                )
            })
            .collect();
        store
            .add_log_month(SOURCE, "2026-11", &rows, true, now)
            .await
            .unwrap();
        let filter = LogFilter {
            source: Some(SOURCE),
            from: Some(at("2026-11-02T00:00:00Z")),
            to: Some(at("2026-11-03T08:00:00Z")),
            limit: 10,
        };
        let found = store.log_rows(filter).await.unwrap();
        let found: Vec<&str> = found
            .iter()
            .map(|found| found.row.identity.as_str())
            .collect();
        assert_eq!(found, ["2"]);
        let elsewhere = LogFilter {
            source: Some(SourceId(Uuid::from_u128(99))),
            ..filter
        };
        assert_eq!(store.log_rows(elsewhere).await.unwrap(), []);
    });
}

#[test]
fn how_the_last_import_stood_is_known_after_a_restart() {
    run(async {
        let now = at("2026-11-22T12:00:00Z");
        let (dir, store) = fresh(now).await;
        assert_eq!(store.log_import(SOURCE).await.unwrap(), None);
        let running = StoredImport {
            started: now,
            outcome: "running".to_owned(),
            finished: None,
        };
        store.set_log_import(SOURCE, &running).await.unwrap();
        let store = restart(dir.path(), store, now).await;
        assert_eq!(
            store.log_import(SOURCE).await.unwrap(),
            Some(running.clone())
        );
        let done = StoredImport {
            outcome: "done".to_owned(),
            finished: Some(now),
            ..running
        };
        store.set_log_import(SOURCE, &done).await.unwrap();
        assert_eq!(store.log_import(SOURCE).await.unwrap(), Some(done));
    });
}
