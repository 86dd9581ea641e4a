//! Moving a build to another volume.
//!
//! The files are copied to a hidden name on the new volume, which gets the build's name before the transaction is
//! committed; what is on the old volume goes afterwards. Killed in between, the old place is still the build's, and a
//! hidden copy or a second copy of the whole is left behind for the administrator.

use std::fs;
use std::path::{Path, PathBuf};

use super::links;
use crate::build::hooks::{Change, state_change};
use crate::build::state::BuildState;
use crate::build::{BuildRef, BuildRow, files, row};
use crate::context::{Cx, Env};
use crate::db::lookup::Named;
use crate::db::{Lookup, Update};
use crate::paths::{BuildDir, DEFAULT_VOLUME};
use crate::tag::updates::{self, TagUpdate};
use crate::what_if::FileAction;
use crate::{Error, Result};

/// `changeBuildVolume`: moves a build. That it is there already is an error if `strict`.
pub fn request(cx: &mut Cx<'_>, build: &BuildRef, volume: &Lookup, strict: bool) -> Result<()> {
    let volume = super::get(cx, volume)?;
    let build = row::get(cx, build)?;
    apply(cx, &build, &volume, strict)
}

/// The same.
pub fn apply(cx: &mut Cx<'_>, build: &BuildRow, volume: &Named, strict: bool) -> Result<()> {
    if build.volume_id == volume.id {
        let there = || Error::generic(format!("Build {} already on volume {}", build.nvr, volume.name));
        return if strict { Err(there()) } else { Ok(()) };
    }
    let state = build.build_state()?;
    if !matches!(state, BuildState::Complete | BuildState::Deleted) {
        return Err(Error::generic(format!("Build {} is {state}", build.nvr)));
    }
    let (from, to) = places(cx, build, volume)?;
    let copied = match cx.only_plans(FileAction::Move, &to, Some(&from)) {
        true => None,
        false => Some(Copied::make(&from, &to)?),
    };
    let change = Change { attribute: "volume_id", old: build.volume_id.into(), new: volume.id.into() };
    state_change(cx, "preBuildStateChange", &change, build)?;
    Update::table("build").set("volume_id", volume.id).filter("id = ?", build.id).execute(cx.db)?;
    updates::note_build(cx, build.id, TagUpdate::VolumeChange)?;
    let now = row::get(cx, &BuildRef::from(build.id))?;
    if let Some(copied) = copied {
        copied.name()?;
        let now = now.clone();
        cx.after_commit(move |env| {
            copied.keep();
            if let Err(error) = finish(env, &from, &now) {
                tracing::warn!(%error, build = now.nvr, "a build has moved, but its former place is not clean");
            }
        });
    }
    state_change(cx, "postBuildStateChange", &change, &now)
}

fn finish(env: &Env, from: &Path, build: &BuildRow) -> Result<()> {
    files::remove_now(from)?;
    links::to_build(&env.paths, build.dir())
}

/// From where to where. Nothing but the build may be there, on any volume.
fn places(cx: &mut Cx<'_>, build: &BuildRow, volume: &Named) -> Result<(PathBuf, PathBuf)> {
    let dir_of = |cx: &Cx<'_>, name: &str| cx.env.paths.build(BuildDir { volume: Some(name), ..build.dir() });
    let top = cx.env.paths.volume(Some(&volume.name));
    if !top.is_dir() {
        return Err(Error::generic(format!("Directory entry missing for volume {}", volume.name)));
    }
    for other in super::list(cx)? {
        let dir = dir_of(cx, &other.name);
        let is_link = other.name == DEFAULT_VOLUME && dir.is_symlink();
        if other.id == build.volume_id || is_link || dir.symlink_metadata().is_err() {
            continue;
        }
        let what = if other.id == volume.id {
            "Destination directory exists"
        } else {
            "Unexpected cross-volume content"
        };
        return Err(Error::generic(format!("{what}: {}", dir.display())));
    }
    let (from, to) = (dir_of(cx, &build.volume_name), dir_of(cx, &volume.name));
    if !cx.has_dir(&from) {
        return Err(Error::generic(format!("Build directory missing: {}", from.display())));
    }
    Ok((from, to))
}

/// A copy of a build's directory, which goes unless it is kept.
struct Copied {
    hidden: PathBuf,
    to: PathBuf,
    /// The symlink that was in its place
    link: Option<PathBuf>,
    kept: bool,
}

impl Copied {
    fn make(from: &Path, to: &Path) -> Result<Self> {
        files::make_parent(to)?;
        let copied = Self {
            hidden: files::beside(to, "moving"),
            to: to.to_owned(),
            link: fs::read_link(to).ok(),
            kept: false,
        };
        files::remove_now(&copied.hidden)?;
        copy_tree(from, &copied.hidden)?;
        Ok(copied)
    }

    /// Gives it the build's name; a symlink from the default volume makes room.
    fn name(&self) -> Result<()> {
        if self.link.is_some() {
            fs::remove_file(&self.to).map_err(|source| Error::io(&self.to, source))?;
        }
        fs::rename(&self.hidden, &self.to).map_err(|source| Error::io(&self.to, source))
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let is_named = self.hidden.symlink_metadata().is_err() && self.to.is_dir() && !self.to.is_symlink();
        let undone = if is_named { files::remove_now(&self.to) } else { files::remove_now(&self.hidden) };
        let linked = match &self.link {
            Some(target) if !self.to.is_symlink() => links::put(&self.to, target),
            _ => Ok(()),
        };
        if let Err(error) = undone.and(linked) {
            tracing::warn!(%error, "could not take back the copy of a build");
        }
    }
}

/// Copies a directory: files with their permissions and times, symlinks as they are.
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    let at = |source| Error::io(from, source);
    fs::create_dir(to).map_err(|source| Error::io(to, source))?;
    for entry in from.read_dir().map_err(at)? {
        let entry = entry.map_err(at)?;
        let (kind, path, dest) = (entry.file_type().map_err(at)?, entry.path(), to.join(entry.file_name()));
        if kind.is_dir() {
            copy_tree(&path, &dest)?;
        } else if kind.is_symlink() {
            let target = fs::read_link(&path).map_err(|source| Error::io(&path, source))?;
            std::os::unix::fs::symlink(target, &dest).map_err(|source| Error::io(&dest, source))?;
        } else {
            copy_file(&path, &dest).map_err(|source| Error::io(&path, source))?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::copy(from, to)?;
    let modified = from.metadata()?.modified()?;
    fs::File::options().write(true).open(to)?.set_modified(modified)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_is_not_kept_goes() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("a"), dir.path().join("v/b"));
        fs::create_dir_all(from.join("x86_64")).unwrap();
        fs::write(from.join("x86_64/file"), "x").unwrap();
        let copied = Copied::make(&from, &to).unwrap();
        assert!(!to.exists());
        copied.name().unwrap();
        assert!(to.join("x86_64/file").exists());
        drop(copied);
        assert!(!to.exists());
        let copied = Copied::make(&from, &to).unwrap();
        copied.name().unwrap();
        copied.keep();
        assert!(to.join("x86_64/file").exists());
    }
}
