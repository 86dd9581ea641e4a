//! Whether two rpms of the same name are the same package: noarch rpms are built on every arch, and one is kept.
//!
//! Sizes, digests and times of files may differ, for they often hold the date of the build. What counts is what
//! the package says of itself, its dependencies, and the names, modes, owners and flags of its files.

use std::collections::BTreeSet;
use std::path::Path;

use super::deps::DepKind;
use super::{RpmFile, number};
use crate::{Error, Result};

/// Header tags that must be alike: what the package says of itself, and its scripts.
const TAGS: [&str; 19] = [
    "NAME",
    "SUMMARY",
    "DESCRIPTION",
    "GROUP",
    "LICENSE",
    "URL",
    "PREIN",
    "POSTIN",
    "PREUN",
    "POSTUN",
    "PRETRANS",
    "POSTTRANS",
    "PREINPROG",
    "POSTINPROG",
    "PREUNPROG",
    "POSTUNPROG",
    "VERIFYSCRIPT",
    "TRIGGERSCRIPTS",
    "TRIGGERNAME",
];

/// What differs, one line each; empty if nothing does.
pub fn differences(first: &Path, second: &Path) -> Result<Vec<String>> {
    let (first, second) = (RpmFile::open(first)?, RpmFile::open(second)?);
    let mut lines = Vec::new();
    for tag in TAGS {
        if first.header_field(tag)? != second.header_field(tag)? {
            lines.push(format!("S.5...... {tag}"));
        }
    }
    compare("file", &files(&first), &files(&second), &mut lines);
    for kind in DepKind::ALL {
        compare(&format!("{kind:?}"), &deps(&first, kind), &deps(&second, kind), &mut lines);
    }
    Ok(lines)
}

fn files(rpm: &RpmFile) -> BTreeSet<String> {
    let links = rpm.header.texts(number::FILELINKTOS);
    let file = |(at, file): (usize, super::file_list::FileEntry)| {
        let link = links.get(at).map(|link| link.as_ref()).unwrap_or_default();
        format!("{} {:o} {}:{} {} {link}", file.name, file.mode, file.user, file.group, file.flags)
    };
    rpm.files().into_iter().enumerate().map(file).collect()
}

/// What rpm itself needs depends on the machine that built the package.
fn deps(rpm: &RpmFile, kind: DepKind) -> BTreeSet<String> {
    let own = |name: &str| name.starts_with("rpmlib(");
    let text = |dep: super::deps::Dep| format!("{} {} {}", dep.name, dep.comparison(), dep.version);
    rpm.deps(kind).into_iter().filter(|dep| !own(&dep.name)).map(text).collect()
}

fn compare(what: &str, first: &BTreeSet<String>, second: &BTreeSet<String>, lines: &mut Vec<String>) {
    lines.extend(first.difference(second).map(|gone| format!("removed {what} {gone}")));
    lines.extend(second.difference(first).map(|new| format!("added {what} {new}")));
}

/// The rpms less the further copies of noarch ones; copies that differ are an error. `same_hash` tells of two paths
/// whether builders have found them alike already.
pub fn without_copies(
    work: &Path,
    rpms: &[String],
    same_hash: impl Fn(&str, &str) -> bool,
) -> Result<Vec<String>> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let mut kept: Vec<String> = Vec::new();
    for path in rpms {
        let earlier = kept.iter().find(|other| path.ends_with(".noarch.rpm") && name(other) == name(path));
        let Some(earlier) = earlier else {
            kept.push(path.clone());
            continue;
        };
        if same_hash(earlier, path) {
            continue;
        }
        let lines = differences(&work.join(earlier), &work.join(path))?;
        if !lines.is_empty() {
            return Err(Error::build(format!(
                "The following noarch package built differently on different architectures: {}\n{}",
                name(path),
                lines.join("\n")
            )));
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_go_only_if_they_are_noarch() {
        let paths =
            ["t/1/a-1-1.noarch.rpm", "t/2/a-1-1.noarch.rpm", "t/1/b-1-1.x86_64.rpm", "t/2/b-1-1.x86_64.rpm"];
        let paths = paths.map(str::to_owned);
        let kept = without_copies(Path::new("/nowhere"), &paths, |_, _| true).unwrap();
        assert_eq!(kept, [&paths[0], &paths[2], &paths[3]].map(String::clone));
        assert!(without_copies(Path::new("/nowhere"), &paths, |_, _| false).is_err());
    }

    #[test]
    fn sets_are_compared() {
        let set = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        let mut lines = Vec::new();
        compare("file", &set(&["a", "b"]), &set(&["b", "c"]), &mut lines);
        assert_eq!(lines, ["removed file a", "added file c"]);
    }
}
