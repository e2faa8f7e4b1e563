//! The accounts that are listened to, for those who show them or wish something of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::elli::InvalidConfig;
use ladebuch_domain::ids::SourceId;
use tokio::sync::{Notify, watch};

use super::keepers::Keepers;
use super::ledger::{Ledger, Ledgers};
use super::tokens::Tokens;
use super::view::AccountView;
use crate::sources::ElliConfig;

/// One account: who may ask Elli for it, what is known of it, and what is wished of its worker.
#[derive(Debug)]
pub struct Account {
    /// Its source.
    pub source: SourceId,
    /// The keeper of its tokens.
    pub tokens: Arc<Tokens>,
    view: watch::Sender<AccountView>,
    wished: Notify,
}

impl Account {
    fn new(source: SourceId, tokens: Arc<Tokens>) -> Self {
        Self {
            source,
            tokens,
            view: watch::Sender::new(AccountView::new()),
            wished: Notify::new(),
        }
    }

    /// Follows what is known of it.
    pub fn view(&self) -> watch::Receiver<AccountView> {
        self.view.subscribe()
    }

    /// Wishes that the worker asks everything anew. Wishes that wait are one.
    pub fn wish(&self) {
        self.wished.notify_one();
    }

    /// Waits until that is wished.
    pub(super) async fn wished(&self) {
        self.wished.notified().await;
    }

    /// Changes what is known of it.
    pub(super) fn show(&self, change: impl FnOnce(&mut AccountView)) {
        self.view.send_modify(change);
    }
}

/// All accounts. Cheap to clone.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    keepers: Keepers,
    ledgers: Arc<dyn Ledgers>,
    open: Mutex<HashMap<SourceId, Arc<Account>>>,
}

impl Accounts {
    /// Accounts whose tokens are with these keepers, and that are kept in these ledgers.
    pub fn new(keepers: Keepers, ledgers: Arc<dyn Ledgers>) -> Self {
        Self(Arc::new(Inner {
            keepers,
            ledgers,
            open: Mutex::default(),
        }))
    }

    /// The account of a source. What is known of it outlives its worker.
    ///
    /// # Errors
    /// When tokens must not be sent to its hosts.
    pub fn open(
        &self,
        source: SourceId,
        config: &ElliConfig,
    ) -> Result<Arc<Account>, InvalidConfig> {
        let tokens = self.0.keepers.of(source, config)?;
        let mut open = self.lock();
        if let Some(known) = open.get(&source)
            && Arc::ptr_eq(&known.tokens, &tokens)
        {
            return Ok(known.clone());
        }
        let account = Arc::new(Account::new(source, tokens));
        open.insert(source, account.clone());
        Ok(account)
    }

    /// Where what the account of a source tells is kept.
    pub fn ledger(&self, source: SourceId) -> Arc<dyn Ledger> {
        self.0.ledgers.of(source)
    }

    /// Forgets the account of a source that is removed.
    pub fn close(&self, source: SourceId) {
        self.lock().remove(&source);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SourceId, Arc<Account>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
