//! Settings of the household, and the demo switch.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Settings of the household.
#[derive(Debug, Serialize, ToSchema)]
pub struct Settings {
    /// IANA zone in which days, months and reports are meant.
    #[schema(example = "Europe/Berlin")]
    pub zone: &'static str,
    /// Recording.
    pub recording: Recording,
}

/// How finely values are recorded and for how long.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recording {
    /// Length of a raw slot in seconds: 5, 10, 30 or 60.
    #[schema(example = 10)]
    pub interval_s: u32,
    /// How many days raw values are kept, 1 to 365.
    #[schema(example = 14, minimum = 1, maximum = 365)]
    pub raw_retention_days: u32,
}

/// Settings to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsPatch {
    /// IANA zone in which days, months and reports are meant.
    #[serde(default)]
    #[schema(nullable = false, example = "Europe/Berlin")]
    pub zone: Option<String>,
    /// Recording.
    #[serde(default)]
    #[schema(nullable = false)]
    pub recording: Option<RecordingPatch>,
}

/// Recording settings to change.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordingPatch {
    /// Length of a raw slot in seconds: 5, 10, 30 or 60.
    #[serde(default)]
    #[schema(nullable = false, example = 10)]
    pub interval_s: Option<u32>,
    /// How many days raw values are kept, 1 to 365.
    #[serde(default)]
    #[schema(nullable = false, example = 14, minimum = 1, maximum = 365)]
    pub raw_retention_days: Option<u32>,
}

/// Whether the demo household is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    /// On or off.
    pub enabled: bool,
}

impl From<ladebuch_engine::settings::Settings> for Settings {
    fn from(settings: ladebuch_engine::settings::Settings) -> Self {
        Self {
            zone: settings.zone.name(),
            recording: Recording {
                interval_s: settings.interval_s,
                raw_retention_days: settings.raw_retention_days,
            },
        }
    }
}
