//! How the domain's values are kept in columns.

use std::time::Duration;

use chrono::{DateTime, Utc};
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::ids::{DeviceId, SourceId};
use ladebuch_domain::sample::Quality;
use uuid::Uuid;

use super::StoreError;

/// Epoch milliseconds to an instant.
pub(super) fn instant(millis: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_millis(millis)
        .ok_or_else(|| StoreError::content("time", &millis.to_string()))
}

/// Whole milliseconds of a duration.
pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn source_id(text: &str) -> Result<SourceId, StoreError> {
    uuid(text).map(SourceId)
}

pub(super) fn device_id(text: &str) -> Result<DeviceId, StoreError> {
    uuid(text).map(DeviceId)
}

fn uuid(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|_| StoreError::content("identity", text))
}

pub(super) fn device_kind(name: &str) -> Result<DeviceKind, StoreError> {
    DeviceKind::from_name(name).ok_or_else(|| StoreError::content("kind of device", name))
}

pub(super) fn quantity(name: &str) -> Result<Quantity, StoreError> {
    Quantity::from_name(name).ok_or_else(|| StoreError::content("quantity", name))
}

pub(super) const fn quality_code(quality: Quality) -> i64 {
    match quality {
        Quality::Measured => 0,
        Quality::Recovered => 1,
    }
}

/// A quality of a later version is taken for the less sure one.
pub(super) const fn quality(code: i64) -> Quality {
    match code {
        0 => Quality::Measured,
        _ => Quality::Recovered,
    }
}
