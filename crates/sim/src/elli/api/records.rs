//! History: pages of records, their sum, and the document.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::super::archive::{NewRecord, Record};
use super::super::auth::Parameters;
use super::super::identity::{iso, uuid};
use super::super::{Cloud, Fault, Station, lock};
use super::stations::{location_id, name};
use super::{Answer, Bearer, Problem, dress, pdf, sessions};

/// Records on a page when nobody says how many.
const PAGE: usize = 100;
/// Records on a page at most.
const LONGEST_PAGE: usize = 1000;
/// The same with [`Fault::SmallPages`].
const SMALL_PAGE: usize = 25;

const INDISPENSABLE: &[&str] = &[
    "id",
    "created_at",
    "total_energy_wh",
    "start_date_time",
    "stop_date_time",
    "session_faulted",
    "charging_session_id",
    "transaction_id",
    "connector_id",
    "station_id",
    "station_serial_number",
    "station_name",
    "station_model",
];

/// Which records of which station are meant.
struct Selection<'a> {
    station: &'a Station,
    after: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
}

impl<'a> Selection<'a> {
    /// Reads `station_id` and the two bounds, whose names differ between endpoints.
    async fn read(
        cloud: &'a Cloud,
        query: &Parameters,
        [after, before]: [&str; 2],
    ) -> Result<Self, Problem> {
        let id = query
            .get("station_id")
            .ok_or_else(|| Problem::invalid("station_id is missing"))?;
        let time = |name: &str| {
            let parse = |text: &str| {
                DateTime::parse_from_rfc3339(text)
                    .map(|at| at.to_utc())
                    .map_err(|_| Problem::invalid(format!("{name} is no ISO 8601 time")))
            };
            query.get(name).map(parse).transpose()
        };
        Ok(Self {
            station: cloud.station(id).ok_or_else(Problem::no_station)?,
            after: time(after)?,
            before: time(before)?,
            now: cloud.now().await?.now,
        })
    }

    /// By the time of creation, without the bounds themselves, newest first.
    fn of(&self, cloud: &Cloud) -> Vec<Record> {
        if cloud.faults.is_on(Fault::NoRecords) {
            return Vec::new();
        }
        lock(&cloud.archive)
            .of_station(self.station.charge_point, self.now)
            .filter(|record| self.after.is_none_or(|after| record.created_at > after))
            .filter(|record| self.before.is_none_or(|before| record.created_at < before))
            .rev()
            .cloned()
            .collect()
    }
}

pub(super) async fn list(
    State(cloud): State<Arc<Cloud>>,
    Extension(Bearer(token)): Extension<Bearer>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let number = |name: &str, default| match query.get(name) {
        None => Ok(default),
        Some(text) => text
            .parse::<usize>()
            .map_err(|_| Problem::invalid(format!("{name} is no number"))),
    };
    let longest = if cloud.faults.is_on(Fault::SmallPages) {
        SMALL_PAGE
    } else {
        LONGEST_PAGE
    };
    let (limit, offset) = (number("limit", PAGE)?.min(longest), number("offset", 0)?);
    if query.get("sort").is_some_and(|sort| sort != "created_at") {
        return Err(Problem::invalid("records can be sorted by created_at"));
    }
    let further = offset > 0;
    if further
        && cloud.faults.strikes(Fault::Paging401)
        && !lock(&cloud.auth).grants.turn_page(&token)
    {
        return Err(Problem::unauthorized());
    }
    let selection = Selection::read(&cloud, &query, ["created_after", "created_before"]).await?;
    if further && cloud.faults.strikes(Fault::InsertWhilePaging) {
        slip_in(&cloud, &selection);
    }
    let mut records = selection.of(&cloud);
    if cloud.faults.is_on(Fault::OldestFirst) {
        records.reverse();
    }
    let page: Vec<Value> = records
        .iter()
        .skip(offset)
        .take(limit)
        .map(|record| describe(&cloud, selection.station, record))
        .collect();
    Ok(Json(json!({
        "limit": limit,
        "offset": offset,
        "total_count": records.len(),
        "charging_records": page,
    })))
}

/// A short charge ends while somebody turns the page.
fn slip_in(cloud: &Cloud, selection: &Selection<'_>) {
    let record = NewRecord {
        charge_point: selection.station.charge_point,
        start: selection.now - TimeDelta::minutes(31),
        stop: selection.now - TimeDelta::minutes(1),
        created_at: selection.now,
        energy_wh: 1_830,
        faulted: false,
        tag: None,
    };
    lock(&cloud.archive).insert(record, &cloud.cards);
}

fn describe(cloud: &Cloud, station: &Station, record: &Record) -> Value {
    let card = record.card.as_ref();
    let mut object = json!({
        "id": record.id,
        "created_at": iso(record.created_at),
        "total_energy_wh": record.energy_wh,
        "start_date_time": iso(record.start),
        "stop_date_time": iso(record.stop),
        "session_faulted": record.faulted,
        "charging_session_id": record.session_id,
        "transaction_id": uuid(cloud.seed, "transaction", &record.id),
        "connector_id": 1,
        "station_id": station.id(cloud.seed),
        "station_serial_number": station.serial_number,
        "station_name": name(cloud, station),
        "station_model": station.model,
        "authentication_method": sessions::method(card),
        "authorization_mode": "authorization_csms",
        "location": {"id": location_id(cloud)},
    });
    if cloud.faults.is_on(Fault::StringEnergies) {
        object["total_energy_wh"] = record.energy_wh.to_string().into();
    }
    if let Some(card) = card {
        object["rfid_card_id"] = card.id.as_str().into();
        object["rfid_card_serial_number"] = card.number.as_str().into();
    }
    dress(cloud, object, INDISPENSABLE)
}

pub(super) async fn total(State(cloud): State<Arc<Cloud>>, RawQuery(query): RawQuery) -> Answer {
    if cloud.faults.strikes(Fault::Total500) {
        return Err(Problem::failure());
    }
    if cloud.faults.strikes(Fault::NoTotal) {
        return Err(Problem::missing("There is no such resource"));
    }
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let selection = Selection::read(&cloud, &query, ["created_after", "created_before"]).await?;
    let records = selection.of(&cloud);
    let energy: u64 = records.iter().map(|record| record.energy_wh).sum();
    let energy: Value = if cloud.faults.is_on(Fault::StringEnergies) {
        energy.to_string().into()
    } else {
        energy.into()
    };
    Ok(Json(json!({
        "total_count": records.len(),
        "total_energy_wh": energy,
    })))
}

pub(super) async fn document(
    State(cloud): State<Arc<Cloud>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let bounds = ["created_at_after", "created_at_before"];
    let selection = Selection::read(&cloud, &query, bounds).await?;
    let (Some(after), Some(before)) = (selection.after, selection.before) else {
        return Err(Problem::invalid(
            "created_at_after and created_at_before are both needed",
        ));
    };
    let zone: Tz = query
        .get("pdf_timezone")
        .unwrap_or("Europe/Berlin")
        .parse()
        .map_err(|_| Problem::invalid("pdf_timezone is no time zone"))?;
    let mut records = selection.of(&cloud);
    records.reverse();
    if let Some(card) = query.get("rfid_card_id") {
        records.retain(|record| record.card.as_ref().is_some_and(|own| own.id == card));
    }
    let station = selection.station;
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).format("%d.%m.%Y %H:%M").to_string();
    let kwh = |wh: u64| format!("{}.{:03}", wh / 1000, wh % 1000);
    let mut lines = vec![
        format!("Charging records of {}", name(&cloud, station)),
        format!("{}, serial number {}", station.model, station.serial_number),
        format!("{} to {} ({zone})", local(after), local(before)),
        String::new(),
        format!("{:<18}{:<18}{:>10}  {}", "Start", "Stop", "kWh", "Card"),
    ];
    lines.extend(records.iter().map(|record| {
        let card = record.card.as_ref().map_or("-", |card| &card.number);
        format!(
            "{:<18}{:<18}{:>10}  {card}{}",
            local(record.start),
            local(record.stop),
            kwh(record.energy_wh),
            if record.faulted { "  (faulted)" } else { "" },
        )
    }));
    let sum = records.iter().map(|record| record.energy_wh).sum();
    lines.push(String::new());
    lines.push(format!(
        "{:<36}{:>10}  {} records",
        "Total",
        kwh(sum),
        records.len()
    ));
    let kind = [(header::CONTENT_TYPE, "application/pdf")];
    Ok((kind, pdf::document(&lines)).into_response())
}
