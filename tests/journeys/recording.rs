//! From the live view to the history: values on the grid, coarse tiers, and energy that is the
//! difference of meter readings.

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_engine::clock::Clock as _;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use ladebuch_tests::scene::{Scene, numbers, text};
use serde_json::{Value, json};

use crate::noon;

/// Meter readings are published with two decimals.
const ROUNDING_WH: f64 = 0.021;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING_WH
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_lie_on_the_grid_and_are_what_was_shown() {
    let scene = Scene::begin(noon(), 10).await;
    scene.control.plug(3, 1).await.unwrap();
    let mut shown = Vec::new();
    for _ in 0..30 {
        scene.run_box().await;
        let picture = scene.house.picture().await;
        shown.push((
            picture.number("chargepoint/3", "power_w"),
            picture.number("bat/2", "soc_percent"),
            picture.number("counter/0", "power_w"),
        ));
        scene.pass().await;
    }
    let end = scene.clock.now();
    for (kind, quantity, expected) in [
        (
            "charge_point",
            "power",
            shown.iter().map(|shown| shown.0).collect::<Vec<_>>(),
        ),
        (
            "battery",
            "soc",
            shown.iter().map(|shown| shown.1).collect(),
        ),
        ("grid", "power", shown.iter().map(|shown| shown.2).collect()),
    ] {
        let name = if kind == "charge_point" { "Garage" } else { "" };
        let series = scene.series(kind, name, quantity).await;
        let history = scene.power(series, noon(), end, 1_500).await;
        assert_eq!(history["step_ms"], 10_000, "raw samples");
        assert_eq!(history["start"], text(noon()));
        let drawn = &history["series"][0];
        assert_eq!(numbers(&drawn["mean"]), expected, "{kind} {quantity}");
        assert_eq!(drawn["min"], drawn["mean"]);
        assert_eq!(drawn["recovered"], json!([]));
        assert_eq!(history["gaps"], json!([]), "nothing was missed");
    }
    assert!(
        shown.iter().any(|shown| shown.0 > Some(10_000.0)),
        "the car charges: {shown:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn energy_is_the_difference_of_meter_readings_for_every_series() {
    let scene = Scene::begin(noon(), 10).await;
    scene.control.plug(3, 1).await.unwrap();
    let meters = [
        ("grid", "", "imported", "counter/0/get/imported"),
        ("grid", "", "exported", "counter/0/get/exported"),
        ("pv", "", "produced", "pv/1/get/exported"),
        ("battery", "", "imported", "bat/2/get/imported"),
        ("battery", "", "exported", "bat/2/get/exported"),
        (
            "charge_point",
            "Garage",
            "imported",
            "chargepoint/3/get/imported",
        ),
        (
            "charge_point",
            "Carport",
            "imported",
            "chargepoint/4/get/imported",
        ),
    ];
    // Counting begins with the first reading.
    scene.slot().await;
    let before = meters.map(|(.., topic)| scene.published(topic));
    scene.slots(40).await;
    for ((kind, name, quantity, topic), before) in meters.into_iter().zip(before) {
        let truth = scene.published(topic) - before;
        let series = scene.series(kind, name, quantity).await;
        let counted = total(&scene, series).await;
        assert!(
            close(counted, truth),
            "{kind} {quantity}: {counted} Wh, truly {truth} Wh"
        );
    }
    let charged = scene.series("charge_point", "Garage", "imported").await;
    assert!(
        total(&scene, charged).await > 1_000.0,
        "the car has charged"
    );
}

/// What a counter has counted since recording began.
async fn total(scene: &Scene, series: i64) -> f64 {
    let history = scene
        .energy(series, noon(), scene.clock.now(), "hour")
        .await;
    numbers(&history["series"][0]["wh"])
        .into_iter()
        .flatten()
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_minutes_and_hours_are_made_of_samples() {
    let begun = noon() - TimeDelta::minutes(10);
    let scene = Scene::begin(begun, 60).await;
    scene.control.plug(3, 1).await.unwrap();
    let mut power = Vec::new();
    let mut readings = Vec::new();
    for _ in 0..75 {
        scene.run_box().await;
        let picture = scene.house.picture().await;
        power.push(picture.number("counter/0", "power_w").unwrap());
        readings.push(picture.number("counter/0", "imported_wh").unwrap());
        scene.pass().await;
    }
    let end = noon() + TimeDelta::hours(1);
    rolled_up(&scene, end).await;

    let series = scene.series("grid", "", "power").await;
    let power = &power[10..70];
    for (points, step, per_point) in [(30, 300_000, 5), (2, 3_600_000, 60)] {
        let history = scene.power(series, noon(), end, points).await;
        assert_eq!(history["step_ms"], step);
        let drawn = &history["series"][0];
        let of = |field: &str| numbers(&drawn[field]);
        let (means, mins, maxes) = (of("mean"), of("min"), of("max"));
        assert_eq!(means.len(), 60 / per_point);
        for (i, samples) in power.chunks(per_point).enumerate() {
            let mean = samples.iter().sum::<f64>() / samples.len() as f64;
            assert!((means[i].unwrap() - mean).abs() < 1e-6, "{i}: {mean}");
            assert_eq!(mins[i], samples.iter().copied().reduce(f64::min));
            assert_eq!(maxes[i], samples.iter().copied().reduce(f64::max));
        }
    }

    // Hours in Berlin begin at full hours of UTC.
    let series = scene.series("grid", "", "imported").await;
    let history = scene.energy(series, begun, end, "hour").await;
    let bars = numbers(&history["series"][0]["wh"]);
    assert!(
        close(bars[0].unwrap(), readings[9] - readings[0]),
        "counting began with a reading"
    );
    assert!(close(bars[1].unwrap(), readings[69] - readings[9]));
    assert_eq!(
        history["series"][0]["marks"],
        json!(["partial", "measured"])
    );
}

/// The raw samples of long ago are gone, and the history is as it was.
#[tokio::test(flavor = "multi_thread")]
async fn when_raw_samples_are_let_go_the_history_stays() {
    let scene = Scene::begin(noon(), 60).await;
    scene
        .house
        .api
        .patch(
            "/api/v1/settings",
            &json!({"recording": {"raw_retention_days": 1}}),
        )
        .await;
    scene.control.plug(3, 1).await.unwrap();
    scene.slots(70).await;
    let end = noon() + TimeDelta::hours(1);
    rolled_up(&scene, end).await;
    let power = scene.series("grid", "", "power").await;
    let imported = scene.series("grid", "", "imported").await;
    let energy = async || scene.energy(imported, noon(), end, "hour").await["series"].clone();
    let before = (
        scene.power(power, noon(), end, 20).await["series"].clone(),
        energy().await,
    );
    let raw = scene.power(power, noon(), end, 1_500).await;
    assert_eq!(raw["step_ms"], 60_000);

    // Two days later.
    scene.clock.advance(TimeDelta::days(2));
    scene.slots(2).await;
    eventually(SOON, "raw samples of two days ago are gone", async || {
        let history = scene.power(power, noon(), end, 1_500).await;
        (history["step_ms"] == 300_000).then_some(())
    })
    .await;
    let after = (
        scene.power(power, noon(), end, 20).await["series"].clone(),
        energy().await,
    );
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_holds_what_the_chart_shows() {
    let scene = Scene::begin(noon(), 10).await;
    scene.slots(6).await;
    let series = scene.series("grid", "", "power").await;
    let (from, to) = (text(noon()), text(scene.clock.now()));
    let query = format!("series={series}&from={from}&to={to}&max_points=1500");
    let history = scene
        .house
        .api
        .get(&format!("/api/v1/history/power?{query}"))
        .await;
    let csv = scene
        .house
        .api
        .bytes(&format!("/api/v1/history/power.csv?{query}"))
        .await;
    let csv = String::from_utf8(csv).unwrap();
    for mean in numbers(&history["series"][0]["mean"]) {
        let mean = mean.unwrap();
        assert!(csv.contains(&mean.to_string()), "{mean} in:\n{csv}");
    }
    assert_eq!(
        csv.trim_end().lines().count(),
        7,
        "a heading and six samples:\n{csv}"
    );
}

async fn rolled_up(scene: &Scene, until: DateTime<Utc>) {
    eventually(SOON, "slots are rolled up", async || {
        let status = scene.house.api.get("/api/v1/status").await;
        let task = status["tasks"]
            .as_array()?
            .iter()
            .find(|task| task["name"] == "roll_up")?;
        assert_eq!(task["last_error"], Value::Null);
        (task["last_run_at"].as_str()? >= text(until).as_str()).then_some(())
    })
    .await;
}
