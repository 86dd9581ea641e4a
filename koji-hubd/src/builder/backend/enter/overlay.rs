//! This machine's own files as a root, with what is changed kept elsewhere: an overlay for each directory of `/`.
//!
//! One for all of `/` would do for the superuser, but others may not lay one over a directory that has mounts
//! in it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::path::Path;

use koji_core::{Error, Fault, Result};

use super::{sys, tell};

/// What is the kernel's, or belongs to the moment; a root gets its own.
const LEFT_OUT: [&str; 6] = ["proc", "sys", "dev", "run", "tmp", "lost+found"];

/// Without these there is no machine to speak of.
const NEEDED: [&str; 2] = ["usr", "etc"];

/// Lays a directory over this machine's files in a root; changes go to `upper`, and the kernel works in `work`.
pub(super) fn lay(root: &Path, layer: &Path, in_user_namespace: bool) -> Result<()> {
    // the kernel's options have no way to write a comma, so paths are told from here
    std::env::set_current_dir(layer).map_err(|error| Error::io(layer, error))?;
    let top = Path::new("/");
    for entry in fs::read_dir(top).map_err(|error| Error::io(top, error))?.flatten() {
        let name = entry.file_name();
        if LEFT_OUT.iter().any(|left| name == *left) || !is_plain(&name) {
            continue;
        }
        let place = root.join(&name);
        let kind = entry.file_type().map_err(|error| Error::io(&entry.path(), error))?;
        if kind.is_symlink() {
            let target = fs::read_link(entry.path()).map_err(|error| Error::io(&entry.path(), error))?;
            make(&place, || symlink(target, &place))?;
        } else if kind.is_dir() {
            let laid = lay_one(&name, &place, in_user_namespace);
            match laid {
                Err(error) if NEEDED.iter().any(|needed| name == *needed) => return Err(error),
                Err(error) => tell(&format!("{} is left empty", entry.path().display()), &error.message),
                Ok(()) => {}
            }
        }
    }
    std::env::set_current_dir(top).map_err(|error| Error::io(top, error))
}

fn lay_one(name: &OsStr, place: &Path, in_user_namespace: bool) -> Result<()> {
    let (lower, upper, work) =
        (Path::new("/").join(name), Path::new("upper").join(name), Path::new("work").join(name));
    for dir in [place, &upper, &work] {
        make(dir, || fs::create_dir_all(dir))?;
    }
    let meta = lower.metadata().map_err(|error| Error::io(&lower, error))?;
    if !in_user_namespace {
        // the directory that is laid over another stands for it, mode and owner included
        let mode = fs::Permissions::from_mode(meta.mode() & 0o7777);
        lchown(&upper, Some(meta.uid()), Some(meta.gid()))
            .and_then(|()| fs::set_permissions(&upper, mode))
            .map_err(|error| Error::io(&upper, error))?;
    }
    let mut options =
        format!("lowerdir={},upperdir={},workdir={}", lower.display(), upper.display(), work.display());
    if in_user_namespace {
        options.push_str(",userxattr");
    }
    sys::mount(Some(Path::new("overlay")), place, Some("overlay"), libc::MS_NODEV, &options).map_err(
        |error| {
            let text = format!("cannot lay anything over {}: {error}", lower.display());
            Error::new(Fault::Buildroot, text).caused_by(error)
        },
    )
}

/// Makes what may be there from before.
fn make(place: &Path, how: impl FnOnce() -> std::io::Result<()>) -> Result<()> {
    if place.symlink_metadata().is_ok() {
        return Ok(());
    }
    how().map_err(|error| Error::io(place, error))
}

/// Whether the kernel's options can name it.
fn is_plain(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| !name.contains([',', ':', '\\']))
}
