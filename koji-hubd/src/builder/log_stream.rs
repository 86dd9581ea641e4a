//! [`LogStream`]: uploads logs while they grow, so that people can follow a build, and cuts those that grow without end.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use koji_core::client::Session;
use koji_core::{Error, Result};

/// How much is sent at once.
const PIECE_BYTES: u64 = 65536;
/// How much of a log is sent before the program that writes it is looked at again: some write faster than is sent.
const ROUND_BYTES: u64 = 4 << 20;

/// What is uploaded while a program runs.
pub trait Live {
    /// Sends of each log what is new, but not more than so many bytes.
    fn send(&mut self, session: &mut Session, dir: &str, most_bytes: u64) -> Result<()>;

    /// The logs there are now.
    fn streams(&mut self) -> &mut [LogStream];

    /// Sends all that is new now.
    fn sync(&mut self, session: &mut Session, dir: &str) -> Result<()> {
        self.send(session, dir, u64::MAX)
    }

    /// Sends what is new while it is being written.
    fn follow(&mut self, session: &mut Session, dir: &str) -> Result<()> {
        self.send(session, dir, ROUND_BYTES)
    }

    /// A log that is longer than so many bytes, if there is one.
    fn too_long(&mut self, limit_bytes: u64) -> Option<&mut LogStream> {
        self.streams().iter_mut().find(|log| log.size_bytes() > limit_bytes)
    }

    /// Cuts a log that is too long, when nobody writes any more; what is to be said of it.
    ///
    /// # Errors
    /// When the file can't be changed.
    fn cut_if_long(&mut self, limit_bytes: u64) -> Result<Option<String>> {
        let Some(log) = self.too_long(limit_bytes) else { return Ok(None) };
        log.cut(limit_bytes)?;
        let mb = limit_bytes >> 20;
        Ok(Some(format!("{} became longer than {mb} MB (max_log_size), so its program was ended", log.name)))
    }
}

/// A file that grows, and how far it is uploaded.
#[derive(Debug)]
pub struct LogStream {
    path: PathBuf,
    name: String,
    sent: u64,
}

impl LogStream {
    /// A log that is to have a name on the hub; the file need not be there yet.
    pub fn new(path: &Path, name: &str) -> Self {
        Self { path: path.to_owned(), name: name.to_owned(), sent: 0 }
    }

    /// The name on the hub.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether anything was sent.
    pub fn has_content(&self) -> bool {
        self.sent > 0
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn size_bytes(&self) -> u64 {
        self.path.metadata().map_or(0, |meta| meta.len())
    }

    /// Takes off what is beyond so many bytes, and says so at the end. Nobody may be writing any more.
    ///
    /// # Errors
    /// When the file can't be changed.
    pub fn cut(&self, limit_bytes: u64) -> Result<()> {
        let cut = OpenOptions::new().write(true).open(&self.path).and_then(|mut file| {
            file.set_len(limit_bytes.max(self.sent))?;
            file.seek(SeekFrom::End(0))?;
            file.write_all(b"\n[the builder has cut the log here: it is longer than max_log_size]\n")
        });
        cut.map_err(|error| Error::io(&self.path, error))
    }

    fn next_piece(&self, most_bytes: u64) -> Result<Vec<u8>> {
        let mut piece = vec![];
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.sent))?;
            file.take(most_bytes.min(PIECE_BYTES)).read_to_end(&mut piece)
        });
        match read {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(&self.path, error)),
            _ => Ok(piece),
        }
    }
}

impl Live for LogStream {
    fn send(&mut self, session: &mut Session, dir: &str, most_bytes: u64) -> Result<()> {
        // what is written meanwhile is for the next time
        let mut left = self.size_bytes().saturating_sub(self.sent).min(most_bytes);
        while left > 0 {
            let piece = self.next_piece(left)?;
            if piece.is_empty() {
                return Ok(());
            }
            session.upload_piece(dir, &self.name, self.sent, &piece)?;
            let sent = piece.len() as u64;
            self.sent += sent;
            left -= sent;
        }
        Ok(())
    }

    fn streams(&mut self) -> &mut [LogStream] {
        std::slice::from_mut(self)
    }
}

impl Live for Vec<LogStream> {
    fn send(&mut self, session: &mut Session, dir: &str, most_bytes: u64) -> Result<()> {
        self.iter_mut().try_for_each(|stream| stream.send(session, dir, most_bytes))
    }

    fn streams(&mut self) -> &mut [LogStream] {
        self
    }
}

/// Adds a file to some logs, under its own name, if it is not among them yet.
pub fn watch<'a>(logs: &'a mut Vec<LogStream>, path: &Path) -> &'a mut Vec<LogStream> {
    if !logs.iter().any(|log| log.path == path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        logs.push(LogStream::new(path, &name));
    }
    logs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("build.log");
        let mut log = LogStream::new(&path, "build.log");
        assert_eq!(log.next_piece(9).unwrap(), b"");
        std::fs::write(&path, "one\ntwo\n").unwrap();
        log.sent = 4;
        assert_eq!(log.next_piece(9).unwrap(), b"two\n");
        assert_eq!(log.next_piece(2).unwrap(), b"tw");
    }

    #[test]
    fn a_log_is_cut_where_it_is_too_long() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("build.log");
        let mut logs =
            vec![LogStream::new(&dir.path().join("none"), "none"), LogStream::new(&path, "build.log")];
        std::fs::write(&path, "one\ntwo\n").unwrap();
        assert!(logs.too_long(8).is_none());
        logs.too_long(7).unwrap().cut(3).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("one\n[the builder has cut"));
        // what was sent stays
        logs[1].sent = 6;
        logs[1].cut(3).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("one\n[t\n[the"));
    }
}
