//! Uploading a file in pieces, each checked, the whole checked at the end.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::api::cast::Truthy;
use crate::api::upload::CheckUpload;
use crate::db::Lookup;
use crate::error::{Error, Result};
use crate::wire::Value;

use super::download::Progress;
use super::member::field;
use super::session::{ChunkParts, Session};

/// A file to upload and where to.
#[derive(Clone, Debug)]
pub struct Upload<'a> {
    /// The local file.
    pub local: &'a Path,
    /// The directory below the hub's work directory.
    pub dir: &'a str,
    /// The name there; the local one if absent.
    pub name: Option<&'a str>,
    /// Replace what is there.
    pub overwrite: bool,
    /// The volume; the default one if absent.
    pub volume: Option<&'a str>,
    /// The size of the pieces in bytes; the session's if absent.
    pub blocksize: Option<usize>,
}

impl<'a> Upload<'a> {
    /// An upload that refuses to replace a file.
    pub fn new(local: &'a Path, dir: &'a str) -> Self {
        Self { local, dir, name: None, overwrite: false, volume: None, blocksize: None }
    }
}

impl Session {
    /// Uploads a file, telling its progress after each piece.
    ///
    /// # Errors
    /// An unreadable file, a fault of the hub, or sizes and checksums that differ.
    pub fn upload(&mut self, upload: &Upload<'_>, progress: &mut dyn FnMut(Progress)) -> Result<()> {
        self.upload_while(upload, &mut |state| {
            progress(state);
            Ok(())
        })
    }

    /// Uploads a file as [`Session::upload`] does, as long as `progress` has no error.
    ///
    /// # Errors
    /// Those of an upload, and what `progress` answers.
    pub fn upload_while(
        &mut self,
        upload: &Upload<'_>,
        progress: &mut dyn FnMut(Progress) -> Result<()>,
    ) -> Result<()> {
        let local = upload.local;
        let name = match upload.name {
            Some(name) => name,
            None => local
                .file_name()
                .and_then(|name| name.to_str())
                .ok_or_else(|| Error::generic(format!("{} is no file to upload", local.display())))?,
        };
        let mut file = File::open(local).map_err(|error| Error::io(local, error))?;
        let total = file.metadata().map_err(|error| Error::io(local, error))?.len();
        let volume = upload.volume.filter(|volume| *volume != "DEFAULT");
        let mut sent = Sent { offset: 0, checksum: adler2::Adler32::new(), doubtful: false };
        let mut piece = Vec::new();
        let block = upload.blocksize.unwrap_or(self.options().upload_blocksize).max(1) as u64;
        progress(Progress { done: 0, total: Some(total) })?;
        loop {
            piece.clear();
            file.by_ref().take(block).read_to_end(&mut piece).map_err(|error| Error::io(local, error))?;
            // an empty file is sent as one empty piece
            if piece.is_empty() && sent.offset > 0 {
                break;
            }
            let parts = ChunkParts {
                data: &piece,
                offset: sent.offset,
                dir: upload.dir,
                name,
                overwrite: upload.overwrite,
                volume,
            };
            let answer = self.send_chunk(&parts)?;
            check_piece(&answer, &piece, name)?;
            sent.doubtful |= self.retries() > 1;
            sent.checksum.write_slice(&piece);
            sent.offset += piece.len() as u64;
            progress(Progress { done: sent.offset, total: Some(total) })?;
            if piece.is_empty() {
                break;
            }
        }
        self.check_upload(upload.dir, name, volume, &sent)
    }

    /// Writes a piece of a file that still grows, such as a log, at its offset in bytes.
    ///
    /// # Errors
    /// A fault of the hub, or a piece that arrived otherwise than it was sent.
    pub fn upload_piece(&mut self, dir: &str, name: &str, offset: u64, data: &[u8]) -> Result<()> {
        let parts = ChunkParts { data, offset, dir, name, overwrite: true, volume: None };
        check_piece(&self.send_chunk(&parts)?, data, name)
    }

    fn check_upload(&mut self, dir: &str, name: &str, volume: Option<&str>, sent: &Sent) -> Result<()> {
        let answer = self.ask(CheckUpload {
            volume: Truthy(volume.map(Lookup::from)),
            // a repeated piece may have been written twice, so the whole is worth a checksum
            verify: Truthy(sent.doubtful.then(|| "adler32".into())),
            ..CheckUpload::new(dir, name)
        })?;
        let size = match field(&answer, "size") {
            Value::String(text) => text.parse().ok(),
            other => other.as_int(),
        };
        if size != i64::try_from(sent.offset).ok() {
            return Err(Error::generic(format!(
                "{dir}/{name}: {} bytes were sent, the hub has {size:?}",
                sent.offset
            )));
        }
        let expected = hex(sent.checksum.checksum());
        if sent.doubtful && field(&answer, "hexdigest").as_str() != Some(expected.as_str()) {
            return Err(Error::generic(format!("{dir}/{name}: the uploaded file has another checksum")));
        }
        Ok(())
    }
}

struct Sent {
    offset: u64,
    checksum: adler2::Adler32,
    /// A piece was sent more than once.
    doubtful: bool,
}

fn check_piece(answer: &Value, piece: &[u8], name: &str) -> Result<()> {
    if field(answer, "size").as_int() != i64::try_from(piece.len()).ok() {
        return Err(Error::generic(format!("{name}: the hub received another number of bytes")));
    }
    let expected = hex(adler2::adler32_slice(piece));
    if field(answer, "hexdigest").as_str() != Some(expected.as_str()) {
        return Err(Error::generic(format!("{name}: the hub received other bytes than were sent")));
    }
    Ok(())
}

fn hex(checksum: u32) -> String {
    format!("{checksum:08x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(size: i64, digest: &str) -> Value {
        Value::Struct(vec![
            ("size".into(), Value::Int(size)),
            ("hexdigest".into(), Value::String(digest.into())),
        ])
    }

    #[test]
    fn a_piece_is_checked_by_size_and_sum() {
        assert!(check_piece(&answer(3, "024d0127"), b"abc", "f").is_ok());
        assert!(check_piece(&answer(2, "024d0127"), b"abc", "f").is_err());
        assert!(check_piece(&answer(3, "00000001"), b"abc", "f").is_err());
    }
}
