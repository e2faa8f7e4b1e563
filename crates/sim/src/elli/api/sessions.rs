//! What hangs on the cables now.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::archive::{Record, session_id};
use super::super::auth::Parameters;
use super::super::identity::iso;
use super::super::station::Card;
use super::super::{Cloud, Fault, Station, lock};
use super::{Answer, Problem, dress, stations};
use crate::household::{ChargePoint, Household, MIN_CURRENT_A, PlugSession};

/// How long a finished session is listed with [`Fault::FinishedSessions`].
const RECENT: TimeDelta = TimeDelta::hours(24);

const INDISPENSABLE: &[&str] = &["id", "station_id", "start_date_time"];

/// A plug-in that lasts.
struct Live {
    session: PlugSession,
    energy_wh: u64,
    watts: f64,
    state: &'static str,
}

impl Live {
    fn of(point: &ChargePoint, household: &Household) -> Option<Self> {
        let session = point.session()?.clone();
        let wants_energy = household
            .vehicles()
            .iter()
            .any(|vehicle| vehicle.id == session.vehicle && vehicle.wants_energy());
        let state = if point.is_charging() {
            "charging"
        } else if wants_energy && point.allowed_a() < MIN_CURRENT_A {
            "paused"
        } else {
            "idle"
        };
        let energy = (point.meter.imported_wh - session.imported_at_start_wh).max(0.0);
        Some(Self {
            energy_wh: energy.round() as u64,
            watts: point.meter.power_w,
            state,
            session,
        })
    }

    /// Whole watts, or what a meter really says.
    fn watts(&self, cloud: &Cloud) -> Value {
        if cloud.faults.is_on(Fault::FractionalWatts) {
            // Never a round number while something flows.
            let odd = if self.watts > 0.0 { 0.31 } else { 0.0 };
            ((self.watts * 100.0).round() / 100.0 + odd).into()
        } else {
            (self.watts.round() as u64).into()
        }
    }

    fn card<'a>(&self, cloud: &'a Cloud) -> Option<&'a Card> {
        let tag = self.session.tag?;
        cloud.cards.iter().find(|card| card.tag == tag)
    }
}

/// How somebody with or without a card is said to have begun.
pub(super) fn method(card: Option<&Card>) -> &'static str {
    match card {
        Some(_) => "private_card_owned",
        None => "private_remote",
    }
}

pub(super) async fn list(State(cloud): State<Arc<Cloud>>, RawQuery(query): RawQuery) -> Answer {
    if cloud.faults.strikes(Fault::Sessions500) {
        return Err(Problem::failure());
    }
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let with_speed = query.get("include_momentary_charging_speed_watts") == Some("true");
    let (now, mut live) = cloud
        .look(|moment, household| {
            let live: Vec<(&Station, Live)> = cloud
                .stations()
                .iter()
                .filter_map(|station| {
                    let point = household.point(station.charge_point)?;
                    Some((station, Live::of(point, household)?))
                })
                .collect();
            (moment.now, live)
        })
        .await?;
    live.sort_by_key(|(_, live)| std::cmp::Reverse(live.session.plugged_at));
    let mut sessions: Vec<Value> = live
        .iter()
        .map(|(station, live)| running(&cloud, station, live, now, with_speed))
        .collect();
    if cloud.faults.is_on(Fault::FinishedSessions) {
        sessions.extend(finished(&cloud, now));
    }
    Ok(Json(json!({"charging_sessions": sessions})))
}

fn running(
    cloud: &Cloud,
    station: &Station,
    live: &Live,
    now: DateTime<Utc>,
    with_speed: bool,
) -> Value {
    let card = live.card(cloud);
    let mut object = json!({
        "id": session_id(cloud.seed, &live.session),
        "station_id": station.id(cloud.seed),
        "start_date_time": iso(live.session.plugged_at),
        "end_date_time": null,
        "energy_consumption_wh": live.energy_wh,
        "lifecycle_state": "active",
        "charging_state": live.state,
        "connector_id": 1,
        "authentication_method": method(card),
        "authorization_mode": "authorization_csms",
        "rfid_card_id": card.map(|card| &card.id),
        "rfid_card_serial_number": card.map(|card| &card.number),
        "last_updated": iso(stations::away_since(cloud, station, now).unwrap_or(now)),
    });
    if with_speed {
        object["momentary_charging_speed_watts"] = live.watts(cloud);
    }
    dress(cloud, object, INDISPENSABLE)
}

fn finished(cloud: &Cloud, now: DateTime<Utc>) -> Vec<Value> {
    let archive = lock(&cloud.archive);
    let mut recent: Vec<(&Station, &Record)> = cloud
        .stations()
        .iter()
        .flat_map(|station| {
            archive
                .of_station(station.charge_point, now)
                .filter(|record| record.stop > now - RECENT)
                .map(move |record| (station, record))
        })
        .collect();
    recent.sort_by_key(|(_, record)| std::cmp::Reverse(record.start));
    let objects = recent.into_iter().map(|(station, record)| {
        let card = record.card.as_ref();
        let object = json!({
            "id": record.session_id,
            "station_id": station.id(cloud.seed),
            "start_date_time": iso(record.start),
            "end_date_time": iso(record.stop),
            "energy_consumption_wh": record.energy_wh,
            "momentary_charging_speed_watts": null,
            "lifecycle_state": if record.faulted { "aborted" } else { "completed" },
            "charging_state": "idle",
            "connector_id": 1,
            "authentication_method": method(card),
            "authorization_mode": "authorization_csms",
            "rfid_card_id": card.map(|card| &card.id),
            "rfid_card_serial_number": card.map(|card| &card.number),
            "last_updated": iso(record.stop),
        });
        dress(cloud, object, INDISPENSABLE)
    });
    objects.collect()
}

/// Of the running session; 409 while there is none.
pub(super) async fn accumulated(
    State(cloud): State<Arc<Cloud>>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let id = query
        .get("station_id")
        .ok_or_else(|| Problem::invalid("station_id is missing"))?;
    let station = cloud.station(id).ok_or_else(Problem::no_station)?;
    let live = cloud
        .look(|_, household| Live::of(household.point(station.charge_point)?, household))
        .await?
        .ok_or_else(|| {
            let text = "The car is not plugged in";
            Problem::new(StatusCode::CONFLICT, "CAR_NOT_PLUGGED_IN", text)
        })?;
    Ok(Json(json!({
        "accumulated_energy_wh": live.energy_wh,
        "momentary_charging_speed_watts": live.watts(&cloud),
        "start_date_time": iso(live.session.plugged_at),
    })))
}
