//! Files of repositories: moving uploads to their places, links, and taking directories away.
//!
//! Names from clients are checked here: a file of a repository has no directory in its name.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::build::files::{beside, relative};
use crate::context::Cx;
use crate::paths::{check_segment, safe_join};
use crate::what_if::FileAction;
use crate::{Error, Result};

/// A file that a client uploaded, and where it goes.
#[derive(Clone, Debug)]
pub struct Move {
    /// The upload
    pub from: PathBuf,
    /// Its place
    pub to: PathBuf,
}

/// The upload of this name in a directory that the client names. It must be there.
pub fn uploaded(work: &Path, dir: &str, name: &str) -> Result<PathBuf> {
    let path = safe_join(work, &format!("{dir}/{name}"))?;
    if !path.exists() {
        return Err(Error::generic(format!("uploaded file missing: {}", path.display())));
    }
    Ok(path)
}

/// A plain file name.
pub fn plain(name: &str) -> Result<&str> {
    check_segment("file name", name)
}

/// Where a rehearsed call makes the directory of a repository instead: it goes with this.
pub struct Rehearsal(Option<tempfile::TempDir>);

impl Rehearsal {
    /// Puts another directory in the place of the one that is to be made, if the call is a rehearsal.
    pub fn of(cx: &mut Cx<'_>, dir: &mut PathBuf) -> Result<Self> {
        if !cx.only_plans(FileAction::Write, dir, None) {
            return Ok(Self(None));
        }
        let scratch = tempfile::tempdir()?;
        *dir = scratch.path().join("repo");
        Ok(Self(Some(scratch)))
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.take().map(tempfile::TempDir::close) {
            tracing::warn!(%error, "could not remove the directory of a rehearsal");
        }
    }
}

/// Moves files to places where nothing may be yet. All places are looked at before the first file is moved.
pub fn move_all(cx: &mut Cx<'_>, moves: &[Move]) -> Result<()> {
    check_places(moves)?;
    for Move { from, to } in moves {
        if !cx.only_plans(FileAction::Move, to, Some(from)) {
            move_one(from, to)?;
        }
    }
    Ok(())
}

fn check_places(moves: &[Move]) -> Result<()> {
    match moves.iter().find(|Move { to, .. }| to.symlink_metadata().is_ok()) {
        Some(Move { to, .. }) => Err(Error::generic(format!("destination exists: {}", to.display()))),
        None => Ok(()),
    }
}

fn move_one(from: &Path, to: &Path) -> Result<()> {
    if let Some(dir) = to.parent() {
        make_dir(dir)?;
    }
    if fs::rename(from, to).is_ok() {
        return Ok(());
    }
    // the work directory may be on another file system
    let part = beside(to, "part");
    fs::copy(from, &part).and_then(|_| fs::rename(&part, to)).map_err(|source| Error::io(to, source))?;
    fs::remove_file(from).map_err(|source| Error::io(from, source))
}

/// Gives a file a second name, or copies it where that is impossible. Nothing may be there yet.
pub fn link_or_copy(from: &Path, to: &Path) -> Result<()> {
    if to.symlink_metadata().is_ok() {
        return Err(Error::generic(format!("File already in repo: {}", to.display())));
    }
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
            let part = beside(to, "part");
            let copied = fs::copy(from, &part).and_then(|_| fs::rename(&part, to));
            copied.map_err(|source| Error::io(from, source))
        }
        Err(source) => Err(Error::io(from, source)),
    }
}

/// Makes a directory and what it is in.
pub fn make_dir(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).map_err(|source| Error::io(dir, source))
}

/// Writes a file whole: a reader finds the old one or the new one.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = beside(path, "part");
    fs::write(&part, bytes).and_then(|()| fs::rename(&part, path)).map_err(|source| Error::io(path, source))
}

/// A relative symlink to a path, which need not be there.
pub fn link_to(link: &Path, target: &Path) -> Result<()> {
    let dir = link.parent().unwrap_or(Path::new("/"));
    make_dir(dir)?;
    symlink(relative(dir, target), link).map_err(|source| Error::io(link, source))
}

/// Points the link `latest` beside a repository's directory to it, in one step.
pub fn point_latest(repo_dir: &Path) -> Result<()> {
    let latest = repo_dir.with_file_name("latest");
    let part = beside(&latest, "part");
    let name = repo_dir.file_name().unwrap_or_default();
    // one that a killed process left
    let _ = fs::remove_file(&part);
    symlink(name, &part)
        .and_then(|()| fs::rename(&part, &latest))
        .map_err(|source| Error::io(&latest, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_moved_all_or_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("a"), "1").unwrap();
        fs::write(path("b"), "2").unwrap();
        let to = |from: &str, to: &str| Move { from: path(from), to: path(to) };
        assert!(check_places(&[to("a", "new/a"), to("a", "b")]).is_err());
        assert!(path("a").exists() && !path("new").exists());
        check_places(&[to("a", "new/a")]).unwrap();
        move_one(&path("a"), &path("new/a")).unwrap();
        assert_eq!(fs::read(path("new/a")).unwrap(), b"1");
    }

    #[test]
    fn latest_moves_on() {
        let dir = tempfile::tempdir().unwrap();
        for id in ["7", "8"] {
            let repo = dir.path().join(id);
            fs::create_dir(&repo).unwrap();
            point_latest(&repo).unwrap();
            assert_eq!(fs::read_link(dir.path().join("latest")).unwrap(), Path::new(id));
        }
    }

    #[test]
    fn uploads_stay_below_the_work_directory() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("f"), "").unwrap();
        assert!(uploaded(dir.path(), ".", "f").is_ok());
        assert!(uploaded(dir.path(), ".", "g").unwrap_err().message.contains("missing"));
        assert!(uploaded(dir.path(), "..", "f").is_err());
        assert!(plain("a/b").is_err() && plain("..").is_err());
    }
}
