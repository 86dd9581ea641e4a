//! [`FragmentCache`]: fragments kept in a directory, so that the next repository need not read the rpms again.
//!
//! There is one small file for each directory of rpms, that is for each arch of a build. It is replaced whole: a
//! reader finds the old one or the new one, and one that is damaged is made anew. An rpm counts as changed when its
//! size or its time of modification differs, as createrepo has it. The directory may be deleted at any time.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufReader, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::fragment::Fragment;
use crate::{Error, Result};

/// zstd's fastest level that is worth the name: these files are read far more often than written.
const ZSTD_LEVEL: i32 = 3;

/// A directory of fragments.
#[derive(Clone, Debug)]
pub struct FragmentCache {
    dir: PathBuf,
}

/// A fragment with what tells whether it is that of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    size_bytes: u64,
    mtime_ns: i64,
    fragment: Fragment,
}

/// The kept fragments of a directory of rpms, by file name.
type Shelf = HashMap<String, Kept>;

impl FragmentCache {
    /// A cache in a directory, which is made when something is kept.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The fragments of some files of one directory, in the order of the names. What is not kept yet is read from
    /// the rpms. That it cannot be kept is no error: the cache may be read only.
    pub fn fragments(&self, rpm_dir: &Path, names: &[&str]) -> Result<Vec<Fragment>> {
        let real = rpm_dir.canonicalize().map_err(|source| Error::io(rpm_dir, source))?;
        let shelf_path = self.shelf_path(&real);
        let mut shelf = load(&shelf_path).unwrap_or_default();
        let mut is_new = false;
        let mut fragments = Vec::with_capacity(names.len());
        for name in names {
            let path = rpm_dir.join(name);
            let meta = fs::metadata(&path).map_err(|source| Error::io(&path, source))?;
            let (size_bytes, mtime_ns) = (meta.len(), meta.mtime() * 1_000_000_000 + meta.mtime_nsec());
            let known =
                shelf.get(*name).filter(|kept| (kept.size_bytes, kept.mtime_ns) == (size_bytes, mtime_ns));
            if let Some(kept) = known {
                fragments.push(kept.fragment.clone());
                continue;
            }
            let fragment = Fragment::of_file(&path, None)?;
            fragments.push(fragment.clone());
            shelf.insert((*name).to_owned(), Kept { size_bytes, mtime_ns, fragment });
            is_new = true;
        }
        if is_new && let Err(error) = save(&shelf_path, &shelf) {
            tracing::debug!(%error, "could not keep the metadata of rpms");
        }
        Ok(fragments)
    }

    fn shelf_path(&self, rpm_dir: &Path) -> PathBuf {
        let key = format!("{:x}", Sha256::digest(rpm_dir.as_os_str().as_encoded_bytes()));
        let (shard, name) = key.split_at(2);
        self.dir.join(shard).join(name).with_extension("zst")
    }
}

fn load(path: &Path) -> Option<Shelf> {
    let file = File::open(path).ok()?;
    let text = zstd::stream::decode_all(BufReader::new(file)).ok()?;
    serde_json::from_slice(&text).ok()
}

fn save(path: &Path, shelf: &Shelf) -> Result<()> {
    let failed = |source| Error::io(path, source);
    let dir = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(dir).map_err(failed)?;
    let bytes =
        zstd::stream::encode_all(serde_json::to_vec(shelf)?.as_slice(), ZSTD_LEVEL).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    file.persist(path).map_err(|error| Error::io(path, error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(name: &str) -> Fragment {
        Fragment {
            pkgid: "12".into(),
            nvra: name.into(),
            primary: "<package/>".into(),
            location_at: 0,
            filelists: String::new(),
            other: String::new(),
        }
    }

    #[test]
    fn what_is_kept_is_not_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let rpms = dir.path().join("packages");
        fs::create_dir(&rpms).unwrap();
        fs::write(rpms.join("a.rpm"), "no rpm at all").unwrap();
        let cache = FragmentCache::new(dir.path().join("cache"));
        assert!(cache.fragments(&rpms, &["a.rpm"]).unwrap_err().message.contains("rpm"));

        let meta = fs::metadata(rpms.join("a.rpm")).unwrap();
        let mtime_ns = meta.mtime() * 1_000_000_000 + meta.mtime_nsec();
        let kept = Kept { size_bytes: meta.len(), mtime_ns, fragment: fragment("a-1-1.noarch") };
        let path = cache.shelf_path(&rpms.canonicalize().unwrap());
        save(&path, &Shelf::from([("a.rpm".to_owned(), kept)])).unwrap();
        assert_eq!(cache.fragments(&rpms, &["a.rpm"]).unwrap(), [fragment("a-1-1.noarch")]);

        fs::write(rpms.join("a.rpm"), "changed").unwrap();
        assert!(cache.fragments(&rpms, &["a.rpm"]).is_err());
        fs::write(&path, "damaged").unwrap();
        assert!(load(&path).is_none());
    }
}
