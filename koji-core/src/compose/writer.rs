//! [`RepoWriter`]: puts fragments together to the metadata of a repository.
//!
//! Everything is written to a directory beside the final one and takes its place at the end, so a reader
//! never finds a part of it. A writer that is dropped leaves what was there before.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::fragment::Fragment;
use super::repomd::RepoMd;
pub use super::stream::Compression;
use super::stream::Stream;
use super::xml::push_attribute;
use crate::{Error, Result};

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const COMMON: &str = "http://linux.duke.edu/metadata/common";
const RPM: &str = "http://linux.duke.edu/metadata/rpm";

/// How the metadata is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Compression of the large files.
    pub compression: Compression,
    /// The contents of `comps.xml`, when the repository has groups.
    pub groups: Option<&'a [u8]>,
    /// Identifies this state of the repository; without it the time does.
    pub revision: Option<&'a str>,
    /// The time to write into the metadata, in seconds since the epoch.
    pub now_s: i64,
    /// Whether to write which repository each package comes from.
    pub origins: bool,
}

/// Where a package is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// Its path from the root of the repository, or from `base`.
    pub href: String,
    /// URL that `href` is relative to, when it is not the repository.
    pub base: Option<String>,
    /// URL of the repository that it was taken from.
    pub origin: Option<String>,
}

/// Metadata that is being written.
pub struct RepoWriter<'a> {
    options: Options<'a>,
    dest: PathBuf,
    dir: TempDir,
    /// How many packages are still to come: the files say the number before the first.
    missing: usize,
    primary: Stream,
    filelists: Stream,
    other: Stream,
    origins: Option<Stream>,
}

/// The files of a [`RepoWriter`].
pub(super) struct Streams<'w> {
    pub(super) primary: &'w mut Stream,
    pub(super) filelists: &'w mut Stream,
    pub(super) other: &'w mut Stream,
    pub(super) origins: Option<&'w mut Stream>,
}

impl<'a> RepoWriter<'a> {
    /// Begins the metadata of a repository with `count` packages in the directory `dest`, which must exist.
    pub fn create(dest: &Path, count: usize, options: Options<'a>) -> Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::Builder::new()
            .prefix(".repodata-")
            .permissions(std::fs::Permissions::from_mode(0o755))
            .tempdir_in(dest)
            .map_err(|source| Error::io(dest, source))?;
        let stream = |kind, root: &str, namespaces: &[(&str, &str)]| -> Result<Stream> {
            let mut stream =
                Stream::create(dir.path(), kind, &format!("{kind}.xml"), Some(options.compression))?;
            let mut head = format!("{XML}<{root}");
            namespaces.iter().for_each(|(name, url)| push_attribute(&mut head, name, url));
            stream.write(format!("{head} packages=\"{count}\">\n").as_bytes())?;
            Ok(stream)
        };
        let primary = stream("primary", "metadata", &[("xmlns", COMMON), ("xmlns:rpm", RPM)])?;
        let filelists =
            stream("filelists", "filelists", &[("xmlns", "http://linux.duke.edu/metadata/filelists")])?;
        let other = stream("other", "otherdata", &[("xmlns", "http://linux.duke.edu/metadata/other")])?;
        let origins = options
            .origins
            .then(|| Stream::create(dir.path(), "origin", "pkgorigins", Some(Compression::Gzip)))
            .transpose()?;
        Ok(Self { options, dest: dest.to_owned(), dir, missing: count, primary, filelists, other, origins })
    }

    /// Adds a package.
    pub fn add(&mut self, fragment: &Fragment, location: &Location) -> Result<()> {
        self.add_all(&[(fragment, location)])
    }

    /// Adds packages in the order given; the three files are compressed at the same time.
    pub fn add_all(&mut self, packages: &[(&Fragment, &Location)]) -> Result<()> {
        self.expect(packages.len())?;
        let Self { primary, filelists, other, origins, .. } = self;
        let write_primary = || packages.iter().try_for_each(|package| push_primary(primary, package));
        let write_filelists =
            || packages.iter().try_for_each(|(fragment, _)| filelists.write(fragment.filelists.as_bytes()));
        let write_other =
            || packages.iter().try_for_each(|(fragment, _)| other.write(fragment.other.as_bytes()));
        let (primary, (filelists, other)) =
            rayon::join(write_primary, || rayon::join(write_filelists, write_other));
        primary.and(filelists).and(other)?;
        if let Some(stream) = origins {
            for (fragment, location) in packages {
                if let Some(origin) = &location.origin {
                    stream.write(format!("{}\t{origin}\n", fragment.nvra).as_bytes())?;
                }
            }
        }
        Ok(())
    }

    /// The files themselves, to write `count` packages into by another way than [`RepoWriter::add_all`].
    pub(super) fn streams(&mut self, count: usize) -> Result<Streams<'_>> {
        self.expect(count)?;
        let Self { primary, filelists, other, origins, .. } = self;
        Ok(Streams { primary, filelists, other, origins: origins.as_mut() })
    }

    fn expect(&mut self, count: usize) -> Result<()> {
        let missing = self.missing.checked_sub(count);
        self.missing =
            missing.ok_or_else(|| Error::generic("more packages than the metadata was begun for"))?;
        Ok(())
    }

    /// Completes the metadata and puts it in the place of what was there.
    ///
    /// # Errors
    /// When packages are missing, or files cannot be written; then the old metadata stays.
    pub fn finish(self) -> Result<RepoMd> {
        let Self { options, dest, dir, missing, mut primary, mut filelists, mut other, origins } = self;
        if missing > 0 {
            return Err(Error::generic(format!("{missing} packages fewer than the metadata was begun for")));
        }
        primary.write(b"</metadata>\n")?;
        filelists.write(b"</filelists>\n")?;
        other.write(b"</otherdata>\n")?;
        let now_s = options.now_s;
        let mut records = vec![primary.finish(now_s)?, filelists.finish(now_s)?, other.finish(now_s)?];
        if let Some(groups) = options.groups {
            for (kind, compression) in [("group", None), ("group_gz", Some(Compression::Gzip))] {
                let mut stream = Stream::create(dir.path(), kind, "comps.xml", compression)?;
                stream.write(groups)?;
                records.push(stream.finish(now_s)?);
            }
        }
        if let Some(origins) = origins {
            records.push(origins.finish(now_s)?);
        }
        let revision = options.revision.map_or_else(|| now_s.to_string(), str::to_owned);
        let repomd = RepoMd { revision, records };
        let path = dir.path().join("repomd.xml");
        std::fs::write(&path, repomd.to_xml()).map_err(|source| Error::io(&path, source))?;
        replace(dir, &dest.join("repodata"))?;
        Ok(repomd)
    }
}

/// The element of a package with its location at its place.
fn push_primary(stream: &mut Stream, (fragment, location): &(&Fragment, &Location)) -> Result<()> {
    let text = &fragment.primary;
    let (head, tail) = text.split_at_checked(fragment.location_at).ok_or_else(|| {
        Error::unforeseen(format!("the stored metadata of {} is damaged: make it anew", fragment.nvra))
    })?;
    let line = format!("  {}\n", location_element(location));
    stream.write(head.as_bytes())?;
    stream.write(line.as_bytes())?;
    stream.write(tail.as_bytes())
}

/// The element that says where a package is.
pub(super) fn location_element(location: &Location) -> String {
    let mut element = String::from("<location");
    if let Some(base) = &location.base {
        push_attribute(&mut element, "xml:base", base);
    }
    push_attribute(&mut element, "href", &location.href);
    element.push_str("/>");
    element
}

/// Moves a directory to its final place; what was there goes, or comes back when this fails.
fn replace(dir: TempDir, place: &Path) -> Result<()> {
    let old = dir.path().with_extension("old");
    let failed = |source| Error::io(place, source);
    let had_old = place.exists();
    if had_old {
        std::fs::rename(place, &old).map_err(failed)?;
    }
    if let Err(source) = std::fs::rename(dir.path(), place) {
        if had_old {
            std::fs::rename(&old, place).map_err(failed)?;
        }
        return Err(failed(source));
    }
    // it is no longer where it was made, so there is nothing to remove
    let _ = dir.keep();
    if had_old {
        std::fs::remove_dir_all(&old).map_err(|source| Error::io(&old, source))?;
    }
    Ok(())
}
