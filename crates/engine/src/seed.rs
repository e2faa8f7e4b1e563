//! A household that begins with a history: the demo.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::ids::{DeviceId, ExternalId, SourceId};
use ladebuch_domain::sample::Slot;

use crate::OpenError;
use crate::identity::new_id;
use crate::sources::SourceConfig;
use crate::store::{KnownDevice, Opened, Store, StoreError, StoredSource, recorded_until};

/// A household's history.
#[derive(Clone, Debug)]
pub struct SeedData {
    /// The source that is said to have seen it: its identity, name, and how to reach it.
    pub source: (SourceId, String, SourceConfig),
    /// Its devices.
    pub devices: Vec<SeedDevice>,
    /// By device and quantity: five-minute slots in order of time. Totals begin at 0.
    pub series: Vec<(ExternalId, Quantity, Vec<Slot>)>,
}

/// A device of [`SeedData`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedDevice {
    /// The source's own name for it.
    pub external_id: ExternalId,
    /// The part it plays.
    pub kind: DeviceKind,
    /// The name its owner gave it.
    pub name: Option<CompactString>,
    /// Its serial number.
    pub serial: Option<CompactString>,
}

/// Writes a history into a data directory, before an engine is opened there.
///
/// # Errors
/// The directory cannot be used, or has that source already.
pub async fn seed(dir: &Path, data: SeedData, now: DateTime<Utc>) -> Result<(), OpenError> {
    let (id, name, config) = data.source;
    let source = StoredSource {
        id,
        kind: config.kind().name().to_owned(),
        name,
        config: config.to_json().map_err(StoreError::from)?,
        created: now,
    };
    let mut colors: HashMap<DeviceKind, u8> = HashMap::new();
    let known = |device: SeedDevice| {
        let color = colors.entry(device.kind).or_default();
        *color = color.saturating_add(1);
        KnownDevice {
            id: DeviceId(new_id(now)),
            source: id,
            external_id: device.external_id,
            kind: device.kind,
            name: device.name,
            serial: device.serial,
            linked_to: None,
            color_slot: *color - 1,
        }
    };
    let devices = data.devices.into_iter().map(known).collect();
    let Opened { store, .. } = Store::open(dir, now).await?;
    let seeded = store.seed(&source, devices, data.series, now).await;
    if seeded.is_ok() {
        store.end_run(now).await?;
    }
    store.close().await;
    Ok(seeded?)
}

/// End of the newest slot that a data directory has; `None` if it has no history.
///
/// # Errors
/// There is a database that this version cannot read.
pub async fn last_recorded(dir: &Path) -> Result<Option<DateTime<Utc>>, OpenError> {
    Ok(recorded_until(dir).await?)
}

/// An openWB, for tests of what becomes of a history.
#[cfg(test)]
pub(crate) fn openwb(host: &str) -> SourceConfig {
    SourceConfig::Openwb(crate::sources::OpenwbConfig {
        host: host.to_owned(),
        port: 1883,
        tls: false,
        pinned_fingerprint: None,
        username: None,
        topic_prefix: None,
        http_port: None,
    })
}
