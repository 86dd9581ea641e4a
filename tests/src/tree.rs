//! What lies below a directory.

use std::fs;
use std::path::Path;

/// The files below a directory by their paths in it, sorted.
pub fn tree(dir: &Path) -> Vec<String> {
    let mut found = vec![];
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().unwrap().is_dir() {
            found.extend(tree(&entry.path()).into_iter().map(|path| format!("{name}/{path}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}
