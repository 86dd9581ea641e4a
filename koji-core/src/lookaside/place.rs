//! [`Place`]: where a file of a package lies in a lookaside cache.

use super::sources::Source;
use crate::paths::check_segment;
use crate::{Error, Result};

/// How dist-git lays files out, in the words of rpkg's configuration.
pub const LAYOUT: &str = "%(name)s/%(filename)s/%(hashtype)s/%(hash)s/%(filename)s";

/// A file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The package, with its namespace if it has one (`rpms/bash`).
    pub package: String,
    /// The file.
    pub source: Source,
}

impl Place {
    /// Puts a place together.
    ///
    /// # Errors
    /// Names that would lead elsewhere.
    pub fn new(package: &str, source: Source) -> Result<Self> {
        for segment in package.split('/') {
            check_segment("package name", segment)?;
            if segment.starts_with('.') {
                return Err(Error::generic(format!("Invalid package name: {package:?} is hidden")));
            }
        }
        Ok(Self { package: package.to_owned(), source })
    }

    /// The path below the top of a cache.
    pub fn path(&self, layout: &str) -> String {
        let Source { file, kind, hash } = &self.source;
        layout
            .replace("%(name)s", &self.package)
            .replace("%(filename)s", file)
            .replace("%(hashtype)s", kind)
            .replace("%(hash)s", hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_by_package_and_checksum() {
        let hash = "ab".repeat(16);
        let source = Source::new("a.tar.gz", "MD5", &hash).unwrap();
        let place = Place::new("rpms/foo", source.clone()).unwrap();
        assert_eq!(place.path(LAYOUT), format!("rpms/foo/a.tar.gz/md5/{hash}/a.tar.gz"));
        assert_eq!(place.path("%(name)s/%(hash)s"), format!("rpms/foo/{hash}"));
        for wrong in ["", "..", "a/../b", "/a", "a//b", "a/", "a\0b", ".incoming"] {
            assert!(Place::new(wrong, source.clone()).is_err(), "{wrong:?}");
        }
    }
}
