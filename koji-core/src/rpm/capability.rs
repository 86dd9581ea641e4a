//! [`Capability`]: what a package provides or requires, and whether the one is the other.

use std::cmp::Ordering;
use std::fmt;

use super::deps::Dep;

/// Something that a package provides or requires: a name, perhaps with a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Capability {
    /// The name; a path, if it is a file.
    pub name: String,
    /// `<`, `<=`, `=`, `>=` or `>`; empty when any version will do.
    pub comparison: String,
    /// `epoch:version-release`, all parts but the version optional.
    pub version: String,
}

impl Capability {
    /// Reads `name`, or `name >= version`.
    pub fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace();
        let mut next = || words.next().unwrap_or_default().to_owned();
        match text.starts_with('(') {
            // a rich dependency is one name to whoever does not understand it
            true => Self { name: text.to_owned(), ..Self::default() },
            false => Self { name: next(), comparison: next(), version: next() },
        }
    }

    /// Whether what is provided is what is required: of the same name, and of versions that both allow, as
    /// rpm has it.
    pub fn meets(&self, required: &Self) -> bool {
        if self.name != required.name {
            return false;
        }
        if self.comparison.is_empty() || required.comparison.is_empty() {
            return true;
        }
        let has = |side: &Self, sign| side.comparison.contains(sign);
        match compare(&self.version, &required.version) {
            Ordering::Less => has(self, '>') || has(required, '<'),
            Ordering::Greater => has(self, '<') || has(required, '>'),
            Ordering::Equal => ['=', '<', '>'].iter().any(|c| has(self, *c) && has(required, *c)),
        }
    }
}

impl From<&Dep> for Capability {
    fn from(dep: &Dep) -> Self {
        let comparison = dep.comparison().to_owned();
        Self { name: dep.name.clone(), comparison, version: dep.version.clone() }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if !self.comparison.is_empty() {
            write!(f, " {} {}", self.comparison, self.version)?;
        }
        Ok(())
    }
}

/// The order of two versions; a release counts only if both have one.
fn compare(left: &str, right: &str) -> Ordering {
    let plain = |text: &str| text.split_once('-').map_or(text, |(version, _)| version).to_owned();
    if left.contains('-') && right.contains('-') {
        return rpm_version::rpm_evr_compare(left, right);
    }
    rpm_version::rpm_evr_compare(&plain(left), &plain(right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpm::deps::DepKind;

    #[test]
    fn versions_are_compared_as_rpm_does() {
        for (provided, required, meets) in [
            ("a = 0:2-1", "a", true),
            ("a = 0:2-1", "b", false),
            ("a = 0:2-1", "a >= 2", true),
            ("a = 0:2-1", "a > 2", false),
            ("a = 0:2-1", "a = 2-2", false),
            ("a = 1:2-1", "a < 3", false),
            ("a", "a = 7", true),
            ("a >= 3", "a < 3", false),
            ("a >= 3", "a > 9", true),
        ] {
            let told = Capability::parse(provided).meets(&Capability::parse(required));
            assert_eq!(told, meets, "{provided} for {required}");
            let told = Capability::parse(required).meets(&Capability::parse(provided));
            assert_eq!(told, meets, "{required} for {provided}");
        }
        assert_eq!(Capability::parse("(a if b)").name, "(a if b)");
    }

    #[test]
    fn dependencies_of_headers_are_written_like_those_of_spec_files() {
        // what else rpm notes of a dependency changes nothing
        let flags = 12 | 1 << 24;
        let dep = Dep { name: "a".into(), version: "3".into(), flags, kind: DepKind::Require as i64 };
        assert_eq!(Capability::from(&dep), Capability::parse("a >= 3"));
        assert_eq!(Capability::from(&dep).to_string(), "a >= 3");
        assert_eq!(Capability::parse("(a if b)").to_string(), "(a if b)");
    }
}
