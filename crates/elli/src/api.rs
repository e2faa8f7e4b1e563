//! The endpoints.

use reqwest::{Method, StatusCode};
use serde_json::json;
use serde_json::value::RawValue;

use crate::client::Client;
use crate::error::Error;
use crate::json;
use crate::private::{AccessToken, Raw};
use crate::reading::{
    Accumulated, Card, CurrentSession, Firmware, Session, Station, StationFirmware, TotalCharged,
};
use crate::transport::{self, Answer, JSON_LIMIT};

const HOME: &str = "chargeathome";

/// The endpoints. Each is one request.
///
/// Every one fails with [`Error::Unauthorized`] once the access token is no longer accepted, with
/// [`Error::Timeout`] when Elli hangs, and with [`Error::UnexpectedContent`] when something else
/// than Elli answers.
impl Client {
    /// The stations of the account (`chargeathome/v1/stations`). May be none. Known to hang at times.
    ///
    /// # Errors
    ///
    /// If Elli refuses, fails or cannot be understood.
    pub async fn stations(&self, token: &AccessToken) -> Result<Vec<Station>, Error> {
        let path = [HOME, "v1", "stations"];
        let answer = self.get(token, &path, &[]).await?.success()?;
        json::read(answer.json()?, "stations", Station::read)
    }

    /// The firmware of the stations (`chargeathome/v1/firmware/updates`). A decoration: that Elli
    /// fails to tell it is an answer, not an error.
    ///
    /// # Errors
    ///
    /// If nobody answers, the token or the pace is refused, or the answer cannot be understood.
    pub async fn firmware(&self, token: &AccessToken) -> Result<Firmware, Error> {
        let path = [HOME, "v1", "firmware", "updates"];
        match self.get(token, &path, &[]).await?.success() {
            Ok(answer) => {
                json::read(answer.json()?, "stations", StationFirmware::read).map(Firmware::Known)
            }
            Err(Error::Unavailable { status, code, .. } | Error::Refused { status, code }) => {
                Ok(Firmware::Unavailable { status, code })
            }
            Err(error) => Err(error),
        }
    }

    /// The sessions of all stations (`chargeathome/v1/charging-sessions`): those that run, and
    /// perhaps some that ended, in no order to rely on. Without their power it is said to be
    /// faster.
    ///
    /// # Errors
    ///
    /// If Elli refuses, fails or cannot be understood.
    pub async fn sessions(
        &self,
        token: &AccessToken,
        with_power: bool,
    ) -> Result<Vec<Session>, Error> {
        let path = [HOME, "v1", "charging-sessions"];
        let power = [("include_momentary_charging_speed_watts", "true")];
        let query = if with_power { &power[..] } else { &[] };
        let answer = self.get(token, &path, query).await?.success()?;
        json::read(answer.json()?, "charging_sessions", Session::read)
    }

    /// The session that runs at a station (`chargeathome/v1/charging-sessions/accumulated`).
    ///
    /// # Errors
    ///
    /// If Elli refuses, fails or cannot be understood.
    pub async fn accumulated(
        &self,
        token: &AccessToken,
        station_id: &str,
    ) -> Result<Accumulated, Error> {
        let path = [HOME, "v1", "charging-sessions", "accumulated"];
        let answer = self
            .get(token, &path, &[("station_id", station_id)])
            .await?;
        if answer.status == StatusCode::CONFLICT {
            return Ok(Accumulated::NoCar);
        }
        let raw = raw(&answer.success()?)?;
        Ok(Accumulated::Session(CurrentSession::read(raw)))
    }

    /// The sum of a station's records (`chargeathome/v1/chargingrecords/total-charged`).
    ///
    /// # Errors
    ///
    /// If Elli refuses, fails or cannot be understood.
    pub async fn total_charged(
        &self,
        token: &AccessToken,
        station_id: &str,
    ) -> Result<TotalCharged, Error> {
        let path = [HOME, "v1", "chargingrecords", "total-charged"];
        let answer = self
            .get(token, &path, &[("station_id", station_id)])
            .await?;
        Ok(TotalCharged::read(raw(&answer.success()?)?))
    }

    /// The cards of the account (`customer/v1/rfidcards`). Old records may name others.
    ///
    /// # Errors
    ///
    /// If Elli refuses, fails or cannot be understood.
    pub async fn cards(&self, token: &AccessToken) -> Result<Vec<Card>, Error> {
        let path = ["customer", "v1", "rfidcards"];
        let answer = self.get(token, &path, &[]).await?.success()?;
        json::read(answer.json()?, "rfidcards", Card::read)
    }

    /// The places of the stations (`chargeathome/v1/locations`). Their shape is not known.
    ///
    /// # Errors
    ///
    /// If Elli refuses, fails or does not answer with JSON.
    pub async fn locations(&self, token: &AccessToken) -> Result<Raw, Error> {
        self.raw(token, &[HOME, "v1", "locations"]).await
    }

    /// When a station is to charge
    /// (`scheduler-consumer/v1/stations/{id}/scheduled-charging-settings`). The shape is not known,
    /// nor whether it can be changed.
    ///
    /// # Errors
    ///
    /// If Elli refuses, fails or does not answer with JSON.
    pub async fn scheduled_charging(
        &self,
        token: &AccessToken,
        station_id: &str,
    ) -> Result<Raw, Error> {
        let path = [
            "scheduler-consumer",
            "v1",
            "stations",
            station_id,
            "scheduled-charging-settings",
        ];
        self.raw(token, &path).await
    }

    /// Whatever the API says at a path, given as its segments: for endpoints of unknown shape, such
    /// as `["chargeathome", "v1", "stations", id]` or `["identity", "v1", "userinfo"]`.
    ///
    /// # Errors
    ///
    /// If Elli refuses, fails or does not answer with JSON.
    pub async fn raw(&self, token: &AccessToken, path: &[&str]) -> Result<Raw, Error> {
        raw(&self.get(token, path, &[]).await?.success()?)
    }

    /// Restarts a station at once, and ends what it is doing.
    ///
    /// **Experimental**: known from one client only, and not known to work today. Success means that
    /// Elli took the order, not that the station did.
    ///
    /// # Errors
    ///
    /// If Elli refuses or fails.
    pub async fn reboot(&self, token: &AccessToken, station_id: &str) -> Result<(), Error> {
        let path = [HOME, "v1", "stations", station_id, "reboot"];
        let order = json!({ "reboot_mode": "immediate", "station_id": station_id });
        let request = self.request(Method::POST, token, &path)?.json(&order);
        transport::send(request, JSON_LIMIT)
            .await?
            .success()
            .map(drop)
    }
}

fn raw(answer: &Answer) -> Result<Raw, Error> {
    serde_json::from_str::<Box<RawValue>>(answer.json()?)
        .map(Raw::from)
        .map_err(|_| answer.unexpected("JSON"))
}
