//! Stations: the wallboxes.

use chrono::{DateTime, Utc};

use crate::json::Fields;

use super::{AuthorizationMode, ConnectionState, InstalledFirmware, Location};

/// A wallbox. What it does at the moment is told by its [`Session`](super::Session).
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    /// Id, for all other requests.
    pub id: String,
    /// What the owner calls it. Two may have the same name.
    pub name: Option<String>,
    /// Serial number.
    pub serial_number: Option<String>,
    /// Model, such as `Elli Charger Pro 2`.
    pub model: Option<String>,
    /// Version of the firmware. Missing on some boxes: [`Firmware`](super::Firmware) may know it.
    pub firmware_version: Option<String>,
    /// The firmware in more detail.
    pub installed_firmware: Option<InstalledFirmware>,
    /// Whether it is connected to Elli.
    pub connection_state: Option<ConnectionState>,
    /// Whether it is in use; `activated` is the only word known.
    pub lifecycle_state: Option<String>,
    /// Who decides whether a car may charge.
    pub authorization_mode: Option<AuthorizationMode>,
    /// Its connectors.
    pub connectors: Vec<Connector>,
    /// When it last said something.
    pub last_contact: Option<DateTime<Utc>>,
    /// Where it hangs.
    pub location: Option<Location>,
}

/// One socket or cable of a station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connector {
    /// Number on the station, counted from one.
    pub id: String,
    /// Whether it is in order; `available` is the only word known.
    pub availability: Option<String>,
}

impl Station {
    pub(crate) fn read(fields: Fields<'_>) -> Option<Self> {
        let connector = |fields: Fields<'_>| {
            Some(Connector {
                id: fields.text("id")?,
                availability: fields.text("availability"),
            })
        };
        Some(Self {
            id: fields.text("id")?,
            name: fields.text("name"),
            serial_number: fields.text("serial_number"),
            model: fields.text("model"),
            firmware_version: fields.text("firmware_version"),
            installed_firmware: fields
                .within("installed_firmware")
                .map(InstalledFirmware::read),
            connection_state: fields.word("connection_state"),
            lifecycle_state: fields.text("lifecycle_state"),
            authorization_mode: fields.word("authorization_mode"),
            connectors: fields.entries("connectors").filter_map(connector).collect(),
            // Older services of the same backend call it otherwise.
            last_contact: fields
                .time("last_contact")
                .or_else(|| fields.time("last_connect")),
            location: fields.within("location").map(Location::read),
        })
    }
}
