//! One-time codes that sign a browser in without showing it the owner token.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::token::{OwnerToken, TokenError, random_text};

/// How long a code can be used.
const LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// Most codes that wait to be used; the oldest goes first.
const WAITING_LIMIT: usize = 16;
const RANDOM_BYTES: usize = 16;
/// Wrong guesses that are answered within [`GUESS_WINDOW`].
const GUESS_LIMIT: usize = 10;
const GUESS_WINDOW: TimeDelta = TimeDelta::minutes(1);

/// The codes that wait to be used, and the latest wrong guesses.
#[derive(Debug, Default)]
pub struct SignInCodes(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Waiting>,
    wrong: Vec<DateTime<Utc>>,
}

#[derive(Debug)]
struct Waiting {
    digest: [u8; 32],
    expires: DateTime<Utc>,
}

/// Why a sign-in fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Wrong, used or expired.
    Wrong,
    /// Too many wrong guesses; the answer to this one is not given.
    Throttled,
}

impl SignInCodes {
    /// Makes a code that works once, until the moment given with it.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub fn issue(&self, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>), TokenError> {
        let code = random_text::<RANDOM_BYTES>()?;
        let expires = now + LIFETIME;
        self.with(|state| {
            state.waiting.retain(|code| code.expires > now);
            if state.waiting.len() >= WAITING_LIMIT {
                state.waiting.remove(0);
            }
            state.waiting.push(Waiting {
                digest: Sha256::digest(&code).into(),
                expires,
            });
        });
        Ok((code, expires))
    }

    /// Takes a code, which then no longer works.
    ///
    /// # Errors
    /// If it is wrong, used or expired, or too many wrong ones came before.
    pub fn redeem(&self, code: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let shown: [u8; 32] = Sha256::digest(code).into();
        self.with(|state| {
            state.guess(now, |state| {
                state.waiting.retain(|code| code.expires > now);
                let mut found = None;
                for (index, waiting) in state.waiting.iter().enumerate() {
                    if waiting.digest.ct_eq(&shown).into() {
                        found = Some(index);
                    }
                }
                found.map(|index| state.waiting.remove(index)).is_some()
            })
        })
    }

    /// Checks a token with the same patience for wrong ones.
    ///
    /// # Errors
    /// If it is wrong, or too many wrong ones came before.
    pub fn check(
        &self,
        token: &OwnerToken,
        shown: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        self.with(|state| state.guess(now, |_| token.is(shown)))
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        // Every change leaves the state whole, so a panic elsewhere does not spoil it.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn guess(
        &mut self,
        now: DateTime<Utc>,
        right: impl FnOnce(&mut Self) -> bool,
    ) -> Result<(), Refusal> {
        self.wrong
            .retain(|&at| at <= now && now - at < GUESS_WINDOW);
        if self.wrong.len() >= GUESS_LIMIT {
            return Err(Refusal::Throttled);
        }
        if right(self) {
            return Ok(());
        }
        self.wrong.push(now);
        Err(Refusal::Wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_code_expires_after_a_quarter_of_an_hour() {
        let codes = SignInCodes::default();
        let (code, expires) = codes.issue(at(0)).unwrap();
        assert_eq!(expires, at(15));
        assert_eq!(codes.redeem(&code, at(15)), Err(Refusal::Wrong));
    }

    #[test]
    fn only_the_latest_codes_wait_to_be_used() {
        let codes = SignInCodes::default();
        let (first, _) = codes.issue(at(0)).unwrap();
        let (second, _) = codes.issue(at(0)).unwrap();
        for _ in 0..WAITING_LIMIT - 1 {
            codes.issue(at(0)).unwrap();
        }
        assert_eq!(codes.redeem(&first, at(1)), Err(Refusal::Wrong));
        assert_eq!(codes.redeem(&second, at(1)), Ok(()));
    }

    #[test]
    fn patience_with_wrong_guesses_returns_after_a_minute() {
        let codes = SignInCodes::default();
        let (code, _) = codes.issue(at(0)).unwrap();
        for _ in 0..GUESS_LIMIT {
            assert_eq!(codes.redeem("wrong", at(0)), Err(Refusal::Wrong));
        }
        assert_eq!(codes.redeem(&code, at(0)), Err(Refusal::Throttled));
        assert_eq!(codes.redeem(&code, at(1)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_lock_anybody_out() {
        let codes = SignInCodes::default();
        for _ in 0..GUESS_LIMIT {
            codes.redeem("wrong", at(60)).unwrap_err();
        }
        let (code, _) = codes.issue(at(0)).unwrap();
        assert_eq!(codes.redeem(&code, at(0)), Ok(()));
    }
}
