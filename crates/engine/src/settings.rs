//! What the household has set.

use std::time::Duration;

use chrono_tz::Tz;
use ladebuch_domain::sample::RAW_INTERVALS;
use serde::{Deserialize, Serialize};

/// Settings of the household; each field falls back to its default where it is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Zone in which days, months and reports are meant.
    #[serde(with = "zone_name")]
    pub zone: Tz,
    /// Length of a raw sample's slot in seconds, one of [`RAW_INTERVALS`].
    pub interval_s: u32,
    /// How many days raw samples are kept, 1 to 365.
    pub raw_retention_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            zone: chrono_tz::Europe::Berlin,
            interval_s: 10,
            raw_retention_days: 14,
        }
    }
}

/// A setting that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not one of the intervals that divide five minutes.
    #[error("The recording interval must be 5, 10, 30 or 60 seconds.")]
    Interval,
    /// Out of range.
    #[error("Raw values can be kept for 1 to 365 days.")]
    RawRetention,
}

impl Settings {
    /// Checks the ranges.
    ///
    /// # Errors
    /// The first setting that is out of range.
    pub fn check(&self) -> Result<(), SettingsError> {
        if !RAW_INTERVALS.contains(&self.interval_s) {
            return Err(SettingsError::Interval);
        }
        if !(1..=365).contains(&self.raw_retention_days) {
            return Err(SettingsError::RawRetention);
        }
        Ok(())
    }

    /// Length of a raw sample's slot.
    #[must_use]
    pub fn interval(&self) -> Duration {
        Duration::from_secs(u64::from(self.interval_s))
    }
}

mod zone_name {
    use chrono_tz::Tz;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub fn serialize<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_intervals_that_divide_five_minutes_are_accepted() {
        let with = |interval_s| Settings {
            interval_s,
            ..Settings::default()
        };
        for interval in RAW_INTERVALS {
            assert_eq!(with(interval).check(), Ok(()));
            assert_eq!(300 % interval, 0);
        }
        for interval in [0, 1, 7, 61, 300] {
            assert_eq!(with(interval).check(), Err(SettingsError::Interval));
        }
    }

    #[test]
    fn what_is_not_stored_has_its_default() {
        let settings: Settings = serde_json::from_str(r#"{"interval_s":30}"#).unwrap();
        assert_eq!(
            settings,
            Settings {
                interval_s: 30,
                ..Settings::default()
            }
        );
        assert!(serde_json::from_str::<Settings>(r#"{"zone":"Mars/Olympus"}"#).is_err());
    }
}
