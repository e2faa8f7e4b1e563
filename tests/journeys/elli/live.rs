//! What happens now, and how often Elli is asked for it.

use ladebuch_domain::ids::DeviceId;
use ladebuch_domain::snapshot::Iec61851;
use ladebuch_domain::source::SourceState;
use ladebuch_domain::units::Watts;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_is_seen_live_and_becomes_a_record() {
    let scene = Scene::complete(cloud(0).await).await;
    let garage = scene.cloud.station_id(GARAGE).unwrap();
    let devices = scene.devices();
    assert_eq!(devices.len(), 2);
    let idle = &devices[&garage];
    assert_eq!(idle.name.as_deref(), Some("Garage"));
    assert_eq!(idle.meter.power.unwrap().value, Watts(0.0));
    assert_eq!(idle.iec61851(), Some(Iec61851::A));
    let kept = scene.account().await.records.kept;

    scene.cloud.plug(GARAGE, 1).await.unwrap();
    scene.cloud.scan(GARAGE, "0012345678").await.unwrap();
    both_pass(&scene, TimeDelta::minutes(6)).await;
    let charging = live(&scene, "it charges", |devices| {
        devices[&garage].iec61851() == Some(Iec61851::C)
    })
    .await[&garage]
        .clone();
    let power = charging.meter.power.unwrap().value.get();
    assert!(power > 1_000.0, "{power}");
    let before = charging.charge_point.since_plug_in.unwrap().value;
    assert!(charging.charge_point.tag.is_some());

    // Every minute while it lasts.
    for _ in 0..10 {
        let asked = scene.cloud.asked().api;
        both_pass(&scene, TimeDelta::seconds(67)).await;
        let asked = scene.cloud.asked().api - asked;
        assert!((1..=3).contains(&asked), "{asked}");
    }
    let now = scene.devices()[&garage].charge_point.since_plug_in.unwrap();
    assert!(now.value > before, "it goes on");
    let station = scene.station(GARAGE).await;
    assert!(station.session.unwrap().power.unwrap() > Watts(1_000.0));
    assert!(station.accumulated.unwrap().energy.is_some());

    scene.cloud.unplug(GARAGE).await.unwrap();
    // The sum of the records comes when five minutes have room for it.
    for _ in 0..10 {
        both_pass(&scene, TimeDelta::seconds(67)).await;
    }
    let account = scene.settled().await;
    assert_eq!(account.records.kept, kept + 1);
    assert!(is_complete(&account));
    let gone = &scene.devices()[&garage];
    assert_eq!(gone.iec61851(), Some(Iec61851::A));
    assert_eq!(gone.meter.power.unwrap().value, Watts(0.0));
    assert!(gone.charge_point.tag.is_none());
    assert!(scene.station(GARAGE).await.accumulated.is_none());
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_rest_elli_is_left_in_peace() {
    let scene = Scene::complete(cloud(30).await).await;
    let mut asked = vec![scene.cloud.asked().api];
    for _ in 0..2 * 60 {
        scene.pass(TimeDelta::seconds(30)).await;
        asked.push(scene.cloud.asked().api);
    }
    let most = asked.windows(11).map(|window| window[10] - window[0]).max();
    assert!(most <= Some(3), "{most:?} requests in five minutes");
    let all = asked[asked.len() - 1] - asked[0];
    assert!((8..=13).contains(&all), "{all} requests in an hour");
    let live = scene.engine.live().borrow().clone();
    let source = &live.sources[&scene.source];
    assert_eq!(
        source.state,
        SourceState::Live,
        "it counts as live all the time"
    );

    // The computer sleeps for a night.
    scene.pass(TimeDelta::hours(9)).await;
    let woken = scene.cloud.asked().api - asked[asked.len() - 1];
    assert!(woken <= 3, "{woken} requests at once");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stations_that_go_leave_the_live_view_and_come_back_as_who_they_were() {
    let scene = Scene::complete(cloud(30).await).await;
    let identities = |scene: &Scene| -> Vec<DeviceId> {
        let live = scene.engine.live().borrow().clone();
        live.devices.keys().copied().collect()
    };
    let before = identities(&scene);
    assert_eq!(before.len(), 2);
    let kept = scene.account().await.records.kept;
    scene.cloud.set_fault(Fault::NoStations, true);
    let account = scene.sync().await;
    assert!(account.stations.is_empty());
    live(&scene, "they are gone", |devices| devices.is_empty()).await;
    assert_eq!(account.records.kept, kept, "their records stay");

    scene.cloud.clear_faults();
    scene.sync().await;
    live(&scene, "they are back", |devices| devices.len() == 2).await;
    assert_eq!(identities(&scene), before);
    let account = scene.wait_until_complete().await;
    assert_eq!(account.records.kept, kept);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_station_that_is_rebooted_is_away_for_a_while() {
    let scene = Scene::complete(cloud(30).await).await;
    let garage = scene.cloud.station_id(GARAGE).unwrap();
    let elli = scene.engine.elli();
    elli.reboot(scene.source, &garage).await.unwrap();
    scene.sync().await;
    let devices = live(&scene, "it is away", |devices| {
        devices[&garage].fault.is_some()
    })
    .await;
    assert!(!devices[&garage].fails(), "a warning");
    scene.pass(TimeDelta::minutes(6)).await;
    assert_eq!(scene.devices()[&garage].meter.power, None, "nobody knows");
    scene.cloud.set_fault(Fault::NoReboot, true);
    let refused = elli.reboot(scene.source, &garage).await.unwrap_err();
    assert!(refused.to_string().contains("404"), "{refused}");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_goes_on_being_seen_after_a_restart_of_its_station() {
    let scene = Scene::complete(charging().await).await;
    let garage = scene.cloud.station_id(GARAGE).unwrap();
    let elli = scene.engine.elli();
    elli.reboot(scene.source, &garage).await.unwrap();
    scene.sync().await;
    both_pass(&scene, TimeDelta::seconds(67)).await;
    let away = scene.devices()[&garage].clone();
    assert!(away.fault.is_some() && away.meter.power.is_none());
    // It is back, but of the stations Elli was not asked again.
    both_pass(&scene, TimeDelta::seconds(67)).await;
    let back = live(&scene, "it charges", |devices| {
        devices[&garage].meter.power.is_some()
    })
    .await[&garage]
        .clone();
    assert!(back.meter.power.unwrap().value > Watts(1_000.0));
    assert!(back.fault.is_some());
    for _ in 0..15 {
        both_pass(&scene, TimeDelta::seconds(67)).await;
    }
    assert!(scene.devices()[&garage].fault.is_none(), "it was asked");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_station_that_comes_with_a_session_is_asked_for() {
    let elli = charging().await;
    elli.control().set_fault(Fault::NoStations, true);
    let scene = Scene::begin(elli).await;
    scene
        .shows("there are none", |account| account.fetched_at.is_some())
        .await;
    scene.settled().await;
    scene.cloud.clear_faults();
    for _ in 0..4 {
        both_pass(&scene, TimeDelta::minutes(5)).await;
    }
    assert_eq!(scene.account().await.stations.len(), 2);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_nobody_tells_of_any_more_is_not_believed_for_long() {
    let scene = Scene::complete(charging().await).await;
    let state = || scene.engine.live().borrow().sources[&scene.source].state;
    both_pass(&scene, TimeDelta::seconds(67)).await;
    assert_eq!(state(), SourceState::Live);
    scene.cloud.set_fault(Fault::Sessions500, true);
    // Other questions wait with it, but are answered then.
    let answered = async || scene.account().await.sync.last_run_at;
    let before = answered().await;
    for _ in 0..20 {
        if answered().await != before {
            break;
        }
        both_pass(&scene, TimeDelta::minutes(2)).await;
    }
    assert_ne!(answered().await, before);
    both_pass(&scene, TimeDelta::minutes(1)).await;
    eventually(SOON, "it counts as old", async || {
        (state() == SourceState::Stale).then_some(())
    })
    .await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_is_shown_at_once_after_a_restart() {
    let scene = Scene::complete(cloud(30).await).await;
    let before = scene.account().await;
    scene.cloud.set_fault(Fault::Api500, true);
    let scene = scene.restart().await;
    let after = scene
        .shows("Elli does not answer", |account| {
            account.sync.problem.is_some()
        })
        .await;
    assert_eq!(after.cards, before.cards);
    assert_eq!(after.locations, before.locations);
    assert_eq!(after.fetched_at, before.fetched_at);
    assert_eq!(after.records.state, RecordsState::Complete);
    assert_eq!(after.records.total, before.records.total);
    for (after, before) in after.stations.iter().zip(&before.stations) {
        assert_eq!(after.facts, before.facts);
        assert_eq!(after.totals, before.totals);
        assert_eq!(after.scheduled_charging, before.scheduled_charging);
    }
    scene.end().await;
}

/// A cloud of a household without a past, in whose garage a car charges.
async fn charging() -> ElliHandle {
    let elli = cloud(0).await;
    elli.control().plug(GARAGE, 1).await.unwrap();
    elli.control().scan(GARAGE, "0012345678").await.unwrap();
    elli.control().advance(TimeDelta::minutes(1)).await.unwrap();
    elli
}

/// Lets time pass at Elli and here.
async fn both_pass(scene: &Scene, by: TimeDelta) {
    scene.cloud.advance(by).await.unwrap();
    scene.pass(by).await;
}

async fn live(
    scene: &Scene,
    what: &str,
    is: impl Fn(&BTreeMap<String, Device>) -> bool,
) -> BTreeMap<String, Device> {
    eventually(SOON, what, async || {
        let devices = scene.devices();
        is(&devices).then_some(devices)
    })
    .await
}
