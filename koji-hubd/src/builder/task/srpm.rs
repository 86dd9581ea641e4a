//! [`SourceRpm`]: what a build must know of a source rpm.

use std::path::Path;

use koji_core::rpm::{RpmFile, number};
use koji_core::{Error, Result};

/// BUILDARCHS, EXCLUDEARCH and EXCLUSIVEARCH of rpm's header.
const BUILDARCHS: u32 = 1089;
const EXCLUDEARCH: u32 = 1059;
const EXCLUSIVEARCH: u32 = 1061;
const DISTRIBUTION: u32 = 1010;

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
    /// A file that is no rpm or not a source rpm.
    pub fn open(path: &Path) -> Result<Self> {
        let rpm = open(path)?;
        if !rpm.is_source() {
            return Err(Error::build(format!("{} is not a source package", path.display())));
        }
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

/// Refuses a source rpm without the marks of the build system.
pub(super) fn check_marks(path: &Path) -> Result<()> {
    let rpm = open(path)?;
    let marks = [("packager", number::PACKAGER), ("vendor", number::VENDOR), ("distribution", DISTRIBUTION)];
    match marks.iter().find(|(_, tag)| rpm.header.text(*tag).is_none_or(|text| text.is_empty())) {
        Some((name, _)) => Err(Error::build(format!("The build system failed to set the {name} tag"))),
        None => Ok(()),
    }
}
