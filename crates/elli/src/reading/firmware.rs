//! Firmware: a decoration of the stations that Elli fails to tell for days at times.

use crate::error::ErrorCode;
use crate::json::Fields;

use super::Station;

/// What Elli says about firmware.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Firmware {
    /// The firmware of some stations, perhaps only of those with an update ahead.
    Known(Vec<StationFirmware>),
    /// Elli cannot tell at present. Nothing else suffers from it.
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// What Elli calls it, such as `FETCH_FIRMWARE_FAILURE`.
        code: Option<ErrorCode>,
    },
}

impl Firmware {
    /// Adds what is known to stations that do not say it themselves.
    pub fn decorate(&self, stations: &mut [Station]) {
        let Self::Known(known) = self else { return };
        for station in stations {
            let found = known
                .iter()
                .find(|firmware| firmware.station_id == station.id);
            if station.installed_firmware.is_none() {
                station.installed_firmware = found.and_then(|found| found.installed.clone());
            }
            if station.firmware_version.is_none() {
                station.firmware_version = station
                    .installed_firmware
                    .as_ref()
                    .and_then(|installed| installed.version.clone());
            }
        }
    }
}

/// The firmware of one station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationFirmware {
    /// Id of the station.
    pub station_id: String,
    /// What runs on it.
    pub installed: Option<InstalledFirmware>,
}

/// A version of firmware.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledFirmware {
    /// Id.
    pub id: Option<String>,
    /// Version, such as `R04.004.045.303`.
    pub version: Option<String>,
    /// Where its release notes are. From outside: check it before opening it.
    pub release_notes: Option<String>,
}

impl StationFirmware {
    pub(crate) fn read(fields: Fields<'_>) -> Option<Self> {
        Some(Self {
            station_id: fields.text("id")?,
            installed: fields
                .within("installed_firmware")
                .map(InstalledFirmware::read),
        })
    }
}

impl InstalledFirmware {
    pub(super) fn read(fields: Fields<'_>) -> Self {
        Self {
            id: fields.text("id"),
            version: fields.text("version"),
            release_notes: fields.text("release_notes_link"),
        }
    }
}
