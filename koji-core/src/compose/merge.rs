//! [`merge`]: makes one repository of a tag's own and its external ones, as Koji does with `mergerepo_c`.
//!
//! The repositories stand in the order of their priority, the tag's own first. Which packages are taken is
//! decided by [`select`] from a few facts of each; the metadata itself is passed through.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::external::{External, attribute};
use super::repomd::RepoMd;
use super::stream::Stream;
use super::writer::{Location, Options, RepoWriter, location_element};
use crate::{Error, Result};

/// How packages of several repositories are chosen: the merge mode of an external repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Of each source package one build: from the first repository that has it, there the newest.
    Koji,
    /// Everything but what is blocked, duplicates too.
    Simple,
    /// Everything, blocked or not; of the same name, version and architecture the first.
    Bare,
}

/// What is taken.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// How it is chosen.
    pub mode: Mode,
    /// The architectures to take, `noarch` among them; all when there is no list.
    pub arches: Option<&'a HashSet<String>>,
    /// Names of source packages that are blocked in the tag.
    pub blocked: &'a HashSet<String>,
}

/// A repository to merge.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its address. Packages that name no other base are fetched from there, except those of the first.
    pub url: &'a str,
    /// The directory that holds its `repodata`.
    pub dir: &'a Path,
}

/// The facts of a package that decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Identifies the package within a repository.
    pub pkgid: String,
    /// Name.
    pub name: String,
    /// Epoch, `0` when it has none.
    pub epoch: String,
    /// Version.
    pub version: String,
    /// Release.
    pub release: String,
    /// Architecture.
    pub arch: String,
    /// File name of its source rpm; empty when the metadata does not say.
    pub sourcerpm: String,
}

/// Writes the merged repository to `dest`, which is made when it is missing.
///
/// # Errors
/// When metadata cannot be read or is not what its `repomd.xml` says; then what was in `dest` stays.
pub fn merge(
    dest: &Path,
    sources: &[Source<'_>],
    rules: &Rules<'_>,
    options: &Options<'_>,
) -> Result<RepoMd> {
    std::fs::create_dir_all(dest).map_err(|source| Error::io(dest, source))?;
    let externals = sources.iter().map(|source| External::open(source.dir)).collect::<Result<Vec<_>>>()?;
    let mut facts = Vec::with_capacity(sources.len());
    for external in &externals {
        let mut of_one = Vec::new();
        external.each_package("primary", |text| {
            of_one.push(Package::parse(text)?.facts);
            Ok(())
        })?;
        facts.push(of_one);
    }
    let chosen = select(&facts, rules);
    drop(facts);
    let count = chosen.iter().map(HashSet::len).sum();
    let mut writer = RepoWriter::create(dest, count, *options)?;
    let mut streams = writer.streams(count)?;
    let plain = |stream: &mut Stream, kind| -> Result<()> {
        for (external, chosen) in externals.iter().zip(&chosen) {
            copy(external, kind, chosen, |text| stream.write(format!("{text}\n").as_bytes()))?;
        }
        Ok(())
    };
    let (filelists, other) = (&mut streams.filelists, &mut streams.other);
    let (primary, origins) = (&mut streams.primary, &mut streams.origins);
    let place = || -> Result<()> {
        // a duplicate is told to come from where it was found first
        let mut told = HashSet::new();
        for (at, (external, chosen)) in externals.iter().zip(&chosen).enumerate() {
            let url = sources.get(at).map_or("", |source| source.url);
            copy(external, "primary", chosen, |text| {
                let package = Package::parse(text)?;
                let base = (at > 0).then(|| url.trim_end_matches('/'));
                primary.write(package.placed(text, base).as_bytes())?;
                match origins.as_mut() {
                    Some(origins) if told.insert(package.facts.nevra()) => {
                        origins.write(format!("{}\t{url}\n", package.facts.nvra()).as_bytes())
                    }
                    _ => Ok(()),
                }
            })?;
        }
        Ok(())
    };
    let (placed, (listed, told)) =
        rayon::join(place, || rayon::join(|| plain(filelists, "filelists"), || plain(other, "other")));
    placed.and(listed).and(told)?;
    writer.finish()
}

/// Which packages of each repository are taken, by their identifiers.
pub fn select(repos: &[Vec<Facts>], rules: &Rules<'_>) -> Vec<HashSet<String>> {
    let builds = if rules.mode == Mode::Koji { builds(repos) } else { HashMap::new() };
    let mut seen = HashSet::new();
    let mut take = |facts: &Facts| {
        if rules.arches.is_some_and(|arches| !arches.contains(&facts.arch)) {
            return false;
        }
        if rules.mode != Mode::Bare && !facts.sourcerpm.is_empty() {
            let Some((name, _)) = source_of(&facts.sourcerpm) else { return false };
            let other_build = rules.mode == Mode::Koji
                && builds.get(name).is_none_or(|(_, sourcerpm)| *sourcerpm != facts.sourcerpm);
            if rules.blocked.contains(name) || other_build {
                return false;
            }
        }
        match rules.mode {
            Mode::Simple => true,
            Mode::Koji => seen.insert(facts.nvra()),
            Mode::Bare => seen.insert(facts.nevra()),
        }
    };
    let of_one = |repo: &Vec<Facts>| {
        // a package may stand twice in one repository; it is looked at once
        let mut looked_at = HashSet::new();
        let fresh = repo.iter().filter(|facts| looked_at.insert(facts.pkgid.as_str()));
        fresh.filter(|facts| take(facts)).map(|facts| facts.pkgid.clone()).collect()
    };
    repos.iter().map(of_one).collect()
}

/// Of each source package the repository that comes first and the newest source rpm there.
fn builds(repos: &[Vec<Facts>]) -> HashMap<&str, (usize, &str)> {
    let mut builds: HashMap<&str, (usize, &str)> = HashMap::new();
    for (at, repo) in repos.iter().enumerate() {
        for facts in repo {
            let Some((name, version)) = source_of(&facts.sourcerpm) else { continue };
            let known = builds.get(name).copied();
            let better = known.is_none_or(|(repo, sourcerpm)| {
                let known = source_of(sourcerpm).map_or("", |(_, version)| version);
                repo == at && rpm_version::rpm_evr_compare(version, known).is_gt()
            });
            if better {
                builds.insert(name, (at, &facts.sourcerpm));
            }
        }
    }
    builds
}

/// Name and `version-release` of a source rpm's file name.
fn source_of(sourcerpm: &str) -> Option<(&str, &str)> {
    let (nvr, _) = sourcerpm.strip_suffix(".rpm")?.rsplit_once('.')?;
    let (name_version, release) = nvr.rsplit_once('-')?;
    let (name, version) = name_version.rsplit_once('-')?;
    Some((name, &nvr[nvr.len() - version.len() - release.len() - 1..]))
}

impl Facts {
    fn nevra(&self) -> String {
        format!("{}:{}", self.epoch, self.nvra())
    }

    fn nvra(&self) -> String {
        format!("{}-{}-{}.{}", self.name, self.version, self.release, self.arch)
    }
}

/// Hands on the elements of the chosen packages, each once.
fn copy(
    external: &External,
    kind: &str,
    chosen: &HashSet<String>,
    mut push: impl FnMut(&str) -> Result<()>,
) -> Result<()> {
    let mut left: HashSet<&str> = chosen.iter().map(String::as_str).collect();
    external.each_package(kind, |text| {
        let found = if kind == "primary" { Package::parse(text)?.facts.pkgid } else { pkgid(text)? };
        if left.remove(found.as_str()) { push(text) } else { Ok(()) }
    })?;
    match left.into_iter().next() {
        None => Ok(()),
        Some(missing) => Err(Error::generic(format!("the {kind} metadata lacks the package {missing}"))),
    }
}

/// The identifier that the elements of `filelists` and `other` carry.
fn pkgid(text: &str) -> Result<String> {
    let read = || -> quick_xml::Result<String> {
        match Reader::from_str(text).read_event()? {
            Event::Start(tag) | Event::Empty(tag) => attribute(&tag, "pkgid"),
            _ => Ok(String::new()),
        }
    };
    read().map_err(|source| Error::generic(format!("malformed metadata of a package: {source}")))
}

/// A package element of `primary`.
#[derive(Default)]
struct Package {
    facts: Facts,
    location: Location,
    /// Where the location stands in the element.
    location_at: Range<usize>,
}

impl Package {
    fn parse(text: &str) -> Result<Self> {
        let mut package = Self::default();
        package
            .read(text)
            .map_err(|source| Error::generic(format!("malformed metadata of a package: {source}")))?;
        let facts = &package.facts;
        if [&facts.pkgid, &facts.name, &facts.arch, &package.location.href].iter().any(|text| text.is_empty())
        {
            let name = &facts.name;
            return Err(Error::generic(format!("the metadata of a package is incomplete: {name:?}")));
        }
        Ok(package)
    }

    fn read(&mut self, text: &str) -> quick_xml::Result<()> {
        let mut reader = Reader::from_str(text);
        let mut element = String::new();
        loop {
            let start = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let event = reader.read_event()?;
            let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            match event {
                Event::Start(tag) | Event::Empty(tag) => {
                    element = tag.local_name().as_ref().to_owned();
                    match element.as_str() {
                        "version" => {
                            self.facts.epoch = attribute(&tag, "epoch")?;
                            self.facts.version = attribute(&tag, "ver")?;
                            self.facts.release = attribute(&tag, "rel")?;
                        }
                        "location" => {
                            self.location.href = attribute(&tag, "href")?;
                            let base = attribute(&tag, "xml:base")?;
                            self.location.base = Some(base).filter(|base| !base.is_empty());
                            self.location_at = start..end;
                        }
                        _ => {}
                    }
                }
                Event::Text(text) => match element.as_str() {
                    "name" => self.facts.name.push_str(&text.xml10_content()),
                    "arch" => self.facts.arch.push_str(&text.xml10_content()),
                    "checksum" => self.facts.pkgid.push_str(&text.xml10_content()),
                    "sourcerpm" => self.facts.sourcerpm.push_str(&text.xml10_content()),
                    _ => {}
                },
                Event::End(tag) => {
                    if tag.local_name().as_ref() == "location" {
                        self.location_at.end = end;
                    }
                    element.clear();
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// The element with `base` for its location where it names no other.
    fn placed(&self, text: &str, base: Option<&str>) -> String {
        let mut location = self.location.clone();
        location.base = location.base.or_else(|| base.map(str::to_owned));
        let (head, tail) = (&text[..self.location_at.start], &text[self.location_at.end..]);
        format!("{head}{}{tail}\n", location_element(&location))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sources() {
        assert_eq!(source_of("a-b-1.0-2.fc40.src.rpm"), Some(("a-b", "1.0-2.fc40")));
        assert_eq!(source_of("a-b.src.rpm"), None);
        assert_eq!(source_of(""), None);
    }

    #[test]
    fn places_a_package() {
        let text = "<package type=\"rpm\"><name>a</name><arch>noarch</arch><version epoch=\"0\" ver=\"1\" rel=\"2\"/>\
                    <checksum pkgid=\"YES\">12</checksum><location href=\"x&amp;y.rpm\"></location><format/></package>";
        let package = Package::parse(text).unwrap();
        assert_eq!(package.facts.nvra(), "a-1-2.noarch");
        let placed = package.placed(text, Some("file:///r"));
        assert!(
            placed.contains("</checksum><location xml:base=\"file:///r\" href=\"x&amp;y.rpm\"/><format/>")
        );
        assert!(Package::parse("<package><name>a</name></package>").is_err());
    }
}
