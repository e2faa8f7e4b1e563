//! The charge log over MQTT.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use ladebuch_sim::SimConfig;
use ladebuch_sim::household::history;
use rumqttc::v5::mqttbytes::QoS;

use super::{start, still, write};
use crate::client::{Client, noon, retained};

#[tokio::test]
async fn a_month_of_the_charge_log_comes_in_twelve_parts_and_goes_again() {
    let start_of_past = noon() - TimeDelta::days(40);
    let mut past = history(1, start_of_past, noon(), TimeDelta::hours(1));
    past.by_ref().for_each(drop);
    let sim = start(SimConfig {
        household: Some(past.into_household()),
        ..SimConfig::by_hand(noon())
    })
    .await;
    let mut client = Client::connect(sim.addr(), "reader").await;
    client.subscribe("openWB/system/+", QoS::AtMostOnce).await;
    client
        .publish("openWB/set/graph/RequestMonthLadelog", "202605", false)
        .await;
    let mut parts = BTreeMap::new();
    while parts.len() < 12 {
        let (topic, payload) = crate::client::text(&client.message().await);
        if let Some(part) = topic.strip_prefix("openWB/system/MonthLadelogData") {
            parts.insert(part.parse::<usize>().unwrap(), payload);
        }
    }
    let rows: Vec<&str> = parts.values().flat_map(|part| part.lines()).collect();
    assert!(rows.len() > 5, "{rows:?}");
    let ends: Vec<_> = rows.iter().map(|row| end_of(row)).collect();
    assert!(ends.windows(2).all(|pair| pair[0] >= pair[1]), "{rows:?}");
    for row in &rows {
        let columns: Vec<&str> = row.split(',').collect();
        assert_eq!(columns.len(), 10, "{row}");
        assert!(["1", "2"].contains(&columns[6]), "{row}");
        assert!(["0", "2"].contains(&columns[7]), "{row}");
        let kwh: f64 = columns[3].parse().unwrap();
        let costs: f64 = columns[9].parse().unwrap();
        assert!((costs - kwh * 0.30).abs() < 0.011, "{row}");
    }
    sim.control().advance(TimeDelta::seconds(3)).await.unwrap();
    for part in 1..=12 {
        let topic = format!("openWB/system/MonthLadelogData{part}");
        assert_eq!(retained(&sim, &topic).as_deref(), Some("empty"));
    }
    sim.stop().await;
}

fn end_of(row: &str) -> chrono::NaiveDateTime {
    let end = row.split(',').nth(1).unwrap();
    chrono::NaiveDateTime::parse_from_str(end, "%d.%m.%y-%H:%M").unwrap()
}

#[tokio::test]
async fn a_charge_is_written_down_a_minute_after_its_end() {
    let sim = still().await;
    let control = sim.control();
    control.scan(3, "0012345678").await.unwrap();
    control.plug(3, 1).await.unwrap();
    control.advance(TimeDelta::minutes(10)).await.unwrap();
    write(&sim, "openWB/set/ChargeMode", "3", false).await;
    control.advance(TimeDelta::seconds(50)).await.unwrap();
    write(
        &sim,
        "openWB/set/graph/RequestMonthLadelog",
        "202606",
        false,
    )
    .await;
    let first = "openWB/system/MonthLadelogData1";
    assert_eq!(retained(&sim, first), None);
    control.advance(TimeDelta::seconds(40)).await.unwrap();
    assert_eq!(
        retained(&sim, "openWB/lp/1/TimeRemaining").as_deref(),
        Some("--")
    );
    write(
        &sim,
        "openWB/set/graph/RequestMonthLadelog",
        "202606",
        false,
    )
    .await;
    // 11040 W from 14:00:16 to 14:10:06, and a minute of nothing: 1.809 kWh in 650 s.
    assert_eq!(
        retained(&sim, first).as_deref(),
        Some("21.06.26-14:00,21.06.26-14:11,10,1.80,9.96,10 Min,1,0,0012345678,.54")
    );
    sim.stop().await;
}
