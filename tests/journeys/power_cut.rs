//! The power goes while Ladebuch records. What was committed is there afterwards; what was not seen
//! is marked; its energy is not lost.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_engine::clock::{Clock as _, SystemClock};
use ladebuch_sim::household::{Device, Traffic};
use ladebuch_sim::{SimConfig, SimHandle, Simulation};
use ladebuch_tests::api::Api;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::program::Start;
use ladebuch_tests::scene::{Scene, numbers, text};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::noon;

const METER: &str = "chargepoint/3/get/imported";

/// A box in real time: a few control cycles of ten seconds.
const CYCLES: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_has_lost_nothing_it_had_committed() {
    let begun = SystemClock::default().now();
    let sim = Simulation::start(SimConfig {
        traffic: Traffic::ByHand,
        ..SimConfig::new(begun)
    });
    let sim = sim.await.unwrap();
    let dir = TempDir::new().unwrap();
    let start = Start {
        openwb: Some(sim.addr()),
        ..Start::new(dir.path())
    };

    let mut server = start.ready().await;
    let api = server.api(dir.path());
    api.patch("/api/v1/settings", &json!({"recording": {"interval_s": 5}}))
        .await;
    let first = newer_slot(&api, None).await;
    let meter_at_first = meter_wh(&sim).await;
    sim.control().plug(3, 1).await.unwrap();
    charged(&sim, meter_at_first + 20.0).await;
    let last = newer_slot(&api, Some(newer_slot(&api, Some(first)).await)).await;
    let from = begun - TimeDelta::minutes(1);
    let before = recorded(&api, from, last).await;
    server.kill();

    let meter_when_killed = meter_wh(&sim).await;
    charged(&sim, meter_when_killed + 45.0).await;
    let server = start.ready().await;
    let api = server.api(dir.path());
    let resumed = newer_slot(&api, Some(last)).await;
    sim.control().unplug(3).await.unwrap();
    // The meter stands still from now on; two more slots have seen where it ended.
    let stopped = newer_slot(&api, Some(resumed)).await;
    let meter_at_end = meter_wh(&sim).await;
    eventually(CYCLES, "the last meter reading is recorded", async || {
        let picture = api.get("/api/v1/live").await;
        let point = picture["devices"]
            .as_array()?
            .iter()
            .find(|d| d["external_id"] == "chargepoint/3");
        let shown = point?["imported_wh"].as_f64()?;
        ((shown - meter_at_end).abs() < 0.02).then_some(())
    })
    .await;
    let end = newer_slot(&api, Some(newer_slot(&api, Some(stopped)).await)).await;

    assert_eq!(
        recorded(&api, from, last).await,
        before,
        "what was committed is as it was"
    );
    let history = power(&api, from, end).await;
    let gap = history["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|gap| gap["cause"] == "recorder_off");
    let gap = gap.unwrap_or_else(|| panic!("a gap in {history:#}"));
    let (gap_from, gap_to) = (time(&gap["from"]), time(&gap["to"]));
    assert!(
        gap_from >= last,
        "the gap begins where recording ended: {gap}"
    );
    assert!(
        gap_to <= resumed && gap_to - gap_from >= TimeDelta::seconds(5),
        "{gap}"
    );
    let counted = total(&api, from, end).await;
    let truth = meter_at_end - meter_at_first;
    assert!(
        (counted - truth).abs() < 0.03,
        "{counted} Wh counted, {truth} Wh charged"
    );
    assert!(truth > 65.0, "the car has charged: {truth} Wh");
    sim.stop().await;
}

/// The same on a clock by hand, over more than an hour.
#[tokio::test(flavor = "multi_thread")]
async fn energy_of_an_hour_without_ladebuch_arrives_as_recovered() {
    let scene = Scene::begin(noon(), 60).await;
    scene.control.plug(3, 1).await.unwrap();
    scene.slot().await;
    let meter_at_first = scene.published(METER);
    scene.slots(49).await;
    let off_from = scene.clock.now();
    let before = scene.published(METER);
    // 80 minutes without Ladebuch: the whole hour from 13:00 is in the dark.
    let off = TimeDelta::minutes(80);
    scene.control.advance(off).await.unwrap();
    scene.clock.advance(off);
    let scene = scene.restart().await;
    scene.slots(25).await;
    let truth = scene.published(METER) - before;
    let end = scene.clock.now();

    let series = scene.series("charge_point", "Garage", "imported").await;
    let history = scene.energy(series, noon(), end, "hour").await;
    let bars = numbers(&history["series"][0]["wh"]);
    assert_eq!(
        history["series"][0]["marks"].as_array().unwrap()[1],
        "none",
        "13:00 was not seen"
    );
    assert_eq!(bars[1], None);
    let (first, last) = (bars[0].unwrap(), bars[2].unwrap());
    assert!(
        (first - (before - meter_at_first)).abs() < 0.03,
        "{first} Wh before"
    );
    assert!(
        (last - truth).abs() < 0.05,
        "{last} Wh arrive afterwards, {truth} Wh were charged"
    );
    let gaps = history["gaps"].as_array().unwrap();
    let gap = gaps
        .iter()
        .find(|gap| gap["cause"] == "recorder_off")
        .unwrap();
    assert_eq!(time(&gap["from"]), off_from);

    // At the full hour the last bar is complete.
    scene.slots(25).await;
    let history = scene
        .energy(series, noon(), noon() + TimeDelta::hours(3), "hour")
        .await;
    assert_eq!(
        history["series"][0]["marks"],
        json!(["partial", "none", "recovered"])
    );
}

/// The end of a stored slot later than `than`.
async fn newer_slot(api: &Api, than: Option<DateTime<Utc>>) -> DateTime<Utc> {
    eventually(CYCLES, "another slot is stored", async || {
        let status = api.get("/api/v1/status").await;
        let series = api.get("/api/v1/series").await;
        let slot: DateTime<Utc> = status["recorder"]["last_slot_at"].as_str()?.parse().ok()?;
        let new = than.is_none_or(|than| slot > than);
        (new && !series["series"].as_array()?.is_empty()).then_some(slot)
    })
    .await
}

/// What the charge point's meter truly shows.
async fn meter_wh(sim: &SimHandle) -> f64 {
    let household = sim.control().observe().await.unwrap().household;
    household.meter(Device::ChargePoint(3)).unwrap().imported_wh
}

async fn charged(sim: &SimHandle, meter: f64) {
    eventually(CYCLES, "the car charges", async || {
        (meter_wh(sim).await >= meter).then_some(())
    })
    .await;
}

/// Every value of every gauge up to a moment.
async fn recorded(api: &Api, from: DateTime<Utc>, to: DateTime<Utc>) -> Value {
    power(api, from, to).await["series"].clone()
}

async fn ids(api: &Api, counters: bool) -> String {
    let list = api.get("/api/v1/series").await;
    let of_kind = |series: &&Value| (series["unit"] == "Wh") == counters;
    let ids = list["series"].as_array().unwrap().iter().filter(of_kind);
    ids.map(|series| series["id"].to_string())
        .collect::<Vec<_>>()
        .join(",")
}

async fn power(api: &Api, from: DateTime<Utc>, to: DateTime<Utc>) -> Value {
    let (series, from, to) = (ids(api, false).await, text(from), text(to));
    let query = format!("series={series}&from={from}&to={to}&max_points=5000");
    api.get(&format!("/api/v1/history/power?{query}")).await
}

/// What the charge point has charged since recording began, as of `to`.
async fn total(api: &Api, from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    let list = api.get("/api/v1/series").await;
    let series = list["series"].as_array().unwrap().iter().find(|series| {
        series["device_kind"] == "charge_point"
            && series["device_name"] == "Garage"
            && series["quantity"] == "imported"
    });
    let (id, from, to) = (&series.unwrap()["id"], text(from), text(to));
    let query = format!("series={id}&from={from}&to={to}&interval=hour");
    let history = api.get(&format!("/api/v1/history/energy?{query}")).await;
    numbers(&history["series"][0]["wh"])
        .into_iter()
        .flatten()
        .sum()
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}
