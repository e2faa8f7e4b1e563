//! The address at which a sign-in ends.

use subtle::ConstantTimeEq;
use thiserror::Error;
use url::form_urlencoded;

use crate::config::{Config, bare};
use crate::private::Passing;

/// Longer than any code Elli gives.
const LONGEST: usize = 16 << 10;

/// Why an address does not end a sign-in. Holds nothing of it but the name of an error.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidCallback {
    /// Another address than the one a sign-in ends at.
    #[error("This is not the address at which signing in to Elli ends.")]
    OtherAddress,
    /// The end of another sign-in: one begun before, elsewhere, or by somebody else.
    #[error("This address belongs to another attempt to sign in. Begin again.")]
    OtherSignIn,
    /// The person or Elli said no.
    #[error("Elli did not sign you in ({error}).")]
    Denied {
        /// The name of the error, `unknown_error` if it is none.
        error: Box<str>,
    },
    /// Neither a code nor an error, or more than one.
    #[error("The address lacks the code that ends signing in. Copy it as a whole.")]
    NoCode,
}

impl InvalidCallback {
    /// A stable name for programs: `snake_case`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OtherAddress => "other_address",
            Self::OtherSignIn => "other_sign_in",
            Self::Denied { .. } => "denied",
            Self::NoCode => "no_code",
        }
    }
}

/// The state is looked at before everything else that the address says (RFC 9700, 4.7): a foreign
/// page can end up at the redirect address too, and must not even be able to abort a sign-in.
pub(super) fn code(
    config: &Config,
    state: &Passing,
    callback: &str,
) -> Result<Passing, InvalidCallback> {
    let address = unwrapped(callback);
    if address.len() > LONGEST || !config.is_redirect(address) {
        return Err(InvalidCallback::OtherAddress);
    }
    let query = address[bare(address).len()..]
        .strip_prefix('?')
        .map_or("", |rest| rest.split('#').next().unwrap_or_default());
    let parameters = Parameters(query);

    let given = parameters.once("state").unwrap_or_default();
    if !bool::from(given.as_bytes().ct_eq(state.expose().as_bytes())) {
        return Err(InvalidCallback::OtherSignIn);
    }
    if parameters.has("error") {
        let name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        let error = parameters
            .once("error")
            .filter(|error| error.len() <= 64 && error.bytes().all(name))
            .unwrap_or_else(|| "unknown_error".to_owned());
        return Err(InvalidCallback::Denied {
            error: error.into(),
        });
    }
    parameters
        .once("code")
        .filter(|code| code.bytes().all(|b| b.is_ascii_graphic()))
        .map(Passing::new)
        .ok_or(InvalidCallback::NoCode)
}

/// What people paste: with blanks around it, in quotes, or as a line of a browser's network log.
fn unwrapped(pasted: &str) -> &str {
    let around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`');
    let text = pasted.trim_matches(around);
    let header = "location:";
    match text.get(..header.len()) {
        Some(start) if start.eq_ignore_ascii_case(header) => {
            text[header.len()..].trim_matches(around)
        }
        _ => text,
    }
}

struct Parameters<'a>(&'a str);

impl Parameters<'_> {
    fn values(&self, name: &str) -> impl Iterator<Item = String> {
        form_urlencoded::parse(self.0.as_bytes())
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// The value of a parameter that is there exactly once and not empty.
    fn once(&self, name: &str) -> Option<String> {
        let mut values = self.values(name);
        let value = values.next().filter(|value| !value.is_empty())?;
        values.next().is_none().then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STATE: &str = "s-t_a1";

    fn check(callback: &str) -> Result<String, InvalidCallback> {
        code(&Config::default(), &Passing::new(STATE), callback)
            .map(|code| code.expose().to_owned())
    }

    fn with(query: &str) -> Result<String, InvalidCallback> {
        check(&format!("{}{query}", Config::default().redirect_uri))
    }

    fn denied(error: &str) -> Result<String, InvalidCallback> {
        Err(InvalidCallback::Denied {
            error: error.into(),
        })
    }

    #[test]
    fn the_code_is_decoded_and_the_fragment_ignored() {
        assert_eq!(with("?code=ab%2Fc&state=s-t_a1").unwrap(), "ab/c");
        assert_eq!(
            with("?state=s-t_a1&x=1&code=c#code=d&state=e").unwrap(),
            "c"
        );
        assert_eq!(with("?state=s-t_a1&error_code=1&code=c").unwrap(), "c");
    }

    #[test]
    fn what_people_paste_is_understood() {
        let address = format!("{}?code=c&state={STATE}", Config::default().redirect_uri);
        for pasted in [
            format!("  {address}\r\n"),
            format!("\"{address}\""),
            format!("'{address}' "),
            format!("Location: {address}"),
            format!("location:\t\"{address}\"\n"),
        ] {
            assert_eq!(check(&pasted).as_deref(), Ok("c"), "{pasted}");
        }
    }

    #[test]
    fn other_addresses_are_told_apart_before_anything_is_read() {
        for other in [
            "",
            "code=c&state=s-t_a1",
            "https://login.elli.eco/u/login?code=c&state=s-t_a1",
            "com.elli.ios.emsp://login.elli.eco/other?code=c&state=s-t_a1",
        ] {
            assert_eq!(check(other), Err(InvalidCallback::OtherAddress), "{other}");
        }
        let long = format!("?state=s-t_a1&code={}", "c".repeat(LONGEST));
        assert_eq!(with(&long), Err(InvalidCallback::OtherAddress));
    }

    #[test]
    fn the_state_comes_before_the_error() {
        for query in [
            "",
            "?error=access_denied",
            "?error=access_denied&state=",
            "?error=access_denied&state=other",
            "?code=c",
            "?code=c&state=s-t_a1&state=s-t_a1",
            "?code=c&state=s-t_a1&state=other",
            "?code=c&state=&state=s-t_a1",
            "?code=c&state=S-T_A1",
            "?code=c#state=s-t_a1",
        ] {
            assert_eq!(with(query), Err(InvalidCallback::OtherSignIn), "{query}");
        }
    }

    #[test]
    fn only_the_name_of_an_error_is_told() {
        assert_eq!(
            with("?error=access_denied&error_description=Max+said+no&state=s-t_a1"),
            denied("access_denied")
        );
        for query in [
            "?error=&state=s-t_a1",
            "?error=a&error=b&state=s-t_a1",
            "?error=%3Cscript%3E&state=s-t_a1",
            "?code=c&error&state=s-t_a1",
        ] {
            assert_eq!(with(query), denied("unknown_error"), "{query}");
        }
        let long = format!("?error={}&state=s-t_a1", "e".repeat(65));
        assert_eq!(with(&long), denied("unknown_error"));
    }

    #[test]
    fn there_is_exactly_one_code() {
        for query in [
            "?state=s-t_a1",
            "?state=s-t_a1&code=",
            "?state=s-t_a1&code=a&code=b",
            "?state=s-t_a1&code=a&code=a",
            "?state=s-t_a1&code=%0a",
            "?state=s-t_a1&code=%FF",
            "?state=s-t_a1#code=a",
        ] {
            assert_eq!(with(query), Err(InvalidCallback::NoCode), "{query}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in ".*") {
            let _unread = check(&text);
            let _unread = with(&text);
        }

        #[test]
        fn without_the_state_nothing_else_is_learned(
            state in "[A-Za-z0-9_-]{0,50}",
            rest in "(&(code|error|state|x)=[a-z%0-9]{0,5}){0,4}",
        ) {
            prop_assume!(state != STATE);
            prop_assert_eq!(
                with(&format!("?state={state}{rest}")),
                Err(InvalidCallback::OtherSignIn)
            );
        }

        #[test]
        fn parameters_count_in_any_order(
            code in "[!-~]{1,60}",
            others in prop::collection::vec(("[b-d]{1,3}", ".{0,8}"), 0..4),
            position in 0_usize..5,
        ) {
            let mut pairs = others;
            pairs.insert(position.min(pairs.len()), ("code".to_owned(), code.clone()));
            pairs.insert(position.min(pairs.len()), ("state".to_owned(), STATE.to_owned()));
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&pairs)
                .finish();
            prop_assert_eq!(with(&format!("?{query}")), Ok(code));
        }

        #[test]
        fn a_changed_address_is_another(at in 0_usize..66, to in any::<char>()) {
            let own = Config::default().redirect_uri;
            prop_assume!(at < own.len() && !"?#".contains(to));
            let changed = format!("{}{to}{}", &own[..at], &own[at + 1..]);
            prop_assume!(!changed.eq_ignore_ascii_case(&own));
            prop_assert_eq!(
                check(&format!("{changed}?code=c&state={STATE}")),
                Err(InvalidCallback::OtherAddress)
            );
        }

        #[test]
        fn errors_quote_nothing(secret in "[a-zA-Z0-9]{20}") {
            for query in [
                format!("?code={secret}&state=x"),
                format!("?state={STATE}&code={secret}&code=b"),
                format!("?state={STATE}&error=a%20b&code={secret}"),
                format!("x?code={secret}"),
            ] {
                let error = with(&query).unwrap_err();
                let shown = format!("{error} {error:?}");
                prop_assert!(!shown.contains(&secret));
            }
        }
    }
}
