//! [`Stream`]: one file of the metadata while it is written: compressed and summed as it goes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::repomd::{Record, Sum};
use crate::{Error, Result};

/// zstd's level: its files are smaller than those of gzip at about the same effort.
const ZSTD_LEVEL: i32 = 9;

/// How the files of the metadata are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Every reader takes it.
    #[default]
    Gzip,
    /// Smaller and faster; readers older than about 2019 do not take it.
    Zstd,
}

impl Compression {
    /// The end of a file name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Zstd => "zst",
        }
    }
}

/// A file that is being written.
pub(super) struct Stream {
    kind: &'static str,
    name: String,
    path: PathBuf,
    open: Summing<Encoder>,
}

enum Encoder {
    Plain(Summing<BufWriter<File>>),
    Gzip(GzEncoder<Summing<BufWriter<File>>>),
    Zstd(zstd::Encoder<'static, Summing<BufWriter<File>>>),
}

impl Stream {
    /// Opens a file in the directory; `name` is the name without compression.
    pub(super) fn create(
        dir: &Path,
        kind: &'static str,
        name: &str,
        compression: Option<Compression>,
    ) -> Result<Self> {
        let name = match compression {
            Some(compression) => format!("{name}.{}", compression.extension()),
            None => name.to_owned(),
        };
        let path = dir.join(&name);
        let failed = |source| Error::io(&path, source);
        let file = Summing::new(BufWriter::new(File::create(&path).map_err(failed)?));
        let encoder = match compression {
            None => Encoder::Plain(file),
            Some(Compression::Gzip) => Encoder::Gzip(GzEncoder::new(file, flate2::Compression::default())),
            Some(Compression::Zstd) => Encoder::Zstd(zstd::Encoder::new(file, ZSTD_LEVEL).map_err(failed)?),
        };
        Ok(Self { kind, name, path, open: Summing::new(encoder) })
    }

    pub(super) fn write(&mut self, text: &[u8]) -> Result<()> {
        self.open.write_all(text).map_err(|source| Error::io(&self.path, source))
    }

    /// Completes the file and puts its checksum before its name.
    pub(super) fn finish(self, timestamp_s: i64) -> Result<Record> {
        let Self { kind, name, path, open } = self;
        let failed = |source| Error::io(&path, source);
        let (encoder, open) = open.finish();
        let compressed = !matches!(encoder, Encoder::Plain(_));
        let file = match encoder {
            Encoder::Plain(file) => file,
            Encoder::Gzip(encoder) => encoder.finish().map_err(failed)?,
            Encoder::Zstd(encoder) => encoder.finish().map_err(failed)?,
        };
        let (mut file, stored) = file.finish();
        file.flush().map_err(failed)?;
        let name = format!("{}-{name}", stored.sha256);
        std::fs::rename(&path, path.with_file_name(&name)).map_err(failed)?;
        Ok(Record {
            kind,
            href: format!("repodata/{name}"),
            stored,
            open: compressed.then_some(open),
            timestamp_s,
        })
    }
}

impl Write for Encoder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

/// Sums what is written through it.
struct Summing<W> {
    inner: W,
    digest: Sha256,
    size_bytes: u64,
}

impl<W> Summing<W> {
    fn new(inner: W) -> Self {
        Self { inner, digest: Sha256::new(), size_bytes: 0 }
    }

    fn finish(self) -> (W, Sum) {
        (self.inner, Sum { sha256: format!("{:x}", self.digest.finalize()), size_bytes: self.size_bytes })
    }
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.size_bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
