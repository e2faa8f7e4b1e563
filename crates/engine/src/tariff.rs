//! Keeps the prices of dynamic tariffs that the sources tell.

use std::collections::HashMap;
use std::sync::Arc;

use ladebuch_domain::ids::SourceId;
use ladebuch_domain::snapshot::Snapshot;
use ladebuch_domain::tariff::PriceSlot;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::store::Store;

/// Stores prices as the live view shows them.
pub(crate) struct Tariff {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub live: watch::Receiver<Arc<Snapshot>>,
}

impl Tariff {
    /// Runs until cancelled.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut kept: HashMap<SourceId, Arc<[PriceSlot]>> = HashMap::new();
        loop {
            let told = self.new_prices(&kept);
            for (source, prices) in told {
                match self
                    .store
                    .add_prices(source, &prices, self.clock.now())
                    .await
                {
                    Ok(()) => {
                        kept.insert(source, prices);
                    }
                    Err(error) => tracing::warn!(%error, "prices could not be kept"),
                }
            }
            match cancel.run_until_cancelled(self.live.changed()).await {
                Some(Ok(())) => {}
                _ => return,
            }
        }
    }

    fn new_prices(
        &mut self,
        kept: &HashMap<SourceId, Arc<[PriceSlot]>>,
    ) -> Vec<(SourceId, Arc<[PriceSlot]>)> {
        let live = self.live.borrow_and_update();
        let told = live.sources.iter().filter_map(|(source, view)| {
            let prices = view.prices.as_ref()?;
            let same = |kept: &Arc<[PriceSlot]>| Arc::ptr_eq(kept, prices) || kept == prices;
            let known = kept.get(source).is_some_and(same);
            (!known).then(|| (*source, prices.clone()))
        });
        told.collect()
    }
}
