//! Staying signed in, over real sockets.

mod account;
mod cloud;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use chrono::TimeDelta;

use self::account::{ACCOUNT, Account, stations};
use self::cloud::{Cloud, Twist};
use super::*;

fn granted(number: u32) -> ::elli::Tokens {
    ::elli::Tokens {
        access_token: AccessToken::new(format!("access-{number}")),
        refresh_token: Some(RefreshToken::new(format!("refresh-{number}"))),
        id_token: None,
        expires_in: Some(Duration::from_secs(3600)),
        scope: None,
    }
}

#[tokio::test]
async fn a_new_refresh_token_is_kept_before_its_access_token_is_used() {
    let account = Account::signed_in().await;
    assert_eq!(account.state(), TokenState::Unknown);
    let vault = &account.vault;
    let seen = account
        .tokens
        .call(|client, token| async move {
            client.stations(&token).await?;
            Ok((token.expose().to_owned(), vault.token()))
        })
        .await
        .unwrap();
    assert_eq!(seen, ("access-2".to_owned(), Some("refresh-2".to_owned())));
    assert_eq!(account.state(), TokenState::SignedIn);
    for _ in 0..3 {
        account.ask().await.unwrap();
    }
    assert_eq!(account.cloud.refreshes(), 1, "the access token is good");
}

#[tokio::test]
async fn the_token_is_renewed_before_its_end_whatever_the_clock_shows() {
    let account = Account::signed_in().await;
    account.ask().await.unwrap();
    for hours in [-7, 9000] {
        account.clock.set(TimeDelta::hours(hours));
        account.ask().await.unwrap();
    }
    account.clock.pass(Duration::from_secs(3600 - 61));
    account.ask().await.unwrap();
    assert_eq!(account.cloud.refreshes(), 1);
    account.clock.pass(Duration::from_secs(1));
    account.ask().await.unwrap();
    assert_eq!(account.cloud.refreshes(), 2);
    assert_eq!(account.vault.token().as_deref(), Some("refresh-3"));
    assert_eq!(account.cloud.asked(), 5, "no request was refused");
}

#[tokio::test]
async fn lifetimes_that_make_no_sense_are_not_believed() {
    for lifetime in ["0", "59", "-5", "null", "\"soon\"", "1e19", "1e300"] {
        let account = Account::signed_in().await;
        account.cloud.set_expires_in(lifetime);
        account.ask().await.unwrap();
        account.clock.pass(Duration::from_secs(1_000_000));
        account.ask().await.unwrap();
        assert_eq!(account.cloud.refreshes(), 1, "{lifetime}");
        account.cloud.expire_access();
        account.ask().await.unwrap();
        assert_eq!(account.cloud.refreshes(), 2, "{lifetime}: a 401 tells");
    }
}

#[tokio::test]
async fn a_refused_access_token_is_renewed_and_the_request_sent_again() {
    let account = Account::signed_in().await;
    account.ask().await.unwrap();
    account.cloud.expire_access();
    account.ask().await.unwrap();
    assert_eq!((account.cloud.refreshes(), account.cloud.asked()), (2, 3));
}

#[tokio::test]
async fn a_new_access_token_that_is_refused_too_ends_in_no_loop() {
    let account = Account::signed_in().await;
    account.ask().await.unwrap();
    account.cloud.refuse_every_access(true);
    for _ in 0..5 {
        let refused = account.ask().await;
        assert!(matches!(refused, Err(CallError::Elli(Error::Unauthorized))));
    }
    assert_eq!(account.cloud.refreshes(), 2);
    assert_eq!(account.state(), TokenState::SignedIn);
    account.clock.pass(USELESS_PAUSE);
    account.ask().await.unwrap_err();
    assert_eq!(account.cloud.refreshes(), 3);
    account.cloud.refuse_every_access(false);
    account.ask().await.unwrap();
    assert_eq!(account.cloud.refreshes(), 3);
}

#[tokio::test]
async fn only_a_401_is_about_the_token() {
    let account = Account::signed_in().await;
    account.ask().await.unwrap();
    for status in [403, 404, 408, 429, 500, 503] {
        account.cloud.set_api_status(status);
        let CallError::Elli(error) = account.ask().await.unwrap_err() else {
            panic!("{status}");
        };
        assert_eq!(error.status(), Some(status));
    }
    assert_eq!((account.cloud.refreshes(), account.cloud.asked()), (1, 7));
}

#[tokio::test]
async fn many_callers_share_one_refresh() {
    let account = Account::signed_in().await;
    account.cloud.twist(Twist::Wait);
    let calls = account.many_calls();
    account.cloud.waiting().await;
    account.cloud.go_on();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!((account.cloud.refreshes(), account.cloud.asked()), (1, 20));
}

#[tokio::test]
async fn who_waited_for_a_refresh_that_failed_does_not_begin_another() {
    let account = Account::signed_in().await;
    account.cloud.twist(Twist::Fail(503, "0"));
    for call in account.many_calls() {
        let CallError::Elli(error) = call.await.unwrap().unwrap_err() else {
            panic!("another error");
        };
        assert_eq!(error.status(), Some(503));
    }
    assert_eq!(account.cloud.refreshes(), 1);
    account.ask().await.unwrap();
}

#[tokio::test]
async fn elli_is_left_alone_for_as_long_as_it_asks() {
    let account = Account::signed_in().await;
    account.cloud.twist(Twist::Fail(429, "120"));
    account.ask().await.unwrap_err();
    account.clock.pass(Duration::from_secs(119));
    let CallError::Elli(error) = account.ask().await.unwrap_err() else {
        panic!("another error");
    };
    assert_eq!(error.retry_after(), Some(Duration::from_secs(120)));
    assert_eq!(account.cloud.refreshes(), 1);
    account.clock.pass(Duration::from_secs(1));
    account.ask().await.unwrap();
    // A proxy that says a year is not obeyed for longer than an hour.
    account.clock.pass(Duration::from_secs(3600));
    account.cloud.twist(Twist::Fail(503, "31536000"));
    account.ask().await.unwrap_err();
    account.clock.pass(LONGEST_PAUSE);
    account.ask().await.unwrap();
}

#[tokio::test]
async fn a_refresh_is_carried_through_although_nobody_waits() {
    let account = Account::signed_in().await;
    account.cloud.twist(Twist::Wait);
    let tokens = account.tokens.clone();
    let caller = tokio::spawn(async move { stations(&tokens).await });
    account.cloud.waiting().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    account.cloud.go_on();
    account.tokens.settle().await;
    assert_eq!(account.vault.token().as_deref(), Some("refresh-2"));
    account.ask().await.unwrap();
    assert_eq!((account.cloud.refreshes(), account.cloud.asked()), (1, 1));
}

#[tokio::test]
async fn a_token_that_the_host_does_not_take_is_neither_used_nor_lost() {
    let account = Account::signed_in().await;
    account.vault.fill(true);
    for _ in 0..3 {
        let refused = account.ask().await;
        assert!(matches!(refused, Err(CallError::Secret(_))));
    }
    assert_eq!((account.cloud.refreshes(), account.cloud.asked()), (1, 0));
    assert_eq!(account.vault.token().as_deref(), Some("refresh-1"));
    assert_eq!(account.state(), TokenState::SignedIn);
    // Not even when its access token has ended meanwhile.
    account.clock.pass(Duration::from_secs(7200));
    account.ask().await.unwrap_err();
    assert_eq!(account.cloud.refreshes(), 1);
    account.vault.fill(false);
    account.ask().await.unwrap();
    assert_eq!(account.vault.token().as_deref(), Some("refresh-3"));
    assert!(!account.cloud.is_revoked());
}

#[tokio::test]
async fn a_token_that_the_host_did_not_take_is_offered_again_without_being_asked() {
    let account = Account::signed_in().await;
    account.vault.fill(true);
    account.ask().await.unwrap_err();
    // Even if its worker is gone.
    let Account { vault, tokens, .. } = account;
    drop(tokens);
    vault.fill(false);
    tokio::time::pause();
    tokio::time::sleep(OFFER_AGAIN * 2).await;
    assert_eq!(vault.token().as_deref(), Some("refresh-2"));
}

#[tokio::test]
async fn a_process_killed_before_the_new_token_was_kept_has_to_sign_in_again() {
    let mut account = Account::signed_in().await;
    account.vault.fill(true);
    account.ask().await.unwrap_err();
    account.restart();
    account.vault.fill(false);
    for _ in 0..3 {
        let ended = account.ask().await;
        assert!(matches!(ended, Err(CallError::SignInAgain)));
        assert_eq!(account.state(), TokenState::SignInAgain);
    }
    assert_eq!(account.cloud.refreshes(), 2, "tried once, then never again");
    account.restart();
    let ended = account.ask().await;
    assert!(matches!(ended, Err(CallError::SignInAgain)));
    assert_eq!(account.cloud.refreshes(), 2, "not after a restart either");
    assert_eq!(account.cloud.asked(), 0);
}

#[tokio::test]
async fn a_revoked_sign_in_is_said_once_and_no_longer_tried() {
    let account = Account::signed_in().await;
    account.ask().await.unwrap();
    let mut state = account.tokens.state();
    state.mark_unchanged();
    account.cloud.revoke();
    account.cloud.expire_access();
    for _ in 0..3 {
        let ended = account.ask().await;
        assert!(matches!(ended, Err(CallError::SignInAgain)));
    }
    assert!(state.has_changed().unwrap());
    assert_eq!(account.vault.token().as_deref(), Some(SIGN_IN_AGAIN));
    assert_eq!((account.cloud.refreshes(), account.cloud.asked()), (2, 2));
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_once_more() {
    let account = Account::signed_in().await;
    // Nothing had happened.
    account.cloud.twist(Twist::Break);
    account.ask().await.unwrap();
    // Something had, and Elli is lenient.
    account.cloud.allow_leeway();
    account.cloud.expire_access();
    account.cloud.twist(Twist::Lose);
    account.ask().await.unwrap();
    assert_eq!(account.cloud.refreshes(), 4);
    assert_eq!(account.vault.token().as_deref(), Some("refresh-4"));
    // No network at all costs nothing.
    account.cloud.expire_access();
    account.cloud.twist(Twist::Break);
    account.cloud.twist(Twist::Break);
    let lost = account.ask().await;
    assert!(matches!(lost, Err(CallError::Elli(_))));
    assert_eq!(account.cloud.refreshes(), 6);
    account.ask().await.unwrap();
}

#[tokio::test]
async fn an_answer_lost_for_good_needs_a_new_sign_in() {
    let account = Account::signed_in().await;
    account.cloud.twist(Twist::Lose);
    let ended = account.ask().await;
    assert!(matches!(ended, Err(CallError::SignInAgain)));
    assert_eq!(account.cloud.refreshes(), 2);
    account.ask().await.unwrap_err();
    assert_eq!(account.cloud.refreshes(), 2);
}

#[tokio::test]
async fn a_locked_keychain_is_asked_again_with_the_next_request() {
    let account = Account::signed_in().await;
    account.vault.lock(true);
    let locked = account.ask().await;
    assert!(matches!(locked, Err(CallError::Secret(_))));
    assert_eq!(account.state(), TokenState::Unknown);
    assert!(account.tokens.give_up().await.is_err());
    assert_eq!(account.cloud.refreshes(), 0);
    account.vault.lock(false);
    account.ask().await.unwrap();
    assert_eq!(account.state(), TokenState::SignedIn);
}

#[tokio::test]
async fn a_token_that_is_not_rotated_stays() {
    let account = Account::signed_in().await;
    account.cloud.stop_rotating();
    account.vault.fill(true);
    for _ in 0..3 {
        account.ask().await.unwrap();
        account.cloud.expire_access();
    }
    assert_eq!(account.vault.token().as_deref(), Some("refresh-1"));
}

#[tokio::test]
async fn what_is_given_up_is_gone_here_and_good_elsewhere() {
    let mut account = Account::signed_in().await;
    account.ask().await.unwrap();
    account.vault.fill(true);
    assert!(account.tokens.give_up().await.is_err());
    account.ask().await.unwrap();
    account.vault.fill(false);
    let token = account.tokens.give_up().await.unwrap().unwrap();
    assert_eq!(account.state(), TokenState::SignedOut);
    assert!(matches!(account.ask().await, Err(CallError::SignedOut)));
    assert!(account.tokens.give_up().await.unwrap().is_none());
    account.restart();
    assert!(matches!(account.ask().await, Err(CallError::SignedOut)));
    assert_eq!(account.state(), TokenState::SignedOut);
    assert_eq!(account.cloud.asked(), 2);
    account.cloud.client().refresh(&token).await.unwrap();
}

#[tokio::test]
async fn what_is_given_up_for_somebody_who_went_away_stays() {
    let account = Account::signed_in().await;
    account.ask().await.unwrap();
    // Gone while the token is taken out, and when it is there but was not looked at.
    for turns in [0, 50] {
        {
            let mut giving_up = pin!(account.tokens.give_up());
            let first = poll_fn(|context| Poll::Ready(giving_up.as_mut().poll(context))).await;
            assert!(first.is_pending());
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
        }
        account.ask().await.unwrap();
        assert_eq!(account.state(), TokenState::SignedIn);
    }
    assert_eq!(account.vault.token().as_deref(), Some("refresh-4"));
}

#[tokio::test]
async fn the_newest_token_is_given_up_although_the_host_never_had_it() {
    let account = Account::signed_in().await;
    account.vault.fill(true);
    account.ask().await.unwrap_err();
    account.vault.fill(false);
    let token = account.tokens.forget().await.unwrap().unwrap();
    assert_eq!(token.expose(), "refresh-2");
    tokio::time::pause();
    tokio::time::sleep(OFFER_AGAIN * 2).await;
    assert_eq!(account.vault.token(), None, "nor is it offered any more");
}

#[tokio::test]
async fn a_sign_in_takes_the_place_of_the_one_before() {
    let account = Account::signed_in().await;
    account.cloud.twist(Twist::Lose);
    account.ask().await.unwrap_err();
    assert_eq!(account.state(), TokenState::SignInAgain);
    let other = Cloud::start().await;
    let tokens = Tokens::new(
        ACCOUNT,
        other.client(),
        account.vault.clone(),
        account.clock.clone(),
    );
    assert!(matches!(
        stations(&tokens).await,
        Err(CallError::SignInAgain)
    ));
    account.vault.fill(true);
    tokens.adopt(granted(1)).await.unwrap_err();
    assert_eq!(*tokens.state().borrow(), TokenState::SignInAgain);
    account.vault.fill(false);
    let useless = ::elli::Tokens {
        refresh_token: None,
        ..granted(1)
    };
    tokens.adopt(useless).await.unwrap_err();
    tokens.adopt(granted(1)).await.unwrap();
    assert_eq!(*tokens.state().borrow(), TokenState::SignedIn);
    assert_eq!(account.vault.token().as_deref(), Some("refresh-1"));
    stations(&tokens).await.unwrap();
    assert_eq!((other.refreshes(), other.asked()), (0, 1));
}

#[tokio::test]
async fn a_refresh_under_way_does_not_overwrite_a_new_sign_in() {
    let account = Account::signed_in().await;
    account.cloud.twist(Twist::Wait);
    let tokens = account.tokens.clone();
    let caller = tokio::spawn(async move { stations(&tokens).await });
    account.cloud.waiting().await;
    let (adopted, ()) = tokio::join!(account.tokens.adopt(granted(9)), async {
        tokio::task::yield_now().await;
        account.cloud.go_on();
    });
    adopted.unwrap();
    caller.await.unwrap().ok();
    assert_eq!(account.vault.token().as_deref(), Some("refresh-9"));
}

#[tokio::test]
async fn revoking_is_tried_and_not_waited_for_without_end() {
    let cloud = Cloud::start().await;
    assert!(revoke(&cloud.client(), &RefreshToken::new("refresh-1")).await);
    assert!(cloud.is_revoked());
    let nobody = Client::new(::elli::Config::at("http://127.0.0.1:1")).unwrap();
    assert!(!revoke(&nobody, &RefreshToken::new("refresh-1")).await);
}

#[tokio::test]
async fn no_token_is_shown() {
    let account = Account::signed_in().await;
    account.ask().await.unwrap();
    let shown = format!("{:?}", account.tokens);
    assert!(shown.contains("SignedIn"), "{shown}");
    assert!(!shown.contains("refresh-") && !shown.contains("access-"));
}
