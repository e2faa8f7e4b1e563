//! Wallboxes: what they are, where they hang, and how to restart them.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::identity::{iso, uuid};
use super::super::{Cloud, Fault, Station, lock};
use super::{Answer, Problem, dress};

/// How long a hanging answer takes.
const HANG: Duration = Duration::from_secs(30);
/// How long a station is away while it restarts.
const REBOOT: TimeDelta = TimeDelta::seconds(90);
/// How often a station reports.
const REPORTS: i64 = 60;

pub(super) async fn list(State(cloud): State<Arc<Cloud>>) -> Answer {
    if cloud.faults.strikes(Fault::Hang) {
        tokio::select! {
            () = tokio::time::sleep(HANG) => {}
            () = cloud.over.cancelled() => {}
        }
    }
    let now = cloud.now().await?.now;
    let stations = cloud.stations().iter();
    let stations: Vec<Value> = stations
        .map(|station| describe(&cloud, station, now))
        .collect();
    Ok(Json(json!({"stations": stations})))
}

pub(super) async fn one(State(cloud): State<Arc<Cloud>>, Path(id): Path<String>) -> Answer {
    let now = cloud.now().await?.now;
    let station = cloud.station(&id).ok_or_else(Problem::no_station)?;
    Ok(Json(describe(&cloud, station, now)))
}

/// What every record and station calls a station now.
pub(super) fn name(cloud: &Cloud, station: &Station) -> String {
    if cloud.faults.is_on(Fault::SameName) {
        "Wallbox".to_owned()
    } else {
        station.name.clone()
    }
}

pub(super) fn location_id(cloud: &Cloud) -> String {
    uuid(cloud.seed, "location", "")
}

fn firmware_of(cloud: &Cloud, station: &Station) -> Value {
    json!({
        "id": uuid(cloud.seed, "firmware", &station.firmware_version),
        "version": station.firmware_version,
        "release_notes_link": "https://www.elli.eco/en/release-notes",
    })
}

fn address() -> Value {
    json!({"street": "Lindenweg 7", "zip": "38440", "city": "Wolfsburg", "country": "DE"})
}

/// Since when a station is away, if it is.
pub(super) fn away_since(
    cloud: &Cloud,
    station: &Station,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let back_at = lock(&cloud.reboots).get(&station.charge_point).copied();
    back_at
        .filter(|back_at| *back_at > now)
        .map(|back_at| back_at - REBOOT)
}

fn describe(cloud: &Cloud, station: &Station, now: DateTime<Utc>) -> Value {
    let away = away_since(cloud, station, now);
    let contact = match away {
        Some(since) => since,
        None => {
            let second = now.timestamp();
            DateTime::from_timestamp(second - second.rem_euclid(REPORTS), 0).unwrap_or(now)
        }
    };
    let unknown = cloud.faults.is_on(Fault::NoSerial);
    let known = |text: &str| if unknown { Value::Null } else { text.into() };
    let object = json!({
        "id": station.id(cloud.seed),
        "name": name(cloud, station),
        "serial_number": known(&station.serial_number),
        "model": station.model,
        "firmware_version": known(&station.firmware_version),
        "connection_state": if away.is_some() { "disconnected" } else { "connected" },
        "connectors": [{"id": "1", "availability": "available"}],
        "last_contact": iso(contact),
        "lifecycle_state": "activated",
        "authorization_mode": "authorization_csms",
        "location": {
            "id": location_id(cloud),
            "address": address(),
            "geo_location": {"latitude": "52.4226", "longitude": "10.7865"},
            "description": "Zuhause",
        },
    });
    dress(cloud, object, &["id", "name"])
}

pub(super) async fn firmware(State(cloud): State<Arc<Cloud>>) -> Answer {
    if cloud.faults.strikes(Fault::Firmware500) {
        return Err(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "FETCH_FIRMWARE_FAILURE",
            "Failed to fetch firmware information for all stations",
        ));
    }
    let stations = cloud.stations().iter().map(|station| {
        json!({
            "id": station.id(cloud.seed),
            "name": name(&cloud, station),
            "installed_firmware": firmware_of(&cloud, station),
        })
    });
    Ok(Json(json!({"stations": stations.collect::<Vec<_>>()})))
}

/// The shape is that of the API's predecessor; nobody has published the present one.
pub(super) async fn locations(State(cloud): State<Arc<Cloud>>) -> Answer {
    if cloud.faults.strikes(Fault::Locations401) {
        return Err(Problem::unauthorized());
    }
    let stations = cloud.stations().iter();
    let ids: Vec<Value> = stations
        .map(|station| json!({"id": station.id(cloud.seed)}))
        .collect();
    Ok(Json(json!({
        "locations": [{
            "id": location_id(&cloud),
            "address": address(),
            "description": "Zuhause",
            "stations": ids,
        }],
    })))
}

/// Nobody has published a single field of it.
pub(super) async fn schedule(State(cloud): State<Arc<Cloud>>, Path(id): Path<String>) -> Answer {
    cloud.station(&id).ok_or_else(Problem::no_station)?;
    Ok(Json(json!({})))
}

#[derive(Debug, Deserialize)]
pub(super) struct Reboot {
    reboot_mode: String,
    station_id: String,
}

pub(super) async fn reboot(
    State(cloud): State<Arc<Cloud>>,
    Path(id): Path<String>,
    order: Result<Json<Reboot>, JsonRejection>,
) -> Answer {
    if cloud.faults.is_on(Fault::NoReboot) {
        return Err(Problem::missing("There is no such resource"));
    }
    let Json(order) = order.map_err(|error| Problem::invalid(error.body_text()))?;
    let station = cloud.station(&id).ok_or_else(Problem::no_station)?;
    if order.station_id != id || order.reboot_mode != "immediate" {
        return Err(Problem::invalid(
            "station_id has to be the station, reboot_mode immediate",
        ));
    }
    let now = cloud.now().await?.now;
    lock(&cloud.reboots).insert(station.charge_point, now + REBOOT);
    Ok(Json(json!({"status": "accepted"})))
}
