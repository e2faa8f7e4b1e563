//! A household to try things on.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::{DeviceId, ExternalId, SourceId};
use ladebuch_domain::reading::Fact;
use ladebuch_domain::snapshot::{Change, Device, Snapshot};
use ladebuch_domain::source::{SourceKind, SourceState, SourceView};
use uuid::Uuid;

pub const SOURCE: SourceId = SourceId(Uuid::from_u128(1));

pub struct Household {
    pub snapshot: Snapshot,
    pub now: DateTime<Utc>,
}

impl Household {
    /// One live source that repeats its values every 10 s, and no device.
    pub fn new() -> Self {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let mut household = Self {
            snapshot: Snapshot::default(),
            now,
        };
        household.source(SourceState::Live, Some(Duration::from_secs(10)));
        household
    }

    pub fn source(&mut self, state: SourceState, cycle: Option<Duration>) {
        let mut view = SourceView::new(SourceKind::Openwb, "home".into(), self.now);
        view.state = state;
        view.cycle = cycle;
        self.snapshot.set_source(SOURCE, view);
    }

    /// Adds a device; the number tells it from others.
    pub fn device(&mut self, number: u128, kind: DeviceKind) -> DeviceId {
        let id = DeviceId(Uuid::from_u128(number));
        let external = ExternalId::from(number.to_string().as_str());
        self.snapshot
            .insert(id, Device::new(SOURCE, external, kind, 0, self.now));
        id
    }

    pub fn tell(&mut self, id: DeviceId, fact: Fact) -> Option<Change> {
        self.snapshot.apply(id, fact, self.now)
    }

    pub fn wait(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    pub fn look(&self, id: DeviceId) -> &Device {
        &self.snapshot.devices[&id]
    }

    pub fn is_stale(&self, id: DeviceId) -> bool {
        self.snapshot.is_stale(self.look(id), self.now)
    }
}
