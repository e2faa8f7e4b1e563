//! Who may read and write what.

use super::topic::matches;

/// Stands for the client id in a pattern, as in mosquitto's ACL files.
const CLIENT: &str = "%c";

/// A list of allowed topics; what it does not name is denied. The broker's own side is not bound by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acl {
    read: Vec<&'static str>,
    write: Vec<&'static str>,
}

impl Acl {
    /// Everybody may do everything.
    #[must_use]
    pub fn open() -> Self {
        Self {
            read: vec!["#"],
            write: vec!["#"],
        }
    }

    /// What a fresh openWB 2.x allows anonymous clients (`data/config/mosquitto/public/mosquitto.acl`).
    #[must_use]
    pub fn openwb() -> Self {
        Self {
            read: vec!["openWB/#", "openWB-remote/#", "others/#"],
            write: vec![
                "openWB/set/#",
                "openWB/system/messages/#",
                "openWB/command/%c/messages/#",
                "others/#",
                "openWB/simpleAPI/set/#",
            ],
        }
    }

    pub(super) fn may_read(&self, client: &str, topic: &str) -> bool {
        allows(&self.read, client, topic)
    }

    pub(super) fn may_write(&self, client: &str, topic: &str) -> bool {
        allows(&self.write, client, topic)
    }
}

fn allows(patterns: &[&str], client: &str, topic: &str) -> bool {
    patterns.iter().any(|pattern| {
        if pattern.contains(CLIENT) {
            // A client id with wildcards or levels in it would widen the pattern.
            !client.contains(['+', '#', '/']) && matches(&pattern.replace(CLIENT, client), topic)
        } else {
            matches(pattern, topic)
        }
    })
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
}
