//! Files that a task left, named by their paths below the directory `work`.

use std::path::PathBuf;

use crate::context::Cx;
use crate::paths::safe_join;
use crate::{Error, Result};

/// The path of an uploaded file, which must be there.
pub(super) fn path(cx: &Cx<'_>, relative: &str) -> Result<PathBuf> {
    let path = safe_join(&cx.env.paths.work(None), relative)?;
    if path.exists() {
        return Ok(path);
    }
    Err(Error::generic(format!("No such file: {}", path.display())))
}

/// The last part of a path.
pub(super) fn basename(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
