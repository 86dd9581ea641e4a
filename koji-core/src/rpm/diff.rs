//! Whether two builds of the same `noarch` package are the same package: all that matters to whoever installs it,
//! but not sizes, digests and times of its files, which vary from one build to the next.

use std::collections::BTreeMap;

use super::deps::{Dep, DepKind};
use super::file::RpmFile;
use super::number::{DESCRIPTION, GROUP, LICENSE, NAME, SUMMARY, URL};

const PREIN: u32 = 1023;
const POSTIN: u32 = 1024;
const PREUN: u32 = 1025;
const POSTUN: u32 = 1026;
const FILERDEVS: u32 = 1033;
const FILEVERIFYFLAGS: u32 = 1045;

/// What must be equal as a whole.
const TEXTS: [(u32, &str); 10] = [
    (NAME, "NAME"),
    (SUMMARY, "SUMMARY"),
    (DESCRIPTION, "DESCRIPTION"),
    (GROUP, "GROUP"),
    (LICENSE, "LICENSE"),
    (URL, "URL"),
    (PREIN, "PREIN"),
    (POSTIN, "POSTIN"),
    (PREUN, "PREUN"),
    (POSTUN, "POSTUN"),
];

const DEPS: [(DepKind, &str); 4] = [
    (DepKind::Require, "REQUIRES"),
    (DepKind::Provide, "PROVIDES"),
    (DepKind::Conflict, "CONFLICTS"),
    (DepKind::Obsolete, "OBSOLETES"),
];

/// The differences between two packages, one line each; none if they are the same.
pub fn differences(old: &RpmFile, new: &RpmFile) -> Vec<String> {
    let mut lines = Vec::new();
    for (tag, name) in TEXTS {
        let line = match (old.header.texts(tag), new.header.texts(tag)) {
            (a, b) if a == b => continue,
            (a, _) if a.is_empty() => format!("added       {name}"),
            (_, b) if b.is_empty() => format!("removed     {name}"),
            _ => format!("S.5........ {name}"),
        };
        lines.push(line);
    }
    for (kind, name) in DEPS {
        let (before, after) = (deps(old, kind), deps(new, kind));
        let told = |word: &str, dep: &Dep| {
            format!("{word:<12}{name} {} {} {}", dep.name, dep.comparison(), dep.version)
        };
        let missing = |dep: &&Dep, list: &[Dep]| !list.iter().any(|other| is_same(dep, other));
        lines.extend(before.iter().filter(|dep| missing(dep, &after)).map(|dep| told("removed", dep)));
        lines.extend(after.iter().filter(|dep| missing(dep, &before)).map(|dep| told("added", dep)));
    }
    let (before, after) = (files(old), files(new));
    for (name, file) in &before {
        match after.get(name) {
            None => lines.push(format!("removed     {name}")),
            Some(other) => lines.extend(file.differs(other).map(|marks| format!("{marks} {name}"))),
        }
    }
    lines.extend(after.keys().filter(|name| !before.contains_key(*name)).map(|name| format!("added       {name}")));
    lines
}

fn is_same(a: &Dep, b: &Dep) -> bool {
    (&a.name, a.flags, &a.version) == (&b.name, b.flags, &b.version)
}

/// Dependencies, without what a package provides by being itself.
fn deps(rpm: &RpmFile, kind: DepKind) -> Vec<Dep> {
    const EQUAL: i64 = 8;
    let own = format!("{}-{}", rpm.version, rpm.release);
    let mut deps = rpm.deps(kind);
    if kind == DepKind::Provide {
        deps.retain(|dep| dep.name != rpm.name || dep.flags != EQUAL || dep.version != own);
    }
    deps
}

/// What of a file must be equal.
#[derive(Debug, PartialEq, Eq)]
struct File {
    mode: i64,
    device: u64,
    verify: u64,
    user: String,
    group: String,
    flags: i64,
}

impl File {
    /// The marks that `rpm --verify` has for what differs.
    fn differs(&self, other: &Self) -> Option<String> {
        let mark = |same: bool, mark: char| if same { '.' } else { mark };
        (self != other).then(|| {
            ['.', mark(self.mode == other.mode, 'M'), '.', mark(self.device == other.device, 'D'), '.', '.']
                .into_iter()
                .chain([
                    mark(self.verify == other.verify, 'V'),
                    mark(self.user == other.user, 'U'),
                    mark(self.group == other.group, 'G'),
                    mark(self.flags == other.flags, 'F'),
                    '.',
                ])
                .collect()
        })
    }
}

fn files(rpm: &RpmFile) -> BTreeMap<String, File> {
    let (devices, verify) = (rpm.header.numbers(FILERDEVS), rpm.header.numbers(FILEVERIFYFLAGS));
    let file = |(place, entry): (usize, super::file_list::FileEntry)| {
        let at = |list: &[u64]| list.get(place).copied().unwrap_or_default();
        let file = File {
            mode: entry.mode,
            device: at(&devices),
            verify: at(&verify),
            user: entry.user,
            group: entry.group,
            flags: entry.flags,
        };
        (entry.name, file)
    };
    rpm.files().into_iter().enumerate().map(file).collect()
}
