//! [`External`]: the metadata of an existing repository, read package by package from files on disk.
//!
//! Elements are handed on as they stand, so nothing of them is lost. It takes files as they are, or packed by
//! gzip or zstd. It refuses a file that is not the one its `repomd.xml` lists (SHA-256 and SHA-512 are checked).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sha2::{Digest, Sha256, Sha512};

use crate::{Error, Result};

/// A repository whose metadata is on disk.
#[derive(Clone, Debug)]
pub struct External {
    dir: PathBuf,
    files: Vec<Listed>,
}

/// A file that `repomd.xml` lists.
#[derive(Clone, Debug, Default)]
struct Listed {
    kind: String,
    href: String,
    checksum_type: String,
    checksum: String,
}

/// A file that describes packages.
#[derive(Clone, Copy, Debug)]
pub struct PackageFile<'a> {
    /// Its path below the directory of the repository
    pub href: &'a str,
    /// The kind of its checksum
    pub checksum_type: &'a str,
    /// Its checksum
    pub checksum: &'a str,
}

impl External {
    /// Reads the list of files in the directory that holds `repodata`.
    pub fn open(dir: &Path) -> Result<Self> {
        let path = dir.join("repodata/repomd.xml");
        let text = std::fs::read_to_string(&path).map_err(|source| Error::io(&path, source))?;
        let files = listed(&text).map_err(|source| malformed(&path, &source))?;
        Ok(Self { dir: dir.to_owned(), files })
    }

    /// The path of a file of a kind below the directory, if there is one.
    pub fn href(&self, kind: &str) -> Option<&str> {
        self.files.iter().find(|file| file.kind == kind).map(|file| file.href.as_str())
    }

    /// The files that describe its packages.
    pub fn package_files(&self) -> impl Iterator<Item = PackageFile<'_>> {
        let of_packages = |file: &&Listed| matches!(file.kind.as_str(), "primary" | "filelists" | "other");
        self.files.iter().filter(of_packages).map(|file| PackageFile {
            href: &file.href,
            checksum_type: &file.checksum_type,
            checksum: &file.checksum,
        })
    }

    /// Hands on each package element of `primary`, `filelists` or `other`, from `<package` to its end.
    pub fn each_package(&self, kind: &str, mut take: impl FnMut(&str) -> Result<()>) -> Result<()> {
        let listed = self.files.iter().find(|file| file.kind == kind).ok_or_else(|| {
            Error::generic(format!("{}: the repository has no {kind} metadata", self.dir.display()))
        })?;
        let path = self.dir.join(&listed.href);
        let file = File::open(&path).map_err(|source| Error::io(&path, source))?;
        let mut stored = Checked::new(BufReader::new(file), listed);
        let unpacked: Box<dyn Read + '_> = match path.extension().and_then(|end| end.to_str()) {
            Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(&mut stored)),
            Some("zst") => {
                Box::new(zstd::Decoder::new(&mut stored).map_err(|source| Error::io(&path, source))?)
            }
            Some("xml") => Box::new(&mut stored),
            _ => {
                let path = path.display();
                return Err(Error::generic(format!(
                    "{path}: its compression is unknown: gzip and zstd are read"
                )));
            }
        };
        split(BufReader::new(unpacked), &path, &mut take)?;
        if stored.finish().map_err(|source| Error::io(&path, source))? {
            return Ok(());
        }
        Err(Error::generic(format!(
            "{}: its checksum is not that of repomd.xml: fetch both again",
            path.display()
        )))
    }
}

/// Finds the elements by their ends: within one, `<` stands only where a tag begins.
fn split(mut reader: impl BufRead, path: &Path, take: &mut impl FnMut(&str) -> Result<()>) -> Result<()> {
    let failed = |source| Error::io(path, source);
    let mut buffer = Vec::new();
    let mut within = false;
    loop {
        let at = buffer.len();
        if reader.read_until(b'>', &mut buffer).map_err(failed)? == 0 {
            break;
        }
        if !within {
            let blank = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            within = buffer[blank..].strip_prefix(b"<package").is_some_and(|rest| {
                rest.first().is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'>')
            });
            buffer.drain(..if within { blank } else { buffer.len() });
        }
        if within && (buffer.ends_with(b"</package>") || at == 0 && buffer.ends_with(b"/>")) {
            let text = std::str::from_utf8(&buffer).map_err(|source| malformed(path, &source))?;
            take(text)?;
            buffer.clear();
            within = false;
        }
    }
    if within { Err(Error::generic(format!("{}: it ends within a package", path.display()))) } else { Ok(()) }
}

fn malformed(path: &Path, source: &dyn std::fmt::Display) -> Error {
    Error::generic(format!("{}: malformed metadata: {source}", path.display()))
}

/// The value of an attribute, empty when it is absent.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> quick_xml::Result<String> {
    let found = tag.try_get_attribute(name).map_err(quick_xml::Error::from)?;
    Ok(match found {
        Some(attribute) => attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0)?.into_owned(),
        None => String::new(),
    })
}

fn listed(text: &str) -> quick_xml::Result<Vec<Listed>> {
    let mut reader = Reader::from_str(text);
    let mut files: Vec<Listed> = Vec::new();
    let mut in_checksum = false;
    loop {
        match reader.read_event()? {
            Event::Start(tag) | Event::Empty(tag) => {
                in_checksum = tag.local_name().as_ref() == "checksum";
                match (tag.local_name().as_ref(), files.last_mut()) {
                    ("data", _) => {
                        files.push(Listed { kind: attribute(&tag, "type")?, ..Listed::default() });
                    }
                    ("checksum", Some(file)) => file.checksum_type = attribute(&tag, "type")?,
                    ("location", Some(file)) => file.href = attribute(&tag, "href")?,
                    _ => {}
                }
            }
            Event::Text(text) if in_checksum => {
                if let Some(file) = files.last_mut() {
                    file.checksum.push_str(text.xml10_content().trim());
                }
            }
            Event::End(_) => in_checksum = false,
            Event::Eof => return Ok(files),
            _ => {}
        }
    }
}

/// Reads a file and sums what it reads.
struct Checked<'a, R> {
    inner: R,
    listed: &'a Listed,
    sha256: Sha256,
    sha512: Sha512,
}

impl<'a, R: Read> Checked<'a, R> {
    fn new(inner: R, listed: &'a Listed) -> Self {
        Self { inner, listed, sha256: Sha256::new(), sha512: Sha512::new() }
    }

    /// Reads to the end and tells whether it is the listed file. Sums of other kinds prove nothing today and are not looked at.
    fn finish(mut self) -> io::Result<bool> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(match self.listed.checksum_type.as_str() {
            "sha256" => format!("{:x}", self.sha256.finalize()) == self.listed.checksum,
            "sha512" => format!("{:x}", self.sha512.finalize()) == self.listed.checksum,
            _ => true,
        })
    }
}

impl<R: Read> Read for Checked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.listed.checksum_type.as_str() {
            "sha256" => self.sha256.update(&buffer[..count]),
            "sha512" => self.sha512.update(&buffer[..count]),
            _ => {}
        }
        Ok(count)
    }
}
