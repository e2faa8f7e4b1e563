//! Elli accounts among the sources: which of them somebody has signed in to.

use std::sync::Arc;

use ladebuch_domain::ids::SourceId;

use super::entry::invalid;
use super::{Inner, Sources, SourcesError, carried_through, configured, stored};
use crate::identity::new_id;
use crate::sources::elli::tokens::{Tokens, revoke};
use crate::sources::{Configured, ElliConfig, SourceConfig};
use crate::store::StoredSource;

/// What an account is called until somebody names it.
const ACCOUNT_NAME: &str = "Elli";

/// Why the tokens of a sign-in were not kept. They were revoked as far as Elli lets.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    /// They are of another account than the source's.
    #[error("This is another Elli account than that of the connection.")]
    Other,
    /// Without a refresh token they are good for an hour.
    #[error("Elli gave no token with which the sign-in would last.")]
    NotLasting,
    /// The source or its place for secrets.
    #[error(transparent)]
    Sources(#[from] SourcesError),
}

impl Sources {
    /// The account of a source.
    ///
    /// # Errors
    /// When there is no such source, it is no Elli account, or the database cannot be read.
    pub(crate) async fn account(&self, id: SourceId) -> Result<ElliConfig, SourcesError> {
        let stored = self.0.find(id).await?;
        match configured(&stored)?.config {
            SourceConfig::Elli(account) => Ok(account),
            SourceConfig::Openwb(_) | SourceConfig::Charger2(_) => Err(SourcesError::NotElli),
        }
    }

    /// Keeps the tokens of an account that somebody has just signed in to: with `wanted`, if it is
    /// that source's account, else with the account's source, which is made if there is none.
    /// Whoever asks with the account's keeper goes on with them.
    ///
    /// # Errors
    /// When it is the wrong account, or something cannot be stored. Then all is as before, and the
    /// tokens are revoked as far as Elli lets.
    pub(crate) async fn keep_account(
        &self,
        wanted: Option<SourceId>,
        account: ElliConfig,
        tokens: ::elli::Tokens,
    ) -> Result<SourceId, AccountError> {
        let inner = self.0.clone();
        let keeping = async move {
            let client = inner.keepers.client(&account);
            let token = tokens.refresh_token.clone();
            let kept = inner.keep_account(wanted, account, tokens).await;
            if kept.is_err()
                && let (Ok(client), Some(token)) = (client, token)
            {
                revoke(&client, &token).await;
            }
            Ok(kept)
        };
        carried_through(keeping).await?
    }
}

impl Inner {
    async fn keep_account(
        &self,
        wanted: Option<SourceId>,
        account: ElliConfig,
        tokens: ::elli::Tokens,
    ) -> Result<SourceId, AccountError> {
        if tokens.refresh_token.is_none() {
            return Err(AccountError::NotLasting);
        }
        let _sessions = self.sessions.lock().await;
        let known = accounts(&self.store.sources().await.map_err(SourcesError::from)?);
        let Some((source, before)) = belonging(&known, wanted, &account)? else {
            return Ok(self.new_account(&account, tokens).await?);
        };
        let keeper = self.keeper(source.id, before)?;
        keeper.adopt(tokens).await.map_err(SourcesError::from)?;
        if before.subject.is_none()
            && account.subject.is_some()
            && let Err(error) = self.note_subject(source.id, account).await
        {
            // The sign-in stands all the same; the next one tells the subject again.
            tracing::warn!(source = %source.id, %error, "whose account it is could not be noted");
        }
        Ok(source.id)
    }

    /// A source for an account that has none, with its tokens: the one that it had before it was
    /// removed, so that what was recorded goes on, else a new one.
    async fn new_account(
        &self,
        account: &ElliConfig,
        tokens: ::elli::Tokens,
    ) -> Result<SourceId, SourcesError> {
        let now = self.clock.now();
        let removed = accounts(&self.store.removed_sources().await?);
        let before = removed
            .into_iter()
            .find(|(_, known)| known.is_same(account));
        let revived = before.is_some();
        let source = before.map_or_else(
            || Configured {
                id: SourceId(new_id(now)),
                name: ACCOUNT_NAME.to_owned(),
                config: SourceConfig::Elli(account.clone()),
            },
            |(source, _)| source,
        );
        let row = stored(source.id, &source.name, &source.config, now)?;
        // First, so that there is never a source without a session that it once had.
        let keeper = self.keeper(source.id, account)?;
        let kept = keeper.adopt(tokens).await;
        let mut listeners = self.listeners.lock().await;
        let added = match kept {
            Ok(()) if revived => self
                .store
                .revive_source(source.id)
                .await
                .map_err(SourcesError::from),
            Ok(()) => self
                .store
                .add_source(&row)
                .await
                .map_err(SourcesError::from),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = added {
            if let Err(error) = self.keepers.forget(source.id, account).await {
                tracing::warn!(%error, "the token of a sign-in that was not kept is still stored");
            }
            return Err(error);
        }
        listeners.start(&source).await;
        Ok(source.id)
    }

    fn keeper(&self, id: SourceId, account: &ElliConfig) -> Result<Arc<Tokens>, SourcesError> {
        let keeper = self.keepers.of(id, account);
        keeper.map_err(|error| invalid("host", &error.to_string()))
    }

    async fn note_subject(&self, id: SourceId, account: ElliConfig) -> Result<(), SourcesError> {
        let _listeners = self.listeners.lock().await;
        // It may have another name by now.
        let before = self.find(id).await?;
        let config = SourceConfig::Elli(account);
        let row = stored(id, &before.name, &config, before.created)?;
        Ok(self.store.update_source(&row).await?)
    }
}

/// Those of the sources that are accounts.
fn accounts(stored: &[StoredSource]) -> Vec<(Configured, ElliConfig)> {
    let accounts = stored.iter().filter_map(|stored| {
        let source = configured(stored).ok()?;
        let account = source.config.elli()?.clone();
        Some((source, account))
    });
    accounts.collect()
}

/// The source that an account belongs to; `None`: a new one. Whose account it is says the subject of
/// its id token alone. Without one it is believed to be the wanted source's, and never taken for
/// another's: what two accounts have charged must not be mixed.
fn belonging<'a>(
    known: &'a [(Configured, ElliConfig)],
    wanted: Option<SourceId>,
    account: &ElliConfig,
) -> Result<Option<&'a (Configured, ElliConfig)>, AccountError> {
    let same = known.iter().find(|(_, known)| known.is_same(account));
    let Some(id) = wanted else {
        return Ok(same);
    };
    let wanted = known.iter().find(|(source, _)| source.id == id);
    let wanted = wanted.ok_or(AccountError::Sources(SourcesError::NotFound))?;
    let is_other = match (same, &wanted.1.subject, &account.subject) {
        (Some((source, _)), ..) => source.id != id,
        (None, Some(before), Some(now)) => before != now,
        (None, ..) => false,
    };
    if is_other {
        return Err(AccountError::Other);
    }
    Ok(Some(wanted))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const A: SourceId = SourceId(Uuid::from_u128(1));
    const B: SourceId = SourceId(Uuid::from_u128(2));
    const GONE: SourceId = SourceId(Uuid::from_u128(3));

    fn account(subject: Option<&str>) -> ElliConfig {
        ElliConfig {
            auth_url: "https://login.elli.eco".to_owned(),
            api_url: "https://api.elli.eco".to_owned(),
            subject: subject.map(str::to_owned),
        }
    }

    fn source(id: SourceId, subject: Option<&str>) -> (Configured, ElliConfig) {
        let config = account(subject);
        let source = Configured {
            id,
            name: "Elli".to_owned(),
            config: SourceConfig::Elli(config.clone()),
        };
        (source, config)
    }

    #[test]
    fn the_subject_tells_whose_account_it_is() {
        let known = [source(A, Some("anna")), source(B, None)];
        let found = |wanted, subject| {
            belonging(&known, wanted, &account(subject)).map(|found| found.map(|(one, _)| one.id))
        };
        let cases = [
            (None, Some("anna"), Some(A)),
            (None, Some("bert"), None),
            (None, None, None),
            (Some(A), Some("anna"), Some(A)),
            (Some(A), None, Some(A)),
            (Some(B), Some("bert"), Some(B)),
            (Some(B), None, Some(B)),
        ];
        for (wanted, subject, expected) in cases {
            let found = found(wanted, subject).unwrap();
            assert_eq!(found, expected, "{wanted:?} {subject:?}");
        }
        for (wanted, subject) in [(A, "bert"), (B, "anna")] {
            let refused = found(Some(wanted), Some(subject));
            assert!(matches!(refused, Err(AccountError::Other)), "{subject}");
        }
        let gone = found(Some(GONE), Some("anna"));
        assert!(matches!(
            gone,
            Err(AccountError::Sources(SourcesError::NotFound))
        ));
    }

    #[test]
    fn the_same_subject_at_other_hosts_is_another_account() {
        let known = [source(A, Some("anna"))];
        let elsewhere = ElliConfig {
            auth_url: "http://127.0.0.1:8801".to_owned(),
            ..account(Some("anna"))
        };
        assert!(belonging(&known, None, &elsewhere).unwrap().is_none());
    }
}
