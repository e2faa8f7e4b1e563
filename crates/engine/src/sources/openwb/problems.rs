//! What can be wrong with a box behind a connection that stands, in sentences that say what to do.

use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::source::{Problem, ProblemKind};

/// It boots or updates.
pub fn booting() -> Problem {
    Problem {
        kind: ProblemKind::BoxBooting,
        detail: "The openWB is starting or updating. Its values count again when it is done."
            .into(),
        fingerprint: None,
    }
}

/// There is no openWB behind the broker.
pub fn not_openwb() -> Problem {
    Problem {
        kind: ProblemKind::NotOpenwb,
        detail: "The broker answers, but it has no openWB topics. Check that this is the address \
                 of the openWB itself, and the topic prefix if you use one."
            .into(),
        fingerprint: None,
    }
}

/// Guests see no charge point.
pub fn login_needed() -> Problem {
    Problem {
        kind: ProblemKind::LoginNeeded,
        detail: "This openWB has its user management switched on and shows its charge points only \
                 to users. Enter a user name and password and use TLS (port 8883)."
            .into(),
        fingerprint: None,
    }
}

/// This user does not see all charge points.
pub fn rights_missing(hidden: &[ExternalId]) -> Problem {
    let numbers: Vec<&str> = hidden
        .iter()
        .filter_map(|id| id.as_str().split('/').nth(1))
        .collect();
    let roles: Vec<String> = numbers
        .iter()
        .map(|number| format!("chargepoint-{number}-access"))
        .collect();
    Problem {
        kind: ProblemKind::RightsMissing,
        detail: format!(
            "This openWB hides charge point {} from this user. Give the user the role {} in the \
             openWB's user management; the rest is recorded meanwhile.",
            numbers.join(", "),
            roles.join(", ")
        )
        .into(),
        fingerprint: None,
    }
}

/// The link's problem in Ladebuch's terms: both name problems by the same codes.
pub fn to_domain(problem: &openwb::link::Problem) -> Problem {
    let named = |kind: &&ProblemKind| kind.code() == problem.code();
    let kind = ProblemKind::ALL.iter().find(named).copied();
    let fingerprint = match problem {
        openwb::link::Problem::TlsUntrusted { fingerprint } => Some(fingerprint.to_string().into()),
        _ => None,
    };
    Problem {
        kind: kind.unwrap_or(ProblemKind::ConnectionLost),
        detail: problem.to_string().into(),
        fingerprint,
    }
}
