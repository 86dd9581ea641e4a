//! Files of builds: how they come into Koji's directory layout, and how they go.
//!
//! The order is such that a kill at any moment leaves either the upload or the whole build:
//!
//! 1. The rows of the import are inserted, so that the database refuses what is there already.
//! 2. Each upload gets a second name (a hard link) at its place in the build. Where links are impossible it is copied
//!    under a temporary name and renamed. The upload itself stays as it is.
//! 3. The transaction is committed. From here on the build is there, and all its files are.
//! 4. Each upload is replaced by a symlink to its place, as Koji leaves it.
//!
//! Killed before 3, the rows are gone and a stray second name is left; the repeated import finds that it is the same
//! file and takes it. A rollback takes the second names away again. Killed before 4, uploads remain as second names;
//! the upload room refuses to write to a file that has two.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use crate::context::Cx;
use crate::paths::safe_join;
use crate::what_if::FileAction;
use crate::{Error, Result};

/// Gives an uploaded file its place in a build. The upload becomes a symlink when the call is committed.
pub fn take_in(cx: &mut Cx<'_>, upload: &Path, dest: &Path) -> Result<()> {
    let meta = upload.symlink_metadata().map_err(|source| Error::io(upload, source))?;
    if !meta.is_file() {
        return Err(Error::generic(format!(
            "{} is not a regular file (imported already?)",
            upload.display()
        )));
    }
    if cx.only_plans(FileAction::Move, dest, Some(upload)) {
        return Ok(());
    }
    let is_ours = match dest.symlink_metadata() {
        Ok(there) => (there.dev(), there.ino()) == (meta.dev(), meta.ino()),
        Err(_) => false,
    };
    if !is_ours {
        place(upload, dest)?;
    }
    let placed = Placed { dest: dest.to_owned(), upload: Some(upload.to_owned()), kept: false };
    cx.after_commit(move |_| placed.keep());
    Ok(())
}

/// The path of an uploaded file, by its client's path below `work`. It may have become a symlink into a build.
pub fn uploaded(cx: &Cx<'_>, path: &str) -> Result<PathBuf> {
    safe_join(cx.env.paths.top(), &format!("work/{path}"))
}

/// Writes a new file of a build; it is taken away again if the call is not committed.
pub fn write(cx: &mut Cx<'_>, dest: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    if cx.only_plans(FileAction::Write, dest, None) {
        return Ok(());
    }
    let dir = make_parent(dest)?;
    let mut file = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode_rw())
        .tempfile_in(dir)
        .map_err(|source| Error::io(dir, source))?;
    file.write_all(bytes).map_err(|source| Error::io(dest, source))?;
    file.persist(dest).map_err(|failed| Error::io(dest, failed.error))?;
    let placed = Placed { dest: dest.to_owned(), upload: None, kept: false };
    cx.after_commit(move |_| placed.keep());
    Ok(())
}

/// Gives a file of a build another name, which must be free. The old name goes when the call is committed, the new one
/// if it is not.
pub fn rename(cx: &mut Cx<'_>, from: &Path, to: &Path) -> Result<()> {
    if cx.only_plans(FileAction::Move, to, Some(from)) {
        return Ok(());
    }
    place(from, to)?;
    let placed = Placed { dest: to.to_owned(), upload: None, kept: false };
    let from = from.to_owned();
    cx.after_commit(move |_| {
        placed.keep();
        if let Err(error) = fs::remove_file(&from) {
            tracing::warn!(%error, file = %from.display(), "could not take away the old name of a file");
        }
    });
    Ok(())
}

/// Takes a directory or a symlink away when the call is committed: at once under another name, then piece by piece. What has come
/// to its place since then stays.
pub fn remove(cx: &mut Cx<'_>, dir: &Path) {
    let Ok(before) = dir.symlink_metadata() else { return };
    if cx.only_plans(FileAction::Remove, dir, None) {
        return;
    }
    let dir = dir.to_owned();
    cx.after_commit(move |_| {
        let is_same =
            dir.symlink_metadata().is_ok_and(|now| (now.dev(), now.ino()) == (before.dev(), before.ino()));
        if !is_same {
            return;
        }
        if let Err(error) = remove_now(&dir) {
            tracing::warn!(%error, dir = %dir.display(), "could not remove the files of a build");
        }
    });
}

/// Takes a directory, or a symlink to one, away.
pub fn remove_now(dir: &Path) -> Result<()> {
    let meta = match dir.symlink_metadata() {
        Ok(meta) => meta,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(dir, error)),
    };
    let removed = if meta.is_dir() {
        let aside = beside(dir, "removed");
        fs::rename(dir, &aside).and_then(|()| fs::remove_dir_all(&aside))
    } else {
        fs::remove_file(dir)
    };
    removed.map_err(|source| Error::io(dir, source))
}

/// A hidden name beside a path, which no build can have.
pub fn beside(path: &Path, what: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{what}.{}", std::process::id()))
}

/// Makes the directory that a path is in.
pub fn make_parent(path: &Path) -> Result<&Path> {
    let dir = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(dir).map_err(|source| Error::io(dir, source))?;
    Ok(dir)
}

/// The way from a directory to a path, for a symlink; both are absolute or both are not.
pub fn relative(dir: &Path, path: &Path) -> PathBuf {
    let plain = |path: &Path| -> Vec<_> {
        path.components()
            .filter(|part| *part != Component::CurDir)
            .map(|part| part.as_os_str().to_owned())
            .collect()
    };
    let (from, to) = (plain(dir), plain(path));
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[same..].iter().map(|_| "..".into());
    up.chain(to[same..].iter().cloned()).collect()
}

/// A file that has its place, unless the call fails.
struct Placed {
    dest: PathBuf,
    upload: Option<PathBuf>,
    kept: bool,
}

impl Placed {
    fn keep(mut self) {
        self.kept = true;
        let Some(upload) = &self.upload else { return };
        if let Err(error) = leave_symlink(upload, &self.dest) {
            tracing::warn!(%error, upload = %upload.display(), "could not replace an upload by a symlink");
        }
    }
}

impl Drop for Placed {
    /// Not kept means rolled back.
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = fs::remove_file(&self.dest)
        {
            tracing::warn!(%error, file = %self.dest.display(), "could not take back a file of an import");
        }
    }
}

fn place(upload: &Path, dest: &Path) -> Result<()> {
    let exists = || Error::generic(format!("Error importing file, {} already exists", dest.display()));
    let dir = make_parent(dest)?;
    match fs::hard_link(upload, dest) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(exists()),
        // Another file system, or one without links.
        Err(_) => {}
    }
    let copy = tempfile::NamedTempFile::new_in(dir).map_err(|source| Error::io(dir, source))?;
    fs::copy(upload, copy.path()).map_err(|source| Error::io(upload, source))?;
    copy.as_file().sync_all().map_err(|source| Error::io(dest, source))?;
    copy.persist_noclobber(dest).map_err(|failed| match failed.error.kind() {
        ErrorKind::AlreadyExists => exists(),
        _ => Error::io(dest, failed.error),
    })?;
    Ok(())
}

/// Replaces an upload by a symlink, in one step.
fn leave_symlink(upload: &Path, dest: &Path) -> std::io::Result<()> {
    let link = beside(upload, "link");
    let _ = fs::remove_file(&link);
    symlink(relative(upload.parent().unwrap_or(Path::new("/")), dest), &link)?;
    fs::rename(&link, upload)
}

/// The permissions of what the hub writes itself.
trait Readable {
    fn from_mode_rw() -> Self;
}

impl Readable for fs::Permissions {
    fn from_mode_rw() -> Self {
        std::os::unix::fs::PermissionsExt::from_mode(0o644)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_between_paths() {
        let way = |dir: &str, path: &str| relative(Path::new(dir), Path::new(path)).display().to_string();
        assert_eq!(way("/top/work/up", "/top/packages/a/1"), "../../packages/a/1");
        assert_eq!(way("/top", "/top/vol/x"), "vol/x");
        assert_eq!(way("/a/b", "/a"), "..");
    }

    #[test]
    fn an_import_that_fails_is_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let (upload, dest) = (dir.path().join("up"), dir.path().join("packages/a/file"));
        fs::write(&upload, "x").unwrap();
        place(&upload, &dest).unwrap();
        drop(Placed { dest: dest.clone(), upload: Some(upload.clone()), kept: false });
        assert!(!dest.exists() && upload.is_file());
        place(&upload, &dest).unwrap();
        assert!(place(&upload, &dest).unwrap_err().message.contains("already exists"));
        Placed { dest, upload: Some(upload.clone()), kept: false }.keep();
        assert_eq!(fs::read_link(&upload).unwrap(), Path::new("packages/a/file"));
        assert_eq!(fs::read(&upload).unwrap(), b"x");
    }
}
