//! How a refresh token leaves its keeper: it is given to somebody who has it then, or it stays.

use std::sync::Arc;

use ::elli::RefreshToken;
use tokio::sync::oneshot;

use super::purse::{Held, Purse};
use super::{SIGNED_OUT, Tokens, cut_off};
use crate::host::HostError;

/// What came of taking the token out, and where whoever asked for it says that it has arrived.
struct Given {
    outcome: Result<Option<RefreshToken>, HostError>,
    has_it: oneshot::Sender<()>,
}

impl Tokens {
    /// Takes the refresh token out for good, for signing out or handing over. `None` if there is
    /// none of use.
    ///
    /// # Errors
    /// When the host does not forget it; then all is as before.
    pub async fn give_up(self: &Arc<Self>) -> Result<Option<RefreshToken>, HostError> {
        self.take_out(Some(SIGNED_OUT)).await
    }

    /// Like [`give_up`](Self::give_up), and leaves no trace with the host: the source is removed.
    ///
    /// # Errors
    /// When the host does not forget it; then all is as before.
    pub async fn forget(self: &Arc<Self>) -> Result<Option<RefreshToken>, HostError> {
        self.take_out(None).await
    }

    async fn take_out(
        self: &Arc<Self>,
        leaving: Option<&'static str>,
    ) -> Result<Option<RefreshToken>, HostError> {
        let (give, given) = oneshot::channel();
        let this = self.clone();
        tokio::spawn(async move { this.give_away(leaving, give).await });
        let Given { outcome, has_it } = given.await.map_err(|_| cut_off())?;
        has_it.send(()).ok();
        outcome
    }

    /// Takes the token out for somebody who may have gone away meanwhile. Then it is put back: with
    /// nobody who has it, the sign-in would be lost.
    async fn give_away(self: Arc<Self>, leaving: Option<&'static str>, to: oneshot::Sender<Given>) {
        let mut purse = self.purse.lock().await;
        let outcome = self.empty(&mut purse, leaving).await;
        let token = outcome.as_ref().ok().cloned().flatten();
        let (has_it, arrived) = oneshot::channel();
        to.send(Given { outcome, has_it }).ok();
        if arrived.await.is_err()
            && let Some(token) = token
        {
            tracing::info!(source = %self.source, "nobody waits for the sign-in any more; it stays");
            purse.hold(Held::Token(token));
            self.tell(&purse);
            // If the host does not take it, it is offered again.
            self.save(&mut purse).await.ok();
        }
    }

    async fn empty(
        &self,
        purse: &mut Purse,
        leaving: Option<&'static str>,
    ) -> Result<Option<RefreshToken>, HostError> {
        self.read(purse).await?;
        self.put(leaving).await?;
        let token = purse.empty();
        self.tell(purse);
        Ok(token)
    }
}
