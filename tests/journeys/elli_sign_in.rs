//! Signing in to Elli, out of it, and moving a session to another Ladebuch.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use elli::{Config, InvalidCallback};
use ladebuch_domain::ids::SourceId;
use ladebuch_engine::connections::{PasswordChange, Source, SourceDraft, SourcesError};
use ladebuch_engine::elli::{Begun, ElliError, HandOverError, SignInError};
use ladebuch_engine::host::{Answer, Host, HostError};
use ladebuch_engine::sources::{Charger2Config, ElliConfig, SourceConfig};
use ladebuch_engine::{Engine, EngineConfig, SeedData, seed};
use ladebuch_sim::elli::{ElliConfig as CloudConfig, Fault};
use ladebuch_sim::household::{Household, Traffic};
use ladebuch_sim::{ElliCloud, ElliHandle, Pace, Premises};
use ladebuch_tests::clock::ManualClock;
use ladebuch_tests::elli::callback_of;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use tempfile::TempDir;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::noon;

/// A keychain that may refuse what it is given.
#[derive(Default)]
struct Vault {
    secrets: Mutex<BTreeMap<String, String>>,
    full: AtomicBool,
}

impl Vault {
    fn fill(&self, on: bool) {
        self.full.store(on, Ordering::SeqCst);
    }

    fn session(&self, source: SourceId) -> Option<String> {
        let name = format!("source/{source}/elli-refresh-token");
        self.secrets.lock().unwrap().get(&name).cloned()
    }

    fn is_empty(&self) -> bool {
        self.secrets.lock().unwrap().is_empty()
    }
}

impl Host for Vault {
    fn secret<'a>(&'a self, name: &'a str) -> Answer<'a, Option<String>> {
        Box::pin(async move { Ok(self.secrets.lock().unwrap().get(name).cloned()) })
    }

    fn set_secret<'a>(&'a self, name: &'a str, value: Option<&'a str>) -> Answer<'a, ()> {
        Box::pin(async move {
            if self.full.load(Ordering::SeqCst) {
                return Err(HostError("the keychain is locked".to_owned()));
            }
            let mut secrets = self.secrets.lock().unwrap();
            match value {
                Some(value) => secrets.insert(name.to_owned(), value.to_owned()),
                None => secrets.remove(name),
            };
            Ok(())
        })
    }
}

/// A Ladebuch and its keychain.
struct Home {
    engine: Engine,
    vault: Arc<Vault>,
    clock: ManualClock,
    _dir: TempDir,
}

impl Home {
    async fn at(elli: &ElliHandle) -> Self {
        Self::of(TempDir::new().unwrap(), elli).await
    }

    async fn of(dir: TempDir, elli: &ElliHandle) -> Self {
        let (vault, clock) = (Arc::<Vault>::default(), ManualClock::new(noon()));
        let config = EngineConfig {
            elli: Config::at(&elli.base_url()),
            ..EngineConfig::new(dir.path())
        };
        let engine = Engine::open(config, vault.clone(), Arc::new(clock.clone())).await;
        Self {
            engine: engine.unwrap(),
            vault,
            clock,
            _dir: dir,
        }
    }

    async fn begin(&self) -> Begun {
        self.engine.elli().begin_sign_in(None).await.unwrap()
    }

    async fn finish(&self, begun: &Begun, callback: &str) -> Result<SourceId, SignInError> {
        self.engine.elli().finish_sign_in(begun.id, callback).await
    }

    /// From the first page to the source.
    async fn sign_in(&self, source: Option<SourceId>) -> Result<SourceId, SignInError> {
        let begun = self.engine.elli().begin_sign_in(source).await.unwrap();
        self.finish(&begun, &callback_of(&begun.url).await).await
    }

    async fn sources(&self) -> Vec<Source> {
        self.engine.sources().list().await.unwrap()
    }
}

async fn cloud() -> ElliHandle {
    let mut household = Household::new(1, noon());
    household.set_traffic(Traffic::ByHand);
    let premises = Premises::new(household, noon(), Pace::ByHand).unwrap();
    ElliCloud::start(CloudConfig::new(premises)).await.unwrap()
}

#[tokio::test]
async fn a_person_signs_in_and_again_later() {
    let elli = cloud().await;
    let home = Home::at(&elli).await;
    let begun = home.begin().await;
    assert_eq!(begun.host, "127.0.0.1");
    assert_eq!(begun.expires, noon() + TimeDelta::minutes(10));
    assert!(begun.url.starts_with(&elli.base_url()));
    let callback = callback_of(&begun.url).await;
    assert!(callback.starts_with(&begun.redirect_uri));
    let source = home.finish(&begun, &callback).await.unwrap();

    let sources = home.sources().await;
    assert_eq!(sources.len(), 1);
    let account = sources[0].config.elli().unwrap();
    assert_eq!(account.auth_url, elli.base_url());
    assert!(account.subject.is_some());
    assert!(home.vault.session(source).is_some());

    let used = home.finish(&begun, &callback).await;
    assert!(matches!(used, Err(SignInError::Expired)));
    // The same account is the same source, whether it was asked for or not.
    assert_eq!(home.sign_in(None).await.unwrap(), source);
    assert_eq!(home.sign_in(Some(source)).await.unwrap(), source);
    assert_eq!(home.sources().await.len(), 1);
    home.engine.stop().await;
    elli.stop().await;
}

#[tokio::test]
async fn an_address_from_elsewhere_does_not_even_end_a_sign_in() {
    let elli = cloud().await;
    let home = Home::at(&elli).await;
    let (begun, other) = (home.begin().await, home.begin().await);
    let callback = callback_of(&begun.url).await;
    let foreign = callback_of(&other.url).await;
    let denied = format!("{}?error=access_denied&state=guessed", begun.redirect_uri);
    let no_code = callback.replace("code=", "token=");
    for (address, reason) in [
        ("https://example.org/", InvalidCallback::OtherAddress),
        ("", InvalidCallback::OtherAddress),
        (&foreign, InvalidCallback::OtherSignIn),
        (&denied, InvalidCallback::OtherSignIn),
        (&no_code, InvalidCallback::NoCode),
    ] {
        match home.finish(&begun, address).await {
            Err(SignInError::Callback(said)) => assert_eq!(said, reason, "{address}"),
            other => panic!("{address}: {other:?}"),
        }
    }
    home.finish(&begun, &format!(" \"{callback}\"\n"))
        .await
        .unwrap();
    home.engine.stop().await;
    elli.stop().await;
}

#[tokio::test]
async fn a_no_ends_a_sign_in() {
    let elli = cloud().await;
    let home = Home::at(&elli).await;
    let begun = home.begin().await;
    elli.control().fail_once(Fault::AccessDenied);
    let denied = callback_of(&begun.url).await;
    match home.finish(&begun, &denied).await {
        Err(SignInError::Refused { error }) => assert_eq!(&*error, "access_denied"),
        other => panic!("{other:?}"),
    }
    let over = home.finish(&begun, &denied).await;
    assert!(matches!(over, Err(SignInError::Expired)));
    // A code that Elli does not know.
    let begun = home.begin().await;
    let callback = callback_of(&begun.url).await;
    let guessed = callback.replace("code=", "code=x");
    let refused = home.finish(&begun, &guessed).await;
    assert!(matches!(refused, Err(SignInError::Refused { .. })));
    let over = home.finish(&begun, &callback).await;
    assert!(matches!(over, Err(SignInError::Expired)));
    assert!(home.sources().await.is_empty() && home.vault.is_empty());
    home.engine.stop().await;
    elli.stop().await;
}

#[tokio::test]
async fn a_sign_in_waits_for_ten_minutes_and_not_for_everybody() {
    let elli = cloud().await;
    let home = Home::at(&elli).await;
    let expired = async |begun: &Begun| {
        let callback = callback_of(&begun.url).await;
        matches!(
            home.finish(begun, &callback).await,
            Err(SignInError::Expired)
        )
    };
    let late = home.begin().await;
    // What the clock shows does not count.
    home.clock.set(noon() + TimeDelta::days(1));
    home.clock.advance(TimeDelta::minutes(9));
    let wrong = home.finish(&late, "").await;
    assert!(matches!(wrong, Err(SignInError::Callback(_))));
    home.clock.advance(TimeDelta::minutes(1));
    assert!(expired(&late).await);
    let given_up = home.begin().await;
    home.engine.elli().cancel_sign_in(given_up.id);
    assert!(expired(&given_up).await);
    let first = home.begin().await;
    home.clock.advance(TimeDelta::seconds(1));
    let mut others = Vec::new();
    for _ in 0..8 {
        others.push(home.begin().await);
    }
    assert!(expired(&first).await, "the oldest makes room");
    assert!(!expired(&others[0]).await);
    let nothing = home.engine.elli().finish_sign_in(Uuid::nil(), "").await;
    assert!(matches!(nothing, Err(SignInError::Expired)));
    home.engine.stop().await;
    elli.stop().await;
}

#[tokio::test]
async fn while_elli_fails_the_same_address_can_be_tried_again() {
    let elli = cloud().await;
    let home = Home::at(&elli).await;
    let begun = home.begin().await;
    let callback = callback_of(&begun.url).await;
    for fault in [Fault::TokenUnavailable, Fault::TokenRateLimit] {
        elli.control().fail_once(fault);
        let failed = home.finish(&begun, &callback).await;
        assert!(matches!(failed, Err(SignInError::Elli(_))), "{fault:?}");
    }
    home.finish(&begun, &callback).await.unwrap();
    home.engine.stop().await;
    elli.stop().await;
}

#[tokio::test]
async fn without_a_place_for_the_session_nothing_half_made_is_left() {
    let elli = cloud().await;
    let home = Home::at(&elli).await;
    home.vault.fill(true);
    let refused = home.sign_in(None).await;
    let Err(SignInError::Sources(SourcesError::Secret(_))) = refused else {
        panic!("{refused:?}");
    };
    assert!(home.sources().await.is_empty() && home.vault.is_empty());
    assert_eq!(elli.control().signed_in(), 0, "Elli was told");
    home.vault.fill(false);
    home.sign_in(None).await.unwrap();
    home.engine.stop().await;
    elli.stop().await;
}

#[tokio::test]
async fn another_account_does_not_get_into_a_source() {
    let elli = cloud().await;
    let dir = TempDir::new().unwrap();
    let annas = SourceId(Uuid::from_u128(7));
    let config = ElliConfig {
        auth_url: elli.base_url(),
        api_url: elli.base_url(),
        subject: Some("auth0|anna".to_owned()),
    };
    let data = SeedData {
        source: (annas, "Anna".to_owned(), SourceConfig::Elli(config)),
        devices: Vec::new(),
        series: Vec::new(),
    };
    seed(dir.path(), data, noon()).await.unwrap();
    let home = Home::of(dir, &elli).await;
    let other = home.sign_in(Some(annas)).await;
    assert!(matches!(other, Err(SignInError::OtherAccount)));
    assert_eq!(elli.control().signed_in(), 0, "its tokens were revoked");
    assert!(home.vault.is_empty() && home.sources().await.len() == 1);
    // Without asking for Anna's it is a source of its own.
    let berts = home.sign_in(None).await.unwrap();
    assert_ne!(berts, annas);
    assert!(home.vault.session(annas).is_none());
    let unknown = SourceId(Uuid::from_u128(8));
    let unknown = home.engine.elli().begin_sign_in(Some(unknown)).await;
    assert!(matches!(
        unknown.map(drop),
        Err(SignInError::Sources(SourcesError::NotFound))
    ));
    home.engine.stop().await;
    elli.stop().await;
}

#[tokio::test]
async fn signing_out_is_for_good_even_if_elli_cannot_be_told() {
    let elli = cloud().await;
    let home = Home::at(&elli).await;
    let source = home.sign_in(None).await.unwrap();
    home.vault.fill(true);
    let locked = home.engine.elli().sign_out(source).await;
    assert!(matches!(locked, Err(ElliError::Secret(_))));
    assert_eq!(elli.control().signed_in(), 1, "all is as before");
    home.vault.fill(false);
    assert!(home.engine.elli().sign_out(source).await.unwrap());
    assert_eq!(elli.control().signed_in(), 0);
    assert!(!home.engine.elli().sign_out(source).await.unwrap());
    let nobody = home.engine.elli().sync(source).await;
    assert!(matches!(nobody, Err(ElliError::SignInAgain)));

    assert_eq!(home.sign_in(Some(source)).await.unwrap(), source);
    let before = home.vault.session(source).unwrap();
    elli.stop().await;
    assert!(!home.engine.elli().sign_out(source).await.unwrap());
    assert_ne!(home.vault.session(source).unwrap(), before);
    assert_eq!(home.sources().await.len(), 1, "what is recorded stays");
    home.engine.stop().await;
}

#[tokio::test]
async fn a_removed_account_is_forgotten_and_revoked() {
    let elli = cloud().await;
    let home = Home::at(&elli).await;
    let source = home.sign_in(None).await.unwrap();
    home.engine.sources().remove(source).await.unwrap();
    assert!(home.vault.is_empty());
    let revoked = async || (elli.control().signed_in() == 0).then_some(());
    eventually(SOON, "the session is revoked", revoked).await;
    home.engine.stop().await;
    elli.stop().await;
}

#[tokio::test]
async fn a_removed_account_that_is_signed_in_to_again_is_the_same_source() {
    let elli = cloud().await;
    let home = Home::at(&elli).await;
    let source = home.sign_in(None).await.unwrap();
    let renamed = SourceDraft {
        name: Some("Company car".to_owned()),
        config: None,
        password: PasswordChange::Keep,
    };
    let before = home.engine.sources().update(source, renamed).await.unwrap();
    for _ in 0..2 {
        home.engine.sources().remove(source).await.unwrap();
        assert!(home.sources().await.is_empty());
        assert_eq!(home.sign_in(None).await.unwrap(), source);
        assert_eq!(home.sources().await, std::slice::from_ref(&before));
        assert!(home.vault.session(source).is_some());
    }
    // It is read again.
    let read = async || {
        let account = home.engine.elli().account(source).await.unwrap();
        account.sync.last_run_at
    };
    eventually(SOON, "it is read again", read).await;
    home.engine.stop().await;
    elli.stop().await;
}

#[tokio::test]
async fn a_removal_that_waits_for_elli_keeps_nothing_else_waiting() {
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", hanging.local_addr().unwrap());
    let (dir, vault) = (TempDir::new().unwrap(), Arc::<Vault>::default());
    let account = SourceId(Uuid::from_u128(7));
    let config = ElliConfig {
        auth_url: url.clone(),
        api_url: url.clone(),
        subject: None,
    };
    let data = SeedData {
        source: (account, "Anna".to_owned(), SourceConfig::Elli(config)),
        devices: Vec::new(),
        series: Vec::new(),
    };
    seed(dir.path(), data, noon()).await.unwrap();
    let name = format!("source/{account}/elli-refresh-token");
    vault.set_secret(&name, Some("a-token")).await.unwrap();
    let config = EngineConfig {
        elli: Config::at(&url),
        ..EngineConfig::new(dir.path())
    };
    let clock = ManualClock::new(noon());
    let engine = Engine::open(config, vault, Arc::new(clock)).await.unwrap();
    // The sign-in is being renewed, and Elli does not answer.
    let (_refresh, _) = hanging.accept().await.unwrap();
    let sources = engine.sources().clone();
    let removing = tokio::spawn(async move { sources.remove(account).await });
    // Each asks the database, so that the removal comes in between.
    for port in 1..=5 {
        let charger = Charger2Config {
            host: "127.0.0.1".to_owned(),
            port,
        };
        let draft = SourceDraft {
            name: None,
            config: Some(SourceConfig::Charger2(charger)),
            password: PasswordChange::Keep,
        };
        let added = tokio::time::timeout(SOON, engine.sources().add(draft)).await;
        added.expect("nothing waits for Elli").unwrap();
    }
    assert!(!removing.is_finished());
    engine.stop().await;
}

#[tokio::test]
async fn a_session_moves_and_is_not_copied() {
    let elli = cloud().await;
    let (desktop, cellar) = (Home::at(&elli).await, Home::at(&elli).await);
    let source = desktop.sign_in(None).await.unwrap();
    let token = desktop.vault.session(source).unwrap();
    desktop.vault.fill(true);
    let kept = desktop.engine.elli().hand_over(source).await;
    assert!(matches!(kept, Err(HandOverError::Secret(_))));
    desktop.vault.fill(false);
    let ticket = desktop.engine.elli().hand_over(source).await.unwrap();
    assert!(ticket.starts_with("ladebuch-elli-1:"));
    assert_ne!(desktop.vault.session(source).unwrap(), token, "forgotten");
    let nothing = desktop.engine.elli().hand_over(source).await;
    assert!(matches!(nothing, Err(HandOverError::SignInAgain)));

    let take = async |text: &str| cellar.engine.elli().take_over(text).await;
    let cut = take(&ticket[..60]).await;
    assert!(matches!(cut, Err(HandOverError::InvalidTicket)));
    // Nothing of this uses the text up.
    cellar.vault.fill(true);
    assert!(matches!(take(&ticket).await, Err(HandOverError::Secret(_))));
    cellar.vault.fill(false);
    elli.control().fail_once(Fault::TokenUnavailable);
    assert!(matches!(take(&ticket).await, Err(HandOverError::Elli(_))));
    let taken = take(&ticket).await.unwrap();
    assert!(cellar.vault.session(taken).is_some());
    assert_eq!(cellar.sources().await.len(), 1);
    // Whoever did not see the answer asks again, and does no harm.
    assert_eq!(take(&ticket).await.unwrap(), taken);
    assert_eq!(elli.control().signed_in(), 1);
    // Elsewhere the text is worth nothing.
    let used = desktop.engine.elli().take_over(&ticket).await;
    assert!(matches!(used, Err(HandOverError::SignInAgain)));
    desktop.engine.stop().await;
    cellar.engine.stop().await;
    elli.stop().await;
}

#[tokio::test]
async fn a_session_of_another_cloud_is_not_taken() {
    let (elli, other) = (cloud().await, cloud().await);
    let (home, stranger) = (Home::at(&elli).await, Home::at(&other).await);
    let source = stranger.sign_in(None).await.unwrap();
    let ticket = stranger.engine.elli().hand_over(source).await.unwrap();
    let before = (elli.control().asked(), other.control().asked());
    let refused = home.engine.elli().take_over(&ticket).await;
    assert!(matches!(refused, Err(HandOverError::OtherHosts)));
    assert_eq!((elli.control().asked(), other.control().asked()), before);
    stranger.engine.elli().take_over(&ticket).await.unwrap();
    home.engine.stop().await;
    stranger.engine.stop().await;
    elli.stop().await;
    other.stop().await;
}
