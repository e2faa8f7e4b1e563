//! Identities that Ladebuch gives out itself, so that renaming, reconnecting or
//! replacing a box never splits or merges history.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// One connection: an openWB, an Elli account, a local charger (UUIDv7).
    SourceId
}
id! {
    /// One thing in the house: a charge point, a meter, the battery (UUIDv7).
    DeviceId
}

/// A recorded quantity of one device; the row id of the `series` table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub i64);

/// How a source itself names a device, e.g. `chargepoint/3` on an openWB.
/// Unique within its source, short enough to stay inline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExternalId(pub CompactString);

impl ExternalId {
    /// The source's name for the device.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<&str> for ExternalId {
    fn from(name: &str) -> Self {
        Self(CompactString::from(name))
    }
}

impl std::fmt::Display for ExternalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
