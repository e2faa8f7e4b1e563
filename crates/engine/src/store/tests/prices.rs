use ladebuch_domain::tariff::PriceSlot;
use ladebuch_domain::units::EurosPerKilowattHour;

use super::*;

fn slot(hour: i64, euros: f64) -> PriceSlot {
    let start = at("2026-11-22T00:00:00Z") + TimeDelta::hours(hour);
    PriceSlot {
        start,
        end: start + TimeDelta::hours(1),
        price: EurosPerKilowattHour(euros),
    }
}

#[test]
fn a_price_can_change_until_its_hour_has_begun() {
    run(async {
        let now = at("2026-11-22T01:30:00Z");
        let (_dir, store) = fresh(now).await;
        let told = [slot(1, 0.30), slot(2, 0.20)];
        store.add_prices(SOURCE, &told, now).await.unwrap();
        let corrected = [slot(1, 0.99), slot(2, 0.25)];
        store.add_prices(SOURCE, &corrected, now).await.unwrap();
        let day = (at("2026-11-22T00:00:00Z"), at("2026-11-23T00:00:00Z"));
        let kept = store.prices(day.0, day.1).await.unwrap();
        assert_eq!(kept, [(SOURCE, slot(1, 0.30)), (SOURCE, slot(2, 0.25))]);
        let touching = store
            .prices(now, now + TimeDelta::minutes(1))
            .await
            .unwrap();
        assert_eq!(touching, [(SOURCE, slot(1, 0.30))]);
    });
}
