//! Codes, access tokens, and families of refresh tokens. Times are what clients feel since the start.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;

use super::super::identity::secret;

/// Auth0 keeps so many refresh tokens of a user and client; the oldest goes first.
const FAMILIES: usize = 200;

/// What somebody agreed to by signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    /// Space-separated.
    pub(super) scope: String,
    /// Without one the access token is good for nothing but who one is.
    pub(super) audience: Option<String>,
}

impl Grant {
    pub(super) fn has(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|word| word == scope)
    }
}

/// What a code can be exchanged for, and by whom.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) grant: Grant,
    /// BASE64URL(SHA256(verifier)).
    pub(super) challenge: String,
    pub(super) redirect_uri: String,
    pub(super) expires: TimeDelta,
}

#[derive(Debug)]
struct Access {
    expires: TimeDelta,
    for_api: bool,
    /// How often it has asked for a further page of records.
    further_pages: u32,
}

#[derive(Debug)]
struct Refresh {
    family: u64,
    /// When it was rotated.
    spent: Option<TimeDelta>,
}

/// A refresh token cannot be used. Clients learn no more than that.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused;

#[derive(Debug, Default)]
pub(in super::super) struct Grants {
    codes: HashMap<String, Code>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    /// By age.
    families: BTreeMap<u64, Grant>,
    founded: u64,
}

impl Grants {
    pub(super) fn issue_code(&mut self, code: Code, now: TimeDelta) -> String {
        self.codes.retain(|_, code| code.expires > now);
        let name = secret();
        self.codes.insert(name.clone(), code);
        name
    }

    /// A code is used up by trying it.
    pub(super) fn redeem_code(&mut self, code: &str, now: TimeDelta) -> Option<Code> {
        self.codes.remove(code).filter(|code| code.expires > now)
    }

    pub(super) fn issue_access(
        &mut self,
        token: String,
        for_api: bool,
        expires: TimeDelta,
        now: TimeDelta,
    ) {
        self.access.retain(|_, access| access.expires > now);
        let access = Access {
            expires,
            for_api,
            further_pages: 0,
        };
        self.access.insert(token, access);
    }

    /// Whether the API lets this token in.
    pub(in super::super) fn lets_in(&self, token: &str, now: TimeDelta) -> bool {
        self.access
            .get(token)
            .is_some_and(|access| access.for_api && access.expires > now)
    }

    /// Counts a further page of records; at the second the token dies. Whether it still lived.
    pub(in super::super) fn turn_page(&mut self, token: &str) -> bool {
        let Some(access) = self.access.get_mut(token) else {
            return false;
        };
        access.further_pages += 1;
        if access.further_pages < 2 {
            return true;
        }
        self.access.remove(token);
        false
    }

    pub(in super::super) fn expire_access(&mut self) {
        self.access.clear();
    }

    /// A new sign-in that can be refreshed.
    pub(super) fn found_family(&mut self, grant: Grant) -> String {
        self.founded += 1;
        let family = self.founded;
        self.families.insert(family, grant);
        if self.families.len() > FAMILIES
            && let Some((oldest, _)) = self.families.pop_first()
        {
            self.kill(oldest);
        }
        self.add(family)
    }

    fn add(&mut self, family: u64) -> String {
        let token = secret();
        let refresh = Refresh {
            family,
            spent: None,
        };
        self.refresh.insert(token.clone(), refresh);
        token
    }

    /// Trades a refresh token for its successor. One that was traded before, beyond the leeway, takes
    /// its whole family with it.
    pub(super) fn rotate(
        &mut self,
        token: &str,
        leeway: TimeDelta,
        now: TimeDelta,
    ) -> Result<(Grant, String), Refused> {
        let refresh = self.refresh.get_mut(token).ok_or(Refused)?;
        let family = refresh.family;
        if let Some(spent) = refresh.spent
            && now - spent >= leeway
        {
            self.kill(family);
            return Err(Refused);
        }
        refresh.spent.get_or_insert(now);
        let grant = self.families.get(&family).cloned().ok_or(Refused)?;
        Ok((grant, self.add(family)))
    }

    /// What a refresh token stands for, without trading it.
    pub(super) fn use_again(&self, token: &str) -> Result<Grant, Refused> {
        let family = self
            .refresh
            .get(token)
            .filter(|refresh| refresh.spent.is_none());
        family
            .and_then(|refresh| self.families.get(&refresh.family))
            .cloned()
            .ok_or(Refused)
    }

    /// Ends the sign-in a refresh token belongs to.
    pub(super) fn revoke(&mut self, token: &str) {
        if let Some(refresh) = self.refresh.get(token) {
            self.kill(refresh.family);
        }
    }

    pub(in super::super) fn revoke_all(&mut self) {
        self.families.clear();
        self.refresh.clear();
    }

    pub(in super::super) fn families(&self) -> usize {
        self.families.len()
    }

    fn kill(&mut self, family: u64) {
        self.families.remove(&family);
        self.refresh.retain(|_, refresh| refresh.family != family);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: TimeDelta = TimeDelta::zero();

    fn grant() -> Grant {
        Grant {
            scope: "offline_access openid".to_owned(),
            audience: None,
        }
    }

    #[test]
    fn a_token_used_twice_kills_its_family_and_no_other() {
        let mut grants = Grants::default();
        let (first, other) = (grants.found_family(grant()), grants.found_family(grant()));
        let (_, second) = grants.rotate(&first, NONE, NONE).unwrap();
        let (_, third) = grants.rotate(&second, NONE, NONE).unwrap();
        assert_eq!(grants.rotate(&first, NONE, NONE), Err(Refused));
        assert_eq!(grants.rotate(&third, NONE, NONE), Err(Refused));
        assert!(grants.rotate(&other, NONE, NONE).is_ok());
        assert_eq!(grants.families(), 1);
    }

    #[test]
    fn leeway_is_for_the_previous_token_and_for_a_while() {
        let mut grants = Grants::default();
        let leeway = TimeDelta::seconds(10);
        let first = grants.found_family(grant());
        let at = TimeDelta::seconds;
        grants.rotate(&first, leeway, at(0)).unwrap();
        assert!(grants.rotate(&first, leeway, at(9)).is_ok());
        assert_eq!(grants.rotate(&first, leeway, at(10)), Err(Refused));
    }

    #[test]
    fn the_oldest_sign_in_is_dropped_at_last() {
        let mut grants = Grants::default();
        let first = grants.found_family(grant());
        for _ in 0..FAMILIES {
            grants.found_family(grant());
        }
        assert_eq!(grants.use_again(&first), Err(Refused));
        assert_eq!(grants.families(), FAMILIES);
    }
}
