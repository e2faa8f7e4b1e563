//! Records: what was charged.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::json::Fields;
use crate::private::{CardNumber, Raw};

use super::{AuthenticationMethod, AuthorizationMode, FaultCause, Location};

/// A charging session that ended, as Elli keeps it. Says neither prices nor readings of the meter.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// All of it, as it was sent.
    pub raw: Raw,
    /// Id of the record. Stable; that of the session is another.
    pub id: String,
    /// When Elli wrote it down. Elli filters by this time, which may be long after the end.
    pub created_at: Option<DateTime<Utc>>,
    /// Energy charged, in Wh.
    pub energy: Option<f64>,
    /// When it began.
    pub start: Option<DateTime<Utc>>,
    /// When it ended.
    pub stop: Option<DateTime<Utc>>,
    /// Whether something went wrong. Its energy may then be wrong, or zero.
    pub faulted: Option<bool>,
    /// What went wrong.
    pub fault_cause: Option<FaultCause>,
    /// Id of the session.
    pub session_id: Option<String>,
    /// Id of the station's transaction.
    pub transaction_id: Option<String>,
    /// Connector of the station.
    pub connector_id: Option<String>,
    /// Id of the station.
    pub station_id: Option<String>,
    /// Serial number of the station.
    pub station_serial_number: Option<String>,
    /// What the station was called then.
    pub station_name: Option<String>,
    /// Model of the station.
    pub station_model: Option<String>,
    /// Id of the card that was used; the card itself may be gone by now.
    pub card_id: Option<String>,
    /// Number of the card that was used.
    pub card_number: Option<CardNumber>,
    /// What the owner calls the card.
    pub card_label: Option<String>,
    /// How it was allowed.
    pub authentication_method: Option<AuthenticationMethod>,
    /// Who decided that.
    pub authorization_mode: Option<AuthorizationMode>,
    /// Where the station hung.
    pub location: Option<Location>,
}

impl Record {
    /// What a record says, for instance one whose text was kept.
    ///
    /// # Errors
    ///
    /// Gives back what has no id or is no object.
    pub fn read(raw: Raw) -> Result<Self, Raw> {
        let value: Value = raw.to_value();
        let Some((fields, id)) =
            Fields::of(&value).and_then(|fields| Some((fields, fields.text("id")?)))
        else {
            return Err(raw);
        };
        Ok(Self {
            raw,
            id,
            created_at: fields.time("created_at"),
            energy: fields.number("total_energy_wh"),
            start: fields.time("start_date_time"),
            stop: fields.time("stop_date_time"),
            faulted: fields.flag("session_faulted"),
            fault_cause: fields.word("fault_cause"),
            session_id: fields.text("charging_session_id"),
            transaction_id: fields.text("transaction_id"),
            connector_id: fields.text("connector_id"),
            station_id: fields.text("station_id"),
            station_serial_number: fields.text("station_serial_number"),
            station_name: fields.text("station_name"),
            station_model: fields.text("station_model"),
            card_id: fields.text("rfid_card_id"),
            card_number: fields.text("rfid_card_serial_number").map(CardNumber::new),
            card_label: fields.text("rfid_card_label"),
            authentication_method: fields.word("authentication_method"),
            authorization_mode: fields.word("authorization_mode"),
            location: fields.within("location").map(Location::read),
        })
    }
}
