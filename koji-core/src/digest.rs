//! [`Digest`]: the checksums by which uploads, downloads and files are verified.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use md5::Digest as _;

use crate::{Error, Result};

/// A checksum in the making.
pub enum Digest {
    /// `adler32`: cheap, what clients use for the raw upload
    Adler32(adler2::Adler32),
    /// `md5`
    Md5(md5::Md5),
    /// `sha1`: of copies of rpms only, never of uploads
    Sha1(sha1::Sha1),
    /// `sha256`
    Sha256(sha2::Sha256),
    /// `sha512`: of sources in a lookaside cache only
    Sha512(sha2::Sha512),
}

impl Digest {
    /// A checksum of an upload by Koji's name for it; an empty name means none.
    pub fn named(name: &str) -> Result<Option<Self>> {
        Ok(Some(match name {
            "" => return Ok(None),
            "adler32" => Self::Adler32(adler2::Adler32::new()),
            "md5" => Self::Md5(md5::Md5::new()),
            "sha256" => Self::Sha256(sha2::Sha256::new()),
            other => {
                return Err(Error::generic(format!(
                    "Unsupported verify type: {other} (use adler32, md5 or sha256)"
                )));
            }
        }))
    }

    /// A checksum of a file that is to be recognised.
    pub fn of_kind(name: &str) -> Result<Self> {
        match name {
            "md5" => Ok(Self::Md5(md5::Md5::new())),
            "sha1" => Ok(Self::Sha1(sha1::Sha1::new())),
            "sha256" => Ok(Self::Sha256(sha2::Sha256::new())),
            "sha512" => Ok(Self::Sha512(sha2::Sha512::new())),
            other => Err(Error::generic(format!("Unknown kind of checksum: {other}"))),
        }
    }

    /// Takes in more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Adler32(sum) => sum.write_slice(bytes),
            Self::Md5(sum) => sum.update(bytes),
            Self::Sha1(sum) => sum.update(bytes),
            Self::Sha256(sum) => sum.update(bytes),
            Self::Sha512(sum) => sum.update(bytes),
        }
    }

    /// Takes in a file.
    pub fn read(&mut self, path: &Path) -> Result<()> {
        let mut file = File::open(path).map_err(|error| Error::io(path, error))?;
        let mut buffer = vec![0; 1 << 18];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => self.update(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io(path, error)),
            }
        }
    }

    /// The checksum in hexadecimal.
    pub fn hex(self) -> String {
        match self {
            Self::Adler32(sum) => format!("{:08x}", sum.checksum()),
            Self::Md5(sum) => hex(&sum.finalize()),
            Self::Sha1(sum) => hex(&sum.finalize()),
            Self::Sha256(sum) => hex(&sum.finalize()),
            Self::Sha512(sum) => hex(&sum.finalize()),
        }
    }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_pythons() {
        let sum = |name| {
            let mut digest = Digest::named(name).unwrap().unwrap();
            digest.update(b"ko");
            digest.update(b"ji");
            digest.hex()
        };
        assert_eq!(sum("adler32"), "043a01ae");
        assert_eq!(sum("md5"), "9f54dad7ea7c6e42052a752981755b9f");
        assert_eq!(sum("sha256").len(), 64);
        assert!(Digest::named("").unwrap().is_none());
        assert!(Digest::named("crc32").is_err());
        assert!(Digest::of_kind("adler32").is_err());
        assert_eq!(Digest::of_kind("sha512").unwrap().hex().len(), 128);
    }
}
