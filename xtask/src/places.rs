//! Where things are: the checkout, its build directory, and what lies beside it.

use std::path::{Path, PathBuf};

/// The top of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

/// Cargo's build directory.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The recorded facts and scenarios, if they are there: `KOJI_SHARED`, else `shared` beside the checkout.
pub fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("KOJI_SHARED").map(PathBuf::from);
    named.or_else(|| Some(root().parent()?.join("shared"))).filter(|dir| dir.is_dir())
}
