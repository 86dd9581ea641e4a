//! What a killed import has left at a build's place.
//!
//! Such a place holds second names of uploads and what the hub writes itself. Anything else there is somebody's,
//! and is refused.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::build::files;
use crate::context::Cx;
use crate::what_if::FileAction;
use crate::{Error, Result};

/// Makes sure that nothing is at the place of a build that begins. The build's row must be this call's alone.
pub fn clear(cx: &mut Cx<'_>, dir: &Path) -> Result<()> {
    if is_cleared(dir)? || cx.only_plans(FileAction::Remove, dir, None) {
        return Ok(());
    }
    tracing::warn!(dir = %dir.display(), "removing what a killed import left");
    files::remove_now(dir)
}

/// Whether nothing is there; what is nobody's is left to be removed, anything else is refused.
fn is_cleared(dir: &Path) -> Result<bool> {
    match dir.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Error::io(dir, error)),
        Ok(meta) if meta.is_dir() && is_leftover(dir)? => Ok(false),
        Ok(_) => Err(Error::generic(format!("Destination directory already exists: {}", dir.display()))),
    }
}

fn is_leftover(dir: &Path) -> Result<bool> {
    let at = |source| Error::io(dir, source);
    for entry in fs::read_dir(dir).map_err(at)? {
        let entry = entry.map_err(at)?;
        let meta = entry.metadata().map_err(at)?;
        let ours = if meta.is_dir() {
            is_leftover(&entry.path())?
        } else {
            meta.is_file() && (meta.nlink() > 1 || is_written_by_hub(&entry.path()))
        };
        if !ours {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Signature headers, the sums beside Maven artifacts, and what is written last, or under a name that is about to go.
fn is_written_by_hub(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let is_temporary = name.starts_with(".tmp");
    is_temporary
        || matches!(name, "metadata.json" | "cg_import.log")
        || matches!(extension, "sig" | "md5" | "sha1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_imports_leave_is_removed() {
        let top = tempfile::tempdir().unwrap();
        let (upload, dir) = (top.path().join("up"), top.path().join("build"));
        fs::write(&upload, "x").unwrap();
        fs::create_dir_all(dir.join("files/x")).unwrap();
        fs::hard_link(&upload, dir.join("files/x/up")).unwrap();
        fs::write(dir.join("metadata.json"), "{}").unwrap();
        assert!(!is_cleared(&dir).unwrap());
        files::remove_now(&dir).unwrap();
        assert!(is_cleared(&dir).unwrap());
        assert!(!dir.exists() && upload.exists());
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("mine"), "x").unwrap();
        assert!(is_cleared(&dir).unwrap_err().message.contains("already exists"));
        assert!(dir.join("mine").exists());
    }
}
