//! `uploadFile`: the older way to upload, chunk by chunk inside of calls.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use super::{Digest, Place, dest, existing_file, open_locked};
use crate::context::Cx;
use crate::what_if::FileAction;
use crate::{Error, Result};

/// One chunk of a file.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Where the file goes
    pub place: Place,
    /// Where the chunk goes; -1 marks the last one, whose size and checksum are the whole file's
    pub offset: i64,
    /// The bytes
    pub contents: Vec<u8>,
    /// How many bytes the client says there are
    pub size: Option<i64>,
    /// The kind of checksum and the checksum
    pub checksum: Option<(String, String)>,
}

/// Writes a chunk. False when size or checksum differ from what the client says.
pub fn store(cx: &mut Cx<'_>, chunk: &Chunk) -> Result<bool> {
    let length = chunk.contents.len() as i64;
    let is_last = chunk.offset == -1;
    if chunk.offset < -1 {
        return Err(Error::generic(format!("Invalid offset: {} (-1 marks the last chunk)", chunk.offset)));
    }
    let sum = match &chunk.checksum {
        Some((kind, hex)) => Digest::named(kind)?.map(|digest| (digest, hex)),
        None => None,
    };
    let mut whole_sum = None;
    match sum {
        Some(sum) if is_last => whole_sum = Some(sum),
        Some((mut digest, hex)) => {
            digest.update(&chunk.contents);
            if digest.hex() != *hex {
                return Ok(false);
            }
        }
        None => {}
    }
    if !is_last && chunk.size.is_some_and(|size| size != length) {
        return Ok(false);
    }
    let path = dest::claim(cx, &chunk.place)?;
    // A log may be uploaded again and again, so that it can be watched as it grows.
    if existing_file(&path)?.is_some() && chunk.offset == 0 && !chunk.place.name.ends_with(".log") {
        return Err(Error::generic(format!("file already exists: {}", path.display())));
    }
    if cx.only_plans(FileAction::Write, &path, None) {
        return Ok(true);
    }
    let at = |source| Error::io(&path, source);
    let mut file = open_locked(&path)?;
    if chunk.offset == 0 || (is_last && chunk.size == Some(length)) {
        file.set_len(0).map_err(at)?;
    }
    let start = if is_last { SeekFrom::End(0) } else { SeekFrom::Start(chunk.offset.unsigned_abs()) };
    file.seek(start).map_err(at)?;
    file.write_all(&chunk.contents).map_err(at)?;
    if let Some(size) = chunk.size.filter(|_| is_last) {
        let size = u64::try_from(size).map_err(|_| Error::generic(format!("Invalid size: {size}")))?;
        file.set_len(size).map_err(at)?;
    }
    match whole_sum {
        Some((digest, hex)) => Ok(sum_of(&mut file, digest).map_err(at)? == *hex),
        None => Ok(true),
    }
}

fn sum_of(file: &mut File, mut digest: Digest) -> std::io::Result<String> {
    file.rewind()?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(digest.hex());
        }
        digest.update(&buffer[..read]);
    }
}
