//! [`Fragment`]: what one rpm adds to the metadata of a repository, made once and then used in any repository.
//!
//! It says what createrepo_c says of the rpm. The location is no part of it: that differs between repositories.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::xml::{push_attribute, push_element, push_text};
use crate::rpm::deps::{Dep, DepKind};
use crate::rpm::file_list::FileEntry;
use crate::rpm::{RpmFile, TagValue, number};
use crate::{Error, Result};

/// How many entries of the changelog go into a repository, as createrepo_c has it.
const CHANGELOG_LIMIT: usize = 10;
/// Flags of a requirement that must be there before or while scripts run: pre-requisite, scripts of
/// installation, and both scripts of the transaction.
const PRE: i64 = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 5 | 1 << 7;
/// Flag of a requirement that need not be met.
const MISSING_OK: i64 = 1 << 19;

/// The elements of one rpm in each of the three files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fragment {
    /// SHA-256 of the rpm file in hexadecimal.
    pub pkgid: String,
    /// `name-version-release.arch`
    pub nvra: String,
    /// For `primary.xml`, without its location.
    pub primary: String,
    /// Where in `primary` the location goes, in bytes.
    pub location_at: usize,
    /// For `filelists.xml`.
    pub filelists: String,
    /// For `other.xml`.
    pub other: String,
}

impl Fragment {
    /// Reads an rpm file. Its SHA-256 is computed unless it is known already.
    pub fn of_file(path: &Path, sha256: Option<&str>) -> Result<Self> {
        let rpm = RpmFile::open(path)?;
        let pkgid = sha256.map_or_else(|| sha256_of(path), |known| Ok(known.to_owned()))?;
        Ok(Self::new(&rpm, pkgid))
    }

    /// Describes an rpm whose SHA-256 is `pkgid`.
    pub fn new(rpm: &RpmFile, pkgid: String) -> Self {
        let files = rpm.files();
        let (primary, location_at) = primary(rpm, &pkgid, &files);
        let filelists = in_package(rpm, &pkgid, |out| files.iter().for_each(|file| push_file(out, file)));
        let other = in_package(rpm, &pkgid, |out| push_changelog(out, rpm));
        Self { pkgid, nvra: rpm.nvra(), primary, location_at, filelists, other }
    }
}

fn sha256_of(path: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    let mut file = File::open(path).map_err(|source| Error::io(path, source))?;
    std::io::copy(&mut file, &mut digest).map_err(|source| Error::io(path, source))?;
    Ok(format!("{:x}", digest.finalize()))
}

fn primary(rpm: &RpmFile, pkgid: &str, files: &[FileEntry]) -> (String, usize) {
    let text = |tag| rpm.header.text(tag).unwrap_or_default();
    let mut out = String::with_capacity(4096);
    out.push_str("<package type=\"rpm\">\n");
    push_element(&mut out, "  ", "name", &rpm.name);
    push_element(&mut out, "  ", "arch", &rpm.arch);
    push_version(&mut out, rpm);
    out.push_str("  <checksum type=\"sha256\" pkgid=\"YES\">");
    push_text(&mut out, pkgid);
    out.push_str("</checksum>\n");
    push_element(&mut out, "  ", "summary", &text(number::SUMMARY));
    push_element(&mut out, "  ", "description", &text(number::DESCRIPTION));
    push_element(&mut out, "  ", "packager", &text(number::PACKAGER));
    push_element(&mut out, "  ", "url", &text(number::URL));
    let _ = writeln!(out, "  <time file=\"{}\" build=\"{}\"/>", rpm.mtime_s, rpm.buildtime_s);
    let (installed, archive) = (size(rpm, "SIZE"), size(rpm, "ARCHIVESIZE"));
    let package = rpm.size_bytes;
    let _ = writeln!(out, "  <size package=\"{package}\" installed=\"{installed}\" archive=\"{archive}\"/>");
    let location_at = out.len();
    out.push_str("  <format>\n");
    push_element(&mut out, "    ", "rpm:license", &text(number::LICENSE));
    push_element(&mut out, "    ", "rpm:vendor", &text(number::VENDOR));
    push_element(&mut out, "    ", "rpm:group", &text(number::GROUP));
    push_element(&mut out, "    ", "rpm:buildhost", &text(number::BUILDHOST));
    push_element(&mut out, "    ", "rpm:sourcerpm", rpm.sourcerpm.as_deref().unwrap_or_default());
    let (start, end) = rpm.header_range;
    let _ = writeln!(out, "    <rpm:header-range start=\"{start}\" end=\"{end}\"/>");
    push_all_deps(&mut out, rpm, files);
    for file in files.iter().filter(|file| is_primary(&file.name)) {
        out.push_str("  ");
        push_file(&mut out, file);
    }
    out.push_str("  </format>\n</package>\n");
    (out, location_at)
}

fn size(rpm: &RpmFile, field: &str) -> i64 {
    match rpm.header_field(field) {
        Ok(TagValue::Number(size)) => size,
        _ => 0,
    }
}

fn push_version(out: &mut String, rpm: &RpmFile) {
    let _ = write!(out, "  <version epoch=\"{}\"", rpm.epoch.unwrap_or(0));
    push_attribute(out, "ver", &rpm.version);
    push_attribute(out, "rel", &rpm.release);
    out.push_str("/>\n");
}

/// The element that `filelists` and `other` have for an rpm, around what `fill` writes.
fn in_package(rpm: &RpmFile, pkgid: &str, fill: impl FnOnce(&mut String)) -> String {
    let mut out = String::with_capacity(1024);
    out.push_str("<package");
    push_attribute(&mut out, "pkgid", pkgid);
    push_attribute(&mut out, "name", &rpm.name);
    push_attribute(&mut out, "arch", &rpm.arch);
    out.push_str(">\n");
    push_version(&mut out, rpm);
    fill(&mut out);
    out.push_str("</package>\n");
    out
}

fn push_file(out: &mut String, file: &FileEntry) {
    out.push_str(match (file.is_dir(), file.is_ghost()) {
        (true, _) => "  <file type=\"dir\">",
        (false, true) => "  <file type=\"ghost\">",
        (false, false) => "  <file>",
    });
    push_text(out, &file.name);
    out.push_str("</file>\n");
}

/// Oldest first. No two entries have the same time, so that readers keep their order.
fn push_changelog(out: &mut String, rpm: &RpmFile) {
    let mut entries = rpm.changelog();
    entries.truncate(CHANGELOG_LIMIT);
    let times = distinct(entries.iter().map(|entry| entry.date_ts));
    for (entry, time_s) in entries.iter().zip(times).rev() {
        out.push_str("  <changelog");
        push_attribute(out, "author", entry.author.trim_end_matches(' '));
        let _ = write!(out, " date=\"{time_s}\">");
        push_text(out, &entry.text);
        out.push_str("</changelog>\n");
    }
}

/// Times, newest first, with newer ones moved on by seconds where an older one is the same.
fn distinct(times: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut moved: Vec<i64> = Vec::new();
    let mut last = None;
    for time in times {
        if last == Some(time) {
            for (taken, newer) in (time..).zip(moved.iter_mut().rev()) {
                if *newer != taken {
                    break;
                }
                *newer += 1;
            }
        }
        last = Some(time);
        moved.push(time);
    }
    moved
}

/// Files that dependencies usually name, which every reader gets without the file lists.
fn is_primary(path: &str) -> bool {
    path.starts_with("/etc/") || path == "/usr/lib/sendmail" || path.contains("bin/")
}

fn push_all_deps(out: &mut String, rpm: &RpmFile, files: &[FileEntry]) {
    let provides = rpm.deps(DepKind::Provide);
    let (hard, soft): (Vec<_>, Vec<_>) =
        requires(rpm, &provides, files).into_iter().partition(|dep| dep.flags & MISSING_OK == 0);
    push_deps(out, "rpm:provides", &provides);
    push_deps(out, "rpm:requires", &hard);
    push_deps(out, "rpm:conflicts", &rpm.deps(DepKind::Conflict));
    push_deps(out, "rpm:obsoletes", &rpm.deps(DepKind::Obsolete));
    push_deps(out, "rpm:suggests", &rpm.deps(DepKind::Suggest));
    push_deps(out, "rpm:enhances", &rpm.deps(DepKind::Enhance));
    let recommends: Vec<Dep> = soft.into_iter().chain(rpm.deps(DepKind::Recommend)).collect();
    push_deps(out, "rpm:recommends", &recommends);
    push_deps(out, "rpm:supplements", &rpm.deps(DepKind::Supplement));
}

/// What it requires of others: not of rpm itself, nor what it brings along, each once, and of the versions
/// of the C library only the highest, which goes last.
fn requires(rpm: &RpmFile, provides: &[Dep], files: &[FileEntry]) -> Vec<Dep> {
    let own_files: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let own: HashSet<_> = provides.iter().map(|dep| (&*dep.name, dep.comparison(), &*dep.version)).collect();
    let mut seen = HashMap::new();
    let mut libc: Option<Dep> = None;
    let mut kept = Vec::new();
    for dep in rpm.deps(DepKind::Require) {
        let own_file = is_primary(&dep.name) && own_files.contains(dep.name.as_str());
        if dep.name.starts_with("rpmlib(")
            || own_file
            || own.contains(&(&*dep.name, dep.comparison(), &*dep.version))
        {
            continue;
        }
        if dep.flags & MISSING_OK == 0 && dep.name.starts_with("libc.so.6") {
            if libc.as_ref().is_none_or(|best| is_higher(&dep.name, &best.name)) {
                libc = Some(dep);
            }
            continue;
        }
        let key = (dep.comparison(), dep.version.clone(), dep.flags & PRE != 0);
        if dep.flags & MISSING_OK == 0 && seen.insert(dep.name.clone(), key.clone()).as_ref() == Some(&key) {
            continue;
        }
        kept.push(dep);
    }
    kept.extend(libc);
    kept
}

/// Whether a versioned library dependency, such as `libc.so.6(GLIBC_2.34)(64bit)`, is of a higher version.
fn is_higher(candidate: &str, best: &str) -> bool {
    let version = |name: &str| -> Option<String> {
        let (_, rest) = name.split_once('(')?;
        let (label, _) = rest.split_once(')')?;
        let digits = label.find(|character: char| character.is_ascii_digit())?;
        Some(label[digits..].to_owned())
    };
    match (version(candidate), version(best)) {
        (Some(candidate), Some(best)) => rpm_version::rpm_evr_compare(&candidate, &best).is_gt(),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn push_deps(out: &mut String, element: &str, deps: &[Dep]) {
    let entries: Vec<_> = deps.iter().filter_map(|dep| Some((dep, Evr::parse(&dep.version)?))).collect();
    if entries.is_empty() {
        return;
    }
    let _ = writeln!(out, "    <{element}>");
    for (dep, evr) in entries.into_iter().filter(|(dep, _)| !dep.name.is_empty()) {
        out.push_str("      <rpm:entry");
        push_attribute(out, "name", &dep.name);
        let comparison = match dep.comparison() {
            "<" => "LT",
            ">" => "GT",
            "=" => "EQ",
            "<=" => "LE",
            ">=" => "GE",
            _ => "",
        };
        if !comparison.is_empty() {
            push_attribute(out, "flags", comparison);
            let parts = [("epoch", evr.epoch), ("ver", evr.version), ("rel", evr.release)];
            for (name, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
                push_attribute(out, name, value);
            }
        }
        if dep.kind == DepKind::Require as i64 && element == "rpm:requires" && dep.flags & PRE != 0 {
            out.push_str(" pre=\"1\"");
        }
        out.push_str("/>\n");
    }
    let _ = writeln!(out, "    </{element}>");
}

/// The parts of the version of a dependency, empty where they are missing.
struct Evr<'a> {
    epoch: &'a str,
    version: &'a str,
    release: &'a str,
}

impl<'a> Evr<'a> {
    /// `None` when the epoch is no number: such a dependency is left out.
    fn parse(text: &'a str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self { epoch: "", version: "", release: "" });
        }
        let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
        if !epoch.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (version, release) = rest.split_once('-').unwrap_or((rest, ""));
        Some(Self { epoch: if epoch.is_empty() { "0" } else { epoch }, version, release })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn highest_library_version() {
        assert!(is_higher("libc.so.6(GLIBC_2.34)(64bit)", "libc.so.6(GLIBC_2.4)(64bit)"));
        assert!(is_higher("libc.so.6(GLIBC_2.4)(64bit)", "libc.so.6()(64bit)"));
        assert!(!is_higher("libc.so.6()(64bit)", "libc.so.6(GLIBC_2.4)(64bit)"));
        assert!(!is_higher("libc.so.6", "libc.so.6"));
    }

    #[test]
    fn times_of_the_changelog_differ() {
        assert_eq!(distinct([9, 5, 5, 5, 1].into_iter()), [9, 7, 6, 5, 1]);
        assert_eq!(distinct([6, 5, 5].into_iter()), [7, 6, 5]);
    }

    #[test]
    fn versions_of_dependencies() {
        let parts = |text| Evr::parse(text).map(|evr| (evr.epoch, evr.version, evr.release));
        assert_eq!(parts("2:1.0-1"), Some(("2", "1.0", "1")));
        assert_eq!(parts("1.0"), Some(("0", "1.0", "")));
        assert_eq!(parts(""), Some(("", "", "")));
        assert_eq!(parts("x:1"), None);
    }
}
