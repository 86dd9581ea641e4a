//! [`RpmFile`]: what an rpm file says of itself. It reads the two headers; the payload
//! only when its sum is asked for.
//!
//! Reading verifies neither digests nor signatures: the hub records what came, as Koji does.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use md5::{Digest as _, Md5};

use super::header::{LEAD_BYTES, RawHeader};
use super::number::{
    ARCH, BUILDTIME, EPOCH, NAME, NOPATCH, NOSOURCE, RELEASE, SIGMD5, SOURCEPACKAGE, SOURCERPM, VERSION,
};
use super::{sig, tags};
use crate::digest::hex;
use crate::{Error, Result};

/// The first bytes of the lead.
const LEAD_MAGIC: [u8; 4] = [0xed, 0xab, 0xee, 0xdb];

/// An rpm file, its headers read.
#[derive(Clone, Debug)]
pub struct RpmFile {
    /// Where it was read from.
    pub path: PathBuf,
    /// Size of the file.
    pub size_bytes: u64,
    /// When the file was last written, in seconds since the epoch.
    pub mtime_s: i64,
    /// Name of the package.
    pub name: String,
    /// Version.
    pub version: String,
    /// Release.
    pub release: String,
    /// Epoch, if it has one.
    pub epoch: Option<i64>,
    /// Architecture as Koji records it: `src` for every source rpm, also for one without its sources.
    pub arch: String,
    /// File name of the source rpm; a source rpm has none.
    pub sourcerpm: Option<String>,
    /// When it was built, in seconds since the epoch.
    pub buildtime_s: i64,
    /// The MD5 sum of header and payload in hexadecimal, which Koji calls the payload hash.
    pub payloadhash: String,
    /// The signature header.
    pub signature: RawHeader,
    /// The main header.
    pub header: RawHeader,
    /// Where the main header begins and ends in the file, in bytes.
    pub header_range: (u64, u64),
    sighdr: Vec<u8>,
}

impl RpmFile {
    /// Reads the headers of a file.
    ///
    /// # Errors
    /// When the file cannot be read, is no rpm, or lacks a name, version, release or architecture.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|source| Error::io(path, source))?;
        let meta = file.metadata().map_err(|source| Error::io(path, source))?;
        Self::read(path, &mut BufReader::new(file), &meta).map_err(|source| {
            Error::unforeseen(format!("{}: cannot read it as an rpm: {source}", path.display()))
                .caused_by(source)
        })
    }

    fn read(path: &Path, reader: &mut impl Read, meta: &std::fs::Metadata) -> Result<Self> {
        let mut lead = [0; LEAD_BYTES as usize];
        reader.read_exact(&mut lead)?;
        if lead[..4] != LEAD_MAGIC {
            return Err(Error::generic("it does not begin as an rpm file does"));
        }
        let signature = RawHeader::read(reader)?;
        let mut sighdr = signature.bytes().to_vec();
        sighdr.resize(sighdr.len().next_multiple_of(8), 0);
        let padding = sighdr.len() - signature.bytes().len();
        let at = sighdr.len() - padding;
        reader.read_exact(&mut sighdr[at..])?;
        let header = RawHeader::read(reader)?;
        let start = LEAD_BYTES + sighdr.len() as u64;
        let header_range = (start, start + header.bytes().len() as u64);
        let need = |tag| match header.text(tag) {
            Some(text) if !text.is_empty() => Ok(text.into_owned()),
            _ => Err(Error::generic(format!("its header lacks {}", tags::name(tag).unwrap_or("a tag")))),
        };
        let source = is_source(&header);
        Ok(Self {
            path: path.to_owned(),
            size_bytes: meta.len(),
            mtime_s: mtime_s(meta),
            name: need(NAME)?,
            version: need(VERSION)?,
            release: need(RELEASE)?,
            epoch: header.number(EPOCH).map(u64::cast_signed),
            arch: if source { "src".to_owned() } else { need(ARCH)? },
            sourcerpm: header.text(SOURCERPM).map(Cow::into_owned),
            buildtime_s: header.number(BUILDTIME).unwrap_or_default().cast_signed(),
            payloadhash: sig::sigmd5(&signature).unwrap_or_default(),
            signature,
            header,
            header_range,
            sighdr,
        })
    }

    /// The MD5 sum of what header and payload in the file are; [`RpmFile::payloadhash`] is what the file says that
    /// it should be.
    pub fn content_md5(&self) -> Result<String> {
        let at = |source| Error::io(&self.path, source);
        let mut file = File::open(&self.path).map_err(at)?;
        file.seek(SeekFrom::Start(self.header_range.0)).map_err(at)?;
        let mut sum = Md5::new();
        std::io::copy(&mut file, &mut sum).map_err(at)?;
        Ok(hex(&sum.finalize()))
    }

    /// The signature header as Koji stores it beside an rpm: with its padding.
    pub fn sighdr(&self) -> &[u8] {
        &self.sighdr
    }

    /// The last eight digits of the key that signed it; `None` when it is not signed.
    pub fn sigkey(&self) -> Result<Option<String>> {
        sig::key_id(&self.signature)
    }

    /// MD5 sum of the signature header, which is how Koji tells signed copies apart.
    pub fn sighash(&self) -> String {
        sig::sighash(&self.sighdr)
    }

    /// Whether it is a source rpm.
    pub fn is_source(&self) -> bool {
        is_source(&self.header)
    }

    /// `nosrc` for a source rpm that leaves sources or patches out, else [`RpmFile::arch`].
    pub fn src_arch(&self) -> &str {
        let partial = self.header.has(NOSOURCE) || self.header.has(NOPATCH);
        if self.is_source() && partial { "nosrc" } else { &self.arch }
    }

    /// `name-version-release`
    pub fn nvr(&self) -> String {
        format!("{}-{}-{}", self.name, self.version, self.release)
    }

    /// `name-version-release.arch`
    pub fn nvra(&self) -> String {
        format!("{}.{}", self.nvr(), self.arch)
    }

    /// The header that holds a tag, and its number there: some are kept in the signature header.
    pub fn locate(&self, tag: u32) -> (&RawHeader, u32) {
        match tags::in_signature(tag) {
            Some(number) if tag == SIGMD5 || !self.header.has(tag) => (&self.signature, number),
            _ => (&self.header, tag),
        }
    }
}

/// rpm takes a header that names no source rpm for one of a source rpm: old ones lack the tag.
fn is_source(header: &RawHeader) -> bool {
    header.number(SOURCEPACKAGE).map_or(!header.has(SOURCERPM), |flag| flag != 0)
}

fn mtime_s(meta: &std::fs::Metadata) -> i64 {
    use std::os::unix::fs::MetadataExt;
    meta.mtime()
}
