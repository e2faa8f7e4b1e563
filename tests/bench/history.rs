//! A year's chart of 20 series, from the request to the last byte of JSON.

use std::time::{Duration, Instant};

use ladebuch_tests::program::Start;
use ladebuch_tests::scene::text;
use serde_json::Value;

use crate::recorded_year::{RecordedYear, SERIES};
use crate::table::{Row, Sorted};

const TARGET: Duration = Duration::from_millis(25);

pub async fn measure(year: &RecordedYear, quick: bool) -> Vec<Row> {
    let rounds = if quick { 15 } else { 101 };
    let server = Start::new(year.dir()).ready().await;
    let api = server.api(year.dir());
    let list = api.get("/api/v1/series").await;
    let ids: Vec<String> = list["series"]
        .as_array()
        .unwrap()
        .iter()
        .map(|series| series["id"].to_string())
        .collect();
    assert_eq!(ids.len(), SERIES as usize);
    // The check of the file that every start begins reads as much as it can get.
    ladebuch_tests::eventually::eventually(
        Duration::from_secs(60),
        "the check is over",
        async || {
            let status = api.get("/api/v1/status").await;
            (status["database"]["state"] == "ok").then_some(())
        },
    )
    .await;
    let (ids, from, to) = (ids.join(","), text(year.from), text(year.to));
    let query = format!("/api/v1/history/power?series={ids}&from={from}&to={to}&max_points=1500");
    let mut times = Vec::new();
    let mut body = Vec::new();
    for _ in 0..rounds {
        let begun = Instant::now();
        body = api.bytes(&query).await;
        times.push(begun.elapsed());
    }
    let history: Value = serde_json::from_slice(&body).unwrap();
    let points = history["series"][0]["mean"].as_array().unwrap().len();
    assert!((1_000..=1_500).contains(&points), "{points} points");
    let times = Sorted::new(times);
    let ok = times.percentile(50.0) <= TARGET;
    vec![
        Row::new(
            "one year × 20 series over HTTP as JSON",
            "≤ 25 ms",
            times.spread(),
            ok,
        ),
        Row::note(
            "  size of the answer",
            format!(
                "{:.2} MB, {points} points a series",
                body.len() as f64 / 1e6
            ),
        ),
    ]
}
