//! [`Expected`]: what a file must be, as the hub tells it: its length and its digest.

use std::path::Path;

use super::member::field;
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::rpm::RpmFile;
use crate::wire::Value;

/// How a file's content is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// By a digest of the file: its kind (`md5`, `sha256`..) and its hexadecimal digits.
    Digest(String, String),
    /// An rpm, by the digest of header and payload, which stays the same when the rpm is signed; without one
    /// by the digest that the rpm itself has.
    Rpm(Option<String>),
}

/// What a file must be. The default expects nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Its length.
    pub size_bytes: Option<u64>,
    /// What is in it.
    pub content: Option<Content>,
}

impl Expected {
    /// A file of a digest.
    pub fn digest(kind: &str, hex: &str) -> Self {
        let content = Content::Digest(kind.to_owned(), hex.to_ascii_lowercase());
        Self { size_bytes: None, content: Some(content) }
    }

    /// An rpm as the hub describes it (`getRPM`).
    pub fn of_rpm(rpm: &Value) -> Self {
        Self { size_bytes: size(rpm), ..Self::of_signed(rpm) }
    }

    /// A signed copy of an rpm: its length is not known.
    pub fn of_signed(rpm: &Value) -> Self {
        let hash = field(rpm, "payloadhash").as_str().filter(|hash| !hash.is_empty());
        Self { size_bytes: None, content: Some(Content::Rpm(hash.map(str::to_owned))) }
    }

    /// An archive as the hub describes it (`getArchive`).
    ///
    /// # Errors
    /// A kind of checksum that is not known.
    pub fn of_archive(archive: &Value) -> Result<Self> {
        let kind = match field(archive, "checksum_type").as_int() {
            Some(0) => "md5",
            Some(1) => "sha1",
            Some(2) => "sha256",
            other => {
                let other = other.map_or_else(|| "None".to_owned(), |number| number.to_string());
                return Err(Error::generic(format!("Unknown checksum type: {other}")));
            }
        };
        let sum = field(archive, "checksum").as_str().unwrap_or_default();
        Ok(Self { size_bytes: size(archive), ..Self::digest(kind, sum) })
    }

    /// Whether anything is known.
    pub fn is_known(&self) -> bool {
        self.size_bytes.is_some() || self.content.is_some()
    }

    /// Whether a file is what it must be; else in what it differs.
    ///
    /// # Errors
    /// When the file can't be read, or the kind of digest is not known.
    pub fn compare(&self, path: &Path) -> Result<Option<String>> {
        let length = path.metadata().map_err(|error| Error::io(path, error))?.len();
        if let Some(size) = self.size_bytes.filter(|size| *size != length) {
            return Ok(Some(format!("{length} bytes came instead of {size}")));
        }
        let (what, found, expected) = match &self.content {
            None => return Ok(None),
            Some(Content::Digest(kind, expected)) => {
                (kind.as_str(), digest_of(path, kind)?, expected.clone())
            }
            Some(Content::Rpm(expected)) => {
                let rpm = match RpmFile::open(path) {
                    Ok(rpm) => rpm,
                    Err(error) => return Ok(Some(error.message)),
                };
                // the header tells what it should be, the content what it is
                let own = rpm.payloadhash.clone();
                ("payload hash", rpm.content_md5()?, expected.clone().unwrap_or(own))
            }
        };
        Ok((found != expected).then(|| format!("its {what} is {found} instead of {expected}")))
    }
}

fn size(row: &Value) -> Option<u64> {
    field(row, "size").as_int().and_then(|size| u64::try_from(size).ok())
}

fn digest_of(path: &Path, kind: &str) -> Result<String> {
    let mut digest = Digest::of_kind(kind)?;
    digest.read(path)?;
    Ok(digest.hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(members: &[(&str, Value)]) -> Value {
        Value::Struct(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    #[test]
    fn length_and_digest_are_compared() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.jar");
        std::fs::write(&path, "koji").unwrap();
        let archive = |size: i64, kind: i64, sum: &str| {
            row(&[("size", size.into()), ("checksum_type", kind.into()), ("checksum", sum.into())])
        };
        let told = |size, kind, sum| Expected::of_archive(&archive(size, kind, sum)).unwrap().compare(&path);
        assert_eq!(told(4, 0, "9f54dad7ea7c6e42052a752981755b9f").unwrap(), None);
        assert_eq!(told(4, 0, "9F54DAD7EA7C6E42052A752981755B9F").unwrap(), None);
        assert!(told(5, 0, "").unwrap().unwrap().contains("4 bytes came instead of 5"));
        assert!(told(4, 1, "00").unwrap().unwrap().starts_with("its sha1 is "));
        assert!(told(4, 2, "00").unwrap().unwrap().ends_with(" instead of 00"));
        let unknown = Expected::of_archive(&archive(4, 9, "")).unwrap_err();
        assert_eq!(unknown.message, "Unknown checksum type: 9");
        assert_eq!(Expected::default().compare(&path).unwrap(), None);
        let rpm = Expected::of_rpm(&row(&[("size", 4.into()), ("payloadhash", "x".into())]));
        assert!(rpm.compare(&path).unwrap().unwrap().contains("cannot read it as an rpm"));
    }
}
