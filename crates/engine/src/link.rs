//! One wallbox, two witnesses: an Elli station, and the charge point that another source sees from
//! near. Live comes from near, the record from the cloud; each keeps its own history.

use std::sync::Arc;

use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::DeviceId;
use ladebuch_domain::snapshot::Snapshot;
use ladebuch_domain::source::SourceKind;
use tokio::sync::watch;

use crate::connections::SourcesError;
use crate::live::{Live, SourceEvent};
use crate::store::Store;

/// Notes which devices are one box. Cheap to clone.
#[derive(Clone)]
pub struct Links {
    store: Store,
    live: Live,
    snapshot: watch::Receiver<Arc<Snapshot>>,
}

impl Links {
    pub(crate) fn new(store: Store, live: Live) -> Self {
        let snapshot = live.watch();
        Self {
            store,
            live,
            snapshot,
        }
    }

    /// Notes that a charge point is the same box as an Elli station, or as none any more. For the
    /// latter neither needs to be there: their sources may have been removed.
    ///
    /// # Errors
    /// There is no such charge point; or one of the two is not there, is of another sort, or was not
    /// recorded yet; or the database cannot be written.
    pub async fn set(
        &self,
        point: DeviceId,
        station: Option<DeviceId>,
    ) -> Result<(), SourcesError> {
        let snapshot = self.snapshot.borrow().clone();
        let is_there = snapshot.devices.contains_key(&point);
        let source = self.store.source_of(point).await?;
        if !is_there && (station.is_some() || source.is_none()) {
            return Err(SourcesError::NoChargePoint);
        }
        if let Some(station) = station
            && !(is_charge_point(&snapshot, point, false)
                && is_charge_point(&snapshot, station, true))
        {
            return Err(SourcesError::NotLinkable);
        }
        let source = source.ok_or(SourcesError::TooNew)?;
        if let Some(station) = station
            && self.store.source_of(station).await?.is_none()
        {
            return Err(SourcesError::TooNew);
        }
        let before = self.store.set_link(point, station).await?;
        let mouth = self.live.mouth(source);
        let changes = [
            before.map(|device| SourceEvent::Linked { device, to: None }),
            station.map(|device| SourceEvent::Linked {
                device,
                to: Some(point),
            }),
        ];
        for change in changes.into_iter().flatten() {
            mouth.say(change).await;
        }
        Ok(())
    }
}

/// Whether it is a charge point that is there, and of an Elli account or not.
fn is_charge_point(snapshot: &Snapshot, id: DeviceId, of_elli: bool) -> bool {
    snapshot.devices.get(&id).is_some_and(|device| {
        let source = snapshot.sources.get(&device.source);
        device.kind == DeviceKind::ChargePoint
            && source.is_some_and(|source| (source.kind == SourceKind::Elli) == of_elli)
    })
}
