//! [`write`]: makes the metadata of a repository from rpm files, as `createrepo_c` does.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::fragment::Fragment;
use super::repomd::RepoMd;
pub use super::writer::{Compression, Location, Options, RepoWriter};
use crate::Result;

/// How many packages are read before they are written: bounds the memory of a large repository.
const BATCH: usize = 256;

/// An rpm file of a repository.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// The file.
    pub path: PathBuf,
    /// Where a reader of the repository finds it.
    pub location: Location,
    /// Its SHA-256 in hexadecimal, if known: then the file need not be read whole.
    pub sha256: Option<String>,
}

/// Writes `repodata` into the directory `dest`, which is made when it is missing. The packages stand in the
/// order of their locations.
///
/// # Errors
/// When a file is no rpm or cannot be read, or the metadata cannot be written; then the old metadata stays.
pub fn write(dest: &Path, packages: &[Package], options: &Options<'_>) -> Result<RepoMd> {
    std::fs::create_dir_all(dest).map_err(|source| crate::Error::io(dest, source))?;
    let mut sorted: Vec<&Package> = packages.iter().collect();
    sorted.sort_by(|left, right| left.location.href.cmp(&right.location.href));
    let mut writer = RepoWriter::create(dest, sorted.len(), *options)?;
    for batch in sorted.chunks(BATCH) {
        let fragments = batch
            .par_iter()
            .map(|package| Fragment::of_file(&package.path, package.sha256.as_deref()))
            .collect::<Result<Vec<_>>>()?;
        let locations = batch.iter().map(|package| &package.location);
        let placed: Vec<_> = fragments.iter().zip(locations).collect();
        writer.add_all(&placed)?;
    }
    writer.finish()
}
