//! Who is let in, and who may read and write what.

use std::borrow::Cow;
use std::sync::Arc;

use super::Credentials;
use super::topic::matches;

/// Stands for the client id in a pattern, as in mosquitto's ACL files.
const CLIENT: &str = "%c";

/// A list of allowed topics; what it does not name is denied. The broker's own side is not bound by it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Acl {
    read: Vec<Cow<'static, str>>,
    write: Vec<Cow<'static, str>>,
}

impl Acl {
    /// Everybody may do everything.
    #[must_use]
    pub fn open() -> Self {
        Self::default().reading(["#"]).writing(["#"])
    }

    /// What a fresh openWB 2.x allows anonymous clients (`data/config/mosquitto/public/mosquitto.acl`).
    #[must_use]
    pub fn openwb() -> Self {
        Self::default()
            .reading(["openWB/#", "openWB-remote/#", "others/#"])
            .writing([
                "openWB/set/#",
                "openWB/system/messages/#",
                "openWB/command/%c/messages/#",
                "others/#",
                "openWB/simpleAPI/set/#",
            ])
    }

    /// Allows topics to be read, too.
    #[must_use]
    pub fn reading<P: Into<Cow<'static, str>>>(
        mut self,
        patterns: impl IntoIterator<Item = P>,
    ) -> Self {
        self.read.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Allows topics to be written, too.
    #[must_use]
    pub fn writing<P: Into<Cow<'static, str>>>(
        mut self,
        patterns: impl IntoIterator<Item = P>,
    ) -> Self {
        self.write.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// What either allows.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.reading(other.read).writing(other.write)
    }

    pub(super) fn may_read(&self, client: &str, topic: &str) -> bool {
        allows(&self.read, client, topic)
    }

    pub(super) fn may_write(&self, client: &str, topic: &str) -> bool {
        allows(&self.write, client, topic)
    }
}

fn allows(patterns: &[Cow<'static, str>], client: &str, topic: &str) -> bool {
    patterns.iter().any(|pattern| {
        if pattern.contains(CLIENT) {
            // A client id with wildcards or levels in it would widen the pattern.
            !client.contains(['+', '#', '/']) && matches(&pattern.replace(CLIENT, client), topic)
        } else {
            matches(pattern, topic)
        }
    })
}

/// Somebody with a name, a password and rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Name and password.
    pub credentials: Credentials,
    /// Rights.
    pub acl: Acl,
}

/// Who is let in, and with which rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// Everybody, whatever name they show, with the same rights.
    Open(Acl),
    /// Only who shows these.
    Locked(Credentials, Acl),
    /// Who shows no name is a guest; who shows one must be known.
    Accounts {
        /// Rights of those without a name.
        guests: Acl,
        /// Everybody else.
        accounts: Vec<Account>,
    },
}

/// [`Door`] with rights that sessions can share.
#[derive(Debug)]
pub(super) struct Doorman {
    /// Rights of those who need no name.
    anonymous: Option<Arc<Acl>>,
    known: Vec<(Credentials, Arc<Acl>)>,
    looks_at_names: bool,
}

impl Doorman {
    pub(super) fn new(door: Door) -> Self {
        match door {
            Door::Open(acl) => Self {
                anonymous: Some(Arc::new(acl)),
                known: Vec::new(),
                looks_at_names: false,
            },
            Door::Locked(credentials, acl) => Self {
                anonymous: None,
                known: vec![(credentials, Arc::new(acl))],
                looks_at_names: true,
            },
            Door::Accounts { guests, accounts } => Self {
                anonymous: Some(Arc::new(guests)),
                known: accounts
                    .into_iter()
                    .map(|account| (account.credentials, Arc::new(account.acl)))
                    .collect(),
                looks_at_names: true,
            },
        }
    }

    /// The rights of who shows this; `None` if they are not let in.
    pub(super) fn rights(&self, user: Option<&str>, password: Option<&[u8]>) -> Option<Arc<Acl>> {
        match user.filter(|_| self.looks_at_names) {
            None => self.anonymous.clone(),
            Some(user) => self
                .known
                .iter()
                .find(|(known, _)| known.user == user)
                .filter(|(known, _)| password == Some(known.password.as_bytes()))
                .map(|(_, acl)| acl.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anonymous_clients_read_state_and_write_set_topics_only() {
        let acl = Acl::openwb();
        assert!(acl.may_read("app", "openWB/system/time"));
        assert!(!acl.may_read("app", "$SYS/broker/uptime"));
        assert!(acl.may_write("app", "openWB/set/chargepoint/3/set/manual_lock"));
        assert!(!acl.may_write("app", "openWB/chargepoint/3/set/manual_lock"));
        assert!(acl.may_write("app", "openWB/command/app/messages/1795334862771"));
        assert!(!acl.may_write("app", "openWB/command/other/messages/1"));
    }

    #[test]
    fn a_client_id_cannot_widen_its_rights() {
        assert!(!Acl::openwb().may_write("+", "openWB/command/other/messages/1"));
        assert!(!Acl::openwb().may_write("#", "openWB/command/other"));
    }

    #[test]
    fn names_count_only_where_somebody_looks_at_them() {
        let credentials = Credentials {
            user: "anna".to_owned(),
            password: "secret".to_owned(),
        };
        let open = Doorman::new(Door::Open(Acl::open()));
        assert!(open.rights(Some("anybody"), None).is_some());
        let locked = Doorman::new(Door::Locked(credentials.clone(), Acl::open()));
        assert!(locked.rights(None, None).is_none());
        assert!(locked.rights(Some("anna"), Some(b"secret")).is_some());
        let accounts = Doorman::new(Door::Accounts {
            guests: Acl::default(),
            accounts: vec![Account {
                credentials,
                acl: Acl::open(),
            }],
        });
        assert_eq!(
            accounts.rights(None, None).as_deref(),
            Some(&Acl::default())
        );
        assert_eq!(
            accounts.rights(Some("anna"), Some(b"secret")).as_deref(),
            Some(&Acl::open())
        );
        assert!(accounts.rights(Some("anna"), Some(b"wrong")).is_none());
        assert!(accounts.rights(Some("nobody"), Some(b"secret")).is_none());
    }
}
