//! Which names a hub accepts for what people create: tags, targets, users, hosts, channels and so on.
//!
//! The limits come from the hub's configuration; zero length or an empty pattern means no limit.

use regex::Regex;

use crate::{Error, Fault, Result};

/// The default of the option `MaxNameLengthInternal`, in characters.
pub const MAX_LENGTH: usize = 256;
/// The default of the option `RegexNameInternal`.
pub const INTERNAL_PATTERN: &str = "^[A-Za-z0-9/_.+-]+$";
/// The default of the option `RegexUserName`.
pub const USER_PATTERN: &str = "^[A-Za-z0-9/_.@-]+$";

/// A hub's limits for names.
#[derive(Clone, Debug)]
pub struct NameLimits {
    max_length: usize,
    internal: Option<Regex>,
    user: Option<Regex>,
}

impl NameLimits {
    /// Limits from a configuration; a pattern that does not compile is a configuration error.
    pub fn new(max_length: usize, internal: &str, user: &str) -> Result<Self> {
        let internal = pattern("RegexNameInternal", internal)?;
        let user = pattern("RegexUserName", user)?;
        Ok(Self { max_length, internal, user })
    }

    /// Koji's default limits.
    pub fn defaults() -> Result<Self> {
        Self::new(MAX_LENGTH, INTERNAL_PATTERN, USER_PATTERN)
    }

    /// Refuses a name that the hub's objects may not have.
    pub fn verify_internal(&self, name: &str) -> Result<()> {
        self.verify_length("Name", name)?;
        verify_pattern("Name", name, self.internal.as_ref(), "RegexNameInternal")
    }

    /// Refuses a user's name or Kerberos principal that may not be; what is not given is not judged.
    pub fn verify_user(&self, name: Option<&str>, principal: Option<&str>) -> Result<()> {
        let given = [("Name", name), ("Kerberos principal", principal)];
        for (what, value) in given {
            self.verify_length(what, value.unwrap_or_default())?;
        }
        for (what, value) in given {
            if let Some(value) = value {
                verify_pattern(what, value, self.user.as_ref(), "RegexUserName")?;
            }
        }
        Ok(())
    }

    /// Refuses a host name: a host is also a user, so both rules hold.
    pub fn verify_host(&self, name: &str) -> Result<()> {
        self.verify_internal(name)?;
        self.verify_user(Some(name), None)
    }

    fn verify_length(&self, what: &str, value: &str) -> Result<()> {
        let max = self.max_length;
        if max != 0 && value.chars().count() > max {
            return Err(Error::generic(format!(
                "{what} {value} is too long. Max length is {max} characters"
            )));
        }
        Ok(())
    }
}

fn verify_pattern(what: &str, value: &str, pattern: Option<&Regex>, option: &str) -> Result<()> {
    match pattern {
        Some(pattern) if !pattern.is_match(value) => {
            Err(Error::generic(format!("{what} {value} does not match {option} value")))
        }
        _ => Ok(()),
    }
}

/// Python matches at the start of the text, so the pattern is anchored there.
fn pattern(option: &str, text: &str) -> Result<Option<Regex>> {
    if text.is_empty() {
        return Ok(None);
    }
    let compiled = Regex::new(&format!("^(?:{text})"));
    compiled.map(Some).map_err(|error| {
        Error::new(Fault::Configuration, format!("the option {option} is not a valid pattern: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_rules() {
        let limits = NameLimits::defaults().unwrap();
        limits.verify_internal("f39-build/x_1+2").unwrap();
        for bad in ["", "with space", "a:b", "new\nline", "line\n"] {
            assert!(limits.verify_internal(bad).is_err(), "{bad:?}");
        }
        limits.verify_user(Some("host/a@REALM"), Some("a@B")).unwrap();
        assert!(limits.verify_user(Some("a+b"), None).is_err());
        assert!(limits.verify_host("a@b").is_err());
        limits.verify_host("builder1.example.com").unwrap();
    }

    #[test]
    fn length_counts_characters() {
        let limits = NameLimits::new(3, "", "").unwrap();
        limits.verify_internal("äöü").unwrap();
        assert!(limits.verify_internal("äöüx").unwrap_err().message.contains("3 characters"));
        assert!(limits.verify_user(None, Some("abcd")).is_err());
        NameLimits::new(0, "", "").unwrap().verify_internal(&"x".repeat(1000)).unwrap();
    }

    #[test]
    fn patterns_match_at_the_start() {
        let limits = NameLimits::new(0, "f|g", "").unwrap();
        limits.verify_internal("good").unwrap();
        assert!(limits.verify_internal("xg").is_err());
        assert_eq!(NameLimits::new(0, "(", "").unwrap_err().fault, Fault::Configuration);
    }
}
