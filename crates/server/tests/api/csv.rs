//! History as CSV, over the end of summer time.

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::ids::{ExternalId, SourceId};
use ladebuch_domain::sample::{Quality, Slot, SlotValue};
use ladebuch_domain::units::WattHours;
use ladebuch_engine::sources::OpenwbConfig;
use ladebuch_engine::{SeedData, SeedDevice};
use tempfile::TempDir;

use crate::house::House;

/// A charge point that drew 1.2 kW until 04:00 UTC of the day the clocks went back.
async fn house() -> House {
    let start: DateTime<Utc> = "2025-10-25T23:00:00Z".parse().unwrap();
    let (mut power, mut imported) = (Vec::new(), Vec::new());
    for slot in 0..60_i32 {
        let at = start + TimeDelta::minutes(5) * slot;
        let quality = Quality::Measured;
        let gauge = SlotValue::Gauge {
            mean: 1200.04,
            min: 1100.0,
            max: 1300.0,
            count: 30,
        };
        power.push(Slot {
            start: at,
            value: gauge,
            quality,
        });
        let total = WattHours(100.0 * f64::from(slot + 1));
        let counter = SlotValue::Counter {
            reading: WattHours(5e6) + total,
            total,
        };
        imported.push(Slot {
            start: at,
            value: counter,
            quality,
        });
    }
    let device = ExternalId::from("chargepoint/3");
    let data = SeedData {
        source: (
            SourceId(uuid::Uuid::from_u128(1)),
            "openWB".to_owned(),
            OpenwbConfig {
                host: "127.0.0.1".to_owned(),
                port: 1,
                tls: false,
                pinned_fingerprint: None,
                username: None,
                topic_prefix: None,
                http_port: None,
            }
            .into(),
        ),
        devices: vec![SeedDevice {
            external_id: device.clone(),
            kind: DeviceKind::ChargePoint,
            name: Some("=Garage; \"vorn\"".into()),
            serial: None,
        }],
        series: vec![
            (device.clone(), Quantity::Power, power),
            (device, Quantity::Imported, imported),
        ],
    };
    let dir = TempDir::new().unwrap();
    ladebuch_engine::seed(dir.path(), data, start + TimeDelta::hours(6))
        .await
        .unwrap();
    House::in_dir(dir).await
}

async fn series(house: &House, quantity: &str) -> i64 {
    let list = house.get("/api/v1/series").await.json();
    let all = list["series"].as_array().unwrap();
    all.iter()
        .find(|series| series["quantity"] == quantity)
        .unwrap()["id"]
        .as_i64()
        .unwrap()
}

#[tokio::test]
async fn energy_for_programs_tells_the_doubled_hour_apart() {
    let house = house().await;
    let id = series(&house, "imported").await;
    let answer = house
        .get(&format!(
            "/api/v1/history/energy.csv?series={id}&interval=hour\
             &from=2025-10-26T00:00:00Z&to=2025-10-26T05:00:00Z"
        ))
        .await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"ladebuch-energy-2025-10-26--2025-10-26.csv\""
    );
    let expected = [
        "From,To,\"'=Garage; \"\"vorn\"\" charged [kWh]\",\"'=Garage; \"\"vorn\"\" charged quality\"",
        "2025-10-26 02:00:00 +02:00,2025-10-26 02:00:00 +01:00,1.200,measured",
        "2025-10-26 02:00:00 +01:00,2025-10-26 03:00:00 +01:00,1.200,measured",
        "2025-10-26 03:00:00 +01:00,2025-10-26 04:00:00 +01:00,1.200,measured",
        "2025-10-26 04:00:00 +01:00,2025-10-26 05:00:00 +01:00,1.200,measured",
        "2025-10-26 05:00:00 +01:00,2025-10-26 06:00:00 +01:00,,none",
    ];
    assert_eq!(
        answer.text().split_terminator("\r\n").collect::<Vec<_>>(),
        expected
    );
}

#[tokio::test]
async fn power_for_a_german_excel_has_its_commas_and_its_mark() {
    let house = house().await;
    let id = series(&house, "power").await;
    let answer = house
        .get(&format!(
            "/api/v1/history/power.csv?series={id}&flavour=excel_de&max_points=4\
             &from=2025-10-26T00:00:00Z&to=2025-10-26T03:00:00Z"
        ))
        .await;
    let text = answer
        .text()
        .strip_prefix('\u{feff}')
        .unwrap_or_else(|| panic!("no byte order mark: {}", answer.text()));
    let name = "\"'=Garage; \"\"vorn\"\" Leistung";
    let header = format!("Von;Bis;{name} Mittel [W]\";{name} Min [W]\";{name} Max [W]\"");
    let expected = [
        header.as_str(),
        "2025-10-26 02:00:00 +02:00;2025-10-26 02:00:00 +01:00;1200,0;1100,0;1300,0",
        "2025-10-26 02:00:00 +01:00;2025-10-26 03:00:00 +01:00;1200,0;1100,0;1300,0",
        "2025-10-26 03:00:00 +01:00;2025-10-26 04:00:00 +01:00;1200,0;1100,0;1300,0",
    ];
    assert_eq!(text.split_terminator("\r\n").collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_local_day_begins_at_the_households_midnight() {
    let house = house().await;
    let id = series(&house, "imported").await;
    let answer = house
        .get(&format!(
            "/api/v1/history/energy?series={id}&interval=day&from=2025-10-26&to=2025-10-27"
        ))
        .await
        .json();
    let day = ["2025-10-25T22:00:00.000Z", "2025-10-26T23:00:00.000Z"];
    assert_eq!(
        answer["bounds"],
        serde_json::json!(day),
        "a day of 25 hours"
    );
    assert_eq!(answer["zone"], "Europe/Berlin");
    assert_eq!(answer["series"][0]["marks"], serde_json::json!(["partial"]));
}

#[tokio::test]
async fn a_counter_has_no_power_and_a_gauge_no_energy() {
    let house = house().await;
    let (power, imported) = (
        series(&house, "power").await,
        series(&house, "imported").await,
    );
    let period = "from=2025-10-26&to=2025-10-27";
    let answer = house
        .get(&format!("/api/v1/history/power?series={imported}&{period}"))
        .await;
    answer.is_problem(422, "wrong_series", Some("series"));
    let answer = house
        .get(&format!("/api/v1/history/energy?series={power}&{period}"))
        .await;
    answer.is_problem(422, "wrong_series", Some("series"));
    let decades = "from=1990-01-01&to=2026-01-01&interval=hour";
    let answer = house
        .get(&format!(
            "/api/v1/history/energy?series={imported}&{decades}"
        ))
        .await;
    answer.is_problem(422, "period_too_long", Some("to"));
}
