//! What is known about an account's tokens at the moment.

use std::time::Duration;

use ::elli::{AccessToken, Error, RefreshToken};

use super::TokenState;

/// An access token is renewed so long before its end, so that no request meets it.
const MARGIN: Duration = Duration::from_secs(60);
/// Nobody means shorter lifetimes: they are not believed, and a 401 tells instead.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Purse {
    pub held: Held,
    /// The host does not keep yet what is held.
    pub unsaved: bool,
    /// It is offered to the host from time to time.
    pub offering: bool,
    pub access: Option<Access>,
    /// Access tokens so far.
    issued: u64,
    /// Why the last refresh failed.
    pub failure: Option<Failure>,
    /// Until when, by uptime, a 401 is no reason to refresh.
    pub useless_until: Duration,
}

#[derive(Default)]
pub(super) enum Held {
    /// The host was not asked yet.
    #[default]
    Unread,
    Nothing,
    /// A token that Elli has refused for good is not even remembered.
    Refused,
    Token(RefreshToken),
}

#[derive(Clone)]
pub(super) struct Access {
    pub token: AccessToken,
    pub number: u64,
    /// By uptime; `None`: until a 401.
    pub good_until: Option<Duration>,
}

pub(super) struct Failure {
    pub error: Error,
    /// By uptime, as Elli asks for.
    pub not_before: Duration,
}

impl Purse {
    /// With the token of a new sign-in, which the host has.
    pub fn refilled(before: &Self, token: RefreshToken) -> Self {
        Self {
            held: Held::Token(token),
            offering: before.offering,
            issued: before.issued,
            ..Self::default()
        }
    }

    pub const fn state(&self) -> TokenState {
        match self.held {
            Held::Unread => TokenState::Unknown,
            Held::Nothing => TokenState::SignedOut,
            Held::Refused => TokenState::SignInAgain,
            Held::Token(_) => TokenState::SignedIn,
        }
    }

    /// Holds what the host does not have yet.
    pub fn hold(&mut self, held: Held) {
        if !matches!(held, Held::Token(_)) {
            self.access = None;
        }
        self.held = held;
        self.unsaved = true;
    }

    /// Takes everything out.
    pub fn empty(&mut self) -> Option<RefreshToken> {
        self.access = None;
        self.unsaved = false;
        match std::mem::replace(&mut self.held, Held::Nothing) {
            Held::Token(token) => Some(token),
            Held::Unread | Held::Nothing | Held::Refused => None,
        }
    }

    /// Puts in an access token that was asked for at `begun`, by uptime.
    pub fn take_access(&mut self, tokens: &::elli::Tokens, begun: Duration) -> Access {
        self.issued += 1;
        let access = Access {
            token: tokens.access_token.clone(),
            number: self.issued,
            good_until: tokens
                .expires_in
                .filter(|lifetime| *lifetime >= SHORTEST_LIFETIME)
                .and_then(|lifetime| begun.checked_add(lifetime - MARGIN.min(lifetime / 10))),
        };
        self.access = Some(access.clone());
        access
    }
}
