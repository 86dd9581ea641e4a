//! Uploads: files that clients bring, below the directory `work`.
//!
//! It writes only there, never over a file that has become part of a build, and never over one that is there
//! already unless the caller asks for it. [`open`] needs the database; [`Upload::store`] does not, so that no
//! transaction is open while the bytes come in.

mod check;
pub mod chunk;
mod dest;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub use crate::digest::Digest;
pub use check::{Checked, check};
pub use dest::Place;

use crate::context::Cx;
use crate::{Error, Fault, Result};

/// What the client of a raw upload says, in the query of its URL.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `filepath`, `filename` and `volume`
    pub place: Place,
    /// `offset` in bytes; -1 appends
    pub offset: i64,
    /// `overwrite`: what is there is cut off at the offset
    pub overwrite: bool,
    /// `fileverify`: the checksum to answer with; empty for none
    pub verify: String,
}

impl Request {
    /// Reads the parameters of the URL.
    pub fn from_parameters(parameter: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let text = |name| parameter(name).unwrap_or_default();
        let name =
            parameter("filename").ok_or_else(|| Error::generic("an upload needs the parameter filename"))?;
        let offset = text("offset");
        let offset = if offset.is_empty() { "0" } else { &offset };
        let offset = offset
            .parse()
            .map_err(|error| Error::generic(format!("Invalid offset: {offset}")).caused_by(error))?;
        let place = Place { dir: text("filepath"), name, volume: parameter("volume") };
        Ok(Self { place, offset, overwrite: !text("overwrite").is_empty(), verify: text("fileverify") })
    }
}

/// The answer to a raw upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// Bytes that came
    pub size: i64,
    /// The kind of checksum that was asked for
    pub fileverify: String,
    /// Where the bytes went in the file
    pub offset: i64,
    /// Their checksum
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hexdigest: Option<String>,
}

/// An upload whose place has been checked.
#[derive(Debug)]
pub struct Upload {
    path: PathBuf,
    request: Request,
}

/// Checks who uploads, and where to. The caller must be logged in.
pub fn open(cx: &mut Cx<'_>, request: Request) -> Result<Upload> {
    Digest::named(&request.verify)?;
    if request.offset < -1 {
        return Err(Error::generic(format!("Invalid offset: {} (-1 appends)", request.offset)));
    }
    let path = dest::claim(cx, &request.place)?;
    if existing_file(&path)?.is_some() && request.offset == 0 && !request.overwrite {
        return Err(Error::generic(format!("upload path exists: {} (ask to overwrite it)", path.display())));
    }
    Ok(Upload { path, request })
}

/// Checks and stores an upload.
pub fn store(cx: &mut Cx<'_>, request: Request, reader: &mut dyn Read) -> Result<Stored> {
    open(cx, request)?.store(reader)
}

impl Upload {
    /// Writes what comes to its place.
    pub fn store(self, reader: &mut dyn Read) -> Result<Stored> {
        let Request { offset, overwrite, verify, .. } = self.request;
        let at = |source| Error::io(&self.path, source);
        let mut file = open_locked(&self.path)?;
        let start = if offset == -1 {
            file.seek(SeekFrom::End(0)).map_err(at)?
        } else {
            let offset = offset.unsigned_abs();
            if overwrite {
                file.set_len(offset).map_err(at)?;
            }
            file.seek(SeekFrom::Start(offset)).map_err(at)?
        };
        let mut digest = Digest::named(&verify)?;
        let size = copy(reader, &mut file, digest.as_mut()).map_err(at)?;
        // A client that repeats a chunk writes over it; any other mismatch is a gap or a leftover.
        let length = file.seek(SeekFrom::End(0)).map_err(at)?;
        if !overwrite && length != start + size {
            return Err(Error::generic(format!(
                "Incorrect upload length for {} - Expected {}, actual {length}",
                self.path.display(),
                start + size
            )));
        }
        Ok(Stored {
            size: size.cast_signed(),
            fileverify: verify,
            offset: start.cast_signed(),
            hexdigest: digest.map(Digest::hex),
        })
    }
}

fn copy(reader: &mut dyn Read, file: &mut File, mut digest: Option<&mut Digest>) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => return Ok(size),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        file.write_all(&buffer[..read])?;
        if let Some(digest) = digest.as_deref_mut() {
            digest.update(&buffer[..read]);
        }
        size += read as u64;
    }
}

/// What is at a place: nothing, or a regular file that is not part of a build.
fn existing_file(path: &Path) -> Result<Option<fs::Metadata>> {
    let meta = match path.symlink_metadata() {
        Ok(meta) => meta,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(path, error)),
    };
    let refuse = |what: &str| Err(Error::generic(format!("destination is {what}: {}", path.display())));
    if meta.file_type().is_symlink() {
        return refuse("a symlink");
    }
    if !meta.is_file() {
        return refuse("not a file");
    }
    if meta.nlink() > 1 {
        return refuse("part of a build");
    }
    Ok(Some(meta))
}

/// Opens a file for writing, alone. It is made if it is not there.
fn open_locked(path: &Path) -> Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|source| Error::io(path, source))?;
    file.try_lock().map_err(|error| {
        Error::new(Fault::Lock, format!("{} is being written by another upload", path.display()))
            .caused_by(error)
    })?;
    // Looked at again under the lock: it may have been imported in between.
    existing_file(path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(path: &Path, offset: i64, overwrite: bool, bytes: &[u8]) -> Result<Stored> {
        let request = Request { offset, overwrite, verify: "adler32".into(), ..Request::default() };
        Upload { path: path.to_owned(), request }.store(&mut &*bytes)
    }

    #[test]
    fn chunks_make_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let stored = upload(&path, 0, false, b"koji").unwrap();
        assert_eq!((stored.size, stored.offset, stored.hexdigest.as_deref()), (4, 0, Some("043a01ae")));
        assert_eq!(upload(&path, 4, false, b" hub").unwrap().offset, 4);
        assert_eq!(upload(&path, -1, false, b"!").unwrap().offset, 8);
        assert!(upload(&path, 0, false, b"k").unwrap_err().message.contains("actual 9"));
        upload(&path, 2, true, b"ala").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"koala");
    }

    #[test]
    fn what_is_imported_is_not_written_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        upload(&path, 0, false, b"koji").unwrap();
        fs::hard_link(&path, dir.path().join("imported")).unwrap();
        assert!(upload(&path, 0, true, b"evil").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"koji");
    }
}
