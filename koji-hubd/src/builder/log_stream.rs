//! [`LogStream`]: uploads logs while they grow, so that people can follow a build.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use koji_core::client::Session;
use koji_core::{Error, Result};

/// How much is sent at once.
const PIECE_BYTES: u64 = 65536;

/// What is uploaded while a program runs.
pub trait Live {
    /// Sends what is new.
    fn sync(&mut self, session: &mut Session, dir: &str) -> Result<()>;
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

    fn next_piece(&self) -> Result<Vec<u8>> {
        let mut piece = vec![];
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.sent))?;
            file.take(PIECE_BYTES).read_to_end(&mut piece)
        });
        match read {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(&self.path, error)),
            _ => Ok(piece),
        }
    }
}

impl Live for LogStream {
    fn sync(&mut self, session: &mut Session, dir: &str) -> Result<()> {
        loop {
            let piece = self.next_piece()?;
            if piece.is_empty() {
                return Ok(());
            }
            session.upload_piece(dir, &self.name, self.sent, &piece)?;
            self.sent += piece.len() as u64;
        }
    }
}

impl Live for Vec<LogStream> {
    fn sync(&mut self, session: &mut Session, dir: &str) -> Result<()> {
        self.iter_mut().try_for_each(|stream| stream.sync(session, dir))
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
        assert_eq!(log.next_piece().unwrap(), b"");
        std::fs::write(&path, "one\ntwo\n").unwrap();
        log.sent = 4;
        assert_eq!(log.next_piece().unwrap(), b"two\n");
    }
}
