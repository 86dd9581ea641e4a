//! [`SourceRpm`]: what a build must know of a source rpm.

use std::path::Path;

use koji_core::paths::check_segment;
use koji_core::rpm::file_list::FileEntry;
use koji_core::rpm::{RpmFile, number};
use koji_core::{Error, Result};

/// BUILDARCHS, EXCLUDEARCH and EXCLUSIVEARCH of rpm's header.
const BUILDARCHS: u32 = 1089;
const EXCLUDEARCH: u32 = 1059;
const EXCLUSIVEARCH: u32 = 1061;
const DISTRIBUTION: u32 = 1010;

/// The bits of a file's mode that tell what it is, and those of a regular file.
const TYPE_MASK: i64 = 0o170_000;
const REGULAR: i64 = 0o100_000;

/// A source rpm's name and arches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SourceRpm {
    pub name: String,
    pub version: String,
    pub release: String,
    pub epoch: Option<i64>,
    pub build_arches: Vec<String>,
    pub exclusive_arches: Vec<String>,
    pub exclude_arches: Vec<String>,
}

impl SourceRpm {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that is no rpm, not a source rpm, not whole, or that would be unpacked to elsewhere.
    pub fn open(path: &Path) -> Result<Self> {
        let rpm = open(path)?;
        if !rpm.is_source() {
            return Err(Error::build(format!("{} is not a source package", path.display())));
        }
        check_whole(&rpm)?;
        check_files(&rpm)?;
        let texts = |tag| rpm.header.texts(tag).iter().map(ToString::to_string).collect();
        Ok(Self {
            build_arches: texts(BUILDARCHS),
            exclusive_arches: texts(EXCLUSIVEARCH),
            exclude_arches: texts(EXCLUDEARCH),
            name: rpm.name,
            version: rpm.version,
            release: rpm.release,
            epoch: rpm.epoch,
        })
    }

    /// The name that the file should have.
    pub fn file_name(&self) -> String {
        format!("{}-{}-{}.src.rpm", self.name, self.version, self.release)
    }
}

/// Reads an rpm that a build made or somebody uploaded; whoever gave it sees what is wrong with it.
pub(super) fn open(path: &Path) -> Result<RpmFile> {
    RpmFile::open(path).map_err(|error| Error::build(error.message.clone()).caused_by(error))
}

/// Refuses an rpm whose content is not what it says itself; one may say nothing.
fn check_whole(rpm: &RpmFile) -> Result<()> {
    let found = rpm.content_md5()?;
    if rpm.payloadhash.is_empty() || rpm.payloadhash == found {
        return Ok(());
    }
    let (path, size, told) = (rpm.path.display(), rpm.size_bytes, &rpm.payloadhash);
    Err(Error::build(format!(
        "{path} is cut off or damaged: with {size} bytes its content has the MD5 sum {found}, not {told}; upload it again"
    )))
}

/// Refuses a source rpm with files that rpm would put, or find, elsewhere: rpm believes any path, and follows links.
fn check_files(rpm: &RpmFile) -> Result<()> {
    let is_plain =
        |file: &FileEntry| file.mode & TYPE_MASK == REGULAR && check_segment("file", &file.name).is_ok();
    match rpm.files().iter().find(|file| !is_plain(file)) {
        Some(file) => Err(Error::build(format!(
            "{} is no source package to build: it holds {:?}, which is not a plain file of its own directory",
            rpm.path.display(),
            file.name
        ))),
        None => Ok(()),
    }
}

/// Refuses a source rpm without the marks of the build system.
pub(super) fn check_marks(path: &Path) -> Result<()> {
    let rpm = open(path)?;
    let marks = [("packager", number::PACKAGER), ("vendor", number::VENDOR), ("distribution", DISTRIBUTION)];
    match marks.iter().find(|(_, tag)| rpm.header.text(*tag).is_none_or(|text| text.is_empty())) {
        Some((name, _)) => Err(Error::build(format!("The build system failed to set the {name} tag"))),
        None => Ok(()),
    }
}
