//! Sessions: what happens now.

use chrono::{DateTime, Utc};

use crate::json::Fields;
use crate::private::CardNumber;

use super::{AuthenticationMethod, AuthorizationMode, ChargingState, SessionLifecycle};

/// A cable that is plugged in, and what flows through it. May also be one that ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Id of the session. That of the [`Record`](super::Record) it becomes is another.
    pub id: String,
    /// Id of the station.
    pub station_id: Option<String>,
    /// Connector of the station.
    pub connector_id: Option<String>,
    /// When it began.
    pub start: Option<DateTime<Utc>>,
    /// When it ended; `None` while it runs.
    pub end: Option<DateTime<Utc>>,
    /// Energy charged so far, in Wh.
    pub energy: Option<f64>,
    /// Power at the moment, in W. Only where it was asked for.
    pub power: Option<f64>,
    /// Where it is in its life.
    pub lifecycle: Option<SessionLifecycle>,
    /// What happens on the cable.
    pub charging_state: Option<ChargingState>,
    /// How it was allowed.
    pub authentication_method: Option<AuthenticationMethod>,
    /// Who decided that.
    pub authorization_mode: Option<AuthorizationMode>,
    /// Id of the card that was used.
    pub card_id: Option<String>,
    /// Number of the card that was used.
    pub card_number: Option<CardNumber>,
    /// When Elli last heard of it.
    pub last_updated: Option<DateTime<Utc>>,
}

impl Session {
    pub(crate) fn read(fields: Fields<'_>) -> Option<Self> {
        Some(Self {
            id: fields.text("id")?,
            station_id: fields.text("station_id"),
            connector_id: fields.text("connector_id"),
            start: fields.time("start_date_time"),
            end: fields.time("end_date_time"),
            energy: fields.number("energy_consumption_wh"),
            power: fields.number("momentary_charging_speed_watts"),
            lifecycle: fields.word("lifecycle_state"),
            charging_state: fields.word("charging_state"),
            authentication_method: fields.word("authentication_method"),
            authorization_mode: fields.word("authorization_mode"),
            card_id: fields.text("rfid_card_id"),
            card_number: fields.text("rfid_card_serial_number").map(CardNumber::new),
            last_updated: fields.time("last_updated"),
        })
    }

    /// Whether it still runs: it has no end, and is not said to have come to one.
    #[must_use]
    pub fn is_running(&self) -> bool {
        use SessionLifecycle::{Aborted, Closed, Completed, Faulted};
        self.end.is_none()
            && !matches!(self.lifecycle, Some(Aborted | Closed | Completed | Faulted))
    }
}
