//! The files in an rpm, as `listRPMFiles` and `getRPMFile` tell them.

use std::borrow::Cow;

use serde::Serialize;

use super::RpmFile;
use super::number as n;

/// Bit of the flags of a file that the package owns without carrying it.
pub const GHOST: i64 = 1 << 6;
const TYPE_MASK: i64 = 0o170_000;
const DIRECTORY: i64 = 0o040_000;

/// One file in an rpm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileEntry {
    /// Path; in a source rpm a bare name.
    pub name: String,
    /// Digest of the contents in hexadecimal, empty for what is no regular file.
    pub digest: String,
    /// Algorithm of the digest in lower case, `unknown` where Koji does not know it.
    pub digest_algo: &'static str,
    /// The digest again: older clients look for it under this name, whatever the algorithm.
    pub md5: String,
    /// Size in bytes.
    pub size: i64,
    /// rpm's `RPMFILE_*` bits.
    pub flags: i64,
    /// Owner.
    pub user: String,
    /// Group.
    pub group: String,
    /// When it was last written, in seconds since the epoch.
    pub mtime: i64,
    /// File type and permissions.
    pub mode: i64,
}

impl FileEntry {
    /// Whether it is a directory.
    pub fn is_dir(&self) -> bool {
        self.mode & TYPE_MASK == DIRECTORY
    }

    /// Whether the package owns the path without carrying the file.
    pub fn is_ghost(&self) -> bool {
        self.flags & GHOST != 0
    }
}

impl RpmFile {
    /// The files, in the order of the header.
    pub fn files(&self) -> Vec<FileEntry> {
        let header = &self.header;
        let digest_algo = self.digest_algo();
        let mut digests = header.texts(n::FILEDIGESTS).into_iter();
        let mut users = header.texts(n::FILEUSERNAME).into_iter();
        let mut groups = header.texts(n::FILEGROUPNAME).into_iter();
        let sizes = self.file_sizes();
        let numbers = [n::FILEFLAGS, n::FILEMTIMES, n::FILEMODES].map(|tag| header.numbers(tag));
        let number = |list: &[u64], at: usize| list.get(at).copied().unwrap_or_default().cast_signed();
        let text = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned).unwrap_or_default();
        let entry = |(at, name)| {
            let digest = text(digests.next());
            FileEntry {
                name,
                md5: digest.clone(),
                digest,
                digest_algo,
                size: number(&sizes, at),
                flags: number(&numbers[0], at),
                user: text(users.next()),
                group: text(groups.next()),
                mtime: number(&numbers[1], at),
                mode: number(&numbers[2], at),
            }
        };
        self.file_names().into_iter().enumerate().map(entry).collect()
    }

    /// The paths of the files, in the order of the header.
    pub fn file_names(&self) -> Vec<String> {
        let names = self.join_paths(n::DIRNAMES, n::DIRINDEXES, n::BASENAMES);
        if !names.is_empty() {
            return names;
        }
        // rpm 3 wrote whole paths
        self.header.texts(n::OLDFILENAMES).into_iter().map(Cow::into_owned).collect()
    }

    /// Sizes of the files in bytes; large ones are kept under another tag.
    pub fn file_sizes(&self) -> Vec<u64> {
        let sizes = self.header.numbers(n::FILESIZES);
        if sizes.is_empty() { self.header.numbers(n::LONGFILESIZES) } else { sizes }
    }

    /// Paths that the header keeps as directories, indexes and base names.
    pub(super) fn join_paths(&self, dirs: u32, indexes: u32, bases: u32) -> Vec<String> {
        let dirs = self.header.texts(dirs);
        let indexes = self.header.numbers(indexes);
        let dir = |index| usize::try_from(index).ok().and_then(|index| dirs.get(index));
        let bases = self.header.texts(bases).into_iter();
        bases
            .zip(indexes)
            .map(|(base, index)| format!("{}{base}", dir(index).map_or("", |dir| dir)))
            .collect()
    }

    /// Which digest the files have, by Koji's names; a header that does not say means MD5.
    fn digest_algo(&self) -> &'static str {
        match self.header.number(n::FILEDIGESTALGO) {
            None | Some(1) => "md5",
            Some(2) => "sha1",
            Some(3) => "ripemd160",
            Some(8) => "sha256",
            Some(9) => "sha384",
            Some(10) => "sha512",
            Some(11) => "sha224",
            Some(_) => "unknown",
        }
    }
}
