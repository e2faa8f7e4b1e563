//! The charge log as files.

use std::net::{Ipv4Addr, SocketAddr};

use chrono::TimeDelta;
use ladebuch_sim::household::history;
use ladebuch_sim::{Generation, SimConfig, SimHandle, Simulation};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::noon;

async fn with_past(generation: Generation) -> SimHandle {
    let mut past = history(1, noon() - TimeDelta::days(40), noon(), TimeDelta::hours(1));
    past.by_ref().for_each(drop);
    Simulation::start(SimConfig {
        generation,
        http: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        household: Some(past.into_household()),
        ..SimConfig::by_hand(noon())
    })
    .await
    .unwrap()
}

/// Sends a request head and returns status line, headers and body.
async fn request(sim: &SimHandle, head: &str) -> (String, String, String) {
    let mut stream = TcpStream::connect(sim.http_addr().unwrap()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let (status, headers) = head.split_once("\r\n").unwrap();
    assert!(headers.contains(&format!("Content-Length: {}", body.len())));
    (status.to_owned(), headers.to_owned(), body.to_owned())
}

async fn get(sim: &SimHandle, path: &str) -> (String, String, String) {
    request(sim, &format!("GET {path} HTTP/1.1\r\nHost: box\r\n\r\n")).await
}

#[tokio::test]
async fn a_2_x_hands_out_json_by_month() {
    let sim = with_past(Generation::V2).await;
    let (status, headers, body) = get(&sim, "/openWB/data/charge_log/202605.json").await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(headers.contains("Content-Type: application/json"));
    let entries: Vec<Value> = serde_json::from_str(&body).unwrap();
    assert!(entries.len() > 5);
    for entry in &entries {
        let end = entry["time"]["end"].as_str().unwrap();
        assert!(end.starts_with("05/") && end.contains("/2026, "), "{end}");
        assert!(entry["data"]["imported_since_mode_switch"].is_number());
    }
    for path in [
        "/openWB/data/charge_log/202512.json",
        "/openWB/data/charge_log/2026-05.json",
        "/openWB/data/charge_log/",
        "/openWB/web/logging/data/ladelog/202605.csv",
        "/",
    ] {
        assert_eq!(get(&sim, path).await.0, "HTTP/1.1 404 Not Found", "{path}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_1_9_hands_out_lines_newest_first() {
    let sim = with_past(Generation::V1_9).await;
    let path = "/openWB/web/logging/data/ladelog/202605.csv";
    let (status, _, body) = get(&sim, &format!("{path}?nocache=1")).await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(body.ends_with("\n\n"));
    let days: Vec<&str> = body
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| line.split(',').nth(1).unwrap())
        .collect();
    assert!(days.len() > 5);
    assert!(days.windows(2).all(|pair| pair[0][..2] >= pair[1][..2]));
    assert!(days.iter().all(|end| &end[2..8] == ".05.26"));
    let missing = get(&sim, "/openWB/web/logging/data/ladelog/202512.csv").await;
    assert_eq!(missing.0, "HTTP/1.1 404 Not Found");
    sim.stop().await;
}

#[tokio::test]
async fn anything_but_a_get_is_refused() {
    let sim = with_past(Generation::V2).await;
    let (status, headers, _) = request(&sim, "POST / HTTP/1.1\r\nHost: box\r\n\r\n").await;
    assert_eq!(status, "HTTP/1.1 405 Method Not Allowed");
    assert!(headers.contains("Allow: GET"));
    let (status, ..) = request(&sim, "hello\r\n\r\n").await;
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
    let endless = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(8 * 1024));
    let (status, ..) = request(&sim, &endless).await;
    assert!(status.contains("431"), "{status}");
    sim.stop().await;
}
