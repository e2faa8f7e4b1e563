//! What not every 2.x has: a tariff, and a state of charge that people enter.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use ladebuch_sim::{SimConfig, SimHandle, Simulation};
use serde_json::Value;

use crate::client::{Client, noon, retained, still};

fn document(sim: &SimHandle, topic: &str) -> Value {
    serde_json::from_str(&retained(sim, topic).unwrap()).unwrap()
}

async fn write(sim: &SimHandle, path: &str, payload: &str) {
    let mut client = Client::connect(sim.addr(), "writer").await;
    client
        .publish(&format!("openWB/set/{path}"), payload, false)
        .await;
    sim.control().observe().await.unwrap();
    client.disconnect().await;
}

fn prices(sim: &SimHandle) -> BTreeMap<i64, f64> {
    document(sim, "openWB/optional/ep/get/prices")
        .as_object()
        .unwrap()
        .iter()
        .map(|(at, price)| (at.parse().unwrap(), price.as_f64().unwrap()))
        .collect()
}

async fn with_prices() -> SimHandle {
    Simulation::start(SimConfig {
        prices: true,
        ..SimConfig::by_hand(noon())
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_tariff_lists_today_and_tomorrow_and_renews_itself() {
    let sim = with_prices().await;
    assert_eq!(document(&sim, "openWB/optional/ep/configured"), true);
    let today = prices(&sim);
    // Local midnight of 21 June.
    let midnight = noon().timestamp() - 14 * 3600;
    let hours: Vec<i64> = (0..48).map(|hour| midnight + hour * 3600).collect();
    assert_eq!(today.keys().copied().collect::<Vec<_>>(), hours);
    assert!(today.values().all(|price| (0.0001..0.0005).contains(price)));
    sim.control().advance(TimeDelta::hours(11)).await.unwrap();
    let tomorrow = prices(&sim);
    assert_eq!(tomorrow.keys().next(), Some(&hours[24]));
    for (at, price) in tomorrow.iter().take(24) {
        assert_eq!(today.get(at), Some(price));
    }
    sim.stop().await;
    let again = with_prices().await;
    assert_eq!(prices(&again), today);
    again.stop().await;
}

#[tokio::test]
async fn without_a_tariff_there_are_no_prices() {
    let sim = still().await;
    assert_eq!(document(&sim, "openWB/optional/ep/configured"), false);
    assert!(prices(&sim).is_empty());
    sim.stop().await;
}

#[tokio::test]
async fn eco_charging_takes_cheap_energy_at_once() {
    let sim = with_prices().await;
    let control = sim.control();
    control.set_pv(Some(0.0)).await.unwrap();
    control.plug(3, 1).await.unwrap();
    let now = prices(&sim)[&noon().timestamp()];
    for (max_price, watts) in [(now + 0.000_01, 4140.0), (now - 0.000_01, 0.0)] {
        let mut template = document(&sim, "openWB/chargepoint/3/set/charge_template");
        template["chargemode"]["selected"] = "eco_charging".into();
        template["chargemode"]["eco_charging"]["max_price"] = max_price.into();
        write(
            &sim,
            "chargepoint/3/set/charge_template",
            &template.to_string(),
        )
        .await;
        for _ in 0..3 {
            control.advance_cycle().await.unwrap();
        }
        assert_eq!(document(&sim, "openWB/chargepoint/3/get/power"), watts);
    }
    sim.stop().await;
}

#[tokio::test]
async fn an_entered_state_of_charge_shows_and_follows_the_energy() {
    let sim = still().await;
    let control = sim.control();
    assert_eq!(
        document(&sim, "openWB/vehicle/2/soc_module/config")["type"],
        "manual"
    );
    assert_eq!(document(&sim, "openWB/vehicle/2/get/soc"), Value::Null);
    control.plug(4, 2).await.unwrap();
    control.advance_cycle().await.unwrap();
    let path = "vehicle/2/soc_module/calculated_soc_state/manual_soc";
    write(&sim, path, "42").await;
    assert_eq!(document(&sim, "openWB/vehicle/2/get/soc"), 42.0);
    assert_eq!(
        document(&sim, "openWB/vehicle/2/soc_module/calculated_soc_state")["manual_soc"],
        Value::Null
    );
    // 0 is taken for nothing entered; the rest is out of range or no number.
    for payload in ["0", "101", "-1", "\"50\""] {
        write(&sim, path, payload).await;
        assert_eq!(
            document(&sim, "openWB/vehicle/2/get/soc"),
            42.0,
            "{payload}"
        );
        assert_eq!(retained(&sim, &format!("openWB/set/{path}")), None);
    }
    control.advance_cycle().await.unwrap();
    assert_eq!(
        document(&sim, "openWB/chargepoint/4/get/connected_vehicle/soc")["soc"],
        42.0
    );
    let mut template = document(&sim, "openWB/chargepoint/4/set/charge_template");
    template["chargemode"]["selected"] = "instant_charging".into();
    write(
        &sim,
        "chargepoint/4/set/charge_template",
        &template.to_string(),
    )
    .await;
    control.advance(TimeDelta::minutes(20)).await.unwrap();
    let soc = document(&sim, "openWB/vehicle/2/get/soc").as_f64().unwrap();
    assert!((45.0..52.0).contains(&soc), "{soc}");
    sim.stop().await;
}

#[tokio::test]
async fn a_query_can_be_asked_for() {
    let sim = still().await;
    let control = sim.control();
    control.set_vehicle_soc(1, 12.0).await.unwrap();
    control.advance_cycle().await.unwrap();
    assert_ne!(document(&sim, "openWB/vehicle/1/get/soc"), 12.0);
    write(&sim, "vehicle/1/get/force_soc_update", "true").await;
    control.advance_cycle().await.unwrap();
    assert_eq!(document(&sim, "openWB/vehicle/1/get/soc"), 12.0);
    assert_eq!(
        document(&sim, "openWB/vehicle/1/get/force_soc_update"),
        false
    );
    sim.stop().await;
}
