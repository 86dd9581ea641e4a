//! Merging repositories, against mergerepo_c.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use koji_core::compose::merge::{Mode, Rules, Source, merge};
use koji_core::compose::repodata::{Compression, Location, Options, Package, write};

use crate::fixtures;

/// A repository of the recorded rpms whose names begin so.
fn repo(dir: &Path, name: &str, beginnings: &[&str], compression: Compression) -> PathBuf {
    let recorded = fixtures::recorded("merge").unwrap();
    let name_of = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let rpms = fixtures::rpms_in(&recorded).into_iter();
    let wanted = rpms.filter(|path| beginnings.iter().any(|start| name_of(path).starts_with(start)));
    let package = |path: PathBuf| Package {
        location: Location { href: name_of(&path), ..Location::default() },
        path,
        sha256: None,
    };
    let dest = dir.join(name);
    let options = Options { compression, ..Options::default() };
    write(&dest, &wanted.map(package).collect::<Vec<_>>(), &options).unwrap();
    dest
}

/// What a file of the metadata holds: its packages, or the lines of the origins.
fn contents(dir: &Path, end: &str) -> (usize, BTreeSet<String>) {
    let mut names = std::fs::read_dir(dir.join("repodata")).unwrap().map(|entry| entry.unwrap().path());
    let path = names.find(|path| path.to_str().unwrap().ends_with(end)).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let items: Vec<String> = match text.split_once("<package ") {
        None => text.lines().map(str::to_owned).collect(),
        Some((_, rest)) => {
            let (body, _) = rest.rsplit_once("</package>").unwrap();
            body.split("<package ")
                .map(|element| element.trim_end().trim_end_matches("</package>").trim_end().to_owned())
                .collect()
        }
    };
    (items.len(), items.into_iter().collect())
}

/// Three repositories that overlap, merged by both; `blocked` names source packages.
fn same_as_mergerepo(mode: Mode, flags: &[&str], blocked: &[&str]) -> BTreeSet<String> {
    let test = "same_as_mergerepo";
    if fixtures::recorded(test).is_none() {
        return BTreeSet::new();
    }
    let dir = tempfile::tempdir().unwrap();
    let repos = [
        repo(dir.path(), "own", &["hello-1.0-1"], Compression::Gzip),
        repo(dir.path(), "near", &["hello-1.1", "libfoo-2", "libfoo-devel-2.1"], Compression::Gzip),
        repo(dir.path(), "far", &["hello-1.0", "libfoo-devel", "libfoo-2.1"], Compression::Gzip),
    ];
    let urls = repos.each_ref().map(|path| format!("file://{}/", path.display()));
    let list = dir.path().join("blocked");
    std::fs::write(&list, blocked.join("\n")).unwrap();
    let theirs = dir.path().join("theirs");
    let mut args = flags.to_vec();
    args.extend(["--no-database", "-a", "x86_64", "--arch-expand", "-o", theirs.to_str().unwrap()]);
    if mode != Mode::Bare {
        args.extend(["-b", list.to_str().unwrap()]);
    }
    urls.iter().for_each(|url| args.extend(["-r", url]));
    if fixtures::run(test, "mergerepo_c", &args).is_none() {
        return BTreeSet::new();
    }
    let sources: Vec<_> = repos.iter().zip(&urls).map(|(dir, url)| Source { url, dir }).collect();
    let arches = HashSet::from(["x86_64".to_owned(), "noarch".to_owned()]);
    let blocked: HashSet<String> = blocked.iter().map(ToString::to_string).collect();
    let rules = Rules { mode, arches: Some(&arches), blocked: &blocked };
    let ours = dir.path().join("ours");
    let repomd = merge(&ours, &sources, &rules, &Options { origins: true, ..Options::default() }).unwrap();
    assert!(repomd.records.iter().any(|record| record.kind == "origin"));
    for end in ["primary.xml.gz", "filelists.xml.gz", "other.xml.gz", "pkgorigins.gz"] {
        assert_eq!(contents(&ours, end), contents(&theirs, end), "{mode:?} {end}");
    }
    contents(&ours, "pkgorigins.gz")
        .1
        .iter()
        .map(|line| line.split('\t').next().unwrap().to_owned())
        .collect()
}

#[test]
fn koji_mode() {
    let taken = same_as_mergerepo(Mode::Koji, &["--koji"], &[]);
    let expected = ["hello-1.0-1.fc40.noarch", "libfoo-2.2-1.fc40.x86_64", "libfoo-devel-2.2-1.fc40.x86_64"];
    assert!(taken.is_empty() || taken == expected.map(str::to_owned).into());
}

#[test]
fn koji_mode_with_blocked_packages() {
    let taken = same_as_mergerepo(Mode::Koji, &["--koji"], &["libfoo"]);
    assert!(taken.is_empty() || taken == ["hello-1.0-1.fc40.noarch".to_owned()].into());
}

#[test]
fn simple_mode() {
    same_as_mergerepo(Mode::Simple, &["--koji", "--simple"], &["libfoo"]);
    same_as_mergerepo(Mode::Simple, &["--koji", "--simple"], &[]);
}

#[test]
fn bare_mode() {
    same_as_mergerepo(Mode::Bare, &["--pkgorigins", "--all"], &[]);
}

#[test]
fn refuses_metadata_that_changed() {
    if fixtures::recorded("refuses_metadata_that_changed").is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let own = repo(dir.path(), "own", &["hello"], Compression::Zstd);
    let sources = [Source { url: "file:///own/", dir: &own }];
    let rules = Rules { mode: Mode::Koji, arches: None, blocked: &HashSet::new() };
    let dest = dir.path().join("dest");
    merge(&dest, &sources, &rules, &Options::default()).unwrap();
    let list = own.join("repodata/repomd.xml");
    let text = std::fs::read_to_string(&list).unwrap();
    let (head, tail) = text.split_once("<checksum type=\"sha256\">").unwrap();
    let other = if tail.starts_with('0') { "1" } else { "0" };
    std::fs::write(&list, format!("{head}<checksum type=\"sha256\">{other}{}", &tail[1..])).unwrap();
    let error = merge(&dest, &sources, &rules, &Options::default()).unwrap_err();
    assert!(error.message.contains("checksum"), "{error}");
}
