//! Files on this host: directories of tasks, taking over what a build made, copies of the hub's files.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use koji_core::client::{Download, Downloaded, Expected, Wanted, urls_below};
use koji_core::paths::{self, task_relative};
use koji_core::{Error, Result};

use super::config::Settings;

/// Where a task works.
pub fn task_dir(settings: &Settings, task: i64) -> PathBuf {
    settings.workdir().join(task_relative(task))
}

/// Makes a directory anew, empty.
pub fn make_dir(dir: &Path) -> Result<()> {
    remove_dir(dir)?;
    fs::create_dir_all(dir).map_err(|error| Error::io(dir, error))
}

/// Removes a directory with all in it; one that is not there is fine. Links are not followed. A build may
/// have taken the permissions off its directories, so those are given back first if need be.
pub fn remove_dir(dir: &Path) -> Result<()> {
    let mut removed = fs::remove_dir_all(dir);
    if removed.as_ref().is_err_and(|error| error.kind() == ErrorKind::PermissionDenied) {
        unlock(dir);
        removed = fs::remove_dir_all(dir);
    }
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(dir, error)),
        _ => Ok(()),
    }
}

fn unlock(dir: &Path) {
    if !dir.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
        return;
    }
    // the removal that follows tells if this was not enough
    drop(fs::set_permissions(dir, fs::Permissions::from_mode(0o700)));
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        unlock(&entry.path());
    }
}

/// The names of the entries of a directory, sorted.
pub fn names(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).map_err(|error| Error::io(dir, error))?;
    let mut names: Vec<String> =
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// Copies a file that somebody else may have made: never through a link, never from a device.
pub fn copy_plain(from: &Path, to: &Path) -> Result<()> {
    let mut source = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(from)
        .map_err(|error| Error::io(from, error))?;
    if !source.metadata().is_ok_and(|meta| meta.is_file()) {
        return Err(Error::build(format!("{} is not a plain file", from.display())));
    }
    let mut copy = File::create_new(to).map_err(|error| Error::io(to, error))?;
    std::io::copy(&mut source, &mut copy).map_err(|error| Error::io(to, error))?;
    Ok(())
}

/// Gives a local path to one of the hub's files, given by its path below the top directory: a copy if the
/// files are fetched by http, which is what it must be, else the file itself.
///
/// # Errors
/// No server has the file, or another one than expected.
pub fn local_path(
    settings: &Settings,
    workdir: &Path,
    relative: &str,
    expected: &Expected,
) -> Result<PathBuf> {
    let found = find_path(settings, workdir, relative, expected)?;
    found.ok_or_else(|| Error::generic(format!("the hub's files have no {relative}")))
}

/// The same; none if no server has it. Whether a mounted file is there is for the caller to see.
fn find_path(
    settings: &Settings,
    workdir: &Path,
    relative: &str,
    expected: &Expected,
) -> Result<Option<PathBuf>> {
    if settings.topurl().is_none() {
        return paths::safe_join(&settings.topdir(), relative).map(Some);
    }
    let dest = paths::safe_join(&workdir.join("local"), relative)?;
    if dest.exists() {
        return Ok(Some(dest));
    }
    tracing::debug!(relative, "downloading");
    let urls = urls_below(settings.text("topurl"), relative);
    let wanted = Wanted { urls: &urls, dest: &dest, expected };
    let done = Download::new(&settings.download_options()).fetch(&wanted, &mut |_| {})?;
    Ok((done != Downloaded::Absent).then_some(dest))
}

/// Reads one of the hub's text files; none if it is not there.
pub fn find_text(settings: &Settings, workdir: &Path, relative: &str) -> Result<Option<String>> {
    let Some(path) = find_path(settings, workdir, relative, &Expected::default())? else { return Ok(None) };
    let mut text = String::new();
    match File::open(&path).and_then(|mut file| file.read_to_string(&mut text)) {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(&path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_not_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("plain"), "x").unwrap();
        std::os::unix::fs::symlink("plain", path("link")).unwrap();
        copy_plain(&path("plain"), &path("copy")).unwrap();
        assert_eq!(fs::read_to_string(path("copy")).unwrap(), "x");
        assert!(copy_plain(&path("link"), &path("copy2")).is_err());
        assert!(copy_plain(dir.path(), &path("copy3")).is_err());
    }

    #[test]
    fn a_directory_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        make_dir(&path).unwrap();
        fs::write(path.join("old"), "x").unwrap();
        make_dir(&path).unwrap();
        assert_eq!(names(&path).unwrap(), Vec::<String>::new());
        remove_dir(&path).unwrap();
        remove_dir(&path).unwrap();
    }
}
