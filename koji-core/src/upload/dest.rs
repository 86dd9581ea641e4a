//! Where an upload goes, and who may put it there.
//!
//! A directory `tasks/N/ID` belongs to the host that runs task ID. Any other directory belongs to the user who
//! first uploaded into it; the file `.user` there holds the user's id.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Component, Path, PathBuf};

use crate::context::Cx;
use crate::db::{Lookup, lookup};
use crate::paths::safe_join;
use crate::task::owner;
use crate::{Error, Result};

/// What a client says of the place: a directory below `work`, a file name, and the volume if not the default one.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The directory
    pub dir: String,
    /// The file's name
    pub name: String,
    /// The volume's name
    pub volume: Option<String>,
}

/// The path of an upload that is there, or may be.
pub fn find(cx: &mut Cx<'_>, place: &Place) -> Result<PathBuf> {
    let (dir, _) = directory(cx, place)?;
    Ok(dir.join(&place.name))
}

/// The path for an upload by this caller; its directory is made.
pub fn claim(cx: &mut Cx<'_>, place: &Place) -> Result<PathBuf> {
    let user = cx.user_id()?;
    let (dir, parts) = directory(cx, place)?;
    if parts.first().is_some_and(|first| first == "tasks") {
        let task = parts.get(2).and_then(|id| id.parse().ok()).ok_or_else(|| {
            Error::generic(format!("Invalid task upload directory: {} (tasks/N/ID is wanted)", place.dir))
        })?;
        let host = cx.require_host()?;
        owner::require(cx, task, host)?;
        if !cx.is_what_if() {
            make(&dir)?;
        }
    } else if cx.is_what_if() {
        is_claimed(&dir, user, place)?;
    } else {
        make(&dir)?;
        claim_for_user(&dir, user, place)?;
    }
    Ok(dir.join(&place.name))
}

/// The directory of a place, and its parts below `work`.
fn directory(cx: &mut Cx<'_>, place: &Place) -> Result<(PathBuf, Vec<String>)> {
    let name = &place.name;
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
        return Err(Error::generic(format!("Invalid upload filename: {name:?}")));
    }
    let parts = normal_parts(&place.dir)
        .ok_or_else(|| Error::generic(format!("Invalid upload directory: {:?}", place.dir)))?;
    let volume = match &place.volume {
        Some(volume) => Some(lookup::get(cx, "volume", "volume", &Lookup::Name(volume.clone()))?.name),
        None => None,
    };
    let work = cx.env.paths.work(volume.as_deref());
    if !cx.is_what_if() {
        make(&work)?;
    }
    let dir = safe_join(&work, &parts.join("/"))?;
    Ok((dir, parts))
}

/// The parts of a path, `..` taken back as Python's `normpath` does; none if it leaves its beginning.
fn normal_parts(path: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?.to_owned()),
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts)
}

fn make(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).map_err(|source| Error::io(dir, source))
}

/// The first uploader owns a directory. The file is made whole before it gets its name, so that nobody reads half
/// an id.
fn claim_for_user(dir: &Path, user: i32, place: &Place) -> Result<()> {
    if is_claimed(dir, user, place)? {
        return Ok(());
    }
    let file = dir.join(".user");
    let own = dir.join(format!(".user.{user}.{}", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(&own)
        .and_then(|mut out| out.write_all(user.to_string().as_bytes()))
        .and_then(|()| fs::hard_link(&own, &file));
    let removed = fs::remove_file(&own);
    match written {
        Ok(()) => removed.map_err(|error| Error::io(&own, error)),
        // Somebody was faster: the same user in another call, or another user.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            match fs::read_to_string(&file).map_err(|error| Error::io(&file, error))? {
                owner if owner.trim() == user.to_string() => Ok(()),
                _ => Err(not_owner(place)),
            }
        }
        Err(error) => Err(Error::io(&file, error)),
    }
}

/// Whether a directory is the user's; that it is another's is an error.
fn is_claimed(dir: &Path, user: i32, place: &Place) -> Result<bool> {
    let file = dir.join(".user");
    match fs::read_to_string(&file) {
        Ok(owner) if owner.trim() == user.to_string() => Ok(true),
        Ok(_) => Err(not_owner(place)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io(&file, error)),
    }
}

fn not_owner(place: &Place) -> Error {
    Error::generic(format!("Invalid upload directory, not owner: {} (choose another one)", place.dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_stay_below() {
        assert_eq!(normal_parts("a/./b/../c").unwrap(), ["a", "c"]);
        assert!(normal_parts("").unwrap().is_empty());
        for bad in ["..", "a/../../b", "/etc", "../a"] {
            assert!(normal_parts(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_first_uploader_owns_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::default();
        claim_for_user(dir.path(), 7, &place).unwrap();
        claim_for_user(dir.path(), 7, &place).unwrap();
        assert!(claim_for_user(dir.path(), 8, &place).is_err());
        assert_eq!(fs::read_to_string(dir.path().join(".user")).unwrap(), "7");
    }
}
