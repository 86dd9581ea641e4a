//! [`Source`]: an entry of a package's file `sources`, in both forms that dist-git has had.

use crate::paths::check_segment;
use crate::{Error, Result};

/// The kinds of checksums by their names in the file, with their lengths in hexadecimal digits.
const KINDS: [(&str, usize); 4] = [("md5", 32), ("sha1", 40), ("sha256", 64), ("sha512", 128)];

/// A file that a package needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub file: String,
    /// The kind of its checksum: `md5`, `sha1`, `sha256` or `sha512`.
    pub kind: &'static str,
    /// The checksum in hexadecimal.
    pub hash: String,
}

impl Source {
    /// Puts an entry together.
    ///
    /// # Errors
    /// A name that is a path, an unknown kind, a checksum that is none of its kind.
    pub fn new(file: &str, kind: &str, hash: &str) -> Result<Self> {
        check_segment("file name", file)?;
        let (kind, digits) = KINDS
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(kind))
            .ok_or_else(|| Error::generic(format!("Unknown kind of checksum: {kind}")))?;
        if hash.len() != digits || !hash.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Error::generic(format!("{file}: this is no {kind} checksum: {hash}")));
        }
        Ok(Self { file: file.to_owned(), kind, hash: hash.to_ascii_lowercase() })
    }

    /// Reads a line: `SHA512 (name) = checksum`, or the older `checksum  name`, which is an MD5 sum.
    fn parse(line: &str) -> Result<Self> {
        let named = line.split_once(" (").and_then(|(kind, rest)| {
            let (file, hash) = rest.rsplit_once(") = ")?;
            Some((file, kind, hash.trim()))
        });
        // md5sum marks files that it has read as binary ones
        let plain = || {
            let (hash, file) = line.split_once(char::is_whitespace)?;
            let file = file.trim_start();
            Some((file.strip_prefix('*').unwrap_or(file), "md5", hash))
        };
        let (file, kind, hash) = named
            .or_else(plain)
            .ok_or_else(|| Error::generic(format!("sources: this line has no checksum and name: {line}")))?;
        Self::new(file, kind, hash)
    }
}

/// Reads the whole file.
///
/// # Errors
/// A line that is not understood, or a name that comes twice.
pub fn parse(text: &str) -> Result<Vec<Source>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let sources: Vec<Source> = lines.map(Source::parse).collect::<Result<_>>()?;
    for (at, source) in sources.iter().enumerate() {
        if sources[..at].iter().any(|other| other.file == source.file) {
            return Err(Error::generic(format!("sources: {} comes twice", source.file)));
        }
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MD5: &str = "9f54dad7ea7c6e42052a752981755b9f";

    #[test]
    fn both_forms_are_read() {
        let sha = "AB".repeat(64);
        let text =
            format!("{MD5}  a b.tar.gz\n\n{MD5} *b.zip\nSHA512 (c (1).tar.xz) = {sha}\nMD5 (d) = {MD5}\n");
        let read = parse(&text).unwrap();
        let told: Vec<_> = read.iter().map(|source| (source.file.as_str(), source.kind)).collect();
        assert_eq!(told, [("a b.tar.gz", "md5"), ("b.zip", "md5"), ("c (1).tar.xz", "sha512"), ("d", "md5")]);
        assert_eq!((read[0].hash.as_str(), read[2].hash.as_str()), (MD5, &*sha.to_lowercase()));
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, told) in [
            (MD5.to_owned(), "no checksum and name"),
            (format!("{MD5}  ../a"), "file name"),
            (format!("{MD5}  /etc/passwd"), "file name"),
            (format!("CRC32 (a) = {MD5}"), "Unknown kind of checksum: CRC32"),
            (format!("SHA512 (a) = {MD5}"), "this is no sha512 checksum"),
            (format!("{MD5}x  a"), "this is no md5 checksum"),
            (format!("{MD5}  a\nMD5 (a) = {MD5}"), "a comes twice"),
        ] {
            let error = parse(&text).unwrap_err().message;
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
