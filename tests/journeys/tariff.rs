//! Prices of a dynamic tariff: from the box to the live view and into the record.

use ladebuch_sim::SimConfig;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use ladebuch_tests::scene::Scene;

use crate::noon;

#[tokio::test(flavor = "multi_thread")]
async fn prices_of_today_and_tomorrow_are_shown_and_kept() {
    let config = SimConfig {
        prices: true,
        ..SimConfig::by_hand(noon())
    };
    let scene = Scene::with(config, 10).await;
    let announced = eventually(SOON, "the tariff is shown", async || {
        let picture = scene.house.picture().await;
        let prices = picture.source()?["tariff"]["prices"].as_array()?.clone();
        (!prices.is_empty()).then_some(prices)
    })
    .await;
    assert_eq!(announced.len(), 48, "each hour of two days");
    for price in &announced {
        let euros = price["eur_per_kwh"].as_f64().unwrap();
        assert!((0.01..1.0).contains(&euros), "{euros} is no price per kWh");
    }
    let kept = eventually(SOON, "the prices are kept", async || {
        let path = "/api/v1/prices?from=2026-11-22&to=2026-11-24";
        let kept = scene.house.api.get(path).await["prices"]
            .as_array()?
            .clone();
        (kept.len() == announced.len()).then_some(kept)
    })
    .await;
    for (kept, announced) in kept.iter().zip(&announced) {
        assert_eq!(kept["start"], announced["start"]);
        assert_eq!(kept["eur_per_kwh"], announced["eur_per_kwh"]);
    }
    scene.house.stop().await;
}
