//! Dependencies of an rpm file, as `getRPMDeps` tells them.

use std::cmp::Ordering;

use serde::Serialize;

use super::RpmFile;
use super::number as n;

/// The bits of the comparison among rpm's flags of a dependency.
const LESS: i64 = 2;
const GREATER: i64 = 4;
const EQUAL: i64 = 8;
const COMPARED: i64 = LESS | GREATER | EQUAL;

/// What kind of dependency it is. The numbers are Koji's `DEP_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i64)]
#[expect(missing_docs, reason = "rpm's own words")]
pub enum DepKind {
    Require = 0,
    Provide = 1,
    Obsolete = 2,
    Conflict = 3,
    Suggest = 4,
    Enhance = 5,
    Supplement = 6,
    Recommend = 7,
}

impl DepKind {
    /// All of them, in the order in which `getRPMDeps` answers.
    pub const ALL: [Self; 8] = [
        Self::Require,
        Self::Provide,
        Self::Conflict,
        Self::Obsolete,
        Self::Suggest,
        Self::Enhance,
        Self::Supplement,
        Self::Recommend,
    ];

    /// The kind of one of Koji's numbers.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as i64 == number)
    }

    /// The tags of name, version and flags.
    fn tags(self) -> [u32; 3] {
        match self {
            Self::Require => [n::REQUIRENAME, n::REQUIREVERSION, n::REQUIREFLAGS],
            Self::Provide => [n::PROVIDENAME, n::PROVIDEVERSION, n::PROVIDEFLAGS],
            Self::Obsolete => [n::OBSOLETENAME, n::OBSOLETEVERSION, n::OBSOLETEFLAGS],
            Self::Conflict => [n::CONFLICTNAME, n::CONFLICTVERSION, n::CONFLICTFLAGS],
            Self::Suggest => [n::SUGGESTNAME, n::SUGGESTVERSION, n::SUGGESTFLAGS],
            Self::Enhance => [n::ENHANCENAME, n::ENHANCEVERSION, n::ENHANCEFLAGS],
            Self::Supplement => [n::SUPPLEMENTNAME, n::SUPPLEMENTVERSION, n::SUPPLEMENTFLAGS],
            Self::Recommend => [n::RECOMMENDNAME, n::RECOMMENDVERSION, n::RECOMMENDFLAGS],
        }
    }
}

/// One dependency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dep {
    /// What is needed, provided and so on; also a file or a rich dependency in parentheses.
    pub name: String,
    /// `epoch:version-release`, each part but the version optional; empty when any will do.
    pub version: String,
    /// rpm's `RPMSENSE_*` bits.
    pub flags: i64,
    /// The number of the [`DepKind`].
    #[serde(rename = "type")]
    pub kind: i64,
}

impl Dep {
    /// The comparison as text: `<`, `>=` and so on, empty when any version will do.
    pub fn comparison(&self) -> &'static str {
        match self.flags & COMPARED {
            2 => "<",
            4 => ">",
            8 => "=",
            10 => "<=",
            12 => ">=",
            _ => "",
        }
    }

    /// Whether both can mean one thing: they have the same name, and versions that both allow, as rpm has it.
    pub fn overlaps(&self, other: &Self) -> bool {
        if self.name != other.name {
            return false;
        }
        let (left, right) = (self.flags & COMPARED, other.flags & COMPARED);
        if left == 0 || right == 0 {
            return true;
        }
        match compare(&self.version, &other.version) {
            Ordering::Less => left & GREATER != 0 || right & LESS != 0,
            Ordering::Greater => left & LESS != 0 || right & GREATER != 0,
            Ordering::Equal => left & right != 0,
        }
    }
}

/// The order of two versions; a release counts only if both have one.
fn compare(left: &str, right: &str) -> Ordering {
    let version = |text: &str| text.split_once('-').map_or(text, |(version, _)| version).to_owned();
    if left.contains('-') && right.contains('-') {
        return rpm_version::rpm_evr_compare(left, right);
    }
    rpm_version::rpm_evr_compare(&version(left), &version(right))
}

impl RpmFile {
    /// Its dependencies of one kind, in the order of the header.
    pub fn deps(&self, kind: DepKind) -> Vec<Dep> {
        let [names, versions, flags] = kind.tags();
        let names = self.header.texts(names).into_iter();
        let versions = self.header.texts(versions);
        let flags = self.header.numbers(flags);
        let rest = versions.into_iter().zip(flags);
        let dep = |(name, (version, flags)): (std::borrow::Cow<'_, str>, (_, u64))| Dep {
            name: name.into_owned(),
            version: std::borrow::Cow::into_owned(version),
            flags: flags.cast_signed(),
            kind: kind as i64,
        };
        names.zip(rest).map(dep).collect()
    }

    /// All of its dependencies, in the order of [`DepKind::ALL`].
    pub fn all_deps(&self) -> Vec<Dep> {
        DepKind::ALL.into_iter().flat_map(|kind| self.deps(kind)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dep(text: &str) -> Dep {
        let words: Vec<_> = text.split(' ').collect();
        let bits = [('<', LESS), ('=', EQUAL), ('>', GREATER)];
        let sign = words.get(1).copied().unwrap_or_default();
        let flags: i64 = bits.iter().filter(|(c, _)| sign.contains(*c)).map(|(_, bit)| bit).sum();
        let version = words.get(2).copied().unwrap_or_default().to_owned();
        // what else rpm notes of a dependency changes nothing
        Dep { name: words[0].to_owned(), version, flags: flags | 1 << 24, kind: DepKind::Provide as i64 }
    }

    #[test]
    fn versions_overlap_as_rpm_has_it() {
        for (provided, named, overlaps) in [
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
            assert_eq!(dep(provided).overlaps(&dep(named)), overlaps, "{provided} and {named}");
            assert_eq!(dep(named).overlaps(&dep(provided)), overlaps, "{named} and {provided}");
        }
        assert_eq!(dep("a >= 3").comparison(), ">=");
    }
}
