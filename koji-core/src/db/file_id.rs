//! Which file a path led to when a database was opened there: it may be another one by now.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// A file by device and number.
pub(super) struct FileId {
    path: PathBuf,
    device: u64,
    number: u64,
}

impl FileId {
    /// The file at a path; none if there is no such file, as for a database in memory.
    pub(super) fn of(path: &str) -> Option<Self> {
        let path = PathBuf::from(path);
        let metadata = fs::metadata(&path).ok()?;
        Some(Self { device: metadata.dev(), number: metadata.ino(), path })
    }

    /// Whether the path leads elsewhere now: somebody restored a backup, or made the database anew.
    pub(super) fn is_replaced(&self) -> bool {
        fs::metadata(&self.path)
            .is_ok_and(|metadata| (metadata.dev(), metadata.ino()) != (self.device, self.number))
    }
}
