//! What was asked of a Charger 2 outlasts the program, and the sleep of its computer.

use chrono::TimeDelta;
use ladebuch_engine::charger2::{Client, Current};
use ladebuch_sim::{Charger2Fault, Charger2Handle};
use ladebuch_tests::house::House;

use super::{Garage, amperes, current, mode, state};

impl Garage {
    /// Ends Ladebuch and starts it again; something else happens in between.
    async fn restarted_after(self, meanwhile: impl AsyncFnOnce(&Charger2Handle)) -> Self {
        self.house.stop().await;
        meanwhile(&self.charger).await;
        let house = House::open(self.dir.path(), self.clock.clone()).await;
        let garage = Self { house, ..self };
        garage.live().await;
        garage
    }
}

/// Another program sets the limit.
async fn set_by_another(charger: &Charger2Handle, limit: Current) {
    let mut other = Client::new("127.0.0.1", charger.addr().port());
    other.set_limit(limit).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_outlasts_the_sleep_of_the_computer() {
    let garage = Garage::charging().await;
    garage.told([current(14), mode("stop")]).await;
    garage.limit(0.0, 14.0, "stop").await;
    let control = garage.charger.control();
    // Nothing is learnt of the box meanwhile, and the connection stays.
    control.set_fault(Charger2Fault::Busy, true);
    state(&garage.house, "offline").await;
    garage.clock.advance(TimeDelta::hours(1));
    control.advance(TimeDelta::seconds(20)).await.unwrap();
    control.clear_faults();
    garage.live().await;
    garage.limit(0.0, 14.0, "stop").await;
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_outlasts_a_restart_and_nothing_more_is_allowed_by_it() {
    let garage = Garage::charging().await;
    garage.told([current(10), mode("stop"), current(8)]).await;
    let garage = garage.restarted_after(async |_| ()).await;
    garage.limit(0.0, 8.0, "stop").await;

    // The watchdog ends a pause while nobody talks to the box.
    let strike = async |charger: &Charger2Handle| {
        let control = charger.control();
        control.advance(TimeDelta::seconds(20)).await.unwrap();
    };
    let garage = garage.restarted_after(strike).await;
    garage.limit(0.0, 8.0, "stop").await;
    garage.told([mode("instant")]).await;
    garage.limit(8.0, 8.0, "instant").await;

    let more = async |charger: &Charger2Handle| set_by_another(charger, amperes(12)).await;
    let garage = garage.restarted_after(more).await;
    garage.limit(8.0, 8.0, "instant").await;
    let less = async |charger: &Charger2Handle| set_by_another(charger, amperes(7)).await;
    let garage = garage.restarted_after(less).await;
    garage.limit(7.0, 8.0, "instant").await;
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_said_how_much_gets_the_least() {
    let garage = Garage::charging().await;
    let pause = async |charger: &Charger2Handle| set_by_another(charger, Current::ZERO).await;
    let garage = garage.restarted_after(pause).await;
    garage
        .shows("it is paused", |point| {
            let settings = &point["settings"];
            settings["mode"] == "stop" && settings["current_a"].is_null()
        })
        .await;
    garage.told([mode("instant")]).await;
    garage.limit(6.0, 6.0, "instant").await;
    garage.stop().await;
}
