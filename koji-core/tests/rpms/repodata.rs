//! The metadata of repositories against that of createrepo_c, element for element, and read by dnf.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use koji_core::compose::repodata::{Compression, Location, Options, Package, write};
use koji_core::compose::repomd::{Record, RepoMd};

use crate::fixtures;

const COMPS: &[u8] = b"<?xml version=\"1.0\"?>\n<comps><group><id>build</id></group></comps>\n";

fn packages(rpms: &[PathBuf]) -> Vec<Package> {
    let package = |path: &PathBuf| Package {
        path: path.clone(),
        location: Location {
            href: path.file_name().unwrap().to_str().unwrap().to_owned(),
            ..Location::default()
        },
        sha256: None,
    };
    rpms.iter().map(package).collect()
}

fn open(dir: &Path, record: &Record) -> String {
    let file = File::open(dir.join(&record.href)).unwrap();
    let mut text = String::new();
    match record.href.rsplit('.').next().unwrap() {
        "gz" => flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap(),
        "zst" => zstd::Decoder::new(file).unwrap().read_to_string(&mut text).unwrap(),
        _ => (&file).read_to_string(&mut text).unwrap(),
    };
    text
}

fn of_kind<'a>(repomd: &'a RepoMd, kind: &str) -> &'a Record {
    repomd.records.iter().find(|record| record.kind == kind).unwrap()
}

/// What createrepo_c wrote of a kind. Some versions of its XML library write letters of attributes as numbers.
fn theirs(dir: &Path, kind: &str) -> String {
    let repodata = dir.join("repodata");
    let end = format!("-{kind}.xml.gz");
    let mut names = std::fs::read_dir(&repodata).unwrap().map(|entry| entry.unwrap().path());
    let path = names.find(|path| path.to_str().unwrap().ends_with(&end)).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let letters = [("&#xDC;", "Ü"), ("&#xEF;", "ï"), ("&#xFC;", "ü")];
    letters.iter().fold(text, |text, (number, letter)| text.replace(number, letter))
}

/// The opening line and each package by itself.
fn elements(text: &str) -> (String, BTreeSet<String>) {
    let (head, rest) = text.split_once("<package ").unwrap();
    let (body, _) = rest.rsplit_once("</package>").unwrap();
    (head.to_owned(), body.split("<package ").map(|element| element.trim_end().to_owned()).collect())
}

fn same_as_createrepo(test: &str, rpms: &[PathBuf]) {
    let dir = tempfile::tempdir().unwrap();
    let (ours, other) = (dir.path().join("ours"), dir.path().join("theirs"));
    std::fs::create_dir(&other).unwrap();
    for path in rpms {
        std::os::unix::fs::symlink(path, other.join(path.file_name().unwrap())).unwrap();
    }
    let args = ["-q", "--no-database", "--compress-type=gz", other.to_str().unwrap()];
    if fixtures::run(test, "createrepo_c", &args).is_none() {
        return;
    }
    let repomd = write(&ours, &packages(rpms), &Options::default()).unwrap();
    for kind in ["primary", "filelists", "other"] {
        let (our_head, our_packages) = elements(&open(&ours, of_kind(&repomd, kind)));
        let (their_head, their_packages) = elements(&theirs(&other, kind));
        assert_eq!(our_head, their_head, "{kind}");
        for (ours, theirs) in our_packages.iter().zip(&their_packages) {
            assert_eq!(ours, theirs, "{kind}");
        }
        assert_eq!(our_packages.len(), rpms.len());
        assert_eq!(their_packages.len(), rpms.len());
    }
}

#[test]
fn recorded_rpms_as_createrepo() {
    let test = "recorded_rpms_as_createrepo";
    let Some(dir) = fixtures::recorded(test) else { return };
    same_as_createrepo(test, &fixtures::rpms_in(&dir));
    same_as_createrepo(test, &fixtures::rpms_in(&dir.join("signed")));
}

#[test]
fn peculiar_rpms_as_createrepo() {
    let test = "peculiar_rpms_as_createrepo";
    let dir = tempfile::tempdir().unwrap();
    let Some(rpms) = fixtures::build_peculiar(test, dir.path()) else { return };
    assert_eq!(rpms.len(), 3);
    same_as_createrepo(test, &rpms);
}

#[test]
fn lists_its_files_truly() {
    use sha2::{Digest, Sha256};
    let dir = tempfile::tempdir().unwrap();
    let Some(rpms) = fixtures::build_peculiar("lists_its_files_truly", dir.path()) else { return };
    let mut packages = packages(&rpms);
    packages[0].location.base = Some("https://example.org/x?a&b".into());
    packages[0].location.origin = Some("https://example.org/x/".into());
    let options = Options { groups: Some(COMPS), now_s: 12345, origins: true, ..Options::default() };
    for compression in [Compression::Gzip, Compression::Zstd] {
        let repomd = write(dir.path(), &packages, &Options { compression, ..options }).unwrap();
        let kinds: Vec<_> = repomd.records.iter().map(|record| record.kind).collect();
        assert_eq!(kinds, ["primary", "filelists", "other", "group", "group_gz", "origin"]);
        let mut names = BTreeSet::from(["repodata/repomd.xml".to_owned()]);
        for record in &repomd.records {
            let stored = std::fs::read(dir.path().join(&record.href)).unwrap();
            let text = open(dir.path(), record);
            assert_eq!(record.stored.size_bytes, stored.len() as u64);
            assert_eq!(record.stored.sha256, format!("{:x}", Sha256::digest(&stored)));
            let sum = record.open.as_ref().unwrap_or(&record.stored);
            assert_eq!(
                (sum.size_bytes, &sum.sha256),
                (text.len() as u64, &format!("{:x}", Sha256::digest(&text)))
            );
            names.insert(record.href.clone());
        }
        let there = std::fs::read_dir(dir.path().join("repodata")).unwrap();
        let there = there.map(|entry| format!("repodata/{}", entry.unwrap().file_name().to_str().unwrap()));
        assert_eq!(there.collect::<BTreeSet<_>>(), names, "nothing of the repodata before stays");
        let hidden = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(!hidden.into_iter().any(|name| name.to_str().unwrap().starts_with(".repodata")));
        let primary = open(dir.path(), of_kind(&repomd, "primary"));
        assert!(primary.contains("<location xml:base=\"https://example.org/x?a&amp;b\" href=\"peculiar-"));
        let origins = open(dir.path(), of_kind(&repomd, "origin"));
        assert_eq!(origins, "peculiar-1.0~rc1^git5-3.noarch\thttps://example.org/x/\n");
        let listed = std::fs::read_to_string(dir.path().join("repodata/repomd.xml")).unwrap();
        assert_eq!(listed, repomd.to_xml());
        assert!(listed.contains("<revision>12345</revision>"));
    }
}

#[test]
fn keeps_the_old_when_a_file_is_no_rpm() {
    let dir = tempfile::tempdir().unwrap();
    let first = write(dir.path(), &[], &Options::default()).unwrap();
    let bad = dir.path().join("bad.rpm");
    std::fs::write(&bad, "no rpm at all").unwrap();
    let error = write(dir.path(), &packages(&[bad]), &Options::default()).unwrap_err();
    assert!(error.message.contains("bad.rpm"), "{error}");
    let listed = std::fs::read_to_string(dir.path().join("repodata/repomd.xml")).unwrap();
    assert_eq!(listed, first.to_xml());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing half made is left");
}

#[test]
fn dnf_reads_it() {
    let test = "dnf_reads_it";
    let dir = tempfile::tempdir().unwrap();
    let Some(rpms) = fixtures::build_peculiar(test, dir.path()) else { return };
    let repo = dir.path().join("repo");
    write(&repo, &packages(&rpms), &Options { groups: Some(COMPS), ..Options::default() }).unwrap();
    let root = format!("--installroot={}", dir.path().join("root").display());
    let cache = format!("--setopt=cachedir={}", dir.path().join("cache").display());
    let path = format!("--repofrompath=x,file://{}", repo.display());
    let args = ["-q", &root, &cache, &path, "--repo=x", "--releasever=1", "repoquery", "-a"];
    let Some(output) = fixtures::run(test, "dnf", &args) else { return };
    let found: BTreeSet<&str> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
    let evr = "2:1.0~rc1^git5-3";
    let expected = ["peculiar-EVR.noarch", "peculiar-EVR.src", "peculiar-sub-EVR.noarch"];
    let expected = expected.map(|name| name.replace("EVR", evr));
    assert_eq!(found, expected.iter().map(String::as_str).collect());
}
