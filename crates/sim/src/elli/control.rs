//! The outside hand on the cloud.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::TimeDelta;

use super::archive::NewRecord;
use super::{Cloud, Fault, lock};
use crate::ControlError;

/// How often the cloud has been asked since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// Requests to the API, also refused ones.
    pub api: u64,
    /// Requests to the token endpoint, also refused ones.
    pub token: u64,
}

/// Moves a running cloud and its household.
#[derive(Debug, Clone)]
pub struct Control {
    cloud: Arc<Cloud>,
}

impl Control {
    pub(super) fn new(cloud: Arc<Cloud>) -> Self {
        Self { cloud }
    }

    /// Plugs a vehicle in at a charge point.
    ///
    /// # Errors
    /// [`ControlError::Plug`] when that cannot be, [`ControlError::Stopped`].
    pub async fn plug(&self, charge_point: u32, vehicle: u32) -> Result<(), ControlError> {
        self.cloud.config.premises.plug(charge_point, vehicle).await
    }

    /// Pulls a charge point's cable; a record is created some seconds later.
    ///
    /// # Errors
    /// [`ControlError::Plug`] when nothing is plugged, [`ControlError::Stopped`].
    pub async fn unplug(&self, charge_point: u32) -> Result<(), ControlError> {
        self.cloud.config.premises.unplug(charge_point).await
    }

    /// Holds a tag to a charge point's reader.
    ///
    /// # Errors
    /// [`ControlError::Plug`] when there is no such charge point, [`ControlError::Stopped`].
    pub async fn scan(&self, charge_point: u32, tag: &str) -> Result<(), ControlError> {
        self.cloud.config.premises.scan(charge_point, tag).await
    }

    /// Lets time pass at once: charging goes on, codes and tokens age.
    ///
    /// # Errors
    /// [`ControlError::Stopped`].
    pub async fn advance(&self, by: TimeDelta) -> Result<(), ControlError> {
        self.cloud.config.premises.advance(by).await
    }

    /// Puts a record into the archive and returns its id.
    #[must_use]
    pub fn insert_record(&self, record: NewRecord) -> String {
        lock(&self.cloud.archive).insert(record, &self.cloud.cards)
    }

    /// The id of the station at a charge point, if the account has one there.
    #[must_use]
    pub fn station_id(&self, charge_point: u32) -> Option<String> {
        self.cloud
            .config
            .stations
            .iter()
            .find(|station| station.charge_point == charge_point)
            .map(|station| station.id(self.cloud.seed))
    }

    /// Switches a fault on or off.
    pub fn set_fault(&self, fault: Fault, on: bool) {
        self.cloud.faults.set(fault, on);
    }

    /// Lets a fault happen at the next opportunity only. For faults that strike an answer; those that
    /// change what is in answers are switched with [`Control::set_fault`].
    pub fn fail_once(&self, fault: Fault) {
        self.cloud.faults.once(fault);
    }

    /// All is well again.
    pub fn clear_faults(&self) {
        self.cloud.faults.clear();
    }

    /// Every access token that is out is refused from now on; refresh tokens go on working.
    pub fn expire_access_tokens(&self) {
        lock(&self.cloud.auth).grants.expire_access();
    }

    /// Signs everybody out everywhere, as after a change of the password.
    pub fn revoke_everything(&self) {
        let mut auth = lock(&self.cloud.auth);
        auth.grants.expire_access();
        auth.grants.revoke_all();
        auth.sessions.clear();
    }

    /// How many sign-ins could be refreshed at the moment.
    #[must_use]
    pub fn signed_in(&self) -> usize {
        lock(&self.cloud.auth).grants.families()
    }

    /// How often the cloud has been asked.
    #[must_use]
    pub fn asked(&self) -> Asked {
        Asked {
            api: self.cloud.api_requests.load(Ordering::Relaxed),
            token: self.cloud.token_requests.load(Ordering::Relaxed),
        }
    }
}
