//! [`Store`]: a directory of files that never change.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::place::{LAYOUT, Place};
use crate::digest::Digest;
use crate::{Error, Result};

/// Where files are while they come in.
const INCOMING: &str = ".incoming";

/// What became of a file that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is new.
    New,
    /// It was there already.
    Present,
}

/// A directory of kept files.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
}

impl Store {
    /// The store in a directory, which need not be there yet.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether a file is kept.
    pub fn has(&self, place: &Place) -> bool {
        self.path(place).is_file()
    }

    /// A file to write into; it goes away with the answer unless it is kept.
    pub fn incoming(&self) -> Result<NamedTempFile> {
        let dir = self.dir.join(INCOMING);
        fs::create_dir_all(&dir).map_err(|error| Error::io(&dir, error))?;
        NamedTempFile::new_in(&dir).map_err(|error| Error::io(&dir, error))
    }

    /// Keeps a file that came in at its place. One that is there stays as it is.
    ///
    /// # Errors
    /// When the file has another checksum.
    pub fn keep(&self, file: NamedTempFile, place: &Place) -> Result<Kept> {
        let source = &place.source;
        let mut digest = Digest::of_kind(source.kind)?;
        digest.read(file.path())?;
        let found = digest.hex();
        if found != source.hash {
            let text = format!("{}: its {} is {found} instead of {}", source.file, source.kind, source.hash);
            return Err(Error::generic(text));
        }
        let path = self.path(place);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).map_err(|error| Error::io(dir, error))?;
        }
        let at = |error| Error::io(&path, error);
        file.as_file().set_permissions(Permissions::from_mode(0o444)).map_err(at)?;
        file.as_file().sync_all().map_err(at)?;
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(Kept::New),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(Kept::Present),
            Err(error) => Err(at(error.error)),
        }
    }

    fn path(&self, place: &Place) -> PathBuf {
        self.dir.join(place.path(LAYOUT))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::lookaside::Source;

    #[test]
    fn what_is_kept_never_changes() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().join("lookaside"));
        let source = Source::new("a", "md5", "9f54dad7ea7c6e42052a752981755b9f").unwrap();
        let place = Place::new("foo", source).unwrap();
        let come = |text: &str| {
            let mut file = store.incoming().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            store.keep(file, &place)
        };
        assert!(come("other").unwrap_err().message.starts_with("a: its md5 is "));
        assert!(!store.has(&place));
        assert_eq!(come("koji").unwrap(), Kept::New);
        assert_eq!(come("koji").unwrap(), Kept::Present);
        assert!(store.has(&place));
        let path = dir.path().join("lookaside/foo/a/md5/9f54dad7ea7c6e42052a752981755b9f/a");
        assert_eq!(fs::read_to_string(path).unwrap(), "koji");
        assert_eq!(fs::read_dir(dir.path().join("lookaside/.incoming")).unwrap().count(), 0);
    }
}
