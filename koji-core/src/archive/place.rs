//! Where an archive's file is.

use std::path::PathBuf;

use super::list::Archive;
use crate::build::BuildRow;
use crate::paths::{self, Paths, safe_join};
use crate::{Error, Result};

/// The file of an archive of a build.
pub fn of(paths: &Paths, build: &BuildRow, archive: &Archive) -> Result<PathBuf> {
    let missing = || Error::generic(format!("Missing build type info for archive {}", archive.row.id));
    let filename = &archive.row.filename;
    let (dir, file) = match archive.row.btype.as_deref().ok_or_else(missing)? {
        "maven" => {
            let part = archive.maven.as_ref().ok_or_else(missing)?;
            let dir = paths::maven_repo(&part.group_id, &part.artifact_id, &part.version);
            (paths.maven_build(build.dir()), format!("{dir}/{filename}"))
        }
        "win" => {
            let part = archive.win.as_ref().ok_or_else(missing)?;
            (paths.win_build(build.dir()), paths::win_file(&part.relpath, filename))
        }
        "image" => (paths.image_build(build.dir()), filename.clone()),
        btype => (paths.type_dir(build.dir(), btype), filename.clone()),
    };
    safe_join(&dir, &file)
}
