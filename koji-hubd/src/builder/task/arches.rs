//! Which arches a build is made for, and on which hosts: pure rules, as upstream has them.

use std::collections::BTreeSet;

use koji_core::arch::{NOARCH, canonical};
use koji_core::{Error, Result};

use super::srpm::SourceRpm;

/// What the choice of a build's arches looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice<'a> {
    /// The arches of the build tag.
    pub tag: &'a str,
    /// More arches, which the package has in the destination tag.
    pub extra: &'a str,
    /// What the caller of a scratch build wants instead.
    pub wanted: Option<&'a str>,
}

/// The arches to build for, without doubles.
///
/// # Errors
/// When none is left.
pub(super) fn choose(choice: Choice<'_>, srpm: &SourceRpm) -> Result<Vec<String>> {
    let tag: Vec<&str> = choice.tag.split_whitespace().map(canonical).collect();
    let mut list: Vec<&str> = choice.tag.split_whitespace().chain(choice.extra.split_whitespace()).collect();
    let has = |list: &[String], arch: &str| list.iter().any(|one| one == arch);
    if !srpm.build_arches.is_empty() {
        list = srpm.build_arches.iter().map(String::as_str).collect();
    }
    if !srpm.exclusive_arches.is_empty() {
        list.retain(|arch| has(&srpm.exclusive_arches, arch));
    }
    list.retain(|arch| !has(&srpm.exclude_arches, arch));
    let named = has(&srpm.build_arches, NOARCH) || has(&srpm.exclusive_arches, NOARCH);
    if named && !has(&srpm.exclude_arches, NOARCH) {
        list.push(NOARCH);
    }
    if let Some(wanted) = choice.wanted {
        list = wanted.split_whitespace().collect();
    }
    let mut chosen: Vec<String> = vec![];
    for arch in list {
        let possible = arch == NOARCH || tag.contains(&canonical(arch));
        if possible && !has(&chosen, arch) {
            chosen.push(arch.to_owned());
        }
    }
    if chosen.is_empty() {
        return Err(Error::build("No matching arches were found"));
    }
    Ok(chosen)
}

/// What the arch of a task looks at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TaskArch<'a> {
    /// The arches of the build tag.
    pub tag: &'a str,
    /// The tag's `noarch_arches`, if it has them.
    pub noarch: Option<&'a str>,
    /// Patterns of arches that are taken as they are.
    pub literal: &'a str,
}

/// The arch of the host that a build for `arch` should run on. A noarch package may exclude arches, or ask
/// for some: then it goes to one of those, which `pick` chooses by their number.
pub(super) fn task_arch(
    arch: &str,
    srpm: Option<&SourceRpm>,
    rules: TaskArch<'_>,
    pick: impl FnOnce(usize) -> usize,
) -> Result<String> {
    if rules.literal.split_whitespace().any(|pattern| matches(pattern, arch)) {
        return Ok(arch.to_owned());
    }
    if arch != NOARCH {
        return Ok(canonical(arch).to_owned());
    }
    let none = SourceRpm::default();
    let srpm = srpm.unwrap_or(&none);
    let tag: BTreeSet<&str> = rules.tag.split_whitespace().map(canonical).collect();
    let canon = |list: &'_ [String]| -> BTreeSet<String> {
        list.iter().map(|arch| canonical(arch).to_owned()).collect()
    };
    let (exclusive, exclude) = (canon(&srpm.exclusive_arches), canon(&srpm.exclude_arches));
    let mut list: BTreeSet<&str> = match rules.noarch.filter(|noarch| !noarch.trim().is_empty()) {
        Some(noarch) => noarch.split_whitespace().map(canonical).filter(|arch| tag.contains(arch)).collect(),
        None => tag.clone(),
    };
    list.retain(|arch| exclusive.is_empty() || exclusive.contains(*arch));
    list.retain(|arch| !exclude.contains(*arch));
    if list == tag {
        return Ok(NOARCH.to_owned());
    }
    let at = pick(list.len());
    list.into_iter().nth(at).map(ToOwned::to_owned).ok_or_else(|| {
        Error::build(format!(
            "No valid arches were found. tag {tag:?}, extra {:?}, exclusive {exclusive:?}, exclude {exclude:?}",
            rules.noarch
        ))
    })
}

/// The arch of the buildroot: noarch packages are built in one that both the host and the tag know, the
/// preferred one if possible.
pub(super) fn buildroot_arch(arch: &str, host: &str, tag: &str, preferred: Option<&str>) -> Result<String> {
    if arch != NOARCH {
        return Ok(arch.to_owned());
    }
    for (what, list) in [("this host", host), ("the build tag", tag)] {
        if list.trim().is_empty() {
            return Err(Error::build(format!("No arch list for {what}")));
        }
    }
    let tag_arches: BTreeSet<&str> = tag.split_whitespace().map(canonical).collect();
    // the host's own order: its first arch is the one it is best at
    let common: Vec<&str> =
        host.split_whitespace().map(canonical).filter(|arch| tag_arches.contains(arch)).collect();
    let found = preferred.filter(|arch| common.contains(arch)).or_else(|| common.first().copied());
    found.map(ToOwned::to_owned).ok_or_else(|| {
        Error::build(format!("this host ({host}) does not support any arches of the build tag ({tag})"))
    })
}

/// Whether a host has an arch of a tag; a tag without arches is not the host's fault.
pub(super) fn share_arch(host: &str, tag: &str) -> bool {
    let mut tag = tag.split_whitespace().map(canonical).peekable();
    tag.peek().is_none() || tag.any(|arch| host.split_whitespace().any(|one| one == arch))
}

/// Whether a list of arches has one, or another of its family.
pub(super) fn has(list: &str, arch: &str) -> bool {
    list.split_whitespace().any(|known| canonical(known) == canonical(arch))
}

/// A shell pattern of `*` and `?`.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), first) => {
            matches(&pattern[1..], text)
                || first.is_some_and(|first| matches(pattern, &text[first.len_utf8()..]))
        }
        (Some('?'), Some(second)) => matches(&pattern[1..], &text[second.len_utf8()..]),
        (Some(first), Some(second)) if first == second => {
            matches(&pattern[first.len_utf8()..], &text[second.len_utf8()..])
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(arches: &[&str]) -> Vec<String> {
        arches.iter().map(|arch| (*arch).to_owned()).collect()
    }

    const TAG: Choice<'_> = Choice { tag: "x86_64 i686 aarch64", extra: "", wanted: None };

    #[test]
    fn a_build_takes_the_arches_of_its_tag() {
        let plain = SourceRpm::default();
        assert_eq!(choose(TAG, &plain).unwrap(), ["x86_64", "i686", "aarch64"]);
        // an extra arch must be one that the tag's arches can stand for
        let extra = Choice { extra: "i586 s390x", ..TAG };
        assert_eq!(choose(extra, &plain).unwrap(), ["x86_64", "i686", "aarch64", "i586"]);
        let wanted = Choice { wanted: Some("i386 ppc"), ..TAG };
        assert_eq!(choose(wanted, &plain).unwrap(), ["i386"]);
    }

    #[test]
    fn the_source_rpm_narrows_them() {
        let noarch = SourceRpm { build_arches: list(&["noarch"]), ..SourceRpm::default() };
        assert_eq!(choose(TAG, &noarch).unwrap(), ["noarch"]);
        let some = SourceRpm {
            exclusive_arches: list(&["x86_64", "aarch64", "ppc64"]),
            exclude_arches: list(&["aarch64"]),
            ..SourceRpm::default()
        };
        assert_eq!(choose(TAG, &some).unwrap(), ["x86_64"]);
        let none = SourceRpm { exclusive_arches: list(&["s390x"]), ..SourceRpm::default() };
        assert!(choose(TAG, &none).unwrap_err().message.contains("No matching arches"));
    }

    #[test]
    fn a_noarch_task_honours_what_the_package_excludes() {
        let rules = TaskArch { tag: "x86_64 aarch64", ..TaskArch::default() };
        let arch = |srpm: &SourceRpm| task_arch("noarch", Some(srpm), rules, |_| 0);
        assert_eq!(arch(&SourceRpm::default()).unwrap(), "noarch");
        let excludes = SourceRpm { exclude_arches: list(&["aarch64"]), ..SourceRpm::default() };
        assert_eq!(arch(&excludes).unwrap(), "x86_64");
        let wants = SourceRpm { exclusive_arches: list(&["s390x"]), ..SourceRpm::default() };
        assert!(arch(&wants).is_err());
        let tag = TaskArch { noarch: Some("aarch64"), ..rules };
        assert_eq!(task_arch("noarch", None, tag, |_| 0).unwrap(), "aarch64");
        assert_eq!(task_arch("i686", None, rules, |_| 0).unwrap(), "i386");
        let literal = TaskArch { literal: "s390x i?86", ..rules };
        assert_eq!(task_arch("i686", None, literal, |_| 0).unwrap(), "i686");
    }

    #[test]
    fn buildroots_of_noarch_packages_have_an_arch() {
        let arch = |host, preferred| buildroot_arch("noarch", host, "x86_64 i386", preferred);
        assert_eq!(arch("x86_64 i386 noarch", None).unwrap(), "x86_64");
        assert_eq!(arch("x86_64 i386 noarch", Some("i386")).unwrap(), "i386");
        assert_eq!(arch("x86_64", Some("i386")).unwrap(), "x86_64");
        assert!(arch("aarch64", None).is_err() && arch("", None).is_err());
        assert_eq!(buildroot_arch("i686", "", "", None).unwrap(), "i686");
    }

    #[test]
    fn hosts_and_tags() {
        assert!(share_arch("x86_64 i386", "i686"));
        assert!(!share_arch("aarch64", "x86_64 i686"));
        assert!(share_arch("aarch64", ""));
        assert!(has("x86_64 i686", "i386") && !has("x86_64", "i386"));
    }

    #[test]
    fn patterns() {
        assert!(matches("arm*", "armhfp") && matches("*", "") && matches("i?86", "i586"));
        assert!(!matches("i?86", "i86") && !matches("arm", "armhfp"));
    }
}
