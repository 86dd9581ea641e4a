//! [`create`]: the metadata of a repository for distribution, whose rpms are named one by one.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::fragment::Fragment;
use super::fragment_cache::FragmentCache;
use super::repomd::RepoMd;
use super::writer::{Location, Options, RepoWriter};
use crate::{Error, Result};

/// How many packages are read before they are written: bounds the memory of a large repository.
const BATCH: usize = 512;
/// The file that tells people why a repository is empty.
const EMPTY: &str = "EMPTY_REPO";

/// An rpm of the repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Where the file is now.
    pub file: PathBuf,
    /// Where it will be, from the root of the repository.
    pub href: String,
}

/// Makes the metadata in the directory `dest`, which is made if need be.
///
/// # Errors
/// When an rpm cannot be read or the metadata not be written.
pub fn create(
    dest: &Path,
    packages: &[Package],
    cache: &FragmentCache,
    options: Options<'_>,
) -> Result<RepoMd> {
    std::fs::create_dir_all(dest).map_err(|source| Error::io(dest, source))?;
    // those of one directory stay together: what is known of them is kept in one place
    let mut sorted: Vec<&Package> = packages.iter().collect();
    sorted.sort();
    let mut writer = RepoWriter::create(dest, sorted.len(), options)?;
    for batch in sorted.chunks(BATCH) {
        let dirs: Vec<&[&Package]> = batch.chunk_by(|left, right| dir(left) == dir(right)).collect();
        let read = |packages: &&[&Package]| fragments(cache, packages);
        let fragments: Vec<Vec<Fragment>> = dirs.par_iter().map(read).collect::<Result<_>>()?;
        let place = |package: &&Package| Location { href: package.href.clone(), ..Location::default() };
        let locations: Vec<Location> = batch.iter().map(place).collect();
        let placed: Vec<_> = fragments.iter().flatten().zip(&locations).collect();
        writer.add_all(&placed)?;
    }
    let repomd = writer.finish()?;
    if packages.is_empty() {
        let path = dest.join("repodata").join(EMPTY);
        let why = "This repository is empty: its tag has nothing for this arch.\n";
        std::fs::write(&path, why).map_err(|source| Error::io(&path, source))?;
    }
    Ok(repomd)
}

fn dir(package: &Package) -> &Path {
    package.file.parent().unwrap_or(Path::new("/"))
}

/// The fragments of the rpms of one directory.
fn fragments(cache: &FragmentCache, packages: &[&Package]) -> Result<Vec<Fragment>> {
    let Some(first) = packages.first() else { return Ok(vec![]) };
    let name = |package: &&Package| package.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let names: Vec<String> = packages.iter().filter_map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    cache.fragments(dir(first), &names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_repository_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let (dest, cache) = (dir.path().join("out"), FragmentCache::new(dir.path().join("cache")));
        let options = Options { now_s: 7, ..Options::default() };
        assert_eq!(create(&dest, &[], &cache, options).unwrap().revision, "7");
        assert!(dest.join("repodata").join(EMPTY).is_file() && dest.join("repodata/repomd.xml").is_file());
        let missing = Package { file: dir.path().join("a.rpm"), href: "Packages/a/a.rpm".into() };
        assert!(create(&dest, &[missing], &cache, options).unwrap_err().message.contains("a.rpm"));
    }
}
