//! Charging follows mode, settings, sun, lock, limits and price.

use chrono::TimeDelta;
use ladebuch_sim::SimConfig;

use super::{cycles, start, still, write};
use crate::client::{noon, retained};

#[tokio::test]
async fn a_charge_starts_small_follows_its_current_and_stops() {
    let sim = still().await;
    sim.control().plug(3, 1).await.unwrap();
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "6");
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "4140");
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "16");
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "11040");
    assert_eq!(retained(&sim, "openWB/lp/1/boolChargeStat").unwrap(), "1");
    assert_eq!(retained(&sim, "openWB/lp/1/countPhasesInUse").unwrap(), "3");
    write(&sim, "openWB/config/set/sofort/lp/1/current", "10", false).await;
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "6900");
    for (payload, watts) in [("3", "0"), ("0", "6900"), ("4", "0")] {
        write(&sim, "openWB/set/ChargeMode", payload, false).await;
        cycles(&sim, 4).await;
        assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), watts);
    }
    sim.stop().await;
}

#[tokio::test]
async fn surplus_charges_after_a_while_and_min_pv_always() {
    let sim = still().await;
    let control = sim.control();
    control.set_pv(Some(9000.0)).await.unwrap();
    control.set_home_load(Some(500.0)).await.unwrap();
    control.set_battery_soc(100.0).await.unwrap();
    control.plug(3, 1).await.unwrap();
    write(&sim, "openWB/set/ChargeMode", "2", false).await;
    cycles(&sim, 3).await;
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    assert_eq!(
        retained(&sim, "openWB/pv/CounterTillStartPvCharging").unwrap(),
        "20"
    );
    cycles(&sim, 5).await;
    // 8500 W on three phases.
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "12");
    control.set_pv(Some(0.0)).await.unwrap();
    cycles(&sim, 3).await;
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "6");
    cycles(&sim, 6).await;
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "0");
    assert_eq!(retained(&sim, "openWB/lp/1/ChargeStatus").unwrap(), "0");
    write(&sim, "openWB/set/ChargeMode", "1", false).await;
    cycles(&sim, 4).await;
    assert_eq!(retained(&sim, "openWB/lp/1/AConfigured").unwrap(), "10");
    sim.stop().await;
}

#[tokio::test]
async fn a_lock_an_amount_and_a_state_of_charge_end_a_charge() {
    let sim = still().await;
    let control = sim.control();
    control.plug(3, 1).await.unwrap();
    cycles(&sim, 5).await;
    // Both spellings.
    write(&sim, "openWB/set/lp1/ChargePointEnabled", "0", false).await;
    assert_eq!(
        retained(&sim, "openWB/lp/1/ChargePointEnabled").unwrap(),
        "0"
    );
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    write(&sim, "openWB/set/lp/1/ChargePointEnabled", "1", false).await;
    write(
        &sim,
        "openWB/config/set/sofort/lp/1/energyToCharge",
        "1",
        false,
    )
    .await;
    write(
        &sim,
        "openWB/config/set/sofort/lp/1/chargeLimitation",
        "1",
        false,
    )
    .await;
    assert_eq!(
        retained(&sim, "openWB/lp/1/boolDirectModeChargekWh").unwrap(),
        "1"
    );
    control.advance(TimeDelta::minutes(8)).await.unwrap();
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    let charged = retained(&sim, "openWB/lp/1/kWhActualCharged").unwrap();
    assert!(charged.starts_with("1.0"), "{charged}");
    write(
        &sim,
        "openWB/config/set/sofort/lp/1/resetEnergyToCharge",
        "1",
        false,
    )
    .await;
    cycles(&sim, 3).await;
    assert_ne!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    write(
        &sim,
        "openWB/config/set/sofort/lp/1/chargeLimitation",
        "2",
        false,
    )
    .await;
    write(
        &sim,
        "openWB/config/set/sofort/lp/1/socToChargeTo",
        "20",
        false,
    )
    .await;
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    sim.stop().await;
}

#[tokio::test]
async fn energy_is_counted_since_plugging_in_and_by_charge() {
    let sim = still().await;
    let control = sim.control();
    control.plug(3, 1).await.unwrap();
    control.advance(TimeDelta::minutes(30)).await.unwrap();
    let number = |name: &str| -> f64 {
        retained(&sim, &format!("openWB/lp/1/{name}"))
            .unwrap()
            .parse()
            .unwrap()
    };
    assert_eq!(number("plugStartkWh"), 1234.567);
    let since = number("kWhCounter") - number("plugStartkWh");
    assert!((number("kWhChargedSincePlugged") - since).abs() < 0.011);
    assert!(number("kWhActualCharged") <= number("kWhChargedSincePlugged"));
    assert!(number("kWhActualCharged") > 5.0);
    assert_eq!(
        number("kmCharged"),
        (number("kWhActualCharged") / 17.0 * 100.0).floor()
    );
    assert!((number("kWhDailyCharged") - since).abs() < 0.011);
    assert_eq!(
        format!("{:.3}", number("kWhCounter") + 2234.567),
        retained(&sim, "openWB/global/kWhCounterAllChargePoints").unwrap()
    );
    control.unplug(3).await.unwrap();
    cycles(&sim, 1).await;
    assert_eq!(number("boolPlugStat"), 0.0);
    sim.stop().await;
}

#[tokio::test]
async fn a_tariff_has_a_price_for_every_hour_and_a_limit() {
    let sim = start(SimConfig {
        prices: true,
        ..SimConfig::by_hand(noon())
    })
    .await;
    sim.control().plug(3, 1).await.unwrap();
    cycles(&sim, 4).await;
    let actual = retained(&sim, "openWB/global/awattar/ActualPriceForCharging").unwrap();
    let list = retained(&sim, "openWB/global/awattar/pricelist").unwrap();
    let hour = noon().timestamp();
    assert!(list.contains(&format!("\n{hour},{actual}")), "{list}");
    assert_eq!(list.lines().count(), 1 + 48);
    assert_ne!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    write(&sim, "openWB/set/awattar/MaxPriceForCharging", "-10", false).await;
    cycles(&sim, 2).await;
    assert_eq!(retained(&sim, "openWB/lp/1/W").unwrap(), "0");
    sim.stop().await;
}
