//! What `checkUpload` tells of an uploaded file.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;

use serde::Serialize;

use super::{Digest, Place, dest};
use crate::api::args::expected;
use crate::context::Cx;
use crate::wire::Value;
use crate::{Error, Fault, Result};

/// An uploaded file.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// Its size in bytes
    pub size: i64,
    /// When it was last written, in seconds since the epoch
    pub mtime: f64,
    /// How many bytes the checksum is of
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sumlength: Option<i64>,
    /// The checksum
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hexdigest: Option<String>,
}

/// Size and time of an upload, and the checksum of it, or of its last `tail` bytes; none if it is not there.
pub fn check(
    cx: &mut Cx<'_>,
    place: &Place,
    verify: Option<&Value>,
    tail: Option<Value>,
) -> Result<Option<Checked>> {
    let path = dest::find(cx, place)?;
    let at = |source| Error::io(&path, source);
    // Looked at before it is opened, for to open a pipe would wait.
    let meta = match fs::metadata(&path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(error)),
    };
    if !meta.is_file() {
        return Err(Error::generic(format!("Not a regular file: {}", path.display())));
    }
    let mut file = File::open(&path).map_err(at)?;
    file.try_lock_shared().map_err(|error| {
        Error::new(Fault::Lock, format!("{} is being written", path.display())).caused_by(error)
    })?;
    let mtime = meta.mtime() as f64 + meta.mtime_nsec() as f64 / 1e9;
    let mut checked = Checked { size: meta.len().cast_signed(), mtime, sumlength: None, hexdigest: None };
    let Some(verify) = verify else { return Ok(Some(checked)) };
    let unknown =
        || Error::generic(format!("unsupported checksum type: {verify:?} (there are md5 and sha256)"));
    let Some(mut digest) = Digest::named(verify.as_str().ok_or_else(unknown)?)? else {
        return Ok(Some(checked));
    };
    if let Some(tail) = tail {
        let tail = tail.as_int().ok_or_else(|| expected("an integer", &tail))?;
        let tail = u64::try_from(tail).map_err(|_| Error::generic(format!("Invalid tail value: {tail}")))?;
        file.seek(SeekFrom::Start(meta.len().saturating_sub(tail))).map_err(at)?;
    }
    let mut buffer = vec![0; 1 << 16];
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer).map_err(at)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        length += read as i64;
    }
    (checked.sumlength, checked.hexdigest) = (Some(length), Some(digest.hex()));
    Ok(Some(checked))
}
