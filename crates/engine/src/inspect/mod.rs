//! The raw view: everything a source publishes at present, for people who look for a fault.
//!
//! Looking opens a connection of its own that receives all topics, and closes it when nobody has
//! looked for a while. Nothing of it is kept, and nothing of it reaches the live view.

mod kept;
mod look;
mod redact;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ladebuch_domain::ids::SourceId;
use tokio_util::sync::CancellationToken;

use self::look::Look;
use crate::clock::Clock;
use crate::connections::{Sources, SourcesError};
use crate::host::Host;
use crate::sources::OpenwbConfig;

pub use self::kept::{Topic, Topics};

/// Looks at sources. Cheap to clone.
#[derive(Clone)]
pub struct Inspector(Arc<Inner>);

struct Inner {
    sources: Sources,
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    cancel: CancellationToken,
    looks: Mutex<HashMap<SourceId, Arc<Look>>>,
}

impl Inspector {
    pub(crate) fn new(
        sources: Sources,
        host: Arc<dyn Host>,
        clock: Arc<dyn Clock>,
        cancel: CancellationToken,
    ) -> Self {
        Self(Arc::new(Inner {
            sources,
            host,
            clock,
            cancel,
            looks: Mutex::default(),
        }))
    }

    /// What a source publishes, as far as it is known by now. The first call begins to look and
    /// waits up to 2 s for what the broker has kept; looking ends 60 s after the last call.
    ///
    /// # Errors
    /// When there is no such source, it is no openWB, or the connections cannot be read.
    pub async fn topics(&self, id: SourceId) -> Result<Topics, SourcesError> {
        let sources = self.0.sources.list().await?;
        let source = sources.into_iter().find(|source| source.id == id);
        let source = source.ok_or(SourcesError::NotFound)?;
        let config = source.config.openwb().ok_or(SourcesError::NotOpenwb)?;
        let look = self.0.look_at(id, config);
        look.first_burst().await;
        Ok(look.topics())
    }
}

impl Inner {
    /// The look at a source, begun if nobody looks yet.
    fn look_at(self: &Arc<Self>, id: SourceId, config: &OpenwbConfig) -> Arc<Look> {
        let mut looks = self.looks();
        if let Some(look) = looks.get(&id) {
            if look.is_at(config) {
                look.ask();
                return look.clone();
            }
            look.end();
        }
        let look = Arc::new(Look::new(id, config.clone(), self.cancel.child_token()));
        looks.insert(id, look.clone());
        drop(looks);
        tokio::spawn(look.clone().run(self.clone()));
        look
    }

    /// Forgets a look that nobody asks for any more; `false` if somebody does.
    fn forget(&self, look: &Arc<Look>) -> bool {
        let mut looks = self.looks();
        if look.is_wanted() {
            return false;
        }
        if looks
            .get(&look.source())
            .is_some_and(|known| Arc::ptr_eq(known, look))
        {
            looks.remove(&look.source());
        }
        true
    }

    fn looks(&self) -> MutexGuard<'_, HashMap<SourceId, Arc<Look>>> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
