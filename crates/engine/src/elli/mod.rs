//! Accounts of the Elli cloud: signing in and out, what is known of them, and what may be asked of
//! them beside what their workers ask by themselves.

mod hand_over;
mod ledger;
mod pdf;
mod sign_in;

use std::sync::Arc;

use ::elli::InvalidConfig;
use chrono::{DateTime, Utc};
use ladebuch_domain::ids::SourceId;
use uuid::Uuid;

use self::hand_over::TakingOver;
use self::sign_in::SignIns;
use crate::clock::Clock;
use crate::connections::{Sources, SourcesError};
use crate::host::HostError;
use crate::sources::elli::accounts::{Account, Accounts};
use crate::sources::elli::keepers::Keepers;
use crate::sources::elli::tokens::CallError;
use crate::store::{Store, StoreError};

pub use self::hand_over::HandOverError;
pub(crate) use self::ledger::StoreLedgers;
pub use self::sign_in::{Begun, SignInError};
pub use crate::sources::elli::problem::{SyncProblem, SyncTrouble};
pub use crate::sources::elli::tokens::TokenState;
pub use crate::sources::elli::view::{
    AccountView, AccumulatedView, CardView, Private, RecordsState, RecordsView, SessionView,
    StationFacts, StationView, SyncView, Totals,
};
pub use crate::store::KeptPdf;

/// Something that was asked of an account cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum ElliError {
    /// Nobody is signed in, or Elli has ended the sign-in.
    #[error("Sign in to this Elli account first.")]
    SignInAgain,
    /// The account has no such card, and no record names it.
    #[error("Neither this account nor its records know this card.")]
    UnknownCard,
    /// Elli does not answer, or refuses.
    #[error(transparent)]
    Elli(::elli::Error),
    /// The sign-in cannot be read from, or written to, where the host keeps it.
    #[error("The Elli sign-in cannot be kept: {0}")]
    Secret(HostError),
    /// Tokens must not be sent to the hosts that are configured.
    #[error(transparent)]
    Hosts(#[from] InvalidConfig),
    /// There is no such source, or it is no Elli account.
    #[error(transparent)]
    Sources(#[from] SourcesError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CallError> for ElliError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::SignedOut | CallError::SignInAgain => Self::SignInAgain,
            CallError::Secret(error) => Self::Secret(error),
            CallError::Elli(error) => Self::Elli(error),
        }
    }
}

/// The household's Elli accounts. Cheap to clone.
#[derive(Clone)]
pub struct Elli(Arc<Inner>);

struct Inner {
    accounts: Accounts,
    sources: Sources,
    sign_ins: SignIns,
    taking_over: TakingOver,
    store: Store,
    clock: Arc<dyn Clock>,
}

impl Elli {
    pub(crate) fn new(
        accounts: Accounts,
        keepers: Keepers,
        sources: Sources,
        store: Store,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Inner {
            accounts,
            sign_ins: SignIns::new(sources.clone(), keepers.clone(), clock.clone()),
            taking_over: TakingOver::new(sources.clone(), keepers),
            sources,
            store,
            clock,
        }))
    }

    /// Begins to sign in: to the account of that source, or to any.
    ///
    /// # Errors
    /// When there is no such Elli source, or no sign-in can be prepared. Elli is not asked.
    pub async fn begin_sign_in(&self, source: Option<SourceId>) -> Result<Begun, SignInError> {
        self.0.sign_ins.begin(source).await
    }

    /// Ends a sign-in with the address at which the browser ended, and returns the account's source,
    /// which is made if there is none.
    ///
    /// # Errors
    /// When nobody is signed in by it. After a wrong address, and while Elli cannot be reached, the
    /// sign-in goes on.
    pub async fn finish_sign_in(&self, id: Uuid, callback: &str) -> Result<SourceId, SignInError> {
        self.0.sign_ins.finish(id, callback).await
    }

    /// Gives a sign-in up.
    pub fn cancel_sign_in(&self, id: Uuid) {
        self.0.sign_ins.cancel(id);
    }

    /// Signs an account out: its tokens are forgotten here, and revoked as far as Elli lets. Whether
    /// Elli says that it did. What was recorded stays.
    ///
    /// # Errors
    /// When there is no such account, or the host does not forget its tokens; then all is as before.
    pub async fn sign_out(&self, source: SourceId) -> Result<bool, ElliError> {
        let account = self.open(source).await?;
        let revoked = sign_in::sign_out(&account.tokens).await;
        revoked.map_err(ElliError::Secret)
    }

    /// Takes the session of an account out of this instance and returns it as a text, which is good
    /// for one other instance, once.
    ///
    /// # Errors
    /// When there is none, or the host does not forget it; then all is as before.
    pub async fn hand_over(&self, source: SourceId) -> Result<String, HandOverError> {
        let config = self.0.sources.account(source).await?;
        let account = self.0.accounts.open(source, &config)?;
        hand_over::hand_over(&account.tokens, &config).await
    }

    /// Takes over the session in a text and returns the account's source, which is made if there is
    /// none.
    ///
    /// # Errors
    /// When it cannot be read or used; [`HandOverError`] says whether it is still good.
    pub async fn take_over(&self, text: &str) -> Result<SourceId, HandOverError> {
        self.0.taking_over.take_over(text).await
    }

    /// What is known of an account. Elli is not asked.
    ///
    /// # Errors
    /// When there is no such account, or the database cannot be read.
    pub async fn account(&self, source: SourceId) -> Result<AccountView, ElliError> {
        let account = self.open(source).await?;
        let view = account.view().borrow().clone();
        Ok(view)
    }

    /// Asks everything about an account anew, all records included, and does not wait for it.
    ///
    /// # Errors
    /// When there is no such account, nobody is signed in to it, or the database cannot be read.
    pub async fn sync(&self, source: SourceId) -> Result<(), ElliError> {
        let account = self.open(source).await?;
        let state = *account.tokens.state().borrow();
        if matches!(state, TokenState::SignedOut | TokenState::SignInAgain) {
            return Err(ElliError::SignInAgain);
        }
        account.wish();
        Ok(())
    }

    /// Restarts a station, which ends what it is doing. **Experimental**: that Elli takes the order
    /// does not mean that the station does.
    ///
    /// # Errors
    /// When there is no such account, or Elli does not answer or refuses.
    pub async fn reboot(&self, source: SourceId, station: &str) -> Result<(), ElliError> {
        let account = self.open(source).await?;
        let tokens = &account.tokens;
        tokens
            .call(|client, token| async move { client.reboot(&token, station).await })
            .await?;
        Ok(())
    }

    /// Earlier texts of a record that Elli has changed, oldest first, each with the time until which
    /// it was the record's. `row` is the number of its row in the charge log.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn earlier_texts(&self, row: i64) -> Result<Vec<(String, DateTime<Utc>)>, ElliError> {
        Ok(self.0.store.earlier_texts(row).await?)
    }

    async fn open(&self, source: SourceId) -> Result<Arc<Account>, ElliError> {
        let config = self.0.sources.account(source).await?;
        Ok(self.0.accounts.open(source, &config)?)
    }
}
