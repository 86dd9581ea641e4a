//! Dependencies of an rpm file, as `getRPMDeps` tells them.

use serde::Serialize;

use super::RpmFile;
use super::number as n;

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
        match self.flags & 0xf {
            2 => "<",
            4 => ">",
            8 => "=",
            10 => "<=",
            12 => ">=",
            _ => "",
        }
    }
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
