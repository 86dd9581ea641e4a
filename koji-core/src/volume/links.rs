//! Symlinks between volumes: a build can always be found on the default volume, and where it was as a draft.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::build::files::{beside, make_parent, relative};
use crate::context::Cx;
use crate::paths::{BuildDir, DEFAULT_VOLUME, Paths};
use crate::what_if::FileAction;
use crate::{Error, Result};

/// Leaves a symlink on the default volume to a build that a call made on another one.
pub fn of_call(cx: &mut Cx<'_>, build: BuildDir<'_>) -> Result<()> {
    let elsewhere = build.volume.is_some_and(|volume| volume != DEFAULT_VOLUME);
    let place = cx.env.paths.build(build);
    let link = cx.env.paths.build(BuildDir { volume: None, ..build });
    if !elsewhere || cx.only_plans(FileAction::Link, &link, Some(&place)) {
        return Ok(());
    }
    to_build(&cx.env.paths, build)
}

/// Leaves a symlink on the default volume to a build that is on another one.
pub fn to_build(paths: &Paths, build: BuildDir<'_>) -> Result<()> {
    if build.volume.is_none_or(|volume| volume == DEFAULT_VOLUME) {
        return Ok(());
    }
    let link = paths.build(BuildDir { volume: None, ..build });
    let target = relative(link.parent().unwrap_or(Path::new("/")), &paths.build(build));
    put(&link, &target)
}

/// Leaves a symlink at a build's former place to its place on the default volume, where it is always to be found.
pub fn to_default(paths: &Paths, former: BuildDir<'_>, now: BuildDir<'_>) -> Result<()> {
    let link = paths.build(former);
    let default = BuildDir { volume: None, ..now };
    let target = match former.volume.filter(|volume| *volume != DEFAULT_VOLUME) {
        None => relative(link.parent().unwrap_or(Path::new("/")), &paths.build(default)),
        Some(volume) => {
            // Relative paths cannot cross from one disk to another: the volume's own link to the top can.
            let dir = paths.volume(Some(volume));
            let toplink = dir.join("toplink");
            if !toplink.exists() {
                return Err(Error::generic(format!("Missing volume toplink: {}", toplink.display())));
            }
            let up = relative(link.parent().unwrap_or(Path::new("/")), &dir);
            let below: PathBuf = Paths::new("toplink").build(default);
            up.join(below)
        }
    };
    put(&link, &target)
}

/// Makes or changes a symlink in one step. Anything that is no symlink stays, and is an error.
pub fn put(link: &Path, target: &Path) -> Result<()> {
    let at = |source| Error::io(link, source);
    match link.symlink_metadata() {
        Ok(meta) if !meta.file_type().is_symlink() => {
            return Err(Error::generic(format!("Unexpected build content: {}", link.display())));
        }
        Ok(_) if fs::read_link(link).is_ok_and(|known| known == target) => return Ok(()),
        Ok(_) => {}
        Err(_) => drop(make_parent(link)?),
    }
    let new = beside(link, "link");
    let _ = fs::remove_file(&new);
    symlink(target, &new).and_then(|()| fs::rename(&new, link)).map_err(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_are_found_on_the_default_volume() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::new(dir.path());
        let build = BuildDir { name: "a", version: "1", release: "2", volume: Some("v") };
        fs::create_dir_all(paths.build(build)).unwrap();
        fs::write(paths.build(build).join("file"), "x").unwrap();
        to_build(&paths, build).unwrap();
        to_build(&paths, build).unwrap();
        let default = paths.build(BuildDir { volume: None, ..build });
        assert_eq!(fs::read_link(&default).unwrap(), Path::new("../../../vol/v/packages/a/1/2"));
        assert!(default.join("file").exists());
        symlink(dir.path(), dir.path().join("vol/v/toplink")).unwrap();
        let draft = BuildDir { release: "2,draft_1", ..build };
        to_default(&paths, draft, build).unwrap();
        assert_eq!(fs::read_link(paths.build(draft)).unwrap(), Path::new("../../../toplink/packages/a/1/2"));
        assert!(paths.build(draft).join("file").exists());
        assert!(put(&paths.build(build), Path::new("x")).is_err());
    }
}
