//! Users as a person names them on the command line or in a file.

use std::path::Path;

use ladebuch_sim::{Credentials, Role, UnknownRole, User};

/// Users of one argument: one spelled out, or a file of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Users(pub(crate) Vec<User>);

/// Why an argument names no users.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsersError {
    /// Neither a file nor a user.
    #[error("neither a file nor user:password:role[,role]")]
    Shape,
    /// A file that cannot be read.
    #[error("cannot read {0}: {1}")]
    File(String, std::io::Error),
    /// Not one of openWB's roles.
    #[error(transparent)]
    Role(#[from] UnknownRole),
}

impl Users {
    /// Reads `user:password:role[,role]`, or the file of that name with one such user a line. Empty
    /// lines and lines that begin with `#` do not count.
    pub(crate) fn read(argument: &str) -> Result<Self, UsersError> {
        if !Path::new(argument).exists() {
            return Ok(Self(vec![user(argument)?]));
        }
        let text = std::fs::read_to_string(argument)
            .map_err(|error| UsersError::File(argument.to_owned(), error))?;
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(user)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn user(text: &str) -> Result<User, UsersError> {
    // Roles have no colons in them, passwords may.
    let (name, rest) = text.split_once(':').ok_or(UsersError::Shape)?;
    let (password, roles) = rest.rsplit_once(':').ok_or(UsersError::Shape)?;
    if name.is_empty() {
        return Err(UsersError::Shape);
    }
    let roles = roles
        .split(',')
        .map(str::trim)
        .filter(|role| !role.is_empty())
        .map(str::parse::<Role>)
        .collect::<Result<_, _>>()?;
    Ok(User {
        credentials: Credentials {
            user: name.to_owned(),
            password: password.to_owned(),
        },
        roles,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_a_name_a_password_and_roles() {
        let anna = user("anna:pass:word:chargepoint-3-access,chart-access").unwrap();
        assert_eq!(anna.credentials.user, "anna");
        assert_eq!(anna.credentials.password, "pass:word");
        assert_eq!(anna.roles, [Role::ChargePoint(3), Role::Chart]);
        assert_eq!(user("guest:x:").unwrap().roles, []);
        assert!(matches!(user("anna"), Err(UsersError::Shape)));
        assert!(matches!(user("anna:x:boss"), Err(UsersError::Role(_))));
    }
}
